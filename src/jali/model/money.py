"""Privacy prices as integers: nano-rho, nano-epsilon and atto-delta, always rounded against ourselves.

A price has two scales that both hold of the same release: it is approximately zCDP (`nano_rho` with `atto_delta`, the
key delta), and, where a basic price is known, also (epsilon, delta)-DP apart from that same key delta (`basic`). 1
nano-rho is 1e-9 of rho, 1 nano-epsilon 1e-9 of epsilon, 1 atto-delta 1e-18 of delta. Floats never enter: conversions
take `Fraction` or `Decimal` text.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

NANO = 10**9
ATTO = 10**18


@dataclass(frozen=True, slots=True)
class Basic:
    """A price, a sum of prices or a limit for basic composition: (epsilon, delta)-DP, both rounded up as a price.

    Attributes:
        nano_epsilon: >= 0, in units of 1e-9.
        atto_delta: >= 0, in units of 1e-18; the key delta is not part of it.
    """

    nano_epsilon: int
    atto_delta: int = 0

    def __post_init__(self) -> None:
        """Refuse anything but whole, non-negative numbers.

        Raises:
            ValueError: for a negative or non-integer part.
        """
        _check_whole(self.nano_epsilon, self.atto_delta)

    def __add__(self, other: "Basic") -> "Basic":
        """Return the sum: under basic composition both parts add up."""
        return Basic(self.nano_epsilon + other.nano_epsilon, self.atto_delta + other.atto_delta)

    def fits(self, limit: "Basic") -> bool:
        """Return whether both parts are at most those of `limit`."""
        return self.nano_epsilon <= limit.nano_epsilon and self.atto_delta <= limit.atto_delta


@dataclass(frozen=True, slots=True, order=False)
class Cost:
    """What a release costs, what releases cost together, or the most they may cost.

    Attributes:
        nano_rho: >= 0, rounded up as a price.
        atto_delta: the key delta, >= 0, rounded up as a price.
        basic: the price for the second gate. None is no number: of a price, that it is not known to be finite; of a
            sum, that something in it was not; of a limit, that there is no second gate. With None on either side the
            second gate is closed, so a price nobody computed never passes it.
    """

    nano_rho: int
    atto_delta: int = 0
    basic: Basic | None = None

    def __post_init__(self) -> None:
        """Refuse anything but whole, non-negative numbers.

        Raises:
            ValueError: for a negative or non-integer part.
        """
        _check_whole(self.nano_rho, self.atto_delta)

    def __add__(self, other: "Cost") -> "Cost":
        """Return the sum: zCDP losses, key deltas and basic prices add up; one unknown basic price makes no sum."""
        basic = None if self.basic is None or other.basic is None else self.basic + other.basic
        return Cost(self.nano_rho + other.nano_rho, self.atto_delta + other.atto_delta, basic)

    def fits_rho(self, limit: "Cost") -> bool:
        """Return whether the first gate holds for this sum: zCDP losses and key deltas within the limit."""
        return self.nano_rho <= limit.nano_rho and self.atto_delta <= limit.atto_delta

    def fits_basic(self, limit: "Cost") -> bool:
        """Return whether the second gate holds for this sum: basic prices and key deltas within the limit."""
        if self.basic is None or limit.basic is None:
            return False
        return self.basic.fits(limit.basic) and self.atto_delta <= limit.atto_delta

    def fits(self, limit: "Cost") -> bool:
        """Return whether either gate holds for this sum."""
        return self.fits_rho(limit) or self.fits_basic(limit)

    def is_covered_by(self, price: "Cost") -> bool:
        """Return whether a price pays for this one on every scale; a price without a basic one claims none."""
        is_basic = price.basic is None or (self.basic is not None and self.basic.fits(price.basic))
        return self.fits_rho(price) and is_basic

    def allows_at_most(self, limit: "Cost") -> bool:
        """Return whether this limit is nowhere above another; no second gate is below any."""
        if self.basic is not None and (limit.basic is None or not self.basic.fits(limit.basic)):
            return False
        return self.fits_rho(limit)

    @property
    def rho(self) -> Fraction:
        """Return rho as an exact fraction."""
        return Fraction(self.nano_rho, NANO)

    @property
    def delta(self) -> Fraction:
        """Return the key delta as an exact fraction."""
        return Fraction(self.atto_delta, ATTO)


def strictest(limits: Iterable[Cost]) -> Cost:
    """Return the smallest of each part of one or more limits; one without a second gate closes it."""
    found = list(limits)
    basics = [one.basic for one in found]
    known = [one for one in basics if one is not None]
    basic = None
    if len(known) == len(found):
        basic = Basic(min(b.nano_epsilon for b in known), min(b.atto_delta for b in known))
    return Cost(min(c.nano_rho for c in found), min(c.atto_delta for c in found), basic)


def _check_whole(*parts: object) -> None:
    for part in parts:
        if type(part) is not int or part < 0:
            msg = f"a cost is made of whole numbers >= 0, got {part!r}"
            raise ValueError(msg)


NOTHING = Cost(0, 0, Basic(0))
"""The cost of no release: the sum every account starts from."""


def nano_up(number: Fraction) -> int:
    """Return a number >= 0 in units of 1e-9, rounded up: a price in nano-epsilon."""
    return -((-number.numerator * NANO) // number.denominator)


def nano_down(number: Fraction) -> int:
    """Return a number >= 0 in units of 1e-9, rounded down: a limit in nano-epsilon."""
    return (number.numerator * NANO) // number.denominator


def nano_rho_up(rho: Fraction) -> int:
    """Return rho in nano-rho, rounded up.

    Example:
        >>> nano_rho_up(Fraction(1, 3))
        333333334
    """
    return -((-rho.numerator * NANO) // rho.denominator)


def nano_rho_down(rho: Fraction) -> int:
    """Return rho in nano-rho, rounded down."""
    return (rho.numerator * NANO) // rho.denominator


def atto_delta_up(delta: Fraction) -> int:
    """Return delta in atto-delta, rounded up."""
    return -((-delta.numerator * ATTO) // delta.denominator)


def atto_delta_down(delta: Fraction) -> int:
    """Return delta in atto-delta, rounded down."""
    return (delta.numerator * ATTO) // delta.denominator
