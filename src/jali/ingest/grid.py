"""From a source value to whole grid steps, exactly: in SQL where a double proves it, else in Python.

`round_half_even(x / resolution)` of SECURITY.md rule 1, and `floor` for bins. A double q near x / step
carries a relative error of a few 2^-53. While |q| < 2^36 that is less than 2^-14, so if q is further than
0.001 from every place where the result would change, the result is certain. All other values are decided on
their decimal text (for a double: the shortest text that reads back as it) with fractions; there are few
distinct ones.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

SMALLEST, LARGEST = -(2**63), 2**63 - 1
_CERTAIN_BELOW = 2**36
_MARGIN = "0.001"
_MAX_EXPONENT = 400  # doubles end at 1e308; a longer exponent or text is an attempt to make us compute
_MAX_TEXT = 1000
NOT_A_NUMBER, LOSSY, OUT_OF_RANGE = "not_a_number", "lossy", "out_of_range"


@dataclass(frozen=True, slots=True)
class Grid:
    """How a number becomes a whole number of stored steps.

    Attributes:
        step: > 0; of the grid, or the width of a bin.
        origin: where bins start; 0 for a plain grid.
        is_bin: True takes the lower edge of the bin, False rounds half to even.
        stored_step: stored integers count these.
        whole_only: the declared type is integer: a fraction is lossy.
    """

    step: Fraction
    origin: Fraction = Fraction(0)
    is_bin: bool = False
    stored_step: Fraction = Fraction(1)
    whole_only: bool = False

    def stored(self, steps: int) -> int:
        """Return the stored integer of a step or bin number."""
        if not self.is_bin:
            return steps
        return int((self.origin + steps * self.step) / self.stored_step)


def to_grid(text: str, grid: Grid) -> tuple[int | None, str | None]:
    """Return (stored integer, None), (None, None) for NaN and infinities, or (None, reason code).

    Example:
        >>> to_grid("12.34", Grid(Fraction(1, 100))), to_grid("0.125", Grid(Fraction(1, 4)))
        ((1234, None), (0, None))
    """
    try:
        number = Decimal(text.strip() if len(text) <= _MAX_TEXT else "no number")
    except InvalidOperation:
        return None, NOT_A_NUMBER
    if not number.is_finite():
        return None, None
    exact = _bounded(number)
    if exact is None:
        return None, OUT_OF_RANGE
    if grid.whole_only and exact.denominator != 1:
        return None, LOSSY
    place = (exact - grid.origin) / grid.step
    steps = place.numerator // place.denominator if grid.is_bin else round(place)
    stored = grid.stored(steps)
    return (stored, None) if SMALLEST <= stored <= LARGEST else (None, OUT_OF_RANGE)


def _bounded(number: Decimal) -> Fraction | None:
    """Return a finite number exactly; a vanishing one as +-1e-400, an enormous one as None."""
    if number == 0:
        return Fraction(0)
    if number.adjusted() > _MAX_EXPONENT:
        return None
    if number.adjusted() < -_MAX_EXPONENT:
        return Fraction(-1 if number < 0 else 1, 10**_MAX_EXPONENT)
    return Fraction(number)


def certain_sql(double: str, grid: Grid) -> str:
    """Return an SQL expression for the stored integer, NULL where the double `double` does not prove it.

    No part of it can fail: DuckDB's common-subexpression pass computes parts of a CASE without its condition.

    Args:
        double: SQL expression of type DOUBLE, free of side effects; NULL, NaN and infinities give NULL.
        grid: the grid.
    """
    if abs(grid.origin / grid.step) >= _CERTAIN_BELOW // 2:
        return "CAST(NULL AS BIGINT)"  # subtracting such an origin would cost the digits that decide
    place = _place_sql(double, grid)
    nearest = f"round_even({place}, 0)"
    is_small = f"abs({place}) < {_CERTAIN_BELOW}"
    if grid.whole_only:
        is_small += f" AND {double} = trunc({double})"
    if grid.is_bin:
        certain = f"{is_small} AND abs({place} - {nearest}) > {_MARGIN}"
        width, start = grid.step / grid.stored_step, grid.origin / grid.stored_step
        number = f"CAST(TRY_CAST(floor({place}) AS BIGINT) AS HUGEINT)"
        whole = f"TRY_CAST({number} * {int(width)} + {int(start)} AS BIGINT)"
    else:
        certain = f"{is_small} AND abs({place} - {nearest}) < 0.5 - {_MARGIN}"
        whole = f"TRY_CAST({nearest} AS BIGINT)"
    return f"CASE WHEN {certain} THEN {whole} END"


def _place_sql(double: str, grid: Grid) -> str:
    """Return `(double - origin) / step` in doubles, without work where origin is 0 or the step is 1."""
    shifted = double if grid.origin == 0 else f"({double} - CAST('{float(grid.origin)!r}' AS DOUBLE))"
    if grid.step == 1:
        return shifted
    return f"({shifted} / CAST('{float(grid.step)!r}' AS DOUBLE))"
