"""`jali workload`: several questions, one charge, one snapshot, less noise than one by one."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.doors.conftest import ASK, Run
from tests.doors.test_reuse import asked, charges, entries, is_free

QUESTIONS = [
    "SELECT region, COUNT(*) AS n, SUM(paid) AS s FROM visits GROUP BY region",
    "SELECT EXTRACT(month FROM visited_on) AS m, COUNT(*) AS n FROM visits GROUP BY 1",
    "SELECT COUNT(*) AS n FROM visits",
    "SELECT region, COUNT(*) AS n FROM visits GROUP BY ROLLUP (region) ORDER BY n DESC LIMIT 3",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.sql"
    path.write_text(";\n".join(QUESTIONS) + ";\n-- the end;\n", encoding="utf-8")
    return path


def worked(run: Run, house: Path, file: Path, *more: str) -> dict[str, Any]:
    result = run("workload", str(file), "--house", str(house), *ASK, *more, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_all_questions_are_answered_for_one_charge(house: Path, run: Run, file: Path, tmp_path: Path) -> None:
    told = worked(run, house, file, "--explain")
    assert charges(house) == 0
    found = worked(run, house, file)
    assert charges(house) == 1
    assert found["charged"][0]["rho"] == told["price"]["rho"]
    single = json.loads(run("explain", QUESTIONS[2], "--house", str(house), *ASK, "--json").stdout)
    assert 0 <= single["price"]["rho"] - told["price"]["rho"] < 1e-7 or single["price"]["rho"] == 0
    assert len(found["answers"]) == len(told["forecasts"]) == 4
    assert {a["release_id"] for a in found["answers"]} == {found["release_id"]}
    assert all("N312" in [n["code"] for n in a["notes"]] for a in found["answers"])
    assert len(found["answers"][3]["rows"]) == 3
    logged = entries(house)[-1]
    assert (logged["type"], logged["release"]) == ("release", found["release_id"])
    assert run("audit", "verify", "--house", str(house)).exit_code == 0
    made = run("certificate", found["release_id"], "--house", str(house))
    (tmp_path / "c.json").write_text(made.stdout, encoding="utf-8")
    assert run("certificate", "--verify", str(tmp_path / "c.json"), "--house", str(house)).exit_code == 0


def test_answers_mean_what_each_question_means_by_itself(
    house: Path, run: Run, file: Path, exact: SimpleNamespace
) -> None:
    _ = exact
    found = worked(run, house, file)
    wanted = {0: 2700, 2: 2700}
    for place, total in wanted.items():
        assert sum(row[1 if place == 0 else 0] for row in found["answers"][place]["rows"]) == total
    months = {row[0]: row[1] for row in found["answers"][1]["rows"]}
    assert [months[m] for m in range(1, 6)] == [900, 720, 540, 360, 180]


def test_the_noise_is_less_than_one_by_one(house: Path, run: Run, file: Path) -> None:
    for one in worked(run, house, file, "--explain")["forecasts"]:
        if one["noise_sd"] is not None:
            assert one["noise_sd"] < one["alone"]


def test_a_repeat_is_free_and_other_questions_follow(house: Path, run: Run, file: Path) -> None:
    first, second = worked(run, house, file), worked(run, house, file)
    assert second["charged"] == []
    assert [a["rows"] for a in second["answers"]] == [a["rows"] for a in first["answers"]]
    assert entries(house)[-1]["decision"] == "kept"
    other = "SELECT region, SUM(paid) AS s FROM visits GROUP BY region HAVING SUM(paid) > 0"
    follows = asked(run, house, other, "--epsilon", "0.1")
    assert is_free(follows, {"release_id": first["release_id"]})
    assert charges(house) == 1
    dearer = asked(run, house, other)
    assert not is_free(dearer, {"release_id": first["release_id"]}), (
        "its part of the price was less than a question's"
    )


def test_what_is_measured_does_not_depend_on_kept_bounds(house: Path, run: Run, file: Path) -> None:
    """It did: a repeat was then measured in another way, and paid again."""
    before = worked(run, house, file, "--explain")
    for question in QUESTIONS[:3]:
        asked(run, house, question)
    worked(run, house, file)
    assert worked(run, house, file, "--explain") == before


def test_tables_say_the_price_once(house: Path, run: Run, file: Path) -> None:
    shown = run("workload", str(file), "--house", str(house), *ASK).stdout
    assert shown.count("for all 4 together") == 1
    assert shown.count("question ") >= 4
    assert (
        "expected noise"
        in " ".join(run("workload", str(file), "--house", str(house), *ASK, "--explain").stdout.split())
        or "no forecast" in shown
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT COUNT(*) FROM visits; SELECT COUNT(*) FROM visits WHERE region = 'north'", "J104"),
        ("SELECT town, COUNT(*) FROM visits GROUP BY town", "J319"),
        ("SELECT COUNT(DISTINCT product_id) AS n FROM visits", "J319"),
        ("SELECT COUNT(*) FROM visits EPSILON 0.5", "J317"),
        ("SELECT DISTINCT region FROM visits", "J104"),
        ("SELECT * FROM visits; SELECT COUNT(*) FROM visits", "J3"),
        (";", "J317"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    house: Path, run: Run, tmp_path: Path, text: str, code: str
) -> None:
    (tmp_path / "w.sql").write_text(text, encoding="utf-8")
    for more in ((), ("--explain",)):
        refused = run("workload", str(tmp_path / "w.sql"), "--house", str(house), *ASK, *more)
        assert refused.exit_code not in {0, 1}, refused.output
        assert code in refused.output
    assert charges(house) == 0


def test_an_uncleared_analyst_gets_nothing(house: Path, run: Run, file: Path) -> None:
    with (house / "jali.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[users.eve]\nroles = ["visitor"]\n')
    who = ("--as", "eve", "--purpose", "planning")
    assert run("workload", str(file), "--house", str(house), *who).exit_code == 3
    worked(run, house, file)
    assert run("workload", str(file), "--house", str(house), *who).exit_code == 3


def test_a_failure_after_the_charge_is_one_text_and_lost(
    house: Path, run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("row 4711")

    monkeypatch.setattr("jali.workload.source_of", broken)
    failed = run("workload", str(file), "--house", str(house), *ASK)
    assert failed.exit_code == 7
    assert "J501" in failed.output
    assert "4711" not in failed.output
    assert charges(house) == 1
    assert run("audit", "verify", "--house", str(house)).exit_code == 0
