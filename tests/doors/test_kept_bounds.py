"""Bounds that are found privately, at the door: bought once, used again for whom they were bought, never otherwise."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from jali.trust.central import Central
from tests.doors.conftest import ASK, Run
from tests.doors.test_reuse import asked, entries
from tests.doors.test_rules_change import _edit, _load

CLIPPED = "SELECT region, SUM(paid) AS s FROM visits GROUP BY region"
BY_TOWN = "SELECT town, COUNT(*) AS n FROM visits GROUP BY town"
DAY = "DATE '2026-03-01'"


def evidence_of(house: Path, run: Run, release: dict[str, Any]) -> dict[str, Any]:
    printed = run("certificate", release["release_id"], "--house", str(house), "--json")
    assert printed.exit_code == 0, printed.output
    found: dict[str, Any] = json.loads(printed.stdout)["certificate"]
    return found


def checked(house: Path, run: Run, release: dict[str, Any], folder: Path) -> None:
    """Assert that the price is computed again from the evidence, and that the log verifies."""
    printed = run("certificate", release["release_id"], "--house", str(house), "--json").stdout
    (folder / "certificate.json").write_text(printed, encoding="utf-8")
    assert (
        run("certificate", "--verify", str(folder / "certificate.json"), "--house", str(house)).exit_code == 0
    )
    assert run("audit", "verify", "--house", str(house)).exit_code == 0


def clip_of(house: Path, run: Run, release: dict[str, Any], place: int = 0) -> tuple[str, str, str]:
    """Return mechanism, release that bought it ("" for this one) and norm."""
    clip = evidence_of(house, run, release)["mechanisms"][place]["clip"]
    return clip["mechanism"], clip.get("release", ""), clip["chosen"]


def finding_keys(house: Path) -> None:
    _edit(house / "contracts", "maxGroups: 12", "maxGroups: auto")


def change(house: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(house / "ledger.db")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def test_a_clip_is_bought_once_for_all_versions_of_the_data(
    house: Path, built: Path, run: Run, tmp_path: Path
) -> None:
    first = asked(run, house, CLIPPED)
    mechanism, _, norm = clip_of(house, run, first)
    assert mechanism == "exponential"
    assert _load(house, built, run).exit_code == 0
    told = json.loads(run("explain", CLIPPED, "--house", str(house), *ASK, "--json").stdout)
    assert first["release_id"] in json.dumps(told["stations"])
    again = asked(run, house, CLIPPED)
    assert clip_of(house, run, again) == ("kept", first["release_id"], norm)
    assert again["privacy"]["charged"][0]["rho"] == first["privacy"]["charged"][0]["rho"]
    assert again["noise_sd"][0][1] == pytest.approx(first["noise_sd"][0][1] * 0.8**0.5, rel=1e-3)
    assert f"clip of release {first['release_id']}" in entries(house)[-1]["mechanisms"][0]
    checked(house, run, again, tmp_path)


def test_another_question_on_the_same_measure_pays_for_its_own_measures_alone(house: Path, run: Run) -> None:
    first = asked(run, house, CLIPPED)
    both = asked(run, house, "SELECT region, SUM(paid) AS s, COUNT(*) AS n FROM visits GROUP BY region")
    assert clip_of(house, run, both)[:2] == ("kept", first["release_id"])
    assert clip_of(house, run, both, 1)[0] == "exponential"
    assert "was found by release" in json.dumps(both["notes"])


def test_bounds_of_other_conditions_are_used_where_the_asker_says_so(
    house: Path, run: Run, tmp_path: Path
) -> None:
    first = asked(run, house, CLIPPED)
    filtered = CLIPPED.replace("GROUP BY", f"WHERE visited_on >= {DAY} GROUP BY")
    any_ = asked(run, house, filtered, "--bounds", "any")
    assert clip_of(house, run, any_)[:2] == ("kept", first["release_id"])
    assert "found under other conditions" in json.dumps(any_["notes"])
    own = asked(run, house, filtered, "--epsilon", "1.1")
    assert clip_of(house, run, own)[0] == "exponential"
    later = asked(run, house, filtered.replace(" AS s", " AS s, COUNT(*) AS n"), "--bounds", "any")
    assert clip_of(house, run, later)[:2] == ("kept", own["release_id"]), "the same conditions come first"
    fresh = asked(run, house, filtered, "--bounds", "fresh")
    assert clip_of(house, run, fresh)[0] == "exponential"
    assert not fresh["privacy"]["cached"]
    checked(house, run, fresh, tmp_path)
    refused = run("query", filtered, "--house", str(house), *ASK, "--bounds", "old")
    assert "J317" in refused.output
    assert "same, any or fresh" in refused.output


def test_a_filter_of_the_aggregate_is_a_condition(house: Path, run: Run) -> None:
    asked(run, house, CLIPPED)
    some = CLIPPED.replace("SUM(paid)", f"SUM(paid) FILTER (WHERE visited_on >= {DAY})")
    assert clip_of(house, run, asked(run, house, some))[0] == "exponential"


def test_a_bound_that_was_found_for_little_is_bought_again(house: Path, run: Run) -> None:
    cheap = asked(run, house, CLIPPED, "--epsilon", "0.05")
    dear = asked(run, house, CLIPPED)
    assert clip_of(house, run, dear)[0] == "exponential"
    once_more = asked(run, house, CLIPPED.replace(" AS s", " AS s, COUNT(*) AS n"))
    assert clip_of(house, run, once_more)[:2] == ("kept", dear["release_id"]) != ("kept", cheap["release_id"])


def test_another_purpose_buys_its_own(house: Path, run: Run) -> None:
    purpose = '- {id: planning, dpv: "dpv:ServiceOptimisation", basis: "eu-gdpr:A6-1-f", consent: objection}'
    _edit(house / "contracts", purpose, f"{purpose}\n        {purpose.replace('planning', 'range')}")
    _edit(house / "contracts", "purposes: [planning]", "purposes: [planning, range]")
    _edit(
        house / "contracts",
        "perPurpose: {planning: {epsilon: 10}}",
        "perPurpose: {planning: {epsilon: 10}, range: {epsilon: 9}}",
    )
    asked(run, house, CLIPPED)
    other = asked(run, house, CLIPPED, who=("--as", "ana", "--purpose", "range"))
    assert clip_of(house, run, other)[0] == "exponential"


def test_a_contract_that_seeks_elsewhere_buys_its_own(house: Path, run: Run) -> None:
    asked(run, house, CLIPPED)
    _edit(house / "contracts", "perUnit: {upper: 2000}", "perUnit: {upper: 1000}")
    assert clip_of(house, run, asked(run, house, CLIPPED))[0] == "exponential"


def test_nothing_is_kept_of_a_release_that_was_lost(
    house: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = Central.release

    def fails(self: Central, *given: Any) -> Any:
        released(self, *given)
        raise ValueError

    monkeypatch.setattr(Central, "release", fails)
    assert "J501" in run("query", CLIPPED, "--house", str(house), *ASK).output
    monkeypatch.setattr(Central, "release", released)
    assert clip_of(house, run, asked(run, house, CLIPPED))[0] == "exponential"


def test_the_keys_of_a_unit_are_found_first_and_once(house: Path, run: Run, tmp_path: Path) -> None:
    finding_keys(house)
    told = run("explain", BY_TOWN, "--house", str(house), *ASK).stdout
    assert "maxGroups: found privately first, of one number per customer" in " ".join(
        told.replace("│", "").split()
    )
    first = asked(run, house, BY_TOWN)
    bound = evidence_of(house, run, first)["bounds"][0]
    assert bound["what"] == "maxGroups"
    assert bound["chosen"] in bound["grid"]
    assert evidence_of(house, run, first)["selection"]["max_keys"] == int(bound["chosen"])
    assert entries(house)[-1]["mechanisms"][0].startswith("bound maxGroups exponential nano_rho=")
    assert "N314" in [n["code"] for n in first["notes"]]
    checked(house, run, first, tmp_path)
    repeat = asked(run, house, BY_TOWN)
    assert repeat["privacy"]["cached"]
    assert repeat["rows"] == first["rows"]
    units = asked(run, house, "SELECT town, COUNT(DISTINCT customer_id) AS c FROM visits GROUP BY town")
    kept = evidence_of(house, run, units)["bounds"][0]
    assert kept == {
        "what": "maxGroups",
        "mechanism": "kept",
        "release": first["release_id"],
        "chosen": bound["chosen"],
    }
    checked(house, run, units, tmp_path)


def test_declared_keys_need_no_bound_on_their_number(house: Path, run: Run) -> None:
    finding_keys(house)
    assert "bounds" not in evidence_of(house, run, asked(run, house, CLIPPED))


def test_an_accuracy_has_a_price_once_the_bounds_are_kept(house: Path, built: Path, run: Run) -> None:
    refused = run("query", CLIPPED, "--house", str(house), *ASK, "--accuracy", "9000")
    assert "J" in refused.output
    assert refused.exit_code != 0
    first = asked(run, house, CLIPPED.replace(" AS s", " AS s, COUNT(*) AS n"), "--epsilon", "0.5")
    assert _load(house, built, run).exit_code == 0  # nothing follows from the first answer any more
    found = asked(run, house, CLIPPED, "--accuracy", "9000")
    assert clip_of(house, run, found)[:2] == ("kept", first["release_id"])
    low, high = found["intervals"][0][1]
    assert float(high) - float(low) <= 18000


@pytest.mark.parametrize(
    "tamper",
    [
        'UPDATE kept_release SET body = replace(body, \'"value": "\', \'"value": "9\')',
        "UPDATE kept_bound SET release_id = (SELECT max(release_id) FROM kept_release)",
    ],
)
def test_a_bound_that_was_changed_is_refused_and_found(house: Path, run: Run, tamper: str) -> None:
    asked(run, house, CLIPPED)
    asked(run, house, "SELECT region, COUNT(*) AS n FROM visits GROUP BY region")
    change(house, tamper)
    other = "SELECT region, SUM(paid) AS s, COUNT(DISTINCT customer_id) AS n FROM visits GROUP BY region"
    assert "J70" in run("query", other, "--house", str(house), *ASK).output
    verified = run("audit", "verify", "--house", str(house))
    assert verified.exit_code != 0
    assert "kept bound" in " ".join(verified.output.split())
