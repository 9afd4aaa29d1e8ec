"""Meaning: where no bound binds and no noise is added, an answer is what plain SQL gives on the same data.

Three differences are defined and looked past here: every declared key is answered, with zero where plain SQL has no
row; a sum over no rows is 0 and not NULL; AVG is rounded to a hundredth of its grid, sums of doubles to six decimals.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from jali.model.errors import JaliError
from jali.model.request import Options
from jali.plan.answer import Rows, finish, listed
from jali.store.snapshot import Snapshot
from jali.testing.samplers import NoNoise
from jali.trust.central import Central
from tests.guarantee.plans import plan_of
from tests.guarantee.queries import _SEMIS as SEMIS
from tests.guarantee.queries import _UNIONS as UNIONS
from tests.guarantee.queries import _WINDOWS as WINDOWS
from tests.guarantee.queries import queries
from tests.guarantee.sensitivity import ENGINE
from tests.guarantee.world import Caps, Row, World, store

WIDE = Caps(
    max_rows=40,
    max_groups=40,
    clip={},
    per_group={"rows": Fraction(40)},
    max_distinct={"b": 9, "item": 9},
    join_rows=400,
    per_unit=None,
)
DEAR = Options(rho=Fraction(10**9))


def _rows(unit: int) -> list[Row]:
    def at(values: list[Any], i: int) -> Any:
        return values[(unit * 7 + i * 3 + i * i) % len(values)]

    return [
        Row(
            unit,
            k=at([0, 1, 2, None], i),
            t=at(["a", "b", "a", "b", None], i),
            s=at(["p", "q", "pp"], i),
            x=at([-4, -3, -1, 0, 1, 2, 3, 5, 6, 7, 9, 10, None], i),
            y=at([0, 1, 2, 3, 3, None], i),
            b=None if i == 4 else unit * 10 + i % 3,
            item=at([0, 1, 2, 3, None], i),
        )
        for i in range(unit % 6)
    ]


WORLD = World(
    [r for u in range(40) for r in _rows(u)],
    [(u, ["young", "old", None][u % 3]) for u in range(40) if u % 4],
    [
        (u, [0, 1, None][(u + i) % 3], [0, 1, 2, 3, 4, None][(u * 5 + i) % 6])
        for u in range(40)
        for i in range(u % 4)
    ],
    [(0, "red"), (1, "blue"), (2, None), (3, "red"), (3, "green")],
)


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    db = duckdb.connect(config={"threads": "1"})
    db.execute(
        "CREATE TABLE events (unit_id INT, k INT, t TEXT, s TEXT, x DECIMAL(18,2), y INT, b INT, item INT)"
    )
    values = [
        (r.unit, r.k, r.t, r.s, None if r.x is None else Decimal(r.x) / 4, r.y, r.b, r.item)
        for r in WORLD.events
    ]
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    db.execute(
        "CREATE TABLE people (unit_id INT, age TEXT); CREATE TABLE visits (unit_id INT, v INT, cost INT)"
    )
    db.executemany("INSERT INTO people VALUES (?, ?)", WORLD.people)
    db.executemany("INSERT INTO visits VALUES (?, ?, ?)", WORLD.visits)
    db.execute("CREATE TABLE items (item INT, color TEXT)")
    db.executemany("INSERT INTO items VALUES (?, ?)", WORLD.items)
    yield db
    db.close()


@pytest.fixture(scope="module")
def snapshot() -> Any:
    with store(WORLD) as found:
        yield found


def _answer(sql: str, snapshot: Snapshot) -> tuple[Any, Rows]:
    plan = plan_of(sql, WIDE, DEAR, max_nano_rho=10**19)
    return plan, finish(plan, Central(ENGINE, NoNoise()).release(plan, snapshot))


def _key(value: Any) -> Any:
    if value is None:
        return "(null)"
    if isinstance(value, bool | str):
        return value
    return (
        Fraction(value).limit_denominator(10**9) if isinstance(value, int | float | Decimal) else str(value)
    )


def _check(sql: str, snapshot: Snapshot, db: duckdb.DuckDBPyConnection) -> bool:
    """Compare both answers; False where keys are selected and so few rows are left that none of them shows."""
    plan, found = _answer(sql, snapshot)
    roles = [c.role for c in found.columns]
    wanted: dict[Any, list[Any]] = {}
    for row in db.execute(sql).fetchall():
        wanted[tuple(_key(v) for v, r in zip(row, roles, strict=True) if r == "key")] = [
            v for v, r in zip(row, roles, strict=True) if r != "key"
        ]
    got = {
        tuple(_key(v) for v, r in zip(row, roles, strict=True) if r == "key"): [
            v for v, r in zip(row, roles, strict=True) if r != "key"
        ]
        for row in found.rows
    }
    assert set(wanted) <= set(got) or plan.exact.needs_selection, (sql, set(wanted) - set(got))
    if plan.exact.needs_selection and not got:
        return False
    slack = [Fraction(1, 10**5) * 40 for r in roles if r != "key"]
    for key, values in got.items():
        for value, plainly, most in zip(values, wanted.get(key, [None] * len(values)), slack, strict=True):
            _same(value, plainly, most, (sql, key, value, plainly))
    return True


def _same(value: Any, plainly: Any, most: Fraction, about: object) -> None:
    if plainly is None:
        assert value in (None, 0), about
        return
    if (
        value is None and not abs(plainly) >= 1e-9
    ):  # no spread: rounding or NaN on their side, undefined on ours
        return
    assert value is not None, about
    size = max(1, abs(Fraction(plainly)))
    assert abs(Fraction(value) - Fraction(plainly)) <= max(most, Fraction(1, 200)) * size, about


@pytest.mark.guarantee
def test_generated_questions_mean_what_plain_sql_means(
    snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    asked: set[str] = set()

    @settings(
        max_examples=200,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(sql=queries)
    def run(sql: str) -> None:
        assume(sql not in asked)
        try:
            plan_of(sql, WIDE, DEAR, max_nano_rho=10**19)
        except JaliError:
            return
        if _check(sql, snapshot, plain):
            asked.add(sql)

    run()
    assert len(asked) >= 100, len(asked)


ASKED = [
    "SELECT k, COUNT(*) AS n FROM events GROUP BY k HAVING COUNT(*) > 20",
    "SELECT k, SUM(x) / COUNT(x) AS a FROM events GROUP BY k HAVING COUNT(*) > 0",
    "SELECT SUM(x) * 100 / SUM(y) FROM events",
    "SELECT SUM(ROUND(x)), SUM(FLOOR(x)), SUM(CEIL(x)), SUM(ROUND(x, 1)) FROM events",
    "SELECT SUM(CAST(x AS BIGINT)), SUM(CAST(y / 2 AS BIGINT)), SUM(ROUND(y / 2)) FROM events",
    "SELECT SUM(ABS(x)), SUM(-x), SUM(y % 2), SUM(y // 2), SUM(y - x), SUM(x * y) FROM events",
    "SELECT SUM(SQRT(y)), SUM(LEAST(GREATEST(LN(y + 1), 0), 9)), SUM(x / (y + 1)), SUM(y / 3) FROM events",
    "SELECT SUM(COALESCE(x, 1)), SUM(COALESCE(y, 0) + 1), SUM(NULLIF(y, 3)) FROM events",
    "SELECT SUM(CASE WHEN x > 1 THEN 1 WHEN x IS NULL THEN 2 ELSE 0 END), SUM(IF(x > 0, y, 0)) FROM events",
    "SELECT SUM(CASE k WHEN 0 THEN 1 WHEN 1 THEN 2 END), SUM(LEAST(x, y)), SUM(GREATEST(x, y, 1)) FROM events",
    "SELECT COUNT(*) FROM events WHERE t LIKE 'A%' OR t ILIKE 'A%' OR s LIKE '_p'",
    "SELECT COUNT(*) FROM events WHERE x BETWEEN -0.5 AND 1.25 AND NOT (y IN (1, 2)) AND t IS NOT NULL",
    "SELECT COUNT(*) FROM events WHERE (x > 0) IS TRUE OR (x > 0) IS NOT TRUE",
    "SELECT COUNT(*) FROM events WHERE k NOT IN (0, NULL)",
    "SELECT COUNT(*) FROM events WHERE k IN (0, NULL) OR x IN (0.25, 0.5, 2)",
    "SELECT COUNT(*) FROM events WHERE x = 0.250 OR x <> 0.1 OR x < y",
    "SELECT COUNT(*) FROM events WHERE LENGTH(s) = 2 AND LEFT(s, 1) = 'p' AND SUBSTR(s, 2, 5) = 'p'",
    "SELECT COUNT(*) FROM events WHERE UPPER(TRIM(s)) = 'PP' AND LOWER(t) = t",
    "SELECT COUNT(*) FILTER (WHERE x > 0), SUM(x) FILTER (WHERE t = 'a' AND y > 0), COUNT(x), COUNT(t) FROM events",
    "SELECT t, x > 0 AS pos, COUNT(*) FROM events GROUP BY t, x > 0",
    "SELECT FLOOR(x * 2) AS f, COUNT(*) FROM events GROUP BY 1",
    "SELECT x / 2 > 0.5 AS big, COUNT(*), AVG(y) FROM events GROUP BY 1",
    "SELECT COALESCE(t, 'none') AS c, COUNT(*) FROM events GROUP BY c",
    "SELECT i.color, COUNT(*), SUM(e.y) FROM events e JOIN items i USING (item) GROUP BY i.color",
    "SELECT i.color, COUNT(*), SUM(e.y) FROM events e LEFT JOIN items i USING (item) GROUP BY i.color",
    "SELECT UPPER(i.color) AS c, e.k, COUNT(*) FROM events e LEFT JOIN items i ON e.item = i.item GROUP BY 1, 2",
    (
        "SELECT p.age, COUNT(DISTINCT e.unit_id), COUNT(DISTINCT p.unit_id) FROM people p LEFT JOIN "
        "events e USING (unit_id) GROUP BY 1"
    ),
    "SELECT COUNT(*), COUNT(DISTINCT v.unit_id) FROM events e LEFT JOIN visits v ON e.unit_id = v.unit_id AND v.v = 1",
    (
        "SELECT COUNT(*), SUM(v.cost) FROM people p JOIN events e USING (unit_id) JOIN visits v USING "
        "(unit_id) WHERE p.age = 'old'"
    ),
    (
        "WITH a AS (SELECT unit_id, k, x FROM events WHERE x > 0), b AS (SELECT * FROM a WHERE k = 1) "
        "SELECT COUNT(*), SUM(x) FROM b"
    ),
    "SELECT AVG(s) FROM (SELECT unit_id, SUM(y) AS s FROM events GROUP BY unit_id) u",
    "SELECT n, COUNT(*) FROM (SELECT unit_id, COUNT(*) AS n FROM events GROUP BY unit_id) u WHERE n < 9 GROUP BY n",
    "SELECT SUM(m), SUM(n), COUNT(m) FROM (SELECT unit_id, MAX(x) AS m, MIN(y) AS n FROM events GROUP BY unit_id) u",
    "SELECT SUM(a), COUNT(a) FROM (SELECT unit_id, AVG(y) FILTER (WHERE x > 2) AS a FROM events GROUP BY unit_id) u",
    "SELECT COUNT(*) FROM (SELECT DISTINCT unit_id, k FROM events) u WHERE k IS NOT NULL",
    (
        "SELECT COUNT(DISTINCT u.unit_id), COUNT(*) FROM (SELECT unit_id, COUNT(*) AS n FROM events "
        "GROUP BY 1 HAVING COUNT(*) > 2) u"
    ),
    (
        "SELECT p.age, SUM(u.s) FROM people p LEFT JOIN (SELECT unit_id, SUM(y) AS s FROM events GROUP "
        "BY 1) u USING (unit_id) GROUP BY 1"
    ),
    (
        "SELECT COUNT(*), COUNT(DISTINCT u.unit_id) FROM (SELECT e.unit_id, COUNT(*) AS n FROM people p "
        "LEFT JOIN events e USING (unit_id) GROUP BY e.unit_id) u"
    ),
    "SELECT COUNT(*) AS n, SUM(y) - COUNT(*) AS d, ROUND(AVG(x), 1) AS r FROM events ORDER BY n DESC LIMIT 5",
    "SELECT SUM(c) FROM (SELECT unit_id, SUM(CASE WHEN x > 0 THEN 1 ELSE 0 END) AS c FROM events GROUP BY unit_id)",
    "SELECT COUNT(*) FROM events WHERE s > 'p' AND s <= 'q'",
    "SELECT SUM(y // 2), SUM((y - 2) // 2), SUM((y - 3) % 2) FROM events",
    "SELECT VAR_POP(x), VAR_SAMP(x), VARIANCE(y), STDDEV(x), STDDEV_POP(y), AVG(x), COUNT(*) FROM events",
    "SELECT k, STDDEV_SAMP(x * y), VAR_SAMP(x) FILTER (WHERE t = 'a'), AVG(y) FROM events GROUP BY k",
    "SELECT COVAR_POP(x, y), COVAR_SAMP(y, x), CORR(x, y), CORR(y, x), REGR_SLOPE(y, x), REGR_SLOPE(x, y) FROM events",
    "SELECT t, CORR(x, y), REGR_SLOPE(x, x + y) FROM events GROUP BY t",
    "SELECT VAR_SAMP(n), STDDEV(n) FROM (SELECT unit_id, COUNT(*) AS n FROM events GROUP BY unit_id) u",
    "SELECT MEDIAN(x), QUANTILE_CONT(x, 0.9), QUANTILE_DISC(x, 0.3), QUANTILE_CONT(x, 0), MIN(x), MAX(x) FROM events",
    "SELECT k, MEDIAN(y), MIN(x), MAX(y) FROM events GROUP BY k",
    "SELECT PERCENTILE_CONT(0.25) WITHIN GROUP (ORDER BY x) FROM events",
    "SELECT PERCENTILE_DISC(0.75) WITHIN GROUP (ORDER BY y) FROM events",
    "SELECT MEDIAN(x) FILTER (WHERE t = 'a'), PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY y DESC) FROM events",
    "SELECT MEDIAN(n), MAX(n) FROM (SELECT unit_id, COUNT(*) AS n FROM events GROUP BY unit_id) u",
    "SELECT t, MEDIAN(x) - MIN(x) AS d, MAX(x * y) FROM events GROUP BY t",
    "SELECT STDDEV(SQRT(y)), VAR_POP(x / (y + 1)), STDDEV(x) / AVG(y) FROM events",
]
ASKED += [f"SELECT u.k, COUNT(*), SUM(u.x), AVG(u.x) FROM {union} u GROUP BY u.k" for union in UNIONS]
ASKED += [
    f"SELECT u.t, COUNT(*), COUNT(u.x), COUNT(DISTINCT u.unit_id) FROM {union} u GROUP BY u.t"
    for union in UNIONS
]
ASKED += [
    f"SELECT AVG(n) FROM (SELECT unit_id, COUNT(*) AS n FROM {union} u GROUP BY unit_id) q"
    for union in UNIONS
]
ASKED += [
    (
        "WITH both_ AS (SELECT unit_id, k AS c FROM events UNION ALL SELECT unit_id, v FROM visits) SELECT c, COUNT(*) "
        "FROM both_ JOIN people USING (unit_id) WHERE age = 'old' GROUP BY c"
    ),
    (
        "SELECT COUNT(DISTINCT b) FROM (SELECT unit_id, b FROM events WHERE k = 1 UNION ALL "
        "SELECT unit_id, b FROM events WHERE k <> 1) u"
    ),
    (
        "SELECT color, COUNT(*) FROM (SELECT unit_id, item FROM events UNION ALL SELECT unit_id, k FROM events) u "
        "JOIN items USING (item) WHERE item < 3 GROUP BY color"
    ),
]
ASKED += [f"SELECT n, COUNT(*), SUM(s), COUNT(s) FROM {window} u GROUP BY n" for window in WINDOWS]
ASKED += [f"SELECT AVG(s), COUNT(DISTINCT u.unit_id) FROM {window} u WHERE n = 1" for window in WINDOWS]
ASKED += [
    (
        "SELECT age, SUM(x) FROM people LEFT JOIN (SELECT unit_id, x FROM events QUALIFY ROW_NUMBER() OVER "
        "(PARTITION BY unit_id ORDER BY x) = 1) u USING (unit_id) GROUP BY age"
    ),
    (
        "SELECT COUNT(*) FROM people p WHERE p.unit_id IN (SELECT u.unit_id FROM (SELECT unit_id, cost, LAG(cost) OVER "
        "(PARTITION BY unit_id ORDER BY cost DESC) AS before FROM visits) u WHERE u.before > u.cost + 1)"
    ),
    (
        "SELECT color, COUNT(*) FROM (SELECT i.color, ROW_NUMBER() OVER (PARTITION BY e.unit_id ORDER BY e.x) AS r "
        "FROM events e LEFT JOIN items i ON e.item = i.item AND i.item < 3) u WHERE r < 3 GROUP BY color"
    ),
]
ASKED += [f"SELECT e.k, COUNT(*), SUM(e.y) FROM events e WHERE {semi} GROUP BY e.k" for semi in SEMIS]
ASKED += [
    "SELECT COUNT(*), SUM(e.y) FROM visits v JOIN events e USING (unit_id) JOIN visits w USING (unit_id) WHERE k = w.v",
    (
        "SELECT i.color, j.color AS c, COUNT(*) FROM events e JOIN items i USING (item) LEFT JOIN items j ON j.item=k "
        "WHERE e.item < 3 AND e.k < 3 GROUP BY 1, 2"
    ),
]
ASKED += [
    "SELECT COUNT(*) FROM events SEMI JOIN visits USING (unit_id)",
    "SELECT COUNT(*) FROM events e SEMI JOIN events f ON f.unit_id = e.unit_id AND f.x > e.x AND e.t <> f.t",
    "SELECT COUNT(*) FROM people ANTI JOIN visits USING (unit_id) JOIN events USING (unit_id)",
    "SELECT COUNT(*) FROM events e ANTI JOIN visits v ON v.unit_id = e.unit_id AND v.v = e.k AND v.cost >= e.y",
    "SELECT COUNT(*) FROM events e SEMI JOIN visits v ON v.unit_id = e.unit_id AND v.v = 1 AND e.k = 2",
    "SELECT COUNT(*) FROM events e WHERE 3 IN (SELECT v.cost FROM visits v WHERE v.unit_id = e.unit_id)",
    "SELECT COUNT(*) FROM events e WHERE NOT (NOT EXISTS (SELECT 1 FROM visits v WHERE v.unit_id = e.unit_id))",
    "SELECT COUNT(*) FROM people p LEFT JOIN events e USING (unit_id) WHERE e.unit_id IN (SELECT unit_id FROM visits)",
    (
        "SELECT COUNT(*) FROM people p LEFT JOIN events e ON p.unit_id = e.unit_id "
        "WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.unit_id = e.unit_id)"
    ),
    (
        "SELECT COUNT(*) FROM people p JOIN events e USING (unit_id) WHERE p.unit_id IN "
        "(WITH big AS (SELECT unit_id, cost FROM visits WHERE cost > 1) SELECT unit_id FROM big)"
    ),
    (
        "SELECT AVG(n) FROM (SELECT unit_id, COUNT(*) AS n FROM events WHERE unit_id IN (SELECT unit_id FROM visits) "
        "GROUP BY unit_id) u WHERE u.unit_id NOT IN (SELECT unit_id FROM people WHERE age = 'old')"
    ),
]
ASKED += [
    (
        "SELECT k, COUNT(*) AS n, COUNT(*) * 1.0 / SUM(COUNT(*)) OVER () AS share, RANK() OVER (ORDER BY n DESC) AS r "
        "FROM events GROUP BY k HAVING COUNT(*) > 0"
    ),
    (
        "SELECT k, t, SUM(SUM(y)) OVER (PARTITION BY k ORDER BY COUNT(*), t ROWS BETWEEN UNBOUNDED PRECEDING AND "
        "CURRENT ROW) AS s, LAG(COUNT(*), 1, -1) OVER w AS b, AVG(COUNT(*)) OVER w AS a FROM events GROUP BY k, t "
        "HAVING COUNT(*) > 0 WINDOW w AS (PARTITION BY t ORDER BY COUNT(*), k)"
    ),
    "SELECT SUM(SIGN(x)), SUM(TRUNC(x)), SUM(POWER(x, 2)), SUM(x ** 3), SUM(ROUND(x * 7, -1)) FROM events",
    "SELECT SUM(LEAST(GREATEST(LOG10(y + 1), 0), 9)), SUM(LEAST(GREATEST(LOG2(y + 1), 0), 9)), SUM(EXP(y)) FROM events",
    "SELECT COUNT(*) FROM events WHERE k IS DISTINCT FROM 1 AND t IS NOT DISTINCT FROM NULL",
    "SELECT COUNT(*) FROM events WHERE STARTS_WITH(s, 'p') AND CONTAINS(t, 'a') AND s || t = 'ppa'",
    "SELECT COUNT(*) FROM events WHERE CONCAT(s, '-', t) = 'p-' OR LTRIM(s) || RTRIM(s) = 'qq'",
    "SELECT SUM((x > 0)::INT), SUM(IFNULL(y, 7)), SUM(IF(x > 0, 1, 2)) FROM events",
    "SELECT k, k * 2 + 1 AS twice, COUNT(*) FROM events GROUP BY k HAVING k + 1 > 0",
    (
        "SELECT k, t, COUNT(*) AS n FROM events GROUP BY k, t HAVING n > 0 "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY COUNT(*) DESC, t) = 1"
    ),
]


@pytest.mark.guarantee
@pytest.mark.parametrize("sql", ASKED)
def test_a_question_means_what_plain_sql_means(
    sql: str, snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    try:
        assert _check(sql, snapshot, plain), sql
    except JaliError as refused:
        assert "JOIN events e USING (unit_id) GROUP BY e.unit_id" in sql, str(refused)  # noqa: PT017


@pytest.mark.guarantee
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT s FROM events",
        "SELECT DISTINCT s, k FROM events WHERE x > 0",
        "SELECT UPPER(s) AS u FROM events GROUP BY 1",
        "SELECT DISTINCT LEFT(s, 1) AS f, t FROM events",
        "SELECT s, COUNT(*) OVER () - COUNT(*) OVER () AS nothing FROM events GROUP BY s",
    ],
)
def test_keys_alone_are_found_and_nothing_is_measured(
    sql: str, snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    plan, found = _answer(sql, snapshot)
    assert plan.measured == ()
    assert plan.selection is not None
    assert plan.selection.nano_rho == plan.cost.nano_rho
    assert not plan.exact.groups
    got = [tuple(_key(v) for v in row) for row in found.rows]
    wanted = {tuple(_key(v) for v in row) for row in plain.execute(sql).fetchall()}
    assert got
    assert len(set(got)) == len(got)
    assert set(got) <= wanted


def test_declared_keys_alone_cost_nothing_and_are_shown_whether_or_not_they_occur() -> None:
    plan = plan_of("SELECT DISTINCT k, t FROM events WHERE x > 2 ORDER BY t DESC, k LIMIT 4", WIDE)
    assert plan.is_public
    assert plan.cost.nano_rho == plan.cost.atto_delta == 0
    assert listed(plan).rows == ((0, "b"), (1, "b"), (2, "b"), ("(other)", "b"))


def test_equal_rows_of_an_answer_are_shown_once(snapshot: Snapshot, plain: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT DISTINCT COUNT(*) > 20 AS many FROM events GROUP BY k, t HAVING COUNT(*) > 0 ORDER BY many"
    _, found = _answer(sql, snapshot)
    assert list(found.rows) == plain.execute(sql).fetchall()


def test_whole_division_of_decimals_is_refused_because_engines_disagree_on_it() -> None:
    with pytest.raises(JaliError, match="whole numbers"):
        plan_of("SELECT SUM(x // 2) FROM events", WIDE)


def test_between_symmetric_takes_its_ends_in_any_order(
    snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    _, found = _answer("SELECT COUNT(*) FROM events WHERE x BETWEEN SYMMETRIC 2 AND -0.25", snapshot)
    wanted = plain.execute("SELECT COUNT(*) FROM events WHERE x BETWEEN -0.25 AND 2").fetchone()
    assert found.rows[0] == wanted


def test_bins_of_equal_width_are_all_answered(snapshot: Snapshot, plain: duckdb.DuckDBPyConnection) -> None:
    _, found = _answer("SELECT WIDTH_BUCKET(x, 0, 2, 4) AS bin, COUNT(*) FROM events GROUP BY bin", snapshot)
    floor = "CAST(FLOOR(LEAST(GREATEST(x, -1), 2.5) * 2) AS INT) + 1"
    case = f"CASE WHEN x IS NULL THEN NULL WHEN x < 0 THEN 0 WHEN x >= 2 THEN 5 ELSE {floor} END"
    wanted = dict(plain.execute(f"SELECT {case} AS bin, COUNT(*) FROM events GROUP BY 1").fetchall())
    assert [row[0] for row in found.rows] == [0, 1, 2, 3, 4, 5, "(null)"]
    assert {row[0]: row[1] for row in found.rows if row[1]} == {
        "(null)" if key is None else key: count for key, count in wanted.items()
    }


def test_notes_use_the_asker_s_name_for_what_a_unit_adds_up() -> None:
    sql = "SELECT AVG(n) FROM (SELECT unit_id, COUNT(*) AS n FROM events GROUP BY unit_id) u"
    assert "AVG(n): " in " ".join(note.text for note in plan_of(sql, WIDE).notes)


@pytest.mark.parametrize(
    ("sql", "plainly"),
    [("SUM(y / 2)", "SUM(y // 2)"), ("SUM((y - 3) / 2)", "SUM((y - 3) // 2)"), ("SUM(x / 2)", "SUM(x / 2)")],
)
def test_postgres_divides_whole_numbers_to_whole_numbers(
    sql: str, plainly: str, snapshot: Snapshot, plain: duckdb.DuckDBPyConnection
) -> None:
    plan = plan_of(
        f"SELECT {sql} FROM events",
        WIDE,
        Options(rho=Fraction(10**9), dialect="postgres"),
        max_nano_rho=10**19,
    )
    found = finish(plan, Central(ENGINE, NoNoise()).release(plan, snapshot))
    row = plain.execute(f"SELECT {plainly} FROM events").fetchone()
    assert row is not None
    _same(found.rows[0][0], row[0], Fraction(1, 10**4), sql)
