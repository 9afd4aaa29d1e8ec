"""SQL text to `Query`: the first station of the road."""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from fractions import Fraction

from sqlglot import exp
from sqlglot.errors import ParseError

from jali.model.codes import IdentifierUse, NotSql, RowsAsked, TooLarge, Unsupported
from jali.model.errors import JaliError, Place
from jali.model.schema import Catalog
from jali.model.types import INTEGER, REAL, Kind, Type
from jali.sql import bounded, typed
from jali.sql.aggregates import (
    INTERVALS,
    PAIRS,
    QUANTILES,
    SPREADS,
    Written,
    is_aggregate,
    own_aggregates,
    read_aggregate,
)
from jali.sql.expressions import Translator
from jali.sql.front import look
from jali.sql.grouping import grouping_sets, keys_of, unaliased
from jali.sql.marks import MOST_LEVELS, Marks, check_size
from jali.sql.parts import Context, conjuncts
from jali.sql.relations import MOST_SOURCES, from_clause, with_clause
from jali.sql.released import named_windows, window_of
from jali.sql.scope import Scope, only, place_of
from jali.sql.shares import one_question
from jali.sql.tree import (
    Aggregate,
    Asked,
    ColumnRef,
    Expr,
    Literal,
    Named,
    Order,
    Query,
    ReleasedWindow,
    Rows,
    aggregate_ref,
    columns_of,
    depth_of,
    grouping_ref,
    inside,
    key_ref,
    walk,
)
from jali.sql.work import MOST_CHARACTERS, characters_of, computed

MOST_OUTPUTS = 200
MOST_KEYS = 8
MOST_AGGREGATES = 50
MOST_NODES = 20_000
REAL_STEP = Fraction(1, 10**6)
"""Grid on which doubles are summed: six decimals."""

DIALECTS = ("duckdb", "postgres")

logging.getLogger("sqlglot").setLevel(logging.CRITICAL + 1)  # it would log query text


def parse(text: str, catalog: Catalog, dialect: str = "duckdb") -> Query:
    """Return the question a text asks.

    Args:
        text: one SELECT, with our own words around it (`EXPLAIN PRIVACY`, `WITH ACCURACY`, `EPSILON`).
        catalog: the declared tables; nothing else exists.
        dialect: duckdb or postgres.

    Raises:
        JaliError: J1xx or J3xx, pointing at the place; never anything else.
    """
    if dialect not in DIALECTS:
        raise Unsupported(
            f"the dialect {dialect[:30]!r} is not read", hint="dialects: " + ", ".join(DIALECTS)
        )
    asked = look(text)
    try:
        with _room_to_nest():
            return _query(_select(asked.sql, dialect), asked, catalog)
    except JaliError:
        raise
    except RecursionError:
        raise TooLarge("the query is nested too deeply", hint="flatten it") from None
    except Exception:  # noqa: BLE001  # a text nobody thought of is a refusal, not a crash
        raise NotSql(
            "the text cannot be read as a question", hint="simplify it, and report it: it is a bug"
        ) from None


MOST_FRAMES = 8_000
"""Python frames the parser and we may nest: enough for 100 levels, and Python frames do not use the C stack."""


@contextmanager
def _room_to_nest() -> Generator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, MOST_FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _select(sql: str, dialect: str) -> exp.Select:
    try:
        found = bounded.statements(sql, dialect)
    except (RecursionError, JaliError):
        raise
    except ParseError as error:
        raise _parse_error(error, sql) from None
    except Exception:  # noqa: BLE001  # whatever the parser does on hostile text is a refusal
        raise NotSql("the text cannot be read as SQL", hint="send one SELECT") from None
    statements = [s for s in found if s is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        word = sql.split(maxsplit=1)[0].upper()[:20]
        if isinstance(statements[0] if statements else None, exp.SetOperation):
            raise Unsupported(
                "UNION and other set operations of answers are not answered",
                hint="ask the parts one by one, or write FROM (SELECT ... UNION ALL SELECT ...) and aggregate that",
            )
        hint = "write EXPLAIN PRIVACY SELECT ..." if word == "EXPLAIN" else "send one SELECT"
        raise NotSql(f"only SELECT is answered; this starts with {word}", hint=hint)
    check_size(statements[0])
    if dialect == "postgres":
        _write_escapes(statements[0])
    return statements[0]


def _write_escapes(select: exp.Select) -> None:
    """Write out that the patterns of Postgres escape by a backslash where they name no other sign."""
    for node in list(select.find_all(exp.Like, exp.ILike)):
        if not isinstance(node.parent, exp.Escape):
            escape = exp.Literal.string("\\")
            node.replace(exp.Escape(this=node.copy(), expression=escape))


def _parse_error(error: ParseError, sql: str) -> NotSql:
    first = error.errors[0] if error.errors else {}
    highlight, before = str(first.get("highlight") or ""), str(first.get("start_context") or "")
    start = sql.find(before + highlight) + len(before) if highlight and before + highlight in sql else -1
    place = Place(sql, start, len(highlight)) if start >= 0 else None
    return NotSql("the text is not valid SQL here", hint="check the spelling and the brackets", place=place)


class _Reader:
    """Reads the outputs of one grouped SELECT: collects aggregates and recognises keys."""

    def __init__(self, scope: Scope, text: str) -> None:
        self.plain = Translator(scope, text, memo={})
        self.text = text
        self.keys: list[Named] = []
        self.aggregates: list[Aggregate] = []
        self.aliases: dict[str, Expr] = {}
        self.levels: tuple[tuple[int, ...], ...] = ()
        self.in_order = False
        self.windows: list[ReleasedWindow] = []
        self.named_windows: dict[str, exp.Expression] = {}
        released = Scope(scope.relations, scope.merged)  # what rows look up is no released value
        self.post = Translator(released, text, self.hook)
        self.marks = Marks(self._is_alias)

    def read(self, node: exp.Expression) -> Expr:
        """Return what a part of the SELECT stands for, over released values."""
        self.marks = Marks(self._is_alias)
        return self.post(node)

    def hook(self, node: exp.Expression) -> Expr | None:
        if isinstance(node, exp.Window):
            return self._window(node)
        if isinstance(node, exp.Grouping | exp.GroupingId):
            return self._grouping(node)
        if is_aggregate(node):
            return self._measure(node)
        if isinstance(node, exp.Anonymous) and str(node.this).lower() in INTERVALS:
            return self._interval(node)
        if isinstance(node, exp.Literal | exp.Null | exp.Boolean):
            return None
        if isinstance(node, exp.Column) and self._is_alias(node):
            return self.aliases[node.name.lower()]
        return self._key(node) if self.marks.may_be_key(node) else None

    def _window(self, node: exp.Window) -> Expr:
        window = window_of(node, self.named_windows, self.post)
        if window not in self.windows:
            self.windows.append(window)
        if len(self.windows) > MOST_AGGREGATES:
            raise TooLarge(f"more than {MOST_AGGREGATES} windows", hint="split the query")
        return aggregate_ref(self.windows.index(window), window.type, "#win")

    def _grouping(self, node: exp.Expression) -> Expr:
        """Return GROUPING(a, b): a bit for each key, 1 where the row adds up over it, the first key highest."""
        only(node, "expressions")
        found: Expr | None = None
        for one in node.expressions:
            key = self.post(one)
            if not (isinstance(key, ColumnRef) and key.source == "#key"):
                raise Unsupported(
                    "GROUPING takes keys of GROUP BY",
                    hint="write GROUPING(a)",
                    place=place_of(node, self.text),
                )
            bit: Expr = grouping_ref(int(key.name))
            twice = None if found is None else typed.arithmetic("mul", found, typed.number(Fraction(2)))
            found = bit if twice is None else typed.arithmetic("add", twice, bit)
        if found is None:
            raise Unsupported("GROUPING takes keys of GROUP BY", hint="write GROUPING(a)")
        return found

    def _key(self, node: exp.Expression) -> Expr | None:
        if not isinstance(node, exp.Column | exp.Func | exp.Binary | exp.Unary | exp.Condition):
            return None
        expression = self.plain(node)
        for index, key in enumerate(self.keys):
            if key.expression == expression:
                return key_ref(index, expression)
        if isinstance(node, exp.Column):
            raise self._not_a_key(node, expression)
        return None

    def _is_alias(self, node: exp.Column) -> bool:
        """Return whether a name stands for an output: a key of the same name wins, except in ORDER BY."""
        name = node.name.lower()
        if node.table or name not in self.aliases:
            return False
        inputs = [columns[name] for columns in self.plain.scope.relations.values() if name in columns]
        return self.in_order or not any(key.expression in inputs for key in self.keys)

    def _not_a_key(self, node: exp.Column, expression: Expr) -> JaliError:
        place = place_of(node, self.text)
        if expression.type.kind in {Kind.UNIT, Kind.IDENTIFIER}:
            return IdentifierUse(
                f"{node.name} identifies a person or thing and is never shown",
                hint=f"COUNT(DISTINCT {node.name}) counts them",
                place=place,
            )
        return RowsAsked(
            f"{node.name} is neither grouped nor aggregated: that would show rows",
            hint="aggregate it, or add it to GROUP BY",
            place=place,
        )

    def _measure(self, node: exp.Expression) -> Expr:
        if own_aggregates(node) > 1:
            raise Unsupported(
                "an aggregate inside an aggregate is not answered",
                hint="aggregate per unit in a subquery",
                place=place_of(node, self.text),
            )
        aggregate = self._aggregate(node)
        for index, known in enumerate(self.aggregates):
            if known == aggregate:
                return aggregate_ref(index, aggregate.type)
        if len(self.aggregates) >= MOST_AGGREGATES:
            raise TooLarge(f"more than {MOST_AGGREGATES} aggregates", hint="split the query")
        self.aggregates.append(aggregate)
        return aggregate_ref(len(self.aggregates) - 1, aggregate.type)

    def _aggregate(self, node: exp.Expression) -> Aggregate:
        written = read_aggregate(node, self.plain)
        kind, arg, where = written.kind, written.arg, written.where
        if arg is None:
            if kind != "count":
                raise Unsupported("only COUNT takes *", hint="name a column")
            return Aggregate("count", None, where, INTEGER)
        if kind == "count_distinct":
            if not columns_of(arg) or arg.type.kind is Kind.REAL:
                raise Unsupported(
                    "COUNT(DISTINCT x) takes a column or an exact expression of columns",
                    hint="ROUND a double first",
                )
            return Aggregate("count_units" if arg.type.kind is Kind.UNIT else kind, arg, where, INTEGER)
        if kind == "count":
            if arg.type.kind in {Kind.UNIT, Kind.IDENTIFIER}:
                raise IdentifierUse(
                    "an identifier is only counted distinct",
                    hint="use COUNT(*) for rows, COUNT(DISTINCT key) for units",
                )
            return Aggregate("count", arg, where, INTEGER)
        return _of_numbers(written, arg)

    def _interval(self, node: exp.Anonymous) -> Expr:
        if len(node.expressions) != 1:
            raise Unsupported("interval functions take one argument", hint="write DP_INTERVAL_LOW(SUM(x))")
        inner = self.post(node.expressions[0])
        if not (isinstance(inner, ColumnRef) and inner.source == "#agg"):
            raise Unsupported(
                "interval functions take an aggregate or an output column that is one",
                hint="write DP_INTERVAL_LOW(SUM(x))",
                place=place_of(node, self.text),
            )
        source = INTERVALS[str(node.this).lower()]
        return aggregate_ref(int(inner.name), REAL if source == "#sd" else inner.type, source)


def _of_numbers(written: Written, arg: Expr) -> Aggregate:
    kind, second = written.kind, written.second
    for one in (arg, second):
        if one is not None:
            typed.require(one, typed.NUMERIC, kind.upper())
    if kind in SPREADS | PAIRS:
        return Aggregate(kind, arg, written.where, REAL, second)
    step = arg.type.step if arg.type.kind is Kind.NUMBER else REAL_STEP
    if kind in QUANTILES:
        fine = step / 100 if kind == "quantile_cont" else step
        return Aggregate(kind, arg, written.where, Type(Kind.NUMBER, fine), rank=written.rank)
    return Aggregate(kind, arg, written.where, Type(Kind.NUMBER, step if kind == "sum" else step / 100))


_CLAUSES = (
    "distinct", "expressions", "from_", "joins", "where", "group", "having", "windows", "qualify", "order", "limit",
    "offset", "with_",
)  # fmt: skip
_CLAUSE_HINTS = {
    "sample": "sampling is not answered",
    "kind": "select columns",
}


def _query(select: exp.Select, asked: Asked, catalog: Catalog) -> Query:
    for clause, hint in _CLAUSE_HINTS.items():
        if select.args.get(clause):
            raise Unsupported(f"SELECT with {clause.upper()} is not answered", hint=hint)
    only(select, *_CLAUSES)
    select = one_question(select)
    context = with_clause(select, Context(catalog, asked.sql))
    scope, rows = from_clause(select, context)
    if len(select.expressions) > MOST_OUTPUTS:
        raise TooLarge(f"more than {MOST_OUTPUTS} output columns", hint="split the query")
    reader = _Reader(scope, asked.sql)
    reader.named_windows = named_windows(select)
    _read_keys(select, reader)
    outputs = _read_outputs(select, reader)
    having = _condition(select, "having", reader)
    if having is not None and any(isinstance(x, ColumnRef) and x.source == "#win" for x in walk(having)):
        raise Unsupported("HAVING comes before windows", hint="write QUALIFY")
    qualify = _condition(select, "qualify", reader)
    if qualify is not None and not reader.windows:
        raise Unsupported("QUALIFY without a window is not answered", hint="write HAVING")
    order = _order(select, reader, outputs)
    if select.args.get("distinct") is not None:
        _check_distinct(order, outputs)
    if not reader.aggregates and not reader.keys:
        raise RowsAsked(
            "the query has no aggregate: it would show rows", hint="add COUNT(*), SUM(x) or another aggregate"
        )
    query = Query(
        text=asked.sql,
        rows=rows,
        keys=tuple(reader.keys),
        aggregates=tuple(reader.aggregates),
        outputs=outputs,
        having=having,
        order=order,
        limit=_count(select, "limit"),
        offset=_count(select, "offset") or 0,
        asked=asked,
        windows=tuple(reader.windows),
        qualify=qualify,
        levels=reader.levels,
        is_distinct=select.args.get("distinct") is not None,
    )
    _check_size(query)
    return query


def _read_keys(select: exp.Select, reader: _Reader) -> None:
    group = select.args.get("group")
    if group is None and not _lists_keys(select):
        return
    group = group if group is not None else exp.Group(expressions=[unaliased(i) for i in select.expressions])
    sets = [
        [
            _read_key(name, expression, group, reader)
            for name, expression in keys_of(nodes, select.expressions, reader.plain)
        ]
        for nodes in grouping_sets(group, select.expressions)
    ]
    if reader.keys and (len(sets) > 1 or len(set(sets[0])) < len(reader.keys)):
        reader.levels = tuple(tuple(sorted(set(one))) for one in sets)


def _read_key(name: str, expression: Expr, group: exp.Expression, reader: _Reader) -> int:
    """Return the index of a key, known or new."""
    _check_key(expression, place_of(group, reader.text))
    known = [k.expression for k in reader.keys]
    if expression in known:
        return known.index(expression)
    reader.keys.append(Named(name, expression))
    if len(reader.keys) > MOST_KEYS:
        raise TooLarge(f"more than {MOST_KEYS} keys", hint="group by fewer columns")
    return len(reader.keys) - 1


def _lists_keys(select: exp.Select) -> bool:
    """Return whether this is SELECT DISTINCT of columns and expressions: the question which keys there are."""
    distinct = select.args.get("distinct")
    if distinct is None:
        return False
    only(distinct)
    return all(i.find(exp.AggFunc, exp.Window, exp.Star) is None for i in select.expressions)


def _check_distinct(order: tuple[Order, ...], outputs: tuple[Named, ...]) -> None:
    """Refuse an order by what SELECT DISTINCT does not show: equal rows may differ in it."""
    shown = [o.expression for o in outputs]
    if any(o.expression not in shown for o in order):
        raise Unsupported(
            "ORDER BY with SELECT DISTINCT takes output columns", hint="add the expression to SELECT"
        )


def _check_key(expression: Expr, place: Place | None) -> None:
    if expression.type.kind in {Kind.UNIT, Kind.IDENTIFIER}:
        raise IdentifierUse(
            "an identifier cannot be a key of the answer",
            hint="group by a column that describes many",
            place=place,
        )
    if isinstance(expression, Literal):
        raise Unsupported(
            "GROUP BY takes columns and expressions of columns", hint="leave constants out", place=place
        )
    if expression.type.kind is Kind.REAL:
        raise Unsupported("a key must be exact, not a double", hint="FLOOR or ROUND it", place=place)


def _read_outputs(select: exp.Select, reader: _Reader) -> tuple[Named, ...]:
    outputs: list[Named] = []
    for index, item in enumerate(select.expressions, 1):
        inner = unaliased(item)
        if isinstance(inner, exp.Star):
            raise RowsAsked(
                "SELECT * would show rows",
                hint="name aggregates, such as COUNT(*)",
                place=place_of(item, reader.text),
            )
        expression = reader.read(inner)
        if isinstance(expression, Literal):
            raise Unsupported(
                "a constant is not an answer", hint="leave it out", place=place_of(item, reader.text)
            )
        name = item.alias_or_name if isinstance(item, exp.Alias | exp.Column) else ""
        name = name or (inner.sql_name().lower() if isinstance(inner, exp.Func) else f"column{index}")
        outputs.append(Named(name, expression))
        if isinstance(item, exp.Alias):
            reader.aliases.setdefault(item.alias.lower(), expression)
    return tuple(outputs)


def _condition(select: exp.Select, name: str, reader: _Reader) -> Expr | None:
    """Return HAVING or QUALIFY."""
    clause = select.args.get(name)
    if clause is None:
        return None
    parts = [reader.read(c) for c in conjuncts(clause.this)]
    for part in parts:
        typed.require(part, frozenset({Kind.BOOLEAN}), name.upper())
    return parts[0] if len(parts) == 1 else typed.boolean("and", tuple(parts))


def _order(select: exp.Select, reader: _Reader, outputs: tuple[Named, ...]) -> tuple[Order, ...]:
    clause = select.args.get("order")
    if clause is None:
        return ()
    only(clause, "expressions")
    reader.in_order = True
    found: list[Order] = []
    for node in clause.expressions:
        only(node, "this", "desc", "nulls_first")
        inner = node.this
        ends = bool(node.args.get("desc")), bool(node.args.get("nulls_first"))
        if isinstance(inner, exp.Var) and inner.name.upper() == "ALL" and len(clause.expressions) == 1:
            return tuple(Order(output.expression, *ends) for output in outputs)
        if isinstance(inner, exp.Literal) and not inner.args.get("is_string"):
            position = int(str(inner.this)) if str(inner.this).isdigit() else 0
            if not 1 <= position <= len(outputs):
                raise Unsupported(
                    "ORDER BY names a position that does not exist", hint="count SELECT items from 1"
                )
            expression = outputs[position - 1].expression
        else:
            expression = reader.read(inner)
        found.append(Order(expression, *ends))
    return tuple(found)


def _count(select: exp.Select, clause: str) -> int | None:
    node = select.args.get(clause)
    if node is None:
        return None
    only(node, "expression")
    value = str(node.expression.this) if isinstance(node.expression, exp.Literal) else ""
    if not value.isdigit() or len(value) > 9:  # noqa: PLR2004  # a billion rows is no answer
        raise Unsupported(f"{clause.upper()} takes a plain whole number", hint=f"write {clause.upper()} 10")
    return int(value)


def _check_size(query: Query) -> None:
    """Refuse what would be too large or too deep when written out: subqueries can double it at each level."""
    _check_relations(query.rows)
    total = 0
    for expression in (*computed(query), *query.released):
        for _ in walk(expression):
            total += 1
            if total > MOST_NODES:
                raise TooLarge(
                    "the query is too large when its subqueries are written out", hint="simplify it"
                )
        if depth_of(expression) > MOST_LEVELS:
            raise TooLarge(f"an expression is nested deeper than {MOST_LEVELS}", hint="simplify it")
    if (characters := characters_of(query)) > MOST_CHARACTERS:
        raise TooLarge(
            f"functions of text would read up to {characters} characters of every row; at most {MOST_CHARACTERS}",
            hint="compare with = or IN, use fewer functions, or have a shorter maxLength declared for the column",
        )


def _check_relations(rows: Rows) -> None:
    if len(rows.sources) + len(rows.semis) > MOST_SOURCES:
        raise TooLarge(
            f"more than {MOST_SOURCES} relations are joined", hint="aggregate per unit in a subquery first"
        )
    for source in rows.sources:
        for rows_inside in inside(source):
            _check_relations(rows_inside)
    for semi in rows.semis:
        _check_relations(semi.rows)
