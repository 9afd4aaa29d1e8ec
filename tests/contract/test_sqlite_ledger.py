"""The SQLite ledger passes the conformance suite of ledgers."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jali.ledger.audit import AuditSettings
from jali.ledger.sqlite import SQLiteLedger
from jali.ledger.verify import verify
from jali.plugins import load
from jali.testing.ledger_machine import LedgerConformance, TestClock

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def settings(folder: Path) -> AuditSettings:
    return AuditSettings(folder / "audit", "test.example/audit", KEY)


class Verified(SQLiteLedger):
    """A ledger whose log must verify whenever it is closed."""

    def close(self) -> None:
        super().close()
        folder = self._log.settings.folder
        assert verify(folder, folder.parent / "ledger.db", self.verifier_key) == []


class TestSQLiteLedger(LedgerConformance):
    examples = 40

    def make(self, folder: Path, clock: TestClock) -> SQLiteLedger:
        return Verified.create(folder / "ledger.db", settings(folder), clock=clock)

    def reopen(self, folder: Path, clock: TestClock) -> SQLiteLedger:
        return Verified(folder / "ledger.db", settings(folder), clock=clock)


def test_the_ledger_is_found_through_its_entry_point() -> None:
    assert load("jali.ledgers", "sqlite", frozenset({"sqlite"})) is SQLiteLedger
