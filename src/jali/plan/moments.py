"""VAR, STDDEV, COVAR, CORR and REGR_SLOPE: one unit's moments, bounded together by one norm.

Measured are the number of rows and the sums of d, e, d e, d^2, e^2 with d = x - c and e = y - c' (the centres of
`bounds.center_of`), over rows where no argument is NULL. One factor w <= 1 scales all of a unit's moments: by its
row cap R, or by the norm clip of SECURITY.md rule 6. So the squared L2 sensitivity over all keys is
R^2 sum_j (w_j m_j)^2, with m_j the largest absolute value of moment j in one row, or the squared norm of the clip.
The weights w_j make a typical row count alike in every moment; they only decide how the price is shared.

A second moment is counted on a grid `coarser` times the product of the two grids where its largest sum would leave
38 bits; each row is rounded by itself, so the bound holds for the rounded values.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from jali.model.codes import NoBounds, NoContributionBound, OutOfNumbers
from jali.model.schema import AutoBound
from jali.model.types import Kind
from jali.plan import bounds
from jali.plan.exact import CellClamp, Group, Statistic, StatisticKind
from jali.plan.families import Family
from jali.sql import show, typed
from jali.sql.tree import Expr, Literal, Range

_LARGEST_SUM = 2**38
"""Largest weighted sum of one unit: noise at this norm still fits 64 bits of fine steps."""

_DECLARED, _AT_AN_END, _BETWEEN = 32, 16, 4
"""A typical distance from the centre is taken to be this part of the largest one: amounts are skewed, and a centre
that somebody declared, or the low end of a range, lies where most of them are."""


@dataclass(frozen=True, slots=True)
class _Argument:
    """One argument around its centre, in steps of its grid."""

    expression: Expr
    step: Fraction
    low: int
    high: int
    center: int
    is_declared: bool

    @property
    def largest(self) -> int:
        return max(self.high - self.center, self.center - self.low, 1)

    @property
    def typical(self) -> int:
        at_end = _AT_AN_END if self.center in {self.low, self.high} else _BETWEEN
        return max(1, self.largest // (_DECLARED if self.is_declared else at_end))

    def deviation(self) -> Expr:
        """Return the clamped value less the centre."""
        kind, center = self.expression.type, self.center * self.step
        middle = Literal(center, kind, Range(center, center), Range(center, center))
        return typed.arithmetic("sub", typed.tighten(self.expression), middle)


@dataclass(frozen=True, slots=True)
class Moment:
    """One measured moment: its statistic, its weight in the norm and its largest absolute value in one row."""

    statistic: Statistic
    weight: int
    largest: int


def moment_groups(family: Family, number: int, setting: bounds.Setting) -> list[Group]:
    """Return the ways to bound a family of moments: a norm clip where the contract says `clip: auto`, and the row cap.

    Raises:
        NoBounds, NoContributionBound: naming what is missing.
        OutOfNumbers: if the numbers do not fit, whatever the grid.
    """
    rows = setting.caps.rows
    if rows is None:
        raise NoContributionBound(
            f"{show.in_words(family.first)} has no bound on one unit's rows",
            hint="declare contribution.maxRows in the contract",
        )
    moments = _moments(family, number, rows)
    largest = sum(m.weight * m.largest for m in moments)
    squared = rows * rows * sum((m.weight * m.largest) ** 2 for m in moments)
    statistics = tuple((m.statistic, m.weight) for m in moments)
    keys, sampled = setting.keys_of_a_unit(with_sample=False)
    found: list[Group] = []
    if any(isinstance(v, AutoBound) for v in setting.caps.clip.values()):
        clip = bounds.auto_clip(bounds.norm_grid(isqrt(squared) + 1), bounds.MEAN_RANK, setting)
        found.append(bounds.clipped(number, statistics, clip, setting, largest))
    bounds.root_bits(largest, rows, setting.cells, 1)
    limits = tuple((-rows * m.largest, rows * m.largest) for m in moments)
    found.append(Group(f"g{number}", statistics, CellClamp(limits), keys, sampled, squared))
    return found


def _moments(family: Family, number: int, rows: int) -> tuple[Moment, ...]:
    arguments = [_argument(e, family) for e in family.first.arguments]
    coarser = 1
    while True:
        found = _at(family, number, arguments, coarser)
        if rows * rows * sum((m.weight * m.largest) ** 2 for m in found) <= _LARGEST_SUM**2:
            return found
        if coarser > 2**80:
            raise OutOfNumbers(
                f"{show.in_words(family.first)} is too large for exact arithmetic",
                hint="declare a coarser resolution, tighter bounds or a smaller contribution.maxRows",
            )
        coarser *= 2


def _argument(expression: Expr, family: Family) -> _Argument:
    step = expression.type.step if expression.type.kind is Kind.NUMBER else bounds.real_step(expression.range)
    limits = bounds.in_steps(expression.range, step)
    if limits is None:
        raise NoBounds(
            f"{show.in_words(family.first)} has no bounds, so its noise cannot be computed",
            hint=bounds.narrower(expression)
            or "declare bounds in the contract, or write LEAST(GREATEST(x, 0), 100) with the range you expect",
        )
    center, is_declared = bounds.center_of(expression, step, limits)
    return _Argument(expression, step, *limits, center, is_declared)


def _at(family: Family, number: int, arguments: list[_Argument], coarser: int) -> tuple[Moment, ...]:
    """Return the moments with second ones on a grid `coarser` times their own."""
    by_name = dict(zip("xy", arguments, strict=False))
    counted = _counted(family)
    parts = [_part(name, by_name, coarser) for name in family.moments]
    most = max(typical for _, typical in parts)
    found: list[Moment] = []
    for index, (name, (largest, typical)) in enumerate(zip(family.moments, parts, strict=True)):
        statistic = _statistic(f"s{number}m{index}", name, by_name, counted, coarser)
        found.append(Moment(statistic, max(1, most // typical), largest))
    return tuple(found)


def _part(name: str, by_name: dict[str, _Argument], coarser: int) -> tuple[int, int]:
    """Return the largest and a typical absolute value of a moment in one row."""
    match name:
        case "n":
            return 1, 1
        case "x" | "y":
            return by_name[name].largest, by_name[name].typical
        case _:
            a, b = by_name[name[0]], by_name[name[1]]
            # rounding to the coarser grid moves a value away from zero by less than one step
            return -(-a.largest * b.largest // coarser), max(1, a.typical * b.typical // coarser)


def _statistic(id_: str, name: str, by_name: dict[str, _Argument], counted: Expr, coarser: int) -> Statistic:
    if name == "n":
        return Statistic(id_, StatisticKind.ROWS, None, counted)
    if name in by_name:
        one = by_name[name]
        return Statistic(
            id_, StatisticKind.SUM, one.expression, counted, one.low, one.high, one.center, one.step
        )
    a, b = by_name[name[0]], by_name[name[1]]
    product = typed.arithmetic("mul", a.deviation(), b.deviation())
    most = a.largest * b.largest
    low = 0 if a == b else -most
    step = a.step * b.step * coarser
    return Statistic(id_, StatisticKind.SUM, product, counted, low, most, 0, step, coarser)


def _counted(family: Family) -> Expr:
    parts = [typed.boolean("not", (typed.is_null(e),)) for e in family.first.arguments]
    if family.first.where is not None:
        parts.append(family.first.where)
    found = parts[0]
    for part in parts[1:]:
        found = typed.boolean("and", (found, part))
    return found
