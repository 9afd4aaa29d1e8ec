"""The tree of counts: least squares, its variances, and the ranks that are looked up in it."""

from fractions import Fraction

import pytest

from jali.plan.bounds import Caps, Setting
from jali.plan.exact import BRANCHING, Tree
from jali.plan.histogram import tree_over
from jali.plan.ranks import _Counts, _eigenvalue, _place_of, _spread, estimated

TREE = Tree(1, 2)


def nodes_of(leaves: list[int], tree: Tree) -> list[int]:
    found: list[int] = []
    for level in range(1, tree.depth + 1):
        width = BRANCHING ** (tree.depth - level)
        found += [sum(leaves[at : at + width]) for at in range(0, tree.leaves, width)]
    return found


def solved(nodes: list[int], tree: Tree) -> list[Fraction]:
    """Return the least-squares leaves by solving the normal equations outright."""
    size = tree.leaves
    design = [
        [Fraction(1 if leaf // BRANCHING ** (tree.depth - level) == place else 0) for leaf in range(size)]
        for level in range(1, tree.depth + 1)
        for place in range(BRANCHING**level)
    ]
    matrix = [[sum((r[i] * r[j] for r in design), Fraction(0)) for j in range(size)] for i in range(size)]
    right = [sum((r[i] * n for r, n in zip(design, nodes, strict=True)), Fraction(0)) for i in range(size)]
    for i in range(size):
        pivot = matrix[i][i]
        matrix[i] = [x / pivot for x in matrix[i]]
        right[i] /= pivot
        for j in range(size):
            if j != i and matrix[j][i]:
                factor = matrix[j][i]
                matrix[j] = [a - factor * b for a, b in zip(matrix[j], matrix[i], strict=True)]
                right[j] -= factor * right[i]
    return right


def test_consistent_counts_are_left_as_they_are() -> None:
    leaves = [(i * 7) % 5 for i in range(TREE.leaves)]
    assert estimated(nodes_of(leaves, TREE), TREE) == leaves


def test_noisy_counts_are_fitted_by_least_squares() -> None:
    nodes = [(i * i * 13 + 5) % 23 - 4 for i in range(TREE.nodes)]
    assert estimated(nodes, TREE) == solved(nodes, TREE)


@pytest.mark.parametrize("leaf", [0, 1, 5, 8, 15, 16])
@pytest.mark.parametrize("rank", [Fraction(0), Fraction(1, 2), Fraction(1)])
def test_the_variance_of_a_rank_is_that_of_the_fit(leaf: int, rank: Fraction) -> None:
    """The fit is linear in the nodes: its variance is the sum of squares of its reaction to each of them."""
    exact = Fraction(0)
    for node in range(TREE.nodes):
        one = [int(i == node) for i in range(TREE.nodes)]
        fit = estimated(one, TREE)
        exact += (sum(fit[:leaf]) - rank * sum(fit)) ** 2
    counts = _Counts((Fraction(0),) * (TREE.leaves + 1), TREE, 1.0)
    assert counts.sd_against(leaf, float(rank)) ** 2 == pytest.approx(float(exact))
    assert counts.sd_total**2 == pytest.approx(TREE.leaves / _eigenvalue(TREE, 1))
    assert len(_spread(TREE)) == TREE.leaves + 1


@pytest.mark.parametrize("values", [[0], [3], [1, 1, 2], [0, 5, 9, 15], [7] * 9, list(range(16)) * 3])
@pytest.mark.parametrize("rank", [Fraction(n, 20) for n in range(21)])
def test_ranks_are_those_of_the_values_where_nothing_is_noisy(values: list[int], rank: Fraction) -> None:
    leaves = [values.count(i) for i in range(16)]
    counts = _Counts.of(nodes_of(leaves, TREE), TREE, 1, 0.0)
    ordered = sorted(values)
    position = rank * (len(values) - 1)
    low = int(position)
    high = min(low + 1, len(values) - 1)
    assert _place_of(counts, rank, is_disc=False) == ordered[low] + (position - low) * (
        ordered[high] - ordered[low]
    )
    disc = max(0, -(-rank.numerator * len(values) // rank.denominator) - 1)
    assert _place_of(counts, rank, is_disc=True) == ordered[disc]


@pytest.mark.parametrize(
    ("points", "cells", "width", "depth"),
    [
        (1, 1, 1, 1),
        (4, 1, 1, 1),
        (5, 1, 1, 2),
        (4096, 1, 1, 6),
        (4097, 1, 2, 6),
        (10_001, 50, 10, 5),
        (10_001, 0, 40, 4),
        (10**9, 5000, 15_625_000, 3),
    ],
)
def test_a_tree_is_as_fine_as_the_number_of_keys_allows(
    points: int, cells: int, width: int, depth: int
) -> None:
    tree = tree_over(points, Setting(Caps(1, 1), cells, must_sample=not cells))
    assert (tree.width, tree.depth) == (width, depth)
    assert tree.width * tree.leaves >= points
