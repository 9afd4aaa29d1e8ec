"""Dates and timestamps: literals, parts and truncation. All of it is total; nothing is parsed on a row."""

import datetime as dt
from fractions import Fraction

from jali.model.codes import WrongType
from jali.model.types import DATE, INTEGER, TIMESTAMP, Kind
from jali.sql.tree import Call, Expr, Literal, Range

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


def date_literal(text: str) -> Literal:
    """Return a DATE constant.

    Raises:
        WrongType: if the text is not YYYY-MM-DD.
    """
    try:
        return Literal(dt.date.fromisoformat(text.strip()).isoformat(), DATE)
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
    return Literal(moment.isoformat(sep=" "), TIMESTAMP)


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
    known = Range() if name == "year" else reach
    return Call("extract", (expression,), INTEGER, known, reach, True, (name,))


def truncate(part: str, expression: Expr) -> Expr:
    """Return the start of the year, quarter, month, week, day, hour or minute: a date for a date, else a timestamp."""
    name = _ALIASES.get(part.lower(), part.lower())
    if name not in TRUNCATIONS:
        raise WrongType(f"DATE_TRUNC takes no {name[:20]!r}", hint="units: " + ", ".join(TRUNCATIONS))
    if expression.type.kind not in _DATED:
        raise WrongType("DATE_TRUNC takes a date or timestamp", hint="check the column's type")
    if expression.type.kind is Kind.DATE and name in _TIMES:
        return expression
    return Call("truncate", (expression,), expression.type, nullable=expression.nullable, parameters=(name,))


def to_date(expression: Expr) -> Expr:
    """Return the date of a timestamp."""
    if expression.type.kind is Kind.DATE:
        return expression
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return date_literal(expression.value)
    if expression.type.kind is not Kind.TIMESTAMP:
        raise WrongType("only a timestamp can be cast to a date", hint="check the column's type")
    return Call("to_date", (expression,), DATE, nullable=expression.nullable)
