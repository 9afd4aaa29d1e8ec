"""Free derivations mean what plain SQL means, and never more than the noisy cells they come from."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import product

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jali.model.request import Options
from jali.plan.answer import finish, finish_lines
from jali.plan.derive import Derived, Kept, derived
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.plan.source import read, source_of
from jali.store.snapshot import Snapshot
from jali.testing.samplers import NoNoise
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.test_levels import _plain_row
from tests.guarantee.test_meaning import DEAR, WIDE, WORLD
from tests.guarantee.world import AUTO, Caps, store

BASE = (
    "SELECT k, t, COUNT(*) AS n, SUM(x) AS s, COUNT(y) AS c, AVG(y) AS m, VAR_SAMP(y) AS v, COUNT(DISTINCT b) AS d "
    "FROM events GROUP BY k, t"
)
EXACT = [
    "SELECT COUNT(*), SUM(x) FROM events",
    "SELECT k, COUNT(*), SUM(x), COUNT(y) FROM events GROUP BY k HAVING COUNT(*) > 0",
    "SELECT t, COUNT(y), k, COUNT(*) FROM events GROUP BY t, k HAVING COUNT(*) > 0",
    "SELECT k, SUM(x) / COUNT(*) FROM events WHERE t = 'a' GROUP BY k HAVING COUNT(*) > 0",
    "SELECT COUNT(*) FROM events WHERE t = 'a' AND k = 1",
    "SELECT COUNT(*) FROM events WHERE t IN ('a', 'b') AND k IN (0, 2)",
    "SELECT t, COUNT(*) FROM events WHERE NOT (k = 1) GROUP BY t HAVING COUNT(*) > 0",
    "SELECT t, COUNT(*) FROM events WHERE k <> 1 AND t <> 'b' GROUP BY t HAVING COUNT(*) > 0",
    "SELECT COUNT(*) FROM events WHERE k IS NULL OR t = 'a'",
    "SELECT COUNT(*) FROM events WHERE t IS NOT NULL",
    "SELECT k, t, COUNT(*) FROM events WHERE t = 'a' GROUP BY ROLLUP (k, t) HAVING COUNT(*) > 0",
    "SELECT k = 1 AS one, COUNT(*) FROM events WHERE k IN (0, 1, 2) GROUP BY 1 HAVING COUNT(*) > 0",
    "SELECT COUNT(*) FROM events WHERE k = NULL",
]
REFUSED = [
    "SELECT COUNT(*) FROM events WHERE k > 1",  # what is in (other) cannot be told
    "SELECT COUNT(*) FROM events WHERE t = 'c'",  # no declared key: it may be part of (other)
    "SELECT COUNT(*) FROM events WHERE t LIKE 'a%'",
    "SELECT COUNT(*) FROM events WHERE y = 1",  # not a key
    "SELECT COUNT(*) FROM events WHERE k = y",
    "SELECT COUNT(DISTINCT b) FROM events",  # no sum
    "SELECT k, COUNT(DISTINCT b) FROM events WHERE t = 'a' GROUP BY k",
    "SELECT COUNT(*) FILTER (WHERE t = 'a') FROM events",
    "SELECT SUM(y) FROM events",  # not measured by itself
    "SELECT y, COUNT(*) FROM events GROUP BY y",
    "SELECT s, COUNT(*) FROM events GROUP BY s",
    "SELECT k, t, age, COUNT(*) FROM events JOIN people USING (unit_id) GROUP BY k, t, age",
]


def kept_of(plan: PrivatePlan, noisy: Noisy) -> Kept:
    source = read(source_of(plan))
    assert source is not None
    return Kept("r1", plan.cost.nano_rho, source, Noisy.from_json(noisy.to_json()))


def free(sql: str, kept: Kept, caps: Caps = WIDE, options: Options = DEAR) -> Derived | None:
    return derived(plan_of(sql, caps, options, max_nano_rho=10**19), kept)


def dear(sql: str) -> PrivatePlan:
    return plan_of(sql, WIDE, DEAR, max_nano_rho=10**19)


@pytest.fixture(scope="module")
def snapshot() -> Iterator[Snapshot]:
    with store(WORLD) as found:
        yield found


@pytest.fixture(scope="module")
def base(snapshot: Snapshot) -> Kept:
    plan = dear(BASE)
    return kept_of(plan, Central(ENGINE, NoNoise()).release(plan, snapshot))


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


CHEAP = Options(rho=Fraction(1, 10**6))


@pytest.mark.guarantee
@pytest.mark.parametrize("sql", EXACT)
def test_what_follows_means_what_plain_sql_means(
    sql: str, base: Kept, plain: duckdb.DuckDBPyConnection
) -> None:
    found = free(sql, base, options=CHEAP)
    assert found is not None
    rows = finish_lines(found.plan, found.lines)
    got = Counter(_plain_row(row) for row in rows.rows)
    assert got == Counter(_plain_row(row) for row in plain.execute(sql).fetchall())
    assert [n.code for n in rows.notes].count("N311") == 1


@pytest.mark.guarantee
def test_averages_and_variances_are_computed_from_their_sums(
    base: Kept, plain: duckdb.DuckDBPyConnection
) -> None:
    sql = "SELECT AVG(y), VAR_SAMP(y) FROM events WHERE t = 'a'"
    found = free(sql, base, options=CHEAP)
    assert found is not None
    got, wanted = finish_lines(found.plan, found.lines).rows[0], plain.execute(sql).fetchall()[0]
    assert [float(str(v)) for v in got] == pytest.approx([float(v) for v in wanted], abs=0.005)


@pytest.mark.parametrize("sql", REFUSED)
def test_what_does_not_follow_is_not_derived(sql: str, base: Kept) -> None:
    assert free(sql, base, options=CHEAP) is None


def test_the_same_cells_serve_distinct_counts_too(base: Kept) -> None:
    sql = "SELECT t, k, COUNT(DISTINCT b) AS d FROM events GROUP BY t, k"
    found = free(sql, base, options=CHEAP)
    assert found is not None
    assert not found.is_summed
    assert found.lines.cells == (1,) * 20


def test_a_key_that_a_condition_leaves_empty_is_zero_without_noise() -> None:
    caps = Caps(max_groups=None)
    plan = plan_of("SELECT k, COUNT(*) AS n FROM events GROUP BY k", caps)
    kept = kept_of(plan, Noisy(tuple((i,) for i in range(5)), {"s0": (9, 8, 7, 6, 5)}, {}))
    found = free("SELECT k, COUNT(*) AS n FROM events WHERE k = 1 GROUP BY k", kept, caps, Options())
    assert found is not None
    rows = finish_lines(found.plan, found.lines)
    assert [row[1] for row in rows.rows] == [0, 8, 0, 0, 0]
    assert [sd[1] == 0 for sd in rows.noise_sd] == [True, False, True, True, True]
    assert [pair[1] == (0, 0) for pair in rows.intervals] == [True, False, True, True, True]


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(st.integers(-(10**12), 10**12), min_size=20, max_size=20),
    keys=st.sampled_from(["", "k", "t", "t, k"]),
    caps=st.sampled_from([Caps(max_groups=None), Caps(max_groups=None, clip=AUTO)]),
    where=st.sampled_from(["", "k = 1", "t IN ('a', 'b')", "k <> 0", "t IS NULL"]),
)
def test_a_derived_value_is_exactly_the_sum_of_its_cells(
    cells: list[int], keys: str, caps: Caps, where: str
) -> None:
    plan = plan_of("SELECT k, t, SUM(x) AS s FROM events GROUP BY k, t", caps)
    codes = tuple(product(range(5), range(4)))
    group = plan.noises[0].group
    norms = {group.id: 4} if plan.noises[0].choice_nano_rho else {}
    kept = kept_of(plan, Noisy(codes, {"s0": tuple(cells)}, norms))
    by = f" GROUP BY {keys}" if keys else ""
    condition = f" WHERE {where}" if where else ""
    found = free(f"SELECT SUM(x) AS s FROM events{condition}{by}", kept, caps, Options())
    assert found is not None
    wanted: dict[tuple[int, ...], int] = {}
    for (k, t), value in zip(codes, cells, strict=True):
        holds = {
            "": True,
            "k = 1": k == 1,
            "t IN ('a', 'b')": t < 2,
            "k <> 0": k not in {0, 4},
            "t IS NULL": t == 3,
        }
        place = {"": (), "k": (k,), "t": (t,), "t, k": (t, k)}[keys]
        wanted[place] = wanted.get(place, 0) + (value if holds[where] else 0)
    assert dict(zip(found.lines.keys, found.lines.values["s0"], strict=True)) == wanted
    shown = finish_lines(found.plan, found.lines)
    for line, row in zip(found.lines.values["s0"], shown.unclamped, strict=True):
        exact = Fraction(line, group.scale) * Fraction(1, 4)  # type: ignore[arg-type]
        assert abs(Fraction(str(row[0])) - exact) <= Fraction(1, 8), "only the last rounding differs"


def test_a_price_that_is_asked_is_compared_by_noise() -> None:
    caps = Caps(max_groups=None)
    plan = plan_of("SELECT k, COUNT(*) AS n FROM events GROUP BY k", caps, Options(rho=Fraction(1, 100)))
    kept = kept_of(plan, Noisy(tuple((i,) for i in range(5)), {"s0": (9,) * 5}, {}))
    total = "SELECT COUNT(*) AS n FROM events"
    assert free(total, kept, caps, Options(rho=Fraction(1, 100))) is None
    assert free(total, kept, caps, Options(rho=Fraction(1, 499))) is None
    assert free(total, kept, caps, Options(rho=Fraction(1, 501))) is not None
    assert free(total, kept, caps, Options()) is None, "a default price is dearer than this release"


def test_nothing_is_summed_where_keys_were_sampled_or_found() -> None:
    caps = Caps(max_groups=2)
    plan = plan_of("SELECT k, COUNT(*) AS n FROM events GROUP BY k", caps)
    assert plan.exact.max_keys == 2
    kept = kept_of(plan, Noisy(tuple((i,) for i in range(5)), {"s0": (9,) * 5}, {}))
    assert free("SELECT COUNT(*) AS n FROM events", kept, caps, Options()) is None
    found = plan_of("SELECT s, COUNT(*) AS n, SUM(x) AS x FROM events GROUP BY s", Caps())
    kept = kept_of(found, Noisy((("p",), ("q",)), {"s0": (5, 6), "s1": (7, 8)}, {}))
    assert free("SELECT COUNT(*) AS n FROM events", kept, Caps(), Options()) is None
    assert (
        free("SELECT s, COUNT(*) AS n FROM events WHERE s = 'p' GROUP BY s", kept, Caps(), Options()) is None
    )
    subset = free("SELECT s, SUM(x) AS x FROM events GROUP BY s", kept, Caps(), Options())
    assert subset is not None
    assert finish_lines(subset.plan, subset.lines).rows == (("p", Decimal("1.75")), ("q", Decimal("2.00")))


def _people(min_units: int, noisy: tuple[int, ...]) -> tuple[PrivatePlan, Kept]:
    caps = Caps(max_groups=None)
    sql = "SELECT k, COUNT(DISTINCT unit_id) AS u, SUM(x) AS s FROM events GROUP BY k"
    plan = dataclasses.replace(plan_of(sql, caps), min_units=min_units)
    totals = {"s0": noisy, "s1": (100,) * 5}
    return plan, kept_of(plan, Noisy(tuple((i,) for i in range(5)), totals, {}))


@pytest.mark.guarantee
def test_a_cell_that_was_hidden_enters_no_derived_answer() -> None:
    caps = Caps(max_groups=None)
    small, kept = _people(10, (50, 9, 50, 50, 50))
    assert finish(small, kept.noisy).rows[1][1:] == (None, None)

    def ask(sql: str) -> Derived | None:
        return derived(dataclasses.replace(plan_of(sql, caps), min_units=10), kept)

    assert ask("SELECT SUM(x) AS s FROM events") is None
    assert ask("SELECT k, SUM(x) AS s FROM events GROUP BY k") is None
    assert ask("SELECT SUM(x) AS s FROM events WHERE k IN (0, 1)") is None
    assert ask("SELECT SUM(x) AS s FROM events WHERE k IN (0, 2)") is not None
    _, kept = _people(10, (50,) * 5)
    assert ask("SELECT SUM(x) AS s FROM events") is not None
