"""Arithmetic of dates and times as engines do it, within the years 1 to 9999; a result outside is nothing (NULL)."""

import datetime as dt
from calendar import monthrange
from collections.abc import Callable

FIRST = dt.datetime.min  # noqa: DTZ901  # SQL timestamps have no zone
LAST = dt.datetime.max  # noqa: DTZ901  # as above
MICROSECOND = dt.timedelta(microseconds=1)
_MONTHS = 12
_ORIGIN_MONTHS = 2000 * _MONTHS
ORIGIN = dt.datetime(2000, 1, 3)  # noqa: DTZ001  # a Monday; SQL timestamps have no zone


def shifted(moment: dt.datetime, months: int, microseconds: int) -> dt.datetime | None:
    """Return a moment some months on, its day cut to the last of the month, and then some microseconds on.

    Example:
        >>> shifted(dt.datetime(2024, 1, 31), 1, 0)
        datetime.datetime(2024, 2, 29, 0, 0)
    """
    year, month = divmod(moment.year * _MONTHS + moment.month - 1 + months, _MONTHS)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return None
    day = min(moment.day, monthrange(year, month + 1)[1])
    try:
        return moment.replace(year=year, month=month + 1, day=day) + microseconds * MICROSECOND
    except OverflowError:
        return None


def bucket(moment: dt.datetime, months: int, microseconds: int, origin: dt.datetime) -> dt.datetime | None:
    """Return the start of the span that holds a moment: whole spans from `origin`, those of months from 2000-01-01."""
    try:
        if months:
            number = (moment.year * _MONTHS + moment.month - 1 - _ORIGIN_MONTHS) // months
            year, month = divmod(_ORIGIN_MONTHS + number * months, _MONTHS)
            return dt.datetime(year, month + 1, 1)  # noqa: DTZ001  # SQL timestamps have no zone
        width = microseconds * MICROSECOND
        return origin + (moment - origin) // width * width
    except (OverflowError, ValueError):
        return None


def last_day(moment: dt.date) -> dt.date:
    """Return the last day of a moment's month."""
    return dt.date(moment.year, moment.month, monthrange(moment.year, moment.month)[1])


def domain_of(function: Callable[[dt.datetime], dt.datetime | None]) -> tuple[dt.datetime, dt.datetime]:
    """Return the first and last moment at which a non-decreasing function of moments stays in the calendar.

    The function must be something at one moment at least, at 5000-01-01.
    """
    middle = (dt.datetime(5000, 1, 1) - FIRST) // MICROSECOND  # noqa: DTZ001  # SQL timestamps have no zone

    def edge(outside: int) -> dt.datetime:
        inside = middle
        if function(FIRST + outside * MICROSECOND) is not None:
            return FIRST + outside * MICROSECOND
        while abs(inside - outside) > 1:
            between = (inside + outside) // 2
            if function(FIRST + between * MICROSECOND) is None:
                outside = between
            else:
                inside = between
        return FIRST + inside * MICROSECOND

    return edge(0), edge((LAST - FIRST) // MICROSECOND)
