"""The hold: an analyst whose questions fail asks no more until a steward lifts it (SECURITY.md rule 29).

A failure after the charge is seen, and whether it comes can depend on data; the hold bounds how often one can be
provoked. Three failures among the last twenty questions are enough, so that answers in between do not help. A charge
counts as failed once it is settled as lost, or when it is still open long after every deadline; after one failure
open ones count too, so that asking many questions at once does not help either.
"""

import sqlite3
from typing import Final

from jali.ledger.database import Transaction
from jali.model.codes import AnalystHeld

FAILURES: Final = 3
"""Failures before the hold."""

WINDOW: Final = 20
"""Questions among which failures are counted."""

MOST_OPEN: Final = 25
"""Questions of one analyst that may be open at once."""

_OPEN_AT_MOST_MS: Final = 15 * 60 * 1000


def refuse_if_held(at: Transaction, population: str, actor: str) -> None:
    """Refuse an analyst whose questions of a population failed too often, or who has too many open.

    Raises:
        AnalystHeld: until `lift` was called, or until open questions have come to an end.
    """
    last = at.connection.execute(
        "SELECT state, at_ms FROM charge WHERE population = ? AND actor = ? AND seq > ? ORDER BY seq DESC LIMIT ?",
        (population, actor, _lifted(at.connection, population, actor), max(WINDOW, MOST_OPEN)),
    ).fetchall()
    before = at.now_ms - _OPEN_AT_MOST_MS
    failed = [s == "lost" or (s == "reserved" and at_ms < before) for s, at_ms in last]
    is_open = [s == "reserved" and at_ms >= before for s, at_ms in last]
    if sum(failed[:WINDOW]) >= FAILURES:
        raise AnalystHeld(
            f"{FAILURES} of the last {WINDOW} questions failed after their charge; further ones are held",
            hint="a steward finds the cause and runs: jali hold lift --analyst NAME",
        )
    if sum(is_open) >= MOST_OPEN or (
        any(failed[:WINDOW]) and sum(failed[:WINDOW]) + sum(is_open) >= FAILURES
    ):
        raise AnalystHeld(
            "too many questions of this analyst are still open",
            hint="wait until they are answered, then ask again",
        )


def lift(at: Transaction, population: str, actor: str, seq: int) -> None:
    """Forget the failures of an analyst before the audit entry `seq`."""
    at.connection.execute("INSERT INTO hold_lifted VALUES (?, ?, ?)", (population, actor, seq))


def _lifted(connection: sqlite3.Connection, population: str, actor: str) -> int:
    row = connection.execute(
        "SELECT max(seq) FROM hold_lifted WHERE population = ? AND actor = ?", (population, actor)
    ).fetchone()
    return -1 if row[0] is None else int(row[0])
