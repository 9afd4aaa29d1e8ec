"""An answer as JSON, CSV, Arrow or Parquet: values with their intervals and noise beside them.

Text in a CSV cannot run: a cell that a spreadsheet would read as a formula gets an apostrophe in front, control
and invisible characters are replaced.
"""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias  # Any: pyarrow ships no types

from jali.model.release import OutputColumn, Release, Value, to_json
from jali.serve.text import harmless

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
Part: TypeAlias = tuple[str, str, list[Value]]
"""Name, SQL type and values of one column."""


def json_text(value: object) -> str:
    """Return one JSON object on one line; ASCII alone, so that it can be shown in any terminal."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def release_json(release: Release) -> str:
    """Return the object that `jali query --json` prints."""
    return json_text(to_json(release))


def json_bytes(release: Release) -> bytes:
    """Return that object as a line of bytes."""
    return f"{release_json(release)}\n".encode()


def parts(release: Release) -> list[Part]:
    """Return every column with its values; each measure is followed by its interval and noise."""
    found: list[Part] = []
    for index, column in enumerate(release.columns):
        values = [row[index] for row in release.rows]
        found.append((column.name, _type(column, values), values))
        if column.role == "key":
            continue
        pairs = [row[index] for row in release.intervals]
        if column.role == "measure" or any(pair is not None for pair in pairs):
            found += [
                (f"{column.name}_{end}", column.type, [None if p is None else p[i] for p in pairs])
                for i, end in enumerate(("low", "high"))
            ]
        if column.role == "measure":
            found.append((f"{column.name}_noise_sd", "DOUBLE", [row[index] for row in release.noise_sd]))
    return _unique(found)


def _type(column: OutputColumn, values: list[Value]) -> str:
    """Return the type of a column; a key column that holds (other) or (null) is text."""
    is_text = column.role == "key" and any(v in {"(other)", "(null)"} for v in values if isinstance(v, str))
    return "VARCHAR" if is_text else column.type


def _unique(found: list[Part]) -> list[Part]:
    seen: dict[str, int] = {}
    named: list[Part] = []
    for name, kind, values in found:
        seen[name] = seen.get(name, 0) + 1
        named.append((name if seen[name] == 1 else f"{name}_{seen[name]}", kind, values))
    return named


def csv_text(release: Release) -> str:
    """Return the answer as CSV with a header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = parts(release)
    writer.writerow([_csv_cell(name) for name, _, _ in columns])
    writer.writerows([[_csv_cell(values[i]) for _, _, values in columns] for i in range(len(release.rows))])
    return out.getvalue()


def _csv_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    text = f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value
    return harmless(text)


def arrow_table(release: Release) -> Any:  # noqa: ANN401  # a pyarrow.Table
    """Return the answer as an Arrow table; its metadata hold what `--json` says besides the rows."""
    import pyarrow as pa

    columns = parts(release)
    arrays = [
        pa.array([_converter(kind)(v) for v in values], type=_arrow_type(kind)) for _, kind, values in columns
    ]
    about = {
        k: v for k, v in to_json(release).items() if k not in {"rows", "intervals", "noise_sd", "unclamped"}
    }
    fields = [pa.field(name, array.type) for (name, _, _), array in zip(columns, arrays, strict=True)]
    return pa.table(arrays, schema=pa.schema(fields, metadata={"jali": json_text(about)}))


def _arrow_type(kind: str) -> Any:  # noqa: ANN401  # a pyarrow.DataType
    import pyarrow as pa

    if kind.startswith("DECIMAL"):
        return pa.decimal128(38, int(kind.rpartition(",")[2].rstrip(")")))
    types = {
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us"),
    }
    return types.get(kind, pa.string())


def _converter(kind: str) -> Callable[[Value], object]:
    if kind.startswith("DECIMAL"):
        places = Decimal(1).scaleb(-int(kind.rpartition(",")[2].rstrip(")")))
        return lambda v: None if v is None else Decimal(str(v)).quantize(places)
    makers: dict[str, Callable[[Value], object]] = {
        "BIGINT": lambda v: None if v is None else int(v),
        "DOUBLE": lambda v: None if v is None else float(v),
        "BOOLEAN": lambda v: v,
        "DATE": lambda v: None if v is None else dt.date.fromisoformat(str(v)),
        "TIMESTAMP": lambda v: None if v is None else dt.datetime.fromisoformat(str(v)),
    }
    return makers.get(kind, lambda v: None if v is None else str(v))


def arrow_bytes(release: Release) -> bytes:
    """Return the answer as an Arrow IPC stream."""
    import pyarrow as pa

    table, sink = arrow_table(release), io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def parquet_bytes(release: Release) -> bytes:
    """Return the answer as a Parquet file."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(arrow_table(release), sink)
    return sink.getvalue()
