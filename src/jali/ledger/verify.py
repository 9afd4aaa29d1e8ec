"""The check of a house's own audit log against its ledger, and the export for an auditor.

Everything that can be checked from the published files alone is checked by `standalone_verifier`, the very
file the auditor runs; here only the comparison with the ledger is added.
"""

import hashlib
import json
import sqlite3
import time
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jali.ledger import failures, standalone_verifier
from jali.ledger.database import check_sound
from jali.ledger.standalone_verifier import TILE, Amount, Read, Step, Verified, tile_path
from jali.model.errors import JaliError

_TRIES: Final = 20
_PAUSE_S: Final = 0.2
_SETTLED_WITHOUT_RELEASE: Final = {"reserved", "lost"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: the step that failed and what is wrong."""

    step: str
    said: str


def verify(
    audit_folder: Path, ledger_path: Path | None, public_key: str, seen: Path | None = None
) -> list[Finding]:
    """Return everything wrong with an audit log; nothing means that it verifies.

    Args:
        audit_folder: the published log.
        ledger_path: the ledger it belongs to; None checks the published files alone.
        public_key: `AuditSettings.verifier_key`, kept by the verifier.
        seen: file of the verifier that holds the checkpoint of the last check; written when nothing is wrong.
    """
    return [
        Finding(s.name, p) for s in steps(audit_folder, ledger_path, public_key, seen) for p in s.problems
    ]


def steps(
    audit_folder: Path, ledger_path: Path | None, public_key: str, seen: Path | None = None
) -> list[Step]:
    """Return every step of the check with what it proves and its problems; see `verify`.

    A log that is being written is read again while it grows (20 times at most), so that a publication in
    between is no finding.
    """
    note = seen.read_text("utf-8") if seen is not None and seen.exists() else None
    found = Verified([])
    for _ in range(_TRIES):
        found = standalone_verifier.verify_log(standalone_verifier.reader(audit_folder), public_key, note)
        if ledger_path is not None:
            found.steps.append(_compare(found, ledger_path, audit_folder))
        if not any(step.problems for step in found.steps):
            if seen is not None:
                seen.write_text(found.note, "utf-8")
            break
        time.sleep(_PAUSE_S)
        if not _has_grown(found, audit_folder):
            break
    return found.steps


def _has_grown(found: Verified, audit_folder: Path) -> bool:
    """Return whether another checkpoint was published since the log was read."""
    return (standalone_verifier.reader(audit_folder)("checkpoint") or b"") != found.note.encode()


def export(audit_folder: Path, out: Path) -> None:
    """Copy the published log, and the file that checks it, to a new folder, or a zip if `out` ends in .zip.

    Exactly the state of the published checkpoint is copied, also while the log grows.

    Raises:
        AuditFailed: if the published log is missing or incomplete.
        FileExistsError: if `out` exists.
    """
    files = _published_files(standalone_verifier.reader(audit_folder))
    files["standalone_verifier.py"] = Path(standalone_verifier.__file__).read_bytes()
    if out.suffix == ".zip":
        with zipfile.ZipFile(out, "x", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return
    out.mkdir(parents=True)
    for name, content in files.items():
        place = out / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def _published_files(read: Read) -> dict[str, bytes]:
    """Return the files that belong to the published checkpoint, by name."""
    checkpoint = read("checkpoint") or b""
    lines = checkpoint.split(b"\n")
    if len(lines) < 3 or not lines[1].isdigit():  # noqa: PLR2004  # origin, size, root
        raise failures.log_missing()
    size = int(lines[1])
    entries = (read("entries.jsonl") or b"").split(b"\n")[:size]
    files = {"checkpoint": checkpoint, "entries.jsonl": b"".join(entry + b"\n" for entry in entries)}
    level, width = 0, size
    while width:
        for index in range(-(-width // TILE)):
            name = tile_path(level, index, min(TILE, width - index * TILE))
            content = read(name)
            if content is None:
                raise failures.log_missing()
            files[name] = content
        level, width = level + 1, width // TILE
    return files


def _compare(found: Verified, ledger_path: Path, audit_folder: Path) -> Step:
    """Return the step that compares the ledger with the published log and its replay."""
    proves = "the ledger holds exactly the charges, totals and entries of the log"
    try:
        with _opened(ledger_path) as connection:
            check_sound(connection)
            problems = [
                *_compare_identity(connection, audit_folder),
                *_compare_entries(connection, found),
                *_compare_accounts(connection, found),
                *_compare_charges(connection, found),
                *_compare_bounds(connection, found),
            ]
    except sqlite3.Error as error:
        problems = [failures.of_database(error).said]
    except JaliError as error:
        problems = [error.said]
    return Step("ledger", proves, problems)


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection, None, None]:
    connection = sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        yield connection
    finally:
        connection.close()


def _compare_identity(connection: sqlite3.Connection, audit_folder: Path) -> list[str]:
    ledger_id = connection.execute("SELECT ledger_id FROM state").fetchone()[0]
    mark = audit_folder / "ledger"
    is_same = mark.is_file() and mark.read_text("utf-8") == ledger_id
    return [] if is_same else ["the log belongs to another ledger"]


def _compare_entries(connection: sqlite3.Connection, found: Verified) -> list[str]:
    leaves = [bytes(row[0]) for row in connection.execute("SELECT entry FROM audit_leaf ORDER BY seq")]
    size = connection.execute("SELECT size FROM state").fetchone()[0]
    problems: list[str] = []
    if not len(leaves) == size == len(found.lines):
        problems.append(f"the ledger has {size} entries and the published log {len(found.lines)}")
    pairs = enumerate(zip(leaves, found.lines, strict=False))
    problems += [f"entry {seq} differs from the ledger's" for seq, (one, other) in pairs if one != other]
    return problems


def _compare_accounts(connection: sqlite3.Connection, found: Verified) -> list[str]:
    columns = "population, shown_as, nano_rho, atto_delta, nano_epsilon, atto_basic"
    rows = connection.execute(f"SELECT {columns} FROM account")  # noqa: S608  # names
    stored = {(r[0], r[1]): Amount(r[2], r[3], None if r[4] is None else (r[4], r[5])) for r in rows}
    replayed = found.replay.spent
    differ = [key for key in stored.keys() | replayed.keys() if stored.get(key) != replayed.get(key)]
    return [f"account {name} of {population} differs from the replay" for population, name in sorted(differ)]


def _compare_bounds(connection: sqlite3.Connection, found: Verified) -> list[str]:
    """Return which kept bounds are not those of a release in the log: its commitment binds the body that holds them."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'kept_bound'").fetchone() is None:
        return []  # a ledger of an older version, which kept none
    rows = connection.execute(
        "SELECT bound, release_id, salt, body FROM kept_bound JOIN kept_release USING (release_id)"
    ).fetchall()
    if not rows:
        return []
    try:
        entries = [json.loads(line) for line in found.lines]
        logged = {e["release"]: e["commitment"] for e in entries if e.get("type") == "release"}
    except (ValueError, KeyError):
        return ["kept bounds cannot be compared with a log that is damaged"]
    return [
        f"a kept bound is not what release {release_id} found"
        for bound, release_id, hidden, body in rows
        if logged.get(release_id) != hashlib.sha256(f"{hidden}\n{body}".encode()).hexdigest()
        or f'"{bound}"' not in body
    ]


def _compare_charges(connection: sqlite3.Connection, found: Verified) -> list[str]:
    stored = dict(connection.execute("SELECT id, state FROM charge").fetchall())
    unknown = [charge for charge in found.replay.charges if charge not in stored]
    problems = [f"charge {charge} is in the log and not in the ledger" for charge in unknown]
    for charge, state in stored.items():
        if charge not in found.replay.charges:
            problems.append(f"charge {charge} is in the ledger and not in the log")
        elif (charge in found.replay.answered) is (state in _SETTLED_WITHOUT_RELEASE):
            problems.append(f"charge {charge} is {state} in the ledger, and the log says otherwise")
    return problems
