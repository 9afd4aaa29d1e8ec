"""FROM and WHERE: relations are flattened to one list of sources with conditions, and the unit is followed.

Every private source carries exactly one hidden unit. Two private sources are joined only where the query says
unit = unit or follows a declared foreign key, and then the join also compares the hidden units, so that a joined
row always belongs to one unit (SECURITY.md rules 8 and 9).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from jali.model.codes import AmbiguousName, JoinNotAllowed, NotPrivate, TooLarge, Unsupported
from jali.model.errors import JaliError, Place
from jali.model.schema import Catalog, Table
from jali.model.types import BOOLEAN, Kind
from jali.sql import ranges
from jali.sql.expressions import Translator
from jali.sql.scope import Scope, only, place_of, unknown_table
from jali.sql.tree import (
    Call,
    ColumnRef,
    Expr,
    Join,
    PerUnit,
    Range,
    Rows,
    Scan,
    Source,
    columns_of,
    is_private,
)

MOST_SOURCES = 16
"""Most relations joined in one SELECT."""

_IDENTIFIERS = frozenset({Kind.UNIT, Kind.IDENTIFIER})


@dataclass(slots=True)
class Context:
    """What is known while one text is read: the catalogue, the common table expressions, and the next free id."""

    catalog: Catalog
    text: str
    ctes: dict[str, exp.Expression] = field(default_factory=dict[str, exp.Expression])
    active: tuple[str, ...] = ()
    counter: list[int] = field(default_factory=lambda: [0])

    def fresh(self) -> str:
        """Return a new source id."""
        self.counter[0] += 1
        return f"t{self.counter[0]}"


@dataclass(slots=True)
class Part:
    """A flattened relation under construction: sources in join order, and conditions not yet placed."""

    first: Source
    joins: list[Join]
    conditions: list[Expr]
    columns: dict[str, Expr]
    is_plain: bool = True
    places: dict[str, Place | None] = field(default_factory=dict[str, "Place | None"])

    def placed(self, error: JaliError, source: Source) -> JaliError:
        """Return the error at the place where a source stands in the text, if it has none yet."""
        error.place = error.place or self.places.get(source.id)
        return error


def range_of_column(table: Table, name: str) -> Range:
    """Return the declared bounds of a column as a range."""
    column = table.column(name)
    if column is None or column.bounds is None:
        return Range()
    return Range(column.bounds.lower, column.bounds.upper)


def scan(table: Table, source_id: str) -> Part:
    """Return a table as a relation with one expression per declared column."""
    columns: dict[str, Expr] = {
        c.name.lower(): ColumnRef(
            source_id,
            c.name,
            c.type,
            range_of_column(table, c.name),
            ranges.reach_of(c.type),
            not c.required and c.type.kind is not Kind.UNIT,  # rows without a unit never land
            c,
            c.per_unit_upper,
        )
        for c in table.columns
    }
    return Part(Scan(source_id, table), [], [], columns)


def conjuncts(node: exp.Expression | None) -> Iterator[exp.Expression]:
    """Yield the parts of a condition joined by AND."""
    waiting = [node] if node is not None else []
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, exp.Paren):
            waiting.insert(0, one.this)
        elif isinstance(one, exp.And):
            waiting[:0] = [one.this, one.expression]
        else:
            yield one


def condition(translate: Translator, node: exp.Expression) -> Expr:
    """Return one conjunct; an equality of two identifiers is a join condition and nothing else."""
    if (
        isinstance(node, exp.EQ)
        and isinstance(node.this, exp.Column)
        and isinstance(node.expression, exp.Column)
    ):
        left, right = translate(node.this), translate(node.expression)
        if left.type.kind in _IDENTIFIERS and left.type == right.type:
            return Call("eq", (left, right), BOOLEAN)
    found = translate(node)
    if found.type.kind is not Kind.BOOLEAN:
        raise Unsupported(
            "a condition must be true or false",
            hint="compare it with something",
            place=place_of(node, translate.text),
        )
    return found


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
    if node.args.get("db") is not None and node.args["db"].name.lower() not in {"main", "public"}:
        raise unknown_table(
            f"{node.args['db'].name}.{node.name}", context.catalog, place_of(node, context.text)
        )
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
    if len(inner.active) > 20 or context.counter[0] > 60:  # noqa: PLR2004  # far beyond any real query
        raise Unsupported("the query uses more than 60 relations", hint="simplify it")
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
    translate = Translator(scope, context.text)
    where = select.args.get("where")
    part.conditions += [condition(translate, c) for c in conjuncts(where.this if where is not None else None)]
    return scope, _place_conditions(part, is_whole=is_whole)


def _join(node: exp.Expression, part: Part, scope: Scope, context: Context) -> None:
    only(node, "this", "side", "kind", "on", "using")
    side = str(node.args.get("side") or "").upper()
    kind = str(node.args.get("kind") or "").upper()
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


def _using(node: exp.Expression, alias: str, scope: Scope, context: Context) -> list[Expr]:
    on: list[Expr] = []
    for identifier in node.args.get("using") or []:
        place = place_of(identifier, context.text)
        name = identifier.name.lower()
        right = scope.resolve(alias, name, place)
        others = Scope({a: c for a, c in scope.relations.items() if a != alias}, scope.merged)
        left = others.resolve(None, name, place)
        scope.merged.add(name)
        if left.type.kind in _IDENTIFIERS and left.type == right.type:
            on.append(Call("eq", (left, right), BOOLEAN))
        else:
            from jali.sql.typed import compare

            on.append(compare("eq", left, right))
    return on


def _inner_join(part: Part, right: Part, on: list[Expr]) -> None:
    part.joins.append(Join("inner", right.first, ()))
    part.joins += right.joins
    part.conditions += [*right.conditions, *on]


def _left_join(part: Part, right: Part, on: list[Expr], scope: Scope, alias: str) -> None:
    if right.joins or not right.is_plain:
        raise JoinNotAllowed(
            "the right side of a LEFT JOIN must be a table or a plain subquery of one",
            hint="join the tables one by one",
        )
    earlier = [part.first, *(j.right for j in part.joins)]
    if is_private(right.first) and not any(is_private(s) for s in earlier):
        raise JoinNotAllowed(
            "a public table cannot keep all its rows against a private one: unmatched rows would tell who is absent",
            hint="put the private table on the left, or use an inner join",
        )
    _check_link(right.first, earlier, on)
    part.joins.append(Join("left", right.first, (*on, *right.conditions)))
    scope.relations[alias] = {n: _nullable(e) for n, e in right.columns.items()}


def _nullable(expression: Expr) -> Expr:
    if isinstance(expression, ColumnRef):
        return ColumnRef(
            expression.source,
            expression.name,
            expression.type,
            expression.range,
            expression.reach,
            True,
            expression.column,
            expression.per_unit,
        )
    return expression


def _place_conditions(part: Part, *, is_whole: bool) -> Rows:
    """Attach each condition to the first inner join where all its columns exist; the rest filter the joined rows."""
    waiting = list(part.conditions)
    seen = {part.first.id}
    joins: list[Join] = []
    for join in part.joins:
        earlier: list[Source] = [part.first, *(j.right for j in joins)]
        seen.add(join.right.id)
        on = join.on
        if join.kind == "inner":
            fits = [(ids := _sources(c)) <= seen and join.right.id in ids for c in waiting]
            on = (*on, *(c for c, here in zip(waiting, fits, strict=True) if here))
            waiting = [c for c, here in zip(waiting, fits, strict=True) if not here]
            try:
                _check_link(join.right, earlier, list(on))
            except JaliError as error:
                raise part.placed(error, join.right) from None
        joins.append(Join(join.kind, join.right, on))
    rows = Rows(part.first, tuple(joins), tuple(waiting))
    if not is_whole:
        return rows
    if not any(is_private(s) for s in rows.sources):
        raise NotPrivate(
            "the query reads only public tables",
            hint="public tables need no private answer; read them directly",
        )
    _check_public_keys(rows, part)
    return rows


def _sources(expression: Expr) -> set[str]:
    return {c.source for c in columns_of(expression)}


def _check_link(right: Source, earlier: list[Source], on: list[Expr]) -> None:
    """Check that a join compares columns of both sides, and units where both are private.

    Raises:
        JoinNotAllowed: naming what is missing.
    """
    equalities = [c for c in on if right.id in {column.source for column in _columns_equated(c)}]
    if not equalities:
        raise JoinNotAllowed(
            "a join needs an equality between columns of both sides",
            hint="write JOIN ... ON a.key = b.key or USING (key)",
        )
    private = [s for s in earlier if is_private(s)]
    if is_private(right) and private and not any(_links_units(c, right, private) for c in equalities):
        raise JoinNotAllowed(
            "two private tables are joined off the unit path",
            hint="join them on the unit key, or along a foreign key the contract declares",
        )


def _columns_equated(condition: Expr) -> tuple[ColumnRef, ColumnRef] | tuple[()]:
    """Return the two columns of a plain equality of columns of two sources; nothing for any other condition."""
    if not (isinstance(condition, Call) and condition.function == "eq"):
        return ()
    a, b = condition.args
    if isinstance(a, ColumnRef) and isinstance(b, ColumnRef) and a.source != b.source:
        return a, b
    return ()


def _check_public_keys(rows: Rows, part: Part) -> None:
    """Check that every private row meets at most one row of each public table: each is joined on its whole primary key.

    The keys are followed outwards from the private tables, whatever the order in FROM: a public table is reached once
    every column of its key is compared with a table reached before. Keys are unique, which ingestion checks.

    Raises:
        JoinNotAllowed: naming the key; without it one row could meet every row of the public table.
    """
    reached = {s.id for s in rows.sources if is_private(s)}
    waiting = [s for s in rows.sources if isinstance(s, Scan) and s.table.is_public]
    pairs = [pair for join in rows.joins for pair in _constraints(join)]
    while waiting:
        found = next((s for s in waiting if _is_keyed(s, reached, pairs)), None)
        if found is None:
            names = {c.name.lower() for c in waiting[0].table.columns if c.is_primary_key}
            refusal = JoinNotAllowed(
                f"the public table {waiting[0].table.name} is joined on columns that are not its key",
                hint=f"join it on its primary key ({', '.join(sorted(names)) or 'none declared'})",
            )
            raise part.placed(refusal, waiting[0])
        reached.add(found.id)
        waiting.remove(found)


def _constraints(join: Join) -> Iterator[tuple[ColumnRef, ColumnRef]]:
    """Yield (column, what it must equal) of a join; the condition of a LEFT JOIN binds its right side alone."""
    for condition_ in join.on:
        pair = _columns_equated(condition_)
        for mine, other in (pair, pair[::-1]) if pair else ():
            if join.kind == "inner" or mine.source == join.right.id:
                yield mine, other


def _is_keyed(source: Scan, reached: set[str], pairs: list[tuple[ColumnRef, ColumnRef]]) -> bool:
    wanted = {c.name.lower() for c in source.table.columns if c.is_primary_key}
    given = {
        mine.name.lower() for mine, other in pairs if mine.source == source.id and other.source in reached
    }
    return bool(wanted) and wanted <= given


def _links_units(equality: Expr, right: Source, private: list[Source]) -> bool:
    a, b = _columns_equated(equality) or (None, None)
    if not (isinstance(a, ColumnRef) and isinstance(b, ColumnRef)):
        return False
    by_id = {s.id: s for s in [*private, right]}
    if a.source == b.source or {a.source, b.source} - set(by_id):
        return False
    if a.type.kind is Kind.UNIT and b.type.kind is Kind.UNIT:
        return True
    return _is_foreign_key(by_id[a.source], a, by_id[b.source], b) or _is_foreign_key(
        by_id[b.source], b, by_id[a.source], a
    )


def _is_foreign_key(child: Source, a: ColumnRef, parent: Source, b: ColumnRef) -> bool:
    if isinstance(child, PerUnit) or isinstance(parent, PerUnit):
        return False
    return any(
        key.column.lower() == a.name.lower()
        and key.target_table.lower() == parent.table.name.lower()
        and key.target_column.lower() == b.name.lower()
        for key in child.table.foreign_keys
    )
