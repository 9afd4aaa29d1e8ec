"""Refusals: one exit code per family, all reasons, no charge, and never a word of data from a bug."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

import jali.pipeline
from jali.model.codes import EngineFailed, every_code
from jali.model.errors import Outcome, outcome

Run = Callable[..., Result]
COUNT = "SELECT COUNT(*) AS n FROM visits"


def charges(house: Path) -> int:
    with sqlite3.connect(house / "ledger.db") as db:
        return int(db.execute("SELECT count(*) FROM charge").fetchone()[0])


@pytest.mark.parametrize(
    ("sql", "more", "code", "exit_code"),
    [
        ("SELEC 1", (), "J101", 5),
        ("SELECT COUNT(*) FROM nowhere", (), "J102", 5),
        ("SELECT SUM(pade) FROM visits", (), "J103", 5),
        (COUNT, ("--as", "eve"), "J201", 3),
        (COUNT, ("--purpose", "spying"), "J202", 3),
        ("SELECT customer_id FROM visits", (), "J209", 3),
        ("SELECT product_id, COUNT(*) FROM visits GROUP BY 1", (), "J207", 3),
        (COUNT, ("--epsilon", "0"), "J317", 5),
        (COUNT, ("--epsilon", "1", "--rho", "1"), "J317", 5),
        (COUNT, ("--epsilon", "3"), "J402", 4),
        (COUNT, ("--format", "xml"), "J801", 2),
        (COUNT, ("--no-such-option",), "J801", 2),
    ],
)
def test_a_refusal_has_its_code_and_exit_code(
    ask: Run, house: Path, sql: str, more: tuple[str, ...], code: str, exit_code: int
) -> None:
    shown, as_json = ask(sql, *more), ask(sql, "--json", *more)
    assert shown.exit_code == as_json.exit_code == exit_code
    assert shown.stdout == ""
    assert f"  {code}  " in shown.stderr
    assert as_json.stdout.count("\n") == 1
    error = json.loads(as_json.stdout)["error"]
    assert error["code"] == code
    assert set(error) >= {"code", "title", "reasons", "hint"}
    assert charges(house) == 0


@pytest.mark.parametrize(
    "number", ["nan", "inf", "1e999", "1e1", "0x1", "1,5", "-1", "+1", "", " ", "1.", ".5", "٣"]
)
@pytest.mark.parametrize("option", ["--epsilon", "--rho", "--accuracy", "--confidence"])
def test_only_plain_decimals_are_prices(ask: Run, house: Path, option: str, number: str) -> None:
    result = ask(COUNT, option, number, "--json")
    assert result.exit_code == 5
    assert json.loads(result.stdout)["error"]["code"] == "J317"
    assert charges(house) == 0


@pytest.mark.parametrize("code", sorted(every_code()))
def test_every_code_ends_with_the_exit_code_of_its_family(
    ask: Run, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    kind = every_code()[code]

    def refuse(*_: object) -> None:
        raise EngineFailed if kind is EngineFailed else kind("said", hint="do this")

    monkeypatch.setattr(jali.pipeline, "answer", refuse)
    result = ask(COUNT)
    assert result.exit_code == outcome(code).exit_code
    assert code in result.stderr


def test_the_families_have_the_published_exit_codes() -> None:
    published = {"J1": 5, "J2": 3, "J3": 5, "J4": 4, "J5": 7, "J6": 6, "J7": 7, "J8": 2, "J9": 8}
    for family, exit_code in published.items():
        found = outcome(f"{family}01")
        assert isinstance(found, Outcome)
        assert found.exit_code == exit_code


def test_a_bug_shows_its_type_and_nothing_else(ask: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("canary 4711")

    monkeypatch.setattr(jali.pipeline, "answer", fail)
    for more in ((), ("--json",)):
        result = ask(COUNT, *more)
        assert result.exit_code == 1
        assert "ValueError" in result.output
        assert "canary" not in result.output
        assert "Traceback" not in result.output
    monkeypatch.setenv("JALI_DEBUG", "1")
    assert "canary 4711" in ask(COUNT).stderr


def test_a_refusal_underlines_the_place_and_gives_every_reason(ask: Run) -> None:
    result = ask("SELECT product_id, paid, COUNT(*) FROM visits GROUP BY 1, 2")
    lines = result.stderr.splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip().startswith("^"))
    start = lines[at].index("^")
    assert lines[at - 1][start : start + len("product_id")] == "product_id"
    assert "Reason 1" in result.stderr
    assert "Reason 2" in result.stderr
    assert "What to do" in result.stderr


def test_a_long_query_is_cut_around_the_place(ask: Run) -> None:
    result = ask(f"SELECT COUNT(*) AS {'n' * 200}, SUM(pade) FROM visits")
    lines = result.stderr.splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip().startswith("^"))
    assert len(lines[at - 1]) <= 80
    assert lines[at - 1][lines[at].index("^") :].startswith("pade")


@pytest.mark.parametrize("text", ["SELECT \x1b[31m", "SELECT '\x07' FROM \u202e", "\x00", "SELECT \ud800"])
def test_control_characters_of_a_query_do_not_come_back(ask: Run, text: str) -> None:
    result = ask(text)
    assert result.exit_code == 5
    assert not set(result.output) & set("\x1b\x07\x00\u202e")


def test_a_question_before_the_first_load(run: Run, tmp_path: Path) -> None:
    new = tmp_path / "new"
    assert run("init", str(new)).exit_code == 0
    where = ("--house", str(new))
    asked = ("query", COUNT, *where, "--as", "ana", "--purpose", "planning")
    without_feed = run(*asked)
    assert without_feed.exit_code == 3
    assert "J210" in without_feed.stderr
    assert run("consent", "renew", *where, "--source", "crm").exit_code == 0
    unloaded = run(*asked)
    assert unloaded.exit_code == 7
    assert "J502" in unloaded.stderr


def test_an_exhausted_budget_says_what_is_left(ask: Run) -> None:
    for month in range(1, 13):
        result = ask(f"{COUNT} WHERE EXTRACT(month FROM visited_on) = {month}", "--epsilon", "2", "--json")
        if result.exit_code:
            break
    error = json.loads(result.stdout)["error"]
    assert result.exit_code == 4
    assert error["code"] == "J401"
    assert "--rho" in error["hint"]
