"""Refusals that teach: the nearest accepted question with its price, and it is accepted."""

import json
from pathlib import Path

import pytest

from tests.doors.conftest import ASK, Run

REFUSALS = [
    (
        "rows",
        "SELECT * FROM visits WHERE region = 'north'",
        "SELECT COUNT(*) AS n FROM visits WHERE region = 'north'",
    ),
    (
        "a column that is neither key nor aggregated",
        "SELECT region, town, COUNT(*) FROM visits GROUP BY region",
        "SELECT region, town, COUNT(*) FROM visits GROUP BY region, town",
    ),
    (
        "rows of a key",
        "SELECT region FROM visits",
        "SELECT region, COUNT(*) AS n FROM visits GROUP BY region",
    ),
    (
        "grouping by an identifier",
        "SELECT customer_id, SUM(paid) FROM visits GROUP BY customer_id",
        "SELECT COUNT(DISTINCT customer_id) AS customer_ids, SUM(paid) FROM visits",
    ),
    (
        "an identifier counted",
        "SELECT COUNT(customer_id) FROM visits",
        "SELECT COUNT(DISTINCT customer_id) AS customer_ids FROM visits",
    ),
    (
        "a condition on an identifier",
        "SELECT COUNT(*) FROM visits WHERE customer_id = 7 AND region = 'north'",
        "SELECT COUNT(*) FROM visits WHERE region = 'north'",
    ),
    (
        "a key that is closed",
        "SELECT paid, COUNT(*) FROM visits GROUP BY paid",
        "SELECT COUNT(*) FROM visits",
    ),
    ("an aggregate that is closed", "SELECT MAX(paid) FROM visits", "SELECT AVG(paid) FROM visits"),
    (
        "LIMIT inside",
        "SELECT AVG(s) FROM (SELECT customer_id, SUM(paid) AS s FROM visits GROUP BY customer_id ORDER BY s LIMIT 9) v",
        "SELECT AVG(s) FROM (SELECT customer_id, SUM(paid) AS s FROM visits GROUP BY customer_id) AS v",
    ),
    (
        "a join that keeps the public side",
        "SELECT COUNT(*) FROM visits v RIGHT JOIN products p USING (product_id)",
        "SELECT COUNT(*) FROM visits AS v JOIN products AS p USING (product_id)",
    ),
    ("a function that is not covered", "SELECT SUM(TAN(paid)) FROM visits", "SELECT SUM(paid) FROM visits"),
    ("an aggregate nobody answers", "SELECT region, MODE(paid) FROM visits GROUP BY region", None),
    ("a misspelt column", "SELECT SUM(payed) FROM visits", "SELECT SUM(paid) FROM visits"),
    ("a misspelt table", "SELECT COUNT(*) FROM visit", "SELECT COUNT(*) FROM visits"),
    ("quotes around a number", "SELECT SUM(CASE WHEN paid > '5' THEN 1 ELSE 0 END) FROM visits", None),
    (
        "a union",
        "SELECT COUNT(*) FROM visits UNION SELECT COUNT(*) FROM visits",
        "SELECT COUNT(*) FROM visits",
    ),
]


@pytest.mark.parametrize(("sql", "accepted"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_a_refusal_shows_the_nearest_accepted_question(
    house: Path, run: Run, sql: str, accepted: str | None
) -> None:
    refused = run("query", sql, "--house", str(house), *ASK, "--json")
    assert refused.exit_code != 0
    suggestion = json.loads(refused.stdout)["error"]["suggestion"]
    if accepted is not None:
        assert suggestion["sql"] == accepted
    assert suggestion["epsilon"] == "1"
    again = run("query", suggestion["sql"], "--house", str(house), *ASK, "--epsilon", suggestion["epsilon"])
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("sql", "more"),
    [
        ("SELECT COUNT(*) FROM visits", ("--epsilon", "50")),
        ("SELECT COUNT(DISTINCT customer_id) FROM visits WITH ACCURACY 1", ()),
    ],
    ids=["too dear", "too accurate"],
)
def test_a_price_that_is_too_high_is_answered_by_the_highest(
    house: Path, run: Run, sql: str, more: tuple[str, ...]
) -> None:
    refused = run("query", sql, "--house", str(house), *ASK, *more, "--json")
    suggestion = json.loads(refused.stdout)["error"]["suggestion"]
    assert suggestion["epsilon"] == "2"
    price = () if "ACCURACY" in suggestion["sql"] else ("--epsilon", suggestion["epsilon"])
    again = run("query", suggestion["sql"], "--house", str(house), *ASK, *price)
    assert again.exit_code == 0, again.output


def test_a_spent_budget_is_answered_by_what_is_left(house: Path, run: Run) -> None:
    ask = ("--house", str(house), *ASK, "--json")
    answers = [
        run("query", f"SELECT COUNT(*) FROM visits WHERE paid > {i}", *ask, "--epsilon", "2")
        for i in range(40)
    ]
    refused = next(a for a in answers if a.exit_code)
    error = json.loads(refused.stdout)["error"]
    assert error["code"] == "J401"
    suggestion = error["suggestion"]
    assert 0 < float(suggestion["epsilon"]) < 2
    assert run("query", suggestion["sql"], *ask, "--epsilon", suggestion["epsilon"]).exit_code == 0


@pytest.mark.parametrize(
    "sql", ["SELEC 1", "", "SELECT COUNT(* FROM visits", "SELECT COUNT(*) FROM products"]
)
def test_where_nothing_is_near_nothing_is_shown(house: Path, run: Run, sql: str) -> None:
    refused = run("query", sql, "--house", str(house), *ASK, "--json")
    assert "suggestion" not in json.loads(refused.stdout)["error"]
