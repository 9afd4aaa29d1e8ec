"""ROLLUP, CUBE and GROUPING SETS: one level is measured and priced; the others are sums of its noisy cells."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jali.model.codes import DomainTooLarge, NotAdditive
from jali.model.errors import JaliError
from jali.model.request import Options
from jali.plan.answer import Rows, finish
from jali.plan.noise import LAPLACE
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.privacy.mechanisms import OpenDPSampler
from jali.store.snapshot import Snapshot
from jali.testing.samplers import NoNoise
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.test_meaning import DEAR, WIDE, WORLD
from tests.guarantee.world import AUTO, Caps, store

GROUPINGS = [
    "ROLLUP (k, t)",
    "CUBE (k, t)",
    "GROUPING SETS ((k, t), (t), ())",
    "GROUPING SETS (k, t)",
    "GROUPING SETS (ROLLUP (k), CUBE (t))",
    "k, ROLLUP (t)",
    "ROLLUP ((k, t))",
    "ROLLUP (k), ROLLUP (t)",
    "GROUPING SETS ((k), (k), (t, k))",
]


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    with store(WORLD) as found:
        yield found


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": "1"}) as db:
        db.execute("CREATE TABLE events (k INT, t TEXT, x DECIMAL(18,2), y INT)")
        for r in WORLD.events:
            db.execute(
                "INSERT INTO events VALUES (?,?,?,?)",
                [r.k, r.t, None if r.x is None else Decimal(r.x) / 4, r.y],
            )
        yield db


def _plain_row(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        round(float(v), 2)
        if isinstance(v, Decimal | float | int) and not isinstance(v, bool)
        else None
        if v == "(null)"
        else v
        for v in row
    )


@pytest.mark.guarantee
@pytest.mark.parametrize("grouping", GROUPINGS)
def test_levels_mean_what_plain_sql_means(
    grouping: str, snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    sql = (
        "SELECT k, t, GROUPING(k, t) AS g, GROUPING(t) AS h, COUNT(*) AS n, SUM(x) AS s, COUNT(y) AS c, "
        "RANK() OVER (PARTITION BY GROUPING(k, t) ORDER BY COUNT(*)) AS r, SUM(COUNT(*)) OVER () AS everything "
        f"FROM events GROUP BY {grouping} HAVING COUNT(*) > 0"
    )
    plan = plan_of(sql, WIDE, DEAR, max_nano_rho=10**19)
    found = finish(plan, Central(ENGINE, NoNoise()).release(plan, snapshot))
    got = Counter(_plain_row(row) for row in found.rows)
    assert got == Counter(_plain_row(row) for row in plain.execute(sql).fetchall())


@pytest.mark.guarantee
def test_averages_of_levels_are_those_of_all_their_rows(
    snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    sql = "SELECT k, AVG(x), AVG(y) FROM events GROUP BY ROLLUP (k) HAVING COUNT(*) > 0 AND GROUPING(k) = 1"
    plan = plan_of(sql, WIDE, DEAR, max_nano_rho=10**19)
    found = finish(plan, Central(ENGINE, NoNoise()).release(plan, snapshot))
    wanted = plain.execute(sql).fetchall()
    assert len(found.rows) == len(wanted) == 1
    for value, plainly in zip(found.rows[0][1:], wanted[0][1:], strict=True):
        assert float(str(value)) == pytest.approx(float(plainly), abs=0.005)


def test_a_label_tells_a_total_from_a_key_that_is_null() -> None:
    plan = plan_of("SELECT k, GROUPING(k) AS g, COUNT(*) FROM events GROUP BY ROLLUP (k)", Caps())
    keys = tuple((i,) for i in range(5))
    rows = finish(plan, Noisy(keys, {"s0": (1, 2, 3, 4, 5)}, {})).rows
    assert [r[:2] for r in rows] == [(0, 0), (1, 0), (2, 0), ("(other)", 0), ("(null)", 0), (None, 1)]
    assert [r[2] for r in rows] == [1, 2, 3, 4, 5, 15]


@pytest.mark.parametrize("grouping", GROUPINGS[:4])
def test_levels_cost_what_the_finest_one_costs(grouping: str) -> None:
    plan = plan_of(f"SELECT k, t, COUNT(*), AVG(x) FROM events GROUP BY {grouping}", Caps(clip=AUTO))
    fine = plan_of("SELECT k, t, COUNT(*), AVG(x) FROM events GROUP BY k, t", Caps(clip=AUTO))
    assert plan.cost == fine.cost == plan.price_again()
    assert plan.measure_text().rpartition("\n")[0] == fine.measure_text(), "only the levels are said besides"


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.integers(-(10**9), 10**9), min_size=20, max_size=20))
def test_parts_and_totals_add_up_from_kept_noisy_cells(cells: list[int]) -> None:
    plan = plan_of("SELECT k, t, GROUPING(k, t) AS g, SUM(x) FROM events GROUP BY CUBE (k, t)", Caps())
    keys = tuple(product(range(5), range(4)))
    kept = Noisy.from_json(Noisy(keys, {"s0": tuple(cells)}, {}).to_json())
    found = finish(plan, kept)
    total = {row[:3]: Fraction(str(raw[3])) for row, raw in zip(found.rows, found.unclamped, strict=True)}
    by_level = {g: sum(v for key, v in total.items() if key[2] == g) for g in range(4)}
    assert len(total) == 20 + 5 + 4 + 1
    assert set(by_level.values()) == {Fraction(sum(cells), 4)}


SAMPLER = OpenDPSampler()
DRAWS = 1200


def _totals(plan: PrivatePlan, truth: int) -> list[Rows]:
    noise = plan.measured[0].noise
    draw = SAMPLER.laplace if noise.mechanism == LAPLACE else SAMPLER.gaussian
    drawn = draw(noise.scales()[0], DRAWS * 5)
    keys = tuple((i,) for i in range(5))
    return [
        finish(plan, Noisy(keys, {"s0": tuple(truth // 5 + drawn[5 * d + i] for i in range(5))}, {}))
        for d in range(DRAWS)
    ]


@pytest.mark.guarantee
@pytest.mark.parametrize("rho", [Fraction(1, 100), Fraction(1), Fraction(6)])
@pytest.mark.parametrize(("rows", "mechanism"), [(1, LAPLACE), (4, "discrete_gaussian")])
def test_intervals_of_totals_cover_as_often_as_they_say(rho: Fraction, rows: int, mechanism: str) -> None:
    caps = Caps(max_rows=rows, max_groups=rows, per_group={"rows": Fraction(1)})
    sql = "SELECT k, COUNT(*) FROM events GROUP BY GROUPING SETS (k, ()) HAVING GROUPING(k) = 1"
    plan = plan_of(sql, caps, Options(rho=rho))
    if rho > 1 or rows > 1:
        assert plan.measured[0].noise.mechanism == mechanism
    inside, exact = 0, 5000
    for one in _totals(plan, exact):
        pair = one.intervals[0][1]
        assert pair is not None
        inside += Fraction(str(pair[0])) <= exact <= Fraction(str(pair[1]))
    lower = (
        0.95 - 5 * (0.95 * 0.05 / DRAWS) ** 0.5
    )  # five Monte Carlo errors: a sound interval fails once in millions
    assert inside / DRAWS >= lower


@pytest.mark.parametrize(
    ("sql", "error", "words"),
    [
        ("SELECT s, COUNT(*) FROM events GROUP BY ROLLUP (s)", NotAdditive, "not declared"),
        (
            "SELECT k, COUNT(DISTINCT unit_id) FROM events GROUP BY ROLLUP (k)",
            NotAdditive,
            "sum over its parts",
        ),
        ("SELECT k, COUNT(DISTINCT b) FROM events GROUP BY CUBE (k)", NotAdditive, "sum over its parts"),
        ("SELECT k, COUNT(DISTINCT item) FROM events GROUP BY GROUPING SETS (k)", None, ""),
        ("SELECT k, GROUPING(t) FROM events GROUP BY ROLLUP (k)", JaliError, "neither grouped"),
        (
            "SELECT k, GROUPING(COUNT(*)) AS g FROM events GROUP BY ROLLUP (k)",
            JaliError,
            "GROUPING takes keys",
        ),
        (
            "SELECT COUNT(*) FROM events GROUP BY CUBE (k, k + 1, k + 2, k + 3, k + 4, k + 5, k + 6, k + 7, k + 8)",
            JaliError,
            "more than 8",
        ),
        (
            "SELECT COUNT(*) FROM events GROUP BY CUBE (k, t), CUBE (k, t, item), CUBE (k, t, y, x)",
            JaliError,
            "256",
        ),
        (
            "SELECT k, t, item, COUNT(*) FROM events GROUP BY CUBE (k, t, item), CUBE (k, t, item)",
            DomainTooLarge,
            "all levels together",
        ),
    ],
)
def test_what_does_not_add_up_is_refused(sql: str, error: type[JaliError] | None, words: str) -> None:
    if error is None:
        plan_of(sql, Caps())
        return
    with pytest.raises(error, match=words):
        plan_of(sql, Caps())


def test_units_add_up_where_each_has_one_row() -> None:
    plan = plan_of("SELECT age, COUNT(DISTINCT unit_id) FROM people GROUP BY ROLLUP (age)", Caps())
    assert plan.cleared.query.levels == ((0,), ())


@pytest.mark.guarantee
def test_variances_of_levels_are_those_of_all_their_rows(
    snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    aggregates = "VAR_SAMP(y), STDDEV_POP(y), COVAR_POP(x, y), AVG(y)"
    grouping = "FROM events GROUP BY ROLLUP (k) HAVING COUNT(*) > 0 AND GROUPING(k) = 1"
    plan = plan_of(f"SELECT {aggregates} {grouping}", WIDE, DEAR, max_nano_rho=10**19)
    found = finish(plan, Central(ENGINE, NoNoise()).release(plan, snapshot))
    wanted = plain.execute(f"SELECT {aggregates} {grouping}").fetchall()
    assert [float(str(v)) for v in found.rows[0]] == pytest.approx([float(v) for v in wanted[0]], abs=0.005)


def test_the_noise_of_a_variance_of_a_total_is_that_of_all_its_cells() -> None:
    plan = plan_of("SELECT k, VAR_POP(y) AS v FROM events GROUP BY ROLLUP (k)", Caps())
    keys = tuple((i,) for i in range(5))
    ids = plan.noises[0].ids
    counts = {ids[0]: (10**9,) * 5, ids[1]: (10**9,) * 5, ids[2]: (2 * 10**9,) * 5}
    found = finish(plan, Noisy(keys, counts, {}))
    part, total = found.noise_sd[0][1], found.noise_sd[5][1]
    assert part is not None
    assert total is not None
    assert total == pytest.approx(part * 5**0.5 / 5, rel=1e-6)
