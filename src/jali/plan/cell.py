"""One released aggregate of one row."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Cell:
    """One released aggregate in real units; None where it is suppressed or undefined.

    Attributes:
        value: shown, after display rules; `raw` is before them.
        low, high: interval at the plan's confidence.
        sd: standard deviation of the noise.
        is_real: it is a double, not an exact number.
    """

    value: Fraction | None
    raw: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    sd: float | None = None
    is_real: bool = False


SUPPRESSED = Cell(None)


def exactly(value: float) -> Fraction | None:
    """Return a double as a fraction; None where it is infinite."""
    return Fraction(value) if abs(value) < float("inf") else None
