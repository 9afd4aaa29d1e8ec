"""How one unit's contribution to one aggregate can be bounded, from the contract alone; every way is a candidate.

Nothing here is a default: each candidate rests on numbers the contract declares, and where none can be formed the
refusal names the key that is missing (SECURITY.md rule 4).
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import isqrt

from jali.model.codes import NoBounds, NoContributionBound, OutOfNumbers
from jali.model.errors import JaliError
from jali.model.money import NANO
from jali.model.schema import AutoBound, Contribution
from jali.model.types import Kind
from jali.plan.exact import (
    FINE,
    FINE_BITS,
    AnyGroup,
    AutoClip,
    CellClamp,
    FixedClip,
    Group,
    SharedDistinct,
    Statistic,
    StatisticKind,
)
from jali.sql import caps, show, typed
from jali.sql.parse import REAL_STEP
from jali.sql.tree import (
    Aggregate,
    Call,
    ColumnRef,
    Expr,
    PerUnit,
    Range,
    Rows,
    Scan,
    Union,
    Windowed,
    columns_of,
    is_private,
    walk,
)

MOST_NORM = 2**40
"""Largest norm, in steps, of a clip; with it every product in the clip fits 126 bits (checked below)."""

AUTO_SHARE = Fraction(1, 5)
"""Share of a group's price that buys its automatic clip (SECURITY.md rule 23, docs/decisions/0014)."""

PRIOR = Fraction(34657, 100_000)
"""ln sqrt(2): what one step up the grid of norms must gain, in scales of the choice (docs/decisions/0014)."""

MOST_PRIOR_STEPS = 48

ROWS_OF_A_FLOOR = 16
"""Norms below a 16th of the largest value of one row are held back: where few units count, the data do not say where
the norm belongs, and one step of the grid would clip everything away (docs/decisions/0014)."""

MEAN_RANK = Fraction(95, 100)
"""Rank of the automatic clip of AVG. Both its parts shrink together, so clipping more units costs little bias, while
at rank 0.99 a too large norm is hardly less likely than the right one below some 10,000 units (docs/decisions/0003)."""

MOST_UNIT_ROWS = 2**32
"""No unit has more stored rows than this (`_rank` is 32 bits)."""


@dataclass(frozen=True, slots=True)
class Caps:
    """The declared caps that hold for the rows of a query.

    Attributes:
        finds_groups: `maxGroups: auto` is declared, and no number.
        finds_rows: `joinRows: auto` is declared, and no number; `rows` is then the end of the search.
        finds_distinct: columns with `maxDistinct: auto`.
    """

    rows: int | None
    max_groups: int | None
    max_distinct: Mapping[str, int] = field(default_factory=dict[str, int])
    per_group: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    clip: Mapping[str, Fraction | AutoBound] = field(default_factory=dict[str, "Fraction | AutoBound"])
    finds_groups: bool = False
    finds_rows: bool = False
    finds_distinct: frozenset[str] = frozenset()


def caps_of(rows: Rows) -> Caps:
    """Return the caps of all private tables of a query together; any declared cap may be enforced on any row."""
    found = list(_contributions(rows))
    groups = [c.max_groups for c in found if isinstance(c.max_groups, int)]
    finds_groups = not groups and any(isinstance(c.max_groups, AutoBound) for c in found)
    distinct: dict[str, int] = {}
    searched: set[str] = set()
    per_group: dict[str, Fraction] = {}
    clip: dict[str, Fraction | AutoBound] = {}
    for contribution in found:
        distinct |= {k.lower(): v for k, v in contribution.max_distinct.items() if isinstance(v, int)}
        searched |= {k.lower() for k, v in contribution.max_distinct.items() if isinstance(v, AutoBound)}
        per_group |= {k.lower(): v for k, v in contribution.per_group.items()}
        clip |= {k.lower(): v for k, v in contribution.clip.items()}
    most = max(groups) if groups else None
    return Caps(
        rows=caps.rows_of(rows),
        max_groups=most,
        max_distinct=distinct,
        per_group=per_group,
        clip=clip,
        finds_groups=finds_groups,
        finds_rows=caps.finds_rows(rows),
        finds_distinct=frozenset(searched - distinct.keys()),
    )


def _contributions(rows: Rows) -> list[Contribution]:
    found: list[Contribution] = []
    for source in rows.multiplying:
        match source:
            case Scan():
                found += [source.table.contribution] if is_private(source) else []
            case PerUnit() | Windowed():
                found += _contributions(source.rows)
            case Union():
                found.append(_added([caps_of(branch.rows) for branch in source.branches]))
    return found


def _added(branches: list[Caps]) -> Contribution:
    """Return what holds for a UNION ALL: a cap that every branch declares, added up (see `tree.Union`)."""
    groups = [b.max_groups for b in branches if b.max_groups is not None]
    is_found = all(b.max_groups is not None or b.finds_groups for b in branches)
    clips = [b.clip for b in branches]
    clip: dict[str, Fraction | AutoBound] = {}
    for name in _shared_names(clips):
        fixed = [v for v in (c[name] for c in clips) if isinstance(v, Fraction)]
        clip[name] = sum(fixed, Fraction(0)) if len(fixed) == len(clips) else AutoBound()
    totals = [b.per_group for b in branches]
    return Contribution(
        max_groups=sum(groups) if len(groups) == len(branches) else AutoBound() if is_found else None,
        max_distinct=_added_distinct(branches),
        per_group={name: sum((t[name] for t in totals), Fraction(0)) for name in _shared_names(totals)},
        clip=clip,
    )


def _added_distinct(branches: list[Caps]) -> dict[str, int | AutoBound]:
    """Return the distinct values of columns that every branch bounds, added up; to be found where one of them is."""
    found: dict[str, int | AutoBound] = {}
    for name in {name for b in branches for name in (*b.max_distinct, *b.finds_distinct)}:
        given = [b.max_distinct[name] for b in branches if name in b.max_distinct]
        if len(given) == len(branches):
            found[name] = sum(given)
        elif all(name in b.max_distinct or name in b.finds_distinct for b in branches):
            found[name] = AutoBound()
    return found


def _shared_names(declared: Sequence[Mapping[str, object]]) -> list[str]:
    return [name for name in declared[0] if all(name in one for one in declared)]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the grouping of a query says about one unit.

    Attributes:
        caps: declared caps.
        cells: number of declared keys; 0 where keys are selected.
        must_sample: keys are selected, so the L0 sample always acts.
        spread: keys over which one unit's loss to a clip probably spreads: numbers and dates count in full, a long list
            of names as one, because few names usually hold most of a measure.
        units: `hints.units`, the declared number of units; None where undeclared.
        default_nano_rho: price of a question at the contract's default.
        distinct: number of a family -> distinct values of a unit at a key that were found privately for it.
    """

    caps: Caps
    cells: int
    must_sample: bool
    spread: int = 1
    units: int | None = None
    default_nano_rho: int = 0
    distinct: Mapping[int, int] = field(default_factory=dict[int, int])

    def keys_of_a_unit(self, *, with_sample: bool) -> tuple[int, bool]:
        """Return how many keys one unit can have, and whether the L0 sample is needed for that.

        Raises:
            NoContributionBound: if keys are selected and maxGroups is missing.
        """
        limits = [x for x in (self.cells or None, self.caps.rows) if x is not None]
        free = min(limits) if limits else None
        groups = self.caps.max_groups
        if self.must_sample:
            caps_given = [x for x in (groups, free) if x is not None]
            if not caps_given:
                raise NoContributionBound(
                    "grouping by keys that are not declared needs a cap on one unit's keys",
                    hint="declare contribution.maxGroups in the contract",
                )
            return min(caps_given), True
        if with_sample and groups is not None and (free is None or groups < free):
            return groups, True
        if free is None:
            raise NoContributionBound(
                "one unit's keys have no bound",
                hint="declare contribution.maxRows or maxGroups in the contract",
            )
        return free, False


def candidates(aggregate: Aggregate, number: int, setting: Setting, rows: Rows) -> list[AnyGroup]:
    """Return every way to bound an aggregate, each a group of statistics.

    Raises:
        NoContributionBound, NoBounds: naming the missing key, if there is no way.
    """
    problems: list[JaliError] = []
    found: list[AnyGroup] = []
    makers = {
        "count": (_count_clip, _count_clamp),
        "sum": (_sum_clip, _sum_clamp),
        "mean": (_mean_clip, _mean_clamp),
        "count_units": (_units,),
        "count_distinct": (_distinct_clip, _distinct_clamp, _distinct_shared),
    }[aggregate.kind]
    for make in makers:
        try:
            group = make(aggregate, number, setting, rows)
        except JaliError as error:
            problems.append(error)
            continue
        if group is not None:
            found.append(group)
    if not found:
        none = NoContributionBound(
            f"{show.in_words(aggregate)} has no contribution bound",
            hint="declare contribution.clip in the contract",
        )
        raise next((p for p in problems if isinstance(p, NoBounds)), [*problems, none][0])
    return found


def _column_name(expression: Expr | None) -> str:
    """Return the declared name of a column, by which the contract bounds it; empty for all else."""
    if not isinstance(expression, ColumnRef) or expression.column is None or expression.name.startswith("_"):
        return ""
    return expression.name.lower()


def norm_grid(end: int) -> tuple[int, ...]:
    """Return the candidates of an automatic clip: whole numbers near powers of sqrt(2), ending at `end`.

    Example:
        >>> norm_grid(10)
        (1, 2, 4, 5, 8, 10)
    """
    grid: list[int] = []
    power = 0
    while isqrt(1 << power) < end:
        value = isqrt(1 << power)
        if not grid or value > grid[-1]:
            grid.append(value)
        power += 1
    return (*grid, end)


FEW_NAMES = 15
"""A list of names up to this size is taken to be evenly filled."""

_SPREAD = 20
"""Guess of how many times more keys there are than one unit may hold, where keys are not declared."""

_FEW = 4
_FIXED = ((_FEW, Fraction(99, 100)), (15, Fraction(98, 100)), (None, Fraction(96, 100)))
"""Keys up to -> rank of an automatic clip where the contract gives no `hints.units` (SECURITY.md rule 23)."""


def rank_for(keys: int, units: int | None, default_nano_rho: int) -> Fraction:
    """Return the quantile an automatic clip aims at: from the contract and its hints, never from data.

    A clip costs bias for each unit above it and noise in proportion to itself, so the best number of units above it
    does not grow with the population: about as many as the noise scale at unit sensitivity, for every key the loss
    is spread over. It must also be a few times the scale of the choice to be found at all. With s the noise scale at
    the contract's default price (so that the rank does not depend on the price of the question),
    A = max(2 sqrt(10) s, s keys / 2), and at least 4 sqrt(10) s above 4 keys, units are left above. At 2,500 units
    and epsilon 1 these are nearly the fixed ranks 0.99, 0.98 and 0.96 (docs/decisions/0010).

    Example:
        >>> [float(rank_for(k, 2500, 28_396_703)) for k in (1, 13, 55)]
        [0.9892, 0.9784, 0.9536]
    """
    fixed = next(f for most, f in _FIXED if most is None or keys <= most)
    if units is None or default_nano_rho <= 0 or units < 1:
        return fixed
    times = 2 if keys <= _FEW else 4
    found = isqrt(times * times * 10 * NANO // (2 * default_nano_rho))
    above = max(found, isqrt(keys * keys * NANO // (8 * default_nano_rho))) + 1
    return max(Fraction(3, 4), 1 - Fraction(max(1, above * 10**6 // units), 10**6))


def prior_steps(
    rank: Fraction, units: int | None, default_nano_rho: int, share: Fraction = AUTO_SHARE
) -> int:
    """Return over how many steps of the grid larger norms are held back: as many as the data can outweigh.

    The units below the norm that is sought keep a choice from falling to the smallest candidate; n q units are worth
    n q / b scales of the choice, b = sqrt(1 / (2 rho)) at its share of the default price. A third of that is given
    to the prior. Without `hints.units` half the longest prior is taken.

    Example:
        >>> [prior_steps(Fraction(9, 10), n, 28_396_703) for n in (60, 300, 2500)]
        [5, 27, 48]
    """
    if units is None or default_nano_rho <= 0:
        return MOST_PRIOR_STEPS // 2
    scale = isqrt(NANO * 10**6 // (2 * max(1, int(default_nano_rho * share))))
    return min(MOST_PRIOR_STEPS, int(units * rank * 1000 / scale / (3 * PRIOR)))


def _clip(
    setting: Setting, names: tuple[str, ...], end: int | None, step: Fraction
) -> AutoClip | FixedClip | None:
    """Return the clip the contract declares for one of `names` ("rows" or a column), or the automatic one."""
    declared = setting.caps.clip
    for name in names:
        value = declared.get(name)
        if isinstance(value, Fraction):
            norm = (value / step).__floor__()
            return FixedClip(_checked(norm) ** 2) if norm >= 1 else None
    is_auto = any(isinstance(declared.get(n), AutoBound) for n in (*names, "*"))
    if not is_auto:
        return None
    if end is None or end < 1:
        raise NoContributionBound(
            "an automatic clip needs an end for its search",
            hint="declare perUnit.upper of the column, or contribution.maxRows, in the contract",
        )
    keys = setting.spread if setting.cells else (setting.caps.max_groups or 1)
    rank = rank_for(keys, setting.units, setting.default_nano_rho)
    if setting.must_sample:  # how many keys there are is not declared; a unit holds a small part of them
        many = rank_for(_SPREAD * keys, setting.units, setting.default_nano_rho)
        rank = max(many, rank_for(keys, None, 0))
    return auto_clip(norm_grid(_checked(end)), rank, setting)


def auto_clip(norms: tuple[int, ...], rank: Fraction, setting: Setting) -> AutoClip:
    """Return an automatic clip among these norms, with the prior the population allows."""
    return AutoClip(norms, rank, prior_steps(rank, setting.units, setting.default_nano_rho))


def _checked(norm: int) -> int:
    if norm > MOST_NORM:
        raise OutOfNumbers(
            "a clip is too large for exact arithmetic", hint="declare a coarser resolution or a tighter bound"
        )
    return norm


def root_bits(largest: int, rows: int | None, cells: int, norm: int = MOST_NORM) -> int:
    """Prove that everything a clip computes fits 126 bits, whatever the data; return how many digits are left over.

    With T = largest * rows at least one unit's sum of absolute values, the clip computes S <= T^2, ceil(sqrt(S) 2^e)
    and |v| * 2^16 * C * 2^e with |v| <= T.

    Args:
        largest: largest absolute (weighted) value of one row.
        rows: rows of one unit; None where nothing is declared.
        cells: declared keys.
        norm: largest norm C of the clip.

    Raises:
        OutOfNumbers: if not even e = 0 fits.
    """
    total = largest * (rows if rows is not None else MOST_UNIT_ROWS)
    for bits in range(FINE_BITS, -1, -1):
        if total * total << (2 * bits) < 2**126 and (total * FINE * norm) << bits < 2**126 and cells <= 2**31:
            return bits
    raise OutOfNumbers(
        "one unit's sum of squares could leave 126 bits",
        hint="declare tighter bounds, a coarser resolution or contribution.maxRows",
    )


def clipped(
    number: int,
    statistics: tuple[tuple[Statistic, int], ...],
    clip: AutoClip | FixedClip,
    setting: Setting,
    largest: int = 1,
) -> Group:
    """Return a norm clip; `largest` is the largest absolute weighted value of one row."""
    keys, sampled = setting.keys_of_a_unit(with_sample=False)
    norm = clip.norms[-1] if isinstance(clip, AutoClip) else isqrt(clip.squared_norm) + 1
    bits = root_bits(largest, setting.caps.rows, setting.cells, norm)
    if isinstance(clip, AutoClip) and largest < norm:
        clip = replace(clip, floor=bisect_left(clip.norms, largest // ROWS_OF_A_FLOOR))
    return Group(f"g{number}", statistics, clip, keys, sampled, root_bits=bits)


def _clamped(
    number: int, statistic: Statistic, limits: tuple[int, int], setting: Setting, total: int | None
) -> Group:
    """Return a per-key clamp; `total` bounds one unit's sum of absolute values over all keys where known."""
    keys, sampled = setting.keys_of_a_unit(with_sample=True)
    most = max(abs(limits[0]), abs(limits[1]))
    squared = keys * most * most
    l1 = keys * most
    if total is not None:
        squared, l1 = min(squared, most * max(total, most)), min(l1, max(total, most))
    return Group(f"g{number}", ((statistic, 1),), CellClamp((limits,)), keys, sampled, squared, l1)


def _rows_statistic(aggregate: Aggregate, number: int) -> Statistic:
    return Statistic(f"s{number}", StatisticKind.ROWS, aggregate.arg, aggregate.where)


def _count_clip(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group | None:
    clip = _clip(setting, ("rows",), setting.caps.rows, Fraction(1))
    if clip is None:
        return None
    return clipped(number, ((_rows_statistic(aggregate, number), 1),), clip, setting)


def _count_clamp(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group:
    per_group = setting.caps.per_group.get("rows")
    limits = [int(x) for x in (per_group, setting.caps.rows) if x is not None]
    if not limits:
        raise NoContributionBound(
            "COUNT has no bound on one unit's rows", hint="declare contribution.maxRows in the contract"
        )
    return _clamped(number, _rows_statistic(aggregate, number), (0, min(limits)), setting, setting.caps.rows)


def _summed(aggregate: Aggregate) -> tuple[Expr, Fraction]:
    """Return the argument of a sum or mean and the grid its values are summed on."""
    if aggregate.arg is None:
        raise NoBounds("SUM and AVG take a value", hint="name a column")
    step = (
        aggregate.arg.type.step if aggregate.arg.type.kind is Kind.NUMBER else real_step(aggregate.arg.range)
    )
    return aggregate.arg, step


def real_step(range_: Range) -> Fraction:
    """Return the grid doubles are summed on: six decimals, or a ten-millionth of a wide range, a power of ten."""
    step = REAL_STEP
    if range_.low is None or range_.high is None:
        return step
    widest = max(abs(range_.low), abs(range_.high))
    while widest / step > 10**7 and step < 10**9:
        step *= 10
    return step


def in_steps(range_: Range, step: Fraction) -> tuple[int, int] | None:
    """Return a known range on the grid, inward: ceil(lower / r) and floor(upper / r) (SECURITY.md rule 1)."""
    if range_.low is None or range_.high is None:
        return None
    low, high = -((-range_.low / step).__floor__()), (range_.high / step).__floor__()
    if low > high:
        raise NoBounds("the bounds of a value hold no point of its grid", hint="declare a finer resolution")
    return low, high


def _per_unit(expression: Expr, step: Fraction) -> int | None:
    upper = caps.unit_total(expression)
    return None if upper is None else (upper / step).__floor__()


def _no_bounds(aggregate: Aggregate) -> NoBounds:
    name = _column_name(aggregate.arg) or "x"
    usual = f"declare bounds in the contract, or write SUM(LEAST(GREATEST({name}, 0), 100)) with the range you expect"
    return NoBounds(
        f"{show.in_words(aggregate)} has no bounds, so its noise cannot be computed",
        hint=narrower(aggregate.arg) or usual,
    )


_LOGARITHMS = frozenset({"ln", "log10", "log2"})


def narrower(expression: Expr | None) -> str:
    """Return how to bound what has no range because of a date or a logarithm in it; empty for all else."""
    for one in walk(expression) if expression is not None else ():
        if one.range.is_known:
            continue
        if one.type.kind in {Kind.DATE, Kind.TIMESTAMP} and isinstance(one, ColumnRef):
            name = _column_name(one) or "d"
            last, first = (f"{one.type.kind.value} '{year}'" for year in ("2024-12-31", "2024-01-01"))
            return f"say which dates you expect: LEAST(GREATEST({name}, {first}), {last}) instead of {name}"
        if isinstance(one, Call) and one.function in _LOGARITHMS and one.args[0].range.is_known:
            return "a logarithm has no bound near 0: write GREATEST(x, 1) inside it, with the least value you expect"
    return ""


def _sum_statistic(
    aggregate: Aggregate, number: int, step: Fraction, limits: tuple[int, int], offset: int = 0
) -> Statistic:
    return Statistic(
        f"s{number}", StatisticKind.SUM, aggregate.arg, aggregate.where, limits[0], limits[1], offset, step
    )


def _sum_clip(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group | None:
    expression, step = _summed(aggregate)
    limits = in_steps(expression.range, step)
    rows = setting.caps.rows
    ends = [_per_unit(expression, step)]
    if limits is not None and rows is not None:
        ends.append(rows * max(abs(limits[0]), abs(limits[1]), 1))
    known = [e for e in ends if e is not None]
    clip = _clip(
        setting,
        (_column_name(expression),) if _column_name(expression) else (),
        min(known) if known else None,
        step,
    )
    if clip is None:
        return None
    norm = clip.norms[-1] if isinstance(clip, AutoClip) else isqrt(clip.squared_norm)
    limits = limits or (-norm, norm)
    largest = max(abs(limits[0]), abs(limits[1]), 1)
    return clipped(number, ((_sum_statistic(aggregate, number, step, limits), 1),), clip, setting, largest)


def _sum_clamp(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group:
    expression, step = _summed(aggregate)
    limits = in_steps(expression.range, step)
    if limits is None:
        raise _no_bounds(aggregate)
    most = max(abs(limits[0]), abs(limits[1]), 1)
    rows, per_rows = setting.caps.rows, setting.caps.per_group.get("rows")
    declared = setting.caps.per_group.get(_column_name(expression)) if _column_name(expression) else None
    ends = [
        None if declared is None else (declared / step).__floor__(),
        None if per_rows is None else int(per_rows) * most,
        None if rows is None else rows * most,
        _per_unit(expression, step),
    ]
    known = [e for e in ends if e is not None]
    if not known:
        raise NoContributionBound(
            "SUM has no bound on one unit's total",
            hint="declare contribution.maxRows or perUnit.upper in the contract",
        )
    end = max(1, min(known))
    cell = (0 if limits[0] >= 0 else -end, 0 if limits[1] <= 0 else end)
    root_bits(most, rows, setting.cells, 1)
    total = None if rows is None else rows * most
    return _clamped(number, _sum_statistic(aggregate, number, step, limits), cell, setting, total)


@dataclass(frozen=True, slots=True)
class _Mean:
    """The two statistics of AVG: sum of (x - center) and rows, with the weight of the rows in the joint norm."""

    statistics: tuple[tuple[Statistic, int], ...]
    deviation: int
    weight: int


def center_of(expression: Expr, step: Fraction, limits: tuple[int, int]) -> tuple[int, bool]:
    """Return the value AVG is measured around, in steps, and whether the contract declares it.

    Declared `bounds.center`; else 0 where the range starts at 0 (amounts are skewed towards it); else the middle.
    """
    column = expression.column if isinstance(expression, ColumnRef) else None
    if column is not None and column.bounds is not None and column.bounds.center is not None:
        return round(column.bounds.center / step), True
    return (0 if limits[0] == 0 else (limits[0] + limits[1]) // 2), False


def _mean_parts(aggregate: Aggregate, number: int) -> _Mean:
    expression, step = _summed(aggregate)
    limits = in_steps(expression.range, step)
    if limits is None:
        raise _no_bounds(aggregate)
    center, is_declared = center_of(expression, step, limits)
    deviation = max(limits[1] - center, center - limits[0], 1)
    weight = max(1, deviation // (64 if is_declared else 4))
    present = typed.is_null(aggregate.arg) if aggregate.arg is not None else typed.constant(False)
    counted = typed.boolean("not", (present,))
    where = counted if aggregate.where is None else typed.boolean("and", (counted, aggregate.where))
    total = _sum_statistic(aggregate, number, step, limits, center)
    rows = Statistic(f"s{number}n", StatisticKind.ROWS, None, where)
    return _Mean(((total, 1), (rows, weight)), deviation, weight)


def _mean_clip(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group | None:
    if not any(isinstance(v, AutoBound) for v in setting.caps.clip.values()):
        return None
    parts = _mean_parts(aggregate, number)
    rows = setting.caps.rows
    clip = _clip(setting, (), _mean_end(aggregate, parts, rows), Fraction(1))
    if clip is None:
        return None
    if isinstance(clip, AutoClip):
        clip = auto_clip(clip.norms, MEAN_RANK, setting)
    return clipped(number, parts.statistics, clip, setting, parts.deviation + parts.weight)


def _mean_end(aggregate: Aggregate, parts: _Mean, rows: int | None) -> int | None:
    """Return a bound of the joint norm of (d, w n): n <= R, and |d| <= D R, or max(perUnit.upper, c R) if smaller."""
    if rows is None:
        return None
    expression, step = _summed(aggregate)
    deviation = parts.deviation * rows
    upper = _per_unit(expression, step)
    statistic = parts.statistics[0][0]
    if upper is not None and statistic.low is not None and statistic.low >= 0:
        deviation = min(deviation, max(upper, abs(statistic.offset) * rows))
    return isqrt(deviation**2 + (parts.weight * rows) ** 2) + 1


def _mean_clamp(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group:
    """Bound AVG by the unit's row cap R: |d| <= D R and n <= R, so d^2 + (w n)^2 <= R^2 (D^2 + w^2)."""
    parts = _mean_parts(aggregate, number)
    rows = setting.caps.rows
    if rows is None:
        raise NoContributionBound(
            "AVG has no bound on one unit's rows", hint="declare contribution.maxRows in the contract"
        )
    keys, sampled = setting.keys_of_a_unit(with_sample=False)
    squared = rows * rows * (parts.deviation**2 + parts.weight**2)
    root_bits(parts.deviation + parts.weight, rows, setting.cells, 1)
    reach = rows * parts.deviation
    return Group(
        f"g{number}", parts.statistics, CellClamp(((-reach, reach), (0, rows))), keys, sampled, squared
    )


def _units(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group:
    """COUNT(DISTINCT unit): one per key; the norm sqrt(min(keys, maxGroups)) is used as it is (SECURITY.md rule 23)."""
    counted = aggregate.arg if aggregate.arg is not None and aggregate.arg.nullable else None
    statistic = Statistic(f"s{number}", StatisticKind.UNITS, counted, aggregate.where)
    keys, sampled = setting.keys_of_a_unit(with_sample=False)
    groups = setting.caps.max_groups
    if not sampled and groups is not None and groups < keys:
        return clipped(number, ((statistic, 1),), FixedClip(groups), setting)
    return Group(f"g{number}", ((statistic, 1),), CellClamp(((0, 1),)), keys, sampled, keys, keys)


def _distinct_upper(aggregate: Aggregate) -> int | None:
    upper = caps.unit_total(aggregate.arg) if aggregate.arg is not None else None
    return None if upper is None else int(upper)


def _distinct_statistic(aggregate: Aggregate, number: int) -> Statistic:
    return Statistic(f"s{number}", StatisticKind.DISTINCT, aggregate.arg, aggregate.where)


def _distinct_clip(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group | None:
    upper = _distinct_upper(aggregate)
    if upper is None:
        return None
    clip = _clip(setting, (_column_name(aggregate.arg),), upper, Fraction(1))
    if clip is None:
        return None
    return clipped(number, ((_distinct_statistic(aggregate, number), 1),), clip, setting)


def _distinct_clamp(aggregate: Aggregate, number: int, setting: Setting, _rows: Rows) -> Group | None:
    upper = _distinct_upper(aggregate)
    if upper is None:
        return None
    declared = setting.caps.max_distinct.get(_column_name(aggregate.arg))
    end = min(x for x in (upper, declared, setting.caps.rows) if x is not None)
    return _clamped(
        number, _distinct_statistic(aggregate, number), (0, max(1, end)), setting, setting.caps.rows
    )


def finds_distinct(expression: Expr, caps_: Caps) -> bool:
    """Return whether the distinct values of an expression are bounded by a number that is to be found."""
    return any(_column_name(c) in caps_.finds_distinct for c in columns_of(expression))


def most_distinct(expression: Expr, caps_: Caps) -> int:
    """Return how many distinct values of an expression a unit keeps at a key, or the end of the search for it.

    Raises:
        NoContributionBound: naming what is missing.
    """
    if not finds_distinct(expression, caps_):
        return _most_distinct(expression, caps_.max_distinct)
    if caps_.rows is None:
        raise NoContributionBound(
            "maxDistinct: auto needs an end for its search",
            hint="declare contribution.maxRows (contribution.joinRows for a join) in the contract",
        )
    ends = dict.fromkeys(caps_.finds_distinct, caps_.rows) | dict(caps_.max_distinct)
    return min(caps_.rows, _most_distinct(expression, ends))


def _most_distinct(expression: Expr, declared: Mapping[str, int]) -> int:
    """Return how many distinct values of an expression a unit keeps at a key: at most those of its columns together.

    A function of one column has no more values than the column; of several, no more than there are combinations, NULL
    counted as a value. The bound is enforced on the values of the expression.

    Raises:
        NoContributionBound: naming the first column whose maxDistinct is missing.
    """
    columns = columns_of(expression)
    most = 1
    for column in columns:
        name = _column_name(column)
        if name not in declared:
            raise NoContributionBound(
                f"COUNT(DISTINCT {name or 'x'}) has no bound on one unit's distinct values",
                hint=f"declare contribution.maxDistinct.{name or 'column'}, or the column's perUnit.upper, "
                "in the contract",
            )
        is_valued = column.nullable and (len(columns) > 1 or not expression.nullable)
        most *= declared[name] + is_valued
    return min(most, _TRUTHS) if expression.type.kind is Kind.BOOLEAN else most


_TRUTHS = 2
"""Values of a condition that are counted."""


def _distinct_shared(
    aggregate: Aggregate, number: int, setting: Setting, _rows: Rows
) -> SharedDistinct | None:
    if _distinct_upper(aggregate) is not None or aggregate.arg is None:
        return None
    per_key = setting.distinct.get(number) or most_distinct(aggregate.arg, setting.caps)
    keys, sampled = setting.keys_of_a_unit(with_sample=True)
    return SharedDistinct(f"g{number}", aggregate.arg, aggregate.where, per_key, keys, sampled)
