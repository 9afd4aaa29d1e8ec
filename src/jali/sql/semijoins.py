"""Semi and anti joins: IN (SELECT ...), EXISTS, SEMI JOIN and ANTI JOIN, within one unit or against public tables.

They stand where a condition of WHERE stands that AND joins to the others, and keep or drop whole rows. The rows inside
must be of the same unit, which an equality of units (or along a declared foreign key) says, or public. Then a row of a
unit stays or goes by that unit's own rows, public tables and constants; see `tree.Semi` for what follows.

Inside and outside meet only in comparisons with one side each, so that an engine can hash the equalities; what other
comparisons can cost is bounded by the declared caps (`caps.work_of`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from jali.model.codes import JoinNotAllowed, Unsupported
from jali.model.errors import JaliError
from jali.sql.expressions import Translator
from jali.sql.grouping import unaliased
from jali.sql.links import links_units
from jali.sql.parts import Context, Part, equated
from jali.sql.relations import add_conditions, sources_of, tables, whole, with_clause
from jali.sql.scope import Scope, only, place_of
from jali.sql.subqueries import is_grouped, items_of, subquery
from jali.sql.tree import Call, Expr, Semi, Source, has_units, is_private
from jali.sql.windows import has_windows

_MIRRORED = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


@dataclass(frozen=True, slots=True)
class Found:
    """A semi join, and what it says about the rows outside alone."""

    semi: Semi
    outer: tuple[Expr, ...]


@dataclass(slots=True)
class Inside:
    """The inner relation while it is read, and the conditions that reach outside."""

    part: Part
    reaching: list[Expr]


@dataclass(frozen=True, slots=True)
class Outside:
    """What stands around a semi join: its names, its sources and the text."""

    scope: Scope
    sources: Sequence[Source]
    context: Context


def semi_of(node: exp.Expression, scope: Scope, sources: Sequence[Source], context: Context) -> Found | None:
    """Return what a condition of WHERE says if it is IN or EXISTS with a subquery, NOT before it included; else None.

    Raises:
        JaliError: J212 where the rows inside are not linked to the same unit; J104 for forms that are not answered.
    """
    is_anti, inner = False, node
    while isinstance(inner, exp.Not | exp.Paren):
        is_anti ^= isinstance(inner, exp.Not)
        inner = inner.this
    if not (isinstance(inner, exp.Exists) or (isinstance(inner, exp.In) and inner.args.get("query"))):
        return None
    outside = Outside(scope, sources, context)
    try:
        if isinstance(inner, exp.Exists):
            only(inner, "this")
            return _exists(_select(inner.this), outside, is_anti=is_anti)
        only(inner, "this", "query")
        return _in(inner, outside, is_anti=is_anti)
    except JaliError as error:
        error.place = error.place or place_of(inner, context.text)
        raise


def semi_join(
    node: exp.Expression, right: Part, on: Sequence[Expr], sources: Sequence[Source], context: Context
) -> Found:
    """Return what SEMI JOIN or ANTI JOIN with the relation `right` says.

    Raises:
        JoinNotAllowed: where its rows are not linked to the same unit.
    """
    kind = str(node.args["kind"]).lower()
    try:
        return _met(Inside(right, list(on)), sources, kind)
    except JaliError as error:
        error.place = error.place or place_of(node, context.text)
        raise


def _select(node: exp.Expression) -> exp.Select:
    while isinstance(node, exp.Subquery):
        only(node, "this")
        node = node.this
    if not isinstance(node, exp.Select):
        raise Unsupported("IN and EXISTS take one SELECT", hint="put a UNION ALL into a subquery in its FROM")
    return node


def _exists(select: exp.Select, outside: Outside, *, is_anti: bool) -> Found:
    if is_grouped(select) or select.args.get("having") is not None:
        raise Unsupported(
            "GROUP BY and aggregates inside EXISTS are not answered",
            hint="write unit IN (SELECT unit FROM ... GROUP BY unit HAVING ...), or group in a subquery in its FROM",
        )
    inside, translate = read_inside(select, outside)
    for item in select.expressions:  # what is selected does not matter; names must exist all the same
        if not isinstance(item, exp.Star):
            translate(unaliased(item))
    return _met(inside, outside.sources, "anti" if is_anti else "semi")


def _in(node: exp.Expression, outside: Outside, *, is_anti: bool) -> Found:
    translate = Translator(outside.scope, outside.context.text)
    named = node.this.expressions if isinstance(node.this, exp.Tuple) else [node.this]
    left = [translate(one) for one in named]
    inside, values = _inside_in(_select(node.args["query"]), outside)
    if len(values) != len(left):
        raise Unsupported(
            f"IN compares {len(left)} values with a subquery of {len(values)} columns",
            hint="select as many columns as stand before IN",
        )
    kind = "anti" if is_anti else "semi"
    if is_anti and any(one.nullable for one in (*left, *values)):
        kind = _not_in(inside, left)
    inside.reaching += [equated(a, b) for a, b in zip(left, values, strict=True)]
    return _met(inside, outside.sources, kind)


def _inside_in(select: exp.Select, outside: Outside) -> tuple[Inside, list[Expr]]:
    if is_grouped(select) or has_windows(select):
        part = subquery(select, outside.context)
        return Inside(part, []), list(part.columns.values())
    inside, translate = read_inside(select, outside)
    items = items_of(select, Scope(translate.scope.relations, translate.scope.merged), translate)
    return inside, [value for _, value in items]


def _not_in(inside: Inside, left: list[Expr]) -> str:
    """Return how NOT IN is kept where a side may be NULL; what it means depends on the whole inner list then.

    With public rows that list is public. With private ones x NOT IN (...) is true for a NULL x where *nobody* has a
    row inside, so it is not a matter of one unit.
    """
    if len(left) == 1 and not inside.reaching and not has_units(inside.part.rows):
        return "not_in"
    raise JoinNotAllowed(
        "NOT IN compares a value that may be NULL, so all rows inside decide about each row",
        hint="write NOT EXISTS (SELECT 1 FROM ... WHERE inner.x = outer.x), which a NULL never meets",
    )


def read_inside(select: exp.Select, outside: Outside) -> tuple[Inside, Translator]:
    """Return FROM and WHERE; a DISTINCT adds nothing where only membership counts."""
    only(select, "expressions", "from_", "joins", "where", "distinct", "with_")
    if select.args.get("distinct") is not None:
        only(select.args["distinct"])
    context = with_clause(select, outside.context)
    scope, part = tables(select, context)
    scope.outer = Scope(outside.scope.relations, outside.scope.merged)
    add_conditions(select, scope, part, context)
    around = {s.id for s in outside.sources}
    every = list(flat(part.conditions))
    part.conditions = [c for c in every if not sources_of(c) & around]
    reaching = [c for c in every if sources_of(c) & around]
    return Inside(part, reaching), Translator(scope, context.text)


def flat(conditions: Sequence[Expr]) -> Iterator[Expr]:
    """Yield the parts of conditions that AND joins."""
    for one in conditions:
        if isinstance(one, Call) and one.function == "and":
            yield from flat(one.args)
        else:
            yield one


def _met(inside: Inside, sources: Sequence[Source], kind: str) -> Found:
    """Return the semi join of what was read, its conditions sorted by the sides they read."""
    around, within = {s.id for s in sources}, {s.id for s in inside.part.sources}
    on: list[Call] = []
    outer: list[Expr] = []
    for one in flat(inside.reaching):
        read = sources_of(one)
        if read - around - within:
            raise Unsupported(
                "a subquery reaches past the query right around it",
                hint="compare with columns of the query it stands in",
            )
        if not read & around:
            inside.part.conditions.append(one)
        elif not read & within:
            outer.append(one)
        else:
            on.append(sided(one, around, within))
    if outer and kind != "semi":
        raise Unsupported(
            "a condition on the rows outside stands inside NOT EXISTS, NOT IN or ANTI JOIN",
            hint="filter the rows outside in their own WHERE, or split the question in two",
        )
    semi = Semi(kind, whole(inside.part), tuple(on))
    _check(semi, sources)
    return Found(semi, tuple(outer))


def sided(condition_: Expr, around: set[str], within: set[str]) -> Call:
    """Return a comparison with the side outside on the left.

    Raises:
        Unsupported: for any other condition over both sides: no engine could look its rows up.
    """
    if isinstance(condition_, Call) and condition_.function in _MIRRORED:
        left, right = condition_.args
        if not sources_of(left) & within and not sources_of(right) & around:
            return condition_
        if not sources_of(left) & around and not sources_of(right) & within:
            function = _MIRRORED[condition_.function]
            return Call(function, (right, left), condition_.type, nullable=condition_.nullable)
    raise Unsupported(
        "a condition mixes columns of the subquery and of the query around it",
        hint="compare them with one side each, joined by AND: inner.x < outer.y",
    )


def _check(semi: Semi, sources: Sequence[Source]) -> None:
    """Check that the rows inside are of the same unit, or public and looked up by equality.

    Raises:
        JoinNotAllowed: saying what is missing.
    """
    inner = [s for s in semi.rows.sources if is_private(s)]
    if not inner:
        if not semi.on or not semi.is_hashed:
            raise JoinNotAllowed(
                "a public table inside IN or EXISTS is compared by equality with the rows outside",
                hint="write x IN (SELECT x FROM ...), or EXISTS (SELECT 1 FROM p WHERE p.x = outer.x AND ...)",
            )
        return
    outer = [s for s in sources if is_private(s)]
    if not any(links_units(one, right, outer) for one in semi.on for right in inner):
        raise JoinNotAllowed(
            "a subquery over private rows is not linked to the same unit: it would compare people with each other",
            hint="write unit IN (SELECT unit FROM ...), or WHERE inner.unit = outer.unit inside EXISTS",
        )
