"""Windows over released values mean what DuckDB means by them on a table of the same values, NULLs included."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jali.model.codes import Unsupported, WrongType
from jali.model.errors import JaliError
from jali.plan.rows import Cell, Row
from jali.plan.windows import with_windows
from jali.sql.parse import parse
from jali.sql.tree import Query
from tests.guarantee.world import Caps, catalog

CATALOG = catalog(Caps())
ORDERS = ["k", "n DESC, k", "s NULLS FIRST, k", "k DESC NULLS LAST", "n", "s DESC NULLS FIRST, n, k"]
UNIQUE = ["k, n, s", "k DESC, n DESC NULLS FIRST, s"]
FRAMES = [
    "",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "ROWS UNBOUNDED PRECEDING",
    "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
    "ROWS BETWEEN 3 PRECEDING AND 2 PRECEDING",
    "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN CURRENT ROW AND 3 FOLLOWING",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
    "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
]
PEERS = ["RANK()", "DENSE_RANK()", "PERCENT_RANK()", "CUME_DIST()"]
PLACED = [
    "ROW_NUMBER()", "NTILE(1)", "NTILE(3)", "NTILE(100)", "LAG(n)", "LAG(s, 2, 0.5)", "LEAD(n, 0)", "LEAD(k, 3, 7)",
]  # fmt: skip
FRAMED = [
    "COUNT(*)", "COUNT(n)", "SUM(n)", "SUM(s)", "AVG(s)", "AVG(n)", "MIN(n)", "MAX(s)", "MIN(k)", "FIRST_VALUE(n)",
    "LAST_VALUE(s)", "NTH_VALUE(n, 2)",
]  # fmt: skip


@st.composite
def windows(draw: st.DrawFn) -> str:
    partition = draw(st.sampled_from(["", "PARTITION BY t", "PARTITION BY t, n > 2"]))
    group = draw(st.sampled_from(["peers", "placed", "framed", "framed", "whole"]))
    if group == "peers":
        return f"{draw(st.sampled_from(PEERS))} OVER ({partition} ORDER BY {draw(st.sampled_from(ORDERS))})"
    if group == "whole":
        whole = ["COUNT(*)", "SUM(n)", "AVG(s)", "MAX(k)", "RANK()"]
        return f"{draw(st.sampled_from(whole))} OVER ({partition})"
    order = draw(st.sampled_from(UNIQUE))
    frame = draw(st.sampled_from(FRAMES)) if group == "framed" else ""
    function = draw(st.sampled_from(FRAMED if group == "framed" else PLACED))
    return f"{function} OVER ({partition} ORDER BY {order} {frame})"


tables = st.lists(
    st.tuples(
        st.integers(0, 4) | st.none(),
        st.sampled_from(["a", "b"]) | st.none(),
        st.integers(-3, 6) | st.none(),
        st.integers(-9, 9) | st.none(),
    ),
    max_size=14,
)


def _query(window: str) -> Query:
    named = window.replace("s,", "SUM(x),").replace("s)", "SUM(x))").replace("(n", "(COUNT(*)")
    named = named.replace(" n", " COUNT(*)").replace(" s", " SUM(x)").replace("(s", "(SUM(x)")
    return parse(f"SELECT k, t, COUNT(*), SUM(x), {named} AS w FROM events GROUP BY k, t", CATALOG)


def _row(values: tuple[Any, ...]) -> Row:
    k, t, n, s = values
    cells = (Cell(None if n is None else Fraction(n)), Cell(None if s is None else Fraction(s, 4)))
    return Row((None if k is None else Fraction(k), t), (k, t), cells)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables, window=windows())
def test_a_window_means_what_plain_sql_means(table: list[tuple[Any, ...]], window: str) -> None:
    query = _query(window)
    found = with_windows([_row(v) for v in table], query.windows)
    with duckdb.connect(config={"threads": "1"}) as db:
        db.execute("CREATE TABLE r (i INT, k INT, t TEXT, n INT, s DECIMAL(18,2))")
        for i, (k, t, n, s) in enumerate(table):
            db.execute(
                "INSERT INTO r VALUES (?,?,?,?,?)", [i, k, t, n, None if s is None else Decimal(s) / 4]
            )
        wanted = [row[0] for row in db.execute(f"SELECT {window} FROM r ORDER BY i").fetchall()]
    assert len(found) == len(wanted)
    if "ORDER BY k, n, s" in window or "ORDER BY k DESC, n" in window:  # equal rows may stand either way
        got = sorted(_comparable(r.windows[0]) for r in found)
        assert got == pytest.approx(sorted(_comparable(w) for w in wanted), abs=1e-5)
        if len({v[:4] for v in table}) < len(table):
            return
    for row, plainly in zip(found, wanted, strict=True):
        assert _comparable(row.windows[0]) == pytest.approx(_comparable(plainly), abs=1e-5), (
            window,
            table,
            row,
        )


def _comparable(value: Any) -> float:
    return -1e9 if value is None else float(value)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ("SUM(SUM(COUNT(*)) OVER ()) OVER ()", "window inside a window"),
        ("SUM(COUNT(*)) OVER (ORDER BY k RANGE BETWEEN 2 PRECEDING AND CURRENT ROW)", "frame"),
        ("SUM(COUNT(*)) OVER (ORDER BY k GROUPS BETWEEN 2 PRECEDING AND CURRENT ROW)", "frame"),
        ("SUM(COUNT(*)) OVER (ORDER BY k ROWS BETWEEN CURRENT ROW AND 1 PRECEDING)", "frame"),
        ("SUM(COUNT(*)) OVER (ORDER BY k ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES)", "exclude"),
        ("NTILE(0) OVER (ORDER BY k)", "NTILE takes"),
        ("LAG(COUNT(*), -1) OVER (ORDER BY k)", "LAG takes"),
        ("LAG(COUNT(*), 1, 'a') OVER (ORDER BY k)", "different types"),
        ("FIRST_VALUE(COUNT(*) IGNORE NULLS) OVER (ORDER BY k)", "IGNORE NULLS"),
        ("COUNT(DISTINCT k) OVER ()", "COUNT\\(DISTINCT x\\)"),
        ("SUM(COUNT(*)) FILTER (WHERE k > 1) OVER ()", "FILTER"),
        ("MEDIAN(COUNT(*)) OVER ()", "not answered in a window"),
        ("RANK() OVER w", "no window w"),
        ("RANK() OVER (ORDER BY 1)", "position"),
        ("SUM(x) OVER (PARTITION BY k)", "shows? rows"),
        ("SUM(t) OVER ()", "SUM takes"),
    ],
)
def test_what_a_window_cannot_say_is_refused(window: str, words: str) -> None:
    with pytest.raises(JaliError, match=words):
        parse(f"SELECT k, COUNT(*), {window} AS w FROM events GROUP BY k, t", CATALOG)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT k, COUNT(*), RANK() OVER (ORDER BY COUNT(*)) AS r FROM events GROUP BY k HAVING r < 3",
        "SELECT k, COUNT(*) FROM events WHERE RANK() OVER (ORDER BY k) < 3 GROUP BY k",
        "SELECT k, COUNT(*), RANK() OVER (ORDER BY k) AS r, SUM(r) OVER () FROM events GROUP BY k",
        "SELECT AVG(n) FROM (SELECT unit_id, RANK() OVER (ORDER BY k) AS n FROM events GROUP BY unit_id) u",
    ],
)
def test_windows_stand_after_having_and_outside_the_rows(sql: str) -> None:
    with pytest.raises((Unsupported, WrongType)):
        parse(sql, CATALOG)
