"""INTERVAL: constants added to dates and times, and spans of equal length as keys. Nothing here can overflow a row.

A moment whose result would leave the years 1 to 9999 gives NULL, in every engine: each call renders with the first and
last moment at which it stays inside (`moments.domain_of`).
"""

import datetime as dt
import re
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlglot import exp

from jali.model.codes import WrongType
from jali.model.types import DATE, TIMESTAMP, Kind
from jali.sql import dates, typed
from jali.sql.evaluate import evaluate
from jali.sql.moments import ORIGIN
from jali.sql.tree import Call, Expr, Literal

DAY = 86_400 * 10**6
"""Microseconds of a day."""

MOST_MONTHS = 12_000
MOST_MICROSECONDS = 366_000 * DAY
"""An interval is at most a thousand years."""

_MICROSECONDS = {
    "microsecond": 1, "millisecond": 10**3, "second": 10**6, "minute": 60 * 10**6, "hour": 3_600 * 10**6, "day": DAY,
    "week": 7 * DAY,
}  # fmt: skip
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_TERM = re.compile(r"\s*([+-]?\d{1,18})\s*([a-z]+)\s*", re.IGNORECASE)
_DATED = frozenset({Kind.DATE, Kind.TIMESTAMP})
STEPS = {"year": (12, 0), "quarter": (3, 0), "month": (1, 0)} | {
    unit: (0, _MICROSECONDS[unit]) for unit in ("week", "day", "hour", "minute")
}
"""Unit of DATE_TRUNC -> months and microseconds from one start to the next."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Whole months, then microseconds."""

    months: int
    microseconds: int

    @property
    def negative(self) -> "Interval":
        """Return the same time back."""
        return Interval(-self.months, -self.microseconds)


def interval_in(node: exp.Expression | None) -> exp.Interval | None:
    """Return the INTERVAL a node is, brackets aside; None for all else."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node if isinstance(node, exp.Interval) else None


def read_interval(node: exp.Expression) -> Interval:
    """Return a constant INTERVAL, or one written as text such as '15 minutes'.

    Raises:
        WrongType: for anything but whole numbers of known units, up to a thousand years.
    """
    unit = node.args.get("unit") if isinstance(node, exp.Interval) else None
    inner = node.this if isinstance(node, exp.Interval) else node
    while isinstance(inner, exp.Paren):
        inner = inner.this
    sign = ""
    if isinstance(inner, exp.Neg):
        sign, inner = "-", inner.this
    value = f"{sign}{inner.this}" if isinstance(inner, exp.Literal) else ""
    text = f"{value} {unit.name}" if unit is not None else value
    months = microseconds = at = 0
    while at < len(text) and (term := _TERM.match(text, at)) is not None:
        count, name = int(term[1]), term[2].lower().removesuffix("s")
        if name not in _MICROSECONDS and name not in _MONTHS:
            break
        months += count * _MONTHS.get(name, 0)
        microseconds += count * _MICROSECONDS.get(name, 0)
        at = term.end()
    if not text or at < len(text) or abs(months) > MOST_MONTHS or abs(microseconds) > MOST_MICROSECONDS:
        raise WrongType(
            "INTERVAL takes a constant whole number of seconds, minutes, hours, days, weeks, months, quarters or years",
            hint="write INTERVAL 30 DAY; it may be up to a thousand years",
        )
    return Interval(months, microseconds)


def shifted(moment: Expr, interval: Interval) -> Expr:
    """Return a date or timestamp moved by an interval: a timestamp. NULL where it would leave the years 1 to 9999.

    Raises:
        WrongType: for other types, and for a constant that leaves those years.
    """
    typed.require(moment, frozenset(Kind), "arithmetic with INTERVAL")
    if moment.type.kind not in _DATED:
        raise WrongType("INTERVAL is added to a date or timestamp", hint="write d + INTERVAL 1 DAY")
    found = Call(
        "shift",
        (dates.to_timestamp(moment),),
        TIMESTAMP,
        parameters=(Fraction(interval.months), Fraction(interval.microseconds)),
    )
    if isinstance(moment, Literal):
        value = evaluate(found, {})
        if not isinstance(value, dt.datetime):
            raise WrongType("a constant leaves the years 1 to 9999", hint="use a shorter INTERVAL")
        return dates.constant(value)
    return replace(found, range=dates.through(found))


def days_on(day: Expr, days: Expr, sign: int) -> Expr:
    """Return a date a constant number of days on: a date.

    Raises:
        WrongType: unless the number is a constant whole one.
    """
    count = days.value if isinstance(days, Literal) else None
    if not isinstance(count, Fraction) or count.denominator != 1 or abs(count) * DAY > MOST_MICROSECONDS:
        raise WrongType("a date takes a constant number of days", hint="write d + 7")
    return dates.to_date(shifted(day, Interval(0, sign * int(count) * DAY)))


def bucket(moment: Expr, width: Interval, origin: Expr | None) -> Expr:
    """Return the start of the span of equal length that holds a moment, of the same type.

    Spans of microseconds count from Monday 2000-01-03 or a constant origin, spans of months from 2000-01-01.

    Raises:
        WrongType: for a width that is not positive or mixes months with days, or below a day for a date.
    """
    typed.require(moment, frozenset(Kind), "TIME_BUCKET")
    if moment.type.kind not in _DATED:
        raise WrongType("TIME_BUCKET takes a date or timestamp", hint="write TIME_BUCKET(INTERVAL 7 DAY, d)")
    is_months = width.months > 0 and width.microseconds == 0
    is_time = width.microseconds > 0 and width.months == 0
    if not (is_months or is_time):
        raise WrongType(
            "the width of TIME_BUCKET is above 0, and months or days, not both", hint="write INTERVAL 7 DAY"
        )
    if is_time and moment.type.kind is Kind.DATE and width.microseconds % DAY:
        raise WrongType("the width of TIME_BUCKET of a date is whole days", hint="write INTERVAL 7 DAY")
    start = _origin(origin, moment, is_months=is_months)
    parameters = (Fraction(width.months), Fraction(width.microseconds), start.isoformat(sep=" "))
    found = Call("bucket", (moment,), moment.type, parameters=parameters)
    return replace(found, range=dates.through(found))


def _origin(origin: Expr | None, moment: Expr, *, is_months: bool) -> dt.datetime:
    if origin is None:
        return ORIGIN
    value = dates.as_date_like(origin, moment)
    if is_months or not (
        isinstance(value, Literal) and value.type.kind in _DATED and value.value is not None
    ):
        raise WrongType(
            "the origin of TIME_BUCKET is a constant date or timestamp, for widths of days or less",
            hint="write TIME_BUCKET(INTERVAL 7 DAY, d, DATE '2024-01-01')",
        )
    found = dt.datetime.fromisoformat(str(value.value))
    if moment.type.kind is Kind.DATE and found != dt.datetime.combine(found.date(), dt.time()):
        raise WrongType("the origin of TIME_BUCKET of a date is a date", hint="write DATE '2024-01-01'")
    return found


def last_day(moment: Expr) -> Expr:
    """Return the last day of a moment's month."""
    typed.require(moment, frozenset(Kind), "LAST_DAY")
    if moment.type.kind not in _DATED:
        raise WrongType("LAST_DAY takes a date or timestamp", hint="check the column's type")
    found = Call("last_day", (moment,), DATE)
    return replace(found, range=dates.through(found))


def step_of(expression: Expr) -> Interval | None:
    """Return how far the starts of a DATE_TRUNC or TIME_BUCKET lie from each other; None for all else."""
    if not isinstance(expression, Call):
        return None
    if expression.function == "truncate":
        return Interval(*STEPS[str(expression.parameters[0])])
    if expression.function == "bucket":
        months, microseconds = (int(p) for p in expression.parameters[:2] if isinstance(p, Fraction))
        return Interval(months, microseconds)
    return None
