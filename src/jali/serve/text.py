"""Text and numbers for people: harmless in a terminal, grouped by thousands, with no false digits."""

import math
import unicodedata
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from jali.model.release import OutputColumn, Value

SHOWN_WITHOUT_NOISE = 6
"""Significant digits of a derived number whose noise is not known."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def harmless(text: object) -> str:
    r"""Return text that cannot steer a terminal: control, direction and invisible characters become U+FFFD.

    Example:
        >>> harmless("a\x1b[31mb")
        'a\ufffd[31mb'
    """
    return "".join("\ufffd" if unicodedata.category(c) in _UNSAFE else c for c in str(text))


def grouped(number: Decimal) -> str:
    """Return a number with a space between groups of three digits.

    Example:
        >>> grouped(Decimal("-1234567.50")), grouped(Decimal("999"))
        ('-1 234 567.50', '999')
    """
    return f"{number:,f}".replace(",", " ")


def quantum(sd: float | None, smallest: Decimal) -> Decimal:
    """Return the last digit worth showing: two significant digits of the noise decide, the column's grid limits.

    Example:
        >>> quantum(812.4, Decimal("0.01")), quantum(0.117, Decimal("0.0001")), quantum(4.2, Decimal(1))
        (Decimal('1E+1'), Decimal('0.01'), Decimal('1'))
    """
    if sd is None or not 0 < sd < math.inf:
        return smallest
    return max(Decimal(1).scaleb(math.floor(math.log10(sd)) - 1), smallest)


def rounded(value: Decimal, last: Decimal, mode: str = ROUND_HALF_EVEN) -> str:
    """Return a number rounded to multiples of `last`, grouped.

    Example:
        >>> rounded(Decimal("41233.10"), Decimal("1E+1"))
        '41 230'
    """
    steps = (value / last).to_integral_value(mode)
    number = steps * last
    places = max(0, -int(last.as_tuple().exponent))
    return grouped(number.quantize(Decimal(1).scaleb(-places)))


def rounded_down(value: Decimal, last: Decimal) -> str:
    """Return the lower end of an interval, rounded outward."""
    return rounded(value, last, ROUND_FLOOR)


def rounded_up(value: Decimal, last: Decimal) -> str:
    """Return the upper end of an interval, rounded outward."""
    return rounded(value, last, ROUND_CEILING)


def significant(value: Decimal, digits: int = SHOWN_WITHOUT_NOISE) -> str:
    """Return a number with at most so many significant digits, grouped.

    Example:
        >>> significant(Decimal("0.333333333333")), significant(Decimal("1234567.891"))
        ('0.333333', '1 234 570')
    """
    if not value.is_finite() or value == 0:
        return str(value)
    last = Decimal(1).scaleb(value.adjusted() - digits + 1)
    shown = rounded(value, last)
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def number_of(value: Value) -> Decimal | None:
    """Return a released number as a decimal; None for text, truth values, nothing, and what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def smallest_step(column: OutputColumn) -> Decimal:
    """Return the grid of a column's type: 1 for BIGINT, 0.01 for DECIMAL(18,2); nearly 0 for DOUBLE.

    Example:
        >>> smallest_step(OutputColumn("a", "DECIMAL(18,2)", "measure"))
        Decimal('0.01')
    """
    if column.type == "BIGINT":
        return Decimal(1)
    places = column.type.rpartition(",")[2].removesuffix(")")
    return Decimal(1).scaleb(-int(places)) if places.isdigit() else Decimal("1E-12")


def how_often(confidence: float) -> str:
    """Return a confidence in words.

    Example:
        >>> how_often(0.95), how_often(0.9), how_often(0.99), how_often(0.6827)
        ('19 times in 20', '9 times in 10', '99 times in 100', '68.27 % of the time')
    """
    exact = Fraction(repr(confidence))
    if exact.denominator <= 100:  # noqa: PLR2004  # larger parts are not read as a ratio
        return f"{exact.numerator} times in {exact.denominator}"
    return f"{significant(Decimal(repr(confidence)) * 100)} % of the time"


def tenths(number: float) -> str:
    """Return a number of things with one decimal where it is not whole; never 0 for a part of one.

    Example:
        >>> tenths(1.0), tenths(3.55), tenths(0.01)
        ('1', '3.6', '0.1')
    """
    count = max(1, round(number * 10)) if number > 0 else 0
    return f"{count // 10}" if count % 10 == 0 else f"{count / 10:.1f}"


def counted(number: float, one: str) -> str:
    """Return a count of things.

    Example:
        >>> counted(1, "question"), counted(3.55, "question"), counted(0.5, "question")
        ('1 question', '3.6 questions', '0.5 questions')
    """
    shown = tenths(number)
    return f"{shown} {one if shown == '1' else one + 's'}"
