"""The cells of one measure of an answer, ready to be shown: rounded to the noise, with a mark where they mislead."""

from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import NormalDist

from jali.model.release import OutputColumn, Release, Value
from jali.serve.chart import Span
from jali.serve.text import (
    harmless,
    number_of,
    quantum,
    rounded,
    rounded_down,
    rounded_up,
    significant,
    smallest_step,
)

ALL = "(all)"
TOO_NOISY = "too noisy"
NOT_SHOWN = "not shown"
_SHARE = 0.2
_TIME_NAMES = ("week", "month", "hour", "day", "year", "quarter", "date", "time")
_MONTH, _DAY, _MINUTE = len("2017-01"), len("2017-01-01"), len("2017-01-01 00:00")


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: texts for people, `span` for drawing, `flag` where it misleads or is missing."""

    text: str
    low: str = ""
    high: str = ""
    flag: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of numbers; `has_intervals` where at least one cell has one."""

    title: str
    cells: tuple[Cell, ...]
    has_intervals: bool


def measures(release: Release) -> tuple[Measure, ...]:
    """Return the columns of an answer that are no keys."""
    indices = [i for i, c in enumerate(release.columns) if c.role != "key"]
    return tuple(_measure(release, i) for i in indices)


def _measure(release: Release, index: int) -> Measure:
    column = release.columns[index]
    cells = [_cell(release, column, row, index) for row in range(len(release.rows))]
    texts = _aligned([c.text for c in cells])
    lows, highs = _aligned([c.low for c in cells]), _aligned([c.high for c in cells])
    shown = tuple(
        replace(cell, text=text, low=low, high=high)
        for cell, text, low, high in zip(cells, texts, lows, highs, strict=True)
    )
    return Measure(title(column), shown, any(cell.high for cell in cells))


def title(column: OutputColumn) -> str:
    """Return the head of a column: its name and unit of measure."""
    unit = f", {harmless(column.unit_of_measure)}" if column.unit_of_measure else ""
    return harmless(column.name) + unit


def _cell(release: Release, column: OutputColumn, row: int, index: int) -> Cell:
    value = release.rows[row][index]
    number = number_of(value)
    if number is None:
        return Cell("", flag=NOT_SHOWN) if value is None else Cell(key_text(value))
    pair = release.intervals[row][index]
    low, high = (number_of(pair[0]), number_of(pair[1])) if pair is not None else (None, None)
    sd = _sd(release, row, index, low, high)
    if low is None or high is None:
        return Cell(
            significant(number) if sd is None else rounded(number, quantum(sd, smallest_step(column)))
        )
    last = quantum(sd, smallest_step(column))
    is_noisy = sd is not None and sd > _SHARE * abs(float(number))
    span = Span(float(low), float(number), float(high)) if low >= 0 and number >= 0 else None
    return Cell(
        rounded(number, last),
        rounded_down(low, last),
        rounded_up(high, last),
        TOO_NOISY if is_noisy else "",
        span,
    )


def _sd(release: Release, row: int, index: int, low: Decimal | None, high: Decimal | None) -> float | None:
    """Return the noise of a cell; from its interval where the cell is computed from others."""
    sd = release.noise_sd[row][index]
    if sd is None and low is not None and high is not None:
        return float(high - low) / 2 / NormalDist().inv_cdf((1 + release.confidence) / 2)
    return sd


def _aligned(texts: list[str]) -> list[str]:
    """Return numbers padded on the right so that their points stand below each other."""
    places = [len(t) - t.index(".") if "." in t else 0 for t in texts]
    most = max(places, default=0)
    return [t + " " * (most - p) if t else t for t, p in zip(texts, places, strict=True)]


def key_columns(release: Release) -> list[tuple[str, list[str]]]:
    """Return title and texts of each key column."""
    found: list[tuple[str, list[str]]] = []
    for index, column in enumerate(release.columns):
        if column.role == "key":
            texts = [key_text(row[index]) for row in release.rows]
            found.append((title(column), _shorter(texts) if column.type == "TIMESTAMP" else texts))
    return found


def key_text(value: Value) -> str:
    """Return a key for people; a total over all keys has none of its own."""
    if value is None:
        return ALL
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(value)


def is_label(text: str) -> bool:
    """Return whether a key is one of our own: (other), (null) and (all)."""
    return text in {"(other)", "(null)", ALL}


def _shorter(texts: list[str]) -> list[str]:
    """Return timestamps without the parts that are the same everywhere: months, days, or minutes remain."""
    times = [t for t in texts if not is_label(t)]
    keep = len(max(times, key=len, default=""))
    for end, length in (("-01 00:00:00", _MONTH), (" 00:00:00", _DAY), (":00", _MINUTE)):
        if times and all(t.endswith(end) and len(t) == len("2017-01-01 00:00:00") for t in times):
            keep = length
            break
    return [t if is_label(t) else t[:keep] for t in texts]


def runs_in_time(release: Release) -> bool:
    """Return whether the rows have one key, a time or counter of time, and stand in its order."""
    columns = [(i, c) for i, c in enumerate(release.columns) if c.role == "key"]
    if len(columns) != 1:
        return False
    index, column = columns[0]
    is_time = column.type in {"TIMESTAMP", "DATE"} or (
        column.type == "BIGINT" and any(word in column.name.lower() for word in _TIME_NAMES)
    )
    keys = [row[index] for row in release.rows if not is_label(key_text(row[index]))]
    texts = [str(k).zfill(20) for k in keys]
    return is_time and texts == sorted(texts)
