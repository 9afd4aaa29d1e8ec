"""A question whose keys and declared caps are known and whose price is not: how its aggregates can be bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from jali.model.codes import BadOption
from jali.plan.bounds import Setting, candidates
from jali.plan.choice import KeptBound, Library, usable
from jali.plan.exact import AnyGroup, AutoClip, Group, Key
from jali.plan.families import Family
from jali.plan.first import Seek, clip_name
from jali.plan.forecast import expected_sd
from jali.plan.guardrails import Guardrails
from jali.plan.histogram import histogram_groups
from jali.plan.moments import moment_groups
from jali.plan.noise import Noise, under_kept
from jali.plan.private import BoundName
from jali.policy.check import Cleared
from jali.sql.tree import Rows

MOST_CONFIDENCE = Fraction(999_999, 10**6)
"""Above it the quantiles of the noise that intervals are made of are no longer told apart from 1 by a double."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question whose keys and declared caps are known and whose price is not; `kept` gives kept bounds."""

    cleared: Cleared
    guardrails: Guardrails
    keys: tuple[Key, ...]
    families: tuple[Family, ...]
    setting: Setting
    kept: Library

    def options(self, setting: Setting) -> list[list[AnyGroup]]:
        """Return for each family every way to bound it."""
        rows = self.cleared.query.rows
        return [_candidates(family, i, setting, rows) for i, family in enumerate(self.families)]

    def seek(self, setting: Setting) -> Seek:
        """Return what bounds are sought of, in a setting."""
        return Seek(self.cleared.query, self.keys, setting)

    def usable(
        self, text: str, where: tuple[str, ...], nano_rho: int, grid: Sequence[int]
    ) -> KeptBound | None:
        """Return the kept bound that takes the place of a choice at this price."""
        return usable(self.kept(text), where, nano_rho, self.cleared.request.options.bounds, grid)


def _candidates(family: Family, number: int, setting: Setting, rows: Rows) -> list[AnyGroup]:
    if family.moments:
        return [*moment_groups(family, number, setting)]
    if family.is_histogram:
        return [*histogram_groups(family, number, setting)]
    return candidates(family.first, number, setting, rows)


def best(choices: list[Noise], guardrails: Guardrails) -> Noise:
    """Return the bound of least forecast error; without a forecast the clip where a unit may have several keys."""
    if len(choices) == 1:
        return choices[0]
    forecasts = [expected_sd(noise, guardrails.hints) for noise in choices]
    if all(f is not None for f in forecasts):
        return choices[min(range(len(choices)), key=lambda i: forecasts[i] or 0.0)]
    several = choices[0].group.max_keys > 1
    clips = [n for n in choices if isinstance(n.group, Group) and n.group.scale > 1]
    rest = [n for n in choices if n not in clips]
    return (clips or rest)[0] if several else (rest or clips)[0]


def with_kept(
    question: Question, setting: Setting, family: Family, noise: Noise, *, is_accuracy: bool = False
) -> Noise:
    """Return the mechanism with a kept norm in the place of its choice, if there is one that is good enough."""
    name = name_of(question, setting, family, noise.group)
    if name is None or not isinstance(noise.group, Group) or not isinstance(noise.group.bound, AutoClip):
        return noise
    text, where = name
    least = 0 if is_accuracy else noise.choice_nano_rho
    kept = question.usable(text, where, least, noise.group.bound.norms)
    return noise if kept is None else under_kept(noise, kept, is_elsewhere=kept.where != where)


def name_of(question: Question, setting: Setting, family: Family, group: AnyGroup) -> BoundName | None:
    """Return the name an automatic clip is kept by."""
    if not isinstance(group, Group) or not isinstance(group.bound, AutoClip):
        return None
    return clip_name(question.seek(setting), family.first, group)


def confidence_of(cleared: Cleared) -> Fraction:
    """Return the level of the intervals asked for.

    Raises:
        BadOption: if there is no interval of that level.
    """
    asked = cleared.query.asked.accuracy
    level = asked.confidence if asked is not None and asked.confidence is not None else None
    level = cleared.request.options.confidence if level is None else level
    if not Fraction(1, 2) <= level <= MOST_CONFIDENCE:
        raise BadOption("a confidence must be at least 50 and at most 99.9999", hint="write CONFIDENCE 95")
    return level
