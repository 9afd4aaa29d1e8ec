"""UNION ALL of relations that belong to the same unit, in FROM: one source whose rows are the rows of its branches.

Each row keeps the unit of the branch it comes from, so the rows of one unit are those it has in each branch, and every
cap of the whole is the sum of the branches' caps (see `tree.Union`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlglot import exp

from jali.model.codes import TooLarge, UnitLost, Unsupported
from jali.model.errors import JaliError
from jali.model.schema import Column, Domain, ListedDomain
from jali.model.types import IDENTIFIER, TEXT, UNIT, Type
from jali.sql import typed
from jali.sql.caps import unit_total
from jali.sql.links import check_public_keys
from jali.sql.parts import Context, Part
from jali.sql.relations import with_clause
from jali.sql.scope import only, place_of
from jali.sql.subqueries import subquery
from jali.sql.tree import Branch, ColumnRef, Expr, Literal, LiteralValue, Rows, Union, has_units, scans
from jali.sql.work import length_of

MOST_BRANCHES = 16
"""Most relations put together by UNION ALL."""


@dataclass(frozen=True, slots=True)
class _Unified:
    """One column of the whole: how it is referred to, and what each branch puts there."""

    reference: ColumnRef
    values: list[Expr]


def union_all(node: exp.Expression, context: Context) -> Part:
    """Return a chain of UNION ALL as one source.

    Raises:
        Unsupported: for UNION, INTERSECT and EXCEPT, and for branches whose columns do not match.
        UnitLost: if the branches do not belong to the same unit.
    """
    parts = [subquery(select, inner) for select, inner in _branches(node, context)]
    widths = {len(part.columns) for part in parts}
    if len(widths) > 1:
        raise Unsupported(
            "the branches of UNION ALL have different numbers of columns",
            hint="select the same columns in each, or NULL AS name where one has no such column",
            place=place_of(node, context.text),
        )
    source_id = context.fresh()
    taken: set[str] = set()
    try:
        _check_units([part.rows for part in parts])
        for part in parts:
            check_public_keys(part.rows, part)
        unified = [
            _unify(source_id, number, list(values), taken)
            for number, values in enumerate(zip(*(part.columns.values() for part in parts), strict=True))
        ]
    except JaliError as error:
        error.place = error.place or place_of(node, context.text)
        raise
    branches = tuple(
        Branch(part.rows, tuple(u.values[number] for u in unified)) for number, part in enumerate(parts)
    )
    source = Union(source_id, tuple(u.reference.name for u in unified), branches)
    columns: dict[str, Expr] = dict(zip(parts[0].columns, (u.reference for u in unified), strict=True))
    return Part(source, [], [], columns)


def _branches(node: exp.Expression, context: Context) -> list[tuple[exp.Expression, Context]]:
    """Return the SELECTs of a chain from left to right, each with the names it may use."""
    found: list[tuple[exp.Expression, Context]] = []
    waiting = [(node, context)]
    while waiting:
        one, around = waiting.pop()
        if isinstance(one, exp.Subquery):
            only(one, "this")
            waiting.append((one.this, around))
        elif isinstance(one, exp.SetOperation):
            _check_operation(one, context.text)
            inner = with_clause(one, around)
            waiting += [(one.expression, inner), (one.this, inner)]
        else:
            found.append((one, around))
        if len(found) + len(waiting) > MOST_BRANCHES:
            raise TooLarge(f"UNION ALL of more than {MOST_BRANCHES} relations", hint="split the query")
    return found


def _check_operation(node: exp.SetOperation, text: str) -> None:
    if not isinstance(node, exp.Union):
        name = type(node).__name__.upper()
        raise Unsupported(
            f"{name} is not answered",
            hint="write it with EXISTS or NOT EXISTS on the unit and the columns compared",
            place=place_of(node, text),
        )
    if node.args.get("distinct"):
        raise Unsupported(
            "UNION without ALL is not answered: it would compare rows of different units",
            hint="write UNION ALL, and SELECT DISTINCT with the unit key around it where a row should count once",
            place=place_of(node, text),
        )
    only(node, "this", "expression", "distinct", "with_")


def _check_units(branches: Sequence[Rows]) -> None:
    if not all(has_units(rows) for rows in branches):
        raise UnitLost(
            "a branch of UNION ALL reads only public tables: its rows belong to no unit",
            hint="join it with the private table it belongs to, or read the public table directly",
        )
    keys = {scan.table.unit for rows in branches for scan in scans(rows) if not scan.table.is_public}
    if len(keys) > 1:
        raise UnitLost(
            f"the branches of UNION ALL belong to different units: {', '.join(sorted(str(k) for k in keys))}",
            hint="ask each by itself",
        )


def _is_null(value: Expr) -> bool:
    return isinstance(value, Literal) and value.value is None


def _unify(source_id: str, number: int, values: list[Expr], taken: set[str]) -> _Unified:
    """Return column `number`: types and grids brought together, ranges and bounds put together.

    One unit's total of the whole is at most the sum of its totals in the branches, so declared totals add up.
    """
    given = [v for v in values if not _is_null(v)]
    if any(v.type == UNIT for v in given):
        return _unit(source_id, values)
    if given and all(v.type == IDENTIFIER for v in given):
        unified, type_ = [Literal(None, IDENTIFIER) if _is_null(v) else v for v in values], IDENTIFIER
    else:
        unified, type_ = typed.unify(values, "UNION ALL")
    name = _name(given, number, taken)
    range_, reach = typed.merged(unified)
    totals = [unit_total(v) for v in given]
    known = [t for t in totals if t is not None]
    reference = ColumnRef(
        source_id,
        name,
        type_,
        range_,
        reach,
        any(v.nullable for v in values),
        _column(given, type_),
        sum(known, Fraction(0)) if len(known) == len(totals) else None,
        max((length_of(v) for v in given), default=0) if type_ == TEXT else None,
        _constants(unified),
    )
    return _Unified(reference, unified)


def _constants(values: list[Expr]) -> tuple[LiteralValue, ...] | None:
    """Return the values of a column whose value in each branch is a constant, or one of known constants."""
    found: list[LiteralValue] = []
    for value in values:
        if isinstance(value, Literal):
            found += [value.value] if value.value is not None else []
        elif isinstance(value, ColumnRef) and value.constants is not None:
            found += value.constants
        else:
            return None
    return tuple(dict.fromkeys(found)) or None


def _unit(source_id: str, values: list[Expr]) -> _Unified:
    if not all(isinstance(v, ColumnRef) and v.type == UNIT and not v.nullable for v in values):
        raise UnitLost(
            "one branch of UNION ALL has the unit key where another has something else",
            hint="select the unit key at the same place in each (after a LEFT JOIN the left table's)",
        )
    first = values[0]
    column = first.column if isinstance(first, ColumnRef) else None
    return _Unified(ColumnRef(source_id, "_unit", UNIT, nullable=False, column=column), values)


def _name(given: list[Expr], number: int, taken: set[str]) -> str:
    """Return the declared name of the column where all branches read one of that name, else a name of ours."""
    names = {
        v.column.name.lower() if isinstance(v, ColumnRef) and v.column is not None else "" for v in given
    }
    name = names.pop() if len(names) == 1 else ""
    if not name or name in taken:
        return f"_c{number}"
    taken.add(name)
    return name


def _column(given: list[Expr], type_: Type) -> Column | None:
    """Return what planning may know of the column: its declared keys, unit of measure and center.

    What may be done with it is judged by the columns of every branch (`policy.uses`), never by this one.
    """
    columns = [v.column if isinstance(v, ColumnRef) else None for v in given]
    known = [c for c in columns if c is not None]
    if not known or len(known) < len(columns):
        return None
    measures = {c.unit_of_measure for c in known}
    return replace(
        known[0],
        domain=_domain([c.domain for c in known]) if all(v.type == type_ for v in given) else None,
        unit_of_measure=measures.pop() if len(measures) == 1 else "",
    )


def _domain(domains: list[Domain | None]) -> Domain | None:
    if all(d == domains[0] for d in domains):
        return domains[0]
    listed = [d.values for d in domains if isinstance(d, ListedDomain)]
    if len(listed) < len(domains):
        return None
    return ListedDomain(tuple(dict.fromkeys(value for values in listed for value in values)))
