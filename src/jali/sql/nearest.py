"""The nearest accepted question: small repairs of a refused one, tried until one is accepted.

A repair edits the parsed text: it adds a missing key, drops what may not be shown, removes what stands in the way.
Each is tried by the very station that refused, so a suggestion is always accepted; nothing here decides. Repairs see
the text, the refusal and the names of the catalogue, and never data.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from jali.model.errors import JaliError, Place, Suggestion
from jali.model.schema import Catalog
from jali.sql.front import look
from jali.sql.grouping import all_keys
from jali.sql.scope import place_of

MOST_TRIED = 24
"""Most repaired questions that are tried for one refusal."""

MOST_TRIED_CHARACTERS = 24_000
"""Most text that is tried for one refusal: a long question gets fewer trials, and none waits long for its refusal."""

_MOST_STEPS = 3
_LONGEST = 4_000
"""Longer texts are not repaired: nobody wrote them by hand."""

Attempt = Callable[[str], str]
"""Plans a SELECT and returns its price as an epsilon; raises the refusal it would get."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused SELECT: its tree, the refusal, where it points, and which names exist."""

    select: exp.Select
    code: str
    place: Place | None
    catalog: Catalog

    def is_meant(self, node: exp.Expr) -> bool:
        """Return whether the refusal points into a node; True for every node where it points nowhere.

        A refusal that points at a name means every use of the name.
        """
        if self.place is None:
            return True
        name = self.place.text[self.place.start : self.place.start + self.place.length].lower()
        if name.isidentifier() and any(c.name.lower() == name for c in node.find_all(exp.Column)):
            return True
        found = place_of(node, self.place.text)
        if found is None:
            return False
        end = self.place.start + self.place.length
        return found.start < end and self.place.start < found.start + found.length


def nearest(
    text: str, dialect: str, error: JaliError, catalog: Catalog, attempt: Attempt
) -> Suggestion | None:
    """Return the nearest question that `attempt` accepts, found by repairs in order of how little they change.

    Args:
        text: the refused question with our own words around it.
        dialect: duckdb or postgres.
        error: its refusal.
        catalog: the declared tables.
        attempt: tries a SELECT.
    """
    if len(text) > _LONGEST:
        return None
    try:
        start = look(text).sql
    except JaliError:
        return None
    waiting: deque[tuple[str, JaliError, int]] = deque([(start, error, 0)])
    seen, tried = {start}, 0
    most = min(MOST_TRIED, MOST_TRIED_CHARACTERS // max(1, len(start)))
    while waiting:
        sql, refusal, steps = waiting.popleft()
        for repaired in repairs(sql, dialect, refusal, catalog):
            if repaired in seen or tried >= most:
                continue
            seen.add(repaired)
            tried += 1
            try:
                return Suggestion(repaired, attempt(repaired))
            except JaliError as again:
                if steps + 1 < _MOST_STEPS:
                    waiting.append((repaired, again, steps + 1))
    return None


def repairs(sql: str, dialect: str, error: JaliError, catalog: Catalog) -> Iterator[str]:
    """Yield repaired SELECTs, the least changed first."""
    for one in error.reasons:
        for edit in (*_EDITS.get(one.code, ()), count_instead):
            yield from _edited(edit, sql, dialect, one, catalog)


def _edited(edit: "Edit", sql: str, dialect: str, error: JaliError, catalog: Catalog) -> list[str]:
    try:
        tree = sqlglot.parse_one(sql, read=dialect)
        refused = Refused(_select_of(tree), error.code, error.place, catalog)
        return [found.sql(dialect=dialect) for found in edit(refused)]
    except Exception:  # noqa: BLE001  # a text nobody thought of has no repair
        return []


def _select_of(tree: exp.Expr) -> exp.Select:
    while isinstance(tree, exp.SetOperation):
        tree = tree.this
    if not isinstance(tree, exp.Select):
        raise TypeError(type(tree).__name__)
    group = tree.args.get("group")
    if isinstance(group, exp.Group) and group.args.get("all"):
        keys = [_plain(key).copy() for key in all_keys(group, tree.expressions)]
        tree.set("group", exp.Group(expressions=keys) if keys else None)
    return tree


def _copy(refused: Refused) -> exp.Select:
    return refused.select.copy()


def _plain(item: exp.Expr) -> exp.Expr:
    return item.this if isinstance(item, exp.Alias) else item


def _is_aggregate(item: exp.Expr) -> bool:
    return item.find(exp.AggFunc) is not None


_COUNT = "COUNT(*) AS n"


def group_outputs(refused: Refused) -> Iterator[exp.Select]:
    """Group by every output that is no aggregate, and count where nothing else is measured."""
    select = _copy(refused)
    plain = [_plain(e) for e in select.expressions if not _is_aggregate(e)]
    if not plain or any(isinstance(e, exp.Star | exp.Literal) or e.find(exp.Star) for e in plain):
        return
    select.set("distinct", None)
    select.set("group", exp.Group(expressions=[e.copy() for e in plain]))
    if not any(_is_aggregate(e) for e in select.expressions):
        select.append("expressions", sqlglot.parse_one(_COUNT))
    yield select


def count_instead(refused: Refused) -> Iterator[exp.Select]:
    """Count the rows that were asked for, by the same keys and then without them."""
    for keep_keys in (True, False):
        select = _copy(refused)
        group = select.args.get("group")
        keys = [e.copy() for e in group.expressions] if group is not None and keep_keys else []
        if keep_keys and not keys:
            continue
        select.set("expressions", [*keys, sqlglot.parse_one(_COUNT)])
        for clause in ("distinct", "order", "having", "limit", "offset", "qualify", "windows"):
            select.set(clause, None)
        if not keys:
            select.set("group", None)
        yield select


def count_distinct(refused: Refused) -> Iterator[exp.Select]:
    """Count an identifier distinct, instead of showing, counting or grouping by it."""
    select = _copy(refused)
    items: list[exp.Expr] = []
    for item in select.expressions:
        if not refused.is_meant(item):
            items.append(item)
            continue
        column = item.find(exp.Column)
        if column is not None:
            count = sqlglot.parse_one(f"COUNT(DISTINCT {column.sql()}) AS {column.name}s")
            items.append(count)
    select.set("expressions", items)
    yield from _without_group_of(select, refused)
    yield select


def _without_group_of(select: exp.Select, refused: Refused) -> Iterator[exp.Select]:
    group = select.args.get("group")
    if group is None:
        return
    named = {c.name.lower() for c in refused.select.find_all(exp.Column) if refused.is_meant(c)}
    kept = [e for e in group.expressions if not any(c.name.lower() in named for c in e.find_all(exp.Column))]
    other = select.copy()
    other.set("group", exp.Group(expressions=[e.copy() for e in kept]) if kept else None)
    yield other


def drop_conditions(refused: Refused) -> Iterator[exp.Select]:
    """Leave out the conditions of WHERE that are refused."""
    select = _copy(refused)
    where = select.args.get("where")
    if where is None:
        return
    parts = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    kept = [p for p in parts if not refused.is_meant(p)]
    if len(kept) < len(parts):
        select.set("where", exp.Where(this=exp.and_(*kept)) if kept else None)
        yield select


def drop_outputs(refused: Refused) -> Iterator[exp.Select]:
    """Leave out the outputs that are refused."""
    select = _copy(refused)
    kept = [e for e in select.expressions if not refused.is_meant(e)]
    if kept and len(kept) < len(select.expressions):
        select.set("expressions", kept)
        yield select


def drop_keys(refused: Refused) -> Iterator[exp.Select]:
    """Leave out the keys that are refused, and the outputs that show them."""
    select = _copy(refused)
    group = select.args.get("group")
    if group is None:
        return
    meant = {c.name.lower() for c in select.find_all(exp.Column) if refused.is_meant(c)}

    def is_kept(node: exp.Expr) -> bool:
        return not any(c.name.lower() in meant for c in node.find_all(exp.Column))

    keys = [e for e in group.expressions if is_kept(e) and not isinstance(e, exp.Literal)]
    outputs = [e for e in select.expressions if _is_aggregate(e) or is_kept(e)]
    select.set("group", exp.Group(expressions=keys) if keys else None)
    select.set("expressions", outputs or [sqlglot.parse_one(_COUNT)])
    select.set("order", None)
    yield select


def bin_keys(refused: Refused) -> Iterator[exp.Select]:
    """Group by bins: months of a time, tens of a number."""
    for shape in ("DATE_TRUNC('month', {})", "FLOOR({} / 10)", "FLOOR({} / 100)"):
        select = _copy(refused)
        group = select.args.get("group")
        if group is None:
            return
        for key in [e for e in group.expressions if isinstance(e, exp.Column) and refused.is_meant(e)]:
            binned = sqlglot.parse_one(shape.format(key.sql()))
            for node in list(select.find_all(exp.Column)):
                is_output = node.find_ancestor(exp.AggFunc, exp.Where, exp.Join) is None
                if node.name.lower() == key.name.lower() and is_output:
                    node.replace(binned.copy())
        yield select


def other_aggregates(refused: Refused) -> Iterator[exp.Select]:
    """Measure what is refused in another way."""
    for shape in ("AVG({})", "MEDIAN({})", "SUM({})", "COUNT(DISTINCT {})", "COUNT({})"):
        select = _copy(refused)
        changed = False
        for node in list(select.find_all(exp.AggFunc)):
            column = node.find(exp.Column)
            if column is not None and refused.is_meant(node):
                node.replace(sqlglot.parse_one(shape.format(column.sql())))
                changed = True
        if changed:
            distinct = {e.sql(): e for e in select.expressions}
            select.set("expressions", list(distinct.values()))
            yield select


def clamped(refused: Refused) -> Iterator[exp.Select]:
    """Give a sum the range it needs; the asker knows better numbers."""
    select = _copy(refused)
    for node in list(select.find_all(exp.Sum, exp.Avg)):
        inner = node.this.sql()
        node.set("this", sqlglot.parse_one(f"LEAST(GREATEST({inner}, 0), 100)"))
    yield select


def plain_subqueries(refused: Refused) -> Iterator[exp.Select]:
    """Take LIMIT, ORDER BY, OFFSET, DISTINCT ON and sampling out of subqueries."""
    select = _copy(refused)
    changed = False
    for inner in [*select.find_all(exp.Select)]:
        if inner is select:
            continue
        for clause in ("limit", "order", "offset", "sample", "qualify"):
            if inner.args.get(clause) is not None:
                inner.set(clause, None)
                changed = True
    for node in list(select.find_all(exp.TableSample)):
        node.replace(node.this)
        changed = True
    if changed:
        yield select


def drop_clauses(refused: Refused) -> Iterator[exp.Select]:
    """Leave out what a SELECT need not have."""
    for clause in ("qualify", "windows", "sample", "kind", "distinct", "order", "having"):
        if refused.select.args.get(clause) is not None:
            select = _copy(refused)
            select.set(clause, None)
            yield select


def first_branch(refused: Refused) -> Iterator[exp.Select]:
    """Ask the first part of a UNION, INTERSECT or EXCEPT alone."""
    yield _copy(refused)


def unwrapped(refused: Refused) -> Iterator[exp.Select]:
    """Take what a refused function was applied to."""
    select = _copy(refused)
    for node in list(select.find_all(exp.Func)):
        column = node.find(exp.Column)
        if column is not None and refused.is_meant(node) and not isinstance(node, exp.AggFunc):
            node.replace(column.copy())
    yield select


def other_joins(refused: Refused) -> Iterator[exp.Select]:
    """Join by inner joins; then on the unit; then without the join that is refused."""
    select = _copy(refused)
    for join in select.args.get("joins") or []:
        for part in ("side", "kind", "method"):
            join.set(part, None)
    yield select
    units = {t.unit_column for t in refused.catalog.tables.values() if t.unit_column}
    for unit in sorted(units):
        keyed = select.copy()
        for join in keyed.args.get("joins") or []:
            if refused.is_meant(join) or len(keyed.args["joins"]) == 1:
                join.set("on", None)
                join.set("using", [exp.to_identifier(unit)])
        yield keyed
    fewer = select.copy()
    joins = [j for j in fewer.args.get("joins") or [] if not refused.is_meant(j)]
    fewer.set("joins", joins[: max(0, len(fewer.args.get("joins") or []) - 1)])
    yield fewer


def renamed(refused: Refused) -> Iterator[exp.Select]:
    """Correct a name to the nearest one that exists."""
    import difflib

    names = {c.name for t in refused.catalog.tables.values() for c in t.columns if c.readable}
    names |= {t.name for t in refused.catalog.tables.values()}
    select = _copy(refused)
    for node in [*select.find_all(exp.Column), *select.find_all(exp.Table)]:
        if refused.is_meant(node) and node.name.lower() not in {n.lower() for n in names}:
            near = difflib.get_close_matches(node.name.lower(), sorted(names), n=1, cutoff=0.5)
            if near:
                node.set("this", exp.to_identifier(near[0]))
    yield select


def qualified(refused: Refused) -> Iterator[exp.Select]:
    """Take an ambiguous name from the first relation."""
    select = _copy(refused)
    first = select.find(exp.Table)
    if first is None:
        return
    for node in list(select.find_all(exp.Column)):
        if not node.table and refused.is_meant(node):
            node.set("table", exp.to_identifier(first.alias_or_name))
    yield select


def requoted(refused: Refused) -> Iterator[exp.Select]:
    """Write numbers without quotes, and texts with them."""
    select = _copy(refused)
    for node in list(select.find_all(exp.Literal)):
        above = node.parent
        if above is not None and refused.is_meant(above):
            node.replace(exp.Literal(this=node.this, is_string=not node.is_string))
    yield select


Edit = Callable[[Refused], Iterator[exp.Select]]
_EDITS: dict[str, tuple[Edit, ...]] = {
    "J102": (renamed,),
    "J103": (renamed, drop_outputs, drop_conditions),
    "J104": (
        plain_subqueries,
        first_branch,
        drop_clauses,
        other_aggregates,
        other_joins,
        drop_outputs,
        drop_conditions,
    ),
    "J105": (unwrapped, drop_outputs, drop_conditions),
    "J106": (requoted, drop_conditions, drop_outputs),
    "J107": (drop_outputs,),
    "J108": (qualified,),
    "J205": (drop_outputs, drop_conditions, drop_keys),
    "J206": (other_aggregates, drop_outputs),
    "J207": (bin_keys, drop_keys, other_joins),
    "J208": (drop_conditions, drop_keys),
    "J209": (count_distinct, drop_conditions, drop_keys, drop_outputs),
    "J212": (other_joins,),
    "J301": (group_outputs, drop_outputs),
    "J302": (plain_subqueries,),
    "J311": (other_joins,),
    "J312": (clamped, other_aggregates, drop_outputs),
    "J313": (drop_keys, other_aggregates),
    "J314": (bin_keys, drop_keys),
    "J315": (other_aggregates,),
}
