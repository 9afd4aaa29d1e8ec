"""Runs exact plans on DuckDB. Whatever goes wrong, the caller sees one fixed text and nothing of the data."""

import contextlib
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import duckdb

from jali.engines.duckdb.connection import connect
from jali.engines.duckdb.relations import Relations
from jali.engines.duckdb.statements import Statements, fine_norm_of
from jali.engines.matching import matched
from jali.model.codes import EngineFailed
from jali.model.schema import KeyValue
from jali.model.secret import Secret
from jali.plan.exact import (
    AutoClip,
    ExactPlan,
    FixedClip,
    Group,
    NumberKind,
    SharedDistinct,
    Totals,
    UnitNumber,
)
from jali.store.snapshot import Snapshot

_Result = TypeVar("_Result")
DEADLINE_S = 300.0
"""Seconds after which a run is stopped: one for every question, whatever the data."""
_BATCH = 50_000

_LOG = logging.getLogger("jali.engine")
_LOG.addHandler(logging.NullHandler())  # without a handler of the house, nothing reaches the asker's terminal


class DuckDBEngine:
    """The engine of the embedded default: Parquet files of the protected store, read by a locked-down DuckDB."""

    name = "duckdb"
    capabilities = frozenset({"snapshot", "declared_keys", "selected_keys", "norm_clip", "shared_distinct"})

    def __init__(
        self,
        sampling_key: bytes,
        *,
        memory_limit_bytes: int = 4 * 2**30,
        threads: int | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """Keep the key of the L0 sample and the resources of a run; a run past its deadline fails like any other."""
        self._key = sampling_key
        self._memory = memory_limit_bytes
        self._threads = threads or os.cpu_count() or 1
        self._deadline_s = deadline_s

    def check(self, plan: ExactPlan, snapshot: Snapshot) -> None:
        """Write every statement of the plan; reads no data.

        Raises:
            JaliError: if one cannot be written.
        """
        Statements(plan, Relations(snapshot)).write_all(str(snapshot.root / snapshot.units_file))

    def open(self, plan: ExactPlan, snapshot: Snapshot) -> "DuckDBRun":
        """Return a run of the plan over one snapshot."""
        return DuckDBRun(plan, snapshot, self._key, self._memory, self._threads, self._deadline_s)


class DuckDBRun:
    """One plan over one snapshot, in a connection and spill folder of its own."""

    def __init__(  # what a run needs, given by its engine alone
        self, plan: ExactPlan, snapshot: Snapshot, key: bytes, memory: int, threads: int, deadline_s: float
    ) -> None:
        """Prepare; nothing is read before the run is entered."""
        self._plan = plan
        self._relations = Relations(snapshot)
        self._statements = Statements(plan, self._relations)
        self._units = str(snapshot.root / snapshot.units_file)
        self._root = snapshot.root
        self._key = key.hex()
        self._memory = memory
        self._threads = threads
        self._spill: Path | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._has_heavy = False
        self._is_capped = False
        self._is_sampled = False
        self._deadline_s = deadline_s
        self._watch: threading.Thread | None = None
        self._is_over = threading.Event()
        self._is_late = False

    def __enter__(self) -> Self:
        """Compute the cells.

        Raises:
            EngineFailed: whatever the cause.
        """
        try:
            _shielded(self._start)
        except EngineFailed:
            self.__exit__(None, None, None)
            raise
        return self

    def _start(self) -> None:
        self._spill = Path(tempfile.mkdtemp(prefix="jali-"))
        self._connection = connect(
            memory_limit_bytes=self._memory,
            threads=self._threads,
            temp_directory=self._spill,
            readable_folders=[self._root],
        )
        self._watch = threading.Thread(target=self._stop_when_late, args=(self._connection,), daemon=True)
        self._watch.start()
        self._fill_domains()
        self._execute(self._statements.create_cells())

    def _stop_when_late(self, connection: duckdb.DuckDBPyConnection) -> None:
        """After the deadline, end the statement at hand and all later ones until the run is over.

        DuckDB forgets an interrupt that comes between two statements, so it is repeated; and it looks for one between
        batches of rows only. What one batch can cost is bounded by the plan (`plan.build`, MOST_TEXTS).
        """
        wait_s = self._deadline_s
        while not self._is_over.wait(wait_s):
            self._is_late = True
            with contextlib.suppress(Exception):
                connection.interrupt()
            wait_s = 0.1

    def _cap(self) -> None:
        """Cut the rows of units above the row cap, once."""
        if self._is_capped:
            return
        self._is_capped = True
        count = self._statements.count_heavy()
        if count is not None and self._rows(count)[0][0] > 0:
            self._has_heavy = True
            for statement in self._statements.cap_heavy():
                self._execute(statement)

    def _sample(self) -> None:
        """Cap rows, then sample keys, count trees and weigh keys, once."""
        self._cap()
        if self._is_sampled:
            return
        self._is_sampled = True
        if self._plan.max_keys is not None:
            create, *rest = self._statements.sample(self._units)
            self._execute(create, [self._key])
            for statement in rest:
                self._execute(statement)
        self._count_trees()
        if self._plan.needs_selection:
            self._execute(self._statements.weights())

    def _count_trees(self) -> None:
        for group in self._plan.groups:
            if group.tree is not None:
                self._execute(self._statements.create_tree(group, group.tree, has_heavy=self._has_heavy))

    def _fill_domains(self) -> None:
        for code in self._statements.codes:
            if code.domain is not None:
                domain = code.domain
                self._execute(
                    f"CREATE TEMP TABLE {domain.table} AS SELECT unnest(CAST($1 AS {domain.type}[])) AS value, "
                    f"CAST(unnest($2) AS INTEGER) AS code",
                    [list(domain.values), list(range(len(domain.values)))],
                )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection and remove the spill folder."""
        self._is_over.set()
        if self._watch is not None:
            self._watch.join()
            self._watch = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._spill is not None:
            shutil.rmtree(self._spill, ignore_errors=True)
            self._spill = None

    def _execute(self, statement: str, parameters: list[Any] | None = None) -> duckdb.DuckDBPyConnection:
        if self._connection is None or self._is_late:
            raise EngineFailed
        return (
            self._connection.execute(statement, parameters)
            if parameters
            else self._connection.execute(statement)
        )

    def _rows(self, statement: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        return self._execute(statement, parameters).fetchall()

    def spread(self, number: UnitNumber) -> Secret[list[int]]:
        """Return how many units have a number in each bucket of its grid, one more for those above its end.

        Raises:
            EngineFailed: whatever the cause.
        """
        return Secret(_shielded(lambda: self._spread(number)))

    def _spread(self, number: UnitNumber) -> list[int]:
        if number.kind is NumberKind.KEYS:
            self._cap()
        if number.kind is NumberKind.VALUES:
            self._sample()
        counts = [0] * (len(number.grid) + 1)
        for bucket, count in self._rows(self._statements.spread(number, has_heavy=self._has_heavy)):
            counts[int(bucket)] = int(count)
        return counts

    def settle(self, plan: ExactPlan) -> None:
        """Go on with a plan that differs from the one opened in caps alone.

        Raises:
            EngineFailed: if what the plan decides was done already.
        """
        is_late = self._is_capped and plan.row_cap != self._plan.row_cap
        if is_late or (self._is_sampled and plan.max_keys != self._plan.max_keys):
            raise EngineFailed
        self._plan = plan
        self._statements = Statements(plan, self._relations)

    def norms(self) -> Secret[dict[str, list[int]]]:
        """Return the bucket counts of every automatic clip.

        Raises:
            EngineFailed: whatever the cause.
        """
        return Secret(_shielded(self._norms))

    def _norms(self) -> dict[str, list[int]]:
        self._sample()
        found: dict[str, list[int]] = {}
        for group in self._plan.groups:
            if isinstance(group.bound, AutoClip):
                counts = [0] * (len(group.bound.norms) + 1)
                for bucket, count in self._rows(self._statements.norms(group)):
                    counts[int(bucket)] = int(count)
                found[group.id] = counts
        return found

    def totals(self, norms: Sequence[tuple[str, int]]) -> Secret[Totals]:
        """Return the bounded totals by key.

        Raises:
            EngineFailed: whatever the cause.
        """
        return Secret(_shielded(lambda: self._totals(dict(norms))))

    def _totals(self, chosen: dict[str, int]) -> Totals:
        self._sample()
        clips: dict[str, int] = {}
        for group in self._plan.groups:
            if isinstance(group.bound, AutoClip | FixedClip):
                squared, clips[group.id] = fine_norm_of(group.bound, chosen.get(group.id))
                self._execute(self._statements.clip(group, squared))
        rows = self._rows(self._statements.totals(clips))
        width = len(self._statements.key_columns())
        keys = [self._key_of(row[:width]) for row in rows]
        ids = [one for g in self._plan.groups if g.tree is None for one in g.ids]
        values = {one: [int(row[width + i]) for row in rows] for i, one in enumerate(ids)}
        weights = [int(row[width + len(ids)]) for row in rows] if self._plan.needs_selection else []
        for group in self._plan.groups:
            if group.tree is not None:
                values |= self._nodes(group, clips, keys, width)
        for shared in self._plan.shared:
            values[shared.id] = self._shared(shared, keys, width)
        return Totals(keys, values, weights)

    def _nodes(
        self, group: Group, clips: dict[str, int], keys: list[tuple[KeyValue, ...]], width: int
    ) -> dict[str, list[int]]:
        names, where = group.ids, {key: i for i, key in enumerate(keys)}
        found = {one: [0] * len(keys) for one in names}
        for row in self._rows(self._statements.tree_totals(group, clips)):
            found[names[int(row[width])]][where[self._key_of(row[:width])]] = int(row[width + 1])
        return found

    def _shared(self, group: SharedDistinct, keys: list[tuple[KeyValue, ...]], width: int) -> list[int]:
        for statement in self._statements.shared(group, has_heavy=self._has_heavy):
            self._execute(statement)
        found = {
            self._key_of(row[:width]): int(row[width])
            for row in self._rows(self._statements.shared_counts(group))
        }
        edges = self._streamed(self._statements.shared_rest(group))
        for raw, rest in groupby(edges, key=lambda row: row[:width]):
            key = self._key_of(raw)
            pairs = ((int(row[width]), int(row[width + 1])) for row in rest)
            found[key] = found.get(key, 0) + matched(pairs, group.per_key, self._check_time)
        return [found.get(key, 0) for key in keys]

    def _streamed(self, statement: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._execute(statement)
        while batch := cursor.fetchmany(_BATCH):
            yield from batch

    def _check_time(self) -> None:
        if self._is_late:
            raise EngineFailed

    def _key_of(self, raw: tuple[Any, ...]) -> tuple[KeyValue, ...]:
        """Return a key as codes and raw values; dates as ISO text."""
        if not self._statements.is_packed:
            return tuple(_plain(value) for value in raw)
        code = int(raw[0])
        parts: list[KeyValue] = []
        for key in reversed(self._plan.keys):
            code, part = divmod(code, key.size)
            parts.append(part)
        return tuple(reversed(parts))


def _plain(value: Any) -> KeyValue:  # noqa: ANN401  # what DuckDB returns
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat(sep=" ") if hasattr(value, "hour") else str(value)


def _shielded(work: Callable[[], _Result]) -> _Result:
    """Return what `work` gives; whatever fails becomes the one fixed text.

    DuckDB's error texts quote cell values, so only the kind of failure is logged, and the refusal is raised after the
    error is gone: as its cause or context the text would reach every traceback.
    """
    try:
        return work()
    except Exception as error:  # noqa: BLE001  # every failure becomes the one fixed text
        kind = type(error).__name__
    _LOG.error("engine failed: %s", kind)
    raise EngineFailed
