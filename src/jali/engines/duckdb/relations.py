"""FROM, WHERE and per-unit subqueries of a plan as DuckDB SQL over the files of a snapshot."""

from dataclasses import dataclass
from fractions import Fraction

from jali.model.types import Kind
from jali.plan.exact import Key
from jali.sql import caps
from jali.sql import duckdb as render
from jali.sql.tree import (
    Aggregate,
    ColumnRef,
    Expr,
    Join,
    PerUnit,
    Rows,
    Scan,
    Semi,
    Source,
    Union,
    Window,
    Windowed,
    columns_of,
    has_units,
    is_private,
)
from jali.store.snapshot import Snapshot


def column_name(reference: ColumnRef) -> str:
    """Return how a column is written: the unit key is the hidden dense number of its source."""
    name = "_unit" if reference.type.kind is Kind.UNIT else reference.name
    return f"{render.identifier(reference.source)}.{render.identifier(name)}"


def expression(node: Expr) -> str:
    """Return an expression over the sources of a relation."""
    return render.expression(node, column_name)


@dataclass(frozen=True, slots=True)
class KeyCode:
    """A key as a column: a position in its declared domain, or the raw value where it is selected.

    Attributes:
        sql: the code.
        source: the public source that computes it by itself; None where the joined rows do.
        alias: name of the column.
        join: a LEFT JOIN to the table of a large domain that `sql` needs; empty otherwise.
        domain: rows (value, code) of that table.
    """

    sql: str
    source: str | None
    alias: str
    join: str = ""
    domain: "Domain | None" = None


@dataclass(frozen=True, slots=True)
class Domain:
    """The temporary table of a large declared domain."""

    table: str
    type: str
    values: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Relations:
    """Renders the relations of one plan."""

    snapshot: Snapshot

    def files(self, scan: Scan) -> str:
        """Return a table function over the Parquet files of a table; paths come from the manifest alone."""
        files = self.snapshot.table(scan.table.name)
        path = str(self.snapshot.root / files.folder / "*.parquet")
        return f"read_parquet({render.text_literal(path)})"

    def source(self, source: Source, codes: tuple[KeyCode, ...], *, is_joined: bool) -> str:
        """Return one FROM item under its id; codes of keys that only need this source are added as columns.

        A private table gives at most `caps.stored_rows` rows of a unit, those of the smallest stored rank.
        """
        alias = render.identifier(source.id)
        if isinstance(source, PerUnit):
            return f"({self.per_unit(source, is_joined=is_joined)}) AS {alias}"
        if isinstance(source, Windowed):
            return f"({self.windowed(source, is_joined=is_joined)}) AS {alias}"
        if isinstance(source, Union):
            return f"({self.union(source, is_joined=is_joined)}) AS {alias}"
        mine = [c for c in codes if c.source == source.id]
        if is_private(source):
            cap = caps.stored_rows(source.table, is_joined=is_joined)
            return f"(SELECT * FROM {self.files(source)} WHERE _rank <= {cap}) AS {alias}"
        if not mine:
            return f"{self.files(source)} AS {alias}"
        extra = ", ".join(f"{c.sql} AS {render.identifier(c.alias)}" for c in mine)
        joins = " ".join(c.join for c in mine if c.join)
        return f"(SELECT {alias}.*, {extra} FROM {self.files(source)} AS {alias} {joins}) AS {alias}"

    def from_where(self, rows: Rows, codes: tuple[KeyCode, ...] = (), *, is_joined: bool = False) -> str:
        """Return FROM ... WHERE ... of joined rows; private sources are always joined on their hidden unit too.

        `is_joined` says that the rows themselves are joined with those of another private source.
        """
        is_joined = is_joined or caps.is_paired(rows)
        parts = [f"FROM {self.source(rows.first, codes, is_joined=is_joined)}"]
        unit = unit_source(rows) if has_units(rows) else None
        seen_private = is_private(rows.first)
        for join in rows.joins:
            on = self._on(join, unit if seen_private else None)
            kind = "LEFT JOIN" if join.kind == "left" else "JOIN"
            parts.append(f"{kind} {self.source(join.right, codes, is_joined=is_joined)} ON {on}")
            seen_private = seen_private or is_private(join.right)
        parts += [c.join for c in codes if c.source is None and c.join]
        parts += [self._semi(f"_s{i}", s, unit) for i, s in enumerate(rows.semis) if s.kind != "not_in"]
        where = [expression(c) for c in rows.where]
        where += [self._not_in(s) for s in rows.semis if s.kind == "not_in"]
        if where:
            parts.append("WHERE " + " AND ".join(where))
        return "\n".join(parts)

    def _semi(self, alias: str, semi: Semi, unit: str | None) -> str:
        """Return a semi or anti join.

        Not as EXISTS: DuckDB takes that apart by its outer values, which is slower, and 1.5.5 then loses every row
        where two comparisons other than equality reach outside.
        """
        columns = [f"{expression(c.args[1])} AS c{i}" for i, c in enumerate(semi.on)]
        on = [
            render.LOWERINGS[c.function](c, [expression(c.args[0]), f"{alias}.c{i}"])
            for i, c in enumerate(semi.on)
        ]
        if has_units(semi.rows):
            columns.insert(0, f"{unit_source(semi.rows)}._unit AS _unit")
            on.insert(0, f"{alias}._unit = {unit}._unit")
        inner = f"SELECT {', '.join(columns)}\n{self.from_where(semi.rows, is_joined=not semi.is_hashed)}"
        return f"{semi.kind.upper()} JOIN ({inner}) AS {alias} ON {' AND '.join(on)}"

    def _not_in(self, semi: Semi) -> str:
        outer, inner = semi.on[0].args
        return f"({expression(outer)} NOT IN (SELECT {expression(inner)}\n{self.from_where(semi.rows)}))"

    def _on(self, join: Join, unit: str | None) -> str:
        on = [expression(c) for c in join.on]
        if unit is not None and is_private(join.right):
            on.append(f"{render.identifier(join.right.id)}._unit = {unit}._unit")
        return " AND ".join(on)

    def union(self, source: Union, *, is_joined: bool = False) -> str:
        """Return the rows of all branches; `_branch`, then the branch's own order, orders those of one unit."""
        orders = [order_of(branch.rows) for branch in source.branches]
        selects: list[str] = []
        for number, branch in enumerate(source.branches):
            columns = [f"{unit_source(branch.rows)}._unit AS _unit", f"{number} AS _branch"]
            columns += [
                f"{term if other == number else 'NULL'} AS _o{other}_{i}"
                for other, order in enumerate(orders)
                for i, term in enumerate(order)
            ]
            columns += [
                f"{expression(value)} AS {render.identifier(name)}"
                for name, value in zip(source.names, branch.columns, strict=True)
                if value.type.kind is not Kind.UNIT
            ]
            selects.append(
                f"SELECT {', '.join(columns)}\n{self.from_where(branch.rows, is_joined=is_joined)}"
            )
        return "\nUNION ALL ".join(selects)

    def windowed(self, source: Windowed, *, is_joined: bool = False) -> str:
        """Return the rows with their windows; `_o0`, `_o1`, ... order those of one unit as before."""
        unit = f"{unit_source(source.rows)}._unit"
        order = order_of(source.rows)
        columns = [f"{unit} AS _unit", *(f"{term} AS _o{i}" for i, term in enumerate(order))]
        columns += [f"{expression(c.expression)} AS {render.identifier(c.name)}" for c in source.columns]
        columns += [f"{_window(w, unit, order)} AS {name}" for name, w in source.windows]
        return f"SELECT {', '.join(columns)}\n{self.from_where(source.rows, is_joined=is_joined)}"

    def per_unit(self, source: PerUnit, *, is_joined: bool = False) -> str:
        """Return the exact aggregates of each unit by itself."""
        keys = [f"{expression(k.expression)} AS {render.identifier(k.name)}" for k in source.keys]
        values = [f"{_aggregate(a)} AS {render.identifier(name)}" for name, a in source.aggregates]
        unit = f"{unit_source(source.rows)}._unit"
        groups = ", ".join([unit, *(expression(k.expression) for k in source.keys)])
        columns = ", ".join([f"{unit} AS _unit", *keys, *values])
        inner = f"SELECT {columns}\n{self.from_where(source.rows, is_joined=is_joined)}\nGROUP BY {groups}"
        if source.having is None:
            return inner
        alias = render.identifier(source.id)
        return f"SELECT * FROM ({inner}) AS {alias} WHERE {expression(source.having)}"


def unit_source(rows: Rows) -> str:
    """Return the quoted id of the source whose hidden unit owns each joined row: the first private one."""
    return render.identifier(next(s.id for s in rows.sources if is_private(s)))


def order_of(rows: Rows) -> list[str]:
    """Return expressions that order one unit's joined rows by its own stored ranks and public row numbers alone."""
    found: list[str] = []
    for source in rows.sources:
        alias = render.identifier(source.id)
        match source:
            case Scan():
                found.append(f"{alias}.{'_rank' if is_private(source) else '_row'}")
            case PerUnit():
                found += [f"{alias}.{render.identifier(k.name)}" for k in source.keys]
            case Windowed():
                found += [f"{alias}._o{i}" for i in range(len(order_of(source.rows)))]
            case Union():
                widths = enumerate(len(order_of(branch.rows)) for branch in source.branches)
                found.append(f"{alias}._branch")
                found += [f"{alias}._o{number}_{i}" for number, width in widths for i in range(width)]
    return found


def _aggregate(aggregate: Aggregate) -> str:
    where = f" FILTER (WHERE {expression(aggregate.where)})" if aggregate.where is not None else ""
    if aggregate.arg is None:
        return f"COUNT(*){where}"
    inner = expression(_tight(aggregate.arg) if aggregate.kind in {"sum", "mean"} else aggregate.arg)
    match aggregate.kind:
        case "count":
            return f"COUNT({inner}){where}"
        case "count_distinct":
            return f"COUNT(DISTINCT {inner}){where}"
        case "sum":
            return f"SUM({inner}){where}"
        case "mean":
            return _mean(f"SUM({inner}){where}", f"COUNT({inner}){where}", aggregate.arg.type.step)
        case _:
            return f"{aggregate.kind.upper()}({inner}){where}"


def _window(window: Window, unit: str, stored: list[str]) -> str:
    """Return a window function; where rows that its ORDER BY leaves equal matter, their stored order decides."""
    terms = [
        f"{expression(o.expression)} {'DESC' if o.descending else 'ASC'} NULLS {'FIRST' if o.nulls_first else 'LAST'}"
        for o in window.order
    ]
    terms += stored if window.is_by_row else []
    partition = ", ".join([unit, *(expression(p) for p in window.partition)])
    order = f" ORDER BY {', '.join(terms)}" if terms else ""
    is_framed = window.is_by_row and window.function in {"count", "sum", "mean", "min", "max"}
    frame = " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" if is_framed else ""
    over = f"OVER (PARTITION BY {partition}{order}{frame})"
    if window.arg is None:
        return f"COUNT(*) {over}" if window.function == "count" else f"{window.function.upper()}() {over}"
    is_total = window.function in {"sum", "mean"}
    inner = expression(_tight(window.arg) if is_total else window.arg)
    if window.offset:
        return f"{window.function.upper()}({inner}, {window.offset}) {over}"
    if window.function == "mean":
        return _mean(f"SUM({inner}) {over}", f"COUNT({inner}) {over}", window.arg.type.step)
    return f"{window.function.upper()}({inner}) {over}"


def _mean(total: str, count: str, step: Fraction) -> str:
    value = f"CAST({total} AS DOUBLE) / {count}"
    if step == 1:
        return f"({value})"
    return f"({value} * {float(step.numerator)!r} / {float(step.denominator)!r})"


def _tight(node: Expr) -> Expr:
    from jali.sql.typed import tighten

    return tighten(node)


def key_codes(keys: tuple[Key, ...], rows: Rows) -> tuple[KeyCode, ...]:
    """Return the code of every key: a position in its declared domain, or the raw value where it is selected."""
    inner = [rows.first, *(j.right for j in rows.joins if j.kind == "inner")]
    public = {
        s.id for s in inner if not is_private(s)
    }  # after a LEFT JOIN the joined row decides, also unmatched
    found: list[KeyCode] = []
    for index, key in enumerate(keys):
        sources = {c.source for c in columns_of(key.expression)}
        only = next(iter(sources)) if len(sources) == 1 else None
        home = only if only in public and key.values is not None else None
        found.append(_key_code(key, index, home))
    return tuple(found)


_LISTED = 64
"""Domains up to this size are written as CASE; larger ones are joined."""


def _key_code(key: Key, index: int, home: str | None) -> KeyCode:
    value = expression(key.expression)
    alias = f"_code{index}"
    if key.values is None:
        return KeyCode(value, home, alias)
    size = len(key.values)
    last = key.size - 1  # a value that the plan says cannot be must not slip into the code of another key
    other, null = str(min(size, last)), str(min(size + key.has_other, last))
    whole = [v for v in key.values if isinstance(v, int) and not isinstance(v, bool)]
    if whole and len(whole) == size and whole == list(range(whole[0], whole[0] + size)):
        low, high = render.integer(whole[0]), render.integer(whole[-1])
        inside = f"(CASE WHEN {value} BETWEEN {low} AND {high} THEN {value} END) - {low}"
        code = f"CASE WHEN {value} IS NULL THEN {null} ELSE COALESCE({inside}, {other}) END"
        return KeyCode(f"CAST({code} AS INTEGER)", home, alias)
    if size <= _LISTED:
        places = " ".join(f"WHEN {value} = {_literal(v, key)} THEN {i}" for i, v in enumerate(key.values))
        return KeyCode(
            f"CAST(CASE WHEN {value} IS NULL THEN {null} {places} ELSE {other} END AS INTEGER)", home, alias
        )
    table = f"_domain{index}"
    number = "BIGINT" if all(abs(v) < 2**63 for v in whole) else "HUGEINT"
    kind = {Kind.NUMBER: number, Kind.DATE: "DATE", Kind.TIMESTAMP: "TIMESTAMP"}.get(key.type.kind, "VARCHAR")
    code = f"CAST(CASE WHEN {value} IS NULL THEN {null} ELSE COALESCE({table}.code, {other}) END AS INTEGER)"
    values = tuple(int(v) if key.type.kind is Kind.NUMBER else str(v) for v in key.values if v is not None)
    return KeyCode(
        code, home, alias, f"LEFT JOIN {table} ON {table}.value = {value}", Domain(table, kind, values)
    )


def _literal(value: object, key: Key) -> str:
    """Return a declared key as a constant of the key's type."""
    match key.type.kind:
        case Kind.NUMBER:
            return render.integer(int(str(value)))
        case Kind.BOOLEAN:
            return "TRUE" if value is True else "FALSE"
        case Kind.DATE | Kind.TIMESTAMP:
            return f"CAST({render.text_literal(str(value))} AS {key.type.kind.value})"
        case _:
            return render.text_literal(str(value))
