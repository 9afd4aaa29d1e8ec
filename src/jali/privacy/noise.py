"""How much noise a price buys, and what a given noise costs: exact rationals, rounded against ourselves.

Sensitivities are integers on the grid of the statistic. A scale is a binary float only because samplers take
floats; it is checked as an exact `Fraction`.
"""

import math
from fractions import Fraction
from functools import lru_cache

from jali.model.codes import OutOfNumbers
from jali.model.money import NANO, nano_rho_up, nano_up
from jali.privacy.conversion import rho_of_pure

MOST_SIGMA = 2.0**58
"""Largest scale handed to a sampler: the chance that a draw leaves 64-bit integers is below exp(-2^9)."""


def _up(scale: float) -> float:
    return math.nextafter(scale, math.inf)


def sigma_for(squared_l2: Fraction, nano_rho: int) -> float:
    """Return a scale that is surely large enough for one discrete Gaussian release.

    A vector of integers that changes by at most D in L2 norm (D^2 = squared_l2), plus independent N_Z(0, sigma^2)
    on every entry, is rho-zCDP when sigma^2 >= D^2 / (2 rho). The inequality is checked in exact arithmetic.

    Args:
        squared_l2: squared L2 sensitivity on the grid of the statistic, >= 0.
        nano_rho: price in units of 1e-9 rho, > 0.

    Returns:
        sigma in grid steps; 0.0 only if the sensitivity is 0.

    Raises:
        OutOfNumbers: if the price is 0 or the scale exceeds 2^58.

    Source: Canonne, Kamath, Steinke (2020), Theorem 4 and its multivariate form; Bun and Steinke (2016).

    Example:
        >>> sigma_for(Fraction(4), 500_000_000)
        2.0
    """
    if squared_l2 == 0:
        return 0.0
    if nano_rho <= 0:
        raise OutOfNumbers("a release at price 0 would need infinite noise", hint="raise the price")
    needed = squared_l2 * NANO / (2 * nano_rho)
    if needed > Fraction(MOST_SIGMA) ** 2:
        raise OutOfNumbers(
            "the noise would leave 64-bit integers", hint="raise the price or tighten the bounds"
        )
    sigma = math.sqrt(needed)
    while Fraction(sigma) ** 2 < needed:
        sigma = _up(sigma)
    return sigma


def gaussian_nano_rho(squared_l2: Fraction, sigma: float) -> int:
    """Return the price of a discrete Gaussian release, in nano-rho rounded up: D^2 / (2 sigma^2).

    Raises:
        OutOfNumbers: if sigma is not positive and finite while the sensitivity is positive.
    """
    if squared_l2 == 0:
        return 0
    if not (0.0 < sigma < math.inf):
        raise OutOfNumbers("a noise scale must be positive and finite")
    return nano_rho_up(squared_l2 / (2 * Fraction(sigma) ** 2))


def choice_scale_for(sensitivity: int, nano_rho: int) -> float:
    """Return a scale s for the exponential mechanism P(j) ~ exp(score_j / s) that costs at most nano_rho.

    A score that changes by at most Delta (in either direction) gives a bounded range of 2 Delta / s, so the
    loss is (2 Delta / s)^2 / 8 = Delta^2 / (2 s^2).

    Source: Cesar and Rogers (2021), "Bounding, Concentrating, and Truncating", eps^2/8 for bounded range.
    """
    return sigma_for(Fraction(sensitivity * sensitivity), nano_rho)


def choice_nano_rho(sensitivity: int, scale: float) -> int:
    """Return the price of one draw of the exponential mechanism at this scale, in nano-rho rounded up."""
    return gaussian_nano_rho(Fraction(sensitivity * sensitivity), scale)


@lru_cache(maxsize=4096)
def laplace_scale_for(l1: int, nano_rho: int) -> float:
    """Return a scale b, rounded up, at which a discrete Laplace release of L1 sensitivity `l1` costs at most nano_rho.

    The release is (l1 / b)-DP, hence rho_of_pure(l1 / b)-zCDP (`conversion.rho_of_pure`).

    Raises:
        OutOfNumbers: if the price is 0 or the scale exceeds 2^58.
    """
    if l1 == 0:
        return 0.0
    if nano_rho <= 0:
        raise OutOfNumbers("a release at price 0 would need infinite noise", hint="raise the price")
    low, high = 0.0, 1.0
    while laplace_nano_rho(l1, l1 / high) <= nano_rho:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if middle > 0 and laplace_nano_rho(l1, l1 / middle) <= nano_rho else (low, middle)
        )
    if low == 0.0 or l1 / low > MOST_SIGMA:
        raise OutOfNumbers(
            "the noise would leave 64-bit integers", hint="raise the price or tighten the bounds"
        )
    scale = l1 / low
    while laplace_nano_rho(l1, scale) > nano_rho:
        scale = _up(scale)
    return scale


def laplace_nano_rho(l1: int | Fraction, scale: float) -> int:
    """Return the price of a discrete Laplace release, in nano-rho rounded up.

    Source: Harrison and Manurangsi (arXiv 2510.25746), through `conversion.rho_of_pure`.
    """
    if l1 == 0:
        return 0
    if not (0.0 < scale < math.inf):
        raise OutOfNumbers("a noise scale must be positive and finite")
    return nano_rho_up(rho_of_pure(Fraction(l1) / Fraction(scale)))


def pure_scale_for(sensitivity: Fraction, nano_epsilon: int) -> float:
    """Return a scale b, rounded up, with sensitivity / b <= epsilon.

    Discrete Laplace noise of that scale on every entry of a vector of integers that changes by at most `sensitivity` in
    L1 norm is epsilon-DP. The exponential mechanism P(j) ~ exp(score_j / b) is epsilon-DP for `sensitivity` = twice the
    change of one score: the score itself, and the normalising sum.

    Args:
        sensitivity: on the grid of the statistic or score, > 0.
        nano_epsilon: price in units of 1e-9, > 0.

    Raises:
        OutOfNumbers: if the price is 0 or the scale exceeds 2^58.

    Source: Ghosh, Roughgarden and Sundararajan, "Universally Utility-Maximizing Privacy Mechanisms" (2009), for the
    discrete Laplace; McSherry and Talwar, "Mechanism Design via Differential Privacy" (2007), Theorem 6.

    Example:
        >>> pure_scale_for(Fraction(1), 500_000_000)
        2.0
    """
    if nano_epsilon <= 0:
        raise OutOfNumbers("a release at price 0 would need infinite noise", hint="raise the price")
    needed = sensitivity * NANO / nano_epsilon
    if needed > Fraction(MOST_SIGMA):
        raise OutOfNumbers(
            "the noise would leave 64-bit integers", hint="raise the price or tighten the bounds"
        )
    scale = float(needed)
    while Fraction(scale) < needed:
        scale = _up(scale)
    return scale


def nano_rho_of_pure(nano_epsilon: int) -> int:
    """Return the price in nano-rho, rounded up, of a release that is epsilon-DP."""
    return nano_rho_up(rho_of_pure(Fraction(nano_epsilon, NANO)))


def pure_nano_epsilon(sensitivity: Fraction, scale: float) -> int:
    """Return the price of such a release, in nano-epsilon rounded up: sensitivity / scale.

    Raises:
        OutOfNumbers: if the scale is not positive and finite while the sensitivity is positive.
    """
    if sensitivity == 0:
        return 0
    if not (0.0 < scale < math.inf):
        raise OutOfNumbers("a noise scale must be positive and finite")
    return nano_up(sensitivity / Fraction(scale))


def laplace_sd(scale: float) -> float:
    """Return the standard deviation of P(k) ~ exp(-|k| / scale): sqrt(2 q) / (1 - q) with q = exp(-1 / scale)."""
    if scale <= 0.0:
        return 0.0
    q = math.exp(-1.0 / scale)
    return math.sqrt(2.0 * q) / -math.expm1(-1.0 / scale)
