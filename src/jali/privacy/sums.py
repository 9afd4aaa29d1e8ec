"""How wide the sum of several independent draws of noise is: a display figure for totals of noisy cells.

Source: inversion of the characteristic function on a lattice; for independent draws it is the power of one draw's.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist

from jali.privacy.noise import laplace_sd
from jali.privacy.tails import two_sided_quantile

CLOSE_SIGMA = 1.5
"""From this scale on a sum of c discrete Gaussians is one of scale sqrt(c) sigma, but for 1e-15 of its law."""

_FINE_SD = 400.0
"""A sum of wider noise is computed on a coarser lattice with this standard deviation; it is off by 1/400 of it."""

_MANY = 1000
"""From so many draws on the sum of Laplace noise is normal: its excess kurtosis is 3 / c."""


@lru_cache(maxsize=4096)
def gaussian_half_width(sigma: float, cells: int, confidence: Fraction) -> int:
    """Return the smallest h with P[|N_1 + ... + N_c| <= h] >= confidence, N_i discrete Gaussian of scale sigma.

    Example:
        >>> gaussian_half_width(10.0, 1, Fraction(95, 100)), gaussian_half_width(10.0, 100, Fraction(95, 100))
        (20, 196)
    """
    if cells == 1 or sigma >= CLOSE_SIGMA:
        return two_sided_quantile(sigma * math.sqrt(cells), confidence)
    if sigma <= 0.0:
        return 0
    reach = math.ceil(sigma * 12.0) + 2
    weights = [math.exp(-n * n / (2.0 * sigma * sigma)) for n in range(reach + 1)]
    total = weights[0] + 2.0 * sum(weights[1:])

    def one(t: float) -> float:
        return (weights[0] + 2.0 * sum(w * math.cos(n * t) for n, w in enumerate(weights) if n)) / total

    return _smallest(one, cells, sigma * math.sqrt(cells), float(confidence))


@lru_cache(maxsize=4096)
def laplace_half_width(scale: float, cells: int, confidence: Fraction) -> int:
    """Return an h, at most one part in 400 of the standard deviation too large, that covers a sum of Laplace noise.

    Example:
        >>> laplace_half_width(1.0, 1, Fraction(95, 100))
        3
    """
    if scale <= 0.0:
        return 0
    sd = laplace_sd(scale) * math.sqrt(cells)
    wanted = float(confidence)
    if sd > _FINE_SD and cells >= _MANY:
        return math.ceil(sd * NormalDist().inv_cdf((1.0 + wanted) / 2.0))
    coarse = scale if sd <= _FINE_SD else scale * _FINE_SD / sd
    coarse_sd = laplace_sd(coarse) * math.sqrt(cells)
    p = math.exp(-1.0 / coarse)

    def one(t: float) -> float:
        return (1.0 - p) ** 2 / (1.0 - 2.0 * p * math.cos(t) + p * p)

    found = _smallest(one, cells, coarse_sd, wanted)
    return found if coarse == scale else math.ceil((found + 0.5) * sd / coarse_sd)


def _smallest(one: Callable[[float], float], cells: int, sd: float, wanted: float) -> int:
    """Return the smallest h with P[|S| <= h] >= wanted; S sums `cells` draws of characteristic function `one`."""
    size = 2 * math.ceil(30.0 * sd + 30.0) + 1
    angles = [2.0 * math.pi * j / size for j in range(1, size // 2 + 1)]
    powers = [one(t) ** cells for t in angles]

    def inside(h: int) -> float:
        waves = (w * math.sin((h + 0.5) * t) / math.sin(t / 2.0) for w, t in zip(powers, angles, strict=True))
        return (2 * h + 1 + 2.0 * math.fsum(waves)) / size

    low, high = -1, size // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if inside(middle) >= wanted else (middle, high)
    return high
