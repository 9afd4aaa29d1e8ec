"""The choice of what to measure: never worse than one by one at the same price, and priced exactly."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jali.model.request import Options, Request
from jali.model.schema import Hints
from jali.plan.answer import finish_lines
from jali.plan.build import build
from jali.plan.derive import Kept, jointly
from jali.plan.guardrails import Guardrails
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.plan.source import read, source_of
from jali.plan.workload import choose, grouping
from jali.policy.check import Cleared
from jali.sql.tree import Query
from tests.guarantee.plans import POPULATION, PURPOSE, plan_of
from tests.guarantee.world import Caps, public_values

CAPS = Caps(max_groups=None, max_rows=40, per_group={"rows": Fraction(3)}, per_unit=None)
POOL = [
    "SELECT COUNT(*) AS n FROM events",
    "SELECT k, COUNT(*) AS n FROM events GROUP BY k",
    "SELECT t, COUNT(*) AS n, SUM(x) AS s FROM events GROUP BY t",
    "SELECT k, t, COUNT(*) AS n FROM events GROUP BY k, t",
    "SELECT t, SUM(y) AS s FROM events GROUP BY ROLLUP (t)",
    "SELECT k, AVG(y) AS m FROM events GROUP BY k",
]


def planned(query: Query) -> PrivatePlan:
    request = Request("tester", frozenset({"analyst"}), "test", Options())
    guardrails = Guardrails(
        population="urn:world",
        unit="unit",
        delta_conversion=POPULATION.delta_conversion,
        key_delta=Fraction(1, 10**6),
        min_units_per_key=1,
        default_nano_rho=500_000_000,
        max_nano_rho=20_000_000_000,
        max_rows=1000,
        clamps_for_display=True,
        hints=Hints(),
        public_values=public_values,
    )
    return build(Cleared(query, request, (), POPULATION, PURPOSE, "central"), guardrails)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(POOL), min_size=1, max_size=6))
def test_a_workload_costs_its_price_and_is_no_worse_than_one_by_one(pool: list[str]) -> None:
    plans = [plan_of(sql, CAPS) for sql in pool]
    found = choose(plans, planned, Hints())
    assert found.nano_rho <= plans[0].cost.nano_rho
    assert found.nano_rho >= plans[0].cost.nano_rho - len(pool)
    assert sorted(q for m in found.measurements for q in m.questions) == list(range(len(pool)))
    ratios = [(f.joint / f.alone) ** 2 for f in found.forecasts if f.joint and f.alone]
    assert len(ratios) == len(pool)
    firsts = [p for p in plans if len(p.measured) == 1]
    if len(firsts) == len(plans):
        assert sum(ratios) <= len(pool) * (1 + 1e-6)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(POOL), min_size=2, max_size=5))
def test_answers_show_the_noise_that_was_forecast(pool: list[str]) -> None:
    plans = [plan_of(sql, CAPS) for sql in pool]
    found = choose(plans, planned, Hints())
    for one in found.measurements:
        keys = [()]
        for key in one.plan.exact.keys:
            keys = [(*k, code) for k in keys for code in range(key.size)]
        noisy = Noisy(tuple(keys), {i: (10**6,) * len(keys) for n in one.plan.noises for i in n.ids}, {})
        source = read(source_of(one.plan))
        assert source is not None
        for q in one.questions:
            answer = jointly(plans[q], Kept("r", one.plan.cost.nano_rho, source, noisy))
            assert answer is not None
            if plans[q].measured[0].aggregate.kind == "mean" or plans[q].cleared.query.levels:
                continue
            rows = finish_lines(answer.plan, answer.lines)
            place = len(plans[q].exact.keys)
            assert rows.noise_sd[0][place] == pytest.approx(found.forecasts[q].joint)


def test_a_grouping_asks_for_everything_once() -> None:
    plans = [plan_of(sql, CAPS) for sql in POOL]
    union = planned(grouping(plans))
    assert [k.name for k in union.exact.keys] == ["k", "t"]
    assert len(union.measured) == 4
