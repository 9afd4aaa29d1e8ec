"""Sums of independent noise are as wide as their law says; checked against convolution."""

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate

import pytest

from jali.privacy.sums import gaussian_half_width, laplace_half_width
from jali.privacy.tails import two_sided_quantile

CONFIDENCES = (Fraction(1, 2), Fraction(9, 10), Fraction(95, 100), Fraction(999, 1000))


def _law(one: list[float], cells: int) -> Iterator[float]:
    """Yield P[|S| <= h] for h = 0, 1, ...; `one` holds P[N = n] for n = -reach .. reach."""
    found = [1.0]
    for _ in range(cells):
        found = [
            sum(found[i - j] * p for j, p in enumerate(one) if 0 <= i - j < len(found))
            for i in range(len(found) + len(one) - 1)
        ]
    middle = len(found) // 2
    yield from accumulate(found[middle] if h == 0 else 2 * found[middle + h] for h in range(middle + 1))


def _smallest(one: list[float], cells: int, confidence: Fraction) -> int:
    return next(h for h, inside in enumerate(_law(one, cells)) if inside >= float(confidence) - 1e-12)


def _normed(weights: list[float]) -> list[float]:
    return [w / sum(weights) for w in weights]


@pytest.mark.parametrize("sigma", [0.2, 0.5, 0.9, 1.3, 1.5, 2.5])
@pytest.mark.parametrize("cells", [1, 2, 5, 12])
def test_a_sum_of_gaussian_noise(sigma: float, cells: int) -> None:
    reach = math.ceil(sigma * 12)
    one = _normed([math.exp(-n * n / (2 * sigma * sigma)) for n in range(-reach, reach + 1)])
    for confidence in CONFIDENCES:
        assert gaussian_half_width(sigma, cells, confidence) == _smallest(one, cells, confidence)


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.7])
@pytest.mark.parametrize("cells", [1, 2, 5, 12])
def test_a_sum_of_laplace_noise(scale: float, cells: int) -> None:
    reach = math.ceil(scale * 30)
    one = _normed([math.exp(-abs(n) / scale) for n in range(-reach, reach + 1)])
    for confidence in CONFIDENCES:
        assert laplace_half_width(scale, cells, confidence) == _smallest(one, cells, confidence)


@pytest.mark.parametrize("confidence", CONFIDENCES)
def test_wide_noise_is_off_by_very_little_and_never_too_narrow(confidence: Fraction) -> None:
    scale = 50_000.0
    exact = scale * math.log(1 / (1 - float(confidence)))
    assert exact <= laplace_half_width(scale, 1, confidence) <= exact + 2 * scale / 200
    many = laplace_half_width(scale, 4000, confidence)
    few = laplace_half_width(scale, 999, confidence)
    assert many / few == pytest.approx(math.sqrt(4000 / 999), rel=0.01)
    assert gaussian_half_width(scale, 100, confidence) == two_sided_quantile(10 * scale, confidence)


def test_no_noise_is_no_width() -> None:
    assert gaussian_half_width(0.0, 5, Fraction(1, 2)) == laplace_half_width(0.0, 5, Fraction(1, 2)) == 0
