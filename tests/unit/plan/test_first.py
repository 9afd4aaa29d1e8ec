"""Bounds that are found first: what is bought, where the search ends, what every candidate costs, what is kept."""

import math
from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist

import pytest

from jali.model.codes import (
    AccuracyOutOfReach,
    BadOption,
    JoinNotBounded,
    NoBasicPrice,
    NoContributionBound,
    PriceDisagrees,
)
from jali.model.errors import JaliError
from jali.model.money import Basic
from jali.model.request import Options
from jali.model.schema import AutoBound, Hints
from jali.plan.bounds import norm_grid
from jali.plan.choice import KeptBound, scores, usable
from jali.plan.evidence import evidence, reprice
from jali.plan.private import PrivatePlan
from jali.privacy.tails import selection_threshold
from jali.testing.samplers import NoNoise, Recorder, Repeat
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.world import AUTO, Caps, Row, World, store

FOUND = AutoBound()
BY_KEY = "SELECT s, COUNT(*), COUNT(DISTINCT unit_id) FROM events GROUP BY s"
BY_TWO = "SELECT k, t, COUNT(DISTINCT unit_id) FROM events GROUP BY k, t"
JOINED = "SELECT COUNT(*) FROM events e JOIN visits v ON e.unit_id = v.unit_id"
ITEMS = "SELECT k, COUNT(DISTINCT item) FROM events GROUP BY k"
EVERYTHING = (
    "SELECT s, COUNT(*), COUNT(DISTINCT item), COUNT(DISTINCT k) FILTER (WHERE y > 1) "
    "FROM events e JOIN visits v ON e.unit_id = v.unit_id GROUP BY s"
)
ALL_FOUND = Caps(
    max_rows=20, max_groups=FOUND, join_rows=FOUND, clip=AUTO, max_distinct={"item": FOUND, "k": FOUND}
)


def choices(sql: str, caps: Caps, hints: Hints | None = None) -> dict[str, tuple[int, ...]]:
    """Return the bounds that are bought first and their candidates."""
    return {c.what: c.number.grid for c in plan_of(sql, caps, hints=hints).choices}


def kept_of(plan: PrivatePlan, place: int = 0, **changes: object) -> KeptBound:
    choice = plan.choices[place]
    return replace(KeptBound("r1", choice.number.grid[1], choice.nano_rho, choice.where), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sql", "caps", "expected"),
    [
        (BY_KEY, Caps(max_rows=40, max_groups=FOUND, clip=AUTO), {"maxGroups": norm_grid(40)}),
        (BY_TWO, Caps(max_rows=40, max_groups=FOUND), {"maxGroups": norm_grid(20)}),  # 5 x 4 declared keys
        (JOINED, Caps(max_rows=7, join_rows=FOUND), {"joinRows": norm_grid(49)}),
        (ITEMS, Caps(max_rows=9, max_distinct={"item": FOUND}), {"maxDistinct#0": norm_grid(9)}),
        (
            EVERYTHING,
            ALL_FOUND,
            dict.fromkeys(("joinRows", "maxGroups", "maxDistinct#1", "maxDistinct#2"), norm_grid(400)),
        ),
    ],
)
def test_the_search_ends_at_a_declared_bound(
    sql: str, caps: Caps, expected: dict[str, tuple[int, ...]]
) -> None:
    assert choices(sql, caps) == expected


@pytest.mark.parametrize(
    ("sql", "caps"),
    [
        (
            BY_TWO.replace("DISTINCT unit_id", "*"),
            Caps(max_rows=40, max_groups=FOUND, clip=AUTO),
        ),  # sums over rows
        (
            "SELECT k, COUNT(DISTINCT unit_id) FROM events GROUP BY k",
            Caps(max_rows=40, max_groups=FOUND),
        ),  # 5 keys
        (BY_KEY, Caps(max_rows=1, max_groups=FOUND)),  # one row has one key
        (BY_KEY, Caps(max_rows=40, max_groups=3)),
        (JOINED.replace("SELECT", "SELECT v,") + " GROUP BY v", Caps(max_rows=7, join_rows=FOUND, clip=AUTO)),
        (JOINED, Caps(max_rows=7, join_rows=3)),
        (
            "SELECT COUNT(DISTINCT y > 1) FROM events",
            Caps(max_rows=9, max_distinct={"y": FOUND}),
        ),  # two truths
        (ITEMS, Caps(max_rows=9, max_distinct={"item": 2})),
    ],
)
def test_nothing_is_bought_where_no_noise_rests_on_it(sql: str, caps: Caps) -> None:
    plan = plan_of(sql, caps)
    assert plan.choices == ()
    assert plan.settled({}) is plan


def test_a_hint_decides_whether_keys_are_worth_finding() -> None:
    caps = Caps(max_rows=40, max_groups=FOUND)
    assert choices(BY_TWO, caps, Hints(keys_per_unit=3))
    assert not choices(BY_TWO, caps, Hints(keys_per_unit=40))


@pytest.mark.parametrize(
    ("sql", "caps", "error", "named"),
    [
        (BY_KEY, Caps(max_rows=None, max_groups=FOUND), NoContributionBound, "contribution.maxRows"),
        (
            ITEMS,
            Caps(max_rows=None, max_distinct={"item": FOUND}),
            NoContributionBound,
            "contribution.maxRows",
        ),
        (JOINED, Caps(max_rows=None, join_rows=FOUND), JoinNotBounded, "contribution."),
    ],
)
def test_a_search_without_an_end_is_refused_naming_it(
    sql: str, caps: Caps, error: type[JaliError], named: str
) -> None:
    with pytest.raises(error) as refused:
        plan_of(sql, caps)
    assert named in (refused.value.hint or "")


@pytest.mark.parametrize(
    "options", [Options(), Options(epsilon=Fraction(1, 10)), Options(rho=Fraction(1, 7))]
)
def test_every_candidate_costs_no_more_than_what_is_charged(options: Options) -> None:
    plan = plan_of(EVERYTHING, ALL_FOUND, options)
    assert len(plan.choices) == 4
    spent = sum(c.price() for c in plan.choices)
    assert 0 < spent <= sum(c.nano_rho for c in plan.choices) <= plan.cost.nano_rho // 5
    for place in range(17):
        settled = plan.settled({c.what: c.number.grid[place] for c in plan.choices})
        assert settled.price_again().is_covered_by(plan.cost)
        assert settled.cost == plan.cost
        assert not settled.choices
        assert settled.exact.row_cap == norm_grid(400)[place]
        assert settled.exact.max_keys == norm_grid(400)[place]
        assert [s.per_key for s in settled.exact.shared] == [norm_grid(400)[place]] * 2


def test_the_delta_of_keys_holds_at_every_candidate() -> None:
    plan = plan_of(BY_KEY, Caps(max_rows=40, max_groups=FOUND, clip=AUTO))
    found = []
    for most in plan.choices[0].number.grid:
        selection = plan.settled({"maxGroups": most}).selection
        assert selection is not None
        assert selection.max_keys == most
        needed = selection_threshold(
            sigma=selection.sigma, one=2**16, max_keys=most, min_units=1, key_delta=Fraction(1, 10**6)
        )
        assert selection.threshold == needed
        found.append(needed)
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_what_a_candidate_does_not_change_is_measured_alike() -> None:
    plan = plan_of(EVERYTHING, ALL_FOUND)
    small, large = (plan.settled({c.what: c.number.grid[place] for c in plan.choices}) for place in (0, -1))
    assert [g.statistics for g in small.exact.groups] == [g.statistics for g in large.exact.groups]
    assert [type(g.bound) for g in small.exact.groups] == [type(g.bound) for g in large.exact.groups]


def _many(units: int, keys: int) -> World:
    rows = [Row(u, k=i % 3, s=f"s{i}", x=1, y=1, b=i, item=i % 4) for u in range(units) for i in range(keys)]
    return World(rows * 2, [(u, "old") for u in range(units)], [(u, 1, 1) for u in range(units)])


def test_the_choice_is_drawn_first_and_the_noise_is_of_what_it_names() -> None:
    plan = plan_of(BY_KEY, Caps(max_rows=40, max_groups=FOUND, clip={}, per_unit=None))
    recorder = Recorder()
    with store(_many(12, 5)) as snapshot:
        noisy = Central(ENGINE, recorder).release(plan, snapshot)
    most = noisy.bounds["maxGroups"]
    assert most == 5  # the candidate that fits best where all have five
    settled = plan.settled(noisy.bounds)
    choice = plan.choices[0]
    counts = [0] * (len(choice.number.grid) + 1)
    counts[choice.number.grid.index(5)] = 12
    assert recorder.calls[0] == ("choose", choice.scale, len(choice.number.grid))
    assert list(recorder.scores[0]) == scores(counts, choice.rank, choice.prior)
    assert settled.selection is not None
    drawn = {call[1] for call in recorder.calls[1:]}
    assert drawn == {settled.selection.sigma, *(s for n in settled.noises for s in n.scales())}


@pytest.mark.parametrize("place", [0, 3, -1])
def test_a_release_is_bounded_by_what_was_found(place: int) -> None:
    caps = Caps(
        max_rows=40, max_groups=FOUND, join_rows=FOUND, max_distinct={"item": FOUND}, clip={}, per_unit=None
    )
    plan = plan_of(
        "SELECT k, t, COUNT(DISTINCT item), COUNT(DISTINCT unit_id) FROM events GROUP BY k, t", caps
    )
    indices = [place % len(c.number.grid) for c in plan.choices]
    with store(_many(1, 12)) as snapshot:
        noisy = Central(ENGINE, Repeat(indices=indices)).release(plan, snapshot)
    most = noisy.bounds["maxDistinct#0"]
    assert max(noisy.values["g0"]) == min(most, 4)
    assert sum(noisy.values["g0"]) <= most * noisy.bounds["maxGroups"]


def test_no_noise_is_drawn_where_a_settled_plan_costs_more_than_was_charged() -> None:
    plan = plan_of(BY_KEY, Caps(max_rows=40, max_groups=FOUND, clip=AUTO))
    dearer = plan_of(BY_KEY, Caps(max_rows=40, max_groups=3, clip=AUTO), Options(rho=Fraction(3)))
    recorder = Recorder()
    with store(_many(3, 5)) as snapshot, pytest.raises(PriceDisagrees):
        Central(ENGINE, recorder).release(replace(plan, settle=lambda _: dearer), snapshot)
    assert [call[0] for call in recorder.calls] == ["choose"]


def test_the_evidence_shows_each_choice_as_an_event_and_is_priced_again() -> None:
    plan = plan_of(EVERYTHING, ALL_FOUND)
    with store(_many(6, 3)) as snapshot:
        noisy = Central(ENGINE, NoNoise()).release(plan, snapshot)
    settled = plan.settled(noisy.bounds)
    shown = evidence(settled, noisy)
    assert reprice(shown).is_covered_by(plan.cost)
    bounds = shown["bounds"]
    assert isinstance(bounds, list)
    assert [b["what"] for b in bounds] == ["joinRows", "maxGroups", "maxDistinct", "maxDistinct"]
    forged = [{**bounds[0], "chosen": "3000"}, *bounds[1:]]
    with pytest.raises(ValueError, match="candidates"):
        reprice({**shown, "bounds": forged})
    cheaper = [{**bounds[0], "scale": bounds[0]["scale"] / 2}, *bounds[1:]]
    with pytest.raises(ValueError, match="costs more"):
        reprice({**shown, "bounds": cheaper})


@pytest.mark.parametrize("units", [300, 2500, 40_000])
def test_the_keys_of_a_unit_are_found_where_most_units_are(units: int) -> None:
    """Exact probabilities: unit i has a number of keys as purchases have them, log-normal with median 12."""
    hints = Hints(units=units)
    plan = plan_of(
        BY_KEY, Caps(max_rows=5000, max_groups=FOUND, clip=AUTO), Options(rho=Fraction("0.0284")), hints=hints
    )
    choice = plan.choices[0]
    grid = choice.number.grid
    counts = [0] * (len(grid) + 1)
    for unit in range(units):
        number = max(1, round(12 * math.exp(0.6 * NormalDist().inv_cdf((unit + 0.5) / units))))
        counts[next(i for i, g in enumerate(grid) if g >= number)] += 1
    found = scores(counts, choice.rank, choice.prior)
    weights = [math.exp((s - max(found)) / choice.scale) for s in found]
    law = {g: w / sum(weights) for g, w in zip(grid, weights, strict=True)}
    below = sum(p for g, p in law.items() if g < 12)
    assert below < 0.01
    assert sum(p for g, p in law.items() if g > 256) < 0.05


# --- kept bounds ------------------------------------------------------------------------------------------------------

SAME = ("month = 3",)


@pytest.mark.parametrize(
    ("mode", "kept", "nano_rho", "expected"),
    [
        ("same", [("a", 5, 100, SAME)], 100, "a"),
        ("same", [("a", 5, 100, ())], 100, None),
        ("same", [("a", 5, 100, (*SAME, "x"))], 100, None),
        ("same", [("a", 5, 100, SAME), ("b", 8, 200, SAME)], 100, "b"),
        ("same", [("b", 8, 100, SAME), ("a", 5, 100, SAME)], 100, "a"),
        ("same", [("a", 5, 6, SAME)], 100, None),  # found for less than a sixteenth
        ("same", [("a", 5, 7, SAME)], 100, "a"),
        ("same", [("a", 6, 100, SAME)], 100, None),  # not a candidate
        ("any", [("a", 5, 100, ())], 100, "a"),
        ("any", [("a", 5, 900, ()), ("b", 8, 100, ("month = 4",))], 100, "b"),  # numbers alone differ
        ("any", [("a", 5, 900, ("month = 4",)), ("b", 8, 100, SAME)], 100, "b"),
        ("fresh", [("a", 5, 100, SAME)], 100, None),
    ],
)
def test_which_kept_bound_is_used(
    mode: str, kept: list[tuple[str, int, int, tuple[str, ...]]], nano_rho: int, expected: str | None
) -> None:
    found = usable([KeptBound(*one) for one in kept], SAME, nano_rho, mode, (1, 2, 4, 5, 8))
    assert (found.release_id if found is not None else None) == expected


def test_a_kept_bound_takes_the_place_of_its_choice() -> None:
    caps = Caps(max_rows=40, max_groups=FOUND, clip=AUTO)
    first = plan_of(BY_KEY, caps)
    kept = {first.choices[0].text: [kept_of(first)]}
    again = plan_of(BY_KEY, caps, kept=lambda text: kept.get(text, ()))
    assert again.choices == ()
    assert again.exact.max_keys == first.choices[0].number.grid[1]
    assert again.cost == first.cost
    bought, free = first.settled({"maxGroups": 2}), again
    assert sum(n.nano_rho for n in free.noises) > sum(n.nano_rho for n in bought.noises)
    assert free.measure_text() == bought.measure_text(), "what was bought is found again as the same question"


def test_a_kept_norm_is_the_noise_of_the_whole_price() -> None:
    sql, caps = "SELECT k, COUNT(*) FROM events GROUP BY k", Caps(max_rows=40, clip=AUTO)
    first = plan_of(sql, caps)
    ((group, (text, where)),) = first.clips.items()
    kept = KeptBound("r1", 4, first.noises[0].choice_nano_rho, where)
    again = plan_of(sql, caps, kept=lambda t: [kept] if t == text else ())
    (noise,) = again.noises
    assert (noise.nano_rho, noise.choice_nano_rho, noise.kept) == (first.cost.nano_rho, 0, kept)
    assert again.price_again().is_covered_by(again.cost)
    assert noise.scales()[0] == pytest.approx(first.noises[0].scales(4)[0] * math.sqrt(0.8))
    assert again.measure_text() == first.measure_text()
    elsewhere = replace(kept, where=("other",))
    lent = plan_of(sql, caps, Options(bounds="any"), kept=lambda t: [elsewhere] if t == text else ())
    assert lent.measure_text() != first.measure_text(), "it is not served to who did not ask for it"
    with store(_many(4, 6)) as snapshot:
        recorder = Recorder()
        assert Central(ENGINE, recorder).release(again, snapshot).norms == {group: 4}
    assert "choose" not in {call[0] for call in recorder.calls}


@pytest.mark.parametrize(
    "other",
    [
        "SELECT k, COUNT(*) FROM events WHERE y > 1 GROUP BY k",
        "SELECT k, COUNT(*) FILTER (WHERE y > 1) FROM events GROUP BY k",
        "SELECT k, COUNT(*), SUM(y) FROM events GROUP BY k ORDER BY 2",
    ],
)
def test_names_hold_no_conditions(other: str) -> None:
    caps = Caps(max_rows=40, clip=AUTO)
    names = [
        next(iter(plan_of(sql, caps).clips.values()))
        for sql in ("SELECT k, COUNT(*) FROM events GROUP BY k", other)
    ]
    assert names[0][0] == names[1][0]
    assert (names[0][1] == names[1][1]) == ("WHERE" not in other)


@pytest.mark.parametrize(
    "other",
    [
        "SELECT t, COUNT(*) FROM events GROUP BY t",
        "SELECT k, COUNT(y) FROM events GROUP BY k",
        "SELECT v AS k, COUNT(*) FROM visits GROUP BY v",
        "SELECT k, COUNT(*) FROM events e WHERE EXISTS (SELECT 1 FROM visits v WHERE v.unit_id = e.unit_id) GROUP BY k",
    ],
)
def test_another_measure_grouping_or_relation_has_another_name(other: str) -> None:
    caps = Caps(max_rows=40, clip=AUTO)
    names = {
        next(iter(plan_of(sql, caps).clips.values()))[0]
        for sql in ("SELECT k, COUNT(*) FROM events GROUP BY k", other)
    }
    assert len(names) == 2


def test_an_accuracy_needs_its_bounds_kept() -> None:
    caps = Caps(max_rows=40, max_groups=FOUND, clip={})
    options = Options(accuracy=Fraction(30))
    with pytest.raises(AccuracyOutOfReach, match="maxGroups is found privately"):
        plan_of(BY_KEY, caps, options)
    first = plan_of(BY_KEY, caps)
    plan = plan_of(BY_KEY, caps, options, kept=lambda _: [kept_of(first, nano_rho=1)])
    assert plan.exact.max_keys == first.choices[0].number.grid[1]


def test_a_price_too_small_to_find_a_bound_is_refused() -> None:
    with pytest.raises(BadOption):
        plan_of(BY_KEY, Caps(max_rows=40, max_groups=FOUND, clip=AUTO), Options(rho=Fraction(12, 10**9)))


# --- the second gate --------------------------------------------------------------------------------------------------


def test_a_bound_that_is_found_has_a_basic_price_where_gaussian_noise_has_one() -> None:
    assert plan_of(EVERYTHING, ALL_FOUND).cost.basic is None
    plan = plan_of(EVERYTHING, ALL_FOUND, delta_basic=Fraction(1, 10**6))
    basic = plan.cost.basic
    assert basic is not None
    for place in range(17):
        settled = plan.settled({c.what: c.number.grid[place] for c in plan.choices})
        assert settled.cost == plan.cost
        again = settled.price_again()
        assert again.is_covered_by(plan.cost)
        assert again.basic is not None
        assert again.basic.nano_epsilon > 0.99 * basic.nano_epsilon
        assert {n.mechanism for n in settled.noises} == {"discrete_gaussian"}
    with store(_many(6, 3)) as snapshot:
        noisy = Central(ENGINE, NoNoise()).release(plan, snapshot)
    shown = evidence(plan.settled(noisy.bounds), noisy)
    assert reprice(shown).is_covered_by(plan.cost)
    assert reprice({**shown, "bounds": []}).basic != reprice(shown).basic


def test_a_question_priced_in_epsilon_takes_no_more_than_that_with_its_choices() -> None:
    options = Options(epsilon=Fraction(2), gate="basic")
    plan = plan_of(
        BY_KEY, Caps(max_rows=40, max_groups=FOUND, clip=AUTO), options, delta_basic=Fraction(1, 10**6)
    )
    assert plan.choices
    assert plan.cost.basic is not None
    assert plan.cost.basic.nano_epsilon <= 2 * 10**9
    assert plan.settled({"maxGroups": 2}).price_again().is_covered_by(plan.cost)


def test_laplace_noise_finds_nothing_first_and_uses_what_is_kept() -> None:
    options, caps = Options(epsilon=Fraction(1), gate="basic"), Caps(max_rows=40, max_groups=FOUND, clip=AUTO)
    assert plan_of(BY_TWO, caps, options).choices == ()
    wanted = Caps(max_rows=9, max_distinct={"item": FOUND}, clip=AUTO)
    with pytest.raises(NoBasicPrice, match="maxDistinct"):
        plan_of(ITEMS, wanted, options)
    first = plan_of(ITEMS, wanted)
    text, bound = first.choices[0].text, kept_of(first)
    plan = plan_of(ITEMS, wanted, options, kept=lambda t: [bound] if t == text else ())
    assert plan.cost.basic == Basic(10**9)
    assert plan.exact.shared[0].per_key == bound.value
    assert plan.price_again().is_covered_by(plan.cost)


def test_a_kept_norm_is_used_on_both_scales() -> None:
    sql, caps = "SELECT k, COUNT(*) FROM events GROUP BY k", Caps(max_rows=40, clip=AUTO)
    first = plan_of(sql, caps)
    ((_, (text, where)),) = first.clips.items()
    kept = KeptBound("r1", 4, first.noises[0].choice_nano_rho, where)
    options = Options(epsilon=Fraction(1), gate="basic")
    (noise,) = plan_of(sql, caps, options, kept=lambda t: [kept] if t == text else ()).noises
    (fresh,) = plan_of(sql, caps, options).noises
    assert (noise.nano_epsilon, noise.choice_nano_epsilon, noise.kept) == (10**9, 0, kept)
    assert fresh.choice_nano_epsilon > 0
    assert noise.scales()[0] == pytest.approx(fresh.scales(4)[0] * 0.8, rel=1e-6)
    plan = plan_of(sql, caps, options, kept=lambda t: [kept] if t == text else ())
    assert plan.price_again().is_covered_by(plan.cost)
    with store(_many(4, 6)) as snapshot:
        noisy = Central(ENGINE, NoNoise()).release(plan, snapshot)
    assert reprice(evidence(plan, noisy)).is_covered_by(plan.cost)
