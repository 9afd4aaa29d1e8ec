"""The samplers: the only place that knows opendp, and with `keys` the only place that draws randomness.

Noise is drawn for the zero vector and added to exact Python integers, so no sum can wrap or saturate on the way
into a sampler: x + M(0) has the law of M(x) for additive noise on the integers. Scales are at most 2^58, so that
a draw outside 64-bit integers has probability below exp(-2^9) (see `noise.MOST_SIGMA`).
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from jali.model.codes import OutOfNumbers
from jali.privacy.noise import MOST_SIGMA

_I64 = 2**63


class Sampler(Protocol):
    """What draws noise. The product has one, `OpenDPSampler`; another can only be injected by `jali.testing`."""

    name: str

    def gaussian(self, sigma: float, n: int) -> list[int]:
        """Return n independent discrete Gaussians of scale sigma (grid steps)."""
        ...

    def laplace(self, scale: float, n: int) -> list[int]:
        """Return n independent discrete Laplaces: P(k) ~ exp(-|k| / scale)."""
        ...

    def choose(self, scores: Sequence[int], scale: float) -> int:
        """Return index j with probability proportional to exp(scores[j] / scale)."""
        ...


def _check_scale(scale: float) -> None:
    if not (math.isfinite(scale) and 0.0 < scale <= MOST_SIGMA):
        raise OutOfNumbers("a noise scale must be positive and at most 2^58")


@lru_cache(maxsize=1)
def _opendp() -> Any:  # noqa: ANN401  # opendp.prelude is an untyped module
    import opendp.prelude as dp

    dp.enable_features("contrib")  # needed for every constructor; floating-point stays off
    return dp


@lru_cache(maxsize=256)
def _additive(kind: str, scale: float) -> Any:  # noqa: ANN401  # an opendp Measurement
    dp = _opendp()
    domain = dp.vector_domain(dp.atom_domain(T="i64"))
    if kind == "gaussian":
        return dp.m.make_gaussian(domain, dp.l2_distance(T="i64"), scale=scale)
    return dp.m.make_laplace(domain, dp.l1_distance(T="i64"), scale=scale)


class OpenDPSampler:
    """OpenDP's vetted integer samplers over the operating system's CSPRNG.

    Source: OpenDP 0.16 make_gaussian, make_laplace, make_noisy_max (zCDP form samples the exponential
    mechanism); Canonne, Kamath, Steinke (2020) for the discrete Gaussian.
    """

    name = "opendp"

    def gaussian(self, sigma: float, n: int) -> list[int]:
        """Return n independent discrete Gaussians.

        Raises:
            OutOfNumbers: if sigma is not in (0, 2^58].
        """
        return self._draw("gaussian", sigma, n)

    def laplace(self, scale: float, n: int) -> list[int]:
        """Return n independent discrete Laplaces.

        Raises:
            OutOfNumbers: if the scale is not in (0, 2^58].
        """
        return self._draw("laplace", scale, n)

    def _draw(self, kind: str, scale: float, n: int) -> list[int]:
        _check_scale(scale)
        if n == 0:
            return []
        drawn = [int(x) for x in _additive(kind, scale)([0] * n)]
        if len(drawn) != n:
            raise OutOfNumbers("the sampler returned another number of values than asked")
        return drawn

    def choose(self, scores: Sequence[int], scale: float) -> int:
        """Return an index drawn by the exponential mechanism.

        Args:
            scores: one integer per candidate, |score| < 2^63; at least one.
            scale: in (0, 2^58].

        Raises:
            OutOfNumbers: if a score or the scale lies outside its range.
        """
        _check_scale(scale)
        if not scores or any(type(s) is not int or not -_I64 < s < _I64 for s in scores):
            raise OutOfNumbers("scores must be 64-bit integers, at least one")
        dp = _opendp()
        domain = dp.vector_domain(dp.atom_domain(T="i64"))
        select = dp.m.make_noisy_max(
            domain, dp.linf_distance(T="i64"), dp.zero_concentrated_divergence(), scale=scale
        )
        return int(select(list(scores)))
