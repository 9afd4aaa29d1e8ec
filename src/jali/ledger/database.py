"""The SQLite file of a ledger: opened only if it is there and sound, written in one kind of transaction.

Guarantees. A transaction that ended without an error is on disk (`synchronous = FULL`: one fsync of the
write-ahead log per commit). Every error of the database becomes a fixed `LedgerFailed`. Time never goes back:
each transaction gets max(clock, highest time stored). Nothing is written through a file that was replaced or
unlinked after opening, or through a handle carried over a fork.

Sources: https://sqlite.org/pragma.html#pragma_synchronous, https://sqlite.org/howtocorrupt.html
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from jali.ledger import failures, schema

Clock: TypeAlias = Callable[[], int]
SET_BACK_AT_MOST_MS: Final = 5 * 60 * 1000


def system_clock() -> int:
    """Return the time of the machine, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Transaction:
    """A running write transaction and its time."""

    connection: sqlite3.Connection
    now_ms: int


class Database:
    """Holds one connection; safe to share between threads of one process."""

    def __init__(self, path: Path, clock: Clock, busy_ms: int) -> None:
        """Open an existing ledger.

        Raises:
            LedgerFailed: if the file is missing, locked, damaged or of another version.
        """
        self._path = path
        self._clock = clock
        self._busy_ms = busy_ms
        self._lock = threading.RLock()
        self._process = os.getpid()
        try:
            self._identity = self._identify()
            self._connection = self._connect()
        except sqlite3.Error as error:
            raise failures.of_database(error) from None
        except UnicodeError:
            raise failures.damaged() from None
        except OSError:
            raise failures.missing() from None

    @staticmethod
    def create(path: Path, ledger_id: str, origin: str, checkpoint: str, now_ms: int) -> None:
        """Make a new, empty ledger file; the caller has checked that there is none."""
        path.touch(mode=0o600, exist_ok=False)
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(schema.statements())
            row = (ledger_id, origin, now_ms, checkpoint)
            connection.execute("INSERT INTO state VALUES (1, ?, ?, ?, 0, ?)", row)
        finally:
            connection.close()

    def close(self) -> None:
        """Close the connection; further use fails."""
        with self._lock:
            self._connection.close()

    def now_ms(self) -> int:
        """Return the time of the ledger, which never goes back.

        Raises:
            LedgerFailed: if the clock was set back by more than 5 minutes.
        """
        with self.read() as connection:
            return self._time(connection)

    @contextmanager
    def write(self) -> Generator[Transaction, None, None]:
        """Run a block as one transaction: all of it is durable at the end, or none of it happened.

        Raises:
            LedgerFailed: if the ledger cannot be used or the commit fails.
        """
        with self._guarded() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                now_ms = self._time(connection)
                connection.execute(
                    "UPDATE state SET high_time_ms = ? WHERE high_time_ms < ?", (now_ms, now_ms)
                )
                yield Transaction(connection, now_ms)
                connection.execute("COMMIT")
            finally:
                _roll_back(connection)

    @contextmanager
    def read(self) -> Generator[sqlite3.Connection, None, None]:
        """Run a block on one snapshot of the ledger; inside a block of `write`, on what that block sees."""
        with self._guarded() as connection:
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                _roll_back(connection)

    @contextmanager
    def _guarded(self) -> Generator[sqlite3.Connection, None, None]:
        """Give out the connection to one thread at a time and translate every error of the database."""
        if os.getpid() != self._process:
            raise failures.other_process()
        with self._lock:
            try:
                if self._identify() != self._identity:
                    raise failures.missing()
                yield self._connection
            except sqlite3.Error as error:
                raise failures.of_database(error) from None
            except UnicodeError:
                raise failures.damaged() from None
            except FileNotFoundError:
                raise failures.missing() from None

    def _identify(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_dev, found.st_ino

    def _connect(self) -> sqlite3.Connection:
        uri = self._path.resolve().as_uri() + "?mode=rw"
        made = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, timeout=self._busy_ms / 1000
        )
        for setting in (
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
        ):
            made.execute(f"PRAGMA {setting}")
        mode = made.execute("PRAGMA journal_mode").fetchone()[0]
        _upgrade(made)
        marks = [made.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
        if mode != "wal" or marks != [schema.APPLICATION_ID, schema.VERSION]:
            made.close()
            is_ours = mode == "wal" and marks[0] == schema.APPLICATION_ID
            raise failures.other_version() if is_ours else failures.damaged()
        return made

    def _time(self, connection: sqlite3.Connection) -> int:
        high: int = connection.execute("SELECT high_time_ms FROM state").fetchone()[0]
        clock = self._clock()
        if clock < high - SET_BACK_AT_MOST_MS:
            raise failures.clock_back()
        return max(clock, high)


def _upgrade(connection: sqlite3.Connection) -> None:
    """Add what later versions added to a ledger of ours; two processes that do so at once end alike."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION_ID:
        return
    script = schema.upgrade(connection.execute("PRAGMA user_version").fetchone()[0])
    if script is None:
        return
    try:
        connection.executescript(script)
    except sqlite3.OperationalError:
        _roll_back(connection)
        if connection.execute("PRAGMA user_version").fetchone()[0] != schema.VERSION:
            raise


def _roll_back(connection: sqlite3.Connection) -> None:
    """End a transaction that is still open."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def check_sound(connection: sqlite3.Connection) -> None:
    """Check that the pages are whole and every account equals the sum of its postings.

    Raises:
        LedgerFailed: if not.
    """
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise failures.damaged()
    wrong = connection.execute(
        "SELECT 1 FROM account LEFT JOIN (SELECT account, sum(nano_rho) AS rho, sum(atto_delta) AS delta,"
        " CASE WHEN count(*) = count(nano_epsilon) THEN sum(nano_epsilon) END AS epsilon,"
        " CASE WHEN count(*) = count(nano_epsilon) THEN sum(atto_basic) END AS basic"
        " FROM posting GROUP BY account) AS posted ON posted.account = id"
        " WHERE nano_rho <> ifnull(rho, 0) OR atto_delta <> ifnull(delta, 0)"
        " OR nano_epsilon IS NOT iif(posted.account IS NULL, 0, epsilon)"
        " OR atto_basic IS NOT iif(posted.account IS NULL, 0, basic) LIMIT 1"
    ).fetchone()
    if wrong is not None:
        raise failures.damaged()
