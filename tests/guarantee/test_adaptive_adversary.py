"""Exact: no adaptive adversary gets past (epsilon, conversion + keys + basic) while questions pass either gate.

A small world where every probability is a fraction. An adversary chooses each question by what was answered before; the
gates of `Cost` decide whether it is admitted. The best one is found by dynamic programming: what P(S) - e^epsilon P'(S)
can be at most over all ways to ask and all events S is the sum over all histories of its positive part.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import pytest

from jali.model.money import NANO, NOTHING, Basic, Cost
from jali.privacy.conversion import delta_for, rho_of_pure

pytestmark = pytest.mark.guarantee

R = Fraction(2)
"""e to the power of one unit of epsilon."""

ONE_EPSILON = Fraction(math.log(2)) + Fraction(1, 10**12)
ONE_RHO = rho_of_pure(ONE_EPSILON)
"""One unit of rho is what one unit of epsilon costs."""

BASIC_DELTA, KEY_DELTA = Fraction(1, 50), Fraction(1, 40)
E, RHO = 2, 3
LIMIT = Cost(RHO, 1, Basic(E, 1))
CONVERSION = Fraction(delta_for(math.ceil(RHO * ONE_RHO * NANO), E * Fraction(math.log(2))))
PROMISE = CONVERSION + KEY_DELTA + BASIC_DELTA


@dataclass(frozen=True)
class Mechanism:
    """A mechanism on two neighbours: the probability of every output on either, and its price in units."""

    with_unit: tuple[Fraction, ...]
    without: tuple[Fraction, ...]
    price: Cost


def response(ratio: Fraction, price: Cost, leak: Fraction = Fraction(0)) -> Mechanism:
    """Return randomised response of a ratio that tells the truth with probability `leak`."""
    high, low = (1 - leak) * ratio / (1 + ratio), (1 - leak) / (1 + ratio)
    leaks = ((leak, Fraction(0)), (Fraction(0), leak)) if leak else ()
    left, right = (high, low, *(a for a, _ in leaks)), (low, high, *(b for _, b in leaks))
    return Mechanism(left, right, price)


TAIL = (Fraction(8, 400), Fraction(391, 400), Fraction(1, 400))
MENU = {
    "small": response(R, Cost(1, 0, Basic(1))),
    "large": response(R**2, Cost(4, 0, Basic(2))),
    "no epsilon": Mechanism(TAIL, TAIL[::-1], Cost(1)),
    "with a delta": response(R, Cost(RHO + 1, 0, Basic(1, 1)), BASIC_DELTA),
    "keys": Mechanism((KEY_DELTA, 1 - KEY_DELTA), (Fraction(0), Fraction(1)), Cost(0, 1, Basic(0))),
}


def renyi(p: tuple[Fraction, ...], q: tuple[Fraction, ...], alpha: float) -> float:
    moment = sum(float(x) ** alpha * float(y) ** (1 - alpha) for x, y in zip(p, q, strict=True) if x)
    return math.log(moment) / (alpha - 1)


@pytest.mark.parametrize("name", ["small", "large", "no epsilon"])
def test_the_prices_of_the_menu_are_true(name: str) -> None:
    one = MENU[name]
    for p, q in ((one.with_unit, one.without), (one.without, one.with_unit)):
        losses = [renyi(p, q, 1 + n / 20) / (1 + n / 20) for n in range(1, 2000)]
        assert max(losses) <= one.price.nano_rho * ONE_RHO
        basic = one.price.basic
        if basic is not None:
            assert max(x / y for x, y in zip(p, q, strict=True)) <= R**basic.nano_epsilon


Admits = Callable[[tuple[Cost, Cost], Cost], tuple[Cost, Cost] | None]
"""From the sums of an account and a price to the sums after it; None refuses."""


def either(sums: tuple[Cost, Cost], price: Cost) -> tuple[Cost, Cost] | None:
    after = sums[0] + price
    return (after, after) if after.fits(LIMIT) else None


def first(sums: tuple[Cost, Cost], price: Cost) -> tuple[Cost, Cost] | None:
    after = sums[0] + price
    return (after, after) if after.fits_rho(LIMIT) else None


def second(sums: tuple[Cost, Cost], price: Cost) -> tuple[Cost, Cost] | None:
    after = sums[0] + price
    return (after, after) if after.fits_basic(LIMIT) else None


def forgetful(sums: tuple[Cost, Cost], price: Cost) -> tuple[Cost, Cost] | None:
    """Judge each gate on what it admitted itself: the mistake the rule of the whole history is there against."""
    one, two = sums[0] + price, sums[1] + price
    if one.fits_rho(LIMIT):
        return one, sums[1]
    return (sums[0], two) if two.fits_basic(LIMIT) else None


def worst(admits: Admits, *, is_swapped: bool) -> Fraction:
    """Return the largest P(S) - e^E P'(S) over all adaptive adversaries and events, exactly."""

    @cache
    def value(p: Fraction, q: Fraction, sums: tuple[Cost, Cost]) -> Fraction:
        best = max(p - R**E * q, Fraction(0))
        for one in MENU.values():
            after = admits(sums, one.price)
            if after is None:
                continue
            pairs = zip(one.with_unit, one.without, strict=True)
            found = ((b, a) if is_swapped else (a, b) for a, b in pairs)
            best = max(best, sum((value(p * x, q * y, after) for x, y in found), Fraction(0)))
        return best

    return value(Fraction(1), Fraction(1), (NOTHING, NOTHING))


@pytest.mark.parametrize("is_swapped", [False, True])
def test_no_adaptive_adversary_beats_the_promise_of_either_gate(is_swapped: bool) -> None:  # noqa: FBT001  # pytest
    by_either = worst(either, is_swapped=is_swapped)
    assert by_either <= PROMISE
    assert worst(first, is_swapped=is_swapped) <= CONVERSION + KEY_DELTA
    assert worst(second, is_swapped=is_swapped) <= BASIC_DELTA + KEY_DELTA
    assert by_either >= worst(first, is_swapped=is_swapped)
    assert by_either >= worst(second, is_swapped=is_swapped)


def test_choosing_the_gate_by_the_answers_gains_something_so_deltas_add() -> None:
    alone = max(worst(first, is_swapped=False), worst(second, is_swapped=False))
    assert worst(either, is_swapped=False) > alone


def test_gates_that_forget_what_the_other_admitted_break_the_promise() -> None:
    assert worst(forgetful, is_swapped=False) > PROMISE
