"""Which bounds a plan rests on, and so buys first or has kept from before; nothing is bought in vain."""

from dataclasses import dataclass

from jali.model.codes import BadOption
from jali.plan.bounds import Setting
from jali.plan.choice import Choice, Found, KeptBound, Values
from jali.plan.exact import AnyGroup, CellClamp, Group
from jali.plan.first import FIRST_SHARE, distinct_choice, keys_choice, rows_choice, under
from jali.plan.levels import is_additive
from jali.plan.noise import noise_for
from jali.plan.question import Question, best


@dataclass(frozen=True, slots=True)
class First:
    """What is fixed before any bound is found: what is bought first, what is kept.

    Attributes:
        picks: for each family, how it is bounded whatever is found; empty where nothing is bought first.
        is_accuracy: the price buys an accuracy, so every bound is known before data is read.
    """

    choices: tuple[Choice, ...] = ()
    kept: tuple[Found, ...] = ()
    picks: tuple[AnyGroup, ...] = ()
    is_accuracy: bool = False

    def found(self, values: Values) -> tuple[Found, ...]:
        """Return every bound of the plan; one that is not found yet stands at its end."""
        bought = (Found(c.what, values.get(c.what, c.number.grid[-1]), c) for c in self.choices)
        return (*bought, *self.kept)

    @property
    def spent(self) -> int:
        """Return the price of the choices."""
        return sum(c.nano_rho for c in self.choices)


def first(question: Question, nano_rho: int) -> First:
    """Return what is bought first at a price: nothing where no bound of the plan rests on it."""
    caps = question.setting.caps
    if not (caps.finds_rows or caps.finds_groups or caps.finds_distinct):
        return First()
    sought = _sought(question, nano_rho)
    kept: list[Found] = []
    bought: list[Choice] = []
    for choice in sought.choices:
        found = question.usable(choice.text, choice.where, choice.nano_rho, choice.number.grid)
        if found is not None:
            kept.append(as_found(choice, found))
        elif choice.nano_rho < 1:
            raise BadOption("the price asked for is too small to find a bound", hint="raise epsilon or rho")
        else:
            bought.append(choice)
    return First(tuple(bought), tuple(kept), sought.picks if bought else ())


@dataclass(frozen=True, slots=True)
class _Sought:
    """The bounds a plan rests on, in the order they are found, and how each family is bounded under likely ones."""

    choices: tuple[Choice, ...]
    picks: tuple[AnyGroup, ...]


def _sought(question: Question, nano_rho: int) -> _Sought:
    seek, hints = question.seek(question.setting), question.guardrails.hints
    choices: list[Choice] = []
    setting = question.setting
    picks = _picks(question, setting, nano_rho)
    rows = rows_choice(seek, nano_rho)
    if rows is not None:
        trial = _likely(setting, rows, hints.rows_per_unit_p99)
        under_it = _picks(question, trial, nano_rho)
        if _rests_on_rows(setting, picks, under_it):
            choices.append(rows)
            setting, picks = trial, under_it
    keys = keys_choice(seek, nano_rho) if setting.must_sample or not _is_additive(question) else None
    if keys is not None:
        trial = _likely(setting, keys, hints.keys_per_unit)
        under_it = _picks(question, trial, nano_rho)
        if setting.must_sample or under_it != picks:
            choices.append(keys)
            picks = under_it
    each = int(nano_rho * FIRST_SHARE) // max(1, len(picks))
    for index, (family, pick) in enumerate(zip(question.families, picks, strict=True)):
        distinct = distinct_choice(seek, family.first, index, pick, each)
        if distinct is not None:
            choices.append(distinct)
    return _Sought(tuple(choices), picks)


def _is_additive(question: Question) -> bool:
    """Return whether rows are bounded without a bound on keys; a sample of keys would stop free roll-ups."""
    return all(is_additive(a, question.setting.caps.rows) for a in question.cleared.query.aggregates)


def _likely(setting: Setting, choice: Choice, hint: int | None) -> Setting:
    """Return the setting under a likely value of a bound: the hint, or the middle of its grid."""
    grid = choice.number.grid
    value = grid[len(grid) // 2] if hint is None else min(hint, grid[-1])
    return under(setting, (Found(choice.what, value),))


def _rests_on_rows(setting: Setting, without: tuple[AnyGroup, ...], under_it: tuple[AnyGroup, ...]) -> bool:
    """Return whether a bound on rows lowers noise: a norm clip needs an end for its search alone."""
    if setting.must_sample and setting.caps.max_groups is None and not setting.caps.finds_groups:
        return True  # keys are bounded by rows alone
    clamps = [(a, b) for a, b in zip(without, under_it, strict=True) if not _is_clip(b)]
    return any(
        a.squared() != b.squared() if isinstance(b, Group) else a.max_keys != b.max_keys for a, b in clamps
    )


def _is_clip(group: AnyGroup) -> bool:
    return isinstance(group, Group) and not isinstance(group.bound, CellClamp)


def _picks(question: Question, setting: Setting, nano_rho: int) -> tuple[AnyGroup, ...]:
    """Return how each family is bounded in a setting."""
    options = question.options(setting)
    return tuple(
        best([noise_for(c, nano_rho) for c in choices], question.guardrails).group for choices in options
    )


def as_found(choice: Choice, kept: KeptBound) -> Found:
    """Return a kept bound in the place of a choice."""
    return Found(choice.what, kept.value, kept=kept, is_elsewhere=kept.where != choice.where)


def kept_of(question: Question) -> list[tuple[Choice, KeptBound | None]]:
    """Return every bound the plan would rest on, and the kept one of whatever price, if there is one."""
    caps_ = question.setting.caps
    if not (caps_.finds_rows or caps_.finds_groups or caps_.finds_distinct):
        return []
    sought = _sought(question, question.guardrails.default_nano_rho).choices
    return [(c, question.usable(c.text, c.where, 0, c.number.grid)) for c in sought]
