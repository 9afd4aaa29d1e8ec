"""Refinement: the same question at a better accuracy buys only what is missing, and both releases are combined.

A release with discrete Gaussian noise of scale s1 costs rho1 = D^2 / (2 s1^2). A second, independent one at
rho2 = D^2/2 (1/s^2 - 1/s1^2) costs together with it what a direct release of scale s costs, and the two combined by
inverse variance have variance s^2 (SECURITY.md, rule 26). Both are charged in full, each before its data is read, the
second one on the scale of the second gate like any Gaussian release: not at all where `delta.basic` is 0, which closes
that gate;
the combination is post-processing. It is done where nothing that was chosen privately would be chosen again: declared
keys, and for an automatic clip the norm that the first release found, which is public. Its price bought that norm
already, so the noise of a refined answer is at most that of a direct one at the whole price. The norm is the first
release's: found for less, it may lie farther from where a direct question would have found it.
"""

from dataclasses import dataclass, replace
from typing import Final

from jali.model.codes import OutOfNumbers, PriceDisagrees
from jali.model.money import Cost
from jali.plan.choice import LEAST_CHOICE
from jali.plan.derive import Kept
from jali.plan.exact import AutoClip, FixedClip, Group
from jali.plan.noise import GAUSSIAN, Noise
from jali.plan.noisy import Noisy
from jali.plan.private import Measured, PrivatePlan
from jali.plan.second import RHO
from jali.privacy.sums import CLOSE_SIGMA

SMALLEST_SHARE: Final = 10
"""nano-rho; a smaller difference is not worth a release."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """How a question is answered from a kept release and a new one.

    Attributes:
        buying: the plan that runs and is charged: the same totals, at the difference in price.
        whole: the plan by which the combined totals are read; its price is that of both.
        kept: the release that is refined.
    """

    buying: PrivatePlan
    whole: PrivatePlan
    kept: Kept

    def combined(self, newer: Noisy) -> Noisy:
        """Return the kept totals combined with the new ones."""
        pairs = zip(self.kept.source.noises, self.buying.noises, strict=True)
        prices = {one: (old.nano_rho, new.nano_rho) for old, new in pairs for one in new.ids}
        return self.kept.noisy.refined(newer, prices)


def refinement(plan: PrivatePlan, kept: Kept) -> Refinement | None:
    """Return how to refine a kept release of the very same plan up to this one's price; None where it cannot be."""
    old = kept.source.noises
    if plan.gate != RHO:
        return None  # a difference of epsilons buys no difference in noise that could be combined as well
    if plan.selection is not None or kept.source.selection is not None or len(old) != len(plan.noises):
        return None
    pairs = [
        _pair(asked, had, kept.noisy.norms.get(had.group.id))
        for asked, had in zip(plan.noises, old, strict=True)
    ]
    found = [p for p in pairs if p is not None]
    if not found or len(found) < len(pairs):
        return None
    cost = Cost(sum(buying.nano_rho for buying, _ in found))
    at = replace(plan, basic_atto_delta=plan.basic_delta_for(cost.nano_rho))
    buying = _with_noises(at, [b for b, _ in found], cost).priced()
    if not buying.price_again().is_covered_by(buying.cost):
        raise PriceDisagrees("the price of the plan and the price of its mechanisms differ; nothing ran")
    whole = _with_noises(
        plan, [w for _, w in found], Cost(max(plan.cost.nano_rho, kept.nano_rho + cost.nano_rho))
    )
    return Refinement(buying, whole, kept)


def _pair(asked: Noise, had: Noise, norm: int | None) -> tuple[Noise, Noise] | None:
    """Return the noise to buy and the noise of both together."""
    share = asked.nano_rho + asked.choice_nano_rho - had.nano_rho - had.choice_nano_rho
    if share < SMALLEST_SHARE or {asked.mechanism, had.mechanism} != {GAUSSIAN}:
        return None
    group = asked.group
    if isinstance(group, Group) and isinstance(group.bound, AutoClip):
        paid = had.choice_nano_rho if had.kept is None else had.kept.nano_rho
        if norm is None or paid * LEAST_CHOICE < asked.choice_nano_rho:
            return None
        group = replace(group, bound=FixedClip(norm * norm))
    buying = Noise(group, GAUSSIAN, share)
    whole = replace(had, group=asked.group, nano_rho=had.nano_rho + share, is_combined=True)
    try:
        scales = (*buying.scales(), *whole.scales(norm))
    except OutOfNumbers:
        return None
    return (buying, whole) if min(scales) >= CLOSE_SIGMA else None


def _with_noises(plan: PrivatePlan, noises: list[Noise], cost: Cost) -> PrivatePlan:
    by_id = {noise.group.id: noise for noise in noises}
    measured = tuple(
        Measured(m.aggregate, by_id[m.noise.group.id], m.center, m.moments) for m in plan.measured
    )
    groups = tuple(noise.group for noise in noises if isinstance(noise.group, Group))
    return replace(plan, exact=replace(plan.exact, groups=groups), measured=measured, cost=cost)
