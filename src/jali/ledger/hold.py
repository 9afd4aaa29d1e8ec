"""The hold: after three failures in a row an analyst asks no more until a steward lifts it (SECURITY.md rule 29).

A failure after the charge is seen, and whether it comes can depend on data; the hold bounds how often one can be
provoked. A charge counts as failed once it is settled as lost, or when it is still open long after every deadline.
"""

import sqlite3
from typing import Final

from jali.ledger.database import Transaction
from jali.model.codes import AnalystHeld

FAILURES: Final = 3
"""Failures in a row before the hold."""

_OPEN_AT_MOST_MS: Final = 15 * 60 * 1000


def refuse_if_held(at: Transaction, population: str, actor: str) -> None:
    """Refuse an analyst whose last questions of a population all failed.

    Raises:
        AnalystHeld: until `lift` was called.
    """
    last = at.connection.execute(
        "SELECT state, at_ms FROM charge WHERE population = ? AND actor = ? AND seq > ? ORDER BY seq DESC LIMIT ?",
        (population, actor, _lifted(at.connection, population, actor), FAILURES),
    ).fetchall()
    failed = [
        state == "lost" or (state == "reserved" and at_ms < at.now_ms - _OPEN_AT_MOST_MS)
        for state, at_ms in last
    ]
    if len(failed) == FAILURES and all(failed):
        raise AnalystHeld(
            f"{FAILURES} questions in a row failed after their charge; further ones are held",
            hint="a steward finds the cause and runs: jali hold lift --analyst NAME",
        )


def lift(at: Transaction, population: str, actor: str, seq: int) -> None:
    """Forget the failures of an analyst before the audit entry `seq`."""
    at.connection.execute("INSERT INTO hold_lifted VALUES (?, ?, ?)", (population, actor, seq))


def _lifted(connection: sqlite3.Connection, population: str, actor: str) -> int:
    row = connection.execute(
        "SELECT max(seq) FROM hold_lifted WHERE population = ? AND actor = ?", (population, actor)
    ).fetchone()
    return -1 if row[0] is None else int(row[0])
