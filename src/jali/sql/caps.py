"""How many rows one unit can have in a relation, and what its totals can reach, from declared caps alone."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod

from jali.model.schema import AutoBound, Table
from jali.sql import ranges
from jali.sql.tree import ColumnRef, Expr, PerUnit, Range, Rows, Scan, Source, Union, Windowed, is_private

OVERSIZE = 4
"""A unit's stored rows above this many times its table's maxRows are never read: they are the last of its keyed
order, so which ones they are depends on that unit alone (docs/decisions/0015)."""

MOST_STORED = 1_000_000
"""Most stored rows of a unit that are read from a table without maxRows."""


def stored_rows(table: Table, *, is_joined: bool) -> int:
    """Return how many stored rows of one unit a scan reads, those of the smallest stored rank.

    Below a join of private tables that is maxRows, or the product of the caps would not bound the joined rows.
    """
    most = table.contribution.max_rows
    if most is None:
        return MOST_STORED
    return most if is_joined else OVERSIZE * most


def rows_of_source(source: Source) -> int | None:
    """Return the declared cap on one unit's rows in one source; None where nothing is declared."""
    return _of_source(source, rows_of)


def _of_source(source: Source, inside: Callable[[Rows], int | None]) -> int | None:
    match source:
        case Scan():
            return source.table.contribution.max_rows
        case PerUnit():
            return inside(source.rows) if source.keys else 1
        case Windowed():
            return inside(source.rows)
        case Union():
            caps = [inside(branch.rows) for branch in source.branches]
            known = [cap for cap in caps if cap is not None]
            return sum(known) if len(known) == len(caps) else None


def is_joined(rows: Rows) -> bool:
    """Return whether rows of several private sources meet."""
    return sum(is_private(s) for s in rows.sources) > 1


def is_paired(rows: Rows) -> bool:
    """Return whether rows of one unit are held against each other: by a join, or a semi join beyond equalities."""
    return is_joined(rows) or any(not semi.is_hashed for semi in rows.semis)


def work_of(rows: Rows, *, is_inside: bool = False) -> int | None:
    """Return how many joined rows one unit can make before any cap on joined rows; None where a maxRows is missing.

    Below a join of private sources every stored row above its table's maxRows is left out first (by its stored rank),
    so the product of the caps holds whatever the data. Against a semi join that equalities alone do not decide, each
    row may be held against every row inside. `is_inside` says that the rows stand below such a join themselves.
    """
    is_inside = is_inside or is_paired(rows)
    product = 1
    for source in rows.multiplying:
        if is_private(source):
            cap = _work_of_source(source, is_inside=is_inside)
            if cap is None:
                return None
            product *= cap
    inside = [work_of(semi.rows, is_inside=True) for semi in rows.semis if not semi.is_hashed]
    known = [one for one in inside if one is not None]
    return None if len(known) < len(inside) else product * max(1, sum(known))


def _work_of_source(source: Source, *, is_inside: bool) -> int | None:
    if not isinstance(source, Scan):
        return _of_source(source, lambda rows: work_of(rows, is_inside=is_inside))
    if is_inside and source.table.contribution.max_rows is None:
        return None
    return stored_rows(source.table, is_joined=is_inside)


def rows_of(rows: Rows) -> int | None:
    """Return the cap on one unit's joined rows (SECURITY.md rule 9); None where a cap is missing.

    One private source: its maxRows. Several: the largest joinRows any of them declares; where one is to be found
    privately, the product of their maxRows, at which the search ends and which holds whatever is found (each gives at
    most maxRows rows of a unit to a join); else that product where at most one exceeds 1. A semi join only leaves rows
    out and a lookup neither adds nor drops any, so they change nothing here.
    """
    private = [s for s in rows.multiplying if is_private(s)]
    if len(private) == 1:
        return rows_of_source(private[0])
    given = [j for j in _join_rows(private) if isinstance(j, int)]
    if given:
        return max(given)
    caps = [rows_of_source(s) for s in private]
    known = [c for c in caps if c is not None]
    if len(known) < len(caps):
        return None
    if sum(c > 1 for c in known) > 1 and not finds_rows(rows):
        return None
    return prod(known)


def finds_rows(rows: Rows) -> bool:
    """Return whether the cap on one unit's joined rows is to be found privately: `joinRows: auto`, and no number."""
    private = [s for s in rows.multiplying if is_private(s)]
    declared = _join_rows(private) if len(private) > 1 else []
    return any(isinstance(j, AutoBound) for j in declared) and not any(isinstance(j, int) for j in declared)


def _join_rows(sources: Sequence[Source]) -> list[int | AutoBound | None]:
    return [s.table.contribution.join_rows for s in sources if isinstance(s, Scan)]


def unit_total(expression: Expr) -> Fraction | None:
    """Return the declared bound on one unit's total of an expression, where it is a column that has one."""
    return expression.per_unit if isinstance(expression, ColumnRef) else None


def total_range(rows: Rows, expression: Expr | None) -> Range:
    """Return the range of one unit's sum of an expression over its rows (its row count where it is None)."""
    cap = rows_of(rows)
    if expression is None:
        return Range(Fraction(0), None if cap is None else Fraction(cap))
    times = Range(Fraction(0), None if cap is None else Fraction(cap))
    derived = ranges.multiply(expression.range, times) if cap is not None else Range()
    upper = unit_total(expression)
    if upper is None:
        return derived
    low = Fraction(0) if expression.range.low is not None and expression.range.low >= 0 else -upper
    return ranges.meet(derived, Range(low, upper))
