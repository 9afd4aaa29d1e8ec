"""The mechanism of each group: which noise, at what scale, for what price, and what the price covers.

A scale is a fixed function of the price and, for an automatic clip, of the norm that was chosen privately. So a
plan can be priced whole before anything is read: its price covers every norm the choice could return.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt

from jali.plan.bounds import AUTO_SHARE
from jali.plan.choice import KeptBound, prior, rank_weights
from jali.plan.exact import FINE, AnyGroup, AutoClip, CellClamp, Group, SharedDistinct
from jali.privacy import noise as scales
from jali.privacy.sums import gaussian_half_width, laplace_half_width
from jali.privacy.tails import selection_threshold

GAUSSIAN = "discrete_gaussian"
LAPLACE = "discrete_laplace"
SELECTION_SHARE = Fraction(3, 10)
"""Share of a question's price that buys the selection of undeclared keys."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise and price of one group.

    Attributes:
        mechanism: discrete_gaussian or discrete_laplace.
        nano_rho: price of the totals.
        choice_nano_rho: price of the automatic clip; 0 without one, and where a kept one is used.
        nano_epsilon, choice_nano_epsilon: above 0 where the price was fixed in epsilon (`plan.second`): scales follow
            from them, and the prices in rho are what these scales cost.
        is_combined: several releases of the same totals were combined by inverse variance, `nano_rho` being the sum of
            their prices; what such a combination is off by is no whole number of steps.
        kept: the norm of an automatic clip that an earlier question found, if it is used again.
        is_elsewhere: it was found under other conditions.
    """

    group: AnyGroup
    mechanism: str
    nano_rho: int
    choice_nano_rho: int = 0
    is_combined: bool = False
    nano_epsilon: int = 0
    choice_nano_epsilon: int = 0
    kept: KeptBound | None = None
    is_elsewhere: bool = False

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
        if norm is None and self.kept is not None:
            norm = self.kept.value
        if self.nano_epsilon:
            l1 = Fraction(l1_of(self.group, norm))
            return tuple(scales.pure_scale_for(l1 / w, self.nano_epsilon) for w in self.weights)
        if self.mechanism == LAPLACE:
            return (scales.laplace_scale_for(_l1(self.group), self.nano_rho),)
        squared = Fraction(self.group.squared(norm))
        return tuple(scales.sigma_for(squared / (w * w), self.nano_rho) for w in self.weights)

    def sds(self, norm: int | None = None, cells: int = 1) -> tuple[float, ...]:
        """Return the standard deviation of the noise in a sum of `cells` totals, in steps of each statistic."""
        times = math.sqrt(cells)
        if self.mechanism == LAPLACE:
            return tuple(scales.laplace_sd(s) / self.group.scale * times for s in self.scales(norm))
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
            wide = (_laplace_half_width(s, cells, confidence) for s in self.scales(norm))
            return tuple(Fraction(h, self.group.scale) for h in wide)
        more = Fraction(int(self.is_combined), 2)
        found = (gaussian_half_width(s, cells, confidence) for s in self.scales(norm))
        return tuple((h + more) / self.group.scale for h in found)

    def as_normal(self, confidence: Fraction) -> float:
        """Return the confidence of a normal law whose interval is surely as wide as one of this noise, or of a few.

        Laplace noise has heavier tails: 2.12 standard deviations cover it 19 times in 20. A few of them added up lie in
        between, so the wider of the two serves.
        """
        if self.mechanism != LAPLACE:
            return float(confidence)
        wide = math.log(1.0 / (1.0 - float(confidence))) / math.sqrt(2.0)
        return max(float(confidence), math.erf(wide / math.sqrt(2.0)))

    @property
    def choice_scale(self) -> float:
        """Return the scale of the exponential mechanism that picks, or picked, the norm; 0.0 without an AutoClip."""
        if not isinstance(self.group, Group) or not isinstance(self.group.bound, AutoClip):
            return 0.0
        if self.kept is not None:
            return scales.choice_scale_for(max(rank_weights(self.group.bound.rank)), self.kept.nano_rho)
        if self.choice_nano_epsilon:
            return scales.pure_scale_for(_range_of_choice(self.group.bound), self.choice_nano_epsilon)
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
        bound = self.group.bound
        return prior(self.choice_scale, len(bound.norms), bound.prior_steps, bound.floor)


def _laplace_half_width(scale: float, cells: int, confidence: Fraction) -> int:
    if cells > 1:
        return laplace_half_width(scale, cells, confidence)
    return math.ceil(scale * math.log(1 / (1 - float(confidence))))


def _range_of_choice(bound: AutoClip) -> Fraction:
    """Return twice what one unit changes a score by."""
    return Fraction(2 * max(rank_weights(bound.rank)))


def l1_of(group: AnyGroup, norm: int | None = None) -> int:
    """Return the L1 sensitivity in weighted fine steps, for the chosen norm of an AutoClip.

    Where the bounds give none, it follows from the squared L2 one: a unit changes n numbers at most, and by Cauchy and
    Schwarz whole numbers whose squares add up to B have absolute values that add up to at most sqrt(n B). In a tree a
    unit that is bounded by its rows counts once on each level.
    """
    if isinstance(group, SharedDistinct) or group.l1 is not None:
        return _l1(group)
    if group.tree is not None and isinstance(group.bound, CellClamp):
        return group.tree.depth * group.bound.limits[0][1]
    numbers = group.max_keys * len(group.ids)
    return isqrt(numbers * group.squared(norm))


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


def gaussian_for(group: AnyGroup, nano_rho: int) -> Noise:
    """Return discrete Gaussian noise for a group at a price, and the choice of a norm where it has one."""
    found = noise_for(group, nano_rho)
    return found if found.mechanism == GAUSSIAN else Noise(group, GAUSSIAN, nano_rho)


def under_kept(noise: Noise, kept: KeptBound, *, is_elsewhere: bool) -> Noise:
    """Return the mechanism with a kept norm: what its choice would have cost buys less noise.

    Args:
        noise: with an automatic clip.
        kept: the norm.
        is_elsewhere: it was found under other conditions.
    """
    epsilon = noise.nano_epsilon + noise.choice_nano_epsilon
    rho = noise.nano_rho + noise.choice_nano_rho
    found = Noise(
        noise.group, noise.mechanism, rho, nano_epsilon=epsilon, kept=kept, is_elsewhere=is_elsewhere
    )
    return replace(found, nano_rho=_pass_price(found)) if epsilon else found


def basic_noise_for(group: AnyGroup, nano_epsilon: int) -> Noise:
    """Return discrete Laplace noise, and the choice of a norm, that cost at most this many nano-epsilon together."""
    choice = 0
    if isinstance(group, Group) and isinstance(group.bound, AutoClip):
        choice = int(nano_epsilon * AUTO_SHARE)
    noise = Noise(group, LAPLACE, 0, 0, nano_epsilon=nano_epsilon - choice, choice_nano_epsilon=choice)
    return replace(noise, nano_rho=_pass_price(noise), choice_nano_rho=_choice_price(noise))


def price(noise: Noise) -> int:
    """Return the price of a group recomputed from its mechanisms alone, in nano-rho, over every norm on the grid."""
    return _pass_price(noise) + _choice_price(noise)


def _norms(noise: Noise) -> tuple[int | None, ...]:
    """Return every norm that may be chosen; a kept one is known."""
    if noise.kept is not None:
        return (noise.kept.value,)
    bound = noise.group.bound if isinstance(noise.group, Group) else None
    return bound.norms if isinstance(bound, AutoClip) else (None,)


def _pass_price(noise: Noise) -> int:
    """Return the price of the totals.

    For weights w_j and scales s_j, the loss of one Gaussian pass is sup over sum w_j^2 q_j^2 <= B of
    sum q_j^2 / (2 s_j^2) = B * max_j 1 / (2 w_j^2 s_j^2).
    """
    group = noise.group
    if noise.mechanism == LAPLACE and noise.nano_epsilon:
        return scales.nano_rho_of_pure(_pass_epsilon(noise))
    if noise.mechanism == LAPLACE:
        return scales.laplace_nano_rho(_l1(group), noise.scales()[0])
    worst = 0
    for norm in _norms(noise):
        squared = Fraction(group.squared(norm))
        pairs = zip(noise.weights, noise.scales(norm), strict=True)
        worst = max(worst, *(scales.gaussian_nano_rho(squared / (w * w), s) for w, s in pairs))
    return worst


def _choice_price(noise: Noise) -> int:
    bound = noise.group.bound if isinstance(noise.group, Group) else None
    if not isinstance(bound, AutoClip) or noise.kept is not None:
        return 0
    return scales.choice_nano_rho(max(rank_weights(bound.rank)), noise.choice_scale)


def pure_price(noise: Noise) -> int | None:
    """Return the price recomputed from the mechanisms alone in nano-epsilon, over every norm; None for a Gaussian.

    For weights w_j and scales b_j, the loss of one Laplace pass is sup over sum w_j |q_j| <= L of
    sum |q_j| / b_j = L * max_j 1 / (w_j b_j).
    """
    if noise.mechanism != LAPLACE:
        return None
    bound = noise.group.bound if isinstance(noise.group, Group) else None
    if not isinstance(bound, AutoClip) or noise.kept is not None:
        return _pass_epsilon(noise)
    return _pass_epsilon(noise) + scales.pure_nano_epsilon(_range_of_choice(bound), noise.choice_scale)


def _pass_epsilon(noise: Noise) -> int:
    worst = 0
    for norm in _norms(noise):
        l1 = Fraction(l1_of(noise.group, norm))
        pairs = zip(noise.weights, noise.scales(norm), strict=True)
        worst = max(worst, *(scales.pure_nano_epsilon(l1 / w, b) for w, b in pairs))
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
