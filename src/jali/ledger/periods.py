"""Budget periods: UTC calendar years, quarters and months, by name."""

from datetime import UTC, datetime, timedelta
from typing import Final

DURATIONS: Final = ("P1Y", "P3M", "P1M")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def period_of(now_ms: int, duration: str) -> str:
    """Return the name of the period a time lies in.

    Args:
        now_ms: milliseconds since 1970-01-01 UTC.
        duration: P1Y, P3M or P1M, as in a contract.

    Raises:
        ValueError: for another duration.

    Example:
        >>> [period_of(1_752_000_000_000, d) for d in DURATIONS]
        ['2025', '2025-Q3', '2025-07']
    """
    at = _EPOCH + timedelta(milliseconds=now_ms)
    if duration == "P1Y":
        return f"{at.year:04d}"
    if duration == "P3M":
        return f"{at.year:04d}-Q{(at.month + 2) // 3}"
    if duration == "P1M":
        return f"{at.year:04d}-{at.month:02d}"
    msg = f"a period is one of {DURATIONS}, got {duration!r}"
    raise ValueError(msg)


def current_labels(now_ms: int, grace_ms: int) -> frozenset[str]:
    """Return the names of all periods that hold now or held `grace_ms` ago."""
    times = (now_ms, max(0, now_ms - grace_ms))
    return frozenset(period_of(t, d) for t in times for d in DURATIONS)


def utc_text(now_ms: int) -> str:
    """Return a time as ISO 8601 text with milliseconds.

    Example:
        >>> utc_text(1_752_000_000_123)
        '2025-07-08T18:40:00.123Z'
    """
    at = _EPOCH + timedelta(milliseconds=now_ms)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now_ms % 1000:03d}Z"
