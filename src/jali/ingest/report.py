"""What a load did, for the steward alone: it counts rows, and true counts go to nobody else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the name of a stage, steps done and steps in all."""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """One finished load; rows_read == rows_stored - rows_copied + sum(quarantined.values()).

    Attributes:
        version: of the store after the load.
        quarantined: reason code, with its column after a colon, -> rows.
        undeclared: source columns the contract does not name; they did not land.
        dropped: declared columns that the contract keeps out (`ingest: drop`, `transform: null`).
        seconds: wall time of the load.
        rows_copied: times a row landed for a further unit, because several units share its parent.
    """

    table: str
    load_id: str
    version: int
    rows_read: int
    rows_stored: int
    quarantined: Mapping[str, int]
    undeclared: tuple[str, ...]
    dropped: tuple[str, ...]
    seconds: float
    rows_copied: int = 0

    @property
    def rows_quarantined(self) -> int:
        """Rows that did not land."""
        return sum(self.quarantined.values())


@dataclass(frozen=True, slots=True)
class Limits:
    """What one load may use.

    Attributes:
        memory_bytes: most memory of DuckDB's buffers; larger loads spill to the staging folder.
        threads: worker threads.
        rows_per_file: stored rows per data file, at least (a unit is never split over files).
        wait_s: how long to wait for another load to end, in seconds.
    """

    memory_bytes: int = 2 * 1024**3
    threads: int = 2
    rows_per_file: int = 32_000_000
    wait_s: float = 0.0
