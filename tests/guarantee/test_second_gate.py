"""The second scale of a price: from the bounds to the scales to the charge, recomputed and recorded."""

import json
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jali.model.codes import BadOption, JaliError, NoBasicPrice, QuestionTooDear
from jali.model.money import ATTO, NANO, Basic
from jali.model.request import Options
from jali.model.schema import Hints
from jali.plan.build import repriced
from jali.plan.derive import Kept
from jali.plan.evidence import evidence, reprice
from jali.plan.exact import FINE, AutoClip, FixedClip, Group, Statistic, StatisticKind, Totals
from jali.plan.noise import GAUSSIAN, LAPLACE, Noise, l1_of
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.plan.refine import refinement
from jali.plan.source import read, source_of
from jali.privacy.conversion import delta_for, epsilon_for, rho_of_pure
from jali.privacy.noise import laplace_sd, pure_nano_epsilon, pure_scale_for
from jali.testing.samplers import Recorder
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.test_mechanisms import FakeEngine, check_scale, fits, laplace_law, release
from tests.guarantee.world import AUTO, Caps, Row, World, store

pytestmark = pytest.mark.guarantee

CLAMPED = Caps(max_rows=4, max_groups=3, clip={})
CLIPPED = Caps(max_rows=4, max_groups=3, clip=AUTO)
QUESTIONS = [
    (f"SELECT {head}{what} FROM events{group}", caps)
    for what in (
        "COUNT(*)",
        "SUM(x)",
        "AVG(y)",
        "COUNT(DISTINCT unit_id)",
        "VAR_POP(x)",
        "MEDIAN(y)",
        "COUNT(*), SUM(x)",
    )
    for head, group in (("", ""), ("k, ", " GROUP BY k"))
    for caps in (CLAMPED, CLIPPED)
]
WORLD = World(
    [Row(i, k=i % 3, t="a", s="p", x=i, y=2, b=i, item=i % 4) for i in range(6)],
    [(0, "old")],
    [(0, 1, 4)] * 5,
)


def basic(epsilon: str = "1", **more: Any) -> Options:
    return Options(epsilon=Fraction(epsilon), gate="basic", **more)


@pytest.mark.parametrize(("sql", "caps"), QUESTIONS)
@pytest.mark.parametrize("epsilon", ["1", "0.37", "8"])
def test_a_price_in_epsilon_is_kept_by_exact_arithmetic(sql: str, caps: Caps, epsilon: str) -> None:
    plan = plan_of(sql, caps, basic(epsilon))
    spent = Fraction(0)
    for noise in plan.noises:
        assert noise.mechanism == LAPLACE
        bound = noise.group.bound if isinstance(noise.group, Group) else None
        norms = bound.norms if isinstance(bound, AutoClip) else (None,)
        spent += max(
            Fraction(l1_of(noise.group, norm)) / w / Fraction(scale)
            for norm in norms
            for w, scale in zip(noise.weights, noise.scales(norm), strict=True)
        )
        if isinstance(bound, AutoClip):
            most = max(
                (1 - bound.rank).numerator * (bound.rank.denominator // (1 - bound.rank).denominator),
                bound.rank.numerator,
            )
            spent += 2 * most / Fraction(noise.choice_scale)
    assert Fraction(99, 100) * Fraction(epsilon) < spent <= Fraction(epsilon)
    assert plan.cost.basic is not None
    assert spent * NANO <= plan.cost.basic.nano_epsilon <= Fraction(epsilon) * NANO
    assert plan.cost.basic.atto_delta == 0
    assert rho_of_pure(spent) * NANO >= 0
    again = plan.price_again()
    assert again.is_covered_by(plan.cost)
    assert plan.cost.nano_rho - again.nano_rho <= 3 * len(plan.noises)
    assert plan.guarantee == (Fraction(plan.cost.basic.nano_epsilon, NANO), 0)


@pytest.mark.parametrize(("sql", "caps"), QUESTIONS)
@pytest.mark.parametrize("options", [Options(), basic(), basic("20")], ids=["rho", "basic", "dear"])
@pytest.mark.parametrize("delta", [Fraction(0), Fraction(1, 10**6)], ids=["pure", "delta"])
def test_what_the_recorded_mechanisms_cost_is_what_is_charged_on_both_scales(
    sql: str, caps: Caps, options: Options, delta: Fraction
) -> None:
    plan = plan_of(sql, caps, options, delta_basic=delta)
    recorder = Recorder()
    with store(WORLD) as snapshot:
        noisy = Central(ENGINE, recorder).release(plan, snapshot)
    shown = json.loads(json.dumps(evidence(plan, noisy)))
    scales = {
        s
        for one in shown["mechanisms"]
        for s in [*one["scales"], *([one["clip"]["scale"]] if "clip" in one else [])]
    }
    assert {scale for _, scale, _ in recorder.calls} == scales
    found = reprice(shown)
    assert found.is_covered_by(plan.cost)
    assert plan.cost.nano_rho - found.nano_rho <= 10 * len(plan.noises) + 10
    is_gaussian = any(noise.mechanism == GAUSSIAN for noise in plan.noises)
    assert (plan.cost.basic is None) == (is_gaussian and not delta)
    if plan.cost.basic is not None:
        assert found.basic is not None
        assert plan.cost.basic.nano_epsilon - found.basic.nano_epsilon <= 2000
        assert plan.cost.basic.atto_delta == found.basic.atto_delta


@pytest.mark.parametrize("change", ["scale", "l1", "nano_epsilon", "clip scale", "basic_atto_delta"])
def test_evidence_that_understates_a_basic_price_does_not_hold(change: str) -> None:
    delta = Fraction(1, 10**6) if change == "basic_atto_delta" else Fraction(0)
    options = Options() if change == "basic_atto_delta" else basic()
    plan = plan_of("SELECT k, COUNT(*) FROM events GROUP BY k", CLIPPED, options, delta_basic=delta)
    with store(WORLD) as snapshot:
        noisy = Central(ENGINE, Recorder()).release(plan, snapshot)
    shown = json.loads(json.dumps(evidence(plan, noisy)))
    assert reprice(shown).is_covered_by(plan.cost)
    one = shown["mechanisms"][0]
    match change:
        case "scale":
            one["scales"] = [one["scales"][0] / 2]
        case "l1":
            one["l1"] = str(2 * int(one["l1"]))
        case "nano_epsilon":
            one["nano_epsilon"] -= 1000
        case "clip scale":
            one["clip"]["scale"] /= 2
        case _:
            shown["basic_atto_delta"] //= 2
    assert not _is_covered(shown, plan)


def _is_covered(shown: Any, plan: PrivatePlan) -> bool:
    try:
        return reprice(shown).is_covered_by(plan.cost)
    except ValueError:
        return False


def test_one_count_of_units_at_epsilon_1_has_the_noise_of_a_laplace() -> None:
    by_epsilon = plan_of("SELECT COUNT(DISTINCT unit_id) FROM events", CLAMPED, basic())
    by_rho = plan_of("SELECT COUNT(DISTINCT unit_id) FROM events", CLAMPED, Options(epsilon=Fraction(1)))
    assert by_epsilon.noises[0].sds()[0] == laplace_sd(1.0)
    assert by_epsilon.noises[0].sds()[0] < 1.42
    assert by_rho.noises[0].sds()[0] > 4
    assert by_rho.cost.basic is None
    assert by_rho.why_no_basic_price


def test_an_answer_priced_in_epsilon_gets_laplace_noise_of_its_scale() -> None:
    plan = plan_of("SELECT k, t, AVG(y) FROM events GROUP BY k, t", CLAMPED, basic())
    noise = plan.noises[0]
    drawn: dict[str, list[int]] = {one: [] for one in noise.ids}
    engine = FakeEngine(Totals([], {one: [] for one in noise.ids}, []))
    for _ in range(700):
        for one, values in release(plan, engine).values.items():
            drawn[one] += values
    for one, scale in zip(noise.ids, noise.scales(), strict=True):
        check_scale(lambda s, one=one: fits(drawn[one], laplace_law, s), scale)  # type: ignore[misc]


def test_gaussian_noise_has_a_basic_price_where_the_population_declares_a_delta() -> None:
    delta = Fraction(1, 10**6)
    plan = plan_of(
        "SELECT k, t, COUNT(*) FROM events GROUP BY k, t",
        CLIPPED,
        Options(epsilon=Fraction(2)),
        delta_basic=delta,
    )
    price = plan.cost.basic
    assert price is not None
    share = Fraction(price.atto_delta, ATTO) / delta
    assert 0 < share < 1
    assert delta_for(plan.price_again().nano_rho, Fraction(price.nano_epsilon, NANO)) <= Fraction(
        price.atto_delta, ATTO
    )
    asked = plan_of("SELECT s, COUNT(*) FROM events GROUP BY s", CLAMPED, basic("2"), delta_basic=delta)
    assert asked.selection is not None
    assert asked.cost.basic is not None
    assert asked.cost.basic.nano_epsilon <= 2 * NANO
    assert asked.cost.basic.atto_delta == int(delta * 2 / 24 * ATTO)
    assert asked.gate == "basic"
    assert asked.price_again().is_covered_by(asked.cost)


def test_many_cells_take_gaussian_noise_where_it_is_less_and_allowed() -> None:
    sql = "SELECT k, t, COUNT(DISTINCT unit_id) FROM events GROUP BY k, t"
    wide = Caps(max_rows=400, max_groups=400, clip={})
    pure = plan_of(sql, wide, basic("1"))
    mixed = plan_of(sql, wide, basic("1"), delta_basic=Fraction(1, 10**5))
    assert pure.noises[0].mechanism == LAPLACE
    assert mixed.noises[0].sds()[0] <= pure.noises[0].sds()[0]
    one = plan_of(
        "SELECT COUNT(DISTINCT unit_id) FROM events", CLAMPED, basic(), delta_basic=Fraction(1, 10**5)
    )
    assert one.noises[0].mechanism == LAPLACE


def test_what_has_no_basic_price_is_refused_for_it() -> None:
    with pytest.raises(NoBasicPrice):
        plan_of("SELECT s, COUNT(*) FROM events GROUP BY s", CLAMPED, basic())
    for options in (
        Options(rho=Fraction(1), gate="basic"),
        Options(accuracy=Fraction(10), gate="basic"),
        Options(gate="both"),
        basic("0.000000001"),
    ):
        with pytest.raises(BadOption):
            plan_of("SELECT COUNT(*) FROM events", CLAMPED, options)
    with pytest.raises(QuestionTooDear):
        plan_of("SELECT COUNT(*) FROM events", CLAMPED, basic("101"))
    with pytest.raises(BadOption, match="gate"):
        plan_of("SELECT COUNT(*) FROM events EPSILON 1 GATE BASIC", CLAMPED, Options(gate="rho"))


def test_the_words_behind_a_question_choose_the_gate() -> None:
    said = plan_of("SELECT COUNT(*) FROM events EPSILON 2 GATE BASIC", CLAMPED)
    given_ = plan_of("SELECT COUNT(*) FROM events", CLAMPED, basic("2"))
    assert (said.gate, said.cost) == ("basic", given_.cost)
    assert plan_of("SELECT COUNT(*) FROM events EPSILON 2 GATE rho", CLAMPED).gate == "rho"
    with pytest.raises(JaliError):
        plan_of("SELECT COUNT(*) FROM events GATE BASIC", CLAMPED)


def kept(plan: PrivatePlan) -> Kept:
    source = read(json.loads(json.dumps(source_of(plan))))
    assert source is not None
    noisy = Noisy(((),), {one: (5,) for noise in plan.noises for one in noise.ids}, {})
    return Kept("r", plan.level, source, noisy)


def test_a_release_priced_in_epsilon_is_kept_at_the_level_of_its_noise() -> None:
    for sql, caps in QUESTIONS:
        plan = plan_of(sql, caps, basic())
        assert plan.level <= plan.cost.nano_rho
        same = repriced(plan, plan.level)
        for had, asked in zip(plan.noises, same.noises, strict=True):
            norm = (
                had.group.bound.norms[-1]
                if isinstance(had.group, Group) and isinstance(had.group.bound, AutoClip)
                else None
            )
            assert all(a <= b * (1 + 1e-6) for a, b in zip(had.sds(norm), asked.sds(norm), strict=True))
        assert kept(plan).source.noises == tuple(_bare(n) for n in plan.noises)


def _bare(noise: Noise) -> Any:
    class _Same:
        def __eq__(self, other: object) -> bool:
            assert isinstance(other, Noise)
            return other.scales() == noise.scales() and other.choice_scale == noise.choice_scale

        __hash__ = None  # type: ignore[assignment]

    return _Same()


def test_refinements_buy_no_epsilon() -> None:
    sql = "SELECT k, t, COUNT(*) FROM events GROUP BY k, t"
    first, more = (plan_of(sql, CLAMPED, Options(rho=Fraction(r, 100))) for r in (1, 4))
    found = refinement(more, kept(first))
    assert found is not None
    assert found.buying.cost.basic is None
    assert refinement(plan_of(sql, CLAMPED, basic("20")), kept(first)) is None
    assert refinement(more, kept(plan_of(sql, CLAMPED, basic("0.01")))) is None
    delta = Fraction(1, 10**6)
    first, more = (plan_of(sql, CLAMPED, Options(rho=Fraction(r, 100)), delta_basic=delta) for r in (1, 4))
    found = refinement(more, kept(first))
    assert found is not None
    price, cost = found.buying.cost.basic, found.buying.cost
    assert price is not None
    assert price.atto_delta <= int(delta * ATTO * Fraction(cost.nano_rho, more.cost.nano_rho))
    assert (
        epsilon_for(found.buying.price_again().nano_rho, Fraction(price.atto_delta, ATTO)) * NANO
        <= price.nano_epsilon
    )


@given(
    st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=1, max_size=5),
    st.integers(1, 5),
)
def test_the_l1_bound_of_a_clip_holds_for_every_vector_of_its_norm(
    cells: list[tuple[int, int]], weight: int
) -> None:
    """Cauchy and Schwarz on whole numbers, weights included."""
    squared = sum(a * a + (weight * b) ** 2 for a, b in cells)
    norm = math.isqrt(max(0, squared - 1)) + 1 if squared else 1
    statistics = tuple(
        (Statistic(f"s{i}", StatisticKind.ROWS, None, None), w) for i, w in enumerate((1, weight))
    )
    group = Group("g", statistics, FixedClip(norm * norm), len(cells), False)
    assert sum(abs(a) + weight * abs(b) for a, b in cells) * FINE <= l1_of(group)


@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**8), st.integers(1, 10**12))
def test_a_pure_scale_costs_at_most_its_price(sensitivity: Fraction, nano_epsilon: int) -> None:
    scale = pure_scale_for(sensitivity, nano_epsilon)
    assert sensitivity / Fraction(scale) <= Fraction(nano_epsilon, NANO)
    assert pure_nano_epsilon(sensitivity, scale) <= nano_epsilon
    smaller = math.nextafter(scale, 0.0)
    assert sensitivity / Fraction(smaller) > Fraction(nano_epsilon, NANO)


def test_hints_choose_the_bound_of_least_laplace_noise() -> None:
    caps = Caps(max_rows=100, max_groups=3, clip=AUTO)
    few = Hints(units=1000, rows_per_unit_p50=1, rows_per_unit_p90=2, rows_per_unit_p99=3)
    clipped = plan_of("SELECT COUNT(*) FROM events", caps, basic(), few)
    assert clipped.noises[0].choice_nano_epsilon > 0
    assert clipped.cost.basic == Basic(NANO)
