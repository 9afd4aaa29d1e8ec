"""Renders expressions and relations to DuckDB SQL. Total: no lowering here can raise on a stored value.

A guard stands inside the argument of the function it protects, never around the call: DuckDB may evaluate a shared
subexpression on rows that a CASE around it excludes (found by the property tests of ingestion).

Every function of `evaluate.FUNCTIONS` has an entry; a test compares both on random and edge values. Numbers are
integers in grid steps (BIGINT, or HUGEINT where 62 bits could be left), doubles only where the type says REAL.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from jali.model.codes import OutOfNumbers, TooLarge
from jali.model.types import Kind, Type
from jali.sql.evaluate import evaluate, simple_lower
from jali.sql.moments import FIRST, LAST, domain_of
from jali.sql.patterns import Part, parts_of
from jali.sql.tree import Call, ColumnRef, Expr, Literal, LiteralValue, Range

_NARROW = 2**62
MOST_EXPONENT = 690
MOST_SQL = 2_000_000
"""Most characters of one expression; 10,000 constants of the largest text that is read need half of it."""

Columns: TypeAlias = Callable[[ColumnRef], str]
"""How a column reference is written in the statement at hand."""

_Lowering: TypeAlias = Callable[[Call, list[str]], str]


def identifier(name: str) -> str:
    """Return a quoted identifier.

    Example:
        >>> identifier('a"b')
        '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def text_literal(value: str) -> str:
    """Return a quoted text constant.

    Example:
        >>> text_literal("it's")
        "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def steps(value: Fraction, step: Fraction) -> int:
    """Return an exact value as a whole number of steps.

    Raises:
        OutOfNumbers: if it lies between two steps.
    """
    quotient = value / step
    if quotient.denominator != 1:
        raise OutOfNumbers("a constant does not lie on the grid of its expression")
    return quotient.numerator


def integer(value: int) -> str:
    """Return a whole number of any size up to 127 bits as a constant of 64 or 128 bits.

    A bare numeral would be a 32-bit INTEGER to DuckDB, whose arithmetic fails on the rows that reach it.
    """
    return f"CAST({value} AS BIGINT)" if abs(value) < _NARROW else f"CAST('{value}' AS HUGEINT)"


def literal(node: Literal) -> str:
    """Return a constant of any type."""
    value = node.value
    match node.type.kind:
        case _ if value is None:
            return "NULL"
        case Kind.NUMBER if isinstance(value, Fraction):
            return integer(steps(value, node.type.step))
        case Kind.REAL if isinstance(value, Fraction):
            return f"CAST({text_literal(repr(float(value)))} AS DOUBLE)"
        case Kind.BOOLEAN:
            return "TRUE" if value is True else "FALSE"
        case Kind.DATE:
            return f"CAST({text_literal(str(value))} AS DATE)"
        case Kind.TIMESTAMP:
            return f"CAST({text_literal(str(value))} AS TIMESTAMP)"
        case _:
            return text_literal(str(value))


def is_wide(reach: Range, step: Fraction) -> bool:
    """Return whether a value of this reach may leave 62 bits of steps."""
    if reach.low is None or reach.high is None:
        return True
    return max(abs(reach.low), abs(reach.high)) / step >= _NARROW


def _fits_64_bits(reach: Range, step: Fraction) -> bool:
    low, high = reach.low, reach.high
    return low is not None and high is not None and low / step >= -(2**63) and high / step < 2**63


def expression(node: Expr, columns: Columns) -> str:
    """Return the SQL of an expression.

    Raises:
        TooLarge: above `MOST_SQL`; a guard repeats its argument, so each level of nesting can double the text.
    """
    match node:
        case ColumnRef():
            return columns(node)
        case Literal():
            return literal(node)
        case Call():
            found = LOWERINGS[node.function](node, [expression(a, columns) for a in node.args])
            if len(found) > MOST_SQL:
                raise TooLarge(
                    "an expression is too large when it is written for the engine",
                    hint="nest fewer functions",
                )
            return found


def _wide(call: Call, args: list[str]) -> list[str]:
    """Return whole-number arguments as wide as the result needs: 128 bits where it may leave 62, else 64."""
    if call.type.kind is not Kind.NUMBER:
        return args
    numbers = [
        call,
        *(a for a in call.args if a.type.kind is Kind.NUMBER),
    ]  # a wide operand can give a narrow result
    kind = "HUGEINT" if any(is_wide(n.reach, n.type.step) for n in numbers) else "BIGINT"
    return [f"CAST({a} AS {kind})" for a in args]


def _infix(operator: str) -> _Lowering:
    def lower(call: Call, args: list[str]) -> str:
        a, b = _wide(call, args)
        return f"({a} {operator} {b})"

    return lower


def _plain(template: str) -> _Lowering:
    return lambda _call, args: template.format(*args)


def _list(operator: str) -> _Lowering:
    return lambda _call, args: "(" + f" {operator} ".join(args) + ")"


def _function(name: str) -> _Lowering:
    return lambda _call, args: f"{name}({', '.join(args)})"


def _in(_call: Call, args: list[str]) -> str:
    return f"({args[0]} IN ({', '.join(args[1:])}))"


def _case(_call: Call, args: list[str]) -> str:
    branches = [f"WHEN {args[i]} THEN {args[i + 1]}" for i in range(0, len(args) - 1, 2)]
    return f"(CASE {' '.join(branches)} ELSE {args[-1]} END)"


def _constant(call: Call, value: LiteralValue) -> str:
    if not isinstance(value, Fraction):
        return "NULL"
    return literal(Literal(value, call.type))


def _clamp(call: Call, args: list[str]) -> str:
    low, high = call.parameters
    branches: list[str] = []
    if isinstance(low, Fraction):
        branches.append(f"WHEN {args[0]} < {_constant(call, low)} THEN {_constant(call, low)}")
    if isinstance(high, Fraction):
        branches.append(f"WHEN {args[0]} > {_constant(call, high)} THEN {_constant(call, high)}")
    return f"(CASE {' '.join(branches)} ELSE {args[0]} END)"


def _rescale(call: Call, args: list[str]) -> str:
    factor = call.parameters[0]
    return f"({_wide(call, args)[0]} * {int(factor) if isinstance(factor, Fraction) else 1})"


def _to_real(call: Call, args: list[str]) -> str:
    """Return the nearest double; DuckDB's own cast of a HUGEINT rounds twice, the one of a BIGINT or of digits once."""
    reach, step = call.args[0].reach, call.args[0].type.step
    exact = args[0]
    if is_wide(reach, step):
        exact = f"CAST({exact} AS {'BIGINT' if _fits_64_bits(reach, step) else 'VARCHAR'})"
    whole = f"CAST({exact} AS DOUBLE)"
    if step == 1:
        return whole
    over = f"CAST({text_literal(repr(float(step.denominator)))} AS DOUBLE)"
    times = f"CAST({text_literal(repr(float(step.numerator)))} AS DOUBLE)"
    return f"({whole} * {times} / {over})"


def _whole_divide(operator: str) -> _Lowering:
    def lower(call: Call, args: list[str]) -> str:
        wide = is_wide(call.args[0].reach, call.args[0].type.step) or is_wide(
            call.args[1].reach, call.args[1].type.step
        )
        a, b = (f"CAST({x} AS {'HUGEINT' if wide else 'BIGINT'})" for x in args)
        return f"({a} {operator} NULLIF({b}, 0))"

    return lower


def _exact_rounding(name: str) -> _Lowering:
    """Round an exact number to a coarser grid with whole-number arithmetic alone."""

    def lower(call: Call, args: list[str]) -> str:
        source = call.args[0]
        ratio = call.type.step / source.type.step  # target step in source steps, as a fraction p / q
        p, q = ratio.numerator, ratio.denominator
        x = f"(CAST({args[0]} AS HUGEINT) * {q})"
        if name == "floor":
            body = f"(({x} - ((({x} % {p}) + {p}) % {p})) // {p})"
        elif name == "ceil":
            body = f"(({x} + (({p} - ((({x} % {p}) + {p}) % {p})) % {p})) // {p})"
        else:
            body = (
                f"(CASE WHEN {x} < 0 THEN -((-{x} * 2 + {p}) // {2 * p}) ELSE ({x} * 2 + {p}) // {2 * p} END)"
            )
        return body if is_wide(call.reach, call.type.step) else f"CAST({body} AS BIGINT)"

    return lower


def _real_rounding(name: str) -> _Lowering:
    """Round a double to a grid; NULL where it is not finite. The reach proves that the cast cannot overflow.

    Without a name the cast itself rounds, half to even; DuckDB 1.5's round_even is off by one for large numbers.
    """

    def lower(call: Call, args: list[str]) -> str:
        scaled = args[0] if call.type.step == 1 else f"({args[0]} * {call.type.step.denominator})"
        kind = "HUGEINT" if is_wide(call.reach, call.type.step) else "BIGINT"
        return f"TRY_CAST({f'{name}({scaled})' if name else scaled} AS {kind})"

    return lower


_PARTS = {"dayofweek": "dow", "dayofyear": "doy"}


def _finite(moment: str) -> str:
    """Return a date or timestamp, NULL where it is infinite; the guard is inside the argument (see the module)."""
    return f"(CASE WHEN isfinite({moment}) THEN {moment} END)"


def _extract(call: Call, args: list[str]) -> str:
    part = str(call.parameters[0])
    return f"date_part({text_literal(_PARTS.get(part, part))}, {_finite(args[0])})"


def _truncate(call: Call, args: list[str]) -> str:
    cut = f"date_trunc({text_literal(str(call.parameters[0]))}, {_finite(args[0])})"
    return f"TRY_CAST({cut} AS {'DATE' if call.type.kind is Kind.DATE else 'TIMESTAMP'})"


def _within(moment: str, ends: tuple[dt.datetime, dt.datetime]) -> str:
    """Return a moment, NULL outside two; the guard is inside the argument (see the module)."""
    first, last = (f"CAST({text_literal(end.isoformat(sep=' '))} AS TIMESTAMP)" for end in ends)
    return f"(CASE WHEN {moment} BETWEEN {first} AND {last} THEN {moment} END)"


@lru_cache(maxsize=256)
def _domain(call: Call) -> tuple[dt.datetime, dt.datetime]:
    """Return where a function of one moment stays in the calendar, computed by the evaluator itself."""
    one = replace(call, args=(ColumnRef("", "x", Type(Kind.TIMESTAMP)),), type=Type(Kind.TIMESTAMP))

    def at(moment: dt.datetime) -> dt.datetime | None:
        found = evaluate(one, {("", "x"): moment})
        return found if isinstance(found, dt.datetime) else None

    return domain_of(at)


def _moved(call: Call) -> tuple[dt.datetime, dt.datetime]:
    return _domain(Call(call.function, (), call.type, parameters=call.parameters))


def _shift(call: Call, args: list[str]) -> str:
    months, microseconds = (int(p) for p in call.parameters if isinstance(p, Fraction))
    found = _within(args[0], _moved(call))
    for count, unit in ((months, "months"), (microseconds, "microseconds")):
        if count:
            found = f"({found} + INTERVAL '{count} {unit}')"
    return found


def _bucket(call: Call, args: list[str]) -> str:
    months, microseconds = (int(p) for p in call.parameters if isinstance(p, Fraction))
    moment = _within(f"CAST({args[0]} AS TIMESTAMP)", _moved(call))
    if months:
        found = f"time_bucket(INTERVAL '{months} months', {moment})"
    else:
        origin = f"CAST({text_literal(str(call.parameters[2]))} AS TIMESTAMP)"
        found = f"time_bucket(INTERVAL '{microseconds} microseconds', {moment}, {origin})"
    return f"CAST({found} AS DATE)" if call.type.kind is Kind.DATE else found


def _last_day(_call: Call, args: list[str]) -> str:
    return f"last_day({_within(args[0], (FIRST, LAST))})"


def _to_date(_call: Call, args: list[str]) -> str:
    return f"TRY_CAST({_finite(args[0])} AS DATE)"


def _to_timestamp(_call: Call, args: list[str]) -> str:
    return f"TRY_CAST({_finite(args[0])} AS TIMESTAMP)"


_REGEX_SIGNS = frozenset("\\.+*?()|[]{}^$")


def _like(call: Call, args: list[str]) -> str:
    """Return LIKE in a form whose time is bounded by text times pattern on every version.

    DuckDB matches `%` alone in linear time where it is the pattern of LIKE. ILIKE, and LIKE with `_` beside `%`, go
    back over the text once more for each `%` in DuckDB 1.5 (80 characters took minutes and could not be
    interrupted); lower case first, and a regular expression without backtracking, do the same work in one pass.
    Each `_` behind the first `%` can double the states of that expression, so `typed.like` allows eight: up to there
    it takes at most eight times as long as plain LIKE (`sql.work`).
    """
    value, (pattern, *escape) = args[0], (str(p) for p in call.parameters)
    if call.function == "ilike":
        value, pattern = f"lower({value})", simple_lower(pattern)
    if not escape and ("_" not in pattern or "%" not in pattern):
        return f"({value} LIKE {text_literal(pattern)})"
    regex = ".*".join(_regex(part) for part in parts_of(pattern, *escape))
    return f"regexp_full_match({value}, {text_literal(regex)}, 's')"


def _regex(part: Part) -> str:
    return "".join("." if c is None else f"\\{c}" if c in _REGEX_SIGNS else c for c in part)


def _left(call: Call, args: list[str]) -> str:
    count = call.parameters[0]
    return f"left({args[0]}, {int(count) if isinstance(count, Fraction) else 0})"


def _substring(call: Call, args: list[str]) -> str:
    start, length = (int(p) for p in call.parameters if isinstance(p, Fraction))
    return f"substr({args[0]}, {start}, {length})"


def _contains(call: Call, args: list[str]) -> str:
    return f"contains({args[0]}, {text_literal(str(call.parameters[0]))})"


def _replace(call: Call, args: list[str]) -> str:
    return f"replace({args[0]}, {', '.join(text_literal(str(p)) for p in call.parameters)})"


def _split_part(call: Call, args: list[str]) -> str:
    sign, place = call.parameters
    number = int(place) if isinstance(place, Fraction) else 0
    return f"split_part({args[0]}, {text_literal(str(sign))}, {number})"


def _day_number(_call: Call, args: list[str]) -> str:
    return f"date_diff('day', DATE '1970-01-01', {_finite(args[0])})"


LOWERINGS: dict[str, _Lowering] = {
    "and": _list("AND"),
    "or": _list("OR"),
    "not": _plain("(NOT {0})"),
    "in": _in,
    "is_null": _plain("({0} IS NULL)"),
    "eq": _plain("({0} = {1})"),
    "ne": _plain("({0} <> {1})"),
    "lt": _plain("({0} < {1})"),
    "le": _plain("({0} <= {1})"),
    "gt": _plain("({0} > {1})"),
    "ge": _plain("({0} >= {1})"),
    "like": _like,
    "ilike": _like,
    "case": _case,
    "coalesce": _function("COALESCE"),
    "least": _function("LEAST"),
    "greatest": _function("GREATEST"),
    "clamp": _clamp,
    "rescale": _rescale,
    "to_real": _to_real,
    "add": _infix("+"),
    "sub": _infix("-"),
    "mul": _infix("*"),
    "neg": lambda call, args: f"(-{_wide(call, args)[0]})",
    "abs": lambda call, args: f"abs({_wide(call, args)[0]})",
    "int_div": _whole_divide("//"),
    "mod": _whole_divide("%"),
    "real_add": _infix("+"),
    "real_sub": _infix("-"),
    "real_mul": _infix("*"),
    "real_neg": _plain("(-{0})"),
    "real_abs": _function("abs"),
    "divide": _plain("({0} / NULLIF({1}, 0))"),
    "sqrt": _plain("sqrt(CASE WHEN {0} >= 0 THEN {0} END)"),
    "ln": _plain("ln(CASE WHEN {0} > 0 THEN {0} END)"),
    "log10": _plain("log10(CASE WHEN {0} > 0 THEN {0} END)"),
    "log2": _plain("log2(CASE WHEN {0} > 0 THEN {0} END)"),
    "exp": _plain(f"exp(CASE WHEN {{0}} <= {MOST_EXPONENT} THEN {{0}} END)"),
    "floor": _exact_rounding("floor"),
    "ceil": _exact_rounding("ceil"),
    "round": _exact_rounding("round"),
    "real_floor": _real_rounding("floor"),
    "real_ceil": _real_rounding("ceil"),
    "real_round": _real_rounding("round"),
    "real_nearest": _real_rounding(""),
    "extract": _extract,
    "truncate": _truncate,
    "shift": _shift,
    "bucket": _bucket,
    "last_day": _last_day,
    "to_timestamp": _to_timestamp,
    "to_date": _to_date,
    "lower": _function("lower"),
    "upper": _function("upper"),
    "trim": _function("trim"),
    "ltrim": _function("ltrim"),
    "rtrim": _function("rtrim"),
    "contains": _contains,
    "replace": _replace,
    "split_part": _split_part,
    "to_text": _plain("CAST({0} AS VARCHAR)"),
    "concat": _list("||"),
    "day_number": _day_number,
    "length": _function("length"),
    "left": _left,
    "substring": _substring,
}
