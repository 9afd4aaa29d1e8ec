"""Quantiles, MIN and MAX read off a noisy tree of counts.

The leaves are estimated by least squares from all levels. For a tree whose levels below the root carry equal
independent noise, the normal matrix is diagonal on functions that are constant on the nodes of one level and sum to
zero below their parent, with eigenvalue sum_{i=j..h} 4^(h-i) for level j; the constant function belongs to level 1.
So estimates and their variances are closed sums over levels. The estimated counts are made a non-decreasing
function of the place, in which ranks are looked up; within a leaf values are taken to be spread evenly.

MIN is the first leaf up to which more rows are counted than two standard deviations of noise, MAX the last one from
which on there are: the outermost few values are hidden in the noise on purpose.

Source: Hay, Rastogi, Miklau and Suciu (VLDB 2010), section 4, for consistency; the diagonal form is the Haar basis
of the tree.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from statistics import NormalDist

from jali.plan.cell import SUPPRESSED, Cell
from jali.plan.exact import BRANCHING, Group, Tree
from jali.plan.levels import Lines
from jali.plan.noisy import Total
from jali.plan.private import Measured

_HIDDEN = 2.0
"""Standard deviations of noise that the counts outside MIN and MAX must exceed."""


def read_rank(measured: Measured, noisy: Lines, index: int, confidence: float) -> Cell:
    """Return a quantile, MIN or MAX of one cell with its interval; nothing where the rows are lost in the noise."""
    group = measured.noise.group
    if not isinstance(group, Group) or group.tree is None:
        msg = "ranks are read off a tree"
        raise TypeError(msg)
    nodes = [noisy.values[one][index] for one in group.ids]
    sd = measured.noise.scales(noisy.norms.get(group.id))[0] / group.scale
    counts = _Counts.of(nodes, group.tree, group.scale, sd)
    if counts.total <= 0 or float(counts.total) < _HIDDEN * counts.sd_total:
        return SUPPRESSED
    z = NormalDist().inv_cdf((1.0 + confidence) / 2.0)
    kind, rank = measured.aggregate.kind, measured.aggregate.rank
    match kind:
        case "min":
            place = _first_above_noise(counts)
            ends = (Fraction(0), place + 1)
        case "max":
            place = _last_above_noise(counts)
            ends = (place, Fraction(group.tree.leaves))
        case _:
            place = _place_of(counts, rank or Fraction(0), is_disc=kind == "quantile_disc")
            ends = _interval(counts, float(rank or 0), z, place)
    return _cell(measured, group, place, ends, z)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Estimated counts of the rows below the left end of each leaf, non-decreasing; `below` has one entry more."""

    below: tuple[Fraction, ...]
    tree: Tree
    sd: float

    @classmethod
    def of(cls, nodes: Sequence[Total], tree: Tree, scale: int, sd: float) -> "_Counts":
        leaves = estimated(nodes, tree)
        sums = accumulate(leaves, initial=Fraction(0))
        return cls(tuple(s / scale for s in accumulate(sums, max)), tree, sd)

    @property
    def total(self) -> Fraction:
        return self.below[-1]

    @property
    def sd_total(self) -> float:
        return self.sd * math.sqrt(self.tree.leaves / _eigenvalue(self.tree, 1))

    def sd_against(self, leaf: int, rank: float) -> float:
        """Return the standard deviation of (rows below `leaf`) - rank * (all rows)."""
        size = self.tree.leaves
        constant = (leaf / size - rank) ** 2 * size / _eigenvalue(self.tree, 1)
        return self.sd * math.sqrt(constant + _spread(self.tree)[leaf])


def estimated(nodes: Sequence[Total], tree: Tree) -> list[Fraction]:
    """Return the least-squares estimate of every leaf from the counts of all nodes.

    Example:
        >>> [str(x) for x in estimated([2, 0, 0, 5], Tree(1, 1))]
        ['2', '0', '0', '5']
    """
    size, depth = tree.leaves, tree.depth
    found = [Fraction(0)] * size
    paths = [
        sum(nodes[tree.first(level) + leaf // BRANCHING ** (depth - level)] for level in range(1, depth + 1))
        for leaf in range(size)
    ]
    coarser = [Fraction(sum(paths), size)] * size
    found = [x / _eigenvalue(tree, 1) for x in coarser]
    for level in range(1, depth + 1):
        width = BRANCHING ** (depth - level)
        means = [Fraction(sum(paths[at : at + width]), width) for at in range(0, size, width)]
        finer = [means[leaf // width] for leaf in range(size)]
        value = _eigenvalue(tree, level)
        found = [f + (a - b) / value for f, a, b in zip(found, finer, coarser, strict=True)]
        coarser = finer
    return found


def _eigenvalue(tree: Tree, level: int) -> int:
    return int((BRANCHING ** (tree.depth - level + 1) - 1) // (BRANCHING - 1))


@lru_cache(maxsize=16)
def _spread(tree: Tree) -> tuple[float, ...]:
    """Return, for every leaf, the variance of the rows below it apart from the constant part, at noise 1."""
    found: list[float] = []
    for leaf in range(tree.leaves + 1):
        before = leaf * leaf / tree.leaves
        total = 0.0
        for level in range(1, tree.depth + 1):
            width = BRANCHING ** (tree.depth - level)
            whole, part = divmod(leaf, width)
            now = whole * width + part * part / width
            total += (now - before) / _eigenvalue(tree, level)
            before = now
        found.append(total)
    return tuple(found)


def _value_at(counts: _Counts, position: Fraction) -> Fraction:
    """Return the place, in leaves, of the row with `position` rows below it."""
    below = counts.below
    leaf = min(max(bisect_right(below, position) - 1, 0), counts.tree.leaves - 1)
    inside = below[leaf + 1] - below[leaf]
    part = (position - below[leaf]) / inside if inside > 0 else Fraction(0)
    width = counts.tree.width
    step = math.floor(min(max(part, Fraction(0)), Fraction(1)) * width)
    return leaf + Fraction(min(step, width - 1), width)


def _place_of(counts: _Counts, rank: Fraction, *, is_disc: bool) -> Fraction:
    if is_disc:
        return _value_at(counts, max(Fraction(0), Fraction(math.ceil(rank * counts.total) - 1)))
    position = rank * max(Fraction(0), counts.total - 1)
    low = Fraction(math.floor(position))
    first, second = _value_at(counts, low), _value_at(counts, low + 1)
    return first + (position - low) * max(Fraction(0), second - first) if position > low else first


def _first_above_noise(counts: _Counts) -> Fraction:
    for leaf in range(counts.tree.leaves):
        if float(counts.below[leaf + 1]) > _HIDDEN * counts.sd_against(leaf + 1, 0.0):
            return Fraction(leaf)
    return Fraction(counts.tree.leaves - 1)


def _last_above_noise(counts: _Counts) -> Fraction:
    """Return the upper end of the last leaf from which on there are rows, less one step."""
    for leaf in range(counts.tree.leaves - 1, -1, -1):
        if float(counts.total - counts.below[leaf]) > _HIDDEN * counts.sd_against(leaf, 1.0):
            return leaf + 1 - Fraction(1, counts.tree.width)
    return Fraction(0)


def _interval(counts: _Counts, rank: float, z: float, place: Fraction) -> tuple[Fraction, Fraction]:
    """Return the places at which the counts do not contradict the rank."""
    wanted = rank * float(counts.total)
    near = [
        leaf
        for leaf in range(counts.tree.leaves + 1)
        if abs(float(counts.below[leaf]) - wanted) <= z * counts.sd_against(leaf, rank)
    ]
    low = Fraction(max(0, min(near) - 1)) if near else place
    high = Fraction(min(counts.tree.leaves, max(near) + 1)) if near else place
    return min(low, place), max(high, place)


def _cell(
    measured: Measured, group: Group, place: Fraction, ends: tuple[Fraction, Fraction], z: float
) -> Cell:
    statistic, width = group.statistics[0][0], (group.tree or Tree(1, 1)).width
    lowest, highest = (statistic.low or 0), (statistic.high or 0)

    def value(at: Fraction) -> Fraction:
        return min(lowest + at * width, Fraction(highest)) * statistic.step

    grid = measured.aggregate.type.step
    found = round(value(place) / grid) * grid
    low, high = math.floor(value(ends[0]) / grid) * grid, math.ceil(value(ends[1]) / grid) * grid
    return Cell(found, found, low, high, float(high - low) / (2.0 * z))
