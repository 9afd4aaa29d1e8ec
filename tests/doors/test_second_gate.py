"""Few large questions at the door: prices in epsilon, what is left under both gates, and what closes the second one."""

import json
from pathlib import Path
from typing import Any

import pytest

import jali
from tests.doors.conftest import ASK, Run, write_sources
from tests.doors.test_reuse import asked, charges, entries
from tests.doors.test_rules_change import _edit

UNITS = "SELECT COUNT(DISTINCT customer_id) AS n FROM visits"
LARGE = ("--gate", "basic", "--epsilon", "2")


def explained(run: Run, house: Path, sql: str, *more: str) -> dict[str, Any]:
    result = run("explain", sql, "--house", str(house), *ASK, *more, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def budget(run: Run, house: Path) -> dict[str, dict[str, Any]]:
    found = json.loads(run("budget", "--house", str(house), "--as", "ana", "--json").stdout)
    return {one["account"].partition(":")[0]: one for one in found["accounts"]}


def test_one_count_at_epsilon_1_has_laplace_noise_and_says_both_prices(house: Path, run: Run) -> None:
    told = explained(run, house, UNITS, "--gate", "basic", "--epsilon", "1")
    assert told["price"]["basic"] == {"epsilon": 1.0, "delta": 0.0, "closed": None}
    assert told["price"]["fits"] == {"rho": 2, "basic": 8}
    found = asked(run, house, UNITS, "--gate", "basic", "--epsilon", "1")
    assert found["columns"][0]["mechanism"] == "discrete_laplace"
    assert 1.3 < found["noise_sd"][0][0] < 1.42
    privacy = found["privacy"]
    assert privacy["guarantee"] == {"epsilon": 1.0, "delta": 0.0}
    assert privacy["gate"] == "basic"
    assert privacy["basic"] == {"epsilon": 1.0, "delta": 0.0, "closed": None}
    assert 0.46 < privacy["rho"] < 0.47
    assert {(c["basic_epsilon"], tuple(c["gates"])) for c in privacy["charged"]} == {(1.0, ("rho", "basic"))}
    assert found["remaining"]["lifetime"]["basic"] == {"epsilon": 23.0, "delta": 0.0, "closed": None}
    assert budget(run, house)["analyst"]["remaining"]["basic"]["epsilon"] == 7.0
    charge = next(e for e in entries(house) if e["type"] == "charge")
    assert charge["cost"]["basic"] == {"nano_epsilon": "1000000000", "atto_delta": "0"}
    assert charge["accounts"][0]["gates"] == ["rho", "basic"]
    certificate = house.parent / "certificate.json"
    certificate.write_text(run("certificate", found["release_id"], "--house", str(house)).stdout)
    assert run("certificate", "--verify", str(certificate), "--house", str(house)).exit_code == 0
    assert run("audit", "verify", "--house", str(house)).exit_code == 0


@pytest.mark.parametrize("words", ["EPSILON 1 GATE BASIC", "epsilon 1 gate basic"])
def test_the_gate_is_named_in_the_question_too_and_asking_again_is_free(
    house: Path, run: Run, words: str
) -> None:
    first = asked(run, house, f"{UNITS} {words}")
    assert first["privacy"]["gate"] == "basic"
    for again in (f"{UNITS} {words}", f"{UNITS} EPSILON 0.5 GATE BASIC", UNITS):
        found = asked(run, house, again)
        assert found["privacy"]["cached"]
        assert found["rows"] == first["rows"]
    assert charges(house) == 1


def test_the_second_gate_admits_large_questions_beyond_the_first_and_a_refusal_names_both(
    house: Path, run: Run
) -> None:
    gates = [
        asked(run, house, f"{UNITS} WHERE paid > {limit}", *LARGE)["privacy"]["charged"]
        for limit in range(1, 5)
    ]
    by_account = [{c["account"].partition(":")[0]: c["gates"] for c in charged} for charged in gates]
    assert [one["analyst"] for one in by_account] == [["basic"]] * 4
    assert by_account[0]["lifetime"] == ["rho", "basic"]
    refused = run("query", f"{UNITS} WHERE paid > 9", "--house", str(house), *ASK, *LARGE, "--json")
    assert refused.exit_code == 4
    error = json.loads(refused.stdout)["error"]
    assert error["code"] == "J401"
    said = next(r["text"] for r in error["reasons"] if "analyst" in r["text"])
    assert "has rho 0 left" in said
    assert "for the second gate it costs epsilon 2 and epsilon 0 is left" in said
    again = run("query", f"{UNITS} WHERE paid > 9", "--house", str(house), *ASK)
    assert again.exit_code == 4
    assert "this question has no basic price" in " ".join(again.stdout.split() + again.stderr.split())
    assert run("audit", "verify", "--house", str(house)).exit_code == 0


def test_a_gaussian_answer_closes_the_second_gate_and_explain_says_so_before(house: Path, run: Run) -> None:
    told = explained(run, house, UNITS)
    assert told["price"]["basic"]["epsilon"] is None
    assert "Gaussian" in told["price"]["basic"]["closed"]
    assert told["price"]["fits"]["basic"] == 0
    price = next(s["lines"] for s in told["stations"] if s["name"] == "price")
    assert "closes that of lifetime, period:" in price[-1]
    found = asked(run, house, UNITS)
    assert found["privacy"]["basic"]["epsilon"] is None
    assert {tuple(c["gates"]) for c in found["privacy"]["charged"]} == {("rho",)}
    closed = {"epsilon": None, "delta": None, "closed": "an earlier answer had no basic price"}
    assert {name: one["remaining"]["basic"] for name, one in budget(run, house).items()} == dict.fromkeys(
        ("lifetime", "period", "purpose", "analyst"), closed
    )
    shown = run("budget", "--house", str(house), "--as", "ana").stdout
    assert "closed: an earlier answer had no basic price" in shown
    told = explained(run, house, f"{UNITS} WHERE paid > 3", "--gate", "basic")
    assert told["price"]["fits"] == {"rho": 2, "basic": 0}
    price = next(s["lines"] for s in told["stations"] if s["name"] == "price")
    assert price[-1].endswith("the second gate is closed: an earlier answer had no basic price")
    refused = run("query", f"{UNITS} WHERE paid > 3", "--house", str(house), *ASK, *LARGE)
    assert refused.exit_code == 4


def test_the_terminal_shows_price_and_rest_of_the_second_gate(house: Path, run: Run) -> None:
    shown = " ".join(run("query", UNITS, "--house", str(house), *ASK, "--gate", "basic").stdout.split())
    assert "epsilon 1 by the second gate" in shown
    assert "by the second gate epsilon 7" in shown
    told = run("explain", f"{UNITS} WHERE paid > 3", "--house", str(house), *ASK, "--gate", "basic").stdout
    assert "7 such questions left" in " ".join(told.split())


@pytest.mark.parametrize("gate", ["both", "", "BASIC"])
def test_another_gate_is_refused(house: Path, run: Run, gate: str) -> None:
    assert run("query", UNITS, "--house", str(house), *ASK, "--gate", gate).exit_code == 5


def test_keys_that_are_found_have_no_basic_price(house: Path, run: Run) -> None:
    sql = "SELECT town, COUNT(*) AS n FROM visits GROUP BY town"
    refused = run("query", sql, "--house", str(house), *ASK, "--gate", "basic", "--json")
    assert json.loads(refused.stdout)["error"]["code"] == "J404"
    assert charges(house) == 0


def test_the_python_door_takes_a_gate(house: Path) -> None:
    with jali.open(house) as opened:
        ask = opened.session(analyst="ana", purpose="planning")
        assert ask.explain(UNITS, gate="basic").gate == "basic"
        answer = ask.query(UNITS, epsilon="0.5", gate="basic")
        assert answer.release.privacy.epsilon == 0.5
        left = ask.remaining()["urn:contract:shop:visits"]["lifetime"].basic
        assert left is not None
        assert left.nano_epsilon == 23_500_000_000


def test_a_contract_can_make_the_second_gate_the_default(house: Path, run: Run) -> None:
    _edit(house / "contracts", "default: {epsilon: 1}", "default: {epsilon: 1, gate: basic}")
    assert asked(run, house, UNITS)["privacy"]["gate"] == "basic"
    assert explained(run, house, UNITS, "--rho", "0.01")["price"]["gate"] == "rho"
    assert explained(run, house, f"{UNITS} EPSILON 0.3 GATE RHO")["price"]["gate"] == "rho"
    workload = house.parent / "two.sql"
    workload.write_text("SELECT region, COUNT(*) FROM visits GROUP BY 1; SELECT COUNT(*) FROM visits")
    assert run("workload", str(workload), "--house", str(house), *ASK, "--explain").exit_code == 0
    refused = run("query", "SELECT town, COUNT(*) FROM visits GROUP BY 1", "--house", str(house), *ASK)
    assert "--gate rho" in " ".join(refused.stdout.split() + refused.stderr.split())


def test_the_delta_of_the_second_gate_is_frozen_like_every_limit(house: Path, run: Run) -> None:
    assert run("budget", "--house", str(house)).exit_code == 0  # the limits become active
    _edit(house / "populations", "keys: 5.0e-6}", "keys: 5.0e-6, basic: 1.0e-6}")
    broken = run("query", UNITS, "--house", str(house), *ASK)
    assert broken.exit_code == 8  # the charter allows 1e-5 in all, and this delta counts too
    _edit(house / "populations", "keys: 5.0e-6, basic", "keys: 4.0e-6, basic")
    refused = run("query", UNITS, "--house", str(house), *ASK)
    assert refused.exit_code == 7
    assert "frozen" in " ".join(refused.stdout.split() + refused.stderr.split())


def test_a_delta_for_basic_composition_keeps_the_second_gate_open_under_gaussian_noise(
    tmp_path: Path, run: Run
) -> None:
    write_sources(tmp_path)
    house = tmp_path / "house"
    assert run("init", str(house)).exit_code == 0
    _edit(house / "populations", "keys: 5.0e-6}", "keys: 4.0e-6, basic: 1.0e-6}")
    for table in ("products", "visits"):
        source = str(tmp_path / f"{table}.csv")
        assert run("ingest", "--house", str(house), "--table", table, "--from", source).exit_code == 0
    assert run("consent", "renew", "--house", str(house), "--source", "test").exit_code == 0
    found = asked(run, house, UNITS)
    assert found["columns"][0]["mechanism"] == "discrete_gaussian"
    assert found["privacy"]["basic"]["epsilon"] > 1
    assert 0 < found["privacy"]["basic"]["delta"] < 1e-8
    towns = asked(run, house, "SELECT town, COUNT(*) AS n FROM visits GROUP BY town", *LARGE)
    assert towns["privacy"]["guarantee"]["epsilon"] == 2.0
    assert towns["privacy"]["basic"]["delta"] == pytest.approx(1e-6 * 2 / 24)
    assert towns["remaining"]["lifetime"]["basic"]["closed"] is None
    shown = run("budget", "--house", str(house), "--as", "ana").stdout
    assert "of 1e-06" in shown
    assert run("audit", "verify", "--house", str(house)).exit_code == 0
    for one in (found, towns):
        certificate = tmp_path / "certificate.json"
        certificate.write_text(run("certificate", one["release_id"], "--house", str(house)).stdout)
        assert run("certificate", "--verify", str(certificate), "--house", str(house)).exit_code == 0
