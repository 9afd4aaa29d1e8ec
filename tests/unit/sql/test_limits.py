"""Hostile sizes: every text gets an answer or a refusal of ours, never another exception."""

import pytest

from jali.model.errors import JaliError
from jali.model.types import TEXT
from jali.sql import duckdb, typed
from jali.sql.parse import parse
from jali.sql.tree import ColumnRef
from tests.guarantee.world import Caps, catalog

CATALOG = catalog(Caps())


def _ctes(template: str, n: int) -> str:
    return ", ".join(template.format(i=i, j=i - 1) for i in range(1, n))


ACCEPTED = {
    "90 sums": "SELECT SUM(" + "+".join(["x"] * 90) + ") FROM events",
    "3000 conditions": "SELECT COUNT(*) FROM events WHERE " + " AND ".join(["k=1"] * 3000),
    "9000 choices": "SELECT COUNT(*) FROM events WHERE k IN (" + ",".join(map(str, range(9000))) + ")",
    "95 nested calls": "SELECT SUM(" + "ABS(" * 95 + "x" + ")" * 95 + ") FROM events",
    "95 nested cases": "SELECT SUM("
    + "CASE WHEN k=1 THEN " * 95
    + "1"
    + " ELSE 0 END" * 95
    + ") FROM events",
    "99 brackets": "SELECT COUNT(*) FROM events WHERE " + "(" * 99 + "k=1" + ")" * 99,
    "a thousand order terms": "SELECT COUNT(*) FROM events ORDER BY " + ",".join(["COUNT(*)"] * 1000),
}
REFUSED = {
    "30 joins without a condition": ("J107", "SELECT COUNT(*) FROM events" + " JOIN visits" * 30),
    "400 joins of subqueries": ("J107", "SELECT COUNT(*) FROM events" + " JOIN (SELECT k FROM visits)" * 400),
    "30 joins whose conditions are names": (
        "J107",
        "SELECT COUNT(*) FROM events" + " JOIN visits AS on" * 30,
    ),
    "an empty list": ("J106", "SELECT COUNT(*) FROM events WHERE k IN ()"),
    "20000 sums": ("J107", "SELECT SUM(" + "+".join(["x"] * 20000) + ") FROM events"),
    "a key of 2000 terms": ("J107", "SELECT COUNT(*) FROM events GROUP BY " + "+".join(["k"] * 2000)),
    "3000 keys": ("J107", "SELECT COUNT(*) FROM events GROUP BY " + ",".join(f"k+{i}" for i in range(3000))),
    "60 aggregates": ("J107", "SELECT " + ",".join(f"SUM(x*{i})" for i in range(60)) + " FROM events"),
    "201 outputs": ("J107", "SELECT " + ",".join(["COUNT(*)"] * 201) + " FROM events"),
    "12000 literals": ("J107", "SELECT COUNT(*) FROM events WHERE " + " AND ".join(["k=1"] * 12000)),
    "300 KiB": ("J107", "SELECT COUNT(*) FROM events --" + "x" * 300_000),
    "101 brackets": ("J107", "SELECT COUNT(*) FROM events WHERE " + "(" * 101 + "k=1" + ")" * 101),
    "3000 minus signs": ("J107", "SELECT SUM(" + "- " * 3000 + "x) FROM events"),
    "20 self-joins": (
        "J107",
        "SELECT COUNT(*) FROM events t0 "
        + " ".join(f"JOIN events t{i} USING (unit_id)" for i in range(1, 20)),
    ),
    "doubling expressions": (
        "J107",
        "WITH c0 AS (SELECT unit_id, x AS a FROM events), "
        + _ctes("c{i} AS (SELECT unit_id, a+a AS a FROM c{j})", 18)
        + " SELECT SUM(a) FROM c17",
    ),
    "doubling joins": (
        "J104",
        "WITH c0 AS (SELECT unit_id FROM events), "
        + _ctes("c{i} AS (SELECT a.unit_id FROM c{j} a JOIN c{j} b USING (unit_id))", 12)
        + " SELECT COUNT(*) FROM c11",
    ),
    "an open quote": ("J101", "SELECT '" + "'" * 20_000),
    "open comments": ("J101", "SELECT COUNT(*) " + "/*" * 20_000 + " FROM events"),
    "no text": ("J101", " ;; "),
    "NUL": ("J101", "SELECT COUNT(*) FROM events\x00"),
    "half a surrogate": ("J101", "SELECT COUNT(*) FROM events WHERE t = '\ud800'"),
    "two statements": ("J101", "SELECT COUNT(*) FROM events; SELECT COUNT(*) FROM events"),
    "a number without end": ("J317", "SELECT SUM(x * " + "9" * 500 + ") FROM events"),
    "a huge exponent": ("J317", "SELECT SUM(x * 1e999999) FROM events"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_large_but_ordinary_texts_are_read(name: str) -> None:
    assert parse(ACCEPTED[name], CATALOG).aggregates


@pytest.mark.parametrize("name", REFUSED)
def test_texts_beyond_a_limit_are_refused_by_name(name: str) -> None:
    code, text = REFUSED[name]
    with pytest.raises(JaliError) as refusal:
        parse(text, CATALOG)
    assert refusal.value.code == code, str(refusal.value)[:300]
    assert len(str(refusal.value)) < 2000


@pytest.mark.parametrize("function", ["like", "ilike"])
@pytest.mark.parametrize("pattern", ["a%", "%a%b%", "a_b", "%_%_%_%", "_%", "%[_]%"])
def test_no_pattern_is_left_to_a_matcher_that_goes_back(function: str, pattern: str) -> None:
    """DuckDB 1.5 needs minutes for `%_%_%_%_%` on 80 characters; see `jali.sql.duckdb`."""
    text = ColumnRef("t", "x", TEXT)
    sql = duckdb.expression(typed.like(function, text, typed.text(pattern)), lambda _: "x")
    assert "ILIKE" not in sql
    assert ("regexp_full_match" in sql) is ("_" in pattern and "%" in pattern)
