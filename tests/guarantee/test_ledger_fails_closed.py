"""A ledger that is missing, damaged, locked, full, stale or run with a wrong clock answers nothing."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jali.ledger.accounts import Account, Activation
from jali.ledger.folder import AuditFolder
from jali.ledger.sqlite import SQLiteLedger
from jali.ledger.verify import export, verify
from jali.model.codes import AuditFailed, BudgetExhausted, LedgerFailed
from jali.model.errors import JaliError
from jali.model.money import NOTHING, Basic, Cost
from jali.testing.ledger_machine import START_MS, TestClock
from jali.testing.throwaway_ledger import (
    CONTRACT,
    POPULATION,
    answer,
    ask,
    audit_settings,
    facts,
    key,
    make,
    reopen,
    request,
)

pytestmark = pytest.mark.guarantee


def copy_of(house: Path, name: str) -> Path:
    return Path(shutil.copytree(house, house.parent / name))


def raw(house: Path) -> sqlite3.Connection:
    return sqlite3.connect(house / "ledger.db", isolation_level=None)


def no_paths(error: JaliError, house: Path) -> bool:
    return str(house) not in str(error) and "sqlite" not in str(error).lower()


def until_refused(use: Callable[[], object]) -> tuple[int, LedgerFailed]:
    """Return how often a use went well before it was refused, and the refusal."""
    for times in range(1000):
        try:
            use()
        except LedgerFailed as error:
            return times, error
    raise AssertionError("never refused")


def test_a_missing_ledger_is_refused_and_not_created_anew(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    with pytest.raises(LedgerFailed, match="missing") as refused:
        reopen(house)
    assert no_paths(refused.value, house)
    assert list(house.iterdir()) == []
    with make(house) as ledger:
        ask(ledger)
    with pytest.raises(LedgerFailed, match="already here"):
        make(house)
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
        (house / name).unlink(missing_ok=True)
    with pytest.raises(LedgerFailed, match="missing"):
        reopen(house)
    with pytest.raises(LedgerFailed, match="forget what was spent"):
        make(house)
    (house / "audit" / "checkpoint").unlink()
    with pytest.raises(LedgerFailed, match="forget what was spent"):
        make(house)


def test_a_ledger_unlinked_or_replaced_while_open_takes_no_more_charges(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        asked = request(ledger, Cost(1))
        (tmp_path / "ledger.db").rename(tmp_path / "away.db")
        with pytest.raises(LedgerFailed, match="missing"):
            ledger.charge(asked)
        shutil.copy(tmp_path / "away.db", tmp_path / "ledger.db")
        with pytest.raises(LedgerFailed, match="missing"):
            ledger.charge(asked)


def test_a_restored_older_ledger_is_refused(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    with make(house) as ledger:
        ask(ledger)
    backup = copy_of(house, "backup")
    with reopen(house) as ledger:
        ask(ledger)
    shutil.copy(backup / "ledger.db", house / "ledger.db")
    with pytest.raises(LedgerFailed, match="older than its audit log") as refused:
        reopen(house)
    assert refused.value.code == "J701"
    assert "jali audit verify" in refused.value.hint
    assert verify(house / "audit", house / "ledger.db", audit_settings(house).verifier_key) != []


def test_a_ledger_restored_without_its_write_ahead_log_is_refused(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    ledger = make(house)
    for _ in range(3):
        ask(ledger)
    bare = copy_of(house, "bare")
    ledger.close()
    (bare / "ledger.db-wal").unlink()
    (bare / "ledger.db-shm").unlink()
    with pytest.raises(LedgerFailed):
        SQLiteLedger(bare / "ledger.db", audit_settings(bare))


def test_another_ledger_beside_the_log_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        with make(tmp_path / name) as ledger:
            ask(ledger)
    shutil.copy(tmp_path / "two" / "ledger.db", tmp_path / "one" / "ledger.db")
    with pytest.raises(LedgerFailed, match="do not belong together"):
        reopen(tmp_path / "one")
    with pytest.raises(LedgerFailed, match="do not belong together"):
        SQLiteLedger(tmp_path / "two" / "ledger.db", audit_settings(tmp_path / "two", origin="other"))


def test_a_lost_audit_log_is_refused(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        asked = request(ledger, Cost(1))
        shutil.rmtree(tmp_path / "audit")
        with pytest.raises(AuditFailed, match="missing"):
            ledger.charge(asked)
        assert ledger.spent(POPULATION, "lifetime") == NOTHING
    with pytest.raises(AuditFailed, match="missing"):
        reopen(tmp_path)
    with pytest.raises(AuditFailed, match="missing"):
        export(tmp_path / "audit", tmp_path / "out")


def test_a_published_log_that_was_cut_is_not_continued(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ask(ledger)
        place = tmp_path / "audit" / "entries.jsonl"
        place.write_bytes(place.read_bytes()[:-5])
        with pytest.raises(AuditFailed, match="differs"):
            ask(ledger)
    (tmp_path / "audit" / "entries.jsonl").write_bytes(b"x" * 100_000)
    with pytest.raises(AuditFailed, match="differs"):
        reopen(tmp_path)


@pytest.mark.parametrize("part", range(6))
def test_a_damaged_file_is_refused_or_nothing_that_counts_is_damaged(tmp_path: Path, part: int) -> None:
    with make(tmp_path) as ledger:
        for i in range(4):
            ask(ledger, i + 1)
        whole = ledger.find(key())
    place = tmp_path / "ledger.db"
    content = place.read_bytes()
    refused: list[LedgerFailed] = []
    for at in range(part * 331, len(content) - 64, 1986):
        place.write_bytes(content[:at] + bytes(b ^ 0xFF for b in content[at : at + 64]) + content[at + 64 :])
        try:
            with reopen(tmp_path) as ledger:
                known = ledger.spent(POPULATION, "lifetime"), ledger.find(key())
        except LedgerFailed as error:
            refused.append(error)
        else:
            assert known == (Cost(10), whole)
    assert refused
    assert all(no_paths(error, tmp_path) for error in refused)


_BACK_TO_4 = "DROP TABLE kept_bound; PRAGMA user_version = 4;"
_BACK_TO_3 = (
    """
DROP TABLE kept_bound;
DROP TRIGGER no_refund; DROP TRIGGER final_state; ALTER TABLE account_limit DROP COLUMN is_older;
"""
    + "".join(
        f"ALTER TABLE {table} DROP COLUMN atto_basic; ALTER TABLE {table} DROP COLUMN nano_epsilon;"
        for table in ("account_limit", "account", "charge", "posting")
    )
    + """
CREATE TRIGGER no_refund BEFORE UPDATE ON account WHEN new.nano_rho < old.nano_rho
  BEGIN SELECT RAISE(ABORT, 'an account never falls'); END;
CREATE TRIGGER final_state BEFORE UPDATE ON charge WHEN old.state <> 'reserved'
  BEGIN SELECT RAISE(ABORT, 'a charge is settled once'); END;
PRAGMA user_version = 3;
"""
)
_BACK_TO_2 = _BACK_TO_3 + "DROP TABLE kept_family; PRAGMA user_version = 2;"
_BACK_TO_1 = _BACK_TO_2 + "DROP TABLE hold_lifted; DROP INDEX charge_by_actor; PRAGMA user_version = 1;"


def sent_back(folder: Path, script: str) -> None:
    db = raw(folder)
    db.executescript(script)
    db.close()


@pytest.mark.parametrize("back", [_BACK_TO_1, _BACK_TO_2, _BACK_TO_3, _BACK_TO_4], ids=["1", "2", "3", "4"])
def test_a_ledger_of_an_older_version_is_brought_up_to_date(tmp_path: Path, back: str) -> None:
    with make(tmp_path) as ledger:
        ask(ledger, actor="7f3a")
    sent_back(tmp_path, back)
    with reopen(tmp_path) as ledger:
        ask(ledger, actor="7f3a")
        ledger.lift_hold(POPULATION, "7f3a")
        assert ledger.spent(POPULATION, "lifetime") == Cost(2)
    with reopen(tmp_path) as ledger:
        assert verify(tmp_path / "audit", tmp_path / "ledger.db", ledger.verifier_key) == []


def test_the_schema_of_an_upgraded_ledger_is_that_of_a_new_one(tmp_path: Path) -> None:
    def shape(db: sqlite3.Connection) -> set[tuple[str, str]]:
        columns = "SELECT m.name, p.name, p.type FROM sqlite_schema m, pragma_table_info(m.name) p"
        triggers = "SELECT name, sql FROM sqlite_schema WHERE type IN ('trigger', 'index')"
        return {*db.execute(columns), *db.execute(triggers)}

    make(tmp_path).close()
    new = shape(raw(tmp_path))
    sent_back(tmp_path, _BACK_TO_1)
    reopen(tmp_path).close()
    assert shape(raw(tmp_path)) == new


_LIMIT = Cost(100, 100, Basic(100, 0))


def limits_of_all(limit: Cost) -> Activation:
    keys = ("lifetime", "period:*", "analyst:*@*")
    return Activation(POPULATION, CONTRACT, tuple(Account(key, limit) for key in keys), "steward")


def test_the_second_gate_of_an_account_charged_before_there_was_one_stays_closed(tmp_path: Path) -> None:
    with make(tmp_path, lifetime=Cost(100, 100), others=Cost(100, 100)) as ledger:
        ledger.charge(request(ledger, Cost(1), Cost(100, 100), others=Cost(100, 100)))
    sent_back(tmp_path, _BACK_TO_3)
    with reopen(tmp_path) as ledger:
        assert ledger.activate(limits_of_all(_LIMIT)) is not None
        assert ledger.remaining(POPULATION, Account("lifetime", _LIMIT)).basic is None
        with pytest.raises(BudgetExhausted, match="second gate is closed"):
            ledger.charge(request(ledger, Cost(200, 0, Basic(1)), _LIMIT, others=_LIMIT))
        ledger.charge(request(ledger, Cost(50, 0, Basic(1)), _LIMIT, others=_LIMIT))
        assert ledger.spent(POPULATION, "lifetime") == Cost(51)
        assert verify(tmp_path / "audit", tmp_path / "ledger.db", ledger.verifier_key) == []


def test_the_limits_of_an_older_ledger_get_their_basic_part_once(tmp_path: Path) -> None:
    make(tmp_path, lifetime=Cost(100, 100), others=Cost(100, 100)).close()
    sent_back(tmp_path, _BACK_TO_3)
    with reopen(tmp_path) as ledger:
        with pytest.raises(LedgerFailed, match="no limit as high"):
            ledger.charge(request(ledger, Cost(200, 0, Basic(1)), _LIMIT, others=_LIMIT))
        with pytest.raises(LedgerFailed, match="frozen"):
            ledger.activate(limits_of_all(replace(_LIMIT, nano_rho=101)))
        assert ledger.activate(limits_of_all(_LIMIT)) is not None
        assert ledger.activate(limits_of_all(_LIMIT)) is None
        for higher in (Basic(101, 0), Basic(100, 1)):
            with pytest.raises(LedgerFailed, match="frozen"):
                ledger.activate(limits_of_all(replace(_LIMIT, basic=higher)))
        ledger.charge(request(ledger, Cost(200, 0, Basic(1)), _LIMIT, others=_LIMIT))
        assert verify(tmp_path / "audit", tmp_path / "ledger.db", ledger.verifier_key) == []


def test_every_contract_of_an_older_ledger_logs_its_basic_limits(tmp_path: Path) -> None:
    bare = Cost(100, 100)
    with make(tmp_path, lifetime=bare, others=bare) as ledger:
        ledger.activate(replace(limits_of_all(bare), contract_digest="sha256:second"))
    sent_back(tmp_path, _BACK_TO_3)
    with reopen(tmp_path) as ledger:
        for contract in (CONTRACT, "sha256:second"):
            asked = replace(limits_of_all(_LIMIT), contract_digest=contract)
            assert ledger.activate(asked) is not None
            assert ledger.activate(asked) is None
        charge = request(ledger, Cost(200, 0, Basic(1)), _LIMIT, others=_LIMIT)
        ledger.charge(replace(charge, facts=replace(charge.facts, contract_digests=("sha256:second",))))
        assert verify(tmp_path / "audit", tmp_path / "ledger.db", ledger.verifier_key) == []


def test_a_limit_frozen_without_a_second_gate_gets_none_without_approvals(tmp_path: Path) -> None:
    with make(tmp_path, lifetime=Cost(100, 100), others=Cost(100, 100)) as ledger:
        with pytest.raises(LedgerFailed, match="frozen"):
            ledger.activate(limits_of_all(_LIMIT))
        assert ledger.activate(replace(limits_of_all(_LIMIT), approvals=("a", "b"))) is not None


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    make(tmp_path).close()
    raw(tmp_path).execute("PRAGMA user_version = 6")
    with pytest.raises(LedgerFailed, match="another version"):
        reopen(tmp_path)
    for content in (b"", b"hello" * 1000):
        (tmp_path / "ledger.db").write_bytes(content)
        with pytest.raises(LedgerFailed):
            reopen(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET nano_rho = nano_rho - 1",
        "UPDATE account SET key = 'lifetime:2'",
        "UPDATE account SET nano_rho = 4611686018427387905",
        "UPDATE account SET nano_epsilon = 0, atto_basic = 0",
        "UPDATE charge SET nano_epsilon = 0, atto_basic = 0",
        "UPDATE posting SET nano_epsilon = 0",
        "DELETE FROM account",
        "DELETE FROM charge",
        "UPDATE charge SET state = 'reserved'",
        "UPDATE charge SET nano_rho = 0",
        "DELETE FROM posting",
        "UPDATE posting SET nano_rho = 0",
        "DELETE FROM audit_leaf",
        "UPDATE audit_leaf SET entry = x'00'",
        "DELETE FROM audit_node",
        "UPDATE state SET high_time_ms = 0",
        "UPDATE state SET size = 0",
        "DELETE FROM state",
        "DELETE FROM account_limit",
    ],
)
def test_the_database_itself_refuses_to_forget(tmp_path: Path, statement: str) -> None:
    with make(tmp_path) as ledger:
        ask(ledger, 5)
    with pytest.raises(sqlite3.IntegrityError):
        raw(tmp_path).execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET nano_epsilon = nano_epsilon - 1",
        "UPDATE account SET atto_basic = atto_basic - 1",
        "UPDATE account SET nano_epsilon = NULL",
        "UPDATE account SET nano_epsilon = 4611686018427387905",
        "UPDATE charge SET nano_epsilon = 0",
        "UPDATE charge SET nano_epsilon = NULL, atto_basic = NULL",
        "UPDATE posting SET atto_basic = 0",
    ],
)
def test_the_database_itself_refuses_to_forget_a_basic_price(tmp_path: Path, statement: str) -> None:
    with make(tmp_path) as ledger:
        ledger.charge(request(ledger, Cost(5, 0, Basic(5, 5))))
    with pytest.raises(sqlite3.IntegrityError):
        raw(tmp_path).execute(statement)


def test_a_closed_second_gate_opened_behind_the_triggers_is_refused_at_opening(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ledger.charge(request(ledger, Cost(5)))
    sent_back(tmp_path, "DROP TRIGGER no_refund; UPDATE account SET nano_epsilon = 0, atto_basic = 0;")
    with pytest.raises(LedgerFailed, match="damaged"):
        reopen(tmp_path)


def test_a_total_lowered_behind_the_triggers_is_refused_at_opening(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ask(ledger, 5)
    connection = raw(tmp_path)
    connection.execute("DROP TRIGGER no_refund")
    connection.execute("UPDATE account SET nano_rho = 1")
    connection.close()
    with pytest.raises(LedgerFailed, match="damaged"):
        reopen(tmp_path)


def test_totals_and_postings_lowered_together_are_found_by_verify(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ask(ledger, 5)
        key = ledger.verifier_key
    connection = raw(tmp_path)
    for trigger in ("no_refund", "posting_never_update", "final_state"):
        connection.execute(f"DROP TRIGGER {trigger}")
    connection.execute("UPDATE account SET nano_rho = 1")
    connection.execute("UPDATE posting SET nano_rho = 1")
    connection.execute("UPDATE charge SET state = 'reserved'")
    connection.close()
    found = verify(tmp_path / "audit", tmp_path / "ledger.db", key)
    assert len([f for f in found if "differs from the replay" in f.said]) == 3
    assert any("reserved in the ledger" in f.said for f in found)


def test_a_locked_ledger_is_refused_after_its_waiting_time(tmp_path: Path) -> None:
    make(tmp_path).close()
    with reopen(tmp_path, busy_ms=50) as ledger:
        asked = request(ledger, Cost(1))
        blocker = raw(tmp_path)
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerFailed, match="locked"):
            ledger.charge(asked)
        blocker.execute("ROLLBACK")
        blocker.close()
        ledger.charge(asked)


def test_a_full_disk_charges_and_answers_nothing(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        charge, _ = ask(ledger)
        open_charge = ledger.charge(request(ledger, Cost(2)))
        connection = ledger._database._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        charges, stopped = until_refused(lambda: ledger.charge(request(ledger, Cost(3))))
        assert "no space left" in stopped.said
        assert ledger.spent(POPULATION, "lifetime") == Cost(3 + 3 * charges)
        answers, _ = until_refused(lambda: answer(ledger, open_charge))
        assert answers == 0
        connection.execute("PRAGMA max_page_count = 1000000")
        answer(ledger, open_charge)
        assert charge.id != open_charge.id
    assert verify(tmp_path / "audit", tmp_path / "ledger.db", audit_settings(tmp_path).verifier_key) == []


@pytest.mark.parametrize("step", ["append_entries", "write_tiles", "publish_checkpoint", "_replace"])
def test_a_failed_publication_returns_no_answer_and_is_made_good_later(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with make(tmp_path) as ledger:
        charge = ledger.charge(request(ledger, Cost(2)))
        with monkeypatch.context() as patch:
            patch.setattr(AuditFolder, step, full)
            with pytest.raises(AuditFailed, match="could not be written"):
                answer(ledger, charge)
            with pytest.raises(AuditFailed):
                ledger.charge(request(ledger, Cost(3)))
        with pytest.raises(LedgerFailed, match="settled before"):
            answer(ledger, charge)
        assert ledger.spent(POPULATION, "lifetime") == Cost(5)
    with reopen(tmp_path) as ledger:
        ask(ledger)
    assert verify(tmp_path / "audit", tmp_path / "ledger.db", audit_settings(tmp_path).verifier_key) == []


def test_a_publication_cut_anywhere_is_made_good_when_the_ledger_opens(tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    with make(house) as ledger:
        ask(ledger)
        before = copy_of(house, "before")
        ask(ledger)
    whole = (house / "audit" / "entries.jsonl").read_bytes()
    kept = len((before / "audit" / "entries.jsonl").read_bytes())
    for end in range(kept, len(whole) + 1, 97):
        shutil.rmtree(house / "audit")
        shutil.copytree(before / "audit", house / "audit")
        (house / "audit" / "entries.jsonl").write_bytes(whole[:end])
        reopen(house).close()
        assert (house / "audit" / "entries.jsonl").read_bytes() == whole
        assert verify(house / "audit", house / "ledger.db", audit_settings(house).verifier_key) == []


def test_the_clock_never_goes_back(tmp_path: Path) -> None:
    clock = TestClock()
    with make(tmp_path, clock=clock) as ledger:
        first, _ = ask(ledger)
        clock.now_ms -= 4 * 60 * 1000
        second, _ = ask(ledger)
        assert second.at_ms == first.at_ms == START_MS
        clock.now_ms = START_MS - 5 * 60 * 1000 - 1
        for use in (lambda: ask(ledger), ledger.now_ms, lambda: ledger.append_refusal(facts())):
            with pytest.raises(LedgerFailed, match="5 minutes behind"):
                use()
    with pytest.raises(LedgerFailed, match="5 minutes behind"):
        reopen(tmp_path, clock=clock)
    clock.now_ms = START_MS
    with reopen(tmp_path, clock=clock) as ledger:
        ask(ledger)
        assert ledger.spent(POPULATION, "lifetime") == Cost(3)


def test_two_handles_opened_at_once_agree(tmp_path: Path) -> None:
    with make(tmp_path) as one, reopen(tmp_path) as two:
        charge = one.charge(request(one, Cost(5)))
        assert two.spent(POPULATION, "lifetime") == Cost(5)
        answer(two, charge)
        with pytest.raises(LedgerFailed):
            answer(one, charge)
        assert one.checkpoint() == two.checkpoint() == (tmp_path / "audit" / "checkpoint").read_text()


def test_threads_share_one_handle(tmp_path: Path) -> None:
    limit = Cost(30, 0)
    refused: list[JaliError] = []

    def spend(ledger: SQLiteLedger) -> None:
        for _ in range(10):
            try:
                ledger.charge(request(ledger, Cost(1), limit))
            except JaliError as error:
                refused.append(error)

    with make(tmp_path, lifetime=limit) as ledger:
        threads = [threading.Thread(target=spend, args=(ledger,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ledger.spent(POPULATION, "lifetime") == limit
        assert len(refused) == 10


FORKED = """
import os, sys, tempfile
from pathlib import Path
from jali.testing.throwaway_ledger import ask, make
from jali.model.codes import LedgerFailed
ledger = make(Path(sys.argv[1]))
child = os.fork()
if child == 0:
    try:
        ask(ledger)
    except LedgerFailed as error:
        os._exit(0 if "another process" in error.said else 1)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_handle_carried_over_a_fork_is_refused(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, "-c", FORKED, str(tmp_path)], check=False).returncode == 0


def test_the_files_of_the_ledger_are_private(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ask(ledger)
        for name in ("ledger.db", "ledger.db-wal"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_a_ledger_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LedgerFailed, match="could not be created"):
        SQLiteLedger.create(tmp_path / "nowhere" / "ledger.db", audit_settings(tmp_path))
    assert not (tmp_path / "nowhere").exists()


def test_an_interrupted_creation_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    use: Callable[[], object] = lambda: make(tmp_path)  # noqa: E731  # said twice
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", crash)
        with pytest.raises(KeyboardInterrupt):
            use()
    with make(tmp_path) as ledger:
        ask(ledger)
