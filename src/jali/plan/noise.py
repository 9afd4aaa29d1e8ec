"""The mechanism of each group: which noise, at what scale, for what price, and what the price covers.

A scale is a fixed function of the price and, for an automatic clip, of the norm that was chosen privately. So a
plan can be priced whole before anything is read: its price covers every norm the choice could return.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from jali.plan.bounds import AUTO_SHARE, PRIOR
from jali.plan.exact import FINE, AnyGroup, AutoClip, Group, SharedDistinct
from jali.privacy import noise as scales
from jali.privacy.sums import gaussian_half_width, laplace_half_width
from jali.privacy.tails import selection_threshold

GAUSSIAN = "discrete_gaussian"
LAPLACE = "discrete_laplace"
SELECTION_SHARE = Fraction(3, 10)
"""Share of a question's price that buys the selection of undeclared keys."""


def rank_weights(rank: Fraction) -> tuple[int, int]:
    """Return whole numbers a : b = 1 - q : q, for the utility -|a below - b above| of the quantile of rank q."""
    return (1 - rank).numerator * (rank.denominator // (1 - rank).denominator), rank.numerator


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise and price of one group.

    Attributes:
        mechanism: discrete_gaussian or discrete_laplace.
        nano_rho: price of the totals.
        choice_nano_rho: price of the automatic clip; 0 without one.
        is_combined: several releases of the same totals were combined by inverse variance, `nano_rho` being the sum of
            their prices; what such a combination is off by is no whole number of steps.
    """

    group: AnyGroup
    mechanism: str
    nano_rho: int
    choice_nano_rho: int = 0
    is_combined: bool = False

    @property
    def weights(self) -> tuple[int, ...]:
        """Return the weight of each statistic in the norm."""
        if isinstance(self.group, SharedDistinct):
            return (1,)
        return tuple(w for _, w in self.group.statistics)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the totals this noise is added to."""
        return (self.group.id,) if isinstance(self.group, SharedDistinct) else self.group.ids

    def scales(self, norm: int | None = None) -> tuple[float, ...]:
        """Return the scale for each statistic, in fine steps, for the norm chosen (ignored without an AutoClip).

        Every node of a tree has the scale of its one statistic.
        """
        if self.mechanism == LAPLACE:
            return (scales.laplace_scale_for(_l1(self.group), self.nano_rho),)
        squared = Fraction(self.group.squared(norm))
        return tuple(scales.sigma_for(squared / (w * w), self.nano_rho) for w in self.weights)

    def sds(self, norm: int | None = None, cells: int = 1) -> tuple[float, ...]:
        """Return the standard deviation of the noise in a sum of `cells` totals, in steps of each statistic."""
        times = math.sqrt(cells)
        if self.mechanism == LAPLACE:
            return (scales.laplace_sd(self.scales(norm)[0]) * times,)
        return tuple(s / self.group.scale * times for s in self.scales(norm))

    def half_widths(
        self, confidence: Fraction, norm: int | None = None, cells: int = 1
    ) -> tuple[Fraction, ...]:
        """Return for each statistic h, in its steps, with P[|noise| <= h] >= confidence in a sum of `cells` totals.

        For combined releases the quantile of the lattice law at their common scale is widened by the half step by which
        it may lie below that of a law off the lattice (`plan.refine` combines wide noise alone).
        """
        if cells == 0:
            return (Fraction(0),) * len(self.weights)
        if self.mechanism == LAPLACE:
            scale = self.scales(norm)[0]
            if cells > 1:
                return (Fraction(laplace_half_width(scale, cells, confidence)),)
            return (Fraction(math.ceil(scale * math.log(1 / (1 - float(confidence))))),)
        more = Fraction(int(self.is_combined), 2)
        found = (gaussian_half_width(s, cells, confidence) for s in self.scales(norm))
        return tuple((h + more) / self.group.scale for h in found)

    @property
    def choice_scale(self) -> float:
        """Return the scale of the exponential mechanism that picks the norm; 0.0 without an AutoClip."""
        if not isinstance(self.group, Group) or not isinstance(self.group.bound, AutoClip):
            return 0.0
        return scales.choice_scale_for(max(rank_weights(self.group.bound.rank)), self.choice_nano_rho)

    @property
    def choice_prior(self) -> tuple[int, ...]:
        """Return what is taken from the score of each candidate norm: it falls as 1 / norm over the upper grid.

        Noise is proportional to the norm, and at the end of the grid, where nobody is left, many candidates score
        almost alike. Below the floor it falls as the norm. The prior depends on the plan alone, so it changes no
        sensitivity (docs/decisions/0014).
        """
        if not isinstance(self.group, Group) or not isinstance(self.group.bound, AutoClip):
            return ()
        bound, each = self.group.bound, Fraction(self.choice_scale) * PRIOR
        start = max(bound.floor, len(bound.norms) - 1 - bound.prior_steps)
        return tuple(int(each * max(0, i - start, bound.floor - i)) for i in range(len(bound.norms)))


def _l1(group: AnyGroup) -> int:
    if isinstance(group, SharedDistinct):
        return group.max_keys * group.per_key
    return group.l1 or 0


def noise_for(group: AnyGroup, nano_rho: int) -> Noise:
    """Return the mechanism of least standard deviation for a group at a price."""
    if isinstance(group, Group) and isinstance(group.bound, AutoClip):
        choice = int(nano_rho * AUTO_SHARE)
        return Noise(group, GAUSSIAN, nano_rho - choice, choice)
    gaussian = Noise(group, GAUSSIAN, nano_rho)
    if len(gaussian.ids) == 1 and group.scale == 1 and _l1(group) > 0:
        laplace = Noise(group, LAPLACE, nano_rho)
        if laplace.sds()[0] < gaussian.sds()[0]:
            return laplace
    return gaussian


def price(noise: Noise) -> int:
    """Return the price of a group recomputed from its mechanisms alone, in nano-rho, over every norm on the grid.

    For weights w_j and scales s_j, the loss of one Gaussian pass is sup over sum w_j^2 q_j^2 <= B of
    sum q_j^2 / (2 s_j^2) = B * max_j 1 / (2 w_j^2 s_j^2).
    """
    group = noise.group
    if noise.mechanism == LAPLACE:
        return scales.laplace_nano_rho(_l1(group), noise.scales()[0])
    bound = group.bound if isinstance(group, Group) else None
    norms: tuple[int | None, ...] = bound.norms if isinstance(bound, AutoClip) else (None,)
    worst = 0
    for norm in norms:
        squared = Fraction(group.squared(norm))
        pairs = zip(noise.weights, noise.scales(norm), strict=True)
        worst = max(worst, *(scales.gaussian_nano_rho(squared / (w * w), s) for w, s in pairs))
    if isinstance(bound, AutoClip):
        worst += scales.choice_nano_rho(max(rank_weights(bound.rank)), noise.choice_scale)
    return worst


@dataclass(frozen=True, slots=True)
class Selection:
    """Private selection of undeclared keys by their noisy weight.

    Each unit gives each of its m <= max_keys sampled keys the weight 1 / sqrt(m), so its vector has L2 norm at most
    1 (2^16 fine steps). A key shows when its noisy weight reaches the threshold.
    """

    max_keys: int
    min_units: int
    nano_rho: int
    atto_delta: int

    @property
    def sigma(self) -> float:
        """Return the scale of the noise in fine steps."""
        return scales.sigma_for(Fraction(FINE**2), self.nano_rho)

    @property
    def threshold(self) -> int:
        """Return the threshold in fine steps."""
        return selection_threshold(
            sigma=self.sigma,
            one=FINE,
            max_keys=self.max_keys,
            min_units=self.min_units,
            key_delta=Fraction(self.atto_delta, 10**18),
        )

    def price(self) -> int:
        """Return the price recomputed from the scale, in nano-rho."""
        return scales.gaussian_nano_rho(Fraction(FINE**2), self.sigma)
