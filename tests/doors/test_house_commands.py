"""init, check, ingest, budget, releases, certificate, audit, consent: what they print and how they end."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]
BY_REGION = "SELECT region, SUM(paid) AS total FROM visits GROUP BY region"


@pytest.fixture
def released(ask: Run) -> str:
    return str(json.loads(ask(BY_REGION, "--json").stdout)["release_id"])


def test_a_new_house_keeps_every_rule(run: Run, tmp_path: Path) -> None:
    made = run("init", str(tmp_path / "new"), "--name", "corner shop")
    assert made.exit_code == 0
    checked = run("check", "--house", str(tmp_path / "new"))
    assert checked.exit_code == 0, checked.output
    assert "every rule holds" in checked.stdout
    assert re.search(r"analyst +8 +1\.170 +41", checked.stdout)
    assert (tmp_path / "new" / "vault").stat().st_mode & 0o077 == 0


def test_init_never_overwrites(run: Run, house: Path, tmp_path: Path) -> None:
    assert run("init", str(house)).exit_code == 2
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "charter.yaml").write_text("mine: 1\n", encoding="utf-8")
    assert run("init", str(tmp_path / "other")).exit_code == 2
    assert (tmp_path / "other" / "charter.yaml").read_text(encoding="utf-8") == "mine: 1\n"


def test_check_names_file_and_line_of_every_error(run: Run, house: Path) -> None:
    path = house / "contracts" / "shop.odcs.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("epsilon: 8", "epsilon: -8").replace("upper: 100", "upper: -1"), encoding="utf-8"
    )
    shown = run("check", "--house", str(house))
    assert shown.exit_code == 8
    assert len(re.findall(r"shop\.odcs\.yaml:\d+: error [A-Z]\d{3} ", shown.stdout)) >= 2
    assert "J902" in shown.stderr
    as_json = run("check", "--house", str(house), "--json")
    assert as_json.exit_code == 8
    found = json.loads(as_json.stdout)
    assert {f["severity"] for f in found["findings"]} == {"error"}
    assert found["accounts"] == []


def test_a_broken_house_answers_nothing(ask: Run, house: Path) -> None:
    (house / "charter.yaml").write_text("charter: [", encoding="utf-8")
    result = ask(BY_REGION, "--json")
    assert result.exit_code == 8
    assert json.loads(result.stdout)["error"]["code"] == "J901"


def test_no_house_is_a_usage_error(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (("budget",), ("check",), ("audit", "log"), ("query", BY_REGION), ("releases",)):
        result = run(*command)
        assert result.exit_code == 2
        assert "there is no house here" in result.stderr
    assert run("budget", "--house", str(tmp_path / "nowhere")).exit_code == 2


def test_ingest_reports_and_refuses(run: Run, house: Path, built: Path) -> None:
    source = str(built.parent / "visits.csv")
    done = run("ingest", "--house", str(house), "--table", "visits", "--from", source, "--json")
    (load,) = json.loads(done.stdout)["loads"]
    assert load["rows_stored"] == load["rows_read"] == 2700
    for arguments, code in (
        (("--table", "visits", "--from", "no/such.csv"), 7),
        (("--table", "nothing", "--from", source), 7),
        (("--from", source), 2),
        (("--table", "visits"), 2),
        ((), 2),
    ):
        assert run("ingest", "--house", str(house), *arguments).exit_code == code


def test_the_budget_falls_by_what_was_charged(run: Run, ask: Run, house: Path) -> None:
    def left() -> dict[str, int]:
        found = json.loads(run("budget", "--house", str(house), "--as", "ana", "--json").stdout)
        return {
            a["account"].partition(":")[0]: a["remaining"]["questions_at_default"] for a in found["accounts"]
        }

    before = left()
    ask(BY_REGION)
    after = left()
    assert set(before) == {"lifetime", "period", "purpose", "analyst"}
    assert before["analyst"] == 41
    assert after == {name: count - 1 for name, count in before.items()}
    assert "questions left" in run("budget", "--house", str(house)).stdout
    assert run("budget", "--house", str(house), "--as", "eve").exit_code == 3


def test_releases_lists_answers_without_values(run: Run, house: Path, released: str) -> None:
    (found,) = json.loads(run("releases", "--house", str(house), "--json").stdout)["releases"]
    assert found["release_id"] == released
    assert set(found) == {"release_id", "time", "purpose", "columns", "rho"}
    assert released in run("releases", "--house", str(house)).stdout


def test_a_certificate_holds_and_notices_changes(
    run: Run, house: Path, released: str, tmp_path: Path
) -> None:
    issued = run("certificate", released[-8:], "--house", str(house))
    assert issued.exit_code == 0
    path = tmp_path / "certificate.json"
    path.write_text(issued.stdout, encoding="utf-8")
    sound = run("certificate", "--verify", str(path), "--house", str(house))
    assert sound.exit_code == 0
    assert sound.stdout.count("  ok   ") == 5
    whole = json.loads(issued.stdout)
    assert "rows" not in whole["certificate"]
    changes: list[tuple[str, Callable[[dict[str, object]], object]]] = [
        ("price", lambda c: c.update(price={"nano_rho": "1", "atto_delta": "0"})),
        ("plan", lambda c: c.update(plan="another")),
        ("mechanisms", lambda c: c["mechanisms"][0].update(scales=[1.0])),  # type: ignore[index]
        ("receipt", lambda c: c.update(receipt="c2sp.org/tlog-proof@v1")),
        ("release_id", lambda c: c.update(release_id="another")),
    ]
    for name, change in changes:
        altered = json.loads(issued.stdout)
        change(altered["certificate"])
        path.write_text(json.dumps(altered), encoding="utf-8")
        result = run("certificate", "--verify", str(path), "--key", whole["key"])
        assert result.exit_code == 8, name
        assert "FAIL the house's key signed" in result.stdout, name
    path.write_text("{}", encoding="utf-8")
    assert run("certificate", "--verify", str(path), "--key", whole["key"]).exit_code == 2
    assert run("certificate", "nothing", "--house", str(house)).exit_code == 2
    assert run("certificate", "--house", str(house)).exit_code == 2


def test_the_audit_log_verifies_until_it_is_touched(
    run: Run, house: Path, released: str, tmp_path: Path
) -> None:
    where = ("--house", str(house))
    assert run("audit", "verify", *where, "--seen", str(tmp_path / "seen")).exit_code == 0
    assert json.loads(run("audit", "verify", *where, "--json").stdout)["verifies"]
    entries = json.loads(run("audit", "log", *where, "--json").stdout)["entries"]
    assert [e["type"] for e in entries] == ["activation", "charge", "release"]
    assert released in run("audit", "log", *where).stdout
    path = house / "audit" / "entries.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("planning", "spying"), encoding="utf-8")
    broken = run("audit", "verify", *where)
    assert broken.exit_code == 8
    assert "FAIL" in broken.stdout
    as_json = run("audit", "verify", *where, "--json")
    assert as_json.exit_code == 8
    assert not json.loads(as_json.stdout)["verifies"]


def test_an_export_is_checked_by_its_own_verifier(
    run: Run, house: Path, released: str, tmp_path: Path
) -> None:
    out = tmp_path / "export"
    result = run("audit", "export", str(out), "--house", str(house))
    assert result.exit_code == 0
    key = re.search(r"--key '([^']+)'", result.stdout)
    assert key is not None
    command = [sys.executable, str(out / "standalone_verifier.py"), str(out), "--key", key[1]]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert run("audit", "export", str(out), "--house", str(house)).exit_code == 2
    proof = run("audit", "prove", released, "--house", str(house))
    assert proof.stdout.startswith("c2sp.org/tlog-proof@v1\n")


def test_consent_is_shown_and_renewed(run: Run, house: Path) -> None:
    where = ("--house", str(house))
    assert json.loads(run("consent", "show", *where, "--json").stdout)["feed"]["source"] == "test feed"
    (house / "consent" / "feed.json").unlink()
    assert json.loads(run("consent", "show", *where, "--json").stdout)["feed"] is None
    assert "jali consent renew" in run("consent", "show", *where).stdout
    assert run("consent", "renew", *where).exit_code == 2
    assert run("consent", "renew", *where, "--source", "crm").exit_code == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_house_refuses(ask: Run, house: Path) -> None:
    house.chmod(0o500)
    try:
        assert ask(BY_REGION).exit_code == 7
    finally:
        house.chmod(0o700)


def test_a_folder_in_the_way_of_the_ledger_refuses(ask: Run, house: Path) -> None:
    (house / "ledger.db").unlink()
    (house / "ledger.db").mkdir()
    result = ask(BY_REGION)
    assert result.exit_code == 7
    assert "J701" in result.stderr


def test_a_missing_vault_refuses(ask: Run, house: Path) -> None:
    shutil.rmtree(house / "vault")
    result = ask(BY_REGION)
    assert result.exit_code == 7
    assert "J705" in result.stderr


def test_the_real_program(house: Path) -> None:
    def jali(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "jali.serve.cli", *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=house)

    answered = jali("query", BY_REGION, "--as", "ana", "--purpose", "planning", "--json")
    assert answered.returncode == 0
    assert answered.stderr == ""
    assert len(json.loads(answered.stdout)["rows"]) == 6
    refused = jali("query", BY_REGION, "--as", "eve", "--purpose", "planning")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "J201" in refused.stderr
    assert jali("--version").stdout.startswith("jali ")
    assert jali("--help").returncode == 0
    assert jali("nonsense").returncode == 2
