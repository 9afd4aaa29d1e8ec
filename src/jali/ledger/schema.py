"""The tables of the SQLite ledger.

Invariants kept by the database itself, whatever program writes to it: amounts are whole numbers in [0,
2**62]; what an account has spent never falls, and its second gate, once closed (NULL), never opens again; charges,
postings and audit leaves are never deleted; leaves and nodes of the tree never change; a charge leaves the state
`reserved` once.
"""

from collections.abc import Callable
from typing import Final

APPLICATION_ID: Final = 0x4A414C49  # "JALI"
VERSION: Final = 5

_AMOUNT = "INTEGER NOT NULL CHECK ({0} BETWEEN 0 AND 4611686018427387904)"
_RHO = "nano_rho " + _AMOUNT.format("nano_rho")
_DELTA = "atto_delta " + _AMOUNT.format("atto_delta")

_TABLES: Final = f"""
CREATE TABLE state (
  one INTEGER PRIMARY KEY CHECK (one = 1), ledger_id TEXT NOT NULL, origin TEXT NOT NULL,
  high_time_ms INTEGER NOT NULL, size INTEGER NOT NULL, checkpoint TEXT NOT NULL) STRICT;
CREATE TABLE account_limit (
  population TEXT NOT NULL, contract TEXT NOT NULL, pattern TEXT NOT NULL, shown_as TEXT NOT NULL,
  {_RHO}, {_DELTA}, PRIMARY KEY (population, contract, pattern)) STRICT;
CREATE TABLE account (
  id INTEGER PRIMARY KEY, population TEXT NOT NULL, key TEXT NOT NULL, shown_as TEXT NOT NULL,
  {_RHO}, {_DELTA}, UNIQUE (population, key), UNIQUE (population, shown_as)) STRICT;
CREATE TABLE charge (
  id TEXT PRIMARY KEY, population TEXT NOT NULL, {_RHO}, {_DELTA},
  state TEXT NOT NULL CHECK (state IN ('reserved', 'recorded', 'lost')), at_ms INTEGER NOT NULL,
  seq INTEGER NOT NULL UNIQUE, actor TEXT NOT NULL, purpose TEXT NOT NULL, fingerprint TEXT NOT NULL) STRICT;
CREATE INDEX charge_by_population ON charge (population, seq);
CREATE INDEX charge_open ON charge (at_ms) WHERE state = 'reserved';
CREATE TABLE posting (
  charge TEXT NOT NULL REFERENCES charge (id), account INTEGER NOT NULL REFERENCES account (id),
  {_RHO}, {_DELTA}, PRIMARY KEY (charge, account)) STRICT, WITHOUT ROWID;
CREATE TABLE kept_release (
  release_id TEXT PRIMARY KEY, charge TEXT NOT NULL UNIQUE REFERENCES charge (id), key_digest TEXT,
  {_RHO}, bound_events TEXT NOT NULL, salt TEXT NOT NULL, body TEXT NOT NULL, receipt TEXT NOT NULL,
  at_ms INTEGER NOT NULL) STRICT;
CREATE INDEX kept_by_key ON kept_release (key_digest, nano_rho);
CREATE TABLE audit_leaf (
  seq INTEGER PRIMARY KEY, entry BLOB NOT NULL, end_offset INTEGER NOT NULL) STRICT;
CREATE TABLE audit_node (
  level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID;
"""

_HOLD: Final = """
CREATE INDEX charge_by_actor ON charge (population, actor, seq);
CREATE TABLE hold_lifted (
  population TEXT NOT NULL, actor TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (population, actor, seq))
  STRICT, WITHOUT ROWID;
"""

_FAMILY: Final = """
CREATE TABLE kept_family (
  family TEXT NOT NULL, release_id TEXT NOT NULL REFERENCES kept_release (release_id),
  PRIMARY KEY (family, release_id)) STRICT, WITHOUT ROWID;
"""

_PRICED: Final = ("account_limit", "account", "charge", "posting")
"""Tables whose rows hold an amount on both scales."""

_BOUND: Final = """
CREATE TABLE kept_bound (
  bound TEXT NOT NULL, release_id TEXT NOT NULL REFERENCES kept_release (release_id),
  PRIMARY KEY (bound, release_id)) STRICT, WITHOUT ROWID;
"""

_TRIGGERS: Final = """
CREATE TRIGGER no_refund BEFORE UPDATE ON account
  WHEN new.nano_rho < old.nano_rho OR new.atto_delta < old.atto_delta OR new.key <> old.key
    OR new.population <> old.population OR new.shown_as <> old.shown_as
    OR (new.nano_epsilon IS NOT NULL AND (old.nano_epsilon IS NULL
      OR new.nano_epsilon < old.nano_epsilon OR new.atto_basic < old.atto_basic))
  BEGIN SELECT RAISE(ABORT, 'an account never falls'); END;
CREATE TRIGGER final_state BEFORE UPDATE ON charge
  WHEN old.state <> 'reserved' OR new.id <> old.id OR new.nano_rho <> old.nano_rho
    OR new.atto_delta <> old.atto_delta OR new.population <> old.population
    OR new.nano_epsilon IS NOT old.nano_epsilon OR new.atto_basic IS NOT old.atto_basic
  BEGIN SELECT RAISE(ABORT, 'a charge is settled once'); END;
CREATE TRIGGER time_goes_on BEFORE UPDATE ON state
  WHEN new.high_time_ms < old.high_time_ms OR new.size < old.size OR new.ledger_id <> old.ledger_id
  BEGIN SELECT RAISE(ABORT, 'the ledger never goes back'); END;
"""


def _frozen(table: str, *events: str) -> str:
    """Return triggers that refuse these events on a table."""
    return "".join(
        f"CREATE TRIGGER {table}_never_{event.lower()} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append only'); END;\n"
        for event in events
    )


def statements() -> str:
    """Return the script that makes an empty ledger (without its row of `state`)."""
    frozen = [_frozen(t, "UPDATE", "DELETE") for t in ("posting", "audit_leaf", "audit_node")]
    kept = [_frozen(t, "DELETE") for t in ("account", "charge", "state", "account_limit")]
    marks = f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {VERSION};\n"
    return _TABLES + _basic() + _TRIGGERS + "".join(frozen + kept) + _hold() + _FAMILY + _BOUND + marks


def _hold() -> str:
    return _HOLD + _frozen("hold_lifted", "UPDATE", "DELETE")


def _basic() -> str:
    """Return the script that adds the second scale (version 4): NULL where no basic price or limit is known.

    Of the rows that are there, no charge has a known basic price, so the second gate of their accounts is closed; a
    limit is marked as one that never had a basic part (`is_older`).
    """
    amount = "INTEGER CHECK ({0} BETWEEN 0 AND 4611686018427387904)"
    added = "".join(
        f"ALTER TABLE {table} ADD COLUMN nano_epsilon {amount.format('nano_epsilon')};\n"
        f"ALTER TABLE {table} ADD COLUMN atto_basic {amount.format('atto_basic')}"
        " CHECK ((atto_basic IS NULL) = (nano_epsilon IS NULL));\n"
        for table in _PRICED
    )
    return added + "ALTER TABLE account_limit ADD COLUMN is_older INTEGER NOT NULL DEFAULT 1;\n"


def _second_gate() -> str:
    dropped = "DROP TRIGGER no_refund;\nDROP TRIGGER final_state;\nDROP TRIGGER time_goes_on;\n"
    return _basic() + dropped + _TRIGGERS


def upgrade(version: int) -> str | None:
    """Return the script that brings a ledger of an older version to this one, in one transaction; None if none does."""
    steps: dict[int, Callable[[], str]] = {1: _hold, 2: lambda: _FAMILY, 3: _second_gate, 4: lambda: _BOUND}
    if version not in steps:
        return None
    missing = "".join(steps[step]() for step in range(version, VERSION))
    return f"BEGIN IMMEDIATE;\n{missing}PRAGMA user_version = {VERSION};\nCOMMIT;\n"
