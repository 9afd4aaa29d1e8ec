"""FROM and WHERE: relations are flattened to one list of sources with conditions, and the unit is followed.

Every private source carries exactly one hidden unit. Two private sources are joined only where the query says
unit = unit or follows a declared foreign key, and then the join also compares the hidden units, so that a joined
row always belongs to one unit (SECURITY.md rules 8 and 9).
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from jali.model.codes import AmbiguousName, JoinNotAllowed, NotPrivate, TooLarge, Unsupported
from jali.model.errors import JaliError
from jali.sql.expressions import Translator
from jali.sql.links import check_link, check_public_keys
from jali.sql.parts import Context, Part, condition, conjuncts, equated, scan
from jali.sql.scope import Scope, only, place_of, unknown_table
from jali.sql.tree import ColumnRef, Expr, Join, Rows, Source, columns_of, is_private

MOST_SOURCES = 16
"""Most relations joined in one SELECT."""


def table_source(node: exp.Expression, context: Context) -> tuple[str, Part]:
    """Return the alias and the relation of one FROM item."""
    from jali.sql.subqueries import subquery

    if isinstance(node, exp.Subquery):
        only(node, "this", "alias")
        alias = node.alias or context.fresh()
        return alias.lower(), subquery(node.this, context, _alias_columns(node))
    if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
        raise Unsupported(
            "FROM takes tables and subqueries",
            hint="table functions and files are not answered",
            place=place_of(node, context.text),
        )
    only(node, "this", "alias", "db")
    if node.args.get("db") is not None and node.db.lower() not in {"main", "public"}:
        raise unknown_table(f"{node.db}.{node.name}", context.catalog, place_of(node, context.text))
    name = node.name.lower()
    alias = (node.alias or name).lower()
    if name in context.ctes and node.args.get("db") is None:
        return alias, _common(name, node, context)
    table = context.catalog.table(name)
    if table is None:
        raise unknown_table(node.name, context.catalog, place_of(node, context.text))
    if _alias_columns(node):
        raise Unsupported("renaming columns in FROM is answered only for subqueries", hint="use AS in SELECT")
    return alias, scan(table, context.fresh())


def _common(name: str, node: exp.Expression, context: Context) -> Part:
    from jali.sql.subqueries import subquery

    if name in context.active:
        raise Unsupported(
            "a common table expression cannot refer to itself", hint="recursion is not answered"
        )
    inner = Context(context.catalog, context.text, context.ctes, (*context.active, name), context.counter)
    if len(inner.active) > 20:  # noqa: PLR2004  # far beyond any real query
        raise Unsupported("common table expressions are nested more than 20 deep", hint="simplify the query")
    return subquery(context.ctes[name], inner, _alias_columns(node))


def _alias_columns(node: exp.Expression) -> tuple[str, ...]:
    alias = node.args.get("alias")
    return tuple(c.name for c in alias.args.get("columns") or ()) if alias is not None else ()


def with_clause(select: exp.Expression, context: Context) -> Context:
    """Return the context with the common table expressions of a WITH clause added."""
    clause = select.args.get("with_")
    if clause is None:
        return context
    if clause.args.get("recursive"):
        raise Unsupported("WITH RECURSIVE is not answered", hint="write the query without recursion")
    ctes = dict(context.ctes)
    for cte in clause.expressions:
        only(cte, "this", "alias")
        name = cte.alias.lower()
        if context.catalog.table(name) is not None or name in ctes:
            raise AmbiguousName(
                f"{name} already names a table or expression", hint="choose another name in WITH"
            )
        if _alias_columns(cte):
            raise Unsupported("WITH name(columns) is not answered", hint="name the columns with AS inside")
        ctes[name] = cte.this
    return Context(context.catalog, context.text, ctes, context.active, context.counter)


def from_clause(select: exp.Expression, context: Context, *, is_whole: bool = True) -> tuple[Scope, Rows]:
    """Return the names and the joined, filtered rows of a SELECT.

    Args:
        select: the SELECT.
        context: what is known around it.
        is_whole: False for a plain subquery, whose rows are joined with others before anybody counts on them.

    Raises:
        JaliError: for joins that are not answered or not bounded to one unit.
    """
    scope, part = tables(select, context)
    add_conditions(select, scope, part, context)
    if not is_whole:
        return scope, place_conditions(part)
    if not any(is_private(s) for s in part.sources):
        raise NotPrivate(
            "the query reads only public tables",
            hint="public tables need no private answer; read them directly",
        )
    return scope, whole(part)


def whole(part: Part) -> Rows:
    """Return a finished relation, with every public table joined on its key.

    Raises:
        JoinNotAllowed: where one is not.
    """
    rows = place_conditions(part)
    check_public_keys(rows, part)
    return rows


def tables(select: exp.Expression, context: Context) -> tuple[Scope, Part]:
    """Return the names and the joined relations of FROM, before WHERE."""
    clause = select.args.get("from_")
    if clause is None:
        raise NotPrivate("the query reads no table", hint="add FROM")
    alias, part = table_source(clause.this, context)
    part.places.setdefault(part.first.id, place_of(clause.this, context.text))
    scope = Scope()
    scope.add(alias, part.columns)
    joins = select.args.get("joins") or []
    if len(joins) >= MOST_SOURCES:
        raise TooLarge(
            f"more than {MOST_SOURCES} relations are joined", hint="aggregate per unit in a subquery first"
        )
    for node in joins:
        _join(node, part, scope, context)
    return scope, part


def add_conditions(select: exp.Expression, scope: Scope, part: Part, context: Context) -> None:
    """Add the conditions of WHERE: IN and EXISTS with a subquery become semi joins, scalar subqueries lookups."""
    from jali.sql.lookups import read_lookups
    from jali.sql.semijoins import semi_of

    read_lookups(select, scope, part, context)
    translate = Translator(scope, context.text)
    where = select.args.get("where")
    for node in conjuncts(where.this if where is not None else None):
        found = semi_of(node, scope, part.sources, context)
        if found is None:
            part.conditions.append(condition(translate, node))
        else:
            part.semis.append(found.semi)
            part.conditions += found.outer


def _join(node: exp.Expression, part: Part, scope: Scope, context: Context) -> None:
    only(node, "this", "side", "kind", "on", "using")
    side = str(node.args.get("side") or "").upper()
    kind = str(node.args.get("kind") or "").upper()
    if not side and kind in {"SEMI", "ANTI"}:
        _semi_join(node, part, scope, context)
        return
    if side not in {"", "LEFT"} or kind not in {"", "INNER", "CROSS", "OUTER"}:
        shown = " ".join(x for x in (side, kind) if x)
        raise JoinNotAllowed(
            f"{shown} JOIN is not answered",
            hint="write an inner join, or a LEFT JOIN with the private table on the left",
            place=place_of(node, context.text),
        )
    alias, right = table_source(node.this, context)
    scope.add(alias, right.columns)
    part.places |= {right.first.id: place_of(node, context.text), **right.places}
    on = _using(node, alias, scope, context) + [
        condition(Translator(scope, context.text), c) for c in conjuncts(node.args.get("on"))
    ]
    try:
        if side == "LEFT":
            _left_join(part, right, on, scope, alias)
        else:
            _inner_join(part, right, on)
    except JaliError as error:
        error.place = error.place or place_of(node, context.text)
        raise


def _semi_join(node: exp.Expression, part: Part, scope: Scope, context: Context) -> None:
    from jali.sql.semijoins import semi_join

    alias, right = table_source(node.this, context)
    both = Scope(dict(scope.relations), set(scope.merged))
    both.add(alias, right.columns)
    on = _using(node, alias, both, context) + [
        condition(Translator(both, context.text), c) for c in conjuncts(node.args.get("on"))
    ]
    found = semi_join(node, right, on, part.sources, context)
    part.semis.append(found.semi)
    part.conditions += found.outer


def _using(node: exp.Expression, alias: str, scope: Scope, context: Context) -> list[Expr]:
    on: list[Expr] = []
    for identifier in node.args.get("using") or []:
        place = place_of(identifier, context.text)
        name = identifier.name.lower()
        right = scope.resolve(alias, name, place)
        others = Scope({a: c for a, c in scope.relations.items() if a != alias}, scope.merged)
        left = others.resolve(None, name, place)
        scope.merged.add(name)
        on.append(equated(left, right))
    return on


def _inner_join(part: Part, right: Part, on: list[Expr]) -> None:
    part.joins.append(Join("inner", right.first, ()))
    part.joins += right.joins
    part.semis += right.semis
    part.conditions += [*right.conditions, *on]


def _left_join(part: Part, right: Part, on: list[Expr], scope: Scope, alias: str) -> None:
    if right.joins or right.semis or not right.is_plain:
        raise JoinNotAllowed(
            "the right side of a LEFT JOIN must be a table or a plain subquery of one",
            hint="join the tables one by one, or aggregate that side per unit in its subquery",
        )
    earlier = part.sources
    if is_private(right.first) and not any(is_private(s) for s in earlier):
        raise JoinNotAllowed(
            "a public table cannot keep all its rows against a private one: unmatched rows would tell who is absent",
            hint="put the private table on the left, or use an inner join",
        )
    check_link(right.first, earlier, on)
    part.joins.append(Join("left", right.first, (*on, *right.conditions)))
    scope.relations[alias] = {n: _nullable(e) for n, e in right.columns.items()}


def _nullable(expression: Expr) -> Expr:
    if isinstance(expression, ColumnRef):
        return replace(expression, nullable=True)
    return expression


def place_conditions(part: Part) -> Rows:
    """Attach each condition to the first inner join where all its columns exist; the rest filter the joined rows."""
    waiting = list(part.conditions)
    seen = {part.first.id}
    joins: list[Join] = []
    for join in part.joins:
        earlier: Sequence[Source] = [part.first, *(j.right for j in joins)]
        seen.add(join.right.id)
        on = join.on
        if join.kind == "inner":
            fits = [(ids := sources_of(c)) <= seen and join.right.id in ids for c in waiting]
            on = (*on, *(c for c, here in zip(waiting, fits, strict=True) if here))
            waiting = [c for c, here in zip(waiting, fits, strict=True) if not here]
            try:
                check_link(join.right, earlier, on)
            except JaliError as error:
                raise part.placed(error, join.right) from None
        joins.append(replace(join, on=on))
    return Rows(part.first, tuple(joins), tuple(waiting), tuple(part.semis))


def sources_of(expression: Expr) -> set[str]:
    """Return the ids of the sources an expression reads."""
    return {c.source for c in columns_of(expression)}
