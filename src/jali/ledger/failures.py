"""The fixed texts of a ledger that cannot be used: no path, no data, no message of the database gets out."""

import sqlite3

from jali.model.codes import AuditFailed, LedgerFailed

_RESTORE = "the steward restores the ledger; run jali audit verify afterwards"


def missing() -> LedgerFailed:
    """Return the refusal for a ledger file that is not there, or was replaced while open."""
    return LedgerFailed("the ledger is missing; nothing is answered without it", hint=_RESTORE)


def exists() -> LedgerFailed:
    """Return the refusal to create a ledger where one is, or where an audit log shows that there was one."""
    return LedgerFailed(
        "a ledger or its audit log is already here; a new one would forget what was spent", hint=_RESTORE
    )


def behind() -> LedgerFailed:
    """Return the refusal of a ledger that is older than its audit log."""
    return LedgerFailed(
        "the ledger is older than its audit log: charges are missing, as after a restored backup",
        hint="run jali audit verify; restore the newest ledger",
    )


def stranger() -> LedgerFailed:
    """Return the refusal of a ledger and an audit log that do not belong together."""
    return LedgerFailed(
        "the ledger and the audit log do not belong together", hint="run jali audit verify; restore the pair"
    )


def damaged() -> LedgerFailed:
    """Return the refusal of a ledger whose content contradicts itself."""
    return LedgerFailed("the ledger is damaged", hint=_RESTORE)


def other_version() -> LedgerFailed:
    """Return the refusal of a ledger whose tables another version of Jali made."""
    return LedgerFailed(
        "the ledger was made by another version of Jali", hint="use the version that made it; nothing is lost"
    )


def clock_back() -> LedgerFailed:
    """Return the refusal to work with a clock that was set back."""
    return LedgerFailed(
        "the clock is more than 5 minutes behind the time of the last charge",
        hint="set the clock and ask again",
    )


def other_process() -> LedgerFailed:
    """Return the refusal of a handle that was carried into another process."""
    return LedgerFailed(
        "the ledger was opened by another process", hint="open the ledger in the process that uses it"
    )


def misuse(said: str, hint: str) -> LedgerFailed:
    """Return the refusal of a charge that breaks a rule; `said` names accounts and limits only."""
    return LedgerFailed(said, hint=hint)


def log_missing() -> AuditFailed:
    """Return the refusal to work without the published audit log."""
    return AuditFailed(
        "the audit log is missing or unreadable; nothing is answered without it",
        hint="the steward restores the folder of the audit log; run jali audit verify afterwards",
    )


def log_differs() -> AuditFailed:
    """Return the refusal of published files that are not those of this log."""
    return AuditFailed(
        "the published audit log differs from the ledger",
        hint="run jali audit verify; keep the files as evidence",
    )


def log_full() -> AuditFailed:
    """Return the refusal for published files that cannot be written."""
    return AuditFailed(
        "the audit log could not be written", hint="the steward makes room on the disk of the audit log"
    )


def of_database(error: sqlite3.Error) -> LedgerFailed:
    """Return the refusal for an error of SQLite, by its kind and without its text."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LedgerFailed("the ledger is locked by another process", hint="ask again in a moment")
    if code == sqlite3.SQLITE_FULL:
        return LedgerFailed(
            "there is no space left for the ledger", hint="the steward makes room on the disk"
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT):
        return damaged()
    if code == sqlite3.SQLITE_CANTOPEN:
        return missing()
    return LedgerFailed("the ledger could not be read or written", hint=_RESTORE)
