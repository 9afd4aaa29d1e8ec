"""The price an asker names, or the contract's default, on the scale it is meant on."""

import math
from fractions import Fraction

from jali.model.codes import BadOption, QuestionTooDear
from jali.model.errors import Suggestion
from jali.model.money import nano_down, nano_rho_down
from jali.plan.guardrails import Guardrails, SecondGate
from jali.plan.second import BASIC, GATES, RHO
from jali.policy.check import Cleared
from jali.privacy.conversion import epsilon_for, rho_for

SMALLEST_NANO_RHO = 10
"""Below this price the noise would drown every answer and the shares of a price could not be split."""

SMALLEST_NANO_EPSILON = 10
"""The same on the other scale."""


def gate_of(cleared: Cleared, guardrails: Guardrails) -> str:
    """Return the scale that the price of a question is on: the one it names, else the contract's default.

    A rho or an accuracy is on the scale of rho.

    Raises:
        BadOption: if no such scale is known, or two are given.
    """
    options, asked = cleared.request.options, cleared.query.asked
    given = [g for g in (options.gate, asked.gate) if g is not None]
    if len(given) > 1 or any(g not in GATES for g in given):
        raise BadOption(
            "a gate is rho or basic, given once", hint="write --gate basic, or EPSILON 1 GATE BASIC"
        )
    if given:
        return given[0]
    is_rho = options.rho is not None or options.accuracy is not None or asked.accuracy is not None
    is_basic = guardrails.second is not None and guardrails.second.is_default
    return BASIC if is_basic and not is_rho else RHO


def _epsilon(cleared: Cleared) -> Fraction | None:
    """Return the epsilon a question names, seen to be the one price given and above 0."""
    options, asked = cleared.request.options, cleared.query.asked
    given = [
        x
        for x in (options.epsilon, options.rho, options.accuracy, asked.epsilon, asked.accuracy)
        if x is not None
    ]
    if len(given) > 1:
        raise BadOption("epsilon, rho and accuracy exclude each other", hint="give one of them, once")
    if any(x <= 0 for x in given if isinstance(x, Fraction)):
        raise BadOption("epsilon, rho and accuracy must be above 0", hint="a usual epsilon is 1")
    return options.epsilon if options.epsilon is not None else asked.epsilon


def price_asked(cleared: Cleared, guardrails: Guardrails) -> int | None:
    """Return the price asked for in nano-rho, the default where nothing is asked, None where accuracy decides.

    Raises:
        BadOption: for two prices, or one that buys nothing.
        QuestionTooDear: above `perQuery.max`.
    """
    options, asked = cleared.request.options, cleared.query.asked
    epsilon = _epsilon(cleared)
    if options.accuracy is not None or asked.accuracy is not None:
        return None
    if epsilon is not None:
        nano_rho = rho_for(epsilon, guardrails.delta_conversion)
    elif options.rho is not None:
        nano_rho = nano_rho_down(options.rho)
    else:
        nano_rho = guardrails.default_nano_rho
    if nano_rho > guardrails.max_nano_rho:
        most = float(epsilon_for(guardrails.max_nano_rho, guardrails.delta_conversion))
        raise _too_dear(cleared, most)
    if nano_rho < SMALLEST_NANO_RHO:
        raise BadOption("the price asked for is too small to buy an answer", hint="raise epsilon or rho")
    return nano_rho


def epsilon_asked(cleared: Cleared, second: SecondGate) -> Fraction:
    """Return the epsilon a question takes from the basic limit, the default where nothing is asked.

    Raises:
        BadOption: for two prices, for a rho or an accuracy, and for a price that buys nothing.
        QuestionTooDear: above `perQuery.max`.
    """
    options, asked = cleared.request.options, cleared.query.asked
    epsilon = _epsilon(cleared)
    if options.rho is not None or options.accuracy is not None or asked.accuracy is not None:
        raise BadOption("the second gate is priced in epsilon", hint="write --gate basic --epsilon 1")
    epsilon = second.default_epsilon if epsilon is None else epsilon
    if epsilon > second.max_epsilon:
        raise _too_dear(cleared, float(second.max_epsilon))
    if nano_down(epsilon) < SMALLEST_NANO_EPSILON:
        raise BadOption("the price asked for is too small to buy an answer", hint="raise epsilon")
    return epsilon


def _too_dear(cleared: Cleared, epsilon: float) -> QuestionTooDear:
    most = rounded_down(epsilon)
    return QuestionTooDear(
        f"one question may cost epsilon {most} at most",
        hint=f"ask with --epsilon {most} or less",
        suggestion=Suggestion(cleared.query.asked.sql, most),
    )


def rounded_down(epsilon: float) -> str:
    """Return an epsilon with three significant digits, never above it.

    Example:
        >>> rounded_down(1.2399), rounded_down(0.00045678), rounded_down(2.0004)
        ('1.23', '0.000456', '2')
    """
    places = max(0, 2 - math.floor(math.log10(epsilon)))
    text = f"{math.floor(epsilon * 10**places) / 10**places:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text
