"""A scalar subquery about the same unit, in WHERE or inside an aggregate: each row looks its unit's own aggregate up.

`e.units > (SELECT AVG(f.units) FROM events f WHERE f.person_id = e.person_id)` becomes a LEFT JOIN with the exact
aggregates of each unit. An equality of units must be among the conditions that reach outside; other equalities are
finer keys. So every row meets at most one row, which depends on its own unit's rows, public tables and constants
alone: rows are neither lost nor multiplied, and every cap on one unit's rows holds as before.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from sqlglot import exp

from jali.model.codes import JoinNotAllowed, Unsupported
from jali.model.errors import JaliError
from jali.model.types import Kind
from jali.sql import typed
from jali.sql.expressions import Translator
from jali.sql.grouping import unaliased
from jali.sql.links import links_units
from jali.sql.parts import Context, Part
from jali.sql.relations import sources_of, whole
from jali.sql.scope import Scope, only, place_of
from jali.sql.semijoins import Outside, flat, read_inside, sided
from jali.sql.subqueries import UnitGroup
from jali.sql.tree import Call, ColumnRef, Expr, Join, Named, PerUnit, Rows, Source, is_private

_COUNTS = frozenset({"count", "count_distinct"})


def read_lookups(select: exp.Expression, scope: Scope, part: Part, context: Context) -> None:
    """Join what the scalar subqueries of a SELECT look up, and note in the scope what each of them stands for.

    Raises:
        JaliError: J212 where the rows inside are not linked to the same unit; J104 for forms that are not answered.
    """
    where = select.args.get("where")
    for around in [*([where] if where is not None else []), *select.expressions]:
        for node in scalars_in(around):
            try:
                scope.scalars[id(node)] = _lookup(node, scope, part, context)
            except JaliError as error:
                error.place = error.place or place_of(node, context.text)
                raise


def scalars_in(around: exp.Expression) -> Iterator[exp.Subquery]:
    """Yield the subqueries that stand where a value stands, those inside others left out."""
    for node in around.walk(prune=lambda one: isinstance(one, exp.Query)):
        above = node.parent
        is_listed = isinstance(above, exp.Any | exp.All) or (
            isinstance(above, exp.In) and above.args.get("query") is node
        )
        if isinstance(node, exp.Subquery) and not is_listed:
            yield node


def _lookup(node: exp.Subquery, scope: Scope, part: Part, context: Context) -> Expr:
    select = node.this
    while isinstance(select, exp.Subquery):
        only(select, "this")
        select = select.this
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        raise Unsupported(
            "a subquery used as a value selects one aggregate", hint="write (SELECT AVG(x) FROM ...)"
        )
    for clause in ("group", "having", "limit", "order", "distinct"):
        if select.args.get(clause) is not None:
            raise Unsupported(
                f"a subquery used as a value takes no {'GROUP BY' if clause == 'group' else clause.upper()}",
                hint="select one aggregate of the rows of the same unit",
            )
    only(select, "expressions", "from_", "joins", "where", "with_")
    item = unaliased(select.expressions[0])
    if not any(isinstance(one, exp.AggFunc) for one in item.walk(prune=lambda n: isinstance(n, exp.Query))):
        raise Unsupported(
            "a subquery used as a value selects an aggregate",
            hint="write (SELECT AVG(x) FROM ... WHERE unit = unit)",
        )
    inside, translate = read_inside(select, Outside(scope, part.sources, context))
    on = _links(list(flat(inside.reaching)), inside.part, part)
    group = _Looked(whole(inside.part), context.fresh(), translate)
    value = Translator(translate.scope, context.text, group.hook)(item)
    _check_inner(group, inside.part)
    keys = [one for one in on if not _is_of_units(one)]
    named = tuple(Named(f"k{i}", key.args[1]) for i, key in enumerate(keys))
    aggregates = tuple((f"a{i}", a) for i, a in enumerate(group.aggregates))
    source = PerUnit(group.id, group.rows, named, aggregates, None)
    part.joins.append(Join("left", source, tuple(_outer_on(on, keys, group)), is_lookup=True))
    return value


class _Looked(UnitGroup):
    """The aggregates of a scalar subquery while they are read: over no rows COUNT is 0 and the others are NULL."""

    def __init__(self, rows: Rows, source_id: str, plain: Translator) -> None:
        super().__init__(rows, source_id, [], plain)

    def hook(self, node: exp.Expression) -> Expr | None:
        found = super().hook(node)
        if not (isinstance(found, ColumnRef) and found.source == self.id):
            return found
        if found.type.kind is Kind.UNIT:
            raise Unsupported(
                "a subquery used as a value selects an aggregate", hint="leave the unit key out"
            )
        missing = replace(found, nullable=True, per_unit=None)
        aggregate = self.aggregates[int(found.name[1:])]
        return typed.coalesce([missing, typed.number(Fraction(0))]) if aggregate.kind in _COUNTS else missing


def _links(reaching: list[Expr], inner: Part, outer: Part) -> list[Call]:
    """Return the equalities that reach outside, the side outside on the left.

    Raises:
        Unsupported: where nothing, or more than equalities, reaches outside.
        JoinNotAllowed: where no equality of units is among them.
    """
    around, within = {s.id for s in outer.sources}, {s.id for s in inner.sources}
    if not reaching:
        raise Unsupported(
            "a subquery over everybody is not compared with rows or used in them",
            hint="ask it first, then write its value; or link it to the same unit: WHERE inner.unit = outer.unit",
        )
    found: list[Call] = []
    for one in reaching:
        read = sources_of(one)
        if read - around - within or not read & within:
            raise Unsupported(
                "a condition of the subquery does not compare it with the query right around it",
                hint="write inner.x = outer.x, or move the condition outside",
            )
        call = sided(one, around, within)
        if call.function != "eq":
            raise Unsupported(
                "a subquery used as a value is compared with the rows outside by equality alone",
                hint="write inner.x = outer.x; other comparisons are answered inside EXISTS",
            )
        found.append(call)
    private: list[Source] = [s for s in outer.sources if is_private(s)]
    if not any(links_units(one, s, private) for one in found for s in inner.sources if is_private(s)):
        raise JoinNotAllowed(
            "a subquery over private rows is not linked to the same unit: it would compare people with each other",
            hint="write WHERE inner.unit = outer.unit AND ... inside it",
        )
    return found


def _is_of_units(equality: Call) -> bool:
    return all(side.type.kind is Kind.UNIT for side in equality.args)


def _outer_on(on: list[Call], keys: list[Call], group: "_Looked") -> Iterator[Call]:
    """Yield the conditions of the join: the sides outside against the unit and the keys of the aggregates."""
    for one in on:
        outer, inner = one.args
        name = "_unit" if _is_of_units(one) else f"k{keys.index(one)}"
        column = inner.column if isinstance(inner, ColumnRef) else None
        yield replace(
            one, args=(outer, ColumnRef(group.id, name, inner.type, inner.range, inner.reach, True, column))
        )


def _check_inner(group: _Looked, inner: Part) -> None:
    """Refuse aggregates that read rows outside."""
    within = {s.id for s in inner.sources}
    if any(sources_of(e) - within for a in group.aggregates for e in a.expressions):
        raise Unsupported(
            "an aggregate inside a subquery reads columns of the query around it",
            hint="subtract or compare outside: x - (SELECT AVG(f.x) ...)",
        )
