"""Dates and timestamps: literals, parts and truncation. All of it is total; nothing is parsed on a row.

The range of a date or timestamp is in days since 1970-01-01, with fractions for the time of day.
"""

import datetime as dt
from dataclasses import replace
from fractions import Fraction

from jali.model.codes import WrongType
from jali.model.types import DATE, INTEGER, TIMESTAMP, Kind
from jali.sql.evaluate import evaluate
from jali.sql.tree import Call, ColumnRef, Expr, Literal, Range

PARTS: dict[str, tuple[int, int]] = {
    "year": (-300_000, 300_000),
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (1, 53),
    "day": (1, 31),
    "dayofweek": (0, 6),
    "isodow": (1, 7),
    "dayofyear": (1, 366),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}
"""Part -> smallest and largest value; dayofweek counts from Sunday = 0, isodow from Monday = 1."""

_ALIASES = {
    "dow": "dayofweek", "weekday": "dayofweek", "doy": "dayofyear", "dayofmonth": "day", "years": "year",
    "months": "month", "days": "day", "hours": "hour", "weekofyear": "week", "day_of_week": "dayofweek",
    "day_of_year": "dayofyear", "day_of_week_iso": "isodow", "dayofweekiso": "isodow", "week_of_year": "week",
}  # fmt: skip
TRUNCATIONS = ("year", "quarter", "month", "week", "day", "hour", "minute")
_TIMES = frozenset({"hour", "minute"})
_DATED = frozenset({Kind.DATE, Kind.TIMESTAMP})


_DAY_LENGTH = len("2024-01-31")
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # SQL timestamps have no zone
_MICROSECONDS = 86_400 * 10**6


def days_of(moment: dt.date) -> Fraction:
    """Return the days since 1970-01-01 of a date or timestamp.

    Example:
        >>> days_of(dt.date(1970, 1, 3)), days_of(dt.datetime(1969, 12, 31, 12))
        (Fraction(2, 1), Fraction(-1, 2))
    """
    if not isinstance(moment, dt.datetime):
        return Fraction(moment.toordinal() - _EPOCH.toordinal())
    return Fraction((moment - _EPOCH) // dt.timedelta(microseconds=1), _MICROSECONDS)


def moment_at(days: Fraction | None, kind: Kind) -> dt.date | None:
    """Return the date or timestamp at so many days since 1970-01-01; None outside the years 1 to 9999."""
    if days is None:
        return None
    try:
        if kind is Kind.DATE:
            return dt.date.fromordinal(_EPOCH.toordinal() + days.__floor__())
        return _EPOCH + dt.timedelta(microseconds=(days * _MICROSECONDS).__floor__())
    except (OverflowError, ValueError):
        return None


def constant(moment: dt.date) -> Literal:
    """Return a date or timestamp as a constant."""
    at = Range(days_of(moment), days_of(moment))
    if isinstance(moment, dt.datetime):
        return Literal(moment.isoformat(sep=" "), TIMESTAMP, at)
    return Literal(moment.isoformat(), DATE, at)


def ends_of(range_: Range, kind: Kind) -> tuple[dt.date, dt.date] | None:
    """Return the first and last moment of a known range; None where one is unknown or out of the calendar."""
    first, last = moment_at(range_.low, kind), moment_at(range_.high, kind)
    return None if first is None or last is None else (first, last)


_X = ColumnRef("", "x", TIMESTAMP)


def through(call: Call) -> Range:
    """Return the range of a non-decreasing function of one moment, from its values at both ends."""
    ends = ends_of(call.args[0].range, call.args[0].type.kind)
    if ends is None:
        return Range()
    inner = Call(call.function, (_X,), call.type, parameters=call.parameters)
    found = [evaluate(inner, {("", "x"): end}) for end in ends]
    return Range(
        *(days_of(f) if isinstance(f, dt.date) else f if isinstance(f, Fraction) else None for f in found)
    )


def date_literal(text: str) -> Literal:
    """Return a DATE constant.

    Raises:
        WrongType: if the text is not YYYY-MM-DD.
    """
    try:
        return constant(dt.date.fromisoformat(text.strip()))
    except ValueError:
        raise WrongType(
            "a date constant is not of the form YYYY-MM-DD", hint="write DATE '2017-06-30'"
        ) from None


def timestamp_literal(text: str) -> Literal:
    """Return a TIMESTAMP constant in UTC without zone.

    Raises:
        WrongType: if the text is not an ISO date and time.
    """
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise WrongType(
            "a timestamp constant is not of the form YYYY-MM-DD HH:MM:SS",
            hint="write TIMESTAMP '2017-06-30 12:00:00'",
        )
    return constant(moment)


def as_date_like(expression: Expr, other: Expr) -> Expr:
    """Return a text constant beside a date or timestamp as a constant of that type; anything else unchanged."""
    if not (
        isinstance(expression, Literal)
        and isinstance(expression.value, str)
        and expression.type.kind is Kind.TEXT
    ):
        return expression
    if other.type.kind is Kind.DATE:
        return date_literal(expression.value)
    if other.type.kind is Kind.TIMESTAMP:
        return timestamp_literal(expression.value)
    return expression


def part_name(text: str) -> str:
    """Return the canonical name of a date part.

    Raises:
        WrongType: listing the parts that exist.
    """
    name = text.lower().strip()
    name = _ALIASES.get(name, name)
    if name not in PARTS:
        raise WrongType(f"there is no date part {name[:20]!r}", hint="parts: " + ", ".join(PARTS))
    return name


def extract(part: str, expression: Expr) -> Expr:
    """Return a part of a date or timestamp as a whole number."""
    name = part_name(part)
    if expression.type.kind not in _DATED:
        raise WrongType(f"EXTRACT({name}) takes a date or timestamp", hint="check the column's type")
    low, high = PARTS[name]
    reach = Range(Fraction(low), Fraction(high))
    found = Call("extract", (expression,), INTEGER, reach, reach, True, (name,))
    return replace(found, range=through(found)) if name == "year" else found


def truncate(part: str, expression: Expr) -> Expr:
    """Return the start of the year, quarter, month, week, day, hour or minute: a date for a date, else a timestamp."""
    name = _ALIASES.get(part.lower(), part.lower())
    if name not in TRUNCATIONS:
        raise WrongType(f"DATE_TRUNC takes no {name[:20]!r}", hint="units: " + ", ".join(TRUNCATIONS))
    if expression.type.kind not in _DATED:
        raise WrongType("DATE_TRUNC takes a date or timestamp", hint="check the column's type")
    if expression.type.kind is Kind.DATE and name in _TIMES:
        return expression
    found = Call("truncate", (expression,), expression.type, nullable=expression.nullable, parameters=(name,))
    return replace(found, range=through(found))


def to_date(expression: Expr) -> Expr:
    """Return the date of a timestamp."""
    if expression.type.kind is Kind.DATE:
        return expression
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        is_text = expression.type.kind is Kind.TEXT
        return date_literal(expression.value if is_text else expression.value[:_DAY_LENGTH])
    if expression.type.kind is not Kind.TIMESTAMP:
        raise WrongType("only a timestamp can be cast to a date", hint="check the column's type")
    found = Call("to_date", (expression,), DATE, nullable=expression.nullable)
    return replace(found, range=through(found))


def to_timestamp(expression: Expr) -> Expr:
    """Return the timestamp of a date's midnight; a timestamp as it is."""
    if expression.type.kind is not Kind.DATE:
        return expression
    return Call("to_timestamp", (expression,), TIMESTAMP, expression.range, nullable=expression.nullable)
