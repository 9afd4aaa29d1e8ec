"""The price of an accuracy: every bound must be known before data is read (SECURITY.md rule 24)."""

import math
from fractions import Fraction

from jali.model.codes import AccuracyOutOfReach, BadOption
from jali.model.errors import Suggestion
from jali.model.money import NANO
from jali.plan.bounds import Setting
from jali.plan.choice import GROUPS, Found
from jali.plan.exact import AnyGroup, Group
from jali.plan.families import Family
from jali.plan.first import under
from jali.plan.noise import SELECTION_SHARE, Noise, noise_for
from jali.plan.price import SMALLEST_NANO_RHO, rounded_down
from jali.plan.question import Question, confidence_of, with_kept
from jali.plan.sought import First, as_found, kept_of
from jali.privacy.conversion import epsilon_for


def of_accuracy(question: Question) -> tuple[int, First]:
    """Return the price of an accuracy; every bound must be known before data is read.

    Raises:
        AccuracyOutOfReach: where one would have to be found first.
    """
    kept: list[Found] = []
    for choice, found in kept_of(question):
        if found is not None:
            kept.append(as_found(choice, found))
        elif choice.what != GROUPS or question.setting.must_sample:
            raise AccuracyOutOfReach(
                f"{choice.name} is found privately, so an accuracy has no price before it is",
                hint="ask with --epsilon first; the bound it finds is kept, and then an accuracy has a price",
            )
    setting = under(question.setting, kept)
    options = question.options(setting)
    if not options:
        raise BadOption("an accuracy is of an aggregate", hint="ask for COUNT(*) too, or give an epsilon")
    known = [
        known_bounds(question, setting, family, choices)
        for family, choices in zip(question.families, options, strict=True)
    ]
    nano_rho = _price_of_accuracy(question, setting, known[0], len(known))
    return nano_rho, First(kept=tuple(kept), is_accuracy=True)


def known_bounds(
    question: Question, setting: Setting, family: Family, choices: list[AnyGroup]
) -> list[AnyGroup]:
    """Keep bounds whose noise is known before data is read: an absolute accuracy is priced directly (rule 24)."""
    fixed = [c for c in choices if known_noise(question, setting, family, c, NANO).choice_nano_rho == 0]
    if not fixed:
        raise AccuracyOutOfReach(
            "this aggregate has only an automatic clip, so its accuracy has no price before it is found",
            hint="ask with --epsilon instead, or have perUnit.upper or perGroup declared",
        )
    return fixed


def known_noise(
    question: Question, setting: Setting, family: Family, group: AnyGroup, nano_rho: int
) -> Noise:
    """Return the mechanism of a group at a price, with whatever kept norm there is."""
    return with_kept(question, setting, family, noise_for(group, nano_rho), is_accuracy=True)


def _price_of_accuracy(question: Question, setting: Setting, choices: list[AnyGroup], families: int) -> int:
    """Return the smallest price at which the first aggregate's interval is as narrow as asked.

    Raises:
        AccuracyOutOfReach: with the accuracy that the largest allowed price would give.
    """
    cleared, guardrails, confidence = question.cleared, question.guardrails, confidence_of(question.cleared)
    given = cleared.query.asked.accuracy
    wanted = given.half_width if given is not None else cleared.request.options.accuracy
    if wanted is None:
        raise BadOption("no accuracy was given", hint="write WITH ACCURACY 500")

    def width(nano_rho: int) -> Fraction:
        selection = int(nano_rho * SELECTION_SHARE) if setting.must_sample else 0
        share = (nano_rho - selection) // families
        if share < 1:
            return Fraction(NANO) ** 4
        noises = (known_noise(question, setting, question.families[0], c, share) for c in choices)
        return min(half_width(noise, confidence) for noise in noises)

    low, high = SMALLEST_NANO_RHO, guardrails.max_nano_rho
    best = width(high)
    if best > wanted:
        within = math.ceil(best)
        raise AccuracyOutOfReach(
            "this accuracy costs more than one question may cost",
            hint=f"at the highest price of a question the first aggregate comes within {float(best):.4g}",
            suggestion=Suggestion(
                f"{cleared.query.asked.sql} WITH ACCURACY {within}",
                rounded_down(float(epsilon_for(high, guardrails.delta_conversion))),
            ),
        )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if width(middle) <= wanted else (middle, high)
    return high


def half_width(noise: Noise, confidence: Fraction) -> Fraction:
    """Return the half-width of the interval of the first statistic, in its own unit."""
    group = noise.group
    step = group.statistics[0][0].step if isinstance(group, Group) else Fraction(1)
    return noise.half_widths(confidence)[0] * step
