"""The number of distinct values that units with limited room stand for."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jali.engines.matching import matched
from jali.model.codes import EngineFailed

Edges = list[tuple[int, int]]
edges = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), max_size=30)
rooms = st.integers(0, 4)


def by_cuts(pairs: Edges, most: int) -> int:
    """Return the size by König's theorem: the least of most |A| + |values that some unit outside A has|."""
    units = sorted({u for u, _ in pairs})
    return min(
        most * sum(chosen) + len({v for u, v in pairs if not chosen[units.index(u)]})
        for chosen in product((False, True), repeat=len(units))
    )


@given(edges, rooms)
def test_the_matching_is_a_largest_one(pairs: Edges, most: int) -> None:
    assert matched(pairs, most) == by_cuts(pairs, most)


@given(edges, rooms, st.integers(0, 5))
def test_a_unit_changes_the_size_by_no_more_than_its_room(pairs: Edges, most: int, unit: int) -> None:
    others = [pair for pair in pairs if pair[0] != unit]
    assert 0 <= matched(pairs, most) - matched(others, most) <= most


@given(edges.flatmap(lambda pairs: st.tuples(st.just(pairs), st.permutations(pairs))), rooms)
def test_the_size_does_not_depend_on_the_order(both: tuple[Edges, Edges], most: int) -> None:
    assert matched(both[0], most) == matched(both[1], most)


@given(edges, st.integers(1, 4))
def test_nothing_that_each_unit_keeps_by_itself_counts_more(pairs: Edges, most: int) -> None:
    kept = {v for u in range(6) for v in sorted({v for w, v in pairs if w == u})[:most]}
    assert len(kept) <= matched(pairs, most)


def test_without_a_bound_that_binds_it_is_the_number_of_values() -> None:
    assert matched([(u, v) for u in range(3) for v in range(4)], most=4) == 4


def test_long_alternating_paths_are_found() -> None:
    chain = [(u, v) for u in range(200) for v in (u, u + 1)]
    assert matched([*chain, (0, 0), (200, 200)], most=1) == 201


def test_the_check_may_give_up() -> None:
    def late() -> None:
        raise EngineFailed

    with pytest.raises(EngineFailed):
        matched([(0, 0)], most=1, check=late)
