"""Interval arithmetic in exact rationals, and the proof that nothing overflows 126 bits of grid steps."""

from fractions import Fraction
from math import gcd

from jali.model.codes import OutOfNumbers
from jali.model.types import Kind, Type
from jali.sql.tree import Range

MOST_STEPS = 2**126
"""Largest absolute value, in grid steps, any exact expression may reach (a 128-bit integer with room to spare)."""

FINEST_STEP = 10**30
"""Largest denominator of a grid: every constant that brings one grid to another then fits 126 bits and a double."""

MOST_REAL = Fraction(10) ** 300
"""Largest absolute value a double-precision expression may reach."""


def reach_of(type_: Type) -> Range:
    """Return what a stored value of this type surely lies in: 64-bit grid steps for numbers."""
    if type_.kind is not Kind.NUMBER:
        return Range()
    return Range(-(2**63) * type_.step, (2**63 - 1) * type_.step)


def common_step(a: Fraction, b: Fraction) -> Fraction:
    """Return the largest step of which both are whole multiples.

    Example:
        >>> common_step(Fraction(1, 4), Fraction(1, 10))
        Fraction(1, 20)
    """
    return Fraction(
        gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator
    )


def add(a: Range, b: Range) -> Range:
    """Return the range of x + y."""
    return Range(
        None if a.low is None or b.low is None else a.low + b.low,
        None if a.high is None or b.high is None else a.high + b.high,
    )


def negate(a: Range) -> Range:
    """Return the range of -x."""
    return Range(None if a.high is None else -a.high, None if a.low is None else -a.low)


def multiply(a: Range, b: Range) -> Range:
    """Return the range of x * y; unknown unless both ranges are known."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return Range()
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Range(min(corners), max(corners))


def absolute(a: Range) -> Range:
    """Return the range of |x|."""
    if a.low is None or a.high is None:
        return Range(Fraction(0), None)
    low = Fraction(0) if a.low <= 0 <= a.high else min(abs(a.low), abs(a.high))
    return Range(low, max(abs(a.low), abs(a.high)))


def on_grid(a: Range, type_: Type) -> Range:
    """Return the smallest range with ends on the grid of an exact type that holds `a`; other types unchanged."""
    if type_.kind is not Kind.NUMBER:
        return a
    step = type_.step
    return Range(
        None if a.low is None else (a.low / step).__floor__() * step,
        None if a.high is None else (a.high / step).__ceil__() * step,
    )


def union(ranges: list[Range]) -> Range:
    """Return the smallest range that holds all."""
    lows = [r.low for r in ranges]
    highs = [r.high for r in ranges]
    return Range(
        None if None in lows else min(x for x in lows if x is not None),
        None if None in highs else max(x for x in highs if x is not None),
    )


def meet(a: Range, b: Range) -> Range:
    """Return the intersection, where None leaves a side open."""
    lows = [x for x in (a.low, b.low) if x is not None]
    highs = [x for x in (a.high, b.high) if x is not None]
    return Range(max(lows) if lows else None, min(highs) if highs else None)


def widest(a: Range) -> Fraction:
    """Return the largest absolute value in a known range.

    Raises:
        OutOfNumbers: if a side is unknown.
    """
    if a.low is None or a.high is None:
        raise OutOfNumbers("the range of an expression is unknown", hint="declare bounds")
    return max(abs(a.low), abs(a.high))


def check_reach(reach: Range, type_: Type) -> Range:
    """Return `reach`, its ends moved outward to the grid of the type, if it fits the engine's numbers.

    Raises:
        OutOfNumbers: if an exact value could leave 126 bits, or a double 1e300, or its grid is too fine to write down.
    """
    if type_.step.denominator > FINEST_STEP or type_.step.numerator > FINEST_STEP:
        raise OutOfNumbers(
            "an expression needs more decimals than the engine's numbers have",
            hint="multiply fewer fractions, or round them: ROUND(x, 2)",
        )
    reach = on_grid(reach, type_)
    limit = MOST_STEPS * type_.step if type_.kind is Kind.NUMBER else MOST_REAL
    if reach.low is None or reach.high is None or widest(reach) > limit:
        raise OutOfNumbers(
            "an expression could leave the range of the engine's numbers",
            hint="multiply fewer columns, or narrow them with LEAST(GREATEST(x, low), high)",
        )
    return reach
