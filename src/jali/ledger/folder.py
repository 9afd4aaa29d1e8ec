"""The published audit log: a folder of static files anybody may copy, made from the ledger after each commit.

Files: `checkpoint` (C2SP tlog-checkpoint), `entries.jsonl` (one RFC 8785 entry per line), `tile/...` (C2SP
tlog-tiles of height 8; the optional entry bundles are left out, `entries.jsonl` holds the entries) and
`ledger` (the id of the ledger it belongs to). The checkpoint is replaced last and atomically, so a reader
never sees a checkpoint whose entries and tiles are not there. The truth is in the ledger; a crash between
commit and publication is made good by publishing again.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeAlias

from jali.ledger import failures
from jali.ledger.standalone_verifier import TILE, tile_path

Hashes: TypeAlias = Callable[[int, int, int], bytes]
"""Returns consecutive hashes of one level of the tree, joined, by (level, first index, how many)."""

_LEVELS: Final = 8
"""Tiles of 8 levels cover 2**64 entries."""


class AuditFolder:
    """Reads and writes the published files."""

    def __init__(self, path: Path) -> None:
        """Point at a folder; nothing is read yet."""
        self.path = path

    def checkpoint(self) -> str | None:
        """Return the published checkpoint, or None."""
        return self._text("checkpoint")

    def ledger_id(self) -> str | None:
        """Return the id of the ledger that publishes here, or None."""
        return self._text("ledger")

    def is_empty(self) -> bool:
        """Return whether no entry was ever published here."""
        published = self.checkpoint()
        entries = self.path / "entries.jsonl"
        has_entries = entries.exists() and entries.stat().st_size > 0
        return not has_entries and (published is None or published.split("\n")[1:2] == ["0"])

    def start(self, ledger_id: str, checkpoint: str) -> None:
        """Write the files of an empty log."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._replace("ledger", ledger_id.encode())
        self._replace("checkpoint", checkpoint.encode())

    def append_entries(self, offset: int, entries: Callable[[], Iterable[bytes]]) -> None:
        """Write entries after the first `offset` bytes of `entries.jsonl`.

        What lies beyond `offset` can only be the rest of a publication that was interrupted; anything else
        means that the file was changed.

        Raises:
            AuditFailed: if the file is shorter than what was published, or its end is not ours.
        """
        text = b"".join(entry + b"\n" for entry in entries())
        place = self.path / "entries.jsonl"
        with place.open("r+b" if place.exists() else "w+b") as file:
            if file.seek(0, os.SEEK_END) < offset:
                raise failures.log_differs()
            file.seek(offset)
            if not text.startswith(file.read()):
                raise failures.log_differs()
            file.seek(offset)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def write_tiles(self, hashes: Hashes, old: int, new: int) -> None:
        """Write every tile that the entries [old, new) complete or widen."""
        for level in range(_LEVELS):
            before, after = old >> (8 * level), new >> (8 * level)
            if before == after:
                return
            for index in range(before // TILE, -(-after // TILE)):
                width = min(TILE, after - index * TILE)
                self._replace(tile_path(level, index, width), hashes(8 * level, index * TILE, width))
                if width == TILE:
                    self._drop_partial(level, index)

    def publish_checkpoint(self, checkpoint: str) -> None:
        """Replace the published checkpoint."""
        self._replace("checkpoint", checkpoint.encode())

    def _drop_partial(self, level: int, index: int) -> None:
        """Delete partial tiles that the full tile replaces (allowed by tlog-tiles, "Partial Tiles")."""
        partial = (self.path / tile_path(level, index, 1)).parent
        if partial.is_dir():
            for file in partial.iterdir():
                file.unlink()
            partial.rmdir()

    def _text(self, name: str) -> str | None:
        try:
            return (self.path / name).read_text("utf-8")
        except FileNotFoundError:
            return None

    def _replace(self, name: str, content: bytes) -> None:
        """Write a file so that a reader sees the old content or the new one, and the new one is on disk."""
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.draft")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
