"""What a column closed to conditions, keys and counts can still be used for: nothing in disguise."""

from dataclasses import replace

import pytest

from jali.model.schema import Catalog, GroupBy
from jali.policy.check import _columns
from jali.sql.parse import parse
from tests.guarantee.world import Caps, catalog


def _closed() -> Catalog:
    """Return the world's catalogue with `y` open to SUM and COUNT alone, and `k` and `item` to conditions, not keys."""
    found = catalog(Caps())
    events = found.tables["events"]
    columns = tuple(
        replace(c, may_filter=False, group_by=GroupBy.DENIED, aggregates=frozenset({"sum", "count"}))
        if c.name == "y"
        else replace(c, group_by=GroupBy.DENIED)
        if c.name in {"k", "item"}
        else c
        for c in events.columns
    )
    return Catalog({**found.tables, "events": replace(events, columns=columns)})


CLOSED = _closed()


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT COUNT(*) FROM events WHERE y > 2", "J208"),
        ("SELECT COUNT(*) FILTER (WHERE y > 2) FROM events", "J208"),
        ("SELECT SUM(CASE WHEN y > 2 THEN 1 ELSE 0 END) FROM events", "J208"),
        ("SELECT COUNT(SQRT(y - 2)) FROM events", "J208"),
        ("SELECT COUNT(LN(y - 2)) FROM events", "J208"),
        ("SELECT COUNT(NULLIF(y, 2)) FROM events", "J208"),
        ("SELECT SUM(GREATEST(LEAST(y - 2, 1), 0)) FROM events", "J208"),
        ("SELECT SUM(x) FROM events WHERE COALESCE(y, 0) = 1", "J208"),
        ("SELECT y, COUNT(*) FROM events GROUP BY y", "J207"),
        ("SELECT FLOOR(y / 2), COUNT(*) FROM events GROUP BY 1", "J207"),
        ("SELECT CASE WHEN y = 1 THEN 'one' ELSE 'more' END, COUNT(*) FROM events GROUP BY 1", "J207"),
        ("SELECT y > 1, COUNT(*) FROM events GROUP BY 1", "J207"),
        ("SELECT COUNT(DISTINCT y) FROM events", "J206"),
        ("SELECT AVG(y) FROM events", "J206"),
        ("SELECT COUNT(*) FROM (SELECT DISTINCT unit_id, y FROM events) u", "J207"),
        ("SELECT COUNT(*) FROM (SELECT unit_id, y > 2 AS b FROM events GROUP BY 1, 2) u", "J207"),
        (
            "SELECT COUNT(*) FROM (SELECT unit_id, COUNT(LN(y-2)) AS c FROM events GROUP BY 1) u WHERE c > 0",
            "J208",
        ),
        (
            "SELECT c, COUNT(*) FROM (SELECT unit_id, COUNT(LN(y-2)) AS c FROM events GROUP BY 1) u GROUP BY c",
            "J208",
        ),
        ("SELECT COUNT(*) FROM (SELECT unit_id, SUM(y) AS s FROM events GROUP BY 1) u WHERE s > 3", "J208"),
        ("SELECT COUNT(*) FROM (SELECT unit_id, MAX(y) AS s FROM events GROUP BY 1) u", "J206"),
        ("SELECT COUNT(*) FROM (SELECT unit_id FROM events GROUP BY 1 HAVING SUM(y) > 3) u", "J208"),
        ("SELECT COUNT(*) FROM (SELECT unit_id, y AS z FROM events) u WHERE z = 1", "J208"),
        ("WITH u AS (SELECT unit_id, y + 0 AS z FROM events) SELECT SUM(z) FROM u WHERE z IS NULL", "J208"),
        ("SELECT color, COUNT(*) FROM events JOIN items ON items.item = events.k GROUP BY color", "J207"),
        (
            "SELECT color, COUNT(*) FROM events LEFT JOIN items ON items.item = events.k GROUP BY color",
            "J207",
        ),
        ("SELECT color, COUNT(*) FROM items JOIN events ON k = items.item GROUP BY color", "J207"),
        (
            "SELECT color, COUNT(*) FROM (SELECT unit_id, k FROM events) u JOIN items ON items.item = k GROUP BY 1",
            "J207",
        ),
        (
            "SELECT color, COUNT(*) FROM events e JOIN items i USING (item) WHERE i.item = e.k GROUP BY color",
            "J207",
        ),
        (
            "SELECT color, COUNT(*) FROM events e JOIN items i USING (item) WHERE i.item >= e.k + 0 GROUP BY color",
            "J207",
        ),
        (
            "SELECT color, COUNT(*) FILTER (WHERE e.k = i.item) FROM events e JOIN items i USING (item) GROUP BY 1",
            "J207",
        ),
        (
            (
                "SELECT color, COUNT(*) FROM (SELECT unit_id, MAX(k + 0) AS m FROM events GROUP BY 1) u"
                " JOIN items i ON i.item = u.m GROUP BY color"
            ),
            "J207",
        ),
        (
            (
                "SELECT color, SUM(CASE WHEN u.m = i.item THEN 1 ELSE 0 END) FROM (SELECT unit_id, item, SUM(k) AS m"
                " FROM events GROUP BY 1, 2) u JOIN items i USING (item) GROUP BY color"
            ),
            "J207",
        ),
        ("SELECT COUNT(*) FROM events WHERE b IS NULL", "J209"),
        ("SELECT COUNT(*) FROM events WHERE unit_id IS NOT NULL", "J209"),
        ("SELECT COUNT(*) FROM events GROUP BY b IS NULL", "J209"),
        ("SELECT COUNT(*) FROM events WHERE unit_id IN (SELECT unit_id FROM events WHERE y > 2)", "J208"),
        (
            "SELECT COUNT(*) FROM visits v WHERE EXISTS (SELECT 1 FROM events e WHERE e.unit_id = v.unit_id AND y > v)",
            "J208",
        ),
        (
            "SELECT COUNT(*) FROM events e WHERE EXISTS (SELECT 1 FROM visits v WHERE e.unit_id = v.unit_id AND y = v)",
            "J208",
        ),
        (
            "SELECT COUNT(*) FROM visits WHERE unit_id IN (SELECT unit_id FROM events GROUP BY 1 HAVING SUM(y) > 3)",
            "J208",
        ),
        (
            "SELECT COUNT(*) FROM visits WHERE unit_id IN (SELECT unit_id FROM events GROUP BY 1 HAVING MAX(y) > 3)",
            "J206",
        ),
        ("SELECT COUNT(*) FROM visits WHERE unit_id IN (SELECT unit_id FROM events GROUP BY 1, y)", "J207"),
        (
            (
                "WITH u AS (SELECT unit_id, SUM(y) AS s FROM events GROUP BY 1) SELECT COUNT(*) FROM visits v "
                "WHERE EXISTS (SELECT 1 FROM u WHERE u.unit_id = v.unit_id AND u.s = v.v)"
            ),
            "J208",
        ),
        ("SELECT COUNT(*) FROM events WHERE y IN (SELECT item FROM items)", "J208"),
        ("SELECT COUNT(*) FROM events WHERE y + 1 NOT IN (SELECT item FROM items)", "J208"),
        ("SELECT COUNT(*) FROM events WHERE k IN (SELECT item FROM items WHERE color = 'red')", "J207"),
        ("SELECT COUNT(*) FROM events WHERE k + 0 IN (SELECT item FROM items WHERE color = 'red')", "J207"),
        ("SELECT COUNT(*) FROM events SEMI JOIN items ON items.item = k", "J207"),
        (
            (
                "SELECT COUNT(*) FROM events e JOIN items i USING (item) WHERE EXISTS (SELECT 1 FROM events f "
                "WHERE f.unit_id = e.unit_id AND f.k = i.item)"
            ),
            "J207",
        ),
        (
            (
                "SELECT COUNT(*) FROM visits WHERE unit_id IN (SELECT unit_id FROM visits v WHERE NOT EXISTS "
                "(SELECT 1 FROM events e WHERE e.unit_id = v.unit_id AND e.y IS NULL))"
            ),
            "J208",
        ),
    ],
)
def test_a_closed_column_stays_closed_in_every_disguise(sql: str, code: str) -> None:
    codes = {error.code for error in _columns(parse(sql, CLOSED))}
    assert code in codes, codes


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT SUM(y), COUNT(y) FROM events",
        "SELECT t, SUM(y) FROM events GROUP BY t",
        "SELECT color, COUNT(*) FROM events JOIN items USING (item) GROUP BY color",
        (
            "SELECT color, SUM(n) FROM (SELECT unit_id, item, COUNT(*) AS n FROM events GROUP BY 1, 2) u"
            " JOIN items USING (item) GROUP BY color"
        ),
        (
            "SELECT color, COUNT(*) FROM (SELECT unit_id, item, COUNT(k) AS n FROM events GROUP BY 1, 2) u"
            " JOIN items i ON i.item = u.item WHERE n > i.item GROUP BY color"
        ),
        "SELECT SUM(s) FROM (SELECT unit_id, SUM(y) AS s FROM events GROUP BY unit_id) u",
        "SELECT COUNT(DISTINCT b), COUNT(DISTINCT unit_id) FROM events WHERE x > 1 AND s LIKE 'p%'",
        "SELECT SUM(y) FROM (SELECT unit_id, y FROM events UNION ALL SELECT unit_id, cost FROM visits) u",
        (
            "SELECT color, SUM(y) FROM (SELECT * FROM events UNION ALL SELECT * FROM events) u "
            "JOIN items USING (item) GROUP BY color"
        ),
        "SELECT SUM(y) FROM events WHERE item IN (SELECT item FROM items WHERE color = 'red')",
        "SELECT SUM(y) FROM events e WHERE EXISTS (SELECT 1 FROM events f WHERE f.unit_id = e.unit_id AND f.b = e.b)",
        "SELECT AVG(n) FROM (SELECT unit_id, COUNT(DISTINCT b) AS n FROM events GROUP BY unit_id) u WHERE n > 1",
    ],
)
def test_what_the_contract_opens_is_open(sql: str) -> None:
    assert not _columns(parse(sql, CLOSED))


UNION = "(SELECT unit_id, v AS z FROM visits UNION ALL SELECT unit_id, y FROM events) u"
ITEMS = "(SELECT unit_id, item AS z FROM events UNION ALL SELECT unit_id, k{} FROM events) u"


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (f"SELECT COUNT(*) FROM {UNION} WHERE z > 2", "J208"),
        (f"SELECT z, COUNT(*) FROM {UNION} GROUP BY z", "J207"),
        (f"SELECT AVG(z) FROM {UNION}", "J206"),
        (f"SELECT COUNT(LN(z)) FROM {UNION}", "J208"),
        (
            f"SELECT COUNT(*) FROM {UNION} WHERE u.unit_id IN (SELECT unit_id FROM visits w WHERE w.v = u.z)",
            "J208",
        ),
        (f"SELECT COUNT(*) FROM visits WHERE (unit_id, v) IN (SELECT unit_id, z FROM {UNION})", "J208"),
        (
            f"SELECT m, COUNT(*) FROM (SELECT unit_id, MAX(z) AS m FROM {UNION} GROUP BY 1) w GROUP BY m",
            "J207",
        ),
        (
            f"SELECT color, COUNT(*) FROM {ITEMS.format('')} JOIN items ON items.item = z GROUP BY color",
            "J207",
        ),
        (f"SELECT COUNT(*) FROM {ITEMS.format('')} WHERE z IN (SELECT item FROM items)", "J207"),
        (f"SELECT COUNT(*) FROM {ITEMS.format(' + 1')} WHERE z IN (SELECT item FROM items)", "J207"),
        (
            "SELECT COUNT(*) FROM (SELECT unit_id FROM visits UNION ALL SELECT unit_id FROM events WHERE y > 2) u",
            "J208",
        ),
    ],
)
def test_a_union_is_open_only_where_every_branch_is(sql: str, code: str) -> None:
    codes = {error.code for error in _columns(parse(sql, CLOSED))}
    assert code in codes, codes


@pytest.mark.parametrize(
    ("item", "tail", "code"),
    [
        ("ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY y)", "COUNT(*) FROM {} WHERE r = 1", "J208"),
        ("RANK() OVER (PARTITION BY unit_id ORDER BY x, y + 1 DESC)", "COUNT(*) FROM {}", "J208"),
        ("ROW_NUMBER() OVER (PARTITION BY unit_id, y ORDER BY x)", "COUNT(*) FROM {}", "J207"),
        ("LAG(y) OVER (PARTITION BY unit_id ORDER BY x)", "SUM(r) FROM {}", "J208"),
        ("LAG(y) OVER (PARTITION BY unit_id ORDER BY x)", "COUNT(*) FROM {} WHERE r > 1", "J208"),
        ("LEAD(y) OVER (PARTITION BY unit_id ORDER BY x)", "r, COUNT(*) FROM {} GROUP BY r", "J207"),
        ("MAX(y) OVER (PARTITION BY unit_id)", "COUNT(*) FROM {}", "J206"),
        ("AVG(y) OVER (PARTITION BY unit_id)", "COUNT(*) FROM {}", "J206"),
        ("SUM(y) OVER (PARTITION BY unit_id)", "COUNT(*) FROM {} WHERE r > 3", "J208"),
        ("SUM(y) OVER (PARTITION BY unit_id)", "r, COUNT(*) FROM {} GROUP BY r", "J207"),
        ("COUNT(LN(y - 2)) OVER (PARTITION BY unit_id)", "SUM(r) FROM {}", "J208"),
        (
            "y",
            "COUNT(*) FROM (SELECT * FROM {} QUALIFY 1 < RANK() OVER (PARTITION BY unit_id ORDER BY r)) v",
            "J208",
        ),
    ],
)
def test_a_closed_column_stays_closed_in_windows(item: str, tail: str, code: str) -> None:
    sql = f"SELECT {tail.format(f'(SELECT unit_id, {item} AS r FROM events) u')}"
    codes = {error.code for error in _columns(parse(sql, CLOSED))}
    assert code in codes, codes


def test_an_open_column_is_open_beside_a_window() -> None:
    inner = "SELECT unit_id, y, ROW_NUMBER() OVER (PARTITION BY unit_id ORDER BY x) AS r FROM events"
    assert not _columns(parse(f"SELECT r, SUM(y) FROM ({inner}) u WHERE r < 3 GROUP BY r", CLOSED))
