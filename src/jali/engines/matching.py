"""How many distinct values units can stand for, when each stands for a limited number of them.

The number is the size of a maximum b-matching: each value is given to at most one unit that has it, and a unit to at
most `most` of its values. Adding a unit never lowers it, since a matching of the others' data stays one, and raises it
by at most `most`: take that unit's values out of a matching, and what is left is a matching of the others' data. So it
is a count of distinct values with sensitivity `most`. Where every unit has at most `most` values it is the true count.
No way of letting units keep `most` of their values each counts more, because what they keep is such a matching (Knop
and Steinke, "Counting Distinct Elements Under Person-Level Differential Privacy", 2023, section 2).

Only the size is unique, so only the size leaves this module: which unit stands for which value depends on the order.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_NOBODY = -1


def matched(edges: Iterable[tuple[int, int]], most: int, check: Callable[[], None] = lambda: None) -> int:
    """Return the size of a maximum matching of values to units with room for `most` values each.

    Hopcroft and Karp's phases: shortest augmenting paths, many at a time. E edges and V values take at most about
    E sqrt(V) steps.

    Args:
        edges: (unit, value), whole numbers from 0 without large gaps; pairs may repeat.
        most: >= 0.
        check: called after each phase; may raise to give up.

    Example:
        >>> matched([(0, 0), (0, 1), (0, 2), (1, 2)], most=1)
        2
    """
    if most <= 0:
        return 0
    graph = _Graph(edges, most)
    graph.greedy()
    check()
    while graph.layers():
        graph.augment()
        check()
    return graph.size


class _Graph:
    """Which units have each value (by `starts` and `units`), and which values each unit stands for."""

    def __init__(self, edges: Iterable[tuple[int, int]], most: int) -> None:
        left, right = array("q"), array("q")
        for unit, value in edges:
            left.append(unit)
            right.append(value)
        self.most = most
        self.starts = array("q", bytes(8 * (max(right, default=-1) + 2)))
        for value in right:
            self.starts[value + 1] += 1
        for value in range(len(self.starts) - 1):
            self.starts[value + 1] += self.starts[value]
        self.units = array("q", bytes(8 * len(left)))
        places = array("q", self.starts)
        for unit, value in zip(left, right, strict=True):
            self.units[places[value]] = unit
            places[value] += 1
        self.held: list[list[int]] = [[] for _ in range(max(left, default=-1) + 1)]
        self.open: list[int] = [v for v in range(len(self.starts) - 1) if self.starts[v] < self.starts[v + 1]]
        self.size = 0
        self.level: list[int] = []

    def owners(self, value: int) -> "array[int]":
        """Return the units that have a value."""
        return self.units[self.starts[value] : self.starts[value + 1]]

    def greedy(self) -> None:
        """Give each value, the rarest first, to the unit that has it and the most room."""
        order = sorted(self.open, key=lambda v: self.starts[v + 1] - self.starts[v])
        left: list[int] = []
        for value in order:
            unit = min(self.owners(value), key=lambda u: len(self.held[u]))
            if len(self.held[unit]) < self.most:
                self.held[unit].append(value)
                self.size += 1
            else:
                left.append(value)
        self.open = left

    def layers(self) -> bool:
        """Return whether an augmenting path is left, and number the units by their distance from a value without one.

        Units that are reached where no path ends never get room again, nor do values that reach only them.
        """
        self.level = [_NOBODY] * len(self.held)
        frontier, depth, has_room = self.open, 0, False
        while frontier and not has_room:
            following: list[int] = []
            for value in frontier:
                for unit in self.owners(value):
                    if self.level[unit] == _NOBODY:
                        self.level[unit] = depth
                        has_room = has_room or len(self.held[unit]) < self.most
                        following.extend(self.held[unit])
            frontier, depth = following, depth + 1
        return has_room

    def augment(self) -> None:
        """Give values without a unit one, along disjoint shortest paths, until none of this length is left."""
        tried = [0] * len(self.held)
        self.open = [value for value in self.open if not self._place(value, tried)]

    def _place(self, value: int, tried: list[int]) -> bool:
        """Give `value` to a unit, which may pass on one of its own, and so on; False where no path is left.

        Each step of the trail is a value, the units it may still go to, and the unit it goes to if the next step
        works; that unit then gives up its value number `tried`.
        """
        trail = [_Step(value, iter(self.owners(value)))]
        while trail:
            step = trail[-1]
            if step.unit == _NOBODY:
                step.unit = next((u for u in step.units if self.level[u] == len(trail) - 1), _NOBODY)
            if step.unit == _NOBODY:
                trail.pop()
                if trail:
                    tried[trail[-1].unit] += 1
            elif len(self.held[step.unit]) < self.most:
                self._shift(trail, tried)
                return True
            elif tried[step.unit] < self.most:
                following = self.held[step.unit][tried[step.unit]]
                trail.append(_Step(following, iter(self.owners(following))))
            else:
                self.level[step.unit] = _NOBODY
                step.unit = _NOBODY
        return False

    def _shift(self, trail: list["_Step"], tried: list[int]) -> None:
        """Give every value of a trail to its unit."""
        last = trail.pop()
        self.held[last.unit].append(last.value)
        for step in trail:
            self.held[step.unit][tried[step.unit]] = step.value
            tried[step.unit] += 1
        self.size += 1


@dataclass(slots=True)
class _Step:
    value: int
    units: Iterator[int]
    unit: int = _NOBODY
