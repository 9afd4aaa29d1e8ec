"""Which declared columns a query uses, and how: the lineage of every expression, through subqueries and semi joins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jali.model.schema import Column, Table
from jali.sql.links import columns_equated
from jali.sql.tree import (
    Call,
    ColumnRef,
    Expr,
    Literal,
    PerUnit,
    Query,
    Rows,
    Union,
    Windowed,
    inside,
    scans,
    walk,
)
from jali.sql.work import computed


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a declared column: `role` is key, filter, join, reference, or the kind of an aggregate."""

    column: Column
    role: str
    is_bare: bool = True
    expression: Expr | None = None


_MOVING = frozenset({"lag", "lead"})

Lineage = dict[tuple[str, str], tuple[tuple[Expr, str], ...]]
"""(source, name) of a result -> what it was made from, each with the kind of aggregate ("key" for the value itself)."""


def lineage_of(rows: Rows) -> Lineage:
    """Return what every per-unit result and every column of a UNION ALL below was made from."""
    found: Lineage = {}
    for source in rows.sources:
        for rows_inside in inside(source):
            found |= lineage_of(rows_inside)
        if isinstance(source, PerUnit):
            found |= {(source.id, k.name): ((k.expression, "key"),) for k in source.keys}
            found |= {
                (source.id, name): ((a.arg, a.kind),) for name, a in source.aggregates if a.arg is not None
            }
        if isinstance(source, Windowed):
            found |= {(source.id, c.name): ((c.expression, "key"),) for c in source.columns}
            found |= {
                (source.id, name): ((w.arg, "moved" if w.function in _MOVING else w.function),)
                for name, w in source.windows
                if w.arg is not None
            }
        if isinstance(source, Union):
            conditions = tuple((c, "key") for b in source.branches for c in _conditions(b.rows))
            for index, name in enumerate(source.names):
                values = tuple(b.columns[index] for b in source.branches)
                decided = conditions if any(isinstance(v, Literal) for v in values) else ()
                found[source.id, name] = (*((v, "key") for v in values), *decided)
    for semi in rows.semis:
        found |= lineage_of(semi.rows)
    return found


def _conditions(rows: Rows) -> Iterator[Expr]:
    """Yield what decides which rows a branch has: a constant beside them says as much as a CASE over them."""
    yield from rows.where
    for join in rows.joins:
        yield from (one for one in join.on if not columns_equated(one))
    for semi in rows.semis:
        yield from (one for one in semi.on if not columns_equated(one))
        yield from _conditions(semi.rows)
    for source in rows.sources:
        for rows_inside in inside(source):
            yield from _conditions(rows_inside)
        if isinstance(source, PerUnit) and source.having is not None:
            yield source.having


def uses(query: Query, lineage: Lineage) -> Iterator[Use]:
    """Yield every use of a declared column in a query."""
    tables = {scan.id: scan.table for scan in scans(query.rows)}
    yield from _row_uses(query.rows, lineage)
    for expression in computed(query):
        for column in _compared_with_public(expression, lineage, tables):
            yield from expression_uses(column, "reference", lineage)
    for key in query.keys:
        yield from expression_uses(key.expression, "key", lineage)
    for aggregate in query.aggregates:
        for argument in aggregate.arguments:
            yield from expression_uses(argument, aggregate.kind, lineage)
        if aggregate.where is not None:
            yield from expression_uses(aggregate.where, "filter", lineage)


def _row_uses(rows: Rows, lineage: Lineage) -> Iterator[Use]:
    found = [(condition, "filter") for condition in rows.where]
    found += [(condition, "join") for join in rows.joins for condition in join.on]
    for source in rows.sources:
        for rows_inside in inside(source):
            yield from _row_uses(rows_inside, lineage)
        if isinstance(source, PerUnit):
            found += _unit_uses(source)
        if isinstance(source, Windowed):
            found += _window_uses(source)
        if isinstance(source, Union):
            found += [(column, "passed") for branch in source.branches for column in branch.columns]
    for semi in rows.semis:
        yield from _row_uses(semi.rows, lineage)
        found += [(condition, "join") for condition in semi.on]
    for expression, role in found:
        yield from expression_uses(expression, role, lineage)


def _compared_with_public(expression: Expr, lineage: Lineage, tables: Mapping[str, Table]) -> Iterator[Expr]:
    """Yield the private columns that an expression compares with a public table's, where no foreign key says so.

    A row is then kept, or counted, where the private value equals the public one: grouping by the public table's
    columns would group by the private column.
    """
    for call in walk(expression):
        if (
            isinstance(call, Call)
            and call.function in _COMPARISONS
            and not _is_declared(call, lineage, tables)
        ):
            stored = [c for argument in call.args for c in _stored_below(argument, lineage)]
            if any(_is_public(c, tables) for c in stored):
                yield from (c for c in stored if not _is_public(c, tables))


def _is_declared(call: Call, lineage: Lineage, tables: Mapping[str, Table]) -> bool:
    """Return whether a comparison is an equality along foreign keys of the contract, whichever branch a row is of."""
    if call.function != "eq":
        return False
    left, right = (_stored(a, lineage) for a in call.args)
    return bool(left and right) and all(
        _follows(a, b, tables) or _follows(b, a, tables) for a in left or () for b in right or ()
    )


def _follows(child: ColumnRef, parent: ColumnRef, tables: Mapping[str, Table]) -> bool:
    mine, theirs = tables.get(child.source), tables.get(parent.source)
    if mine is None or theirs is None:
        return False
    wanted = (child.name.lower(), theirs.name.lower(), parent.name.lower())
    return wanted in {
        (k.column.lower(), k.target_table.lower(), k.target_column.lower()) for k in mine.foreign_keys
    }


def _stored(expression: Expr, lineage: Lineage) -> list[ColumnRef] | None:
    """Return the stored columns that an expression is, one a branch of a UNION ALL; None if it is made of more."""
    if not isinstance(expression, ColumnRef):
        return None
    made = lineage.get((expression.source, expression.name))
    if made is None:
        return [expression]
    found: list[ColumnRef] = []
    for inner, kind in made:
        below = _stored(inner, lineage) if kind == "key" else None
        if below is None:
            return None
        found += below
    return found


def _stored_below(expression: Expr, lineage: Lineage) -> Iterator[ColumnRef]:
    """Yield every stored column whose value an expression depends on; a count depends on none."""
    for one in walk(expression):
        if not isinstance(one, ColumnRef):
            continue
        made = lineage.get((one.source, one.name))
        if made is None:
            yield one
        for inner, kind in made or ():
            if kind not in {"count", "count_distinct"}:
                yield from _stored_below(inner, lineage)


def _is_public(column: ColumnRef, tables: Mapping[str, Table]) -> bool:
    table = tables.get(column.source)
    return table is not None and table.is_public


def _unit_uses(source: PerUnit) -> list[tuple[Expr, str]]:
    found = [(key.expression, "group") for key in source.keys]
    found += [(a.arg, a.kind) for _, a in source.aggregates if a.arg is not None]
    found += [(a.where, "filter") for _, a in source.aggregates if a.where is not None]
    return found + ([(source.having, "filter")] if source.having is not None else [])


def _window_uses(source: Windowed) -> list[tuple[Expr, str]]:
    """Return what windows use: what they order by decides which row is first, so it is a condition."""
    found: list[tuple[Expr, str]] = [(column.expression, "passed") for column in source.columns]
    for _, window in source.windows:
        found += [(p, "group") for p in window.partition]
        found += [(o.expression, "filter") for o in window.order]
        if window.arg is not None:
            found.append((window.arg, "passed" if window.function in _MOVING else window.function))
    return found


def expression_uses(
    expression: Expr, role: str, lineage: Lineage, *, is_bare: bool = True, root: Expr | None = None
) -> Iterator[Use]:
    """Yield the uses of declared columns; conditions inside CASE and comparisons are filters, whatever is around."""
    root = root if root is not None else expression
    if isinstance(expression, ColumnRef):
        made = lineage.get((expression.source, expression.name))
        if made is None and expression.column is not None:
            yield Use(expression.column, role, is_bare, root)
        for inner, kind in made or ():
            if kind not in {"count", "count_distinct"}:
                bare = is_bare and kind != "moved"  # which row's value it is was chosen by a condition
                yield from expression_uses(inner, role, lineage, is_bare=bare, root=root)
            elif not isinstance(inner, ColumnRef):
                # what is counted depends on the value: that is a condition
                yield from expression_uses(inner, "filter", lineage, is_bare=False, root=root)
        return
    if not isinstance(expression, Call):
        return
    for index, argument in enumerate(expression.args):
        yield from expression_uses(
            argument, _inner_role(expression, index, role), lineage, is_bare=False, root=root
        )


_COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "in", "like", "ilike", "contains", "is_null"})


def _inner_role(call: Call, index: int, role: str) -> str:
    if role in {"join", "reference", "group", "key"}:
        return role
    is_condition = call.function == "case" and index % 2 == 0 and index < len(call.args) - 1
    return "filter" if is_condition or call.function in _COMPARISONS else role
