"""The source plug-in for files: Parquet and CSV, one file, a folder or a pattern; local disk only.

CSV is read as text with a header line, UTF-8, double quotes doubled inside quotes, empty fields as NULL. The
separator is the one of `,` `;` tab `|` that occurs most in the header line. Nothing is guessed from the data.
"""

import csv
import glob
import gzip
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.dataset as pa_dataset
import pyarrow.parquet as pq

from jali.engines.duckdb.load import quote_text
from jali.model.codes import IngestFailed

_FORMATS = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv"}
_SEPARATORS = ",;\t|"
_MAX_HEADER_CHARACTERS = 1_000_000
_DAMAGED = "the source is damaged, is not UTF-8, or is not of the format its name says"


@dataclass(frozen=True, slots=True)
class Scan:
    """Files of one format with the same columns, ready to be read in order.

    Attributes:
        files: absolute paths, sorted.
        columns: names in the order of the source.
        relation: what DuckDB reads, as SQL for a FROM clause.
    """

    files: tuple[Path, ...]
    format: str
    columns: tuple[str, ...]
    separator: str
    relation: str


class Files:
    """Tables that lie in files; registered as `files` among the sources."""

    name = "files"

    def __init__(self, uris: Mapping[str, str]) -> None:
        """Keep where each table lies.

        Args:
            uris: table -> path, `file:` URI, folder or glob pattern.
        """
        self._uris = dict(uris)

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables on offer."""
        return tuple(self._uris)

    def scan(self, table: str) -> Scan:
        """Return the files of a table after a look at their headers.

        Raises:
            IngestFailed: if there is no such table or file, formats or columns differ, or a header is not
                readable.
        """
        if table not in self._uris:
            raise IngestFailed(f"no source is known for table {table}")
        files = _files(self._uris[table])
        formats = {_format(file) for file in files}
        if len(formats) > 1:
            raise IngestFailed("the source mixes file formats", hint="load one format at a time")
        kind = formats.pop()
        headers = [_header(file, kind) for file in files]
        if any(header != headers[0] for header in headers):
            raise IngestFailed("the files of the source differ in their columns")
        columns, separator = headers[0]
        _refuse_bad_names(columns)
        return Scan(files, kind, columns, separator, _relation(files, kind, columns, separator))

    def read(self, table: str) -> pa.RecordBatchReader:  # pyright: ignore[reportUnknownParameterType]  # no types
        """Return the rows of a table as an Arrow stream; the seam for engines other than DuckDB.

        Raises:
            IngestFailed: as `scan` does.
        """
        scan = self.scan(table)
        if scan.format == "parquet":
            layout = pa_dataset.ParquetFileFormat()
        else:
            text = pa_csv.ConvertOptions(
                column_types=dict.fromkeys(scan.columns, pa.string()), strings_can_be_null=True
            )
            layout = pa_dataset.CsvFileFormat(
                pa_csv.ParseOptions(delimiter=scan.separator), convert_options=text
            )
        return pa_dataset.dataset([str(f) for f in scan.files], format=layout).scanner().to_reader()


def _files(uri: str) -> tuple[Path, ...]:
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
        raise IngestFailed(
            "the source is not on this machine's disk", hint="give a path, a folder or a pattern"
        )
    path = Path(unquote(parts.path) if parts.scheme == "file" else uri).expanduser()
    if path.is_dir():
        found = [
            f for f in path.iterdir() if f.is_file() and _suffix(f) in _FORMATS and not f.name.startswith(".")
        ]
    elif path.is_file():
        found = [path]
    else:
        found = [Path(name) for name in glob.glob(str(path), recursive=True) if Path(name).is_file()]  # noqa: PTH207  # absolute patterns too
    if not found:
        raise IngestFailed(
            "the source has no files", hint="give a Parquet or CSV file, a folder of them or a pattern"
        )
    return tuple(sorted(file.resolve() for file in found))


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((suffix for suffix in _FORMATS if name.endswith(suffix)), "")


def _format(path: Path) -> str:
    if not _suffix(path):
        raise IngestFailed(
            "the source is neither Parquet nor CSV by its name", hint="use .parquet, .csv, .csv.gz or .tsv"
        )
    return _FORMATS[_suffix(path)]


def _header(path: Path, kind: str) -> tuple[tuple[str, ...], str]:
    """Return column names and separator; errors are raised outside the handlers, whose texts may quote."""
    try:
        if kind == "parquet":
            return tuple(pq.read_schema(path).names), ""
        with _bytes(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
            return _csv_header(file)
    except (OSError, EOFError, UnicodeError, ValueError, csv.Error, pa.ArrowException):
        failed = _DAMAGED
    raise IngestFailed(failed)


def _bytes(path: Path) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(path, "rb"))  # a GzipFile reads like one; the stubs do not say so
    return path.open("rb")


def _csv_header(file: io.TextIOWrapper) -> tuple[tuple[str, ...], str]:
    line = file.readline(_MAX_HEADER_CHARACTERS)
    counts = Counter(line)
    separator = max(_SEPARATORS, key=lambda s: counts[s])
    names = next(csv.reader([line], delimiter=separator, strict=True), [])
    return tuple(name.strip() for name in names), separator


def _refuse_bad_names(columns: tuple[str, ...]) -> None:
    if not columns or not all(columns):
        raise IngestFailed("the source has no header, or a column without a name")
    if len({name.lower() for name in columns}) != len(columns):
        raise IngestFailed("two columns of the source have the same name", hint="names count without case")


def _relation(files: tuple[Path, ...], kind: str, columns: tuple[str, ...], separator: str) -> str:
    paths = "[" + ", ".join(quote_text(str(file)) for file in files) + "]"
    if kind == "parquet":
        return f"read_parquet({paths}, hive_partitioning = false)"
    types = "{" + ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in columns) + "}"
    return (
        f"read_csv({paths}, auto_detect = false, header = true, delim = {quote_text(separator)}, "
        f"quote = '\"', escape = '\"', columns = {types}, "
        f"strict_mode = true, null_padding = false, hive_partitioning = false)"
    )
