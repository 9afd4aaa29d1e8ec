"""Intervals cover the bounded total as often as they say, and not much more often (SECURITY.md rule 25)."""

from collections.abc import Mapping
from fractions import Fraction
from math import sqrt

import pytest

from jali.model.codes import BadOption
from jali.model.request import Options
from jali.model.schema import AutoBound
from jali.plan.answer import Rows, fieller, finish
from jali.plan.build import repriced
from jali.plan.exact import FINE, Group, declared_keys
from jali.plan.noise import LAPLACE
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.plan.question import MOST_CONFIDENCE
from jali.privacy.mechanisms import OpenDPSampler
from jali.privacy.tails import two_sided_quantile
from tests.guarantee.plans import plan_of
from tests.guarantee.world import AUTO, Caps

SAMPLER = OpenDPSampler()
DRAWS = 1500


def _draws(plan: PrivatePlan, exact: dict[str, int], norms: dict[str, int]) -> list[Rows]:
    """Answer a question without keys over and over, with the product's own noise."""
    noise = {}
    for each in plan.noises:
        scales = each.scales(norms.get(each.group.id))
        for one, scale in zip(each.ids, scales, strict=True):
            draw = SAMPLER.laplace if each.mechanism == LAPLACE else SAMPLER.gaussian
            noise[one] = draw(scale, DRAWS)
    return [
        finish(plan, Noisy(((),), {one: (exact[one] + noise[one][i],) for one in exact}, norms))
        for i in range(DRAWS)
    ]


def _coverage(rows: list[Rows], truth: Fraction) -> float:
    inside = 0
    for one in rows:
        pair = one.intervals[0][0]
        assert pair is not None
        inside += Fraction(str(pair[0])) <= truth <= Fraction(str(pair[1]))
    return inside / len(rows)


@pytest.mark.guarantee
@pytest.mark.parametrize("confidence", [Fraction(95, 100), Fraction(80, 100)])
@pytest.mark.parametrize(
    ("sql", "total", "step"),
    [
        ("SELECT COUNT(*) FROM events", 1000, Fraction(1)),
        ("SELECT SUM(x) FROM events", 400_000, Fraction(1, 4)),
        ("SELECT COUNT(DISTINCT unit_id) FROM events", 500, Fraction(1)),
    ],
)
def test_totals_are_covered_as_often_as_said(
    sql: str, total: int, step: Fraction, confidence: Fraction
) -> None:
    plan = plan_of(sql, Caps(clip=AUTO), Options(rho=Fraction(1, 1000), confidence=confidence))
    norms = {m.noise.group.id: 4 for m in plan.measured if m.noise.choice_nano_rho}
    scale = plan.measured[0].noise.group.scale
    found = _coverage(_draws(plan, {"s0": total * scale}, norms), total * step)
    error = sqrt(float(confidence * (1 - confidence)) / DRAWS)
    assert float(confidence) - 3 * error <= found <= _attainable(plan, norms) + 0.01 + 3 * error


def _attainable(plan: PrivatePlan, norms: dict[str, int]) -> float:
    """Return the level the discrete law really gives at the half width used."""
    from math import exp

    noise = plan.measured[0].noise
    sigma = noise.scales(norms.get(noise.group.id))[0]
    if sigma > 1000:
        return float(plan.confidence)
    half = two_sided_quantile(sigma, plan.confidence)
    weights = [exp(-n * n / (2 * sigma * sigma)) for n in range(int(12 * sigma) + 2)]
    return (weights[0] + 2 * sum(weights[1 : half + 1])) / (weights[0] + 2 * sum(weights[1:]))


@pytest.mark.guarantee
@pytest.mark.parametrize(
    ("rows", "mean"), [(2000, Fraction(3, 2)), (400, Fraction(-1, 2)), (60, Fraction(3, 4))]
)
def test_averages_are_covered_also_where_few_rows_are_left(rows: int, mean: Fraction) -> None:
    plan = plan_of("SELECT AVG(x) FROM events", Caps(clip=AUTO), Options(rho=Fraction(1, 100)))
    norms = {"g0": 8}
    center = plan.measured[0].center
    deviation = int(mean * 4 * rows) - center * rows
    found = _draws(plan, {"s0": deviation * FINE, "s0n": rows * FINE}, norms)
    shown = [one for one in found if one.rows[0][0] is not None]
    assert len(shown) > DRAWS / 2
    truth = Fraction(deviation + center * rows, 4 * rows)
    assert _coverage(shown, truth) >= 0.95 - 3 * sqrt(0.95 * 0.05 / len(shown))


@pytest.mark.guarantee
@pytest.mark.parametrize("confidence", [Fraction(99, 100), Fraction(95, 100), Fraction(80, 100)])
@pytest.mark.parametrize(
    ("sql", "exact", "truth"),
    [
        ("SELECT COUNT(*) FROM events", {"s0": 1000}, 1000),
        ("SELECT SUM(x) FROM events", {"s0": 400_000}, 100_000),
        ("SELECT AVG(x) FROM events", {"x": 8000, "n": 4000}, Fraction(1, 2)),
        ("SELECT VAR_POP(x) FROM events", {"n": 40_000, "x": 0, "xx": 1_600_000}, None),
    ],
)
def test_intervals_of_laplace_noise_cover_as_often_as_said(
    sql: str, exact: dict[str, int], truth: Fraction | None, confidence: Fraction
) -> None:
    options = Options(epsilon=Fraction(1, 4), gate="basic", confidence=confidence)
    plan = plan_of(sql, Caps(max_rows=4, max_groups=3, clip=AUTO), options)
    norms = {m.noise.group.id: 4 for m in plan.measured if m.noise.choice_nano_rho}
    measured, scale = plan.measured[0], plan.noises[0].group.scale
    names = measured.moments or (("x", "n") if "AVG" in sql else ("s0",))
    totals = {one: exact[name] * scale for one, name in zip(measured.ids, names, strict=True)}
    if truth is None:
        wide = repriced(plan, 10**12)
        value = finish(wide, Noisy(((),), {k: (v,) for k, v in totals.items()}, norms)).rows[0][0]
        assert isinstance(value, float)
        truth = Fraction(value)
    else:
        truth += plan.measured[0].center * Fraction(1, 4)
    found = [one for one in _draws(plan, totals, norms) if one.rows[0][0] is not None]
    assert len(found) > DRAWS * 0.9
    error = 5 * sqrt(float(confidence * (1 - confidence)) / len(found))
    wider = 0.04  # at 80 % the interval of a normal law, which covers 83.7 % of a Laplace one, is the wider of the two
    assert float(confidence) - error - 0.005 <= _coverage(found, truth) <= float(confidence) + error + wider


def test_a_ratio_whose_divisor_may_be_zero_has_no_interval() -> None:
    assert fieller((10.0, 1.0), (1.0, 1.0), 0.95) is None
    low, high = fieller((0.0, 100.0), (1.0, 1.0), 0.95) or (1.0, -1.0)
    assert low < 0 < high


def test_a_confidence_of_one_small_step_is_the_smallest_attainable() -> None:
    assert two_sided_quantile(1.0, Fraction(95, 100)) == 2
    assert two_sided_quantile(0.1, Fraction(95, 100)) == 0


_TRUE = {"n": 4000.0, "x": 1000.0, "y": 2200.0, "xx": 1800.0, "yy": 3100.0, "xy": 900.0}
"""Moments in real units of 4,000 rows around the centres."""


@pytest.mark.guarantee
@pytest.mark.parametrize(
    "aggregate",
    ["VAR_POP(x)", "STDDEV_SAMP(x)", "COVAR_POP(x, y)", "COVAR_SAMP(y, x)", "CORR(x, y)", "REGR_SLOPE(y, x)"],
)
@pytest.mark.parametrize("rho", [Fraction(1, 100), Fraction(1, 3000)])
def test_spreads_and_correlations_are_covered(aggregate: str, rho: Fraction) -> None:
    plan = plan_of(f"SELECT {aggregate} FROM events", Caps(clip=AUTO), Options(rho=rho))
    measured, group = plan.measured[0], plan.measured[0].noise.group
    assert isinstance(group, Group)
    names = dict(zip("xy", "xy" if "(x" in aggregate else "yx", strict=True))
    exact: dict[str, int] = {}
    for moment, (statistic, _) in zip(measured.moments, group.statistics, strict=True):
        place = "".join(sorted(names.get(c, c) for c in moment))
        exact[statistic.id] = round(Fraction(_TRUE[place]) / statistic.step) * FINE
    norms = {"g0": 40}
    truth = finish(repriced(plan, 10**14), Noisy(((),), {k: (v,) for k, v in exact.items()}, norms)).rows[0][
        0
    ]
    assert isinstance(truth, float)
    found = [one for one in _draws(plan, exact, norms) if one.rows[0][0] is not None]
    assert len(found) > DRAWS * 0.9
    error = 3 * sqrt(0.95 * 0.05 / len(found))
    assert 0.95 - error - 0.01 <= _coverage(found, Fraction(truth)) <= 0.96 + error + 0.01


@pytest.mark.guarantee
@pytest.mark.parametrize("aggregate", ["MEDIAN(y)", "QUANTILE_DISC(x, 0.9)", "QUANTILE_CONT(x, 0.1)"])
@pytest.mark.parametrize("rho", [Fraction(1, 10), Fraction(1, 500)])
def test_quantiles_are_covered(aggregate: str, rho: Fraction) -> None:
    """The range is made of whole leaves, so it may hold more than it says, never less."""
    plan = plan_of(f"SELECT {aggregate} FROM events", Caps(clip=AUTO), Options(rho=rho))
    group = plan.measured[0].noise.group
    assert isinstance(group, Group)
    assert group.tree is not None
    tree = group.tree
    leaves = [1500 + 900 * (i % 3) for i in range(tree.leaves)]
    exact: dict[str, int] = {}
    for level in range(1, tree.depth + 1):
        width = 4 ** (tree.depth - level)
        for place in range(4**level):
            total = sum(leaves[place * width : (place + 1) * width])
            exact[group.ids[tree.first(level) + place]] = total * FINE
    norms = {"g0": 12}
    truth = finish(repriced(plan, 10**14), Noisy(((),), {k: (v,) for k, v in exact.items()}, norms)).rows[0][
        0
    ]
    scale = plan.noises[0].scales(norms["g0"])[0]
    noise = [SAMPLER.gaussian(scale, tree.nodes) for _ in range(400)]
    found = [
        finish(plan, Noisy(((),), {one: (exact[one] + d[i],) for i, one in enumerate(group.ids)}, norms))
        for d in noise
    ]
    assert _coverage(found, Fraction(str(truth))) >= 0.95 - 3 * sqrt(0.95 * 0.05 / 400)


@pytest.mark.parametrize("clip", [AUTO, {}])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*), SUM(y), AVG(y), MEDIAN(y), VAR_SAMP(y), CORR(x, y) FROM events",
        "SELECT COUNT(*) * 1.0 / COUNT(DISTINCT unit_id) FROM events",
        "SELECT k, COUNT(*), AVG(y) FROM events GROUP BY ROLLUP (k)",
    ],
)
def test_the_highest_confidence_has_intervals_of_every_kind(sql: str, clip: Mapping[str, AutoBound]) -> None:
    """At 99.99999999999999 a quantile was 1.0 to a double, and the answer failed after its charge."""
    caps = Caps(max_rows=5, per_group={"rows": 5, "y": 15}, clip=clip)
    plan = plan_of(sql, caps, Options(rho=Fraction(1, 10), confidence=MOST_CONFIDENCE))
    keys = tuple(declared_keys(plan.exact))
    norms = {noise.group.id: 4 for noise in plan.noises}
    noisy = Noisy(keys, {one: (9,) * len(keys) for noise in plan.noises for one in noise.ids}, norms)
    assert finish(plan, noisy).rows
    with pytest.raises(BadOption, match=r"at most 99\.9999"):
        plan_of(sql, caps, Options(rho=Fraction(1, 10), confidence=MOST_CONFIDENCE + Fraction(1, 10**9)))
