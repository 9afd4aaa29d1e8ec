"""From a cleared query to a private plan: keys, bounds, mechanisms, price. Reads no data and fails closed."""

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

from jali.model.codes import (
    BadOption,
    DomainTooLarge,
    GroupByNotAllowed,
    JoinNotBounded,
    NoBasicPrice,
    NoContributionBound,
    PriceDisagrees,
    TooLarge,
)
from jali.model.money import ATTO, Basic, Cost, atto_delta_up, nano_down
from jali.model.release import Note
from jali.model.schema import Column
from jali.model.types import Kind
from jali.plan.accuracy import half_width, known_bounds, known_noise, of_accuracy
from jali.plan.bounds import FEW_NAMES, Caps, Setting, caps_of
from jali.plan.choice import DISTINCT, Choice, Found, Library, Values, no_bounds
from jali.plan.domains import domain_size, key_of
from jali.plan.exact import AnyGroup, ExactPlan, Group, Key, SharedDistinct
from jali.plan.families import families_of
from jali.plan.first import under
from jali.plan.forecast import expected_sd, notes_for
from jali.plan.guardrails import Guardrails
from jali.plan.levels import check_levels, levels_note
from jali.plan.noise import (
    SELECTION_SHARE,
    Noise,
    Selection,
    basic_noise_for,
    gaussian_for,
    noise_for,
    under_kept,
)
from jali.plan.price import (
    SMALLEST_NANO_EPSILON,
    SMALLEST_NANO_RHO,
    epsilon_asked,
    gate_of,
    price_asked,
)
from jali.plan.private import BoundName, Measured, PrivatePlan
from jali.plan.question import Question, best, confidence_of, name_of, with_kept
from jali.plan.second import BASIC, RHO, converted
from jali.plan.sought import First, as_found, first, kept_of
from jali.policy.check import Cleared
from jali.privacy.conversion import MICRO, rho_for
from jali.sql import caps
from jali.sql.tree import Query, Rows, Scan, inside, is_private, walk
from jali.sql.work import calls_of, characters_of

MOST_JOINED = 100_000
"""Most rows one unit may make by joining private tables, from the product of their maxRows."""

MOST_READ = 400_000_000
"""Most characters that functions of text read of one unit: 8 s at 20 ns each (`sql.work`)."""

MOST_CALLS = 100_000_000
"""Most functions computed over the rows of one unit: 20 s at 0.2 us each."""

MOST_VALUES = 4_000_000
"""Most functions computed over the rows of an answer: 20 s at 5 us each."""


def build(cleared: Cleared, guardrails: Guardrails, kept: Library = no_bounds) -> PrivatePlan:
    """Return the plan for a cleared query.

    Args:
        cleared: the question.
        guardrails: what the rules say about prices and keys.
        kept: bounds that earlier questions bought; a plan uses them again and pays nothing for them.

    Raises:
        JaliError: J3xx where no plan is private, J402 where the price is above the limit of a question, J000 where
            two computations of the price disagree.
    """
    query = cleared.query
    keys = _keys(query, guardrails)
    _check_bins(keys, cleared.binned, guardrails)
    exact_caps = caps_of(query.rows)
    _check_join(query, exact_caps)
    check_levels(query, keys, exact_caps.rows, guardrails.max_rows)
    _check_answer(query, keys, guardrails.max_rows)
    setting = _setting(keys, exact_caps, guardrails)
    plan = _priced(Question(cleared, guardrails, keys, families_of(query.aggregates), setting, kept))
    for one in _every_case(plan):
        if not one.price_again().is_covered_by(plan.cost):
            raise PriceDisagrees("the price of the plan and the price of its mechanisms differ; nothing ran")
    return plan


def _every_case(plan: PrivatePlan) -> Iterator[PrivatePlan]:
    """Yield the plan itself, and the plan under every candidate of each bound that is found first.

    The others stand at their declared ends meanwhile; the very combination that is found is priced again before any
    noise is drawn (`trust.central`).
    """
    yield plan
    for choice in plan.choices:
        for value in choice.number.grid:
            yield plan.settled({choice.what: value})


def _keys(query: Query, guardrails: Guardrails) -> tuple[Key, ...]:
    public = {s.id: s.table.name for s in query.rows.sources if isinstance(s, Scan) and not is_private(s)}
    keys = tuple(key_of(k, guardrails.public_values, guardrails.max_rows, public) for k in query.keys)
    cells = 1
    for key in keys:
        cells *= key.size or 1
    if all(k.values is not None for k in keys) and cells > guardrails.max_rows:
        raise DomainTooLarge(
            f"the grouping has {cells} declared keys; at most {guardrails.max_rows} are answered",
            hint="group by fewer columns or coarser expressions",
        )
    return keys


def _check_answer(query: Query, keys: tuple[Key, ...], max_rows: int) -> None:
    """Refuse answers that would take long to compute from what was released.

    Raises:
        TooLarge: from the query and the declared keys alone.
    """
    cells = math.prod(key.size or max_rows for key in keys)
    rows = max_rows if query.levels else min(cells, max_rows)
    parts = sum(1 for expression in query.released for _ in walk(expression))
    if parts * rows > MOST_VALUES:
        raise TooLarge(
            f"the answer has up to {rows} rows; at most {MOST_VALUES // rows} parts of expressions are computed "
            f"for each, and here there are {parts}",
            hint="ask for fewer outputs or shorter expressions",
        )


def _check_bins(
    keys: tuple[Key, ...], binned: tuple[tuple[int, Column], ...], guardrails: Guardrails
) -> None:
    """Refuse keys that show a column finer than in bins: a bin holds two of its values or more, on average.

    Raises:
        GroupByNotAllowed: naming the key.
    """
    for index, column in binned:
        key = keys[index]
        if key.values is None:
            raise GroupByNotAllowed(
                f"{key.name} may be grouped only in at most {guardrails.max_rows} bins",
                hint="write FLOOR(x / 10) or another expression with few values",
            )
        size = domain_size(column, guardrails.public_values)
        if size is not None and len(key.values) * 2 > size + 1:
            raise GroupByNotAllowed(
                f"{key.name} shows nearly every value of {column.name}, which may be grouped only in bins",
                hint=f"write FLOOR({column.name} / 10) or another expression with at most half as many values",
            )


def _check_join(query: Query, exact_caps: Caps) -> None:
    if caps.is_joined(query.rows) and exact_caps.rows is None:
        raise JoinNotBounded(
            "one unit's joined rows have no bound",
            hint="declare contribution.joinRows, or aggregate one side per unit in a subquery first",
        )
    read = MOST_READ // max(1, characters_of(query))
    _check_work(query.rows, min(read, MOST_CALLS // max(1, calls_of(query))))


def _check_work(rows: Rows, most: int) -> None:
    """Refuse relations, at any depth, in which one unit could make more rows than a machine should have to work on.

    With it no single unit decides whether a question meets its deadline (SECURITY.md rule 29).

    Raises:
        JoinNotBounded: from the declared caps alone.
    """
    work = caps.work_of(rows)
    if work is None:
        raise JoinNotBounded(
            "a joined table has no cap on one unit's rows",
            hint="declare contribution.maxRows of every table joined",
        )
    if caps.is_paired(rows) and work > MOST_JOINED:
        raise JoinNotBounded(
            f"one unit could make {work} joined rows; at most {MOST_JOINED} are joined",
            hint="aggregate one side per unit in a subquery first",
        )
    if work > most:
        raise TooLarge(
            f"one unit can have {work} rows here; with this many functions at most {most} are worked on",
            hint="ask with fewer or shorter expressions, or have a smaller contribution.maxRows declared",
        )
    for source in rows.sources:
        for rows_inside in inside(source):
            _check_work(rows_inside, most)
    for semi in rows.semis:
        _check_work(semi.rows, most)


def _setting(keys: tuple[Key, ...], exact_caps: Caps, guardrails: Guardrails) -> Setting:
    must_sample = any(k.values is None for k in keys)
    if must_sample and guardrails.key_delta is None:
        raise NoContributionBound(
            "keys that are not declared need a delta", hint="declare output.keyDelta in the contract"
        )
    cells, spread = 1, 1
    for key in keys:
        cells *= key.size
        spread *= key.size if key.type.kind is not Kind.TEXT or key.size <= FEW_NAMES else 1
    return Setting(
        exact_caps, cells, must_sample, spread, guardrails.hints.units, guardrails.default_nano_rho
    )


def _priced(question: Question) -> PrivatePlan:
    cleared, guardrails = question.cleared, question.guardrails
    if gate_of(cleared, guardrails) == BASIC:
        if guardrails.second is None:
            raise NoBasicPrice("there is no second gate here", hint="ask with --gate rho")
        epsilon = epsilon_asked(cleared, guardrails.second)
        return _priced_in_epsilon(question, epsilon, guardrails.second.delta_of_epsilon(epsilon))
    nano_rho, before = price_asked(cleared, guardrails), None
    if nano_rho is None:
        nano_rho, before = of_accuracy(question)
    atto = guardrails.second.delta_of_rho(nano_rho) if guardrails.second is not None else 0
    return _priced_in_rho(question, nano_rho, atto, before)


def _priced_in_rho(
    question: Question, nano_rho: int, atto_basic: int, before: First | None = None
) -> PrivatePlan:
    before = first(question, nano_rho) if before is None else before
    plan = _settled(question, before, nano_rho, atto_basic, {})
    if not before.choices:
        return plan
    return replace(
        plan,
        exact=replace(plan.exact, numbers=tuple(c.number for c in before.choices)),
        choices=before.choices,
        found=before.kept,
        settle=partial(_settled, question, before, nano_rho, atto_basic),
        notes=_notes(question, plan.measured, plan.exact, (), before.choices),
    )


def _settled(
    question: Question, before: First, nano_rho: int, atto_basic: int, values: Values
) -> PrivatePlan:
    """Return the plan under bounds that were found: noise and thresholds are a fixed function of them."""
    found, guardrails = before.found(values), question.guardrails
    setting = under(question.setting, found)
    options = question.options(setting)
    if not options and not setting.must_sample:
        nano_rho = 0  # the declared keys are public: nothing is read
    rest = max(0, nano_rho - before.spent)
    selection = _selection(setting, guardrails, rest, len(options))
    share = _share(rest, selection, len(options))
    noises = [_noise(question, setting, before, i, choices, share) for i, choices in enumerate(options)]
    cost = Cost(nano_rho, selection.atto_delta if selection is not None else 0)
    plan = replace(_plan(question, setting, found, noises, selection, cost), basic_atto_delta=atto_basic)
    # one price for all candidates: where bounds are bought first every part is Gaussian or a choice
    joint = replace(cost, basic=converted(nano_rho, atto_basic))
    plan = replace(plan, cost=joint) if before.choices else plan.priced()
    if selection is not None:
        _ = selection.threshold  # computed now, so that an impossible one refuses before anything is charged
    return plan


def _noise(
    question: Question, setting: Setting, before: First, index: int, choices: list[AnyGroup], share: int
) -> Noise:
    """Return how a family is bounded and its mechanism: as picked before its bounds were found, else by forecast.

    For an accuracy it is what the price was computed for: the narrowest of the first aggregate. A kept norm takes the
    place of a choice.
    """
    family, guardrails = question.families[index], question.guardrails
    if before.picks:
        found = gaussian_for(_like(choices, before.picks[index]), share)
        return with_kept(question, setting, family, found)
    if not before.is_accuracy:
        return with_kept(question, setting, family, best([noise_for(c, share) for c in choices], guardrails))
    known = [
        known_noise(question, setting, family, c, share)
        for c in known_bounds(question, setting, family, choices)
    ]
    return (
        best(known, guardrails)
        if index
        else min(known, key=lambda n: half_width(n, confidence_of(question.cleared)))
    )


def _like(choices: list[AnyGroup], pick: AnyGroup) -> AnyGroup:
    """Return the way to bound an aggregate that was picked before its bounds were found."""
    if len(choices) == 1 or isinstance(pick, SharedDistinct):
        return next((c for c in choices if isinstance(c, type(pick))), choices[0])
    same = [c for c in choices if isinstance(c, Group) and type(c.bound) is type(pick.bound)]
    return (same or choices)[0]


def _notes(
    question: Question,
    measured: tuple[Measured, ...],
    exact: ExactPlan,
    found: tuple[Found, ...],
    choices: tuple[Choice, ...],
) -> tuple[Note, ...]:
    levels = levels_note(question.keys, question.cleared.query.levels)
    return (*notes_for(measured, exact, question.guardrails, found, choices), *levels)


def _priced_in_epsilon(question: Question, epsilon: Fraction, atto: int) -> PrivatePlan:
    """Return the plan of least forecast noise whose basic price is epsilon.

    Laplace noise needs nothing more; Gaussian noise, also of the selection of keys, needs `delta.basic`.

    Raises:
        NoBasicPrice: if only Gaussian noise could answer and the population declares no such delta.
    """
    guardrails, setting = question.guardrails, question.setting
    if not question.families and not setting.must_sample:
        return _priced_in_rho(question, 0, 0)
    plans: list[PrivatePlan] = []
    if not setting.must_sample:
        plans.append(_laplace(question, nano_down(epsilon)))
    least = Fraction(int(epsilon * MICRO), MICRO)  # what is converted back is on this grid
    nano_rho = rho_for(least, Fraction(atto, ATTO)) if atto and least else 0
    if nano_rho >= SMALLEST_NANO_RHO:
        plans.append(replace(_priced_in_rho(question, nano_rho, atto), gate=BASIC))
    if not plans:
        raise NoBasicPrice(
            "keys that are found privately have no epsilon of their own, so the second gate cannot price them",
            hint="ask with --gate rho, or group by keys that the contract declares",
        )
    return min(plans, key=lambda plan: _noisiness(plan, plans[0], guardrails))


def _laplace(question: Question, nano_epsilon: int) -> PrivatePlan:
    """Return the plan with Laplace noise. It finds no bound first: kept ones are used, and declared ends.

    Raises:
        NoBasicPrice: where distinct values would have to be found.
    """
    kept: list[Found] = []
    for choice, found_ in kept_of(question):
        if found_ is not None:
            kept.append(as_found(choice, found_))
        elif choice.name == DISTINCT:
            raise NoBasicPrice(
                "what finds maxDistinct has no epsilon of its own, so the second gate cannot price it",
                hint="ask with --gate rho first; the bound it finds is kept",
            )
    share = nano_epsilon // len(question.families)
    if share < SMALLEST_NANO_EPSILON:
        raise BadOption(
            "the price asked for is too small for so many aggregates", hint="raise epsilon or ask fewer"
        )
    setting = under(question.setting, kept)
    fresh = [
        best([basic_noise_for(c, share) for c in choices], question.guardrails)
        for choices in question.options(setting)
    ]
    pairs = zip(question.families, fresh, strict=True)
    noises = [with_kept(question, setting, family, noise) for family, noise in pairs]
    nano_rho = sum(noise.nano_rho + noise.choice_nano_rho for noise in noises)
    cost = Cost(nano_rho, 0, Basic(share * len(noises)))
    return replace(_plan(question, setting, tuple(kept), noises, None, cost), gate=BASIC)


def _noisiness(plan: PrivatePlan, other: PrivatePlan, guardrails: Guardrails) -> float:
    """Return the geometric mean of a plan's noise in that of another plan; without a forecast of equal norms."""
    pairs = [
        (_expected(a, guardrails), _expected(b, guardrails))
        for a, b in zip(plan.noises, other.noises, strict=True)
    ]
    return math.prod(a / b for a, b in pairs if b > 0.0)


def _expected(noise: Noise, guardrails: Guardrails) -> float:
    found = expected_sd(noise, guardrails.hints)
    return noise.sds()[0] if found is None else found


def _plan(
    question: Question,
    setting: Setting,
    found: tuple[Found, ...],
    noises: list[Noise],
    selection: Selection | None,
    cost: Cost,
) -> PrivatePlan:
    cleared, guardrails = question.cleared, question.guardrails
    by_place: dict[int, Measured] = {}
    clips: dict[str, BoundName] = {}
    for family, noise in zip(question.families, noises, strict=True):
        name = name_of(question, setting, family, noise.group)
        if name is not None:
            clips[noise.group.id] = name
        for place in family.members:
            aggregate = cleared.query.aggregates[place]
            by_place[place] = Measured(aggregate, noise, _center(noise.group), family.moments)
    measured = tuple(by_place[place] for place in sorted(by_place))
    exact = _exact(cleared.query, question.keys, setting, measured)
    return PrivatePlan(
        cleared=cleared,
        exact=exact,
        measured=measured,
        selection=selection,
        cost=cost,
        confidence=confidence_of(cleared),
        min_units=guardrails.min_units_per_key,
        clamps_for_display=guardrails.clamps_for_display,
        max_rows=guardrails.max_rows,
        unit=guardrails.unit,
        delta_conversion=guardrails.delta_conversion,
        notes=_notes(question, measured, exact, found, ()),
        found=found,
        clips=clips,
    )


def repriced(plan: PrivatePlan, nano_rho: int) -> PrivatePlan:
    """Return the same plan at another price in rho: same measures and bounds, other noise.

    Raises:
        BadOption: if the price is too small to be split.
    """
    selection = plan.selection
    if selection is not None:
        selection = replace(selection, nano_rho=_selection_share(nano_rho, len(plan.noises)))
    share = _share(nano_rho, selection, len(plan.noises))
    noises = {noise.group.id: _at(noise, share) for noise in plan.noises}
    measured = tuple(replace(m, noise=noises[m.noise.group.id]) for m in plan.measured)
    cost = Cost(nano_rho, plan.cost.atto_delta)
    at = replace(plan, measured=measured, selection=selection, cost=cost, gate=RHO)
    return replace(at, basic_atto_delta=plan.basic_delta_for(nano_rho)).priced()


def _at(noise: Noise, nano_rho: int) -> Noise:
    """Return the same measure at a price in rho, with the kept norm it has."""
    found = noise_for(noise.group, nano_rho)
    return found if noise.kept is None else under_kept(found, noise.kept, is_elsewhere=noise.is_elsewhere)


def _share(nano_rho: int, selection: Selection | None, aggregates: int) -> int:
    """Return the price of one aggregate: what selection leaves, in equal parts; 0 without aggregates."""
    if not aggregates:
        return 0
    share = (nano_rho - (selection.nano_rho if selection is not None else 0)) // aggregates
    if share < 1:
        raise BadOption(
            "the price asked for is too small for so many aggregates", hint="raise epsilon or ask fewer"
        )
    return share


def _selection_share(nano_rho: int, aggregates: int) -> int:
    """Return the price of finding keys: a share beside aggregates, everything where nothing else is asked."""
    return int(nano_rho * SELECTION_SHARE) if aggregates else nano_rho


def _selection(setting: Setting, guardrails: Guardrails, nano_rho: int, aggregates: int) -> Selection | None:
    if not setting.must_sample or guardrails.key_delta is None:
        return None
    keys, _ = setting.keys_of_a_unit(with_sample=True)
    share = _selection_share(nano_rho, aggregates)
    if share < 1:
        raise BadOption("the price asked for is too small to find keys", hint="raise epsilon or rho")
    return Selection(keys, guardrails.min_units_per_key, share, atto_delta_up(guardrails.key_delta))


def _center(group: AnyGroup) -> int:
    """Return the value a mean is measured around: what the first statistic that has one is reduced by."""
    offsets = [s.offset for s, _ in group.statistics] if isinstance(group, Group) else []
    return next((offset for offset in offsets if offset), 0)


def _exact(
    query: Query, keys: tuple[Key, ...], setting: Setting, measured: tuple[Measured, ...]
) -> ExactPlan:
    distinct = {m.noise.group.id: m.noise.group for m in measured}.values()
    groups = tuple(g for g in distinct if isinstance(g, Group))
    shared = tuple(g for g in distinct if isinstance(g, SharedDistinct))
    everything: tuple[AnyGroup, ...] = (*groups, *shared)
    sampled = [g.max_keys for g in everything if g.is_sampled]
    limit = min(sampled) if sampled else None
    if setting.must_sample:
        limit, _ = setting.keys_of_a_unit(with_sample=True)
    return ExactPlan(query.rows, setting.caps.rows, keys, groups, shared, limit, setting.must_sample)
