"""The second scale of a plan: its basic price, an epsilon with a delta beside rho, both fixed before data is read.

Discrete Laplace noise and the exponential choice of a norm have an epsilon of their own; over the parts of one plan it
adds up. Discrete Gaussian noise has none at delta 0. Where the population declares `delta.basic`, all Gaussian parts of
a plan together are (epsilon, delta)-DP by the tight conversion of their rho, at a delta in proportion to the plan's
share of the lifetime limit; else the plan has no basic price and closes the second gate of the accounts it charges.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from jali.model.money import ATTO, NANO, Basic, nano_up
from jali.plan.exact import AutoClip, Group
from jali.plan.noise import LAPLACE, Noise, Selection, price, pure_price
from jali.privacy.conversion import epsilon_for

RHO: Final = "rho"
BASIC: Final = "basic"
GATES: Final = (RHO, BASIC)


def converted(nano_rho: int, atto_delta: int, pure: int = 0) -> Basic | None:
    """Return the basic price of parts that are priced in rho, converted together, beside pure ones; None without delta.

    Args:
        nano_rho: of all Gaussian parts and of the choices that come first.
        atto_delta: delta of the conversion.
        pure: nano-epsilon of the parts that have an epsilon of their own.
    """
    if not atto_delta:
        return None
    return Basic(pure + nano_up(epsilon_for(nano_rho, Fraction(atto_delta, ATTO))), atto_delta)


def basic_price(
    noises: Iterable[Noise], selection: Selection | None, atto_delta: int, first_nano_rho: int = 0
) -> Basic | None:
    """Return the basic price recomputed from the mechanisms alone; None where no finite one is proved.

    Args:
        noises: what is measured.
        selection: how keys are found; its key delta is charged beside.
        atto_delta: delta at which the Gaussian parts are converted; 0 where they have no price.
        first_nano_rho: price of the bounds that are found first; it is converted with the Gaussian parts.
    """
    pure = 0
    gaussian: list[Noise] = []
    for noise in noises:
        epsilon = pure_price(noise)
        pure += epsilon or 0
        gaussian += [noise] if epsilon is None else []
    if not gaussian and selection is None and not first_nano_rho:
        return Basic(pure)
    nano_rho = first_nano_rho + sum(price(noise) for noise in gaussian)
    nano_rho += selection.price() if selection is not None else 0
    return converted(nano_rho, atto_delta, pure)


def why_none(noises: Iterable[Noise], selection: Selection | None) -> str:
    """Return in words why a plan has no basic price; a bound that is found first comes with Gaussian noise."""
    what = "discrete Gaussian noise"
    if selection is not None and all(noise.mechanism == LAPLACE for noise in noises):
        what = "the private selection of keys"
    return f"{what} has no finite epsilon at delta.basic 0"


def level(noises: tuple[Noise, ...], nano_rho: int) -> int:
    """Return the price in nano-rho at which a question priced in rho would surely not be less noisy.

    Kept releases are compared by it. It is the price itself unless a noise was priced in epsilon: Laplace noise costs
    more rho than Gaussian noise of the same standard deviation.
    """
    if not any(noise.nano_epsilon for noise in noises):
        return nano_rho
    return len(noises) * min(_level(noise) for noise in noises)


def _level(noise: Noise) -> int:
    group = noise.group
    norm = group.bound.norms[-1] if isinstance(group, Group) and isinstance(group.bound, AutoClip) else None
    norm = norm if noise.kept is None else noise.kept.value
    squared = Fraction(group.squared(norm))
    found = noise.nano_rho
    for weight, sd in zip(noise.weights, noise.sds(norm), strict=True):
        wide = Fraction(sd) * group.scale * weight
        if not wide:
            continue  # nothing that a unit could change is measured
        found = min(found, int(squared * NANO / (2 * wide * wide)))
    share = Fraction(noise.nano_rho, noise.nano_rho + noise.choice_nano_rho)
    return int(found / share) if noise.choice_nano_rho else found
