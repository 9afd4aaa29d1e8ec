"""Tails of the discrete Gaussian, and the threshold of private key selection; every bound is rounded outward.

For t > 0: P[N_Z(0, s^2) >= t] = sum_{n >= t} exp(-n^2 / 2 s^2) / Z with Z >= max(1, sqrt(2 pi) s) (Poisson
summation), and n^2 >= t^2 + 2 t (n - t), so the sum is at most exp(-t^2 / 2 s^2) / (1 - exp(-t / s^2)).
"""

import math
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from jali.model.codes import OutOfNumbers
from jali.privacy.conversion import decimal_up

_C = Context(prec=50, Emin=-10_000_000, Emax=10_000_000)
_SLACK = Decimal("1e-30")
_TWO_PI_DOWN = Decimal("6.28318530717958647692528676655900576839")


def tail_at_least(t: int, sigma: float) -> Decimal:
    """Return an upper bound of P[N >= t] for N discrete Gaussian with scale sigma; 1 where t <= 0.

    Example:
        >>> 0.001 < tail_at_least(3, 1.0) < 0.006
        True
    """
    if t <= 0:
        return Decimal(1)
    s2 = _C.multiply(Decimal(sigma), Decimal(sigma))
    top = _C.exp(_C.divide(Decimal(-(t * t)), _C.multiply(Decimal(2), s2)))
    ratio = _C.exp(_C.divide(Decimal(-t), s2))
    z = max(Decimal(1), _C.multiply(_C.sqrt(_TWO_PI_DOWN), Decimal(sigma)))
    bound = _C.divide(top, _C.multiply(z, _C.subtract(Decimal(1), ratio)))
    return min(Decimal(1), _C.multiply(bound, _C.add(Decimal(1), _SLACK)))


@lru_cache(maxsize=1024)
def smallest_tail(sigma: float, at_most: Fraction) -> int:
    """Return the smallest t with `tail_at_least(t, sigma) <= at_most`, up to the slack of the bound.

    Raises:
        OutOfNumbers: if `at_most` is not in (0, 1).
    """
    if not 0 < at_most < 1:
        raise OutOfNumbers("a tail probability must lie between 0 and 1")
    limit = decimal_up(-at_most).copy_negate()
    high = max(2, math.ceil(sigma))
    while tail_at_least(high, sigma) > limit:
        high *= 2
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if tail_at_least(middle, sigma) <= limit else (middle, high)
    return high


def selection_threshold(*, sigma: float, one: int, max_keys: int, min_units: int, key_delta: Fraction) -> int:
    """Return the threshold, in grid steps, above or at which a noisy key weight is shown.

    A unit gives each of its m <= max_keys keys a weight of at most `one` (and in fact one / sqrt(m)). Two
    promises hold at once:

    * keys only one unit has: the chance that any of them shows is at most max_keys * P[N >= t - one] <= key_delta,
      which is the delta of the release;
    * a key of fewer than `min_units` units weighs at most (min_units - 1) * one, so it shows with probability
      at most P[N >= t - (min_units - 1) one] <= key_delta.

    Args:
        sigma: scale of the noise in grid steps, > 0.
        one: weight of one unit in grid steps, > 0.
        max_keys: L0 bound, >= 1.
        min_units: `output.minUnitsPerKey`, >= 1.
        key_delta: in (0, 1), for the whole query.

    Source: Wilson et al., "Differentially Private SQL with Bounded User Contribution" (2019), Section 3.5;
    the union bound over one unit's keys is ours and stated above.
    """
    alone = one + smallest_tail(sigma, key_delta / max_keys)
    small = (min_units - 1) * one + smallest_tail(sigma, key_delta)
    return max(alone, small)


def two_sided_quantile(sigma: float, confidence: Fraction) -> int:
    """Return the smallest h with P[|N| <= h] >= confidence for N discrete Gaussian of scale sigma.

    For small scales the law is summed exactly in floats (a display figure, not a guarantee); above 1,000 steps
    the continuous quantile rounded up serves.
    """
    if sigma <= 0.0:
        return 0
    wanted = float(confidence)
    if sigma > 1000.0:  # noqa: PLR2004  # there the lattice is finer than any figure shown
        from statistics import NormalDist

        return math.ceil(sigma * NormalDist().inv_cdf((1.0 + wanted) / 2.0))
    reach = math.ceil(sigma * 12.0) + 2
    weights = [math.exp(-n * n / (2.0 * sigma * sigma)) for n in range(reach + 1)]
    total = weights[0] + 2.0 * sum(weights[1:])
    inside = weights[0]
    h = 0
    while inside / total < wanted and h < reach:
        h += 1
        inside += 2.0 * weights[h]
    return h
