"""Which bounds a question finds before the rest of its plan is fixed, at what price, and under what name they are kept.

Everything here is read off the question, the contract and kept releases; nothing off data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from jali.model.codes import NoContributionBound
from jali.model.types import Kind
from jali.plan.bounds import Setting, finds_distinct, most_distinct, norm_grid, prior_steps, rank_for
from jali.plan.choice import DISTINCT, FIRST_SLOPE, GROUPS, ROWS, Choice, Found
from jali.plan.exact import AnyGroup, Key, NumberKind, SharedDistinct, UnitNumber
from jali.plan.private import BoundName, group_line, key_line
from jali.plan.source import conditions, family_text
from jali.sql import show
from jali.sql.tree import Aggregate, Query

FIRST_SHARE: Final = Fraction(1, 20)
"""Share of a question's price that each bound found first costs (docs/decisions/0018)."""

_AIM: Final = 5
"""Keys for which the rank is taken: of 5 and more it leaves at least 4 sqrt(10) scales of a default question above, or
2.8 scales of a choice at this share, without which it is hardly found (docs/decisions/0010, 0018)."""

FEW_KEYS: Final = 8
"""With so few declared keys a bound on a unit's keys buys too little."""


@dataclass(frozen=True, slots=True)
class Seek:
    """A question whose bounds are sought: rows, keys and declared caps."""

    query: Query
    keys: tuple[Key, ...]
    setting: Setting

    @property
    def where(self) -> list[str]:
        """Return the conditions of its rows, sorted."""
        return sorted(show.canonical(c) for c in conditions(self.query.rows))

    def lines(self, cap: object) -> list[str]:
        """Return rows without their conditions and keys, as stable text."""
        return [f"rows {family_text(self.query.rows)}", f"row cap {cap}", *map(key_line, self.keys)]

    @property
    def row_cap(self) -> object:
        """Return the declared cap on rows; a word where it is found first."""
        return "found" if self.setting.caps.finds_rows else self.setting.caps.rows

    @property
    def key_cap(self) -> object:
        """Return the declared cap on keys that are selected; a word where it is found first."""
        if not self.setting.must_sample:
            return None
        return "found" if self.setting.caps.finds_groups else self.setting.keys_of_a_unit(with_sample=True)[0]

    def choice(
        self, what: str, number: UnitNumber, lines: list[str], where: list[str], nano_rho: int
    ) -> Choice:
        """Return how a number is found at a price."""
        setting = self.setting
        rank = rank_for(_AIM, setting.units, setting.default_nano_rho)
        steps = prior_steps(rank, setting.units, setting.default_nano_rho, FIRST_SHARE) // FIRST_SLOPE
        text = "\n".join([what, *lines, f"rank {rank} of {number.grid}"])
        return Choice(what, number, text, tuple(where), rank, steps, nano_rho)


def rows_choice(seek: Seek, nano_rho: int) -> Choice | None:
    """Return how the joined rows of a unit are found; None where there is nothing to choose.

    The search ends at the product of the maxRows of the tables joined.
    """
    end = seek.setting.caps.rows
    if not seek.setting.caps.finds_rows or end is None or end == 1:
        return None
    number = UnitNumber(NumberKind.ROWS, norm_grid(end))
    return seek.choice(ROWS, number, seek.lines("found")[:2], seek.where, int(nano_rho * FIRST_SHARE))


def keys_choice(seek: Seek, nano_rho: int) -> Choice | None:
    """Return how the keys of a unit are found; None where there is nothing to choose.

    The search ends at the declared keys, or at the declared rows of a unit.

    Raises:
        NoContributionBound: where keys are not declared and one unit's rows have no bound.
    """
    setting = seek.setting
    if not setting.caps.finds_groups:
        return None
    ends = [end for end in (setting.cells or None, setting.caps.rows) if end is not None]
    if not ends:
        raise NoContributionBound(
            "maxGroups: auto needs an end for its search",
            hint="declare contribution.maxRows (contribution.joinRows for a join) in the contract",
        )
    grid = norm_grid(min(ends))
    if len(grid) == 1 or (setting.cells and grid[-1] <= FEW_KEYS):
        return None
    number = UnitNumber(NumberKind.KEYS, grid)
    return seek.choice(GROUPS, number, seek.lines(seek.row_cap), seek.where, int(nano_rho * FIRST_SHARE))


def distinct_choice(
    seek: Seek, aggregate: Aggregate, family: int, group: AnyGroup, nano_rho: int
) -> Choice | None:
    """Return how the distinct values of a unit at a key are found for one aggregate; None where nothing is to be found.

    The search ends at the rows of a unit, or at what its other columns declare.
    """
    setting = seek.setting
    if not isinstance(group, SharedDistinct) or not finds_distinct(group.arg, setting.caps):
        return None
    end = most_distinct(group.arg, setting.caps)
    if end == 1 or group.arg.type.kind is Kind.BOOLEAN:
        return None
    number = UnitNumber(NumberKind.VALUES, norm_grid(end), replace(group, per_key=1))
    measure = show.canonical_aggregate(replace(aggregate, where=None))
    lines = [*seek.lines(seek.row_cap), f"key cap {seek.key_cap}", measure]
    return seek.choice(f"{DISTINCT}#{family}", number, lines, _with_filter(seek.where, aggregate), nano_rho)


def _with_filter(where: list[str], aggregate: Aggregate) -> list[str]:
    return where if aggregate.where is None else [*where, f"filter {show.canonical(aggregate.where)}"]


def with_rows(setting: Setting, most: int) -> Setting:
    """Return a setting with this number of rows per unit, as if it were declared."""
    return replace(setting, caps=replace(setting.caps, rows=most))


def with_keys(setting: Setting, most: int) -> Setting:
    """Return a setting with this number of keys per unit, as if it were declared."""
    return replace(setting, caps=replace(setting.caps, max_groups=most))


def under(setting: Setting, found: Sequence[Found]) -> Setting:
    """Return the setting under bounds that were found, as if they were declared."""
    for one in found:
        if one.what == ROWS:
            setting = with_rows(setting, one.value)
        elif one.what == GROUPS:
            setting = with_keys(setting, one.value)
        else:
            family = int(one.what.partition("#")[2])
            setting = replace(setting, distinct={**setting.distinct, family: one.value})
    return setting


def clip_name(seek: Seek, aggregate: Aggregate, group: AnyGroup) -> BoundName:
    """Return the text an automatic clip is kept by, and the conditions of its rows.

    The text holds the rows without their conditions, the keys, every cap that acted, the measure without its FILTER,
    and the grid and rank of the choice: the parts of the contract that decide what is sought.
    """
    measure = show.canonical_aggregate(replace(aggregate, where=None))
    sampled = seek.setting.keys_of_a_unit(with_sample=True)[0] if seek.setting.must_sample else None
    lines = [*seek.lines(seek.setting.caps.rows), f"key cap {sampled}", measure, group_line(group)]
    return "\n".join(["clip", *lines]), tuple(_with_filter(seek.where, aggregate))
