"""ISO 8601 durations as exact calendar steps: months and seconds, never a float of days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

_FORM = re.compile(
    r"P(?=[0-9T])(?:(\d{1,4})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?"
)
_ANCHOR = datetime(2001, 1, 1)  # noqa: DTZ001  a calendar anchor, not a moment


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: whole months and whole seconds, as written in `text`; never zero."""

    months: int
    seconds: int
    text: str

    def as_timedelta(self) -> timedelta:
        """Return the length counted from 2001-01-01, for clocks."""
        return self.after(_ANCHOR) - _ANCHOR

    def after(self, start: datetime, times: int = 1) -> datetime:
        """Return `start` plus `times` durations; a day past the month's end becomes its last day.

        Raises:
            OverflowError: if the result lies outside the years 1 to 9999.
        """
        months = start.year * 12 + start.month - 1 + self.months * times
        year, month = divmod(months, 12)
        if not 1 <= year <= 9999:  # noqa: PLR2004  the calendar of datetime
            msg = "the date leaves the calendar"
            raise OverflowError(msg)
        day = min(start.day, monthrange(year, month + 1)[1])
        moved = start.replace(year=year, month=month + 1, day=day)
        return moved + timedelta(seconds=self.seconds * times)

    def is_at_most(self, other: "Duration") -> bool:
        """Return whether this is not longer than `other`, both counted from 2001-01-01."""
        return self.as_timedelta() <= other.as_timedelta()


def duration(text: str) -> Duration | None:
    """Return the duration a text stands for, or None if it is not one or is zero.

    Example:
        >>> duration("P1Y6M")
        Duration(months=18, seconds=0, text='P1Y6M')
        >>> duration("1 day") is None
        True
    """
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in form.groups())
    span = Duration(
        years * 12 + months,
        ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds,
        text,
    )
    if not (span.months or span.seconds):
        return None
    try:
        span.as_timedelta()
    except OverflowError:
        return None
    return span
