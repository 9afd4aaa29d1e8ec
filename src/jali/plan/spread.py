"""VAR, STDDEV, COVAR, CORR and REGR_SLOPE read off noisy moments.

All are functions of the moments around any centre, so the centre drops out. With n rows and moments m per row,
cov(x, y) = m_xy - m_x m_y. Intervals follow the noise to first order: each function is linearised at the noisy
moments, whose noise is independent Gaussian of known scale. Where the noise of n is not small against n (n < 4 sd),
or a denominator is not clear of its noise, nothing is shown.

Source: the delta method, e.g. van der Vaart, "Asymptotic Statistics" (1998), chapter 3.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

from jali.plan.cell import SUPPRESSED, Cell, exactly
from jali.plan.exact import Group
from jali.plan.levels import Lines
from jali.plan.private import Measured

_CLEAR = 4.0
"""A count or denominator is used where it is this many standard deviations of its noise away from 0."""

Moments = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Reading:
    """Noisy moments in real units and the standard deviation of their noise."""

    value: Moments
    sd: Moments


def read_spread(measured: Measured, noisy: Lines, index: int, confidence: float) -> Cell:
    """Return the value of one cell with its interval, or nothing where the noise hides it."""
    reading = _reading(measured, noisy, index)
    n = reading.value["n"]
    if n <= 1.0 or n < _CLEAR * reading.sd["n"]:
        return SUPPRESSED
    kind = measured.aggregate.kind
    function = _FUNCTIONS[kind]
    value = function(reading.value)
    gradient = _gradient(function, reading)
    if value is None or gradient is None or _is_hidden(kind, reading):
        return SUPPRESSED
    sd = math.sqrt(sum((gradient[name] * reading.sd[name]) ** 2 for name in gradient))
    z = NormalDist().inv_cdf((1.0 + confidence) / 2.0)
    low, high = _limits(measured)
    ends = [min(max(value + side * z * sd, low), high) for side in (-1.0, 1.0)]
    shown = min(max(value, low), high)
    if kind.startswith("stddev"):
        root = math.sqrt(max(shown, 0.0))
        slope = sd / (2.0 * root) if root > 0.0 else math.sqrt(sd)
        ends, shown, value, sd = [math.sqrt(max(e, 0.0)) for e in ends], root, root, slope
    return Cell(exactly(shown), exactly(value), exactly(ends[0]), exactly(ends[1]), sd, is_real=True)


def _reading(measured: Measured, noisy: Lines, index: int) -> _Reading:
    group = measured.noise.group
    if not isinstance(group, Group):
        msg = "moments are measured as a group"
        raise TypeError(msg)
    sds = measured.noise.sds(noisy.norms.get(group.id), noisy.cells[index])
    value: dict[str, float] = {}
    sd: dict[str, float] = {}
    for name, (statistic, _), spread in zip(measured.moments, group.statistics, sds, strict=True):
        value[name] = float(noisy.values[statistic.id][index] * statistic.step / group.scale)
        sd[name] = spread * float(statistic.step)
    return _Reading(value, sd)


def _covariance(m: Moments, a: str, b: str) -> float:
    both = a + b if a + b in m else b + a
    return m[both] / m["n"] - m[a] / m["n"] * (m[b] / m["n"])


def _sample(m: Moments) -> float:
    return m["n"] / (m["n"] - 1.0)


def _correlation(m: Moments) -> float | None:
    product = _covariance(m, "x", "x") * _covariance(m, "y", "y")
    return _covariance(m, "x", "y") / math.sqrt(product) if product > 0.0 else None


def _slope(m: Moments) -> float | None:
    spread = _covariance(m, "y", "y")  # REGR_SLOPE(y, x): its second argument is the independent one
    return _covariance(m, "x", "y") / spread if spread > 0.0 else None


_FUNCTIONS: dict[str, Callable[[Moments], float | None]] = {
    "var_pop": lambda m: _covariance(m, "x", "x"),
    "var_samp": lambda m: _covariance(m, "x", "x") * _sample(m),
    "stddev_pop": lambda m: _covariance(m, "x", "x"),
    "stddev_samp": lambda m: _covariance(m, "x", "x") * _sample(m),
    "covar_pop": lambda m: _covariance(m, "x", "y"),
    "covar_samp": lambda m: _covariance(m, "x", "y") * _sample(m),
    "corr": _correlation,
    "regr_slope": _slope,
}


def _gradient(function: Callable[[Moments], float | None], reading: _Reading) -> dict[str, float] | None:
    """Return the slope in each moment, by central differences of half a standard deviation of its noise."""
    found: dict[str, float] = {}
    for name, sd in reading.sd.items():
        step = 0.5 * sd if sd > 0.0 else max(abs(reading.value[name]), 1.0) * 1e-6
        up = function({**reading.value, name: reading.value[name] + step})
        down = function({**reading.value, name: reading.value[name] - step})
        if up is None or down is None:
            return None
        found[name] = (up - down) / (2.0 * step)
    return found


def _is_hidden(kind: str, reading: _Reading) -> bool:
    """Return whether a variance that is divided by is not clear of its own noise."""
    needed = {"corr": ("x", "y"), "regr_slope": ("y",)}.get(kind, ())
    return any(not _is_clear(reading, one) for one in needed)


def _is_clear(reading: _Reading, one: str) -> bool:
    def variance(m: Moments) -> float:
        return _covariance(m, one, one)

    used = {k: v for k, v in reading.sd.items() if k in {"n", one, one + one}}
    gradient = _gradient(variance, _Reading(reading.value, used)) or {}
    sd = math.sqrt(sum((gradient[name] * used[name]) ** 2 for name in gradient))
    return variance(reading.value) > _CLEAR / 2.0 * sd


def _limits(measured: Measured) -> tuple[float, float]:
    """Return what the value lies in for the declared ranges alone."""
    group, kind = measured.noise.group, measured.aggregate.kind
    if kind == "corr":
        return -1.0, 1.0
    if kind == "regr_slope" or not isinstance(group, Group):
        return -math.inf, math.inf
    second = group.statistics[_second(measured)][0]
    most = float((second.high or 0) * second.step / second.coarser)
    return (-most, most) if kind.startswith("covar") else (0.0, most)


def _second(measured: Measured) -> int:
    return next(i for i, name in enumerate(measured.moments) if len(name) == 2)  # noqa: PLR2004  # xx, xy
