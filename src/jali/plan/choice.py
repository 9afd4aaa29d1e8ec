"""Bounds on one number per unit that are found privately before the rest of a plan is fixed, and kept bounds.

A plan with a `Choice` is one plan for each candidate of its grid. All of them cost the same: what the choice leaves of
the price. So the whole is priced and charged before anything is read, then the choice is drawn, and the plan of the
candidate it names runs; its noise and thresholds are a fixed function of that noisy choice (SECURITY.md rule 23).

Guarantee. Each unit has one number. The utility -|a below - b above| of a candidate moves by at most max(a, b) when a
unit comes or goes, so the exponential mechanism at scale s costs max(a, b)^2 / (2 s^2) (`privacy.noise`); the prior
that is taken from it is the same on all data. What follows is charged by itself, for the worst candidate.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from jali.plan.bounds import PRIOR
from jali.plan.exact import UnitNumber
from jali.privacy import noise as scales

ROWS: Final = "joinRows"
GROUPS: Final = "maxGroups"
DISTINCT: Final = "maxDistinct"
LEAST_CHOICE: Final = 16
"""A bound chosen for less than this part of the price a question would choose at is not used again.

It is the noise of the choice four times over. Just inside it a quarter of the norms of one small total were below what
any direct question found, so such an answer can lie lower (its noise is smaller; 90 runs of each, a review;
docs/decisions/0016).
"""


def rank_weights(rank: Fraction) -> tuple[int, int]:
    """Return whole numbers a : b = 1 - q : q, for the utility -|a below - b above| of the quantile of rank q."""
    return (1 - rank).numerator * (rank.denominator // (1 - rank).denominator), rank.numerator


def prior(scale: float, candidates: int, steps: int, floor: int = 0, slope: int = 1) -> tuple[int, ...]:
    """Return what is taken from each candidate's score: ln sqrt(2) scales for each of the upper `steps` candidates.

    With a slope of 2 it is twice that: a candidate twice as large is four times less likely.

    Below the index `floor` it rises again. It depends on the plan alone, so it changes no sensitivity
    (docs/decisions/0014).
    """
    each = Fraction(scale) * PRIOR * slope
    start = max(floor, candidates - 1 - steps)
    return tuple(int(each * max(0, i - start, floor - i)) for i in range(candidates))


def scores(counts: Sequence[int], rank: Fraction, taken: Sequence[int]) -> list[int]:
    """Return the score of each candidate: -|a below - b above| less the prior.

    Args:
        counts: units by bucket, with one more bucket for those above the last candidate.
        rank: quantile that is sought.
        taken: the prior, one number per candidate.
    """
    a, b = rank_weights(rank)
    everybody = sum(counts)
    below = 0
    found: list[int] = []
    for count, less in zip(counts[: len(taken)], taken, strict=True):
        below += count
        found.append(-abs(a * below - b * (everybody - below)) - less)
    return found


@dataclass(frozen=True, slots=True)
class KeptBound:
    """A bound that an earlier question bought, as its release recorded it.

    Attributes:
        release_id: of the question that bought it.
        value: in steps of the number it bounds.
        nano_rho: price of its choice.
        where: canonical conditions of the rows it was found among, sorted.
    """

    release_id: str
    value: int
    nano_rho: int
    where: tuple[str, ...]


FIRST_SLOPE: Final = 2
"""Steepness of the prior of a bound that is found first: such a choice is small, so its scale is large, and above the
largest unit every candidate scores alike (docs/decisions/0018)."""

_NUMBER: Final = re.compile(r"[0-9]+")

Library: TypeAlias = Callable[[str], Sequence[KeptBound]]
"""Gives the kept bounds of a measure and grouping, told by their canonical text, for the asker's purpose."""


def no_bounds(_text: str) -> Sequence[KeptBound]:
    """Return no kept bound."""
    return ()


def usable(
    kept: Sequence[KeptBound], where: tuple[str, ...], nano_rho: int, mode: str, grid: Sequence[int]
) -> KeptBound | None:
    """Return the kept bound a question uses; None where it buys one of its own.

    Args:
        kept: those of the same measure, grouping and purpose.
        where: the question's conditions.
        nano_rho: what the question would pay for a choice of its own.
        mode: "same": a bound found under the same conditions; "any": under whatever conditions, the same ones first,
            then those that differ in numbers alone; "fresh": none.
        grid: candidates of the question; a value that is none of them is not used.

    Returns:
        The dearest; of equal ones the first by id, which is the oldest.
    """
    if mode == "fresh":
        return None
    fit = [k for k in kept if k.nano_rho * LEAST_CHOICE >= nano_rho and k.value in grid]
    fit = [k for k in fit if mode == "any" or k.where == where]
    return min(fit, key=lambda k: (_distance(k.where, where), -k.nano_rho, k.release_id), default=None)


def _distance(had: tuple[str, ...], asked: tuple[str, ...]) -> int:
    """Return 0 for the same conditions, 1 where numbers and dates alone differ, else 2."""
    if had == asked:
        return 0
    return 1 if [_NUMBER.sub("", w) for w in had] == [_NUMBER.sub("", w) for w in asked] else 2


@dataclass(frozen=True, slots=True)
class Choice:
    """One bound that is found before the rest of a plan.

    Attributes:
        what: joinRows, maxGroups, or maxDistinct# and the number of the family of aggregates it bounds.
        text: canonical text of what is bounded, by which it is kept.
        where: canonical conditions of the rows, sorted.
        rank: quantile of the units' numbers that is aimed at.
        prior_steps: of the grid, from its end down, over which larger candidates are held back.
        nano_rho: its price.
    """

    what: str
    number: UnitNumber
    text: str
    where: tuple[str, ...]
    rank: Fraction
    prior_steps: int
    nano_rho: int

    @property
    def name(self) -> str:
        """Return its name in the contract."""
        return self.what.partition("#")[0]

    @property
    def sensitivity(self) -> int:
        """Return by how much one unit moves a score."""
        return max(rank_weights(self.rank))

    @property
    def scale(self) -> float:
        """Return the scale of the exponential mechanism."""
        return scales.choice_scale_for(self.sensitivity, self.nano_rho)

    @property
    def prior(self) -> tuple[int, ...]:
        """Return what is taken from the score of each candidate."""
        return prior(self.scale, len(self.number.grid), self.prior_steps, slope=FIRST_SLOPE)

    def price(self) -> int:
        """Return the price recomputed from the scale, in nano-rho."""
        return scales.choice_nano_rho(self.sensitivity, self.scale)


@dataclass(frozen=True, slots=True)
class Found:
    """A bound of a settled plan: found by its own choice, or kept.

    Attributes:
        choice: what was bought; None where it is kept.
        kept: the kept bound; None where it was bought.
        is_elsewhere: the kept bound was found under other conditions.
    """

    what: str
    value: int
    choice: Choice | None = None
    kept: KeptBound | None = None
    is_elsewhere: bool = False

    @property
    def name(self) -> str:
        """Return its name in the contract."""
        return self.what.partition("#")[0]

    def price(self) -> int:
        """Return the price of the choice recomputed; 0 for a kept bound."""
        return 0 if self.choice is None else self.choice.price()


Values: TypeAlias = Mapping[str, int]
"""What was found, by name."""
