"""A house spends from one ledger, never from a fresh one; the public log holds no words of the asker."""

import json
import shutil
from pathlib import Path

import pytest

from tests.doors.conftest import ASK, Run

QUESTION = "SELECT COUNT(*) AS n FROM visits"


def _forget(house: Path) -> None:
    for path in house.glob("ledger.db*"):
        path.unlink()
    shutil.rmtree(house / "audit")


def test_a_lost_ledger_is_not_replaced(house: Path, run: Run) -> None:
    assert run("query", QUESTION, "--house", str(house), *ASK).exit_code == 0
    _forget(house)
    lost = run("query", QUESTION, "--house", str(house), *ASK)
    assert lost.exit_code == 7
    assert "J701" in lost.output
    assert not list(house.glob("ledger.db"))
    assert run("audit", "verify", "--house", str(house)).exit_code != 0


def test_another_ledger_is_not_accepted(
    house: Path, built: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JALI_LEDGER", str(house / "fresh.db"))
    monkeypatch.setenv("JALI_AUDIT", str(house / "fresh-audit"))
    refused = run("query", QUESTION, "--house", str(house), *ASK)
    assert refused.exit_code == 7
    assert not (house / "fresh.db").exists()
    assert built.exists()


def test_the_public_log_holds_no_literal_and_no_name_the_asker_chose(house: Path, run: Run) -> None:
    chosen = "Jane Doe has it"
    sql = f"SELECT COUNT(*) AS \"{chosen}\" FROM visits WHERE visit_id IS NULL OR 'xyzzy-literal' = 'a'"
    run("query", sql, "--house", str(house), *ASK)
    run("query", f'SELECT COUNT(*) AS "{chosen}" FROM visits', "--house", str(house), *ASK)
    log = (house / "audit" / "entries.jsonl").read_text(encoding="utf-8")
    assert chosen not in log
    assert "xyzzy" not in log
    assert any(json.loads(line).get("type") == "release" for line in log.splitlines())
