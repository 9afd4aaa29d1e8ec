"""What to measure for several questions that are answered together, for one price.

Every question asks for sums over the cells of declared keys of the same rows, so it can be read off any measured
grouping that has its keys. Measuring each by itself splits the price into many parts; measuring one fine grouping
adds up many noisy cells. In between, groups of questions share one grouping each: the union of their keys.

The choice starts with one grouping per set of keys and merges, while that helps, the two whose union lowers the
forecast most. For Gaussian noise the variance of question q from grouping g at price r is c(q, g) / r, so at a total
price R the sum over questions is least, (sum_g sqrt(A_g))^2 / R, at r_g proportional to sqrt(A_g) with
A_g = sum_q c(q, g) (Cauchy-Schwarz). Variances are counted relative to those of the question asked alone with an equal
part of the price, so that counts and sums weigh alike. The forecast reads plans and declared hints alone, never data.

Source: the selection step of the matrix mechanism over marginals, e.g. McKenna, Miklau, Hay and Machanavajjhala,
"Optimizing error of high-dimensional statistical queries under differential privacy" (VLDB 2018), section 6.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf, isqrt, sqrt
from typing import TypeAlias

from jali.model.codes import BadOption, NotAdditive, OutOfNumbers, Unsupported
from jali.model.errors import JaliError
from jali.model.money import NOTHING, Cost
from jali.model.schema import Hints
from jali.plan.build import repriced
from jali.plan.derive import spreads
from jali.plan.exact import AutoClip, Group
from jali.plan.forecast import typical_norm
from jali.plan.levels import is_additive
from jali.plan.price import SMALLEST_NANO_RHO
from jali.plan.private import Measured, PrivatePlan
from jali.plan.second import RHO
from jali.sql import show
from jali.sql.show import in_words
from jali.sql.tree import Aggregate, Asked, ColumnRef, Named, Query, aggregate_ref, key_ref

Build: TypeAlias = Callable[[Query], PrivatePlan]
"""Clears and plans a grouping, at the price of the whole workload."""

MOST_QUESTIONS = 128


@dataclass(frozen=True, slots=True)
class Measurement:
    """One grouping that is measured, and the questions (by place) that are read off it."""

    plan: PrivatePlan
    questions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Noise of the first aggregate of a question, in its unit: answered jointly, and alone for an equal part."""

    joint: float | None
    alone: float | None


@dataclass(frozen=True, slots=True)
class Workload:
    """What is measured for a workload; the price is the sum over the measurements."""

    measurements: tuple[Measurement, ...]
    forecasts: tuple[Forecast, ...]

    @property
    def nano_rho(self) -> int:
        """Return the price of everything, in rho."""
        return self.cost.nano_rho

    @property
    def cost(self) -> Cost:
        """Return the price of everything: the measurements add up on both scales."""
        return sum((m.plan.cost for m in self.measurements), NOTHING)


def check_questions(plans: Sequence[PrivatePlan]) -> None:
    """Refuse a workload whose questions are no sums over declared keys of the same rows.

    Raises:
        BadOption: for a price inside a question, or too many questions.
        Unsupported, NotAdditive: naming the first question that does not fit.
    """
    if not 1 <= len(plans) <= MOST_QUESTIONS:
        raise BadOption(
            f"a workload has 1 to {MOST_QUESTIONS} questions", hint="write several SELECTs separated by ;"
        )
    rows = show.canonical_rows(plans[0].exact.rows)
    for number, plan in enumerate(plans, 1):
        asked = plan.cleared.query.asked
        if asked.explain or asked.accuracy is not None or asked.epsilon is not None or plan.gate != RHO:
            raise BadOption(
                f"question {number} has a price of its own", hint="give --epsilon for the whole workload"
            )
        if show.canonical_rows(plan.exact.rows) != rows:
            raise Unsupported(
                f"question {number} has another FROM or WHERE than the first one",
                hint="a workload asks one set of rows; put other rows in another file, or group by what they differ in",
            )
        _check_sums(number, plan)


def _check_sums(number: int, plan: PrivatePlan) -> None:
    for key in plan.exact.keys:
        if key.values is None:
            raise NotAdditive(
                f"question {number}: {key.name} is not declared", hint="ask it by itself with jali query"
            )
    if not plan.measured:
        raise Unsupported(f"question {number} measures nothing", hint="ask it by itself: it is free")
    for one in plan.measured:
        if not is_additive(one.aggregate, plan.exact.row_cap):
            raise NotAdditive(
                f"question {number}: {in_words(one.aggregate)} is no sum over rows",
                hint="ask it by itself with jali query",
            )


def grouping(plans: Sequence[PrivatePlan]) -> Query:
    """Return the question for everything that several ask for, by all of their keys."""
    first = plans[0].cleared.query
    keys: dict[str, Named] = {}
    aggregates: list[Aggregate] = []
    for plan in plans:
        for key in plan.cleared.query.keys:
            keys.setdefault(show.canonical(key.expression), key)
        aggregates += [a for a in plan.cleared.query.aggregates if a not in aggregates]
    names = list(keys.values())
    outputs: list[ColumnRef] = [key_ref(i, key.expression) for i, key in enumerate(names)]
    outputs += [aggregate_ref(i, a.type) for i, a in enumerate(aggregates)]
    return Query(
        text=first.text,
        rows=first.rows,
        keys=tuple(names),
        aggregates=tuple(aggregates),
        outputs=tuple(Named(f"column{i}", one) for i, one in enumerate(outputs, 1)),
        having=None,
        order=(),
        limit=None,
        offset=0,
        asked=Asked(first.text),
    )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A grouping at the whole price, the questions it answers, and A: the sum of their relative variances."""

    plan: PrivatePlan
    questions: tuple[int, ...]
    weight: float


def choose(plans: Sequence[PrivatePlan], build: Build, hints: Hints) -> Workload:
    """Return what to measure for questions planned at the whole price, and at which part of it.

    Raises:
        BadOption: if the price is too small to be split.
        JaliError: if a question cannot be planned.
    """
    candidates = _Candidates(plans, build, hints)
    together: dict[frozenset[str], list[int]] = {}
    for place, plan in enumerate(plans):
        together.setdefault(_keys(plan), []).append(place)
    found = [candidates.of(tuple(q)) for q in together.values()]
    while (better := _merged(found, candidates)) is not None:
        found = better
    return _priced(found, plans, hints)


def _keys(plan: PrivatePlan) -> frozenset[str]:
    return frozenset(show.canonical(k.expression) for k in plan.exact.keys)


@dataclass(slots=True)
class _Candidates:
    """What one grouping for some questions would be worth; planned once each."""

    plans: Sequence[PrivatePlan]
    build: Build
    hints: Hints
    unions: dict[frozenset[int], _Candidate | None] = field(
        default_factory=dict["frozenset[int]", "_Candidate | None"]
    )

    def of(self, questions: tuple[int, ...]) -> _Candidate:
        """Return the grouping for these questions.

        Raises:
            JaliError: if it cannot be planned.
        """
        plan = self.build(grouping([self.plans[q] for q in questions]))
        weight = sum(_relative(self.plans[q], plan, self.hints) for q in questions)
        return _Candidate(plan, questions, weight)

    def union(self, a: _Candidate, b: _Candidate) -> _Candidate | None:
        """Return one grouping for the questions of two; None where there is none, such as for too many cells."""
        questions = frozenset(a.questions + b.questions)
        if questions not in self.unions:
            try:
                self.unions[questions] = self.of((*a.questions, *b.questions))
            except JaliError:
                self.unions[questions] = None
        return self.unions[questions]


def _merged(found: list[_Candidate], candidates: _Candidates) -> list[_Candidate] | None:
    """Return the candidates with the two merged whose union helps most; None if none helps."""
    best: list[_Candidate] | None = None
    least = _loss(found)
    for i, a in enumerate(found):
        for b in found[i + 1 :]:
            if (union := candidates.union(a, b)) is None:
                continue
            tried = [union, *(c for c in found if c is not a and c is not b)]
            if _loss(tried) < least * (1 - 1e-9):
                best, least = tried, _loss(tried)
    return best


def _loss(found: Sequence[_Candidate]) -> float:
    """Return the root of the total relative variance at the best split of the price."""
    return sum(sqrt(c.weight) for c in found)


def _relative(question: PrivatePlan, measured: PrivatePlan, hints: Hints) -> float:
    """Return c(q, g) at the whole price, in units of the question's own variance at the whole price."""
    cells = _cells(question, measured)
    if cells > 1 and measured.exact.max_keys is not None:
        return inf
    pairs = [(_sd(one, hints, cells), _sd(own, hints, 1)) for own, one in _matched(question, measured)]
    return sum((a / b) ** 2 for a, b in pairs) / len(pairs)


def _cells(question: PrivatePlan, measured: PrivatePlan) -> int:
    return max(1, measured.exact.cells // max(1, question.exact.cells))


def _matched(question: PrivatePlan, measured: PrivatePlan) -> list[tuple[Measured, Measured]]:
    by_text = {show.canonical_aggregate(m.aggregate): m for m in measured.measured}
    return [(m, by_text[show.canonical_aggregate(m.aggregate)]) for m in question.measured]


def _sd(measured: Measured, hints: Hints, cells: int) -> float:
    """Return the forecast noise of the first statistic; without hints all norms are taken to be equal."""
    group = measured.noise.group
    norm = None
    if isinstance(group, Group) and isinstance(group.bound, AutoClip):
        norm = (
            measured.noise.kept.value if measured.noise.kept is not None else typical_norm(group, hints) or 1
        )
    return next(iter(spreads(measured, norm, cells).values()))


def _priced(found: Sequence[_Candidate], plans: Sequence[PrivatePlan], hints: Hints) -> Workload:
    """Return the measurements, each at its part of the price: proportional to the root of its weight."""
    whole = plans[0].cost.nano_rho
    roots = [isqrt(int(Fraction(c.weight) * 10**12)) + 1 for c in found]
    shares = [max(SMALLEST_NANO_RHO, whole * root // sum(roots)) for root in roots]
    if sum(shares) > whole:
        raise BadOption("the price asked for is too small for so many questions", hint="raise epsilon or rho")
    measurements = tuple(
        Measurement(repriced(c.plan, share), c.questions) for c, share in zip(found, shares, strict=True)
    )
    for one in measurements:
        if not one.plan.price_again().is_covered_by(one.plan.cost):
            raise OutOfNumbers("a part of the price cannot be met exactly", hint="raise epsilon or rho")
    by_question = {q: m.plan for m in measurements for q in m.questions}
    forecasts = tuple(_forecast(plan, by_question[q], len(plans), hints) for q, plan in enumerate(plans))
    return Workload(measurements, forecasts)


def _forecast(question: PrivatePlan, measured: PrivatePlan, count: int, hints: Hints) -> Forecast:
    alone = repriced(question, question.cost.nano_rho // count)
    own, one = _matched(alone, measured)[0]
    is_known = all(_is_known(m, hints) for m in (own, one))
    if not is_known:
        return Forecast(None, None)
    return Forecast(_sd(one, hints, _cells(question, measured)), _sd(own, hints, 1))


def _is_known(measured: Measured, hints: Hints) -> bool:
    group = measured.noise.group
    is_automatic = isinstance(group, Group) and isinstance(group.bound, AutoClip)
    return not is_automatic or (isinstance(group, Group) and typical_norm(group, hints) is not None)
