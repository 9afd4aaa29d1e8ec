"""The loading half of DuckDB: runs the statements of ingestion and never lets an error text of DuckDB out.

DuckDB's messages quote cell values. Only the *kind* of failure leaves this module; the original exception is
dropped before ours is raised, so it is not even in the traceback's context.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import duckdb
import pyarrow as pa

from jali.engines.duckdb.connection import connect_for_ingest

T = TypeVar("T")
BATCH_ROWS = 100_000


class Failure(Enum):
    """Why a statement of a load failed; all that is ever said about it."""

    MEMORY = "memory or temporary space ran out"
    FILES = "a file could not be read or written"
    SOURCE = "the source is damaged, is not UTF-8, or is not of the format its name says"
    OTHER = "the engine stopped"


class LoadError(Exception):
    """A statement failed; carries the kind of failure and nothing of the data."""

    def __init__(self, failure: Failure) -> None:
        """Keep the kind."""
        super().__init__(failure.value)
        self.failure = failure


class LoadEngine:
    """One private in-memory database for one load; a context manager."""

    def __init__(
        self,
        *,
        memory_limit_bytes: int,
        threads: int,
        temp_directory: Path,
        source_files: Sequence[Path],
        folders: Sequence[Path],
    ) -> None:
        """Open the database; see `connect_for_ingest`."""
        self._connection = _guarded(
            lambda: connect_for_ingest(
                memory_limit_bytes=memory_limit_bytes,
                threads=threads,
                temp_directory=temp_directory,
                source_files=source_files,
                folders=folders,
            )
        )

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database and drop its spill files."""
        self._connection.close()

    def run(self, sql: str) -> None:
        """Run one statement.

        Raises:
            LoadError: if it fails.
        """
        _guarded(lambda: self._connection.execute(sql))

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Return all rows of a small result.

        Raises:
            LoadError: if the statement fails.
        """
        return _guarded(lambda: self._connection.execute(sql, list(parameters)).fetchall())

    def number(self, sql: str) -> int:
        """Return the single whole number a statement yields; NULL counts as 0."""
        value = self.rows(sql)[0][0]
        return int(str(value)) if value is not None else 0

    def columns(self, relation: str) -> tuple[tuple[str, str], ...]:
        """Return (name, type) of every column of a relation, in order."""
        return tuple((str(r[0]), str(r[1])) for r in self.rows(f"DESCRIBE SELECT * FROM {relation}"))

    def batches(self, sql: str, rows: int = BATCH_ROWS) -> Iterator[list[list[object]]]:
        """Yield a result column by column, at most `rows` rows at a time, on a cursor of its own."""
        cursor = self._connection.cursor()
        try:
            reader = _guarded(lambda: cursor.sql(sql).to_arrow_reader(rows))
            while (batch := _guarded(lambda: _next(reader))) is not None:
                if batch[0]:
                    yield batch
        finally:
            cursor.close()

    def insert(self, table: str, columns: Sequence[object], casts: Sequence[str]) -> None:
        """Append columns of equal length to a table, each cast to the SQL type at its place in `casts`."""
        names = [f"c{i}" for i in range(len(columns))]
        shown = ", ".join(f"CAST({name} AS {cast})" for name, cast in zip(names, casts, strict=True))
        batch = pa.table(list(columns), names=names)

        def put() -> None:
            self._connection.register("incoming", batch)
            try:
                self._connection.execute(f"INSERT INTO {table} SELECT {shown} FROM incoming")  # own names
            finally:
                self._connection.unregister("incoming")

        _guarded(put)

    def write_parquet(self, sql: str, path: Path) -> None:
        """Write the rows of a query, in their order, to one Parquet file."""
        target = quote_text(str(path))
        self.run(f"COPY ({sql}) TO {target} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880)")


def quote_name(name: str) -> str:
    """Return a name as a quoted SQL identifier.

    Example:
        >>> quote_name('a"b')
        '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def _next(reader: Any) -> list[list[object]] | None:  # noqa: ANN401  # pyarrow ships no types
    try:
        return [column.to_pylist() for column in reader.read_next_batch().columns]
    except StopIteration:
        return None


def _guarded(step: Callable[[], T]) -> T:
    """Run a step; turn any error of DuckDB or Arrow into its kind, without text and without context."""
    try:
        return step()
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeError, MemoryError, RuntimeError) as error:
        failure = _kind(error)
    raise LoadError(failure)


def _kind(error: BaseException) -> Failure:
    match error:
        case duckdb.OutOfMemoryException() | MemoryError():
            return Failure.MEMORY
        case (
            duckdb.ConversionException() | duckdb.InvalidInputException() | UnicodeError() | pa.ArrowInvalid()
        ):
            return Failure.SOURCE
        case duckdb.PermissionException() | duckdb.IOException() | OSError():
            return Failure.FILES
        case _:
            return Failure.OTHER
