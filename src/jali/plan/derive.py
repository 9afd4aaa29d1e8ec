"""Free derivations: a question whose answer is a function of the noisy totals of one kept release.

Whatever is computed here sees the kept totals, which were paid for, the plan of the new question and the rules; never
data. So it is post-processing and costs nothing (Dwork and Roth 2014, Proposition 2.1; for zCDP Bun and Steinke 2016,
Lemma 1.8). What may follow from what:

* the same cells: any aggregates that were measured, in any order, with any outputs over them;
* sums of cells and cells that are left out: only what is a sum over rows (`levels.is_additive`) under declared keys,
  where no sample of keys acted. Totals are added up before rounding and before display rules. A key of the new question
  that the conditions leave without cells is 0, and exactly so.

How one unit was bounded is the release's. An L2 clip over its keys makes a sum of cells the clipped total of the finer
question, so the answer says so (N311). A cell that `minUnitsPerKey` hid in the release enters no derived answer: else
a total less its shown parts would tell it (SECURITY.md, rule 27).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from jali.model.money import Cost
from jali.model.release import Note
from jali.plan.cells import Members, members
from jali.plan.exact import AutoClip, Group
from jali.plan.forecast import BOUNDING, bounding_notes
from jali.plan.levels import Lines, is_additive
from jali.plan.noise import Noise
from jali.plan.noisy import Noisy
from jali.plan.private import Measured, PrivatePlan
from jali.plan.second import RHO, basic_price
from jali.plan.source import Source, SourceMeasured, as_measured, conditions
from jali.sql import show
from jali.sql.tree import Expr

_SLACK = 1.0 + 1e-9
"""Two standard deviations of one price may differ by the rounding of their scales."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept release: its id and price, what it says about itself, and its noisy totals."""

    release_id: str
    nano_rho: int
    source: Source
    noisy: Noisy


@dataclass(frozen=True, slots=True)
class Derived:
    """A question answered from a kept release.

    Attributes:
        plan: of the question, with the release's bounds, noise and price.
        lines: its totals, summed from the release's cells.
        is_summed: cells were added up or left out.
    """

    plan: PrivatePlan
    lines: Lines
    is_summed: bool


def is_price_given(plan: PrivatePlan) -> bool:
    """Return whether the asker named a price or an accuracy; else the default price was taken."""
    options, asked = plan.cleared.request.options, plan.cleared.query.asked
    given = (options.epsilon, options.rho, options.accuracy, asked.epsilon, asked.accuracy)
    return any(x is not None for x in (*given, options.gate, asked.gate))


def as_kept(plan: PrivatePlan, kept: Kept) -> PrivatePlan:
    """Return a plan with the noise and price of a release of the very same question."""
    measured = as_measured(plan, kept.source) or plan.measured
    selection = kept.source.selection
    return replace(plan, measured=measured, selection=selection, cost=_price(plan, kept), gate=RHO)


def _price(plan: PrivatePlan, kept: Kept) -> Cost:
    """Return what a release cost, for show: nothing is charged."""
    noises, selection = kept.source.noises, kept.source.selection
    nano_rho = kept.nano_rho
    if any(noise.nano_epsilon for noise in noises):
        nano_rho = sum(noise.nano_rho + noise.choice_nano_rho for noise in noises)
    return Cost(nano_rho, plan.cost.atto_delta, basic_price(noises, selection, plan.basic_atto_delta))


def derived(plan: PrivatePlan, kept: Kept) -> Derived | None:
    """Return the answer to a planned question from a kept release of its family; None if it does not follow.

    Where a price or an accuracy is asked, it follows only if no noise is wider than that of a fresh answer at that
    price; where none is asked, if the release was bought for at least the default price.
    """
    source = kept.source
    if (
        plan.is_public
        or plan.choices
        or (source.row_cap, source.max_keys) != (plan.exact.row_cap, plan.exact.max_keys)
    ):
        return None
    extra = _extra(plan, source)
    measured = as_measured(plan, source)
    if extra is None or measured is None or not _is_selected_alike(plan, source):
        return None
    if any(_is_foreign(had.noise, asked.noise) for had, asked in zip(measured, plan.measured, strict=True)):
        return None
    found = members(plan.exact.keys, extra, source, kept.noisy.keys)
    if found is None or (plan.selection is not None and len(found.keys) >= plan.max_rows):
        return None  # found keys that were cut at maxRows were cut in the release's own order
    is_summed = not found.is_one_to_one
    if is_summed and not _may_be_summed(plan, source):
        return None
    if _uses_hidden(plan, kept, measured, found):
        return None
    lines = _lines(measured, kept.noisy, found)
    if not _is_accurate_enough(plan, kept, measured, lines):
        return None
    origin = Note("N311", _origin(plan, kept, measured, lines, is_summed=is_summed))
    return Derived(_with_source(plan, kept, measured, origin), lines, is_summed)


def _is_foreign(had: Noise, asked: Noise) -> bool:
    """Return whether a release used a norm of other conditions that this question would not use."""
    return had.is_elsewhere and had.kept != asked.kept


def jointly(plan: PrivatePlan, part: Kept) -> Derived | None:
    """Return the answer to one question of a workload from what was measured for it; None if it does not follow.

    The release was bought for this question among others, so nothing is compared and hidden cells are part of totals,
    as in one question with levels.
    """
    extra, measured = _extra(plan, part.source), as_measured(plan, part.source)
    if extra is None or measured is None or plan.selection is not None:
        return None
    found = members(plan.exact.keys, extra, part.source, part.noisy.keys)
    if found is None or not (found.is_one_to_one or _may_be_summed(plan, part.source)):
        return None
    lines = _lines(measured, part.noisy, found)
    text = (
        f"answered jointly with the other questions of its workload, for one price{_added(max(lines.cells))}"
    )
    return Derived(_with_source(plan, part, measured, Note("N312", text)), lines, not found.is_one_to_one)


def _extra(plan: PrivatePlan, source: Source) -> tuple[Expr, ...] | None:
    """Return the conditions of the question that the release did not have; None if it lacks one of the release's."""
    asked = {show.canonical(c): c for c in conditions(plan.exact.rows)}
    if not set(source.where) <= asked.keys():
        return None
    return tuple(c for text, c in asked.items() if text not in source.where)


def _is_selected_alike(plan: PrivatePlan, source: Source) -> bool:
    if plan.selection is None or source.selection is None:
        return plan.selection is source.selection
    asked, had = plan.selection, source.selection
    is_alike = (asked.max_keys, asked.min_units, asked.atto_delta) == (
        had.max_keys,
        had.min_units,
        had.atto_delta,
    )
    return is_alike and (not is_price_given(plan) or had.nano_rho >= asked.nano_rho)


def _may_be_summed(plan: PrivatePlan, source: Source) -> bool:
    """Return whether every aggregate is read off sums over rows, of which no sample of keys left any out."""
    return source.max_keys is None and all(
        is_additive(m.aggregate, plan.exact.row_cap) for m in plan.measured
    )


def _uses_hidden(plan: PrivatePlan, kept: Kept, measured: tuple[Measured, ...], found: Members) -> bool:
    """Return whether a cell that `minUnitsPerKey` hid in the release would be read."""
    source = kept.source
    if plan.min_units <= 1 or source.selection is not None:
        return False
    used = {i for rows in found.rows for i in rows}
    ids = {m.noise.group.id for m in measured}
    counts = [m for m in source.measured if _counts_units(m, source.row_cap)]
    hides = [
        m for m in counts if not m.has_filter or m.noise.group.id in ids
    ]  # a filtered count hides itself alone
    totals = kept.noisy.totals()
    return any(
        round(Fraction(totals[m.noise.ids[0]][i]) / m.noise.group.scale) < plan.min_units
        for m in hides
        for i in used
    )


def _counts_units(one: SourceMeasured, row_cap: int | None) -> bool:
    return one.kind == "count_units" or (one.kind == "count" and row_cap == 1)


def _lines(measured: tuple[Measured, ...], noisy: Noisy, found: Members) -> Lines:
    totals = noisy.totals()
    ids = tuple(dict.fromkeys(one for m in measured for one in m.ids))
    return Lines(
        keys=found.keys,
        values={one: tuple(sum(totals[one][i] for i in rows) for rows in found.rows) for one in ids},
        norms=noisy.norms,
        added_up=tuple((False,) * len(key) for key in found.keys),
        cells=tuple(len(rows) for rows in found.rows),
    )


def _is_accurate_enough(plan: PrivatePlan, kept: Kept, measured: tuple[Measured, ...], lines: Lines) -> bool:
    if not is_price_given(plan):
        return kept.nano_rho >= plan.level
    if _is_found_anew(plan, kept, lines):
        return False
    most = max(lines.cells, default=1)
    return all(
        _is_narrower(had, asked, kept.noisy.norms, most)
        for had, asked in zip(measured, plan.measured, strict=True)
    )


def _is_found_anew(plan: PrivatePlan, kept: Kept, lines: Lines) -> bool:
    """Return whether a fresh answer would look for its norm among fewer cells, and may well find a smaller one."""
    return sum(lines.cells) < len(kept.noisy.keys) and any(_is_automatic(m.noise) for m in plan.measured)


def _is_narrower(had: Measured, asked: Measured, norms: Mapping[str, int], cells: int) -> bool:
    """Return whether a sum of `cells` kept cells has no more noise than a fresh answer would have.

    A fresh automatic clip is taken to find the release's norm again. For coarser keys over the same rows it would find
    that or a larger one, whose noise is wider; where cells are left out `_is_found_anew` decides before.
    """
    kept_norm = norms.get(had.noise.group.id)
    if _is_automatic(had.noise) and not _is_automatic(asked.noise):
        return (
            False  # a fresh answer would be bounded as declared, which cuts less than a clip that was found
        )
    if _is_automatic(asked.noise) and (kept_norm is None or had.moments != asked.moments):
        return False
    kept_sd = spreads(had, kept_norm, cells)
    fresh = spreads(asked, kept_norm if _is_automatic(asked.noise) else None, 1)
    return fresh.keys() <= kept_sd.keys() and all(kept_sd[name] <= fresh[name] * _SLACK for name in fresh)


def _is_automatic(noise: Noise) -> bool:
    return isinstance(noise.group, Group) and isinstance(noise.group.bound, AutoClip)


def spreads(measured: Measured, norm: int | None, cells: int) -> dict[str, float]:
    """Return the noise of each statistic in real units, by what it is: "x" and "n" of a mean, or a moment."""
    group = measured.noise.group
    sds = measured.noise.sds(norm, cells)
    if not isinstance(group, Group):
        return {"": sds[0]}
    names = measured.moments or (("x", "n") if measured.aggregate.kind == "mean" else ("",))
    steps = [float(s.step) for s, _ in group.statistics]
    return {name: sd * step for name, sd, step in zip(names, sds, steps, strict=True)}


def _with_source(plan: PrivatePlan, kept: Kept, measured: tuple[Measured, ...], origin: Note) -> PrivatePlan:
    bounding = [note for m in measured for note in bounding_notes(m, plan.unit)]
    others = [note for note in plan.notes if note.code not in BOUNDING]
    return replace(
        plan,
        measured=measured,
        selection=kept.source.selection,
        cost=_price(plan, kept),
        gate=RHO,
        notes=tuple(dict.fromkeys([*bounding, *others, origin])),
    )


def _added(most: int) -> str:
    """Return that cells are added up, if any are."""
    if most <= 1:
        return ""
    return f"; up to {most} of its noisy cells are added up: {math.sqrt(most):.2g} times the noise of one"


def _origin(
    plan: PrivatePlan, kept: Kept, measured: tuple[Measured, ...], lines: Lines, *, is_summed: bool
) -> str:
    text = f"free: follows from release {kept.release_id}"
    if not is_summed:
        return text
    most = max(lines.cells, default=1)
    text += (
        f"{_added(most)}; what each {plan.unit} counts up to is what that release bounded, over all its keys"
    )
    is_wider = _is_found_anew(plan, kept, lines) or not all(
        _is_narrower(had, asked, kept.noisy.norms, most)
        for had, asked in zip(measured, plan.measured, strict=True)
    )
    return text + ("; a price of its own (--epsilon) can buy a more accurate answer" if is_wider else "")
