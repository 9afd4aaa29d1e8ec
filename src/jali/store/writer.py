"""Writes new versions of the store: one load at a time, all or nothing.

Beside what `jali.store.snapshot` describes, the store holds

    .lock                                  held by the load that is running
    staging/                               work of the running load; removed at its end
    units/<load id>.parquet                the `units_file` of the versions since that load
    quarantine/<table>/<load id>.parquet   rows that did not land, minimised like stored ones; mode 600
    v000003/manifest.json                  also carries `notes`: facts loads keep for later loads, never
    counts

A load id is the name of the version it made, so whatever carries a later id than CURRENT is a leftover.
"""

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from jali.model.codes import StoreFailed
from jali.store.snapshot import Snapshot, TableFiles, current

Notes = Mapping[str, Mapping[str, object]]
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Load:
    """A running load.

    Attributes:
        snapshot: the version the load starts from.
        load_id: name of the version it will make.
        staging: private folder of the load, mode 700, gone afterwards.
        notes: what earlier loads kept: section -> name -> value.
    """

    snapshot: Snapshot
    load_id: str
    staging: Path
    notes: Notes

    @property
    def data(self) -> Path:
        """Folder in which the load puts the table's data files."""
        return self.staging / "data"

    @property
    def units(self) -> Path:
        """File in which the load puts a grown map from units to pseudonyms, if it grew."""
        return self.staging / "units.parquet"

    @property
    def quarantined(self) -> Path:
        """File in which the load puts the rows that do not land, if there are any."""
        return self.staging / "quarantined.parquet"


@contextlib.contextmanager
def open_load(root: Path, *, wait_s: float = 0.0) -> Generator[Load]:
    """Yield a load on the store at `root`, made if need be; leaves no trace unless `publish` succeeds.

    Args:
        root: folder of the store.
        wait_s: how long to wait for a running load to end, in seconds.

    Raises:
        StoreFailed: if another load is still running, or the store cannot be written.
    """
    with _lock(root, wait_s):
        snapshot = current(root)
        with _disk():
            _remove_leftovers(root, snapshot.version)
            staging = root / "staging"
            staging.mkdir(mode=0o700)
            (staging / "data").mkdir(mode=0o700)
        try:
            yield Load(snapshot, _version_name(snapshot.version + 1), staging, _notes(root))
        finally:
            with _disk():
                _remove_leftovers(root, current(root).version)


def publish(  # noqa: PLR0913  # each is a fact of the new version
    load: Load,
    table: str,
    *,
    is_public: bool,
    columns: tuple[str, ...],
    contract_digest: str,
    form: Mapping[str, str],
    notes: Notes,
) -> int:
    """Make the staged files the current version and return its number.

    Everything is on disk before CURRENT names it; CURRENT is replaced in one step.

    Args:
        load: the running load; `load.data` is taken, `load.units` and `load.quarantined` where they exist.
        table: name of the table the load replaces.
        is_public: whether it is a public table.
        columns: declared columns that landed, in order.
        contract_digest: of the contract the load followed.
        form: of the table under that contract.
        notes: the notes of the new version, complete.

    Raises:
        StoreFailed: if the disk refuses; the version before stays current.
    """
    root, load_id = load.snapshot.root, load.load_id
    folder = Path("public" if is_public else "tables") / table.lower() / load_id
    files = TableFiles(table, is_public, load_id, str(folder), columns, contract_digest, form)
    with _disk():
        for path in load.data.iterdir():
            path.chmod(0o644 if is_public else 0o600)
            _sync(path)
        load.data.chmod(0o755 if is_public else 0o700)
        _move(load.data, root / folder)
        units_file = load.snapshot.units_file
        if load.units.exists():
            units_file = f"units/{load_id}.parquet"
            _move_private(load.units, root / units_file)
        if load.quarantined.exists():
            _move_private(load.quarantined, root / "quarantine" / table.lower() / f"{load_id}.parquet")
        return _switch(load, files, units_file, notes)


def _switch(load: Load, files: TableFiles, units_file: str, notes: Notes) -> int:
    root, version = load.snapshot.root, load.snapshot.version + 1
    kept = [t for t in load.snapshot.tables if t.name.lower() != files.name.lower()]
    manifest = {
        "version": version,
        "units_file": units_file,
        "tables": [asdict(t) for t in sorted([*kept, files], key=lambda t: t.name)],
        "notes": notes,
    }
    prepared = load.staging / load.load_id
    prepared.mkdir(mode=0o700)
    _write(prepared / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
    _move(prepared, root / load.load_id)
    pointer = load.staging / "CURRENT"
    _write(pointer, load.load_id + "\n")
    _move(pointer, root / "CURRENT")
    return version


@contextlib.contextmanager
def _lock(root: Path, wait_s: float) -> Generator[None]:
    deadline = time.monotonic() + wait_s
    with _disk():
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise StoreFailed(
                    "another load is running in this store", hint="wait for it to end, then load again"
                )
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_leftovers(root: Path, version: int) -> None:
    """Remove staging and everything a load left that did not reach CURRENT; the caller holds the lock."""
    if (root / "staging").exists():
        shutil.rmtree(root / "staging")
    places = [*root.glob("v*"), *root.glob("units/*"), *root.glob("tables/*/*"), *root.glob("public/*/*")]
    for path in [*places, *root.glob("quarantine/*/*")]:
        name = path.name.split(".")[0]
        if name[:1] == "v" and name[1:].isdigit() and int(name[1:]) > version:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _notes(root: Path) -> Notes:
    try:
        name = (root / "CURRENT").read_text(encoding="utf-8").strip()
        notes = json.loads((root / name / "manifest.json").read_text(encoding="utf-8")).get("notes", {})
    except FileNotFoundError:
        return {}
    return {str(section): dict(values) for section, values in notes.items()}


def _version_name(version: int) -> str:
    return f"v{version:06d}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    _sync(path)


def _move_private(source: Path, target: Path) -> None:
    source.chmod(0o600)
    _sync(source)
    _move(source, target)


def _move(source: Path, target: Path) -> None:
    """Rename within the store and make the new name durable, with every folder above it that is new."""
    missing = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.is_dir():
        _sync(source)
    source.replace(target)
    for folder in {target.parent, *missing, *(m.parent for m in missing)}:
        _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _disk() -> Generator[None]:
    try:
        yield
    except OSError:
        raise StoreFailed(
            "the store cannot be written", hint="check space and permissions; nothing has changed"
        ) from None
