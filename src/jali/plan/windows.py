"""Windows over finished rows, in exact arithmetic: ranks, totals of frames, neighbours. Post-processing: free.

A suppressed cell is NULL: totals and counts skip it, as SQL does. Equal rows stand in the order of the answer.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate
from typing import TypeAlias

from jali.model.types import Kind
from jali.plan.rows import Row, identity, ordered, value_of
from jali.sql.evaluate import Value
from jali.sql.tree import Literal, ReleasedWindow


def with_windows(rows: list[Row], windows: tuple[ReleasedWindow, ...]) -> list[Row]:
    """Return the rows with the value of every window."""
    if not windows:
        return rows
    columns = [_column(rows, window) for window in windows]
    return [replace(row, windows=tuple(column[i] for column in columns)) for i, row in enumerate(rows)]


@dataclass(frozen=True, slots=True)
class _Part:
    """The ordered rows of one partition; `first` and `last` are the ends of each row's group of equals."""

    rows: list[Row]
    first: list[int]
    last: list[int]
    groups: list[int]


def _column(rows: list[Row], window: ReleasedWindow) -> list[Value]:
    where: dict[int, int] = {id(row): i for i, row in enumerate(rows)}
    parts: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(identity(e, row) for e in window.partition), []).append(row)
    found: list[Value] = [None] * len(rows)
    for members in parts.values():
        part = _part(ordered(members, window.order), window)
        for row, value in zip(part.rows, _RULES[window.function](part, window), strict=True):
            found[where[id(row)]] = value
    return found


def _part(rows: list[Row], window: ReleasedWindow) -> _Part:
    marks = [tuple(identity(o.expression, row) for o in window.order) for row in rows]
    first: list[int] = []
    groups: list[int] = []
    for i, mark in enumerate(marks):
        is_equal = i > 0 and mark == marks[i - 1]
        first.append(first[-1] if is_equal else i)
        groups.append(groups[-1] + (not is_equal) if groups else 1)
    last = list(range(len(rows)))
    for i in range(len(rows) - 2, -1, -1):
        last[i] = last[i + 1] if groups[i] == groups[i + 1] else i
    return _Part(rows, first, last, groups)


def _frames(part: _Part, window: ReleasedWindow) -> list[tuple[int, int]]:
    """Return for each row the first row of its frame and the one after its last; both never go back."""
    size, frame = len(part.rows), window.frame
    found: list[tuple[int, int]] = []
    for i in range(size):
        if frame.unit == "range":
            low = 0 if frame.start is None else part.first[i]
            high = size if frame.end is None else part.last[i] + 1
        else:
            low = 0 if frame.start is None else min(size, max(0, i + frame.start))
            high = size if frame.end is None else max(0, min(size, i + frame.end + 1))
        found.append((low, max(low, high)))
    return found


def _argument(part: _Part, window: ReleasedWindow, index: int = 0) -> list[Value]:
    return [value_of(window.args[index], row) for row in part.rows]


def _count(part: _Part, window: ReleasedWindow) -> Iterable[Value]:
    is_there = [v is not None for v in _argument(part, window)] if window.args else [True] * len(part.rows)
    sums = [0, *accumulate(int(x) for x in is_there)]
    return [Fraction(sums[high] - sums[low]) for low, high in _frames(part, window)]


def _sums(part: _Part, window: ReleasedWindow) -> list[tuple[Fraction, int]]:
    """Return the exact sum and the number of the values in each frame."""
    values = [Fraction(v) if isinstance(v, Fraction | float) else None for v in _argument(part, window)]
    totals = [Fraction(0), *accumulate(v or Fraction(0) for v in values)]
    counts = [0, *accumulate(int(v is not None) for v in values)]
    return [(totals[high] - totals[low], counts[high] - counts[low]) for low, high in _frames(part, window)]


def _sum(part: _Part, window: ReleasedWindow) -> Iterable[Value]:
    return [_typed(total, window) if count else None for total, count in _sums(part, window)]


def _avg(part: _Part, window: ReleasedWindow) -> Iterable[Value]:
    return [_typed(total / count, window) if count else None for total, count in _sums(part, window)]


def _typed(value: Fraction, window: ReleasedWindow) -> Value:
    if window.type.kind is Kind.REAL:
        return float(value)
    return round(value / window.type.step) * window.type.step


def _extreme(is_better: Callable[..., bool]) -> "_Rule":
    """Return MIN or MAX over frames whose ends never go back, looking at each value twice at most."""

    def rule(part: _Part, window: ReleasedWindow) -> Iterable[Value]:
        values = _argument(part, window)
        waiting: deque[int] = deque()
        reached = 0
        for low, high in _frames(part, window):
            for i in (j for j in range(max(reached, low), high) if values[j] is not None):
                while waiting and is_better(values[i], values[waiting[-1]]):
                    waiting.pop()
                waiting.append(i)
            reached = max(reached, high)
            while waiting and waiting[0] < low:
                waiting.popleft()
            yield values[waiting[0]] if waiting else None

    return rule


def _neighbour(direction: int) -> "_Rule":
    def rule(part: _Part, window: ReleasedWindow) -> Iterable[Value]:
        values = _argument(part, window)
        others = _argument(part, window, 2) if len(window.args) > 2 else [None] * len(values)  # noqa: PLR2004  # a default
        away = direction * _constant(window, 1)
        return [values[i + away] if 0 <= i + away < len(values) else others[i] for i in range(len(values))]

    return rule


def _constant(window: ReleasedWindow, index: int) -> int:
    node = window.args[index]
    return int(node.value) if isinstance(node, Literal) and isinstance(node.value, Fraction) else 0


def _at(place: Callable[[int, int, ReleasedWindow], int]) -> "_Rule":
    """Return the value at a place of each frame; NULL where the frame has no such row."""

    def rule(part: _Part, window: ReleasedWindow) -> Iterable[Value]:
        values = _argument(part, window)
        for low, high in _frames(part, window):
            at = place(low, high, window)
            yield values[at] if low <= at < high else None

    return rule


def _ntile(part: _Part, window: ReleasedWindow) -> Iterable[Value]:
    size, buckets = len(part.rows), _constant(window, 0)
    each, more = divmod(size, buckets)
    long = more * (each + 1)
    return [
        Fraction(i // (each + 1) if i < long else more + (i - long) // max(1, each)) + 1 for i in range(size)
    ]


def _percent_rank(part: _Part, _window: ReleasedWindow) -> Iterable[Value]:
    return [i / max(1, len(part.rows) - 1) for i in part.first]


_Rule: TypeAlias = Callable[[_Part, ReleasedWindow], Iterable[Value]]
_RULES: dict[str, _Rule] = {
    "rank": lambda part, _w: [Fraction(i + 1) for i in part.first],
    "dense_rank": lambda part, _w: [Fraction(g) for g in part.groups],
    "row_number": lambda part, _w: [Fraction(i + 1) for i in range(len(part.rows))],
    "percent_rank": _percent_rank,
    "cume_dist": lambda part, _w: [(i + 1) / len(part.rows) for i in part.last],
    "ntile": _ntile,
    "count": _count,
    "sum": _sum,
    "avg": _avg,
    "min": _extreme(lambda a, b: a <= b),
    "max": _extreme(lambda a, b: a >= b),
    "lag": _neighbour(-1),
    "lead": _neighbour(1),
    "first_value": _at(lambda low, _high, _w: low),
    "last_value": _at(lambda _low, high, _w: high - 1),
    "nth_value": _at(lambda low, _high, w: low + _constant(w, 1) - 1),
}
