"""The portable bounded plan as DuckDB statements (packed keys, hash tables only for heavy units).

A run keeps one temporary table `cells`: one row per unit and key with its statistics. Bounding happens on that
table: the L0 sample marks cells, the norm clip joins the few units above the norm, and one GROUP BY adds up.
Names starting with an underscore are ours; every other text comes from the IR through `sql.duckdb`.
"""

from dataclasses import dataclass, replace

from jali.engines.duckdb.relations import KeyCode, Relations, expression, key_codes, order_of, unit_source
from jali.model.types import Kind
from jali.plan.exact import (
    FINE,
    AutoClip,
    CellClamp,
    ExactPlan,
    FixedClip,
    Group,
    Key,
    NumberKind,
    SharedDistinct,
    Statistic,
    StatisticKind,
    Tree,
    UnitNumber,
)
from jali.sql import duckdb as render
from jali.sql.typed import tighten


@dataclass(frozen=True, slots=True)
class Statements:
    """All SQL of one plan."""

    plan: ExactPlan
    relations: Relations

    @property
    def codes(self) -> tuple[KeyCode, ...]:
        """Return the key columns."""
        return key_codes(self.plan.keys, self.plan.rows)

    @property
    def is_packed(self) -> bool:
        """Return whether all keys are declared, so that a cell's key is one whole number."""
        return not self.plan.needs_selection

    def write_all(self, units_file: str) -> None:
        """Write every statement once, for a plan to be refused before it is charged if one cannot be written."""
        self.create_cells()
        for number in self.plan.numbers:
            self.spread(number, has_heavy=self.plan.row_cap is not None)
        if self.plan.row_cap is not None:
            self.cap_heavy()
        if self.plan.max_keys is not None:
            self.sample(units_file)
        clips: dict[str, int] = {}
        for group in self.plan.groups:
            if not isinstance(group.bound, CellClamp):
                squared, clips[group.id] = fine_norm_of(group.bound, 1)
                self.clip(group, squared)
            if isinstance(group.bound, AutoClip):
                self.norms(group)
        self.totals(clips)
        self._write_trees(clips)
        for shared in self.plan.shared:
            self.shared(shared, has_heavy=self.plan.row_cap is not None)
            self.shared_counts(shared)
            self.shared_rest(shared)

    def _write_trees(self, clips: dict[str, int]) -> None:
        for group in self.plan.groups:
            if group.tree is not None:
                self.create_tree(group, group.tree, has_heavy=self.plan.row_cap is not None)
                self.tree_totals(group, clips)

    def key_columns(self) -> list[str]:
        """Return the names of the key columns of `cells`."""
        return ["k"] if self.is_packed else [f"k{i}" for i in range(len(self.plan.keys))]

    def _keys(self) -> list[str]:
        names = [
            f"{render.identifier(c.source)}.{render.identifier(c.alias)}" if c.source is not None else c.sql
            for c in self.codes
        ]
        for index, (code, key) in enumerate(zip(self.codes, self.plan.keys, strict=True)):
            if code.source is not None and key.values is not None and key.has_null:
                null = len(key.values) + key.has_other
                names[index] = (
                    f"COALESCE({names[index]}, {null})"  # a row without a match in the public table
                )
        if not self.is_packed:
            return [f"{sql} AS k{i}" for i, sql in enumerate(names)]
        packed = "CAST(0 AS BIGINT)"
        for sql, key in zip(names, self.plan.keys, strict=True):
            packed = f"({packed} * {key.size} + {sql})"
        return [f"{packed} AS k"]

    def rows(self, extra: list[str]) -> str:
        """Return joined, filtered rows: unit u, keys, and `extra` columns."""
        unit = f"{unit_source(self.plan.rows)}._unit AS u"
        columns = ", ".join([unit, *self._keys(), *extra])
        return f"SELECT {columns}\n{self.relations.from_where(self.plan.rows, self.codes)}"

    def _inputs(self) -> list[str]:
        found: list[str] = []
        for statistic in self._statistics():
            if statistic.where is not None:
                found.append(f"{expression(statistic.where)} AS w_{statistic.id}")
            if statistic.arg is not None:
                found.append(f"{_value(statistic)} AS x_{statistic.id}")
        return found

    def _statistics(self) -> list[Statistic]:
        return [s for g in self.plan.groups if g.tree is None for s, _ in g.statistics]

    def cells(self, rows: str) -> str:
        """Return one row per unit and key over `rows`, with the number of its rows and every statistic."""
        keys = self.key_columns()
        values = [f"{_cell(s)} AS {s.id}" for s in self._statistics()]
        columns = ", ".join(["u", *keys, "CAST(COUNT(*) AS BIGINT) AS n", *values])
        return f"SELECT {columns} FROM ({rows}) AS _r GROUP BY {', '.join(['u', *keys])}"

    def create_cells(self) -> str:
        """Return the statement that makes the table of cells."""
        return f"CREATE TEMP TABLE cells AS {self.cells(self.rows(self._inputs()))}"

    def count_heavy(self) -> str | None:
        """Return a query that counts units above the row cap; None without a cap."""
        if self.plan.row_cap is None:
            return None
        heavy = f"SELECT u FROM cells GROUP BY u HAVING SUM(n) > {self.plan.row_cap}"
        return f"SELECT COUNT(*) FROM ({heavy})"

    def capped_rows(self, extra: list[str], heavy: str) -> str:
        """Return the rows of units in table `heavy`, cut to the row cap in the stored keyed order."""
        order = order_of(self.plan.rows)
        inner = self.rows([*extra, *(f"{o} AS o{i}" for i, o in enumerate(order))])
        by = ", ".join(f"o{i}" for i in range(len(order)))
        ranked = (
            f"SELECT *, ROW_NUMBER() OVER (PARTITION BY u ORDER BY {by}) AS _rn "
            f"FROM ({inner}) AS _i WHERE u IN (SELECT u FROM {heavy})"
        )
        return f"SELECT * FROM ({ranked}) AS _c WHERE _rn <= {self.plan.row_cap}"

    def cap_heavy(self) -> list[str]:
        """Return the statements that replace the cells of units above the row cap."""
        heavy = f"SELECT u FROM cells GROUP BY u HAVING SUM(n) > {self.plan.row_cap}"
        return [
            f"CREATE TEMP TABLE heavy AS {heavy}",
            "DELETE FROM cells WHERE u IN (SELECT u FROM heavy)",
            f"INSERT INTO cells {self.cells(self.capped_rows(self._inputs(), 'heavy'))}",
        ]

    def sample(self, units_file: str) -> list[str]:
        """Return the statements that mark the cells kept by the L0 sample (SECURITY.md rule 5); $1: key in hex."""
        keys = self.key_columns()
        limit = self.plan.max_keys
        crowded = f"SELECT u FROM cells GROUP BY u HAVING COUNT(*) > {limit}"
        text = self._canonical()
        columns = ", ".join(["c.u", *(f"c.{k}" for k in keys)])
        hashed = (
            f"SELECT {columns}, {text} AS t, p.pseudonym AS p FROM cells AS c "
            f"JOIN {_units(units_file)} AS p ON p._unit = c.u WHERE c.u IN ({crowded})"
        )
        order = f"{_keyed('p', 't')}, t"
        ranked = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY u ORDER BY {order}) AS _rn FROM ({hashed}) AS _h"
        same = " AND ".join(f"d.{k} IS NOT DISTINCT FROM c.{k}" for k in keys)
        return [
            f"CREATE TEMP TABLE dropped AS SELECT u, {', '.join(keys)} FROM ({ranked}) AS _k WHERE _rn > {limit}",
            "ALTER TABLE cells ADD COLUMN kept BOOLEAN DEFAULT TRUE",
            f"UPDATE cells AS c SET kept = FALSE FROM dropped AS d WHERE d.u = c.u AND {same}",
        ]

    def _canonical(self) -> str:
        """Return the canonical text of a key: the same on every engine, and injective over key tuples."""
        if self.is_packed:
            return "CAST(c.k AS VARCHAR)"
        parts = [_canonical_part(f"c.k{i}", key) for i, key in enumerate(self.plan.keys)]
        return " || ".join(parts)

    def spread(self, number: UnitNumber, *, has_heavy: bool) -> str:
        """Return how many units have a number in each bucket of its grid, one more for those above its end."""
        if number.values is not None:
            keys = ", ".join(self.key_columns())
            kept = replace(number.values, is_sampled=self.plan.max_keys is not None)
            pairs = self._pairs(kept, has_heavy=has_heavy)
            values = f"SELECT u, COUNT(*) AS c FROM ({pairs}) AS _p GROUP BY u, {keys}"
            numbers = f"SELECT u, MAX(c) AS s FROM ({values}) AS _v GROUP BY u"
        else:
            each = "SUM(n)" if number.kind is NumberKind.ROWS else "COUNT(*)"
            numbers = f"SELECT u, {each} AS s FROM cells GROUP BY u"
        return _buckets(numbers, list(number.grid))

    def norms(self, group: Group) -> str:
        """Return how many units fall in each bucket of an automatic clip, one more bucket for those above the end."""
        if not isinstance(group.bound, AutoClip):
            msg = "only an automatic clip has buckets"
            raise TypeError(msg)
        return _buckets(self._squares(group), [n * n for n in group.bound.norms])

    def _squares(self, group: Group) -> str:
        if group.tree is not None:
            square = "SUM(CAST(v AS HUGEINT) * CAST(v AS HUGEINT))"
            return f"SELECT u, {square} AS s FROM tree_{group.id} GROUP BY u"
        where = self._where(group)
        return f"SELECT u, {_norm_square(group)} AS s FROM cells{where} GROUP BY u"

    def _where(self, group: Group) -> str:
        return " WHERE kept" if group.is_sampled else ""

    def clip(self, group: Group, squared_norm: int) -> str:
        """Return the statement that lists the units above the norm with ceil(sqrt(square) * 2^root_bits) as d.

        The double root is off by at most 2^11 for squares below 2^126; one Newton step leaves floor(sqrt) or one more.
        """
        finer = render.integer(4**group.root_bits)
        limit = render.integer(squared_norm)
        above = f"SELECT u, s * {finer} - 1 AS m FROM ({self._squares(group)}) AS _s WHERE s > {limit}"
        root = "CAST(floor(sqrt(CAST(m AS DOUBLE))) AS HUGEINT)"
        rough = f"SELECT u, m, GREATEST(CAST(1 AS HUGEINT), {root}) AS r FROM ({above}) AS _a"
        newton = f"SELECT u, m, (r + m // r) // 2 AS r FROM ({rough}) AS _n"
        exact = f"SELECT u, CASE WHEN r * r > m THEN r ELSE r + 1 END AS d FROM ({newton}) AS _e"
        return f"CREATE OR REPLACE TEMP TABLE clip_{group.id} AS {exact}"

    def totals(self, clips: dict[str, int]) -> str:
        """Return the bounded totals by key.

        Args:
            clips: group id -> floor(2^16 * norm) for every clipped group.
        """
        keys = self.key_columns()
        columns = [f"c.{k}" for k in keys]
        joins: list[str] = []
        for group in self.plan.groups:
            kept = "c.kept" if group.is_sampled else ""
            if group.tree is not None:
                continue
            if group.id in clips:
                joins.append(f"LEFT JOIN clip_{group.id} AS h_{group.id} ON h_{group.id}.u = c.u")
                columns += [
                    f"{_clipped_total(s, group, clips[group.id], kept)} AS {s.id}"
                    for s, _ in group.statistics
                ]
            else:
                limits = group.bound.limits if isinstance(group.bound, CellClamp) else ()
                columns += [
                    f"{_clamped_total(s, low, high, kept)} AS {s.id}"
                    for (s, _), (low, high) in zip(group.statistics, limits, strict=True)
                ]
        if self.plan.needs_selection:
            joins.append("LEFT JOIN weights AS w ON w.u = c.u")
            columns.append("SUM(CASE WHEN c.kept THEN w.q ELSE 0 END) AS _weight")
        by = ", ".join(f"c.{k}" for k in keys)
        return f"SELECT {', '.join(columns)} FROM cells AS c {' '.join(joins)} GROUP BY {by}"

    def create_tree(self, group: Group, tree: Tree, *, has_heavy: bool) -> str:
        """Return the statement that counts the rows of each unit at every key and node of a tree."""
        statistic = group.statistics[0][0]
        extra = [f"{_value(statistic)} AS x"]
        extra += [f"{expression(statistic.where)} AS w"] if statistic.where is not None else []
        leaf = f"(x // {render.integer(tree.width)})"
        nodes = ", ".join(
            f"{tree.first(level)} + {leaf} // {render.integer(4 ** (tree.depth - level))}"
            for level in range(1, tree.depth + 1)
        )
        keys = ", ".join(self.key_columns())
        condition = "x IS NOT NULL" + (" AND w" if statistic.where is not None else "")
        rows = self._taking_part(extra, has_heavy=has_heavy)
        counted = f"SELECT u, {keys}, unnest([{nodes}]) AS node FROM ({rows}) AS _r WHERE {condition}"
        cells = f"SELECT u, {keys}, node, CAST(COUNT(*) AS BIGINT) AS v FROM ({counted}) AS _n GROUP BY u, {keys}, node"
        if group.is_sampled:
            cells = f"SELECT q.* FROM ({cells}) AS q WHERE NOT EXISTS ({self._same('d', 'dropped')})"
        return f"CREATE TEMP TABLE tree_{group.id} AS {cells}"

    def tree_totals(self, group: Group, clips: dict[str, int]) -> str:
        """Return the bounded counts by key and node."""
        keys = ", ".join(f"c.{k}" for k in self.key_columns())
        if group.id not in clips:
            return f"SELECT {keys}, c.node, SUM(c.v) FROM tree_{group.id} AS c GROUP BY {keys}, c.node"
        heavy = f"h_{group.id}"
        factor = render.integer(clips[group.id] << group.root_bits)
        value = "CAST(c.v AS HUGEINT)"
        body = f"CASE WHEN {heavy}.u IS NULL THEN {value} * {FINE} ELSE ({value} * {factor}) // {heavy}.d END"
        join = f"LEFT JOIN clip_{group.id} AS {heavy} ON {heavy}.u = c.u"
        return f"SELECT {keys}, c.node, SUM({body}) FROM tree_{group.id} AS c {join} GROUP BY {keys}, c.node"

    def weights(self) -> str:
        """Return the statement that gives each unit with m kept keys its selection weight floor(2^16 / sqrt(m)).

        floor(sqrt(2^32 // m)) is exact in doubles, and m times its square is at most 2^32.
        """
        root = f"CAST(floor(sqrt(CAST({FINE * FINE} // COUNT(*) AS DOUBLE))) AS BIGINT)"
        return f"CREATE TEMP TABLE weights AS SELECT u, {root} AS q FROM cells WHERE kept GROUP BY u"

    def shared(self, group: SharedDistinct, *, has_heavy: bool) -> list[str]:
        """Return the statements that part what COUNT(DISTINCT x) counts into two tables.

        `covered` holds the values that some unit has which has no more than `per_key` at the key: such a unit can stand
        for all of them, so a maximum matching (`engines.matching`) loses nothing by letting it. `rest` holds who has
        the other values; unit and value are numbered within each key.
        """
        keys = ", ".join(self.key_columns())
        pairs, crowded, covered = (f"{name}_{group.id}" for name in ("pairs", "crowded", "covered"))
        same = " AND ".join(f"z.{k} IS NOT DISTINCT FROM q.{k}" for k in self.key_columns())
        rest = (
            f"SELECT q.* FROM {pairs} AS q WHERE EXISTS ({self._same('z', crowded)}) "
            f"AND NOT EXISTS (SELECT 1 FROM {covered} AS z WHERE z.x = q.x AND {same})"
        )
        within = f"OVER (PARTITION BY {keys} ORDER BY"
        return [
            f"CREATE TEMP TABLE {pairs} AS {self._pairs(group, has_heavy=has_heavy)}",
            (
                f"CREATE TEMP TABLE {crowded} AS SELECT u, {keys} FROM {pairs} GROUP BY u, {keys} "
                f"HAVING COUNT(*) > {group.per_key}"
            ),
            (
                f"CREATE TEMP TABLE {covered} AS SELECT DISTINCT {keys}, x FROM {pairs} AS q "
                f"WHERE NOT EXISTS ({self._same('z', crowded)})"
            ),
            (
                f"CREATE TEMP TABLE rest_{group.id} AS SELECT {keys}, DENSE_RANK() {within} u) - 1 AS unit, "
                f"DENSE_RANK() {within} x) - 1 AS value FROM ({rest}) AS _e"
            ),
        ]

    def shared_counts(self, group: SharedDistinct) -> str:
        """Return the number of covered values by key."""
        keys = ", ".join(self.key_columns())
        return f"SELECT {keys}, COUNT(*) FROM covered_{group.id} GROUP BY {keys}"

    def shared_rest(self, group: SharedDistinct) -> str:
        """Return key, unit and value of what is left to be matched, key by key."""
        keys = ", ".join(self.key_columns())
        return f"SELECT {keys}, unit, value FROM rest_{group.id} ORDER BY {keys}"

    def _same(self, alias: str, table: str) -> str:
        """Return a subquery that finds the row of `table` with the unit and key of q."""
        same = " AND ".join(f"{alias}.{k} IS NOT DISTINCT FROM q.{k}" for k in self.key_columns())
        return f"SELECT 1 FROM {table} AS {alias} WHERE {alias}.u = q.u AND {same}"

    def _pairs(self, group: SharedDistinct, *, has_heavy: bool) -> str:
        """Return the distinct (unit, key, value) that take part."""
        keys = self.key_columns()
        extra = [f"{expression(group.arg)} AS x"]
        extra += [f"{expression(group.where)} AS w"] if group.where is not None else []
        rows = self._taking_part(extra, has_heavy=has_heavy)
        condition = "x IS NOT NULL" + (" AND w" if group.where is not None else "")
        pairs = f"SELECT DISTINCT u, {', '.join(keys)}, x FROM ({rows}) AS _r WHERE {condition}"
        if not group.is_sampled:
            return pairs
        return f"SELECT q.* FROM ({pairs}) AS q WHERE NOT EXISTS ({self._same('d', 'dropped')})"

    def _taking_part(self, extra: list[str], *, has_heavy: bool) -> str:
        """Return the rows with keys and x (and w), where units above the row cap give no more than it."""
        rows = self.rows(extra)
        if not has_heavy:
            return rows
        names = ", ".join(["u", *self.key_columns(), "x", *(["w"] if len(extra) > 1 else [])])
        light = f"SELECT {names} FROM ({rows}) AS _a WHERE u NOT IN (SELECT u FROM heavy)"
        return f"{light} UNION ALL SELECT {names} FROM ({self.capped_rows(extra, 'heavy')}) AS _b"


def _buckets(numbers: str, ends: list[int]) -> str:
    """Return how many units of a relation (u, s) have s in each bucket; the last holds those above every end."""
    cases = " ".join(f"WHEN s <= {render.integer(end)} THEN {i}" for i, end in enumerate(ends))
    bucket = f"CASE {cases} ELSE {len(ends)} END"
    return f"SELECT {bucket} AS b, COUNT(*) AS c FROM ({numbers}) AS _s GROUP BY b"


def _units(units_file: str) -> str:
    return f"read_parquet({render.text_literal(units_file)})"


def _keyed(pseudonym: str, text: str) -> str:
    """Return the first 8 bytes, as hex, of SHA-256 over the sampling key ($1), a unit's pseudonym and a text."""
    return f"substr(sha256($1 || '|' || CAST({pseudonym} AS VARCHAR) || '|' || {text}), 1, 16)"


def _canonical_part(column: str, key: Key) -> str:
    if key.values is not None or key.type.kind in {Kind.NUMBER, Kind.BOOLEAN}:
        text = f"CAST({column} AS VARCHAR)"
    elif key.type.kind in {Kind.DATE, Kind.TIMESTAMP}:
        text = f"CAST(epoch_us({column}) AS VARCHAR)"
    else:
        text = column
    return f"CASE WHEN {column} IS NULL THEN 'n' ELSE length({text}) || ':' || {text} END"


def _value(statistic: Statistic) -> str:
    """Return a row's value: clamped whole steps for a sum, else whatever is counted."""
    if statistic.arg is None:
        return "NULL"
    if statistic.kind not in {StatisticKind.SUM, StatisticKind.NODES}:
        return expression(statistic.arg)
    low, high = render.integer(statistic.low or 0), render.integer(statistic.high or 0)
    wide = max(abs(statistic.low or 0), abs(statistic.high or 0)) >= 2**62
    if statistic.arg.type.kind is Kind.REAL:
        x = expression(tighten(statistic.arg))
        step = statistic.step / statistic.coarser
        scaled = f"({x} * {float(step.denominator)!r} / {float(step.numerator)!r})"
        kind = "HUGEINT" if wide else "BIGINT"
        rounded = f"TRY_CAST({scaled} AS {kind})"  # the cast rounds half to even
        inside = f"WHEN {scaled} <= {low} THEN {low} WHEN {scaled} >= {high} THEN {high} ELSE {rounded}"
        body = f"(CASE WHEN {x} IS NULL OR NOT isfinite({x}) THEN NULL {inside} END)"
    else:
        x = expression(statistic.arg)
        body = f"(CASE WHEN {x} < {low} THEN {low} WHEN {x} > {high} THEN {high} ELSE {x} END)"
    if statistic.coarser > 1:  # the nearest step, half away from zero
        coarser, half = render.integer(statistic.coarser), render.integer(statistic.coarser // 2)
        body = f"(sign({body}) * ((abs({body}) + {half}) // {coarser}))"
    return f"({body} - ({render.integer(statistic.offset)}))" if statistic.offset else body


def _cell(statistic: Statistic) -> str:
    conditions = [f"w_{statistic.id}"] if statistic.where is not None else []
    if statistic.arg is not None and statistic.kind in {StatisticKind.ROWS, StatisticKind.UNITS}:
        conditions.append(f"x_{statistic.id} IS NOT NULL")
    where = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
    match statistic.kind:
        case StatisticKind.ROWS:
            return f"CAST(COUNT(*){where} AS BIGINT)"
        case StatisticKind.SUM:
            return f"COALESCE(SUM(x_{statistic.id}){where}, 0)"
        case StatisticKind.UNITS:
            return f"CAST(LEAST(COUNT(*){where}, 1) AS BIGINT)"
        case StatisticKind.NODES:
            msg = "nodes are counted in a table of their own"
            raise TypeError(msg)
        case StatisticKind.DISTINCT:
            return f"CAST(COUNT(DISTINCT x_{statistic.id}){where} AS BIGINT)"


def _norm_square(group: Group) -> str:
    parts = [
        f"SUM(CAST({s.id} AS HUGEINT) * CAST({s.id} AS HUGEINT)) * {weight * weight}"
        for s, weight in group.statistics
    ]
    return "(" + " + ".join(parts) + ")"


def _clipped_total(statistic: Statistic, group: Group, fine_norm: int, kept: str) -> str:
    value = f"CAST(c.{statistic.id} AS HUGEINT)"
    heavy = f"h_{group.id}"
    factor = render.integer(fine_norm << group.root_bits)
    scaled = f"(sign({value}) * ((abs({value}) * {factor}) // {heavy}.d))"
    body = f"CASE WHEN {heavy}.u IS NULL THEN {value} * {FINE} ELSE {scaled} END"
    return f"SUM(CASE WHEN {kept} THEN {body} ELSE 0 END)" if kept else f"SUM({body})"


def _clamped_total(statistic: Statistic, low: int, high: int, kept: str) -> str:
    value = f"CAST(c.{statistic.id} AS HUGEINT)"
    least, most = render.integer(low), render.integer(high)
    body = f"(CASE WHEN {value} < {least} THEN {least} WHEN {value} > {most} THEN {most} ELSE {value} END)"
    return f"SUM(CASE WHEN {kept} THEN {body} ELSE 0 END)" if kept else f"SUM({body})"


def fine_norm_of(bound: FixedClip | AutoClip, chosen: int | None) -> tuple[int, int]:
    """Return the squared norm of a clip and floor(2^16 * norm)."""
    from math import isqrt

    squared = bound.squared_norm if isinstance(bound, FixedClip) else (chosen or 0) ** 2
    return squared, isqrt(squared * FINE * FINE)
