"""Which declared columns a query uses, and how: the lineage of every expression, through subqueries and semi joins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jali.model.schema import Column, Table
from jali.sql.tree import (
    Call,
    ColumnRef,
    Expr,
    PerUnit,
    Query,
    Rows,
    Union,
    Windowed,
    columns_of,
    inside,
    scans,
)


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
            for index, name in enumerate(source.names):
                found[source.id, name] = tuple((b.columns[index], "key") for b in source.branches)
    for semi in rows.semis:
        found |= lineage_of(semi.rows)
    return found


def uses(query: Query, lineage: Lineage) -> Iterator[Use]:
    """Yield every use of a declared column in a query."""
    tables = {scan.id: scan.table for scan in scans(query.rows)}
    yield from _row_uses(query.rows, lineage, tables)
    for key in query.keys:
        yield from expression_uses(key.expression, "key", lineage)
    for aggregate in query.aggregates:
        if aggregate.arg is not None:
            yield from expression_uses(aggregate.arg, aggregate.kind, lineage)
        if aggregate.where is not None:
            yield from expression_uses(aggregate.where, "filter", lineage)


def _row_uses(rows: Rows, lineage: Lineage, tables: Mapping[str, Table]) -> Iterator[Use]:
    found = [(condition, "filter") for condition in rows.where]
    on = [condition for join in rows.joins for condition in join.on]
    found += [(condition, "join") for condition in on]
    found += [(column, "reference") for c in on for column in _undeclared_reference(c, lineage, tables)]
    for source in rows.sources:
        for rows_inside in inside(source):
            yield from _row_uses(rows_inside, lineage, tables)
        if isinstance(source, PerUnit):
            found += _unit_uses(source)
        if isinstance(source, Windowed):
            found += _window_uses(source)
    for semi in rows.semis:
        yield from _row_uses(semi.rows, lineage, tables)
        found += [(condition, "join") for condition in semi.on]
        found += [(column, "reference") for c in semi.on for column in _semi_references(c, lineage, tables)]
    for expression, role in found:
        yield from expression_uses(expression, role, lineage)


def _undeclared_reference(condition: Expr, lineage: Lineage, tables: Mapping[str, Table]) -> list[Expr]:
    """Return the private columns that a condition equates with a public table's, where no foreign key says so.

    Grouping by the public table's columns is then grouping by the private one.
    """
    if not (isinstance(condition, Call) and condition.function == "eq"):
        return []
    left, right = (list(_stored(a, lineage)) for a in condition.args)
    return [
        a
        for these, those in ((left, right), (right, left))
        for a in these
        for b in those
        if _points(a, b, tables)
    ]


def _semi_references(condition: Call, lineage: Lineage, tables: Mapping[str, Table]) -> list[Expr]:
    """Return the private columns that a semi join holds against a public table's, other than along a foreign key.

    Membership in a list of values is a condition on the column, and which lists there are the public table decides.
    """
    found = _undeclared_reference(condition, lineage, tables)
    if condition.function == "eq" and all(_is_stored(a, lineage) for a in condition.args):
        return found
    columns = columns_of(condition)
    public = [c for c in columns if c.source in tables and tables[c.source].is_public]
    return [*found, *(c for c in columns if c not in public)] if public else found


def _stored(expression: Expr, lineage: Lineage) -> Iterator[ColumnRef]:
    """Yield the stored columns behind an expression that is nothing but a column; a UNION ALL has several."""
    if not isinstance(expression, ColumnRef):
        return
    if (expression.source, expression.name) in lineage:
        for inner, _ in lineage[expression.source, expression.name]:
            yield from _stored(inner, lineage)
    elif expression.column is not None:
        yield expression


def _is_stored(expression: Expr, lineage: Lineage) -> bool:
    """Return whether an expression is nothing but stored columns."""
    if not isinstance(expression, ColumnRef):
        return False
    made = lineage.get((expression.source, expression.name))
    return (
        expression.column is not None
        if made is None
        else all(_is_stored(inner, lineage) for inner, _ in made)
    )


def _points(private: ColumnRef, public: ColumnRef, tables: Mapping[str, Table]) -> bool:
    mine, theirs = tables.get(private.source), tables.get(public.source)
    if theirs is None or not theirs.is_public or (mine is not None and mine.is_public):
        return False
    if mine is None:  # a column of a subquery that is no stored one
        return True
    wanted = (private.name.lower(), theirs.name.lower(), public.name.lower())
    declared = {
        (k.column.lower(), k.target_table.lower(), k.target_column.lower()) for k in mine.foreign_keys
    }
    return wanted not in declared


def _unit_uses(source: PerUnit) -> list[tuple[Expr, str]]:
    found = [(key.expression, "group") for key in source.keys]
    found += [(a.arg, a.kind) for _, a in source.aggregates if a.arg is not None]
    found += [(a.where, "filter") for _, a in source.aggregates if a.where is not None]
    return found + ([(source.having, "filter")] if source.having is not None else [])


def _window_uses(source: Windowed) -> list[tuple[Expr, str]]:
    """Return what windows use: what they order by decides which row is first, so it is a condition."""
    found: list[tuple[Expr, str]] = []
    for _, window in source.windows:
        found += [(p, "group") for p in window.partition]
        found += [(o.expression, "filter") for o in window.order]
        if window.arg is not None and window.function not in _MOVING:
            found.append((window.arg, window.function))
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


_COMPARISONS = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "in", "like", "ilike", "is_null"})


def _inner_role(call: Call, index: int, role: str) -> str:
    if role in {"join", "reference", "group", "key"}:
        return role
    is_condition = call.function == "case" and index % 2 == 0 and index < len(call.args) - 1
    return "filter" if is_condition or call.function in _COMPARISONS else role
