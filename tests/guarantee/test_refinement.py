"""Refinement: the difference in price buys what is missing, and the combination has the variance it claims."""

import json
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from jali.model.codes import LedgerFailed
from jali.model.request import Options
from jali.model.unseal import unseal
from jali.plan.answer import finish
from jali.plan.derive import Kept
from jali.plan.evidence import evidence, reprice
from jali.plan.noise import GAUSSIAN
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.plan.refine import Refinement, refinement
from jali.plan.source import read, source_of
from jali.privacy.mechanisms import OpenDPSampler
from jali.testing.samplers import NoNoise
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.test_meaning import WORLD
from tests.guarantee.world import AUTO, Caps, store

SQL = "SELECT k, COUNT(*) AS n, SUM(x) AS s, AVG(y) AS m FROM events GROUP BY k"
CLIPPED, CLAMPED = Caps(max_groups=None, clip=AUTO), Caps(max_groups=None, max_rows=40, per_group={})
KEYS = tuple((i,) for i in range(5))


def plan(nano_rho: int, caps: Caps = CLIPPED, sql: str = SQL) -> PrivatePlan:
    return plan_of(sql, caps, Options(rho=Fraction(nano_rho, 10**9)))


def kept(one: PrivatePlan, noisy: Noisy | None = None) -> Kept:
    zero = Noisy(KEYS, {i: (0,) * 5 for n in one.noises for i in n.ids}, _norms(one))
    source = read(json.loads(json.dumps(source_of(one))))
    assert source is not None
    return Kept("r1", one.cost.nano_rho, source, noisy or zero)


def _norms(one: PrivatePlan) -> dict[str, int]:
    return {n.group.id: 4 for n in one.noises if n.choice_nano_rho}


def refined(before: int, after: int, caps: Caps = CLIPPED) -> Refinement:
    found = refinement(plan(after, caps), kept(plan(before, caps)))
    assert found is not None
    return found


@settings(max_examples=80, deadline=None)
@given(
    before=st.integers(10_000, 10**8),
    times=st.integers(2, 140),
    caps=st.sampled_from([CLIPPED, CLAMPED]),
)
def test_the_prices_of_both_add_up_to_the_price_of_a_direct_question(
    before: int, times: int, caps: Caps
) -> None:
    more = before * times // 10
    found = refined(before, before + more, caps)
    direct = plan(before + more, caps)
    assert abs(before + found.buying.cost.nano_rho - direct.cost.nano_rho) <= len(direct.noises)
    assert found.buying.price_again().fits(found.buying.cost)
    paid = evidence(found.buying, Noisy(KEYS, {}, {}))
    assert reprice(paid) == found.buying.cost, "the auditor computes the same from the evidence alone"
    for whole, asked in zip(found.whole.noises, direct.noises, strict=True):
        norm = 4 if asked.choice_nano_rho else None
        assert whole.nano_rho + whole.choice_nano_rho == asked.nano_rho + asked.choice_nano_rho
        pairs = zip(whole.scales(norm), asked.scales(norm), strict=True)
        assert all(a <= b * (1 + 1e-12) for a, b in pairs), "as accurate as a direct answer, or more"


def test_a_refined_release_is_refined_again_for_what_is_left() -> None:
    first = refined(4 * 10**6, 10**7)
    noisy = first.combined(Noisy(KEYS, dict(kept(first.buying).noisy.values), {}))
    again = refinement(plan(10**8 // 2), kept(first.whole, noisy))
    assert again is not None
    paid = 4 * 10**6 + first.buying.cost.nano_rho + again.buying.cost.nano_rho
    assert abs(paid - 10**8 // 2) <= 6
    last = again.combined(Noisy(KEYS, dict(kept(first.buying).noisy.values), {}))
    assert last.divisors["s0"] == again.whole.noises[0].nano_rho


def test_what_cannot_be_refined() -> None:
    same = plan(10**7)
    assert refinement(same, kept(same)) is None, "nothing is missing"
    assert refinement(plan(10**7 + 5), kept(same)) is None, "too little is"
    one_row = Caps(max_rows=1, max_groups=1, per_group={"rows": Fraction(1)})
    counts = "SELECT k, COUNT(*) AS n FROM events GROUP BY k"
    laplace = plan(6 * 10**9, one_row, counts)
    assert laplace.noises[0].mechanism != GAUSSIAN
    assert refinement(plan(7 * 10**9, one_row, counts), kept(laplace)) is None
    assert refinement(plan(10**8), kept(plan(10**6))) is None, (
        "a norm chosen for a sixteenth is not used again"
    )
    narrow = plan(4 * 10**9, CLAMPED, counts)
    far = plan(2 * 10**10, CLAMPED, counts)
    assert refinement(far, kept(narrow)) is None, "off the lattice the law of narrow noise is another"
    found = plan_of("SELECT s, COUNT(*) AS n FROM events GROUP BY s", Caps(), Options(rho=Fraction(1, 10)))
    keys = Noisy((("p",),), {"s0": (0,)}, {})
    dearer = plan_of("SELECT s, COUNT(*) AS n FROM events GROUP BY s", Caps(), Options(rho=Fraction(1, 5)))
    assert refinement(dearer, kept(found, keys)) is None, "found keys are no fixed set"


def test_releases_that_do_not_belong_together_are_not_combined() -> None:
    one = Noisy(KEYS, {"s0": (1,) * 5}, {})
    with pytest.raises(LedgerFailed):
        one.refined(Noisy(KEYS[:4], {"s0": (1,) * 4}, {}), {"s0": (3, 4)})
    with pytest.raises(LedgerFailed):
        Noisy(KEYS, {"s0": (1,) * 5}, {}, {"s0": 7}).refined(one, {"s0": (3, 4)})
    both = one.refined(Noisy(KEYS, {"s0": (8,) * 5}, {}), {"s0": (3, 4)})
    assert both.totals()["s0"] == (5,) * 5
    assert Noisy.from_json(both.to_json()) == both


@pytest.mark.guarantee
def test_a_refinement_measures_the_very_same_totals() -> None:
    """With a norm that clips: under the fixed clip of the refinement the engine gives what the first run gave."""
    asked, norms = plan(10**7), {"g0": 1, "g1": 2, "g2": 2}
    first = kept(asked, Noisy(KEYS, {i: (0,) * 5 for n in asked.noises for i in n.ids}, norms))
    found = refinement(plan(10**8), first)
    assert found is not None
    with store(WORLD) as snapshot:
        with ENGINE.open(asked.exact, snapshot) as run:
            unseal(run.norms())
            wanted = unseal(run.totals(tuple(norms.items())))
        newer = Central(ENGINE, NoNoise()).release(found.buying, snapshot)
    place = {key: i for i, key in enumerate(wanted.keys)}
    for name, column in newer.values.items():
        assert list(column) == [wanted.values[name][place[k]] if k in place else 0 for k in newer.keys]
    for noise in found.buying.noises:
        assert noise.group.squared() == next(
            n for n in asked.noises if n.group.id == noise.group.id
        ).group.squared(norms[noise.group.id])


DRAWS = 40_000
SAMPLER = OpenDPSampler()


def _errors(before: int, after: int) -> tuple[list[Fraction], float]:
    """Return the errors of combined totals, in steps, and the scale they claim."""
    found = refined(before, after)
    old, new, whole = (
        x[0] for x in (kept(plan(before)).source.noises, found.buying.noises, found.whole.noises)
    )
    keys = tuple((i,) for i in range(DRAWS))
    draws = [SAMPLER.gaussian(scale, DRAWS) for scale in (old.scales(4)[0], new.scales()[0])]
    first, second = (Noisy(keys, {"s0": tuple(one)}, {}) for one in draws)
    both = first.refined(second, {"s0": (old.nano_rho, new.nano_rho)})
    scale = whole.group.scale
    return [Fraction(x) / scale for x in both.totals()["s0"]], whole.sds(4)[0]


def _agrees(errors: list[Fraction], sd: float) -> float:
    """Return the two-sided p-value of the sum of squares under a Gaussian of this standard deviation."""
    total = sum(float(e) ** 2 for e in errors) / (sd * sd)
    return 2 * min(float(stats.chi2.cdf(total, len(errors))), float(stats.chi2.sf(total, len(errors))))


@pytest.mark.guarantee
@pytest.mark.parametrize(("before", "after"), [(10**6, 2 * 10**6), (10**7, 10**8), (10**8, 11 * 10**7)])
def test_the_combination_has_the_variance_it_claims(before: int, after: int) -> None:
    errors, sd = _errors(before, after)
    assert _agrees(errors, sd) > 1e-9
    for factor in (0.7, 1.3):
        assert _agrees(errors, sd * factor) < 1e-20
    assert stats.kstest([float(e) / sd for e in errors], "norm").pvalue > 1e-9
    assert sd <= plan(after).noises[0].sds(4)[0] * (1 + 1e-12)


@pytest.mark.guarantee
@pytest.mark.parametrize(("before", "after"), [(3 * 10**6, 8 * 10**6), (2 * 10**7, 16 * 10**7)])
def test_intervals_of_refined_answers_cover_as_often_as_they_say(before: int, after: int) -> None:
    caps, sql = Caps(max_groups=None), "SELECT k, COUNT(*) AS n FROM events GROUP BY k"
    first, truth, rounds = plan(before, caps, sql), 1000, 1200
    found = refinement(plan(after, caps, sql), kept(first))
    assert found is not None
    assert found.whole.noises[0].scales()[0] >= 1.5
    scales = (first.noises[0].scales()[0], found.buying.noises[0].scales()[0])
    drawn = [SAMPLER.gaussian(s, 5 * rounds) for s in scales]
    inside = 0
    for i in range(rounds):
        old, new = (tuple(truth + d for d in one[5 * i : 5 * i + 5]) for one in drawn)
        both = Refinement(found.buying, found.whole, kept(first, Noisy(KEYS, {"s0": old}, {}))).combined(
            Noisy(KEYS, {"s0": new}, {})
        )
        rows = finish(found.whole, both)
        for pair in rows.intervals:
            assert pair[1] is not None
            inside += Fraction(str(pair[1][0])) <= truth <= Fraction(str(pair[1][1]))
    covered, wanted = inside / (5 * rounds), 0.95
    assert covered >= wanted - 2 * math.sqrt(wanted * (1 - wanted) / (5 * rounds))
