"""Which norm an automatic clip finds: exact probabilities, from the very scores and scale of the mechanism."""

import math
from bisect import bisect_left
from fractions import Fraction
from itertools import pairwise
from statistics import NormalDist

import pytest

from jali.plan.answer import finish
from jali.plan.bounds import ROWS_OF_A_FLOOR, norm_grid, prior_steps, rank_for
from jali.plan.exact import AutoClip, Group, declared_keys
from jali.plan.noise import Noise, noise_for
from jali.plan.noisy import Noisy
from jali.testing.samplers import Recorder
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.world import AUTO, Caps

PRICE = 28_396_703
"""Epsilon 1 at delta 5e-6, in nano-rho."""


def probabilities(
    norms: list[int], end: int, keys: int, *, population: int | None = None, largest: int = 1
) -> dict[int, float]:
    """Return candidate -> probability for units of these norms; `largest` is what one row may hold."""
    grid = norm_grid(end)
    units = population or len(norms)
    rank = rank_for(keys, units, PRICE)
    floor = bisect_left(grid, largest // ROWS_OF_A_FLOOR)
    clip = AutoClip(grid, rank, prior_steps(rank, units, PRICE), floor)
    noise = noise_for(Group("g0", (), clip, 1, False), PRICE)
    counts = [0] * (len(grid) + 1)
    for norm in norms:
        counts[bisect_left(grid, norm)] += 1
    recorder = Recorder()
    Central(ENGINE, recorder)._choose(noise, counts)
    scores = recorder.scores[0]
    weights = [math.exp((s - max(scores)) / noise.choice_scale) for s in scores]
    return {n: w / sum(weights) for n, w in zip(grid, weights, strict=True)}


def spending(units: int) -> list[int]:
    """Return norms as purchases have them, ascending: log-normal, median 1,000."""
    ranks = ((i + 0.5) / units for i in range(units))
    return [max(1, round(1000 * math.exp(0.9 * NormalDist().inv_cdf(rank)))) for rank in ranks]


@pytest.mark.parametrize("keys", [1, 13, 53])
@pytest.mark.parametrize("units", [300, 2500, 40_000])
@pytest.mark.parametrize("looseness", [2, 50, 5000])
def test_a_loose_end_does_not_draw_the_norm_up(keys: int, units: int, looseness: int) -> None:
    norms = spending(units)
    found = probabilities(norms, norms[-1] * looseness, keys)
    assert sum(p for n, p in found.items() if n > 4 * norms[-1]) < 0.05
    assert sum(p for n, p in found.items() if n < norms[units // 2]) < 0.01


@pytest.mark.parametrize("units", [60, 100, 150])
@pytest.mark.parametrize("looseness", [2, 50, 5000])
def test_the_prior_does_not_pull_a_small_population_down(units: int, looseness: int) -> None:
    norms = spending(units)
    found = probabilities(norms, norms[-1] * looseness, 1)
    assert sum(p for n, p in found.items() if n < norms[units // 4]) < 0.05


def test_the_prior_depends_on_the_grid_and_the_price_alone() -> None:
    noise = noise_for(Group("g0", (), AutoClip(norm_grid(10**6), Fraction(99, 100)), 1, False), PRICE)
    assert isinstance(noise, Noise)
    prior = noise.choice_prior
    steps = [b - a for a, b in pairwise(prior)]
    assert prior[0] == 0
    assert prior == tuple(sorted(prior))
    assert steps[-1] == pytest.approx(noise.choice_scale * math.log(2) / 2, rel=0.01)
    assert steps[0] == 0


def test_below_the_floor_the_prior_rises_again() -> None:
    grid = norm_grid(10**6)
    noise = noise_for(Group("g0", (), AutoClip(grid, Fraction(99, 100), 48, 10), 1, False), PRICE)
    prior = noise.choice_prior
    assert prior[10] == 0
    assert list(prior[:11]) == sorted(prior[:11], reverse=True)
    assert list(prior[10:]) == sorted(prior[10:])
    assert prior[0] == pytest.approx(10 * noise.choice_scale * math.log(2) / 2, rel=0.01)


@pytest.mark.parametrize("units", [1, 3, 12])
def test_a_handful_of_units_is_not_clipped_to_one_step(units: int) -> None:
    """A filter that few of 2,500 meet: the data say nothing, so the bound stays near what one row may hold."""
    largest = 10_000
    free = probabilities([largest // 2] * units, 2 * 10**6, 1, population=2500)
    held = probabilities([largest // 2] * units, 2 * 10**6, 1, population=2500, largest=largest)
    assert sum(p for n, p in free.items() if n < largest // 64) > 0.9
    assert sum(p for n, p in held.items() if n < largest // 64) < 0.25


def test_an_answer_that_rests_on_few_units_says_so() -> None:
    plan = plan_of("SELECT k, COUNT(*) FROM events GROUP BY k", Caps(max_rows=9, max_groups=3, clip=AUTO))
    group = plan.measured[0].noise.group
    assert isinstance(group, Group)
    norm = 4

    def notes(units: int) -> list[str]:
        keys = tuple(declared_keys(plan.exact))
        totals = (units * norm * group.scale, *[0] * (len(keys) - 1))
        answer = finish(plan, Noisy(keys, {group.ids[0]: totals}, {group.id: norm}))
        return [n.text for n in answer.notes if n.code == "N313"]

    assert "as much as about" in notes(20)[0]
    assert notes(5000) == []
