"""What an answer can be expected to be worth, and what binds: from the query, the contract and its hints alone."""

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt

from jali.model.release import Note
from jali.model.schema import Hints
from jali.plan.choice import DISTINCT, GROUPS, ROWS, Choice, Found, KeptBound
from jali.plan.exact import AutoClip, CellClamp, ExactPlan, FixedClip, Group, SharedDistinct, StatisticKind
from jali.plan.guardrails import Guardrails
from jali.plan.noise import Noise
from jali.plan.private import Measured
from jali.sql import show


def typical_norm(group: Group, hints: Hints) -> int | None:
    """Return the norm an automatic clip will probably find, in steps, from the contract's hints; None without them.

    A unit of many rows is taken to spread them evenly over its keys, up to 50 of them.
    """
    if not isinstance(group.bound, AutoClip) or hints.rows_per_unit_p99 is None:
        return None
    rows = hints.rows_per_unit_p99
    size = 0.0
    for statistic, weight in group.statistics:
        each = _typical_value(statistic.low, statistic.high, statistic.offset)
        if statistic.kind is StatisticKind.ROWS:
            each = 1.0
        if statistic.kind is StatisticKind.DISTINCT:
            each = 0.1
        if group.tree is not None:
            each = sqrt(group.tree.depth)
        size += (weight * rows * each) ** 2
    spread = min(group.max_keys, 50)
    return max(1, min(group.bound.norms[-1], int(sqrt(size / spread))))


def _typical_value(low: int | None, high: int | None, offset: int) -> float:
    """Return a typical absolute value: a twentieth of the range, because measures are skewed towards their low end."""
    if low is None or high is None:
        return 1.0
    if offset:
        return max(1.0, (high - low) / 64)
    return max(1.0, max(abs(low), abs(high)) / 20)


def expected_sd(noise: Noise, hints: Hints) -> float | None:
    """Return the forecast standard deviation of the first statistic, in its steps; None without a forecast."""
    group = noise.group
    if isinstance(group, SharedDistinct) or not isinstance(group.bound, AutoClip) or noise.kept is not None:
        return noise.sds()[0]
    norm = typical_norm(group, hints)
    return None if norm is None else noise.sds(norm)[0]


def notes_for(
    measured: tuple[Measured, ...],
    exact: ExactPlan,
    guardrails: Guardrails,
    found: Sequence[Found] = (),
    choices: Sequence[Choice] = (),
) -> tuple[Note, ...]:
    """Return what binds one unit's contribution, in plain words.

    Args:
        measured: the aggregates.
        exact: what is computed.
        guardrails: what the rules say.
        found: bounds that were found or kept.
        choices: bounds that will be found first.
    """
    notes: list[Note] = []
    for one in measured:
        notes += bounding_notes(one, guardrails.unit)
    if not measured and not exact.needs_selection:
        notes.append(
            Note(
                "N309",
                "these keys are public: the contract declares them, whether or not they occur; "
                "nothing was read and nothing is charged",
            )
        )
    if exact.needs_selection:
        most = f"{exact.max_keys} keys at most"
        if any(c.what == GROUPS for c in choices):
            most = f"a number of keys that is found privately too ({most})"
        notes.append(
            Note(
                "N302",
                f"keys are found privately: one with fewer than {guardrails.min_units_per_key} "
                f"{guardrails.unit}s probably does not show, and a {guardrails.unit} counts at {most}",
            )
        )
    notes += [Note("N314", how_found(one, guardrails.unit)) for one in found]
    if exact.row_cap is not None and exact.row_cap > 1 and (measured or exact.needs_selection):
        notes.append(Note("N303", f"a {guardrails.unit} counts with {exact.row_cap} rows at most"))
    return tuple(dict.fromkeys(notes))


_NUMBERS = {ROWS: "{} joined rows", GROUPS: "{} keys", DISTINCT: "{} distinct values at a key"}
"""What a bound that is found first is a number of."""


def how_found(one: Found, unit: str) -> str:
    """Return what a bound is, and who paid for it."""
    how = "was found privately"
    if one.kept is not None:
        how = kept_from(one.kept.release_id, is_elsewhere=one.is_elsewhere)
    return f"a {unit} counts with {_NUMBERS[one.name].format(one.value)} at most: {one.name} {how}"


def kept_from(release_id: str, *, is_elsewhere: bool) -> str:
    """Return whose bound is used again."""
    text = f"was found by release {release_id} and costs nothing again"
    return f"{text}; it was found under other conditions" if is_elsewhere else text


BOUNDING = frozenset({"N301", "N305", "N306"})
"""Codes of the notes that `bounding_notes` makes."""


def bounding_notes(one: Measured, unit: str) -> list[Note]:
    """Return how one unit is bounded in one aggregate, in plain words."""
    notes = [Note("N301", _binding(one, unit))]
    if one.is_scaled:
        what = "average" if one.aggregate.kind == "mean" else show.in_words(one.aggregate)
        notes.append(Note("N305", f"a {unit} with very many rows counts less in the {what}"))
    if one.aggregate.kind == "count_distinct" and isinstance(one.noise.group, Group):
        notes.append(Note("N306", f"distinct values are counted within each {unit} and added up"))
    return notes


def _binding(one: Measured, unit: str) -> str:
    group = one.noise.group
    name = show.in_words(one.aggregate)
    if isinstance(group, SharedDistinct):
        return f"{name}: each {unit} counts with {group.per_key} values per key at most"
    step = group.statistics[0][0].step
    if one.noise.kept is not None:
        return _kept_norm(one, one.noise.kept, unit, step)
    match group.bound:
        case CellClamp() if one.is_scaled:
            return f"{name}: each {unit} counts with the rows its contract allows"
        case CellClamp(limits):
            most = max(abs(limits[0][0]), abs(limits[0][1])) * step
            return f"{name}: each {unit} counts up to {show.number(most)} at a key (declared)"
        case FixedClip(squared_norm):
            return f"{name}: each {unit} counts up to {_root(squared_norm, step)} over all keys (declared)"
        case AutoClip(norms, rank):
            above = f"aimed so that about {float((1 - rank) * 100):.2g} % of {unit}s lie above it"
            if one.is_scaled:
                return (
                    f"{name}: {unit}s with very many rows are scaled down at a bound found privately; {above}"
                )
            end = show.number(norms[-1] * step)
            return f"{name}: what each {unit} counts up to is found privately (at most {end}); {above}"


def _kept_norm(one: Measured, kept: KeptBound, unit: str, step: Fraction) -> str:
    name, how = show.in_words(one.aggregate), kept_from(kept.release_id, is_elsewhere=one.noise.is_elsewhere)
    if one.is_scaled:
        return f"{name}: {unit}s with very many rows are scaled down at a bound that {how}"
    return f"{name}: each {unit} counts up to {show.number(kept.value * step)} over all keys; the bound {how}"


def _root(squared: int, step: Fraction) -> str:
    return f"{sqrt(squared) * float(step):.6g}"
