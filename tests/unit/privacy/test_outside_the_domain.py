"""What every formula and sampler of the privacy package does at and outside the ends of its domain."""

import math
from collections.abc import Callable
from fractions import Fraction

import pytest

from jali.model.codes import BadOption, OutOfNumbers
from jali.privacy import conversion, noise, tails
from jali.privacy.mechanisms import OpenDPSampler

SAMPLER = OpenDPSampler()
BAD_SCALES = [0.0, -1.0, math.inf, -math.inf, math.nan, 2.0**58 * 1.01]


@pytest.mark.parametrize("scale", BAD_SCALES)
@pytest.mark.parametrize("draw", ["gaussian", "laplace", "choose"])
def test_no_sampler_draws_at_a_bad_scale(draw: str, scale: float) -> None:
    calls: dict[str, Callable[[], object]] = {
        "gaussian": lambda: SAMPLER.gaussian(scale, 3),
        "laplace": lambda: SAMPLER.laplace(scale, 3),
        "choose": lambda: SAMPLER.choose([1, 2], scale),
    }
    with pytest.raises(OutOfNumbers):
        calls[draw]()


@pytest.mark.parametrize("scores", [[], [2**63], [-(2**63)], [1, 2**80], [True], [1.0]])
def test_scores_outside_64_bits_are_refused(scores: list[int]) -> None:
    with pytest.raises(OutOfNumbers):
        SAMPLER.choose(scores, 1.0)


def test_no_values_need_no_draw() -> None:
    assert SAMPLER.gaussian(3.0, 0) == []
    assert SAMPLER.laplace(3.0, 0) == []


@pytest.mark.parametrize("price", [0, -1])
def test_a_price_of_nothing_buys_no_noise_scale(price: int) -> None:
    with pytest.raises(OutOfNumbers):
        noise.sigma_for(Fraction(1), price)
    with pytest.raises(OutOfNumbers):
        noise.laplace_scale_for(1, price)


def test_noise_that_leaves_64_bits_is_refused() -> None:
    with pytest.raises(OutOfNumbers):
        noise.sigma_for(Fraction(2**126), 1)
    with pytest.raises(OutOfNumbers):
        noise.laplace_scale_for(2**62, 1)


@pytest.mark.parametrize("scale", [0.0, -1.0, math.inf, math.nan])
def test_no_scale_has_a_price_outside_its_domain(scale: float) -> None:
    with pytest.raises(OutOfNumbers):
        noise.gaussian_nano_rho(Fraction(1), scale)
    with pytest.raises(OutOfNumbers):
        noise.laplace_nano_rho(1, scale)


def test_what_no_unit_can_change_needs_no_noise_and_costs_nothing() -> None:
    assert noise.sigma_for(Fraction(0), 1) == 0.0
    assert noise.laplace_scale_for(0, 1) == 0.0
    assert noise.gaussian_nano_rho(Fraction(0), 0.0) == 0
    assert noise.laplace_nano_rho(0, 0.0) == 0
    assert noise.laplace_sd(0.0) == 0.0
    assert tails.two_sided_quantile(0.0, Fraction(19, 20)) == 0


@pytest.mark.parametrize("nano_rho", [1, 7, 1_000, 24_355_970, 10**9])
@pytest.mark.parametrize("l1", [1, 3, 1_000, 2**31])
def test_a_laplace_scale_never_costs_more_than_its_price(l1: int, nano_rho: int) -> None:
    scale = noise.laplace_scale_for(l1, nano_rho)
    assert noise.laplace_nano_rho(l1, scale) <= nano_rho


@pytest.mark.parametrize("at_most", [Fraction(0), Fraction(1), Fraction(-1), Fraction(2)])
def test_a_tail_probability_lies_between_0_and_1(at_most: Fraction) -> None:
    assert tails.tail_at_least(0, 1.0) == tails.tail_at_least(-5, 1.0) == 1
    with pytest.raises(OutOfNumbers):
        tails.smallest_tail(1.0, at_most)


@pytest.mark.parametrize("epsilon", [Fraction(0), Fraction(-1), Fraction(1001)])
def test_epsilon_stays_in_its_range(epsilon: Fraction) -> None:
    with pytest.raises(BadOption):
        conversion.rho_for(epsilon, Fraction(1, 10**6))


@pytest.mark.parametrize("delta", [Fraction(0), Fraction(1), Fraction(-1), Fraction(3, 2)])
def test_delta_stays_in_its_range(delta: Fraction) -> None:
    with pytest.raises(BadOption):
        conversion.rho_for(Fraction(1), delta)
    with pytest.raises(BadOption):
        conversion.epsilon_for(1, delta)


def test_no_loss_is_no_loss() -> None:
    assert conversion.delta_for(0, Fraction(1)) == 0
    assert conversion.epsilon_for(0, Fraction(1, 10**6)) == 0
