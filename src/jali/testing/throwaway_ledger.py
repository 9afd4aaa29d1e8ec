"""A ledger for tests, with a fixed key, wide limits and questions that cost what the test wants."""

import os
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jali.ledger.accounts import Account, Activation, Answer, Charge, ChargeRequest, Facts, ReleaseKey
from jali.ledger.audit import AuditSettings
from jali.ledger.database import Clock, system_clock
from jali.ledger.sqlite import SQLiteLedger
from jali.model.money import Cost

POPULATION: Final = "urn:population:test"
CONTRACT: Final = "sha256:contract"
WIDE: Final = Cost(10**12, 10**15)
_NUMBERS: Final = count()
_TEST_KEY: Final = bytes(range(32))
"""Not a secret: it signs logs of tests only."""


def audit_settings(folder: Path, origin: str = "test.example/audit", key: bytes = _TEST_KEY) -> AuditSettings:
    """Return the settings of the log in `folder/audit`."""
    return AuditSettings(folder / "audit", origin, Ed25519PrivateKey.from_private_bytes(key))


def make(
    folder: Path, clock: Clock = system_clock, lifetime: Cost = WIDE, others: Cost = WIDE
) -> SQLiteLedger:
    """Return a new ledger `folder/ledger.db` with one active contract."""
    made = SQLiteLedger.create(folder / "ledger.db", audit_settings(folder), clock=clock)
    limits = (Account("lifetime", lifetime), Account("period:*", others), Account("analyst:*@*", others))
    made.activate(Activation(POPULATION, CONTRACT, limits, "steward"))
    return made


def reopen(folder: Path, clock: Clock = system_clock, busy_ms: int = 60_000) -> SQLiteLedger:
    """Return another handle of the ledger in a folder."""
    return SQLiteLedger(folder / "ledger.db", audit_settings(folder), clock=clock, busy_ms=busy_ms)


def facts(purpose: str = "research") -> Facts:
    """Return facts of a question that holds nothing private."""
    return Facts("7f3a", "analyst", purpose, "sha256:query", (CONTRACT,), backend="central", data_version=1)


def request(
    ledger: SQLiteLedger, cost: Cost, lifetime: Cost = WIDE, actor: str | None = None, others: Cost = WIDE
) -> ChargeRequest:
    """Return a charge of the lifetime, the year and one analyst; by an actor of its own where none is named."""
    year = ledger.period("P1Y")
    accounts = (
        Account("lifetime", lifetime),
        Account(f"period:{year}", others),
        Account(f"analyst:ana@{year}", others, f"analyst:7f3a@{year}"),
    )
    asked_by = actor if actor is not None else f"{next(_NUMBERS):x}-{os.getpid():x}"
    return ChargeRequest(POPULATION, accounts, cost, replace(facts(), actor=asked_by))


def key(plan: str = "sha256:plan", data_version: int = 1) -> ReleaseKey:
    """Return the key of a kept release."""
    return ReleaseKey(POPULATION, "research", data_version, 1, "2020-01-01", plan, (CONTRACT,))


def answer(ledger: SQLiteLedger, charge: Charge, plan: str = "sha256:plan") -> str:
    """Record an answer for a charge and return its receipt."""
    kept = Answer(f"release-{charge.id}", '{"rows":[[12]]}', key(plan), charge.cost.nano_rho, "sha256:bounds")
    return ledger.record(charge, kept, facts())


def ask(
    ledger: SQLiteLedger, nano_rho: int = 1, atto_delta: int = 0, actor: str | None = None
) -> tuple[Charge, str]:
    """Charge and record one question; return the charge and the receipt."""
    charge = ledger.charge(request(ledger, Cost(nano_rho, atto_delta), actor=actor))
    return charge, answer(ledger, charge)
