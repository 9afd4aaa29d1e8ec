"""Every hole a reviewer found by running, kept closed."""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jali.engines.duckdb import DuckDBEngine
from jali.model.codes import EngineFailed
from jali.model.errors import JaliError
from jali.model.unseal import unseal
from jali.sql.parse import parse
from tests.guarantee.plans import plan_of
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.world import AUTO, Caps, Row, World, catalog, store

CATALOG = catalog(Caps())
WIDE = Caps(max_rows=100, max_groups=100, clip=AUTO)
HUGE = 2**62
EDGES = World(
    [Row(0, k=1, x=HUGE, y=-HUGE), Row(0, k=0, x=-HUGE, y=HUGE), Row(1, k=1, x=1, y=1), Row(2, k=None)]
)

ARITHMETIC = [
    "CASE WHEN k = 1 THEN 100000 ELSE 0 END * CASE WHEN k = 1 THEN 100000 ELSE 1 END",
    "CASE WHEN k = 1 THEN 2000000000 ELSE 0 END + CASE WHEN k = 1 THEN 2000000000 ELSE 0 END",
    "CASE WHEN k = 1 THEN -2000000000 ELSE 0 END - CASE WHEN k = 1 THEN 2000000000 ELSE 0 END",
    "ABS(CASE WHEN k = 1 THEN -2147483648 ELSE 0 END)",
    "- CASE WHEN k = 1 THEN -2147483648 ELSE 0 END",
    "CASE WHEN k = 1 THEN 2000000000 ELSE 0 END + CASE WHEN k = 1 THEN 0.5 ELSE 0.25 END",
    "CASE WHEN k = 1 THEN 9223372036854775807 ELSE 0 END + 1",
    "CASE WHEN k = 1 THEN 2147483647 ELSE 0 END * 2 - 1",
    "CASE WHEN k = 1 THEN 0 ELSE 1 END % CASE WHEN k = 1 THEN 0 ELSE 1 END",
    "COALESCE(NULLIF(k, 1), 2147483647) + 2147483647",
    "GREATEST(CASE WHEN k = 1 THEN 2147483647 ELSE 0 END, 1) * 2147483647",
    "EXTRACT(year FROM DATE '2020-01-01') * CASE WHEN k = 1 THEN 2147483647 ELSE 0 END",
    "LENGTH(t) * CASE WHEN k = 1 THEN 2147483647 ELSE 0 END * 4",
    "x * 1000 * y",
    "CASE WHEN k = 1 THEN 1180591620717411303424 ELSE 0 END * 0",
    "CASE WHEN k = 1 THEN 1180591620717411303424 END - 1180591620717411303424",
    "ROUND(x * y, 1)",
    "(k // 3) * 2",
    "ROUND(SQRT(y)) + x",
    "FLOOR(x / 3) + CEIL(y / 7)",
]


@pytest.mark.guarantee
@pytest.mark.parametrize("value", ARITHMETIC)
def test_no_arithmetic_fails_on_the_rows_that_reach_it(value: str) -> None:
    """A1, A10: an expression is refused while planning, or computed on every row; nothing in between."""
    codes: list[str] = []
    for query in (
        f"SELECT COUNT(*) FROM events WHERE {value} > 5",
        f"SELECT SUM(LEAST(GREATEST({value}, 0), 10)) FROM events",
        f"SELECT COUNT(*) FROM (SELECT unit_id, SUM({value}) AS s FROM events GROUP BY unit_id) u WHERE s > 1",
        f"SELECT COUNT(*) FROM (SELECT unit_id, AVG({value}) AS s FROM events GROUP BY unit_id) u WHERE s > 1",
    ):
        try:
            plan = plan_of(query, WIDE)
            with store(EDGES) as snapshot:
                ENGINE.check(plan.exact, snapshot)
        except JaliError as refusal:
            codes.append(refusal.code)
            continue
        with store(EDGES) as snapshot, ENGINE.open(plan.exact, snapshot) as run:
            unseal(run.totals(tuple((g.id, 4) for g in plan.exact.groups)))
    assert all(code[:2] in {"J1", "J3"} for code in codes), codes


@pytest.mark.guarantee
@pytest.mark.parametrize(
    "aggregate", ["AVG(y / 10)", "AVG(SQRT(y))", "AVG(CAST(y AS DOUBLE))", "SUM(y / 10)", "SUM(LN(y))"]
)
def test_doubles_are_never_added_up(aggregate: str) -> None:
    """A3: a sum of doubles depends on the order of rows, and so on other units."""
    query = f"SELECT COUNT(*) FROM (SELECT unit_id, {aggregate} AS m FROM events GROUP BY unit_id) z WHERE m > 0.2"
    with pytest.raises(JaliError) as refusal:
        parse(query, CATALOG)
    assert refusal.value.code == "J104"


@pytest.mark.guarantee
def test_averages_per_unit_do_not_depend_on_layout() -> None:
    """A3 on data of several row groups and threads: what one unit's rows give is the same whatever lies around them."""
    units = 150_000
    rows = [(u, r, y) for u in range(units) for r, y in enumerate((1, 2, 3), 1)]
    extra = [*rows, (units, 1, 5), (units, 2, 6)]
    query = "SELECT COUNT(*) FROM (SELECT unit_id, AVG(y) AS m FROM events GROUP BY unit_id) z WHERE m > 1.9"
    plan = plan_of(query, Caps(max_rows=5, clip=AUTO))
    engine = DuckDBEngine(b"\x07" * 32, threads=4)
    found = []
    for data in (extra, rows):
        with store(World([Row(0)])) as snapshot:
            columns = {
                "_unit": [d[0] for d in data],
                "_rank": [d[1] for d in data],
                "y": [d[2] for d in data],
            }
            table = pa.table(
                {n: pa.array(v, pa.uint32() if n[0] == "_" else pa.int64()) for n, v in columns.items()}
            )
            pq.write_table(table, snapshot.root / "events" / "part.parquet", row_group_size=122_880)
            with engine.open(plan.exact, snapshot) as run:
                found.append(unseal(run.totals((("g0", 1),))).values["s0"][0])
    assert found[0] - found[1] == plan.exact.groups[0].scale


@pytest.mark.parametrize(
    "join",
    [
        "JOIN items i ON CASE WHEN e.k = 1 THEN 1 ELSE 0 END = i.item - i.item + 1",
        "JOIN items i ON e.k = i.item - i.item",
        "JOIN items i ON e.t = i.color",
        "LEFT JOIN items i ON e.t = i.color",
        "JOIN items i ON e.item = i.item JOIN items j ON j.color = i.color",
        "JOIN items i ON e.item + 0 = i.item",
    ],
)
def test_public_tables_are_joined_on_their_key(join: str) -> None:
    """A4: a join without a key can multiply one unit's rows without bound."""
    with pytest.raises(JaliError) as refusal:
        parse(f"SELECT COUNT(*) FROM events e {join}", CATALOG)
    assert refusal.value.code in {"J212", "J103"}, str(refusal.value)


def test_a_run_past_its_deadline_fails_with_the_one_text() -> None:
    """A4: whatever takes too long is stopped, and looks like any other failure."""
    plan = plan_of("SELECT COUNT(*) FROM events", WIDE)
    engine = DuckDBEngine(b"\x07" * 32, deadline_s=0.3)
    with store(World([Row(0)])) as snapshot, engine.open(plan.exact, snapshot) as run:
        with pytest.raises(duckdb.InterruptException):
            run._rows("SELECT sum(hash(i)) FROM range(1000000000000) t(i)")
        with pytest.raises((EngineFailed, duckdb.InterruptException)):
            run._rows("SELECT sum(hash(i)) FROM range(1000000000000) t(i)")
        with pytest.raises(EngineFailed) as failure:
            run.totals((("g0", 1),))
    assert str(failure.value) == str(EngineFailed())


def test_a_key_is_not_replaced_by_an_alias() -> None:
    """A7: an input column wins over an alias of the same name, except in ORDER BY."""
    query = parse("SELECT COUNT(*) AS k, k FROM events GROUP BY k HAVING k > 0 ORDER BY k", CATALOG)
    first, second = (o.expression for o in query.outputs)
    assert (first.source, second.source) == ("#agg", "#key")  # type: ignore[union-attr]
    assert query.having is not None
    assert "#key" in repr(query.having)
    assert "#agg" in repr(query.order[0].expression)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT COUNT(*) FROM events WHERE CAST(k AS DECIMAL(4, 1)) = 1",
        "SELECT COUNT(*) FROM (SELECT DISTINCT unit_id, k FROM events GROUP BY unit_id, k, t) z",
        "SELECT COUNT(*) FROM (SELECT DISTINCT ON (unit_id) unit_id, k FROM events GROUP BY unit_id, k) z",
        "SELECT COUNT(*) FROM events WHERE k IN ()",
        "SELECT COUNT(*) " + "/* " * 87_000,
        "SELECT COUNT(*) FROM events e JOIN items i ON e.item=i.item WHERE "
        + " AND ".join(f"e.k+{j}<>i.item" for j in range(4000))
        + " AND nothing = 1",
        "SELECT COUNT(*) FROM events t0 "
        + " ".join(f"JOIN events t{i} USING (unit_id)" for i in range(1, 2000)),
    ],
)
def test_what_was_dropped_crashed_or_hung_is_refused(query: str) -> None:
    """A6, A8, A12."""
    with pytest.raises(JaliError) as refusal:
        parse(query, CATALOG)
    assert refusal.value.code.startswith("J1")


UNMATCHED = World([Row(0, item=99), Row(0, item=0), Row(1, item=1), Row(2, item=None)])


@pytest.mark.guarantee
@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("CASE WHEN i.color = 'red' THEN 'r' ELSE 'n' END", {("r",): 1, ("n",): 3}),
        ("i.color IS NULL", {(True,): 2, (False,): 2}),
        ("COALESCE(i.color, 'none')", {("none",): 2, ("red",): 1, ("blue",): 1}),
        ("i.color", {(None,): 2, ("red",): 1, ("blue",): 1}),
    ],
)
def test_keys_of_rows_without_a_match_are_computed_like_any_other(
    key: str, wanted: dict[tuple[object], int]
) -> None:
    """R2: a key of the public side of a LEFT JOIN is an expression of the joined row, matched or not."""
    sql = f"SELECT {key}, COUNT(*) FROM events e LEFT JOIN items i ON e.item = i.item GROUP BY 1"
    plan = plan_of(sql, Caps(max_rows=9, clip={}))
    with store(UNMATCHED) as snapshot, ENGINE.open(plan.exact, snapshot) as run:
        totals = unseal(run.totals(()))
    labels = plan.exact.keys[0].labels()
    found = {}
    for (code,), count in zip(totals.keys, totals.values["s0"], strict=True):
        label = labels[int(str(code))]
        found[(None,) if isinstance(label, tuple) else (label,)] = count
    assert found == wanted


def _self_joined(n: int, *, inside: bool) -> str:
    joins = " ".join(f"JOIN events e{i} ON e0.unit_id = e{i}.unit_id" for i in range(1, n))
    if not inside:
        return f"SELECT COUNT(*) FROM events e0 {joins}"
    total = " + ".join(f"e{i}.y" for i in range(n))
    sums = f"SELECT e0.unit_id, SUM({total}) AS s FROM events e0 {joins} GROUP BY 1"
    return f"SELECT COUNT(*) FROM ({sums}) z WHERE s > 1"


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("caps", [Caps(max_rows=8, join_rows=6), Caps(max_rows=None, join_rows=6)])
def test_joins_of_private_tables_have_a_bound_before_the_join(caps: Caps, inside: bool) -> None:  # noqa: FBT001
    """R3: a unit of n rows would make n^15 joined rows, and how long that takes tells that it is there."""
    with pytest.raises(JaliError) as refusal:
        plan_of(_self_joined(15, inside=inside), caps)
    assert refusal.value.code == "J311"


@pytest.mark.guarantee
def test_below_a_join_a_unit_gives_its_rows_of_smallest_rank_only() -> None:
    world = World([Row(0, k=1, y=1, b=i) for i in range(300)] + [Row(1, k=1, y=1)])
    plan = plan_of(_self_joined(3, inside=True), Caps(max_rows=4, join_rows=6))
    with store(world) as snapshot, ENGINE.open(plan.exact, snapshot) as run:
        assert unseal(run.totals(())).values["s0"] == [2]


def test_wide_listed_keys_are_answered() -> None:
    """R4: a long list of keys beyond 64 bits."""
    big = 2**70
    branches = " ".join(f"WHEN k = {i} THEN {big + 3 * i}" for i in range(70))
    plan = plan_of(f"SELECT CASE {branches} ELSE 5 END, COUNT(*) FROM events GROUP BY 1", WIDE)
    with store(World([Row(0, k=1), Row(1, k=500)])) as snapshot, ENGINE.open(plan.exact, snapshot) as run:
        assert len(unseal(run.totals((("g0", 1),))).keys) == 2


@pytest.mark.guarantee
@pytest.mark.parametrize("extreme", ["MIN", "MAX"])
@pytest.mark.parametrize("value", [-(2**63), 2**63 - 1, -(2**62), 2**62])
@pytest.mark.parametrize(
    "shape", ["SUM(e.y - e.x)", "SUM(5 - e.x)", "SUM(-e.x)", "SUM(ABS(e.x) * e.y)", "AVG(e.x + e.x)"]
)
def test_the_extreme_of_a_unit_is_clamped_before_arithmetic(shape: str, value: int, extreme: str) -> None:
    """Third review: MIN and MAX claimed the declared bounds but gave the stored value, which overflowed after it."""
    inner = f"SELECT unit_id, v AS k, SUM(cost) AS y, {extreme}(cost) AS x FROM visits GROUP BY 1, 2"
    plan = plan_of(f"SELECT {shape} FROM ({inner}) e", Caps(max_rows=4, clip={}, per_unit=None))
    world = World([Row(1)], [], [(0, 1, value), (0, 1, value), (1, 1, 2)])
    with store(world) as snapshot, ENGINE.open(plan.exact, snapshot) as run:
        assert unseal(run.totals(())).values
