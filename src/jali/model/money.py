"""Privacy prices as integers: nano-rho and atto-delta, always rounded against ourselves.

A price is an approximate-zCDP pair. 1 nano-rho is 1e-9 of rho, 1 atto-delta is 1e-18 of delta. Floats never
enter: conversions take `Fraction` or `Decimal` text.
"""

from dataclasses import dataclass
from fractions import Fraction

NANO = 10**9
ATTO = 10**18


@dataclass(frozen=True, slots=True, order=False)
class Cost:
    """What a release costs: `nano_rho` >= 0 and `atto_delta` >= 0, both rounded up."""

    nano_rho: int
    atto_delta: int = 0

    def __post_init__(self) -> None:
        """Refuse anything but whole, non-negative numbers.

        Raises:
            ValueError: for a negative or non-integer part.
        """
        for part in (self.nano_rho, self.atto_delta):
            if type(part) is not int or part < 0:
                msg = f"a cost is made of whole numbers >= 0, got {part!r}"
                raise ValueError(msg)

    def __add__(self, other: "Cost") -> "Cost":
        """Return the sum: zCDP losses and key deltas both add up."""
        return Cost(self.nano_rho + other.nano_rho, self.atto_delta + other.atto_delta)

    def fits(self, limit: "Cost") -> bool:
        """Return whether both parts are at most those of `limit`."""
        return self.nano_rho <= limit.nano_rho and self.atto_delta <= limit.atto_delta

    @property
    def rho(self) -> Fraction:
        """Return rho as an exact fraction."""
        return Fraction(self.nano_rho, NANO)

    @property
    def delta(self) -> Fraction:
        """Return the key delta as an exact fraction."""
        return Fraction(self.atto_delta, ATTO)


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
