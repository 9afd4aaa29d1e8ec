"""Evaluates expressions in Python: over released values, and over declared key domains while planning.

It never sees a private row. Numbers are exact fractions or floats (for doubles); NULL is None; the rules are those
of the engines, and a test compares the two on random values.
"""

import datetime as dt
import math
import unicodedata
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from jali.model.types import Kind
from jali.sql import moments
from jali.sql.patterns import Part, parts_of
from jali.sql.tree import Call, ColumnRef, Expr, Literal

Value: TypeAlias = Fraction | float | str | bool | dt.date | dt.datetime | None
_Rule: TypeAlias = Callable[[Call, list[Value]], Value]


_SPACES = "".join(chr(c) for c in range(0x3001) if unicodedata.category(chr(c)) == "Zs")
"""What TRIM takes away on DuckDB: every kind of space, and neither tabs nor ends of lines."""


def evaluate(expression: Expr, values: Mapping[tuple[str, str], Value]) -> Value:
    """Return the value of an expression.

    Args:
        expression: any typed expression.
        values: (source, name) of every column reference in it -> its value.

    Raises:
        KeyError: if a referenced column has no value.
    """
    match expression:
        case ColumnRef():
            return values[expression.source, expression.name]
        case Literal():
            return literal_value(expression)
        case Call():
            rule = _RULES[expression.function]
            return rule(expression, [evaluate(a, values) for a in expression.args])


def literal_value(literal: Literal) -> Value:
    """Return the Python value of a constant."""
    if isinstance(literal.value, str) and literal.type.kind is Kind.DATE:
        return dt.date.fromisoformat(literal.value)
    if isinstance(literal.value, str) and literal.type.kind is Kind.TIMESTAMP:
        return dt.datetime.fromisoformat(literal.value)
    return literal.value


def _strict(rule: Callable[[Call, list[Value]], Value]) -> _Rule:
    """Return NULL where any argument is NULL."""

    def inner(call: Call, args: list[Value]) -> Value:
        return None if any(a is None for a in args) else rule(call, args)

    return inner


def _numeric(rule: Callable[..., Value]) -> _Rule:
    def inner(_call: Call, args: list[Value]) -> Value:
        numbers = [a if isinstance(a, (Fraction, float)) else Fraction(0) for a in args]
        result = rule(*numbers)
        return None if isinstance(result, float) and not math.isfinite(result) else result

    return _strict(inner)


def _compare(rule: Callable[..., bool]) -> _Rule:
    return _strict(lambda _call, args: bool(rule(*args)))


def _and(_call: Call, args: list[Value]) -> Value:
    if any(a is False for a in args):
        return False
    return None if any(a is None for a in args) else True


def _or(_call: Call, args: list[Value]) -> Value:
    if any(a is True for a in args):
        return True
    return None if any(a is None for a in args) else False


def _in(_call: Call, args: list[Value]) -> Value:
    if args[0] is None:
        return None
    if any(a == args[0] for a in args[1:]):
        return True
    return None if any(a is None for a in args[1:]) else False


def _case(_call: Call, args: list[Value]) -> Value:
    for i in range(0, len(args) - 1, 2):
        if args[i] is True:
            return args[i + 1]
    return args[-1]


def _extremum(pick: Callable[..., Value]) -> _Rule:
    def inner(_call: Call, args: list[Value]) -> Value:
        present = [a for a in args if a is not None]
        return pick(present) if present else None

    return inner


def _clamp(call: Call, args: list[Value]) -> Value:
    low, high = call.parameters
    value = args[0]
    if isinstance(value, float):
        low, high = (Fraction(float(p)) if isinstance(p, Fraction) else p for p in (low, high))
    if not isinstance(value, (Fraction, float)):
        return None
    if isinstance(low, Fraction) and value < low:
        return low if isinstance(value, Fraction) else float(low)
    if isinstance(high, Fraction) and value > high:
        return high if isinstance(value, Fraction) else float(high)
    return value


def _to_real(call: Call, args: list[Value]) -> Value:
    """Return a number as a double by the same steps of double arithmetic as the engines."""
    value, step = args[0], call.args[0].type.step
    if not isinstance(value, Fraction):
        return value
    try:
        return float(value / step) * float(step.numerator) / float(step.denominator)
    except OverflowError:
        return None


def _divide(a: Fraction | float, b: Fraction | float) -> Value:
    if b == 0:
        return None
    try:
        return a / b
    except OverflowError:
        return None


def _trunc_div(a: Fraction, b: Fraction) -> Value:
    return None if b == 0 else Fraction(math.trunc(a / b))


def _mod(a: Fraction, b: Fraction) -> Value:
    return None if b == 0 else a - b * math.trunc(a / b)


def _round_half_away(x: Fraction | float) -> int:
    exact = Fraction(x)
    return math.floor(exact + Fraction(1, 2)) if exact >= 0 else math.ceil(exact - Fraction(1, 2))


def _rounding(rule: Callable[[Fraction], int]) -> _Rule:
    def inner(call: Call, args: list[Value]) -> Value:
        value = args[0]
        if not isinstance(value, (Fraction, float)) or (
            isinstance(value, float) and not math.isfinite(value)
        ):
            return None
        return rule(Fraction(value) / call.type.step) * call.type.step

    return _strict(inner)


def _real_rounding(rule: Callable[[Fraction], int]) -> _Rule:
    def inner(call: Call, args: list[Value]) -> Value:
        value, step = args[0], call.type.step
        scaled = float(value) * step.denominator if isinstance(value, (Fraction, float)) else math.nan
        return rule(Fraction(scaled)) * step if math.isfinite(scaled) else None

    return _strict(inner)


def _like(call: Call, args: list[Value]) -> Value:
    (pattern, *escape), value = (str(p) for p in call.parameters), str(args[0])
    if call.function == "ilike":
        pattern, value = simple_lower(pattern), simple_lower(value)
    return _matches(parts_of(pattern, *escape), value)


def _matches(parts: tuple[Part, ...], value: str) -> bool:
    """Return whether a text fits a LIKE pattern; each part takes the first place it fits, so the time is bounded."""
    first, *rest = parts
    if not _fits(first, value, 0):
        return False
    if not rest:
        return len(value) == len(first)
    at = len(first)
    *middle, last = rest
    for part in middle:
        while at + len(part) <= len(value) and not _fits(part, value, at):
            at += 1
        at += len(part)
    end = len(value) - len(last)
    return at <= end and _fits(last, value, end)


def _fits(part: Part, value: str, at: int) -> bool:
    """Return whether `part` stands in `value` at this place."""
    piece = value[at : at + len(part)]
    return len(piece) == len(part) and all(p is None or p == c for p, c in zip(part, piece, strict=True))


def _extract(call: Call, args: list[Value]) -> Value:
    moment = args[0]
    if not isinstance(moment, dt.date):
        return None
    hour = moment.hour if isinstance(moment, dt.datetime) else 0
    minute = moment.minute if isinstance(moment, dt.datetime) else 0
    second = moment.second if isinstance(moment, dt.datetime) else 0
    parts = {
        "year": moment.year, "quarter": (moment.month + 2) // 3, "month": moment.month, "day": moment.day,
        "week": moment.isocalendar()[1], "dayofweek": moment.isoweekday() % 7, "isodow": moment.isoweekday(),
        "dayofyear": moment.timetuple().tm_yday, "hour": hour, "minute": minute,
        "second": second,
    }  # fmt: skip
    return Fraction(parts[str(call.parameters[0])])


def _truncate(call: Call, args: list[Value]) -> Value:
    moment = args[0]
    if not isinstance(moment, dt.date):
        return None
    unit = str(call.parameters[0])
    day = dt.date(moment.year, moment.month, moment.day)
    starts = {
        "year": day.replace(month=1, day=1),
        "quarter": day.replace(month=(moment.month - 1) // 3 * 3 + 1, day=1),
        "month": day.replace(day=1),
        "week": day - dt.timedelta(days=day.weekday()),
    }
    if not isinstance(moment, dt.datetime):
        return starts.get(unit, day)
    if unit == "hour":
        return moment.replace(minute=0, second=0, microsecond=0)
    if unit == "minute":
        return moment.replace(second=0, microsecond=0)
    return dt.datetime.combine(starts.get(unit, day), dt.time())


def _to_timestamp(_call: Call, args: list[Value]) -> Value:
    day = args[0]
    return dt.datetime(day.year, day.month, day.day) if isinstance(day, dt.date) else None  # noqa: DTZ001  # SQL timestamps have no zone


def _to_date(_call: Call, args: list[Value]) -> Value:
    return args[0].date() if isinstance(args[0], dt.datetime) else args[0]


def _text(rule: Callable[[str], Value]) -> _Rule:
    return _strict(lambda _call, args: rule(str(args[0])))


def simple_lower(text: str) -> str:
    """Return a text in lower case, one character for one, as engines map it; not Python's full mapping.

    Example:
        >>> simple_lower("\u0130\u03a3") == "i\u03c3"
        True
    """
    return "".join("i" if c == "\u0130" else c.lower() for c in text)


def simple_upper(text: str) -> str:
    """Return a text in upper case, one character for one, as engines map it: sharp s becomes capital sharp s.

    Example:
        >>> simple_upper("\u00df\ufb01") == "\u1e9e\ufb01"
        True
    """
    return "".join("\u1e9e" if c == "\u00df" else _one_upper(c) for c in text)


def _one_upper(c: str) -> str:
    if len(c.upper()) == 1:
        return c.upper()
    return c.title() if len(c.title()) == 1 else c


def _left(call: Call, args: list[Value]) -> Value:
    count = call.parameters[0]
    return str(args[0])[: int(count)] if isinstance(count, Fraction) else None


def _substring(call: Call, args: list[Value]) -> Value:
    start, length = (int(p) for p in call.parameters if isinstance(p, Fraction))
    return str(args[0])[start - 1 : start - 1 + length]


def _absolute(x: Fraction | float) -> Value:
    return -x if x < 0 else x


def _sqrt(x: Fraction | float) -> Value:
    return None if x < 0 else math.sqrt(x)


def _ln(x: Fraction | float) -> Value:
    return None if x <= 0 else math.log(x)


def _logarithm(rule: Callable[[float], float]) -> Callable[[Fraction | float], Value]:
    return lambda x: None if x <= 0 else rule(float(x))


def _contains(call: Call, args: list[Value]) -> Value:
    return str(call.parameters[0]) in str(args[0])


def _replace(call: Call, args: list[Value]) -> Value:
    old, new = (str(p) for p in call.parameters)
    return str(args[0]).replace(old, new)


def _split_part(call: Call, args: list[Value]) -> Value:
    sign, place = call.parameters
    pieces = str(args[0]).split(str(sign))
    number = int(place) if isinstance(place, Fraction) else 0
    return pieces[number - 1] if 0 < number <= len(pieces) else ""


def _shift(call: Call, args: list[Value]) -> Value:
    months, microseconds = (int(p) for p in call.parameters if isinstance(p, Fraction))
    moment = args[0]
    return moments.shifted(moment, months, microseconds) if isinstance(moment, dt.datetime) else None


def _bucket(call: Call, args: list[Value]) -> Value:
    moment, origin = args[0], dt.datetime.fromisoformat(str(call.parameters[2]))
    months, microseconds = (int(p) for p in call.parameters if isinstance(p, Fraction))
    if not isinstance(moment, dt.date):
        return None
    at = moment if isinstance(moment, dt.datetime) else dt.datetime.combine(moment, dt.time())
    found = moments.bucket(at, months, microseconds, origin)
    return found if found is None or isinstance(moment, dt.datetime) else found.date()


def _last_day(_call: Call, args: list[Value]) -> Value:
    return moments.last_day(args[0]) if isinstance(args[0], dt.date) else None


def _day_number(_call: Call, args: list[Value]) -> Value:
    day = args[0]
    return Fraction(day.toordinal() - dt.date(1970, 1, 1).toordinal()) if isinstance(day, dt.date) else None


_RULES: dict[str, _Rule] = {
    "and": _and,
    "or": _or,
    "not": _strict(lambda _c, a: a[0] is not True),
    "in": _in,
    "is_null": lambda _c, a: a[0] is None,
    "eq": _compare(lambda a, b: a == b),
    "ne": _compare(lambda a, b: a != b),
    "lt": _compare(lambda a, b: a < b),
    "le": _compare(lambda a, b: a <= b),
    "gt": _compare(lambda a, b: a > b),
    "ge": _compare(lambda a, b: a >= b),
    "like": _strict(_like),
    "ilike": _strict(_like),
    "case": _case,
    "coalesce": lambda _c, a: next((x for x in a if x is not None), None),
    "least": _extremum(min),
    "greatest": _extremum(max),
    "clamp": _clamp,
    "rescale": lambda _c, a: a[0],
    "to_real": _strict(_to_real),
    "add": _numeric(lambda a, b: a + b),
    "sub": _numeric(lambda a, b: a - b),
    "mul": _numeric(lambda a, b: a * b),
    "neg": _numeric(lambda a: -a),
    "abs": _numeric(_absolute),
    "int_div": _numeric(_trunc_div),
    "mod": _numeric(_mod),
    "real_add": _numeric(lambda a, b: float(a) + float(b)),
    "real_sub": _numeric(lambda a, b: float(a) - float(b)),
    "real_mul": _numeric(lambda a, b: float(a) * float(b)),
    "real_neg": _numeric(lambda a: -float(a)),
    "real_abs": _numeric(lambda a: abs(float(a))),
    "divide": _numeric(lambda a, b: _divide(float(a), float(b))),
    "sqrt": _numeric(_sqrt),
    "ln": _numeric(_ln),
    "log10": _numeric(_logarithm(math.log10)),
    "log2": _numeric(_logarithm(math.log2)),
    "exp": _numeric(lambda x: math.exp(float(x))),
    "floor": _rounding(math.floor),
    "ceil": _rounding(math.ceil),
    "round": _rounding(_round_half_away),
    "real_floor": _real_rounding(math.floor),
    "real_ceil": _real_rounding(math.ceil),
    "real_round": _real_rounding(_round_half_away),
    "real_nearest": _real_rounding(round),
    "extract": _strict(_extract),
    "truncate": _strict(_truncate),
    "shift": _strict(_shift),
    "bucket": _strict(_bucket),
    "last_day": _strict(_last_day),
    "to_timestamp": _strict(_to_timestamp),
    "to_date": _strict(_to_date),
    "lower": _text(simple_lower),
    "upper": _text(simple_upper),
    "trim": _text(lambda s: s.strip(_SPACES)),
    "ltrim": _text(lambda s: s.lstrip(_SPACES)),
    "rtrim": _text(lambda s: s.rstrip(_SPACES)),
    "contains": _strict(_contains),
    "replace": _strict(_replace),
    "split_part": _strict(_split_part),
    "to_text": _strict(lambda _c, a: str(int(a[0])) if isinstance(a[0], Fraction) else None),
    "concat": _strict(lambda _c, a: "".join(str(x) for x in a)),
    "day_number": _strict(_day_number),
    "length": _text(lambda s: Fraction(len(s))),
    "left": _strict(_left),
    "substring": _strict(_substring),
}

FUNCTIONS = frozenset(_RULES)
"""Names of all functions an expression can hold; a test compares it with every engine's table."""
