"""Every mechanism as the product draws it: the right law, and no other; prices and tails against exact references."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import product
from typing import Any, Self

import dp_accounting as dpa
import pytest
from dp_accounting.pld import privacy_loss_distribution as pld
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from jali.model.money import NANO
from jali.model.secret import Secret
from jali.plan.exact import FINE, AutoClip, ExactPlan, Group, Totals
from jali.plan.private import PrivatePlan
from jali.privacy.conversion import delta_for, epsilon_for, rho_for, rho_of_pure
from jali.privacy.mechanisms import OpenDPSampler
from jali.privacy.noise import (
    choice_nano_rho,
    gaussian_nano_rho,
    laplace_nano_rho,
    laplace_scale_for,
    laplace_sd,
    sigma_for,
)
from jali.privacy.tails import selection_threshold, smallest_tail, tail_at_least, two_sided_quantile
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.world import AUTO, Caps

ACCEPT = 1e-9
"""A sound sampler fails a test once in a billion runs.

A scale off by 0.7 or 1.3 must fail it at least as surely: every test draws so often that such a scale was seen below
1e-25 in each of ten runs (`check_scale` asserts 1e-9). A test with fewer draws fails by bad luck, as one did in CI.
"""

Law = Callable[[float, int], float]


def gaussian_law(scale: float, n: int) -> float:
    return math.exp(-n * n / (2 * scale * scale))


def laplace_law(scale: float, n: int) -> float:
    return math.exp(-abs(n) / scale)


def fits(drawn: Sequence[int], law: Law, scale: float) -> float:
    """Return the chi-square p-value of draws under a law on the integers, given up to its constant."""
    reach = math.ceil(40 * scale) + 5
    weights = {n: law(scale, n) for n in range(-reach, reach + 1)}
    total = sum(weights.values())
    counts = Counter(drawn)
    seen: list[float] = []
    wanted: list[float] = []
    have, want = 0.0, 0.0
    for n in range(-reach, reach + 1):
        have += counts.get(n, 0)
        want += weights[n] / total * len(drawn)
        if want >= 20:
            seen.append(have)
            wanted.append(want)
            have, want = 0.0, 0.0
    seen[-1] += have + sum(c for n, c in counts.items() if abs(n) > reach)
    wanted[-1] += want
    return float(stats.chisquare(seen, [w * sum(seen) / sum(wanted) for w in wanted]).pvalue)


def check_scale(p_value: Callable[[float], float], scale: float) -> None:
    """Assert that draws fit the scale, and neither 0.7 nor 1.3 times it."""
    assert p_value(scale) > ACCEPT
    assert p_value(0.7 * scale) < ACCEPT
    assert p_value(1.3 * scale) < ACCEPT


@pytest.mark.guarantee
@pytest.mark.parametrize("scale", [0.6, 3.0, 17.5])
def test_gaussian_noise_has_its_law_and_no_other(scale: float) -> None:
    drawn = OpenDPSampler().gaussian(scale, 20_000)
    check_scale(lambda s: fits(drawn, gaussian_law, s), scale)


@pytest.mark.guarantee
@pytest.mark.parametrize("scale", [0.6, 3.0, 17.5])
def test_laplace_noise_has_its_law_and_no_other(scale: float) -> None:
    drawn = OpenDPSampler().laplace(scale, 20_000)
    check_scale(lambda s: fits(drawn, laplace_law, s), scale)
    sd = math.sqrt(sum(x * x for x in drawn) / len(drawn))
    assert abs(sd / laplace_sd(scale) - 1) < 0.1


@pytest.mark.guarantee
@pytest.mark.parametrize("scale", [1e6, 2.0**50])
def test_large_scales_keep_their_law(scale: float) -> None:
    normal = OpenDPSampler().gaussian(scale, 30_000)
    check_scale(lambda s: float(stats.kstest([x / s for x in normal], "norm").pvalue), scale)
    laplace = OpenDPSampler().laplace(scale, 30_000)
    check_scale(lambda s: float(stats.kstest([x / s for x in laplace], "laplace").pvalue), scale)


@pytest.mark.guarantee
def test_a_choice_has_the_law_of_the_exponential_mechanism_and_no_other() -> None:
    scores = [0, -3, -10, -1, -25]
    sampler = OpenDPSampler()
    counts = Counter(sampler.choose(scores, 4.0) for _ in range(12_000))

    def p_value(scale: float) -> float:
        weights = [math.exp(s / scale) for s in scores]
        wanted = [12_000 * w / sum(weights) for w in weights]
        return float(stats.chisquare([counts.get(i, 0) for i in range(5)], wanted).pvalue)

    check_scale(p_value, 4.0)


class FakeEngine:
    """An engine with made-up totals: what is drawn by Central can then be compared with what it was added to."""

    name = "fake"
    capabilities = frozenset({"norm_clip", "declared_keys", "selected_keys", "shared_distinct"})

    def __init__(self, totals: Totals, norms: dict[str, list[int]] | None = None) -> None:
        self._totals = totals
        self._norms = norms or {}

    def open(self, _plan: ExactPlan, _snapshot: object) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def norms(self) -> Secret[dict[str, list[int]]]:
        return Secret(self._norms)

    def totals(self, _norms: object) -> Secret[Totals]:
        return Secret(self._totals)


def release(plan: PrivatePlan, engine: Any) -> Any:
    return Central(engine).release(plan, None)  # type: ignore[arg-type]  # the fake reads no snapshot


@pytest.mark.guarantee
@pytest.mark.parametrize(
    "sql",
    ["SELECT k, t, COUNT(*) FROM events GROUP BY k, t", "SELECT k, t, AVG(y) FROM events GROUP BY k, t"],
)
def test_an_answer_gets_noise_of_the_scale_the_plan_was_priced_for(sql: str) -> None:
    plan = plan_of(sql, Caps(max_rows=4, max_groups=3, clip={}))
    noise = plan.measured[0].noise
    drawn: dict[str, list[int]] = {one: [] for one in noise.ids}
    engine = FakeEngine(Totals([], {one: [] for one in noise.ids}, []))
    for _ in range(700):
        for one, values in release(plan, engine).values.items():
            drawn[one] += values
    for one, scale in zip(noise.ids, noise.scales(), strict=True):
        check_scale(lambda s, one=one: fits(drawn[one], gaussian_law, s), scale)  # type: ignore[misc]


@pytest.mark.guarantee
def test_keys_show_as_often_as_threshold_and_noise_say() -> None:
    plan = plan_of("SELECT s, COUNT(*) FROM events GROUP BY s", Caps(max_rows=4, max_groups=2, clip={}))
    selection = plan.selection
    assert selection is not None
    weight = selection.threshold - int(selection.sigma)
    keys = [(f"k{i}",) for i in range(1000)]
    ids = plan.measured[0].ids
    engine = FakeEngine(Totals(list(keys), {i: [0] * 1000 for i in ids}, [weight] * 1000))
    shown = sum(len(release(plan, engine).keys) for _ in range(10))

    def p_value(sigma: float) -> float:
        return float(
            stats.binomtest(
                shown, 10_000, float(stats.norm.sf((selection.threshold - weight - 0.5) / sigma))
            ).pvalue
        )

    check_scale(p_value, selection.sigma)


@pytest.mark.guarantee
def test_an_automatic_clip_is_chosen_by_the_exponential_mechanism_at_its_price() -> None:
    plan = plan_of("SELECT k, COUNT(*) FROM events GROUP BY k", Caps(max_rows=9, max_groups=3, clip=AUTO))
    noise = plan.measured[0].noise
    bound = noise.group.bound if isinstance(noise.group, Group) else None
    assert isinstance(bound, AutoClip)
    counts = [3, 2, 4, 1, 2, 1, 1, 0, 0, 0, 0, 0][: len(bound.norms) + 1]
    engine = FakeEngine(Totals([], {one: [] for one in noise.ids}, []), {noise.group.id: counts})
    found = Counter(release(plan, engine).norms[noise.group.id] for _ in range(20_000))
    a, b = (1 - bound.rank).numerator, bound.rank.numerator
    below = [sum(counts[: i + 1]) for i in range(len(bound.norms))]
    scores = [
        -abs(a * low - b * (sum(counts) - low)) - prior
        for low, prior in zip(below, noise.choice_prior, strict=True)
    ]

    def p_value(scale: float) -> float:
        weights = [math.exp((s - max(scores)) / scale) for s in scores]
        wanted = [20_000 * w / sum(weights) for w in weights]
        return float(stats.chisquare([found.get(n, 0) for n in bound.norms], wanted).pvalue)

    check_scale(p_value, noise.choice_scale)
    assert choice_nano_rho(max(a, b), noise.choice_scale) <= noise.choice_nano_rho


# --- exact enumeration ------------------------------------------------------------------------------------------------


def test_the_exponential_mechanism_enumerated_exactly_stays_within_its_price() -> None:
    """P(j) ~ r^score with r rational, so that every probability is a fraction; neighbours' scores move by at most 1."""
    r = Fraction(3, 2)
    scale = 1 / math.log(1.5)
    rho = choice_nano_rho(1, scale) / NANO
    worst_ratio, worst_rho = Fraction(0), 0.0
    for left in product(range(-1, 2), repeat=3):
        p = _law(r, left)
        for moves in product((-1, 0, 1), repeat=3):
            q = _law(r, tuple(x + m for x, m in zip(left, moves, strict=True)))
            worst_ratio = max(worst_ratio, *(x / y for x, y in zip(p, q, strict=True)))
            for alpha in (2, 3, 8):
                moment = sum(x**alpha / y ** (alpha - 1) for x, y in zip(p, q, strict=True))
                worst_rho = max(worst_rho, math.log(moment) / (alpha - 1) / alpha)
    assert Fraction(1) < worst_ratio <= r**2
    assert 0.5 * rho < worst_rho <= rho


def _law(r: Fraction, scores: tuple[int, ...]) -> list[Fraction]:
    weights = [r**s for s in scores]
    return [w / sum(weights) for w in weights]


@pytest.mark.parametrize("q", [Fraction(1, 2), Fraction(9, 10), Fraction(99, 100)])
def test_tails_are_never_below_the_exact_sum(q: Fraction) -> None:
    """With exp(-1 / 2 s^2) = q a fraction, every partial sum of the discrete Gaussian is exact."""
    sigma = math.nextafter(math.sqrt(-0.5 / math.log(q)), 0.0)  # not above the true scale
    most = 60
    weights = [float(q) ** (n * n) if n > 12 else q ** (n * n) for n in range(most)]
    z = weights[0] + 2 * sum(Fraction(w) for w in weights[1:])
    for t in range(1, 12):
        exact = sum(Fraction(w) for w in weights[t:]) / z
        bound = Fraction(tail_at_least(t, math.nextafter(sigma, math.inf) * (1 + 1e-15)))
        assert exact <= bound <= 3 * exact + Fraction(1, 10**300)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.3, 1e7), st.integers(1, 300), st.integers(1, 40))
def test_the_threshold_keeps_delta_at_1e9_and_wastes_little(sigma: float, keys: int, units: int) -> None:
    delta = Fraction(1, 10**9)
    t = selection_threshold(sigma=sigma * FINE, one=FINE, max_keys=keys, min_units=units, key_delta=delta)
    alone = keys * stats.norm.sf((t - FINE - 0.5) / (sigma * FINE))
    small = stats.norm.sf((t - (units - 1) * FINE - 0.5) / (sigma * FINE))
    assert alone <= 1.001e-9
    assert small <= 1.001e-9
    earlier = t - 0.15 * sigma * FINE
    looser = max(
        keys * stats.norm.sf((earlier - FINE) / (sigma * FINE)),
        stats.norm.sf((earlier - (units - 1) * FINE) / (sigma * FINE)),
    )
    assert looser > 1e-9


def test_a_unit_alone_at_m_keys_shows_any_of_them_with_at_most_delta() -> None:
    """The exact law of any-of-m against the union bound the price rests on, for every m up to the cap."""
    p = Fraction(tail_at_least(5, 1.5))
    for cap in (1, 3, 10):
        assert max(1 - (1 - p) ** m for m in range(1, cap + 1)) <= cap * p


# --- prices against references ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [0.0001, 0.0284, 0.1, 0.5, 2.3, 6.88])
@pytest.mark.parametrize("delta", [1e-10, 5e-6, 1e-2])
def test_conversion_is_never_below_the_reference_accountants_and_within_one_percent(
    rho: float, delta: float
) -> None:
    ours = float(epsilon_for(round(rho * NANO), Fraction(delta)))
    best = 1 + math.sqrt(math.log(1 / delta) / rho)
    orders = [1 + (best - 1) * (0.2 + 0.004 * i) for i in range(1000)]
    accountant = dpa.rdp.RdpAccountant(orders)
    accountant.compose(dpa.GaussianDpEvent(1 / math.sqrt(2 * rho)))
    reference = accountant.get_epsilon(delta)
    assert reference * (1 - 1e-4) - 2e-6 <= ours <= reference * 1.01 + 2e-6
    tight = pld.from_gaussian_mechanism(
        1 / math.sqrt(2 * rho), value_discretization_interval=1e-3, pessimistic_estimate=False
    )
    assert ours >= tight.get_epsilon_for_delta(delta) - 1e-6


@pytest.mark.parametrize("epsilon", [0.01, 0.3, 1.0, 3.0, 12.0])
def test_the_price_of_pure_mechanisms_covers_every_renyi_divergence(epsilon: float) -> None:
    price = float(rho_of_pure(Fraction(epsilon)))
    p = math.exp(epsilon) / (1 + math.exp(epsilon))
    reached = max(_renyi([p, 1 - p], [1 - p, p], a) / a for a in (1.00001, 1.5, 2, 4, 16, 64))
    assert 0.9999 * price <= reached <= price * (1 + 1e-9)


@pytest.mark.parametrize(("shift", "scale"), [(1, 0.5), (1, 1.0), (3, 2.0), (7, 20.0)])
def test_the_laplace_price_covers_every_renyi_divergence_of_the_discrete_law(
    shift: int, scale: float
) -> None:
    price = laplace_nano_rho(shift, scale) / NANO
    reach = range(-int(60 * scale) - shift - 20, int(60 * scale) + shift + 20)
    p = [math.exp(-abs(n) / scale) for n in reach]
    q = [math.exp(-abs(n - shift) / scale) for n in reach]
    total = sum(p)
    p, q = [x / total for x in p], [x / total for x in q]
    reached = max(_renyi(p, q, a) / a for a in (1.0001, 1.5, 2, 4, 16, 64))
    assert 0.2 * price < reached <= price


def _renyi(p: list[float], q: list[float], alpha: float) -> float:
    logs = [alpha * math.log(x) - (alpha - 1) * math.log(y) for x, y in zip(p, q, strict=True)]
    top = max(logs)
    return (top + math.log(math.fsum(math.exp(x - top) for x in logs))) / (alpha - 1)


# --- monotone, outward, total -----------------------------------------------------------------------------------------

squares = st.fractions(min_value=Fraction(1, 10**12), max_value=Fraction(2**100))
prices = st.integers(1, 10_000 * NANO)
levels = st.fractions(min_value=Fraction(1, 10**6), max_value=Fraction(1000))
deltas = st.fractions(min_value=Fraction(1, 10**15), max_value=Fraction(1, 2))


@given(squares, prices, prices)
def test_a_gaussian_scale_is_large_enough_and_falls_with_the_price(square: Fraction, a: int, b: int) -> None:
    low, high = sorted((a, b))
    if square * NANO / (2 * low) > Fraction(2**112):
        return
    sigma = sigma_for(square, low)
    assert 2 * Fraction(low, NANO) * Fraction(sigma) ** 2 >= square
    assert sigma_for(square, high) <= sigma
    assert gaussian_nano_rho(square, sigma) <= low
    assert gaussian_nano_rho(square, math.nextafter(sigma, 0.0) * 0.999) > 0


@settings(deadline=None)
@given(st.integers(1, 10**9), st.integers(10, 10_000 * NANO), st.integers(10, 10_000 * NANO))
def test_a_laplace_scale_costs_what_it_may_and_falls_with_the_price(l1: int, a: int, b: int) -> None:
    low, high = sorted((a, b))
    scale = laplace_scale_for(l1, low)
    assert laplace_nano_rho(l1, scale) <= low
    assert laplace_scale_for(l1, high) <= scale
    assert laplace_nano_rho(l1, scale * 0.999) >= laplace_nano_rho(l1, scale)


@settings(deadline=None)
@given(levels, levels, deltas)
def test_conversion_is_monotone_and_its_rounding_never_helps_us(
    e1: Fraction, e2: Fraction, delta: Fraction
) -> None:
    low, high = sorted((e1, e2))
    rho = rho_for(low, delta)
    assert rho <= rho_for(high, delta)
    assert Fraction(delta_for(rho, low)) <= delta
    assert Fraction(delta_for(rho + 1, low)) > delta
    assert epsilon_for(rho, delta) <= -((-low * 10**6).__floor__()) / Fraction(10**6) + Fraction(1, 10**6)
    assert delta_for(rho, high) <= delta_for(rho, low)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.3, 2.0**40), st.integers(1, 10**13), levels, deltas, st.integers(2, 60))
def test_no_price_depends_on_the_decimal_context_of_the_program_around(
    sigma: float, t: int, epsilon: Fraction, delta: Fraction, digits: int
) -> None:
    def everything() -> list[object]:
        delta_for.cache_clear()
        rho_for.cache_clear()
        smallest_tail.cache_clear()
        return [
            tail_at_least(t, sigma),
            smallest_tail(sigma, delta),
            delta_for(12_345, epsilon),
            rho_for(epsilon, delta),
            rho_of_pure(epsilon),
        ]

    with localcontext() as context:
        context.prec = digits
        strange = everything()
    assert strange == everything()


@given(st.fractions(min_value=0, max_value=Fraction(10) ** 12))
def test_the_price_of_a_pure_mechanism_is_total_and_never_above_the_two_simple_bounds(
    epsilon: Fraction,
) -> None:
    price = rho_of_pure(epsilon)
    assert 0 <= price <= min(epsilon * epsilon / 2, epsilon)
    if epsilon < 500:
        exact = float(epsilon) * math.tanh(float(epsilon) / 2)
        assert float(price) >= exact * (1 - 1e-12)


@pytest.mark.parametrize("sigma", [0.2, 0.7, 1.0, 4.4, 300.0, 5000.0])
def test_an_interval_covers_what_it_says_and_no_more_than_it_must(sigma: float) -> None:
    h = two_sided_quantile(sigma, Fraction(95, 100))
    inside = 1 - 2 * float(_tail(h + 1, sigma))
    assert inside >= 0.95 - 1e-9
    assert h == 0 or 1 - 2 * float(_tail(h, sigma)) < 0.95 + 2e-4


def _tail(t: int, sigma: float) -> Decimal:
    reach = math.ceil(14 * sigma) + 5
    weights = [math.exp(-n * n / (2 * sigma * sigma)) for n in range(reach)]
    return Decimal(math.fsum(weights[t:]) / (weights[0] + 2 * math.fsum(weights[1:])))
