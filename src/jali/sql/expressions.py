"""From sqlglot's expression nodes to our typed expressions. A node without a rule here is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from sqlglot import exp

from jali.model.codes import FunctionNotAllowed, Unsupported, WrongType
from jali.model.errors import JaliError, Place
from jali.model.types import DATE, TEXT, TIMESTAMP, Kind
from jali.sql import dates, functions, intervals, texts, typed
from jali.sql.front import exact_number
from jali.sql.scope import Scope, all_of, only, place_of
from jali.sql.tree import Call, Expr, Literal

AggregateHook: TypeAlias = Callable[[exp.Expression], Expr | None]
"""Called first on every node; returns what the node stands for, or None to translate it as usual."""


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates nodes of one SELECT: names by `scope`, and whatever `hook` recognises (aggregates, keys).

    With a `memo` no node is translated twice; it holds the nodes too, so that their ids stay theirs.
    """

    scope: Scope
    text: str
    hook: AggregateHook | None = None
    memo: dict[int, tuple[exp.Expression, Expr]] | None = None

    def place(self, node: exp.Expression) -> Place | None:
        """Return where a node stands in the text."""
        return place_of(node, self.text)

    def __call__(self, node: exp.Expression) -> Expr:
        """Return the typed expression of a node.

        Raises:
            JaliError: a J1xx refusal that points at the node.
        """
        if self.memo is not None and (known := self.memo.get(id(node))) is not None:
            return known[1]
        try:
            found = self._translated(node)
        except JaliError as error:
            if error.place is None:
                error.place = self.place(node)
            raise
        if self.memo is not None:
            self.memo[id(node)] = (node, found)
        return found

    def _translated(self, node: exp.Expression) -> Expr:
        if self.hook is not None and (found := self.hook(node)) is not None:
            return found
        rule = _RULES.get(type(node))
        if rule is None:
            raise _refusal(node)
        return rule(self, node)


_SHOWN: dict[type[exp.Expression], str] = {
    exp.Interval: "an INTERVAL by itself",
    exp.Placeholder: "a parameter without its value",
    exp.Parameter: "a parameter without its value",
    exp.Collate: "COLLATE",
    exp.AtTimeZone: "AT TIME ZONE",
    exp.Rollup: "ROLLUP",
    exp.Cube: "CUBE",
    exp.GroupingSets: "GROUPING SETS",
    exp.Bracket: "x[...]",
    exp.Tuple: "a list in brackets",
    exp.Dot: "a field of a value",
    exp.Struct: "a struct",
    exp.Array: "a list",
    exp.Columns: "COLUMNS(...)",
    exp.Any: "ANY (SELECT ...)",
    exp.All: "ALL (SELECT ...)",
    exp.Var: "this word",
}
"""How parts of SQL are named in a refusal, where their class is not named as people write it."""


def _refusal(node: exp.Expression) -> JaliError:
    if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
        return _refusal(node.this)
    if (shown := _SHOWN.get(type(node))) is not None:
        return Unsupported(f"{shown} is not answered", hint="docs/reference/sql.md lists what is answered")
    if isinstance(node, exp.Anonymous):
        return FunctionNotAllowed(
            f"the function {str(node.this)[:40]} is not on the list", hint=_FUNCTION_HINT
        )
    if isinstance(node, exp.Subquery | exp.Select | exp.Query):
        return Unsupported(
            "a subquery is not answered here",
            hint="answered: in FROM, IN and EXISTS; as a value one aggregate of the same unit in WHERE or inside an "
            "aggregate, and a total of the same rows where nothing is grouped, else SUM(COUNT(*)) OVER (); "
            "ask others first and write their value",
        )
    if isinstance(node, exp.Window):
        return Unsupported(
            "a window over rows is not answered here",
            hint="windows are computed over released values, "
            "and in SELECT of a subquery in FROM, partitioned by the unit",
        )
    if isinstance(node, exp.AggFunc):
        return Unsupported(
            f"{node.sql_name()} is not answered here", hint="answered: COUNT, SUM, AVG over rows"
        )
    if isinstance(node, exp.Func):
        return FunctionNotAllowed(f"the function {node.sql_name()} is not on the list", hint=_FUNCTION_HINT)
    return Unsupported(
        f"{type(node).__name__} is not answered", hint="docs/reference/sql.md lists what is answered"
    )


def _semi_refusal(what: str) -> JaliError:
    return Unsupported(
        f"{what} is answered only as a condition of WHERE that AND joins to the others",
        hint="move it there, or count per unit in a subquery in FROM and compare that number",
    )


_FUNCTION_HINT = (
    "allowed: ABS, CEIL, COALESCE, CONCAT, CONTAINS, DATE_ADD, DATE_DIFF, DATE_TRUNC, DAY, DAYNAME, EXP, "
    "EXTRACT, FLOOR, GREATEST, HOUR, LAST_DAY, LEAST, LEFT, LENGTH, LN, LOG10, LOWER, MONTH, MONTHNAME, "
    "NULLIF, POWER, REPLACE, ROUND, SIGN, SPLIT_PART, SQRT, STARTS_WITH, SUBSTR, TIME_BUCKET, TRIM, UPPER, "
    "WIDTH_BUCKET, YEAR; docs/reference/functions.md has them all"
)


def _column(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "table")
    if isinstance(node.this, exp.Star):
        raise Unsupported("* stands for rows", hint="name the columns, inside aggregates")
    alias = node.args.get("table")
    return t.scope.resolve(alias.name if alias is not None else None, node.name, t.place(node))


def _literal(_t: Translator, node: exp.Expression) -> Expr:
    value = str(node.this)
    if node.args.get("is_string"):
        if len(value) > 1000:  # noqa: PLR2004  # no key or pattern is that long
            raise WrongType("a text constant is longer than 1000 characters", hint="shorten it")
        return typed.text(value)
    return typed.number(exact_number(value))


def _binary(function: Callable[[Expr, Expr], Expr]) -> "Rule":
    def rule(t: Translator, node: exp.Expression) -> Expr:
        only(node, "this", "expression", "typed", "safe", "negate")
        return function(t(node.this), t(node.expression))

    return rule


def _negatable(rule: "Rule") -> "Rule":
    """Return a rule that also reads NOT LIKE and IS NOT, which the parser keeps as a mark on the node."""

    def negated(t: Translator, node: exp.Expression) -> Expr:
        found = rule(t, node)
        return typed.boolean("not", (found,)) if node.args.get("negate") else found

    return negated


def _chain(function: str) -> "Rule":
    def rule(t: Translator, node: exp.Expression) -> Expr:
        parts: list[exp.Expression] = [node]
        if isinstance(node, exp.Connector):
            parts = [p for p in node.flatten(unnest=True) if isinstance(p, exp.Expression)]
        return typed.boolean(function, tuple(t(p) for p in parts))

    return rule


def _between(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "low", "high", "symmetric")
    value, low, high = t(node.this), t(node.args["low"]), t(node.args["high"])
    inside = _inside(value, low, high)
    return typed.boolean("or", (inside, _inside(value, high, low))) if node.args.get("symmetric") else inside


def _inside(value: Expr, low: Expr, high: Expr) -> Expr:
    return typed.boolean("and", (typed.compare("ge", value, low), typed.compare("le", value, high)))


def _in(t: Translator, node: exp.Expression) -> Expr:
    if node.args.get("query") is not None:
        raise _semi_refusal("IN (SELECT ...)")
    only(node, "this", "expressions")
    return typed.membership(t(node.this), tuple(t(one) for one in node.expressions))


def _scalar(t: Translator, node: exp.Expression) -> Expr:
    """Return what a subquery used as a value stands for, which `sql.lookups` read before."""
    found = t.scope.scalars.get(id(node))
    if found is None:
        raise _refusal(node)
    return found


def _exists(_t: Translator, _node: exp.Expression) -> Expr:
    raise _semi_refusal("EXISTS")


def _is(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "expression", "negate")
    value = t(node.this)
    if isinstance(node.expression, exp.Null):
        return typed.is_null(value)
    if isinstance(node.expression, exp.Boolean):
        wanted = bool(node.expression.this)
        typed.require(value, frozenset({Kind.BOOLEAN}), "IS TRUE")
        same = typed.compare("eq", value, typed.constant(wanted))
        return typed.coalesce([same, typed.constant(False)])
    raise Unsupported("IS takes NULL, TRUE or FALSE", hint="use = for other comparisons")


def _case(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "ifs", "default")
    subject = node.args.get("this")
    conditions: list[Expr] = []
    values: list[Expr] = []
    for branch in node.args["ifs"]:
        only(branch, "this", "true")
        condition = t(branch.this)
        conditions.append(typed.compare("eq", t(subject), condition) if subject is not None else condition)
        values.append(t(branch.args["true"]))
    default = node.args.get("default")
    return typed.case(conditions, values, t(default) if default is not None else None)


def _if(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "true", "false")
    other = node.args.get("false")
    return typed.case([t(node.this)], [t(node.args["true"])], t(other) if other is not None else None)


def _nullif(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "expression")
    value = t(node.this)
    return typed.case([typed.compare("eq", value, t(node.expression))], [typed.null()], value)


_WHOLE = frozenset({"INT", "BIGINT", "SMALLINT", "TINYINT", "INT128", "HUGEINT"})
_MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMPNTZ", "DATETIME"})


def _cast(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "to", "safe", "_type")
    only(node.args["to"], "this", "nested")
    value = t(node.this)
    typed.require(value, frozenset(Kind), "CAST")
    target = str(node.args["to"].this.value).upper()
    if target == "DATE":
        return dates.to_date(value)
    if target in _MOMENTS and isinstance(value, Literal) and isinstance(value.value, str):
        return dates.timestamp_literal(value.value)
    if target in _MOMENTS and value.type in {DATE, TIMESTAMP}:
        return dates.to_timestamp(value)
    if target in {"DOUBLE", "FLOAT"}:
        typed.require(value, typed.NUMERIC, "CAST to DOUBLE")
        return typed.to_real(typed.tighten(value))
    if target in _WHOLE and value.type.kind in typed.NUMERIC | {Kind.BOOLEAN}:
        return functions.to_whole(value)
    if target in {"TEXT", "VARCHAR"}:
        return texts.to_text(value)
    raise WrongType(
        f"a cast from {value.type.kind.value.lower()} to {target.lower()} is not answered", hint=_CAST_HINT
    )


_CAST_HINT = (
    "casts answered: timestamp to DATE, number to BIGINT or DOUBLE, whole number to TEXT, "
    "constants to DATE or TIMESTAMP"
)


def _escape(t: Translator, node: exp.Expression) -> Expr:
    """Return x LIKE pattern ESCAPE sign."""
    only(node, "this", "expression")
    inner = node.this
    function = "like" if isinstance(inner, exp.Like) else "ilike"
    if not isinstance(inner, exp.Like | exp.ILike):
        raise Unsupported("ESCAPE belongs to LIKE and ILIKE", hint="write x LIKE '100!%' ESCAPE '!'")
    only(inner, "this", "expression", "negate")
    found = typed.like(function, t(inner.this), t(inner.expression), t(node.expression))
    return typed.boolean("not", (found,)) if inner.args.get("negate") else found


def _rounding(function: str) -> "Rule":
    def rule(t: Translator, node: exp.Expression) -> Expr:
        only(node, "this", "decimals")
        decimals = node.args.get("decimals")
        return typed.rounding(
            function, t(node.this), _small(t, decimals, "ROUND") if decimals is not None else 0
        )

    return rule


def _small(t: Translator, node: exp.Expression, what: str) -> int:
    value = t(node)
    if not (
        isinstance(value, Literal) and isinstance(value.value, Fraction) and value.value.denominator == 1
    ):
        raise WrongType(
            f"{what} takes a constant whole number there", hint=f"write it as a plain number in {what}"
        )
    if not -10_000 <= value.value <= 10_000:  # noqa: PLR2004  # keeps every engine's offsets in range
        raise WrongType(f"the number in {what} is out of range", hint="use a number between -10000 and 10000")
    return int(value.value)


def _text_function(function: str) -> "Rule":
    def rule(t: Translator, node: exp.Expression) -> Expr:
        only(node, "this")
        value = t(node.this)
        typed.require(value, frozenset({Kind.TEXT}), function.upper())
        if function == "length":
            return texts.length(value)
        return Call(function, (value,), TEXT, nullable=value.nullable)

    return rule


def _left(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "expression")
    value = t(node.this)
    typed.require(value, frozenset({Kind.TEXT}), "LEFT")
    count = _small(t, node.expression, "LEFT")
    if count < 0:
        raise WrongType("LEFT takes a count of at least 0", hint="write LEFT(x, 3)")
    return Call("left", (value,), TEXT, nullable=value.nullable, parameters=(Fraction(count),))


def _substring(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "start", "length")
    value = t(node.this)
    typed.require(value, frozenset({Kind.TEXT}), "SUBSTR")
    if node.args.get("start") is None:
        raise WrongType("SUBSTR takes a start", hint="write SUBSTR(x, 1, 3)")
    start = _small(t, node.args["start"], "SUBSTR")
    length = _small(t, node.args["length"], "SUBSTR") if node.args.get("length") is not None else 10_000
    if start < 1 or length < 0:
        raise WrongType("SUBSTR counts from 1 and takes a length of at least 0", hint="write SUBSTR(x, 1, 3)")
    return Call(
        "substring", (value,), TEXT, nullable=value.nullable, parameters=(Fraction(start), Fraction(length))
    )


def _part(part: str) -> "Rule":
    def rule(t: Translator, node: exp.Expression) -> Expr:
        only(node, "this")
        return dates.extract(part, t(node.this))

    return rule


def _extract(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "expression")
    return dates.extract(node.this.name, t(node.expression))


def _truncate(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "unit", "input_type_preserved")
    return dates.truncate(node.args["unit"].name, t(node.this))


def _list(function: Callable[[list[Expr]], Expr]) -> "Rule":
    def rule(t: Translator, node: exp.Expression) -> Expr:
        only(node, "this", "expressions", "ignore_nulls")
        return function([t(node.this), *(t(one) for one in node.expressions)])

    return rule


def _anonymous(t: Translator, node: exp.Expression) -> Expr:
    name = str(node.this).lower()
    if name in {"date_part", "datepart"} and len(node.expressions) == 2:  # noqa: PLR2004  # part and value
        part = node.expressions[0]
        return dates.extract(part.name, t(node.expressions[1]))
    if name == "date_sub" and len(node.expressions) == 2:  # noqa: PLR2004  # a moment and an interval
        moment, taken = node.expressions
        if (found := intervals.interval_in(taken)) is not None:
            return intervals.shifted(t(moment), intervals.read_interval(found).negative)
    raise _refusal(node)


def _divide(t: Translator, node: exp.Expression) -> Expr:
    only(node, "this", "expression", "typed", "safe")
    is_whole = node.args.get("typed") and not any(_is_decimal(side) for side in (node.this, node.expression))
    divide = typed.postgres_divide if is_whole else typed.divide
    return divide(t(node.this), t(node.expression))


def _is_decimal(side: exp.Expression) -> bool:
    """Return whether a constant such as 1.0 makes a side of a division a decimal to PostgreSQL, whatever its value."""
    stop = (exp.Predicate, exp.Cast, exp.Query)
    return any(
        isinstance(one, exp.Literal) and not one.args.get("is_string") and "." in str(one.this)
        for one in side.walk(prune=lambda node: isinstance(node, stop))
    )


def _unary(function: Callable[[Expr], Expr]) -> "Rule":
    def rule(t: Translator, node: exp.Expression) -> Expr:
        only(node, "this")
        return function(t(node.this))

    return rule


def _compare(function: str) -> "Rule":
    return _binary(lambda a, b: typed.compare(function, a, b))


def _arithmetic(function: str) -> "Rule":
    return _binary(lambda a, b: typed.arithmetic(function, a, b))


def _sum(function: str) -> "Rule":
    """Return a sum or difference: of numbers, of a date and an INTERVAL or days, of two dates the days between them."""
    sign = 1 if function == "add" else -1

    def rule(t: Translator, node: exp.Expression) -> Expr:
        only(node, "this", "expression", "typed", "safe")
        left, right = node.this, node.expression
        if sign > 0 and intervals.interval_in(left) is not None:
            left, right = right, left
        if (found := intervals.interval_in(right)) is not None:
            interval = intervals.read_interval(found)
            return intervals.shifted(t(left), interval if sign > 0 else interval.negative)
        return _added(function, sign, t(left), t(right))

    return rule


def _added(function: str, sign: int, left: Expr, right: Expr) -> Expr:
    if left.type == DATE and right.type == DATE and sign < 0:
        return functions.date_difference("day", left, right)
    if left.type == DATE and right.type.kind is Kind.NUMBER:
        return intervals.days_on(left, right, sign)
    if right.type == DATE and left.type.kind is Kind.NUMBER and sign > 0:
        return intervals.days_on(right, left, sign)
    return typed.arithmetic(function, left, right)


def _date_add(t: Translator, node: exp.Expression) -> Expr:
    moment, added = all_of(node, "this", "expression")
    found = intervals.interval_in(added)
    if found is None:
        raise WrongType("DATE_ADD takes an INTERVAL", hint="write DATE_ADD(d, INTERVAL 3 DAY) or d + 3")
    return intervals.shifted(t(moment), intervals.read_interval(found))


def _bucket(t: Translator, node: exp.Expression) -> Expr:
    """Return TIME_BUCKET(width, moment, origin) or DATE_BIN, which sqlglot reads as the same."""
    origin = node.args.get("unit")
    width, moment, *_ = all_of(node, "this", "expression", *(["unit"] if origin is not None else []))
    read = intervals.read_interval(intervals.interval_in(width) or width)
    return intervals.bucket(t(moment), read, t(origin) if origin is not None else None)


Rule: TypeAlias = Callable[[Translator, exp.Expression], Expr]

_RULES: dict[type[exp.Expression], Rule] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Null: lambda _t, _n: typed.null(),
    exp.Boolean: lambda _t, n: typed.constant(bool(n.this)),
    exp.Paren: _unary(lambda x: x),
    exp.And: _chain("and"),
    exp.Or: _chain("or"),
    exp.Not: _unary(lambda x: typed.boolean("not", (x,))),
    exp.EQ: _compare("eq"),
    exp.NEQ: _compare("ne"),
    exp.LT: _compare("lt"),
    exp.LTE: _compare("le"),
    exp.GT: _compare("gt"),
    exp.GTE: _compare("ge"),
    exp.Between: _between,
    exp.In: _in,
    exp.Exists: _exists,
    exp.Subquery: _scalar,
    exp.Is: _negatable(_is),
    exp.Like: _negatable(_binary(lambda a, b: typed.like("like", a, b))),
    exp.Escape: _escape,
    exp.ILike: _negatable(_binary(lambda a, b: typed.like("ilike", a, b))),
    exp.Add: _sum("add"),
    exp.Sub: _sum("sub"),
    exp.DateAdd: _date_add,
    exp.DateBin: _bucket,
    exp.LastDay: _unary(intervals.last_day),
    exp.Mul: _arithmetic("mul"),
    exp.Div: _divide,
    exp.IntDiv: _binary(lambda a, b: typed.whole_division("int_div", a, b)),
    exp.Mod: _binary(lambda a, b: typed.whole_division("mod", a, b)),
    exp.Neg: _unary(typed.negative),
    exp.Abs: _unary(typed.absolute),
    exp.Floor: _rounding("floor"),
    exp.Ceil: _rounding("ceil"),
    exp.Round: _rounding("round"),
    exp.Sqrt: _unary(lambda x: typed.real_function("sqrt", x)),
    exp.Ln: _unary(lambda x: typed.real_function("ln", x)),
    exp.Case: _case,
    exp.If: _if,
    exp.Nullif: _nullif,
    exp.Coalesce: _list(typed.coalesce),
    exp.Least: _list(lambda xs: typed.extremum("least", xs)),
    exp.Greatest: _list(lambda xs: typed.extremum("greatest", xs)),
    exp.Cast: _cast,
    exp.Lower: _text_function("lower"),
    exp.Upper: _text_function("upper"),
    exp.Length: _text_function("length"),
    exp.Left: _left,
    exp.Substring: _substring,
    exp.Extract: _extract,
    exp.TimestampTrunc: _truncate,
    exp.DateTrunc: _truncate,
    exp.Year: _part("year"),
    exp.Quarter: _part("quarter"),
    exp.Month: _part("month"),
    exp.Week: _part("week"),
    exp.WeekOfYear: _part("week"),
    exp.Day: _part("day"),
    exp.DayOfMonth: _part("day"),
    exp.DayOfWeek: _part("dayofweek"),
    exp.DayOfWeekIso: _part("isodow"),
    exp.DayOfYear: _part("dayofyear"),
    exp.Hour: _part("hour"),
    exp.Minute: _part("minute"),
    exp.Anonymous: _anonymous,
    exp.TsOrDsToDate: _unary(dates.to_date),
    exp.Date: _unary(dates.to_date),
    **functions.RULES,
}
