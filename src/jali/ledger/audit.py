"""The append-only audit log: entries live in the ledger's own transaction, files are published from there.

Guarantees. An entry and the charge or release it describes commit together or not at all. Every entry names
the digest of the checkpoint before it, so the entries form a chain that a verifier can compute again. A
checkpoint is signed inside the transaction of its last entry, so a receipt always covers its entry. A ledger
that is older than the published log (a restored backup), or belongs to another log, is refused before
anything is charged.

Sources: RFC 9162 section 2.1; C2SP signed-note, tlog-checkpoint, tlog-proof (c2sp.org).
"""

import base64
import hashlib
import json
import sqlite3
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jali.keys.identifiers import uuid7
from jali.ledger import entries, failures, merkle
from jali.ledger.database import Database, Transaction
from jali.ledger.folder import AuditFolder, Hashes
from jali.ledger.periods import utc_text
from jali.ledger.standalone_verifier import (
    PROOF_HEADER,
    BrokenError,
    Checkpoint,
    key_id,
    open_checkpoint,
    verifier_key,
)
from jali.model.codes import AuditFailed


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Where the log is published and who signs it.

    Attributes:
        origin: name of the log, such as "grocer.example/audit"; no spaces, no "+".
        key: Ed25519 signing key, from the vault.
    """

    folder: Path
    origin: str
    key: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier_key(self) -> str:
        """The public key as text (C2SP signed-note), to be given to auditors by a safe way."""
        return verifier_key(self.origin, self.key.public_key().public_bytes_raw())


def sign_checkpoint(settings: AuditSettings, size: int, root: bytes) -> str:
    """Return the signed note that says: this log has `size` entries with this root."""
    body = checkpoint_body(settings.origin, size, root)
    public = settings.key.public_key().public_bytes_raw()
    signature = key_id(settings.origin, public) + settings.key.sign(body.encode())
    return f"{body}\n\u2014 {settings.origin} {base64.b64encode(signature).decode()}\n"


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """Return the signed text of a checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Appended:
    """A new entry: its place, its line and the checkpoint that covers it."""

    seq: int
    line: bytes
    checkpoint: str


class AuditLog:
    """Appends to the log inside a ledger's transactions and publishes it."""

    def __init__(self, settings: AuditSettings) -> None:
        """Keep the settings.

        Raises:
            ValueError: if the origin cannot name a log.
        """
        if not settings.origin or any(c.isspace() or c == "+" for c in settings.origin):
            msg = "the origin of a log has no spaces and no '+'"
            raise ValueError(msg)
        self.settings = settings
        self.folder = AuditFolder(settings.folder)
        self._checked: tuple[str, Checkpoint] | None = None
        try:
            self._software = f"jali {version('jali')}"
        except PackageNotFoundError:
            self._software = "jali"

    def append(self, at: Transaction, kind: str, fields: entries.Fields) -> Appended:
        """Add one entry in the running transaction.

        Raises:
            AuditFailed: if the published log is not that of this ledger, or the entry cannot be written.
            LedgerFailed: if the published log is ahead of this ledger.
        """
        connection = at.connection
        get = nodes(connection)
        self.check(connection)
        size: int = connection.execute("SELECT size FROM state").fetchone()[0]
        before = checkpoint_body(self.settings.origin, size, merkle.root(get, size))
        head: entries.Fields = {
            "seq": size,
            "id": uuid7(at.now_ms),
            "time": utc_text(at.now_ms),
            "type": kind,
            "software": self._software,
            "previous": hashlib.sha256(before.encode()).hexdigest(),
        }
        try:
            line = entries.line(fields | head)
        except ValueError:
            raise AuditFailed("an audit entry could not be written", hint="report it: a bug") from None
        return self._store(connection, size, line)

    def _store(self, connection: sqlite3.Connection, size: int, line: bytes) -> Appended:
        get = nodes(connection)
        end = offset(connection, size) + len(line) + 1
        connection.execute("INSERT INTO audit_leaf VALUES (?, ?, ?)", (size, line, end))
        connection.executemany(
            "INSERT INTO audit_node VALUES (?, ?, ?)", merkle.grow(get, size, merkle.leaf_hash(line))
        )
        note = sign_checkpoint(self.settings, size + 1, merkle.root(get, size + 1))
        connection.execute("UPDATE state SET size = ?, checkpoint = ?", (size + 1, note))
        return Appended(size, line, note)

    def receipt(self, connection: sqlite3.Connection, appended: Appended, salt: str = "") -> str:
        """Return the proof that the entry is in the log, as text that verifies offline (C2SP tlog-proof).

        The extra data carry the entry itself and the salt of its commitment. They are not signed, but the
        entry is bound by the proof and the salt by the commitment in the entry.
        """
        extra = json.dumps({"entry": appended.line.decode(), "salt": salt}, separators=(",", ":"))
        path = merkle.inclusion(nodes(connection), appended.seq, appended.seq + 1)
        lines = [PROOF_HEADER, f"extra {base64.b64encode(extra.encode()).decode()}", f"index {appended.seq}"]
        return "\n".join([*lines, *(base64.b64encode(h).decode() for h in path), "", appended.checkpoint])

    def check(self, connection: sqlite3.Connection) -> Checkpoint:
        """Return the published checkpoint once it is known to be a state this ledger has passed through.

        Only inside a write transaction: no other process can publish while we hold the lock, so a checkpoint
        ahead of what we see is ahead of the ledger. A snapshot for reading may be overtaken.

        Raises:
            AuditFailed: if it is missing, not signed by our key, or shows another history (a fork).
            LedgerFailed: if it is ahead: the ledger is older than its log.
        """
        note = self.folder.checkpoint() or ""
        is_known = self._checked is not None and self._checked[0] == note
        published = self._checked[1] if self._checked and is_known else self._open(note)
        size: int = connection.execute("SELECT size FROM state").fetchone()[0]
        if published.size > size:
            raise failures.behind()
        if not is_known and merkle.root(nodes(connection), published.size) != published.root:
            raise failures.log_differs()
        self._checked = (note, published)
        return published

    def _open(self, note: str) -> Checkpoint:
        try:
            return open_checkpoint(note, self.settings.verifier_key)
        except (BrokenError, ValueError):
            raise failures.log_missing() from None

    def check_owner(self, connection: sqlite3.Connection) -> None:
        """Check that ledger and published log belong together.

        Raises:
            LedgerFailed: if they do not.
        """
        ledger_id, origin = connection.execute("SELECT ledger_id, origin FROM state").fetchone()
        if self.folder.checkpoint() is None:
            raise failures.log_missing()
        if self.folder.ledger_id() != ledger_id or origin != self.settings.origin:
            raise failures.stranger()

    def publish(self, database: Database, upto: int) -> None:
        """Bring the published files to at least `upto` entries, unless another process has done so.

        Raises:
            AuditFailed: if the files cannot be written or are not ours.
            LedgerFailed: if the published log is ahead of the ledger.
        """
        if self._open(self.folder.checkpoint() or "").size < upto:
            self.catch_up(database)

    def catch_up(self, database: Database) -> None:
        """Check the published log and bring it to the state of the ledger; publishers take turns by its lock.

        Raises:
            AuditFailed: if the files cannot be written or are not ours.
            LedgerFailed: if the published log is ahead of the ledger.
        """
        with database.write() as at:
            try:
                self._publish(at.connection)
            except OSError:
                raise failures.log_full() from None

    def _publish(self, connection: sqlite3.Connection) -> None:
        old = self.check(connection).size
        size, note = connection.execute("SELECT size, checkpoint FROM state").fetchone()
        if old == size:
            return
        rows = "SELECT entry FROM audit_leaf WHERE seq >= ? AND seq < ? ORDER BY seq"
        self.folder.append_entries(
            offset(connection, old), lambda: (row[0] for row in connection.execute(rows, (old, size)))
        )
        self.folder.write_tiles(_row_of(connection), old, size)
        self.folder.publish_checkpoint(note)


def nodes(connection: sqlite3.Connection) -> merkle.Get:
    """Return a reader of the stored tree."""

    def get(level: int, place: int) -> bytes:
        found = connection.execute(
            "SELECT hash FROM audit_node WHERE level = ? AND place = ?", (level, place)
        ).fetchone()
        if found is None:
            raise failures.damaged()
        return bytes(found[0])

    return get


def _row_of(connection: sqlite3.Connection) -> Hashes:
    """Return a reader of consecutive hashes of the stored tree."""
    statement = "SELECT hash FROM audit_node WHERE level = ? AND place >= ? AND place < ? ORDER BY place"

    def hashes(level: int, first: int, count: int) -> bytes:
        found = connection.execute(statement, (level, first, first + count)).fetchall()
        if len(found) != count:
            raise failures.damaged()
        return b"".join(bytes(row[0]) for row in found)

    return hashes


def offset(connection: sqlite3.Connection, size: int) -> int:
    """Return how many bytes the first `size` entries take in `entries.jsonl`."""
    if size == 0:
        return 0
    found = connection.execute("SELECT end_offset FROM audit_leaf WHERE seq = ?", (size - 1,)).fetchone()
    if found is None:
        raise failures.damaged()
    return int(found[0])
