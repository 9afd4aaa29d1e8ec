"""Between zCDP and (epsilon, delta): tight, and rounded outward in 50-digit decimal arithmetic.

A float search proposes the free parameter alpha; any alpha > 1 gives a valid bound, so the proposal needs no
trust: the bound itself is evaluated in `Decimal` with a slack far above its rounding error.

Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy" (2020), Corollary 13:
rho-zCDP implies (epsilon, delta)-DP for delta = inf over alpha > 1 of
exp((alpha - 1)(alpha rho - epsilon)) / (alpha - 1) * (1 - 1/alpha)^alpha.
"""

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from jali.model.codes import BadOption
from jali.model.money import NANO

_CONTEXT = Context(prec=50, Emin=-10_000_000, Emax=10_000_000)
_SLACK = Decimal("1e-30")
_TANH_IS_ONE = 1000
"""Above this epsilon, tanh(epsilon / 2) is 1 to more digits than are kept."""

MICRO = 10**6
"""An epsilon that is computed lies on a grid of 1e-6."""

MOST_RHO = 10_000 * NANO
"""Largest rho ever searched, in nano-rho; no budget comes near it."""


def decimal_up(number: Fraction) -> Decimal:
    """Return a 50-digit decimal that is at least `number`."""
    context = Context(prec=50, rounding=ROUND_CEILING)
    return context.divide(Decimal(number.numerator), Decimal(number.denominator))


def _alpha(rho: float, epsilon: float) -> float:
    """Return an alpha near the minimiser by bisection on the derivative of log delta; precision is not trusted."""
    low, high = 1.0 + 1e-9, (epsilon + 1.0) / (2.0 * rho) + 2.0
    for _ in range(60):
        middle = (low + high) / 2.0
        slope = (2.0 * middle - 1.0) * rho - epsilon + math.log1p(-1.0 / middle)
        low, high = (middle, high) if slope < 0.0 else (low, middle)
    return high


@lru_cache(maxsize=4096)
def delta_for(nano_rho: int, epsilon: Fraction) -> Decimal:
    """Return a delta, rounded up, such that nano_rho-zCDP implies (epsilon, delta)-DP; in [0, 1].

    Args:
        nano_rho: zCDP loss in units of 1e-9, >= 0.
        epsilon: >= 0.

    Example:
        >>> delta_for(24_355_970, Fraction(1)) <= Decimal("1e-6")
        True
    """
    if nano_rho <= 0:
        return Decimal(0)
    alpha = Decimal(_alpha(nano_rho / NANO, float(epsilon)))
    rho = _CONTEXT.scaleb(Decimal(nano_rho), Decimal(-9))
    c = _CONTEXT
    above_one = c.subtract(alpha, Decimal(1))
    exponent = c.multiply(above_one, c.subtract(c.multiply(alpha, rho), _decimal_down(epsilon)))
    shrink = c.multiply(alpha, c.ln(c.subtract(Decimal(1), c.divide(Decimal(1), alpha))))
    bound = c.divide(c.exp(c.add(exponent, shrink)), above_one)
    return min(Decimal(1), c.multiply(bound, c.add(Decimal(1), _SLACK)))


def _decimal_down(number: Fraction) -> Decimal:
    return decimal_up(-number).copy_negate()


def _largest(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the largest n in [low, high) for which a monotone `holds` is true; `holds(low)` must be true."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


@lru_cache(maxsize=4096)
def rho_for(epsilon: Fraction, delta: Fraction) -> int:
    """Return the largest rho, in nano-rho rounded down, whose zCDP implies (epsilon, delta)-DP.

    Args:
        epsilon: > 0, at most 1,000.
        delta: in (0, 1).

    Raises:
        BadOption: if an argument lies outside its range.

    Example:
        >>> rho_for(Fraction(1), Fraction(1, 10**6))
        24355970
    """
    _check_epsilon(epsilon)
    _check_delta(delta)
    limit = _decimal_down(delta)
    return _largest(lambda nano: delta_for(nano, epsilon) <= limit, 0, MOST_RHO)


@lru_cache(maxsize=4096)
def epsilon_for(nano_rho: int, delta: Fraction) -> Fraction:
    """Return the smallest epsilon on a grid of 1e-6, rounded up, for which nano_rho-zCDP implies (epsilon, delta)-DP.

    Args:
        nano_rho: >= 0.
        delta: in (0, 1).

    Raises:
        BadOption: if delta lies outside its range.

    Example:
        >>> float(epsilon_for(24_355_970, Fraction(1, 10**6)))
        1.0
    """
    _check_delta(delta)
    limit = _decimal_down(delta)
    if nano_rho == 0:
        return Fraction(0)
    high = MICRO
    while delta_for(nano_rho, Fraction(high, MICRO)) > limit:
        high *= 2
    fails = _largest(lambda n: n < 0 or delta_for(nano_rho, Fraction(n, MICRO)) > limit, -1, high)
    return Fraction(fails + 1, MICRO)


def _check_epsilon(epsilon: Fraction) -> None:
    if not 0 < epsilon <= 1000:  # noqa: PLR2004  # beyond it no guarantee is left to speak of
        raise BadOption("epsilon must be above 0 and at most 1000", hint="a usual value is 1")


def _check_delta(delta: Fraction) -> None:
    if not 0 < delta < 1:
        raise BadOption("delta must lie between 0 and 1", hint="see delta.conversion in the population file")


def rho_of_pure(epsilon: Fraction) -> Fraction:
    """Return a rho such that every epsilon-DP mechanism is rho-zCDP; rounded up.

    The worst epsilon-DP mechanism is randomised response, whose zCDP loss is its Kullback-Leibler divergence
    epsilon * tanh(epsilon / 2); never more than epsilon^2 / 2.

    Source: Harrison and Manurangsi (arXiv 2510.25746); fall-back: Bun and Steinke (2016), Proposition 1.4.

    Example:
        >>> round(float(rho_of_pure(Fraction(1))), 4)
        0.4621
    """
    if epsilon > _TANH_IS_ONE:
        return epsilon
    c = _CONTEXT
    power = c.exp(decimal_up(epsilon))
    tanh = c.divide(c.subtract(power, Decimal(1)), c.add(power, Decimal(1)))
    tight = Fraction(c.multiply(c.multiply(decimal_up(epsilon), tanh), c.add(Decimal(1), _SLACK)))
    return min(tight, epsilon, epsilon * epsilon / 2)
