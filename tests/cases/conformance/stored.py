"""The world as a snapshot of the protected store, and as plain tables of a DuckDB that knows nothing of privacy."""

import datetime as dt
import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jali.model.schema import Column, Table
from jali.model.types import Kind, decimal_places
from jali.store.snapshot import Snapshot, TableFiles
from tests.cases.conformance.people_of import PERSONS, rows, unit_of
from tests.cases.conformance.tables import catalog

_ARROW = {
    Kind.NUMBER: pa.int64(),
    Kind.TEXT: pa.string(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us"),
}
_PLAIN = {
    Kind.TEXT: "TEXT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.UNIT: "INT",
    Kind.IDENTIFIER: "BIGINT",
}


def _uuids(values: list[Any]) -> pa.Array:
    plain = [None if v is None else uuid.uuid5(uuid.NAMESPACE_OID, f"id {v}").bytes for v in values]
    return (
        pa.array(plain, pa.binary(16)).cast(pa.uuid())
        if hasattr(pa, "uuid")
        else pa.array(plain, pa.binary(16))
    )


def _dated(value: Any, column: Column) -> Any:
    is_text = column.type.kind is Kind.DATE and isinstance(value, str)
    return dt.date.fromisoformat(value) if is_text else value


def _arrays(table: Table, ordered: list[tuple[Any, ...]]) -> dict[str, pa.Array]:
    found: dict[str, pa.Array] = {}
    for place, one in enumerate(table.columns):
        values = [_dated(r[place], one) for r in ordered]
        if one.type.kind is Kind.IDENTIFIER:
            found[one.name] = _uuids(values)
        elif one.type.kind is not Kind.UNIT:
            found[one.name] = pa.array(values, _ARROW[one.type.kind])
    return found


def _head(table: Table, ordered: list[tuple[Any, ...]]) -> dict[str, pa.Array]:
    if table.is_public:
        return {"_row": pa.array(range(len(ordered)), pa.int64())}
    ranks: dict[int, int] = {}
    places = []
    for row in ordered:
        unit = unit_of(table.name, row)
        ranks[unit] = ranks.get(unit, 0) + 1
        places.append((unit, ranks[unit]))
    return {
        "_unit": pa.array([u for u, _ in places], pa.uint32()),
        "_rank": pa.array([r for _, r in places], pa.uint32()),
    }


@contextmanager
def stored() -> Iterator[Snapshot]:
    """Write the world as a snapshot and remove it afterwards."""
    root = Path(tempfile.mkdtemp(prefix="jali-conformance-"))
    try:
        for name, table in catalog().tables.items():
            ordered = sorted(rows()[name], key=lambda r: (unit_of(name, r), repr(r)))
            (root / name).mkdir()
            pq.write_table(
                pa.table(_head(table, ordered) | _arrays(table, ordered)), root / name / "part.parquet"
            )
        units = {"_unit": pa.array(range(PERSONS), pa.uint32()), "pseudonym": _uuids(list(range(PERSONS)))}
        pq.write_table(pa.table(units), root / "units.parquet")
        (root / "manifest.json").write_text(json.dumps({}), encoding="utf-8")
        yield snapshot_at(root)
    finally:
        shutil.rmtree(root)


def snapshot_at(root: Path) -> Snapshot:
    """Return a snapshot of the world's tables below a folder, which need not exist for a plan to be checked."""
    files = tuple(
        TableFiles(t.name, t.is_public, "1", t.name, (), "sha256:0", {}) for t in catalog().tables.values()
    )
    return Snapshot(root, 1, files, "units.parquet")


def _plain_type(column: Column) -> str:
    if column.type.kind is not Kind.NUMBER:
        return _PLAIN[column.type.kind]
    places = decimal_places(column.type.step)
    return f"DECIMAL(18,{places})" if places else "INT"


def _plain_value(value: Any, column: Column) -> Any:
    if value is None or column.type.kind is not Kind.NUMBER or column.type.step == 1:
        return value
    step = column.type.step
    return Decimal(value) * step.numerator / step.denominator


@contextmanager
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the world as ordinary tables."""
    db = duckdb.connect(config={"threads": "1"})
    for name, table in catalog().tables.items():
        columns = ", ".join(f'"{c.name}" {_plain_type(c)}' for c in table.columns)
        db.execute(f"CREATE TABLE {name} ({columns})")
        marks = ", ".join("?" * len(table.columns))
        values = [[_plain_value(v, c) for v, c in zip(r, table.columns, strict=True)] for r in rows()[name]]
        db.executemany(f"INSERT INTO {name} VALUES ({marks})", values)
    try:
        yield db
    finally:
        db.close()
