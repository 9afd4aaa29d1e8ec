"""Privacy options as exact numbers: plain positive decimals, nothing else."""

import re
from fractions import Fraction

from jali.model.codes import BadOption
from jali.model.request import Options

_PLAIN = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?")


def plain_number(text: str, option: str) -> Fraction:
    """Return the exact value of a plain positive decimal.

    Raises:
        BadOption: for anything else: signs, exponents, nan, inf, other digits than 0 to 9, zero.

    Example:
        >>> plain_number("0.5", "epsilon")
        Fraction(1, 2)
    """
    value = Fraction(text) if _PLAIN.fullmatch(text) else Fraction(0)
    if value <= 0:
        raise BadOption(
            f"{option} must be a plain positive number such as 1 or 0.5",
            hint="digits and one point, nothing else",
        )
    return value


def options_from(  # noqa: PLR0913, PLR0917  # the options of a question, by name
    epsilon: str | None = None,
    rho: str | None = None,
    accuracy: str | None = None,
    confidence: str | None = None,
    dialect: str = "duckdb",
    gate: str | None = None,
    bounds: str = "same",
) -> Options:
    """Return the options of a question; None is not given.

    Raises:
        BadOption: if one is not a plain number, more than one of epsilon, rho and accuracy is given, no such gate is
            known, or `bounds` is none of same, any and fresh.

    Example:
        >>> options_from(epsilon="0.5", confidence="90").confidence
        Fraction(9, 10)
    """
    if sum(x is not None for x in (epsilon, rho, accuracy)) > 1:
        raise BadOption("epsilon, rho and accuracy exclude each other", hint="give one of them, once")
    if gate not in {None, "rho", "basic"}:
        raise BadOption("a gate is rho or basic", hint="write --gate basic --epsilon 1")
    if bounds not in {"same", "any", "fresh"}:
        raise BadOption("there are no such bounds", hint="bounds are same, any or fresh")
    level = plain_number(confidence, "confidence") if confidence is not None else Fraction(95)
    return Options(
        epsilon=plain_number(epsilon, "epsilon") if epsilon is not None else None,
        rho=plain_number(rho, "rho") if rho is not None else None,
        accuracy=plain_number(accuracy, "accuracy") if accuracy is not None else None,
        confidence=level / 100 if level > 1 else level,
        dialect=dialect,
        gate=gate,
        bounds=bounds,
    )
