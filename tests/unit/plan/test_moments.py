"""Families of aggregates, and second moments on a coarser grid."""

from fractions import Fraction

import duckdb
import pytest

from jali.engines.duckdb.statements import _value
from jali.model.types import INTEGER
from jali.plan.exact import CellClamp, Group, Statistic, StatisticKind
from jali.sql.tree import ColumnRef, Range
from tests.guarantee.plans import plan_of
from tests.guarantee.world import AUTO, Caps


def groups(sql: str, caps: Caps | None = None) -> list[Group]:
    return [g for g in plan_of(sql, caps or Caps(clip=AUTO)).exact.groups if isinstance(g, Group)]


@pytest.mark.parametrize(
    ("aggregates", "measured"),
    [
        ("VAR_POP(x)", 1),
        ("AVG(x), VAR_POP(x), VAR_SAMP(x), STDDEV(x), STDDEV_POP(x)", 1),
        ("AVG(x), AVG(y), STDDEV(x)", 2),
        ("STDDEV(x), STDDEV(x) FILTER (WHERE y > 1)", 2),
        ("CORR(x, y), COVAR_POP(x, y), REGR_SLOPE(x, y)", 1),
        ("CORR(x, y), CORR(y, x)", 2),
        ("AVG(x), COUNT(*), SUM(x)", 3),
    ],
)
def test_aggregates_of_one_family_are_measured_once_and_share_one_price(
    aggregates: str, measured: int
) -> None:
    plan = plan_of(f"SELECT {aggregates} FROM events", Caps(clip=AUTO))
    assert len(plan.noises) == measured
    assert len(plan.measured) == aggregates.count("(") - aggregates.count("(WHERE")
    paid = sum(n.nano_rho + n.choice_nano_rho for n in plan.noises)
    assert plan.cost.nano_rho - measured < paid <= plan.cost.nano_rho
    assert plan.price_again().fits(plan.cost)


def test_a_pair_measures_only_the_moments_it_needs() -> None:
    kinds = [
        len(groups(f"SELECT {a} FROM events")[0].statistics)
        for a in ("COVAR_POP(x, y)", "REGR_SLOPE(x, y)", "CORR(x, y)")
    ]
    assert kinds == [4, 5, 6]


def test_the_claim_of_the_row_cap_is_the_joint_norm_of_all_moments() -> None:
    (group,) = groups("SELECT VAR_POP(y) FROM events", Caps(max_rows=4, clip={}))
    assert isinstance(group.bound, CellClamp)
    weights = [w for _, w in group.statistics]
    assert group.squared() == 16 * sum((w * m) ** 2 for w, m in zip(weights, (1, 3, 9), strict=True))


@pytest.mark.parametrize("coarser", [1, 2, 3, 1000, 2**40])
def test_a_coarser_grid_rounds_each_value_to_the_nearest_step_and_never_beyond_the_largest(
    coarser: int,
) -> None:
    most = 10**15
    column = ColumnRef("t", "x", INTEGER, reach=Range(Fraction(-(10**18)), Fraction(10**18)))
    statistic = Statistic("s0", StatisticKind.SUM, column, None, -most, most, 0, Fraction(coarser), coarser)
    values = [0, 1, -1, 2, 3, -3, 499, 500, 501, -500, 10**12 + 7, most, -most, most + 1, -(10**17)]
    db = duckdb.connect()
    db.execute("CREATE TABLE t AS SELECT CAST(unnest($1) AS BIGINT) AS x", [values])
    found = [int(row[0]) for row in db.execute(f"SELECT {_value(statistic)} FROM t AS t").fetchall()]
    largest = -(-most // coarser)
    for value, rounded in zip(values, found, strict=True):
        inside = max(-most, min(most, value))
        assert abs(rounded) <= largest
        assert abs(Fraction(inside, coarser) - rounded) <= Fraction(1, 2)
