"""`jali query` and `jali explain`: one object, exact shapes, every format, hostile names."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import Result

Run = Callable[..., Result]
ASK = ("--as", "ana", "--purpose", "planning")
BY_REGION = "SELECT region, SUM(paid) AS total FROM visits GROUP BY region"
BY_TOWN = "SELECT town, COUNT(DISTINCT customer_id) AS people FROM visits GROUP BY town"


def test_json_is_exactly_one_object_of_the_published_shape(ask: Run) -> None:
    result = ask(BY_REGION, "--json")
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    found = json.loads(result.stdout)
    assert list(found) == [
        "release_id", "columns", "rows", "intervals", "noise_sd", "unclamped", "confidence", "notes",
        "privacy", "remaining", "contract", "contracts", "receipt",
    ]  # fmt: skip
    assert [c["role"] for c in found["columns"]] == ["key", "measure"]
    assert found["columns"][1]["unit_of_measure"] == "EUR"
    assert [row[0] for row in found["rows"]] == ["north", "south", "east", "west", "(other)", "(null)"]
    assert all(isinstance(row[1], str) for row in found["rows"])
    assert found["intervals"][0][0] is None
    assert len(found["intervals"][0][1]) == 2
    assert set(found["privacy"]) == {
        "unit", "population", "rho", "guarantee", "key_delta", "gate", "basic", "charged", "cached", "from", "combines",
    }  # fmt: skip
    assert {c["account"].partition(":")[0] for c in found["privacy"]["charged"]} == {
        "lifetime", "period", "purpose", "analyst",
    }  # fmt: skip
    assert set(found["remaining"]) == {"analyst", "purpose", "period", "lifetime"}
    assert found["receipt"].startswith("c2sp.org/tlog-proof")


def test_a_repeat_is_free_and_the_same(ask: Run) -> None:
    first, second = (json.loads(ask(BY_REGION, "--json").stdout) for _ in range(2))
    assert first["rows"] == second["rows"]
    assert second["privacy"]["cached"]
    assert second["privacy"]["charged"] == []
    assert first["remaining"] == second["remaining"]


def test_declared_keys_are_listed_free_and_logged(ask: Run) -> None:
    before = json.loads(ask(BY_REGION, "--json").stdout)
    found = json.loads(ask("SELECT DISTINCT region FROM visits", "--json").stdout)
    assert [row[0] for row in found["rows"]] == ["north", "south", "east", "west", "(other)", "(null)"]
    assert found["privacy"]["charged"] == []
    assert found["privacy"]["rho"] == 0.0
    assert found["privacy"]["guarantee"] == {"epsilon": 0.0, "delta": 0.0}
    assert not found["privacy"]["cached"]
    assert found["remaining"] == before["remaining"]
    assert found["receipt"].startswith("c2sp.org/tlog-proof")
    assert [n["code"] for n in found["notes"]] == ["N309"]
    shown = ask("SELECT DISTINCT region FROM visits")
    assert "free: these keys are public" in shown.stdout


def test_undeclared_keys_are_found_for_the_whole_price(ask: Run) -> None:
    found = json.loads(ask("SELECT DISTINCT town FROM visits", "--json").stdout)
    assert [c["role"] for c in found["columns"]] == ["key"]
    assert found["privacy"]["rho"] > 0
    assert found["privacy"]["key_delta"] > 0
    again = json.loads(ask("SELECT DISTINCT town FROM visits ORDER BY town DESC", "--json").stdout)
    assert again["privacy"]["cached"]
    assert sorted(r[0] for r in again["rows"]) == sorted(r[0] for r in found["rows"])


def test_totals_are_added_up_from_a_kept_answer_in_every_format(ask: Run, tmp_path: Path) -> None:
    parts = json.loads(ask("SELECT region, COUNT(*) AS n FROM visits GROUP BY region", "--json").stdout)
    rolled = "SELECT region, COUNT(*) AS n FROM visits GROUP BY ROLLUP (region)"
    found = json.loads(ask(rolled, "--json").stdout)
    assert found["privacy"]["cached"]
    assert found["rows"][:-1] == parts["rows"]
    assert found["rows"][-1][0] is None
    assert found["unclamped"][-1][1] == pytest.approx(sum(row[1] for row in parts["unclamped"]), abs=3)
    assert found["noise_sd"][-1][1] == pytest.approx(found["noise_sd"][0][1] * 6**0.5)
    assert "N310" in [n["code"] for n in found["notes"]]
    assert "(all)" in ask(rolled).stdout
    for form in ("csv", "parquet", "arrow"):
        assert ask(rolled, "--format", form, "--output", str(tmp_path / f"x.{form}")).exit_code == 0


def test_the_table_without_noise(ask: Run, exact: SimpleNamespace) -> None:
    _ = exact
    result = ask("SELECT EXTRACT(month FROM visited_on) AS month, COUNT(*) AS visits FROM visits GROUP BY 1")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines() if line.startswith("  ")]
    assert ["month", "visits", "19", "times", "in", "20"] in lines
    rows = {line[0]: line for line in lines if line and line[0] in {"1", "2", "3", "4", "5"}}
    assert [rows[str(m)][1] for m in range(1, 6)] == ["900", "720", "540", "360", "180"]
    assert "What moved it" in result.stdout
    assert "1 of about 41 questions this year for ana on planning" in result.stdout
    assert "Left" in result.stdout


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(ask: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    result = ask(
        "SELECT EXTRACT(month FROM visited_on) AS month, SUM(paid) AS s, COUNT(*) AS n FROM visits GROUP BY 1"
    )
    assert max(len(line) for line in result.stdout.splitlines()) <= width


def test_hostile_keys_cannot_steer_a_terminal(ask: Run) -> None:
    result = ask(BY_TOWN)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout + result.stderr
    assert "\ufffd[31mred" in result.stdout


def test_hostile_keys_are_ascii_in_json(ask: Run) -> None:
    result = ask(BY_TOWN, "--json")
    assert result.stdout.isascii()
    assert "\x1b" not in result.stdout
    assert "\x1b[31mred\x1b[0m" in {row[0] for row in json.loads(result.stdout)["rows"]}


def test_csv_cells_cannot_run(ask: Run) -> None:
    result = ask(BY_TOWN, "--format", "csv")
    rows = list(csv.reader(io.StringIO(result.stdout)))
    assert rows[0] == ["town", "people", "people_low", "people_high", "people_noise_sd"]
    keys = {row[0] for row in rows[1:]}
    assert "'=cmd|'/C calc'!A0" in keys
    assert not any(key.startswith(("=", "+", "-", "@")) for key in keys)
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("alias", ['"=1+1"', '"\x1b[2Ja"', '"<b>x</b>"'])
def test_hostile_column_names(ask: Run, alias: str) -> None:
    sql = f"SELECT COUNT(*) AS {alias} FROM visits"
    table, as_csv = ask(sql), ask(sql, "--format", "csv")
    assert table.exit_code == as_csv.exit_code == 0
    assert "\x1b" not in table.output + as_csv.output
    assert not as_csv.stdout.startswith("=")


def test_arrow_and_parquet_hold_the_same_table(ask: Run, tmp_path: Path) -> None:
    stream = ask(BY_REGION, "--format", "arrow")
    assert stream.exit_code == 0
    table = pa.ipc.open_stream(stream.stdout_bytes).read_all()
    target = tmp_path / "a.parquet"
    assert ask(BY_REGION, "--format", "parquet", "--output", str(target)).stdout == ""
    assert pq.read_table(target).equals(table)
    assert table.column_names == ["region", "total", "total_low", "total_high", "total_noise_sd"]
    assert table.schema.field("total").type == pa.decimal128(38, 2)
    about = json.loads(table.schema.metadata[b"jali"])
    assert about["privacy"]["unit"] == "customer"
    assert "rows" not in about


def test_an_output_that_cannot_be_written_is_refused_before_the_charge(ask: Run, house: Path) -> None:
    result = ask(BY_REGION, "--format", "csv", "--output", str(house / "no" / "such.csv"))
    assert result.exit_code == 2
    assert charges(house) == 0


def charges(house: Path) -> int:
    with sqlite3.connect(house / "ledger.db") as db:
        return int(db.execute("SELECT count(*) FROM charge").fetchone()[0])


def test_sql_from_standard_input_and_from_a_file(ask: Run, tmp_path: Path) -> None:
    path = tmp_path / "question.sql"
    path.write_text(BY_REGION, encoding="utf-8")
    assert ask(str(path), "--json").exit_code == 0
    assert json.loads(ask("-", "--json", stdin=BY_REGION.encode()).stdout)["privacy"]["cached"]
    assert ask("-", stdin=b"SELECT \xff\xfe").exit_code == 5


def test_explain_privacy_explains_and_charges_nothing(ask: Run, run: Run, house: Path) -> None:
    for result in (
        ask(f"explain privacy {BY_REGION}"),
        run("explain", BY_REGION, "--house", str(house), *ASK),
    ):
        assert result.exit_code == 0
        for station in ("parsed", "cleared", "private plan", "price", "who learns what"):
            assert f"\n  {station}\n" in result.stdout
    assert charges(house) == 0


def test_explain_as_json(run: Run, house: Path) -> None:
    result = run("explain", BY_REGION, "--house", str(house), *ASK, "--json", "--epsilon", "0.5")
    found = json.loads(result.stdout)
    assert set(found) == {"stations", "price", "kept", "remaining"}
    assert found["kept"] == []
    assert 0.49 < found["price"]["epsilon"] <= 0.5


def test_the_asker_and_the_house_from_the_environment(
    run: Run, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JALI_ANALYST", "ana")
    monkeypatch.setenv("JALI_HOUSE", str(house))
    assert run("query", BY_REGION, "--purpose", "planning").exit_code == 0
    monkeypatch.delenv("JALI_HOUSE")
    monkeypatch.chdir(house / "contracts")
    assert run("query", BY_REGION, "--purpose", "planning").exit_code == 0


def test_a_price_may_be_given_three_ways(ask: Run) -> None:
    sql = "SELECT COUNT(DISTINCT customer_id) AS n FROM visits"
    for option, value in (("--epsilon", "0.5"), ("--rho", "0.001"), ("--accuracy", "40")):
        found = json.loads(ask(sql, option, value, "--json", "--confidence", "90").stdout)
        assert found["confidence"] == 0.9
        assert found["privacy"]["guarantee"]["epsilon"] <= 0.5
