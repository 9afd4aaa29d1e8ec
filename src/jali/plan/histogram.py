"""Quantiles, MIN and MAX: one noisy tree of counts over the declared range, for every rank at once.

The range is cut into equal leaves; measured are the counts of all nodes of a tree with four children a node, its
levels below the root. A unit with r rows at one key changes each level by at most r in L2 norm (its rows lie in some
nodes whose counts add up to r), and over keys the sum of squares is at most (sum of its rows)^2. So with a row cap R
the squared L2 sensitivity is R^2 times the number of levels; under a clip it is the squared norm of the unit's
counts over all keys and nodes. Where on the range a unit's rows lie does not matter for the bound.

Source: Hay, Rastogi, Miklau and Suciu, "Boosting the Accuracy of Differentially Private Histograms Through
Consistency" (VLDB 2010), for the tree; SECURITY.md rules 6 and 13.
"""

from math import isqrt

from jali.model.codes import NoBounds, NoContributionBound
from jali.model.schema import AutoBound
from jali.model.types import Kind
from jali.plan import bounds
from jali.plan.exact import BRANCHING, CellClamp, Group, Statistic, StatisticKind, Tree
from jali.plan.families import Family
from jali.sql import show

_DEPTHS = ((16, 6), (70, 5), (300, 4))
"""Declared keys up to -> levels, so that about 100,000 numbers are drawn at most; 3 levels above, and 4 where keys
are selected."""


def histogram_groups(family: Family, number: int, setting: bounds.Setting) -> list[Group]:
    """Return the ways to bound a histogram: a norm clip where the contract says `clip: auto`, and the row cap.

    Raises:
        NoBounds, NoContributionBound: naming what is missing.
    """
    name = show.in_words(family.first)
    expression = family.first.arg
    rows = setting.caps.rows
    if expression is None or rows is None:
        raise NoContributionBound(
            f"{name} has no bound on one unit's rows", hint="declare contribution.maxRows in the contract"
        )
    step = expression.type.step if expression.type.kind is Kind.NUMBER else bounds.real_step(expression.range)
    limits = bounds.in_steps(expression.range, step)
    if limits is None:
        raise NoBounds(
            f"{name} has no range to look in",
            hint=bounds.narrower(expression)
            or "declare bounds in the contract, or write LEAST(GREATEST(x, 0), 100) with the range you expect",
        )
    tree = tree_over(limits[1] - limits[0] + 1, setting)
    statistic = Statistic(
        f"s{number}", StatisticKind.NODES, expression, family.first.where, *limits, limits[0], step
    )
    keys, sampled = setting.keys_of_a_unit(with_sample=False)
    squared = tree.depth * rows * rows
    found: list[Group] = []
    if any(isinstance(v, AutoBound) for v in setting.caps.clip.values()):
        norms = bounds.norm_grid(isqrt(squared - 1) + 1)
        clip = bounds.auto_clip(norms, bounds.MEAN_RANK, setting)
        bits = bounds.root_bits(tree.depth, rows, setting.cells, norms[-1])
        found.append(Group(f"g{number}", ((statistic, 1),), clip, keys, sampled, root_bits=bits, tree=tree))
    clamp = CellClamp(((0, rows),))
    found.append(Group(f"g{number}", ((statistic, 1),), clamp, keys, sampled, squared, tree=tree))
    return found


def tree_over(points: int, setting: bounds.Setting) -> Tree:
    """Return the tree over a range of this many grid points: as fine as the number of keys allows.

    Example:
        >>> tree_over(10_001, bounds.Setting(bounds.Caps(1, 1), 1, False))
        Tree(width=3, depth=6)
    """
    most = next((depth for cells, depth in _DEPTHS if 0 < setting.cells <= cells), 3 if setting.cells else 4)
    depth = 1
    while depth < most and BRANCHING**depth < points:
        depth += 1
    return Tree(-(-points // BRANCHING**depth), depth)
