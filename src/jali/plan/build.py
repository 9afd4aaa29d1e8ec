"""From a cleared query to a private plan: keys, bounds, mechanisms, price. Reads no data and fails closed."""

from dataclasses import replace
from fractions import Fraction

from jali.model.codes import (
    AccuracyOutOfReach,
    BadOption,
    DomainTooLarge,
    GroupByNotAllowed,
    JoinNotBounded,
    NoContributionBound,
    PriceDisagrees,
    QuestionTooDear,
)
from jali.model.money import NANO, Cost, atto_delta_up, nano_rho_down
from jali.model.types import Kind
from jali.plan.bounds import FEW_NAMES, Caps, Setting, candidates, caps_of
from jali.plan.domains import key_of
from jali.plan.exact import AnyGroup, AutoClip, ExactPlan, Group, Key, SharedDistinct
from jali.plan.forecast import expected_sd, notes_for
from jali.plan.guardrails import Guardrails
from jali.plan.levels import check_levels, levels_note
from jali.plan.noise import SELECTION_SHARE, Selection, noise_for
from jali.plan.private import Measured, PrivatePlan
from jali.policy.check import Cleared
from jali.privacy.conversion import epsilon_for, rho_for
from jali.sql import caps
from jali.sql.parse import text_calls
from jali.sql.tree import PerUnit, Query, Rows, Scan, is_private

MOST_JOINED = 100_000
"""Most rows one unit may make by joining private tables, from the product of their maxRows."""

MOST_TEXTS = 100_000
"""Most functions of text computed over one unit's joined rows: some seconds (80 us each at the longest text)."""

SMALLEST_NANO_RHO = 10
"""Below this price the noise would drown every answer and the shares of a price could not be split."""


def build(cleared: Cleared, guardrails: Guardrails) -> PrivatePlan:
    """Return the plan for a cleared query.

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
    setting = _setting(keys, exact_caps, guardrails)
    options = [candidates(a, i, setting, query.rows) for i, a in enumerate(query.aggregates)]
    plan = _priced(cleared, guardrails, keys, setting, options)
    recomputed = plan.price_again()
    if not recomputed.fits(plan.cost):
        raise PriceDisagrees("the price of the plan and the price of its mechanisms differ; nothing ran")
    return plan


def _keys(query: Query, guardrails: Guardrails) -> tuple[Key, ...]:
    public = frozenset(s.id for s in query.rows.sources if isinstance(s, Scan) and not is_private(s))
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


def _check_bins(keys: tuple[Key, ...], binned: frozenset[int], guardrails: Guardrails) -> None:
    for index, key in enumerate(keys):
        if index in binned and key.values is None:
            raise GroupByNotAllowed(
                f"{key.name} may be grouped only in at most {guardrails.max_rows} bins",
                hint="write FLOOR(x / 10) or another expression with few values",
            )


def _check_join(query: Query, exact_caps: Caps) -> None:
    if caps.is_joined(query.rows) and exact_caps.rows is None:
        raise JoinNotBounded(
            "one unit's joined rows have no bound",
            hint="declare contribution.joinRows, or aggregate one side per unit in a subquery first",
        )
    _check_work(query.rows, MOST_TEXTS // max(1, text_calls(query)))


def _check_work(rows: Rows, most: int) -> None:
    """Refuse joins, at any depth, in which one unit could make more rows than a machine should have to join.

    With it no single unit decides whether a question meets its deadline (SECURITY.md rule 29).

    Raises:
        JoinNotBounded: from the declared caps alone.
    """
    if caps.is_joined(rows):
        work = caps.work_of(rows)
        if work is None:
            raise JoinNotBounded(
                "a joined table has no cap on one unit's rows",
                hint="declare contribution.maxRows of every table joined",
            )
        if work > min(most, MOST_JOINED):
            few = "" if most >= MOST_JOINED else " with this many functions of text"
            raise JoinNotBounded(
                f"one unit could make {work} joined rows; at most {min(most, MOST_JOINED)} are joined{few}",
                hint="aggregate one side per unit in a subquery first",
            )
    for source in rows.sources:
        if isinstance(source, PerUnit):
            _check_work(source.rows, most)


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


def _price_asked(cleared: Cleared, guardrails: Guardrails) -> int | None:
    """Return the price asked for in nano-rho, the default where nothing is asked, None where accuracy decides."""
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
    if options.accuracy is not None or asked.accuracy is not None:
        return None
    epsilon = options.epsilon if options.epsilon is not None else asked.epsilon
    if epsilon is not None:
        nano_rho = rho_for(epsilon, guardrails.delta_conversion)
    elif options.rho is not None:
        nano_rho = nano_rho_down(options.rho)
    else:
        nano_rho = guardrails.default_nano_rho
    if nano_rho > guardrails.max_nano_rho:
        most = float(epsilon_for(guardrails.max_nano_rho, guardrails.delta_conversion))
        raise QuestionTooDear(
            f"one question may cost epsilon {most:.3g} at most", hint=f"ask with --epsilon {most:.3g} or less"
        )
    if nano_rho < SMALLEST_NANO_RHO:
        raise BadOption("the price asked for is too small to buy an answer", hint="raise epsilon or rho")
    return nano_rho


def _confidence(cleared: Cleared) -> Fraction:
    asked = cleared.query.asked.accuracy
    level = asked.confidence if asked is not None and asked.confidence is not None else None
    level = cleared.request.options.confidence if level is None else level
    if not Fraction(1, 2) <= level < 1:
        raise BadOption("a confidence must be at least 50 and below 100", hint="write CONFIDENCE 95")
    return level


def _priced(
    cleared: Cleared,
    guardrails: Guardrails,
    keys: tuple[Key, ...],
    setting: Setting,
    options: list[list[AnyGroup]],
) -> PrivatePlan:
    confidence = _confidence(cleared)
    nano_rho = _price_asked(cleared, guardrails)
    if nano_rho is None:
        if not options:
            raise BadOption("an accuracy is of an aggregate", hint="ask for COUNT(*) too, or give an epsilon")
        options = [_without_auto(choices) for choices in options]
        nano_rho = _price_of_accuracy(cleared, guardrails, options, setting, confidence)
    if not options and not setting.must_sample:
        nano_rho = 0  # the declared keys are public: nothing is read
    selection = _selection(setting, guardrails, nano_rho, len(options))
    share = _share(nano_rho, selection, len(options))
    measured: list[Measured] = []
    for aggregate, choices in zip(cleared.query.aggregates, options, strict=True):
        group = _best(choices, share, guardrails)
        measured.append(Measured(aggregate, noise_for(group, share), _center(group)))
    exact = _exact(cleared.query, keys, setting, tuple(measured))
    delta = selection.atto_delta if selection is not None else 0
    plan = PrivatePlan(
        cleared=cleared,
        exact=exact,
        measured=tuple(measured),
        selection=selection,
        cost=Cost(nano_rho, delta),
        confidence=confidence,
        min_units=guardrails.min_units_per_key,
        clamps_for_display=guardrails.clamps_for_display,
        max_rows=guardrails.max_rows,
        unit=guardrails.unit,
        delta_conversion=guardrails.delta_conversion,
        notes=(
            *notes_for(tuple(measured), exact, guardrails),
            *levels_note(keys, cleared.query.levels),
        ),
    )
    if selection is not None:
        _ = selection.threshold  # computed now, so that an impossible one refuses before anything is charged
    return plan


def repriced(plan: PrivatePlan, nano_rho: int) -> PrivatePlan:
    """Return the same plan at another price: same measures and bounds, other noise.

    Raises:
        BadOption: if the price is too small to be split.
    """
    selection = plan.selection
    if selection is not None:
        selection = replace(selection, nano_rho=_selection_share(nano_rho, len(plan.measured)))
    share = _share(nano_rho, selection, len(plan.measured))
    measured = tuple(Measured(m.aggregate, noise_for(m.noise.group, share), m.center) for m in plan.measured)
    return replace(plan, measured=measured, selection=selection, cost=Cost(nano_rho, plan.cost.atto_delta))


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


def _best(choices: list[AnyGroup], nano_rho: int, guardrails: Guardrails) -> AnyGroup:
    """Return the bound of least forecast error; without a forecast the clip where a unit may have several keys."""
    if len(choices) == 1:
        return choices[0]
    forecasts = [expected_sd(noise_for(c, nano_rho), guardrails.hints) for c in choices]
    if all(f is not None for f in forecasts):
        return choices[min(range(len(choices)), key=lambda i: forecasts[i] or 0.0)]
    several = choices[0].max_keys > 1
    clips = [c for c in choices if isinstance(c, Group) and c.scale > 1]
    rest = [c for c in choices if c not in clips]
    return (clips or rest)[0] if several else (rest or clips)[0]


def _center(group: AnyGroup) -> int:
    return group.statistics[0][0].offset if isinstance(group, Group) else 0


def _without_auto(choices: list[AnyGroup]) -> list[AnyGroup]:
    """Keep bounds whose noise is known before data is read: an absolute accuracy is priced directly (rule 24)."""
    fixed = [c for c in choices if not (isinstance(c, Group) and isinstance(c.bound, AutoClip))]
    if not fixed:
        raise AccuracyOutOfReach(
            "this aggregate has only an automatic clip, so its accuracy has no price before it is found",
            hint="ask with --epsilon instead, or have perUnit.upper or perGroup declared",
        )
    return fixed


def _price_of_accuracy(
    cleared: Cleared,
    guardrails: Guardrails,
    options: list[list[AnyGroup]],
    setting: Setting,
    confidence: Fraction,
) -> int:
    """Return the smallest price at which the first aggregate's interval is as narrow as asked.

    Raises:
        AccuracyOutOfReach: with the accuracy that the largest allowed price would give.
    """
    asked = cleared.query.asked.accuracy
    wanted = asked.half_width if asked is not None else cleared.request.options.accuracy
    if wanted is None:
        raise BadOption("no accuracy was given", hint="write WITH ACCURACY 500")

    def width(nano_rho: int) -> Fraction:
        selection = int(nano_rho * SELECTION_SHARE) if setting.must_sample else 0
        share = (nano_rho - selection) // len(options)
        if share < 1:
            return Fraction(NANO) ** 4
        return min(_half_width(c, share, confidence) for c in options[0])

    low, high = SMALLEST_NANO_RHO, guardrails.max_nano_rho
    best = width(high)
    if best > wanted:
        raise AccuracyOutOfReach(
            "this accuracy costs more than one question may cost",
            hint=f"at the highest price of a question the first aggregate comes within {float(best):.4g}",
        )
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if width(middle) <= wanted else (middle, high)
    return high


def _half_width(group: AnyGroup, nano_rho: int, confidence: Fraction) -> Fraction:
    noise = noise_for(group, nano_rho)
    step = group.statistics[0][0].step if isinstance(group, Group) else Fraction(1)
    return noise.half_widths(confidence)[0] * step


def _exact(
    query: Query, keys: tuple[Key, ...], setting: Setting, measured: tuple[Measured, ...]
) -> ExactPlan:
    groups = tuple(m.noise.group for m in measured if isinstance(m.noise.group, Group))
    shared = tuple(m.noise.group for m in measured if isinstance(m.noise.group, SharedDistinct))
    everything: tuple[AnyGroup, ...] = (*groups, *shared)
    sampled = [g.max_keys for g in everything if g.is_sampled]
    limit = min(sampled) if sampled else None
    if setting.must_sample:
        limit, _ = setting.keys_of_a_unit(with_sample=True)
    return ExactPlan(query.rows, setting.caps.rows, keys, groups, shared, limit, setting.must_sample)
