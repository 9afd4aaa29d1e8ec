"""Aggregates that are read off the same measured statistics: measured once, paid once.

AVG(x), VAR(x) and STDDEV(x) come from a count, a sum and a sum of squares; COVAR, CORR and REGR_SLOPE of one pair
from the moments of both; every quantile, MIN and MAX of x from one histogram. Reading several answers off one noisy
measurement is post-processing.
"""

from dataclasses import dataclass

from jali.sql.aggregates import PAIRS, QUANTILES, SPREADS
from jali.sql.tree import Aggregate

SPREAD_MOMENTS = ("n", "x", "xx")
_MOMENTS = {
    "covar_pop": ("n", "x", "y", "xy"),
    "covar_samp": ("n", "x", "y", "xy"),
    "corr": ("n", "x", "y", "xy", "xx", "yy"),
    "regr_slope": ("n", "x", "y", "xy", "yy"),
}
"""Moments of a pair, x the first argument and y the second: REGR_SLOPE(y, x) of SQL divides by its second's."""


@dataclass(frozen=True, slots=True)
class Family:
    """Aggregates of one query that share a measurement.

    Attributes:
        first: the aggregate that stands for all: same arguments and filter.
        members: places in the query's list of aggregates.
        moments: what is measured, for families of moments; empty for all others.
    """

    first: Aggregate
    members: tuple[int, ...]
    moments: tuple[str, ...] = ()

    @property
    def is_histogram(self) -> bool:
        """Return whether a histogram is measured."""
        return self.first.kind in QUANTILES


def families_of(aggregates: tuple[Aggregate, ...]) -> tuple[Family, ...]:
    """Return the families of a query's aggregates, in order of their first members."""
    spread = {_place(a) for a in aggregates if a.kind in SPREADS}
    members: dict[object, list[int]] = {}
    for index, aggregate in enumerate(aggregates):
        members.setdefault(_family(aggregate, index, spread), []).append(index)
    return tuple(_made(aggregates, tuple(found)) for found in members.values())


def _place(aggregate: Aggregate) -> object:
    return aggregate.arg, aggregate.second, aggregate.where


def _family(aggregate: Aggregate, index: int, spread: set[object]) -> object:
    kind, place = aggregate.kind, _place(aggregate)
    if kind in SPREADS or (kind == "mean" and place in spread):
        return "spread", place
    if kind in PAIRS:
        return "pair", place
    if kind in QUANTILES:
        return "histogram", place
    return index


def _made(aggregates: tuple[Aggregate, ...], members: tuple[int, ...]) -> Family:
    kinds = {aggregates[i].kind for i in members}
    first = aggregates[members[0]]
    if kinds & SPREADS:
        return Family(first, members, SPREAD_MOMENTS)
    if kinds & PAIRS:
        wanted = {moment for kind in kinds for moment in _MOMENTS[kind]}
        order = ("n", "x", "y", "xy", "xx", "yy")
        return Family(first, members, tuple(m for m in order if m in wanted))
    return Family(first, members)
