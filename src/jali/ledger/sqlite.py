"""The default ledger: one SQLite file per house, with the audit log inside and published beside it.

Guarantees. (1) `charge` is durable when it returns, so before any data is read. (2) It checks and posts to
all accounts or to none, in one transaction; concurrent processes never overspend. (3) `record` stores the
answer, marks the charge and appends the audit entry in one transaction before anything leaves. (4) A charge
is never given back: a crash, a lost charge or a failure after the commit costs budget. (5) A ledger that is
missing, damaged, locked, full, replaced, older than its audit log or run with a clock set back refuses
everything.

Whoever can write both the ledger and the audit folder can put both back to an older state; only a checkpoint
kept elsewhere (`verify(seen=...)`, a receipt, a witness) shows that.
"""

import hashlib
import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self  # Any: a row of the database; its columns have constraints

from jali.keys.identifiers import salt, uuid7
from jali.ledger import entries, failures, gate, hold
from jali.ledger.accounts import (
    Account,
    Activation,
    Answer,
    Charge,
    ChargeRecord,
    ChargeRequest,
    Facts,
    KeptRelease,
    ReleaseKey,
)
from jali.ledger.audit import Appended, AuditLog, AuditSettings, sign_checkpoint
from jali.ledger.database import Clock, Database, Transaction, check_sound, system_clock
from jali.ledger.merkle import EMPTY_ROOT
from jali.ledger.periods import period_of
from jali.ledger.standalone_verifier import BrokenError, verify_receipt
from jali.model.money import Cost

_BUSY_MS: Final = 30_000
_KEPT: Final = "SELECT release_id, charge, body, nano_rho, bound_events, receipt, at_ms FROM kept_release"


class SQLiteLedger:
    """Budgets, charges, kept releases and the audit log of one house; safe between threads and processes."""

    def __init__(
        self, path: Path, audit: AuditSettings, *, clock: Clock = system_clock, busy_ms: int = _BUSY_MS
    ) -> None:
        """Open an existing ledger, check it against its audit log and publish what a crash left unpublished.

        Args:
            path: the ledger file; `create` makes one.
            audit: where and by whom the log is published.
            clock: milliseconds since 1970 UTC.
            busy_ms: how long to wait for another process, milliseconds.

        Raises:
            LedgerFailed: if the ledger cannot be trusted to know what was spent.
            AuditFailed: if the published log is missing or is another one.
        """
        self._log = AuditLog(audit)
        self._database = Database(path, clock, busy_ms)
        with self._closing_on_error():
            with self._database.read() as connection:
                check_sound(connection)
                self._log.check_owner(connection)
            self._log.catch_up(self._database)

    @classmethod
    def create(
        cls, path: Path, audit: AuditSettings, *, clock: Clock = system_clock, busy_ms: int = _BUSY_MS
    ) -> Self:
        """Make a new ledger and its audit log, and open it.

        Raises:
            LedgerFailed: if there is a ledger, or an audit log that shows that there was one.
        """
        log = AuditLog(audit)
        if path.exists() or not log.folder.is_empty():
            raise failures.exists()
        ledger_id, note = uuid7(clock()), sign_checkpoint(audit, 0, EMPTY_ROOT)
        draft = path.with_name(f".{path.name}.{ledger_id}")
        try:
            Database.create(draft, ledger_id, audit.origin, note, clock())
            log.folder.start(ledger_id, note)
            os.link(draft, path)
        except FileExistsError:
            raise failures.exists() from None
        except sqlite3.Error as error:
            raise failures.of_database(error) from None
        except OSError:
            raise failures.misuse(
                "the ledger could not be created", hint="check space and permissions"
            ) from None
        finally:
            draft.unlink(missing_ok=True)
        return cls(path, audit, clock=clock, busy_ms=busy_ms)

    def __enter__(self) -> Self:
        """Return the ledger."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the ledger."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @property
    def verifier_key(self) -> str:
        """The public key of the audit log, as text."""
        return self._log.settings.verifier_key

    @property
    def ledger_id(self) -> str:
        """The id this ledger got when it was made; its audit log carries the same."""
        return self._log.folder.ledger_id() or ""

    def now_ms(self) -> int:
        """Return the ledger's time, milliseconds since 1970 UTC; it never goes back."""
        return self._database.now_ms()

    def period(self, duration: str) -> str:
        """Return the name of the present period: "2026" for P1Y, "2026-Q3" for P3M, "2026-07" for P1M."""
        return period_of(self.now_ms(), duration)

    def activate(self, asked: Activation) -> int | None:
        """Freeze limits; return the place of the audit entry, or None if they were active already.

        Raises:
            LedgerFailed: if a frozen limit would rise without two approvals.
        """
        with self._database.write() as at:
            changed = gate.activate(at.connection, asked)
            if not changed:
                return None
            appended = self._log.append(at, "activation", entries.activation(asked, changed))
        return self._published(appended).seq

    def charge(self, asked: ChargeRequest) -> Charge:
        """Charge all accounts of a request, or none; durable when it returns.

        Raises:
            BudgetExhausted: if an account cannot pay; one reason per account.
            AnalystHeld: after three failures, or with too many questions open.
            LedgerFailed: if the ledger cannot be used or the request breaks a rule.
            AuditFailed: if the audit log cannot be written; the charge may then stand.
        """
        with self._database.write() as at:
            hold.refuse_if_held(at, asked.population, asked.facts.actor)
            postings = gate.post(at, asked)
            charge_id = uuid7(at.now_ms)
            appended = self._log.append(at, "charge", entries.charge(charge_id, asked, postings))
            charge = Charge(charge_id, asked.population, asked.cost, postings, at.now_ms, appended.seq)
            _insert_charge(at.connection, charge, asked)
        self._published(appended)
        return charge

    def record(self, charge: Charge, answer: Answer, about: Facts) -> str:
        """Keep an answer, settle its charge and log it, in one transaction; return the receipt.

        Raises:
            LedgerFailed: if the charge is unknown, was recorded or lost before, or the ledger cannot be used.
            AuditFailed: if the audit log cannot be written; then nothing may leave.
        """
        hidden = salt()
        commitment = hashlib.sha256(f"{hidden}\n{answer.body}".encode()).hexdigest()
        with self._database.write() as at:
            _settle(at, charge, "recorded")
            fields = entries.release(charge, answer.release_id, commitment, about)
            appended = self._log.append(at, "release", fields)
            receipt = self._log.receipt(at.connection, appended, hidden)
            kept = (answer.release_id, charge.id, _digest(answer.key), answer.nano_rho, answer.bound_events)
            row = (*kept, hidden, answer.body, receipt, at.now_ms)
            at.connection.execute("INSERT INTO kept_release VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            if answer.key is not None and answer.key.family_digest:
                family = (_family(answer.key), answer.release_id)
                at.connection.execute("INSERT INTO kept_family VALUES (?, ?)", family)
            names = [(name, answer.release_id) for name in dict.fromkeys(answer.bounds)]
            at.connection.executemany("INSERT INTO kept_bound VALUES (?, ?)", names)
        self._published(appended)
        return receipt

    def lose(self, charge: Charge, about: Facts) -> None:
        """Settle a charge whose question failed: it stays charged, and the log says why (`about.codes`).

        Raises:
            LedgerFailed: if the charge was settled before.
        """
        with self._database.write() as at:
            _settle(at, charge, "lost")
            fields = entries.facts(about) | {"charge": charge.id}
            appended = self._log.append(at, "refusal", fields)
        self._published(appended)

    def lift_hold(self, population: str, actor: str) -> str:
        """Let an analyst ask again after failures, the steward's act; log it and return the receipt."""
        with self._database.write() as at:
            fields: entries.Fields = {"decision": "hold lifted", "population": population, "held": actor}
            appended = self._log.append(at, "decision", fields)
            hold.lift(at, population, actor, appended.seq)
            receipt = self._log.receipt(at.connection, appended)
        self._published(appended)
        return receipt

    def sweep(self, age_ms: int) -> int:
        """Mark charges still open after `age_ms` milliseconds (a crash) as lost; return how many."""
        with self._database.write() as at:
            statement = "UPDATE charge SET state = 'lost' WHERE state = 'reserved' AND at_ms <= ?"
            return at.connection.execute(statement, (at.now_ms - age_ms,)).rowcount

    def append_refusal(self, about: Facts) -> str:
        """Log a refused question and return its receipt."""
        return self._append("refusal", entries.facts(about))

    def append_decision(self, about: Facts, release_id: str = "") -> str:
        """Log a decision that charged nothing, such as a kept release served again; return its receipt."""
        return self._append("decision", entries.facts(about) | {"release": release_id})

    def find(self, key: ReleaseKey) -> tuple[KeptRelease, ...]:
        """Return the kept releases of a key, the most accurate first.

        One may be returned free if its nano_rho is at least what is asked and its bound events are equal.

        Raises:
            LedgerFailed: if a kept release is not the one that was logged.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                _KEPT + " WHERE key_digest = ? ORDER BY nano_rho DESC, at_ms DESC", (_digest(key),)
            )
            kept = tuple(KeptRelease(*row) for row in rows)
        return tuple(self._proven(one) for one in kept)

    def related(self, key: ReleaseKey, at_most: int = 20) -> tuple[KeptRelease, ...]:
        """Return kept releases over the same rows, whatever their conditions, keys and aggregates; the dearest first.

        They share with the key everything that `find` asks for but the plan: population, purpose, data version, consent
        epoch, cut-off, blocks and contracts.

        Raises:
            LedgerFailed: if a kept release is not the one that was logged.
        """
        if not key.family_digest:
            return ()
        with self._database.read() as connection:
            rows = connection.execute(
                _KEPT + " JOIN kept_family USING (release_id) WHERE family = ?"
                " ORDER BY nano_rho DESC, at_ms DESC, release_id LIMIT ?",
                (_family(key), at_most),
            )
            kept = tuple(KeptRelease(*row) for row in rows)
        return tuple(self._proven(one) for one in kept)

    def bounds(self, bound: str, at_most: int = 50) -> tuple[KeptRelease, ...]:
        """Return the kept releases that found a bound, told by its digest, the oldest first.

        Raises:
            LedgerFailed: if a kept release is not the one that was logged.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                _KEPT
                + " JOIN kept_bound USING (release_id) WHERE bound = ? ORDER BY at_ms, release_id LIMIT ?",
                (bound, at_most),
            )
            kept = tuple(KeptRelease(*row) for row in rows)
        return tuple(self._proven(one) for one in kept)

    def release(self, release_id: str) -> KeptRelease | None:
        """Return one kept release by its id, or None."""
        with self._database.read() as connection:
            row = connection.execute(_KEPT + " WHERE release_id = ?", (release_id,)).fetchone()
        return self._proven(KeptRelease(*row)) if row else None

    def spent(self, population: str, key: str) -> Cost:
        """Return what an account has spent, ever."""
        with self._database.read() as connection:
            return gate.spent(connection, population, key)

    def remaining(self, population: str, account: Account) -> Cost:
        """Return what an account has left under its limit; no basic part where the second gate is closed."""
        return gate.left_of(self.spent(population, account.key), account.limit)

    def history(self, population: str, at_most: int = 100) -> tuple[ChargeRecord, ...]:
        """Return the last charges of a population, the newest first."""
        statement = (
            "SELECT nano_rho, atto_delta, nano_epsilon, atto_basic, id, state, at_ms, seq, actor, purpose, fingerprint"
            " FROM charge"
            " WHERE population = ? ORDER BY seq DESC LIMIT ?"
        )
        keys = "SELECT key FROM posting JOIN account ON account.id = account WHERE charge = ? ORDER BY key"
        with self._database.read() as connection:
            rows = connection.execute(statement, (population, at_most)).fetchall()
            names = [tuple(str(key) for (key,) in connection.execute(keys, row[4:5])) for row in rows]
        return tuple(_history_line(row, accounts) for row, accounts in zip(rows, names, strict=True))

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint."""
        with self._database.read() as connection:
            return str(connection.execute("SELECT checkpoint FROM state").fetchone()[0])

    def _proven(self, kept: KeptRelease) -> KeptRelease:
        """Return a kept release if its receipt proves it to be the one that was logged."""
        try:
            entry = verify_receipt(kept.receipt, self.verifier_key, kept.body)
        except BrokenError:
            raise failures.damaged() from None
        if entry.get("release") != kept.release_id or entry.get("charge") != kept.charge_id:
            raise failures.damaged()
        return kept

    def _append(self, kind: str, fields: entries.Fields) -> str:
        with self._database.write() as at:
            appended = self._log.append(at, kind, fields)
            receipt = self._log.receipt(at.connection, appended)
        self._published(appended)
        return receipt

    def _published(self, appended: Appended) -> Appended:
        self._log.publish(self._database, appended.seq + 1)
        return appended

    @contextmanager
    def _closing_on_error(self) -> Generator[None, None, None]:
        try:
            yield
        except BaseException:
            self._database.close()
            raise


def _history_line(row: Sequence[Any], names: tuple[str, ...]) -> ChargeRecord:
    charge_id, state, at_ms, seq, actor, purpose, fingerprint = row[4:]
    cost = gate.cost_of(row[:4])
    return ChargeRecord(charge_id, cost, state, at_ms, seq, actor, purpose, fingerprint, names)


def _insert_charge(connection: sqlite3.Connection, charge: Charge, asked: ChargeRequest) -> None:
    about, amounts = asked.facts, gate.columns(asked.cost)
    connection.execute(
        "INSERT INTO charge (id, population, state, at_ms, seq, actor, purpose, fingerprint,"
        " nano_rho, atto_delta, nano_epsilon, atto_basic) VALUES (?, ?, 'reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(charge.id, charge.population, charge.at_ms, charge.seq),
            *(about.actor, about.purpose, about.query_fingerprint),
            *amounts,
        ),
    )
    connection.executemany(
        "INSERT INTO posting (charge, account, nano_rho, atto_delta, nano_epsilon, atto_basic)"
        " SELECT ?, id, ?, ?, ?, ? FROM account WHERE population = ? AND key = ?",
        [(charge.id, *amounts, charge.population, posting.account) for posting in charge.entries],
    )


def _settle(at: Transaction, charge: Charge, state: str) -> None:
    """Move a charge out of the state `reserved`, once, if the ledger knows it at this very price."""
    changed = at.connection.execute(
        "UPDATE charge SET state = ? WHERE id = ? AND state = 'reserved' AND population = ?"
        " AND nano_rho = ? AND atto_delta = ? AND nano_epsilon IS ? AND atto_basic IS ?",
        (state, charge.id, charge.population, *gate.columns(charge.cost)),
    ).rowcount
    if changed != 1:
        raise failures.misuse(
            "this charge is unknown or was settled before", hint="ask again; a charge answers once"
        )


def _digest(key: ReleaseKey | None) -> str | None:
    """Return the text a kept release is found by: SHA-256 of the canonical JSON of its key."""
    if key is None:
        return None
    return hashlib.sha256(entries.canonical(_shared(key) | {"plan": key.plan_digest})).hexdigest()


def _family(key: ReleaseKey) -> str:
    """Return the text all kept releases over the same rows are found by."""
    return hashlib.sha256(entries.canonical(_shared(key) | {"family": key.family_digest})).hexdigest()


def _shared(key: ReleaseKey) -> entries.Fields:
    return {
        "population": key.population,
        "purpose": key.purpose,
        "data_version": key.data_version,
        "consent_epoch": key.consent_epoch,
        "cut_off": key.cut_off,
        "contracts": [*sorted(key.contract_digests)],
        "blocks": [*sorted(key.blocks)],
    }
