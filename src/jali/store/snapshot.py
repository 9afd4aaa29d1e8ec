"""What a version of the protected store looks like on disk, and how to open one for reading.

Layout of `store/`:

    CURRENT                         text: name of the current version folder, such as v000003; replaced atomically
    v000003/manifest.json           `Manifest` as JSON; a version never changes once CURRENT names it
    tables/<table>/<load id>/*.parquet     data files; shared between versions that did not reload the table
    public/<table>/<load id>/*.parquet     data files of public tables, outside the private folder
    public/<table>/<load id>/values-<column>.json   distinct values of each column of a public table, sorted

Columns of a private data file: `_unit` (UINTEGER, dense, ascending over the whole table), `_rank` (UINTEGER, from 1,
a keyed order of the unit's rows that depends on that unit's rows alone), then the declared columns that land.
The unit key column itself is not stored: it is `_unit`. Public files carry `_row` (BIGINT) and the declared columns.
Physical types: NUMBER is BIGINT in grid steps; TEXT VARCHAR; DATE; TIMESTAMP; BOOLEAN; IDENTIFIER UUID (first 128 bits
of the HMAC). `units.parquet` maps `_unit` to `pseudonym` (UUID) for the keyed sample.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jali.model.codes import NoData, StoreFailed
from jali.model.schema import KeyValue


@dataclass(frozen=True, slots=True)
class TableFiles:
    """Where one table's data of one version lies; paths relative to the store.

    Attributes:
        contract_digest: of the contract the load followed; for the reader, nothing rests on it.
        form: what the files follow (`jali.store.form`); a plan for another form must not read them.
    """

    name: str
    is_public: bool
    load_id: str
    folder: str
    columns: tuple[str, ...]
    contract_digest: str
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One immutable version of the store.

    Attributes:
        root: folder of the store.
        version: counter that advances with every load, whatever it changed.
        units_file: path of the unit-to-pseudonym map, relative to the store; empty while no private table is loaded.
    """

    root: Path
    version: int
    tables: tuple[TableFiles, ...]
    units_file: str

    def table(self, name: str) -> TableFiles:
        """Return the files of a table.

        Raises:
            NoData: if the table was never loaded.
        """
        for table in self.tables:
            if table.name.lower() == name.lower():
                return table
        raise NoData(f"table {name} has not been loaded", hint=f"run: jali ingest --table {name}")

    def public_values(self, table: str, column: str) -> tuple[KeyValue, ...]:
        """Return the sorted distinct values, without NULL, of a column of a public table; reads no private file.

        Raises:
            NoData: if the table was never loaded.
            StoreFailed: if the list of values is missing or damaged.
        """
        files = self.table(table)
        path = self.root / files.folder / f"values-{column.lower()}.json"
        if not files.is_public:
            raise StoreFailed(f"{table} is not a public table: its values are not listed")
        try:
            return tuple(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise StoreFailed(f"the list of values of {table}.{column} cannot be read") from error


def current(root: Path) -> Snapshot:
    """Return the current version of the store at `root`; an empty one (version 0) before the first load.

    Raises:
        StoreFailed: if the version named by CURRENT is missing or damaged.
    """
    pointer = root / "CURRENT"
    if not pointer.exists():
        return Snapshot(root, 0, (), "")
    try:
        manifest = json.loads(
            (root / pointer.read_text(encoding="utf-8").strip() / "manifest.json").read_text("utf-8")
        )
        tables = tuple(
            TableFiles(
                name=t["name"],
                is_public=t["is_public"],
                load_id=t["load_id"],
                folder=t["folder"],
                columns=tuple(t["columns"]),
                contract_digest=t["contract_digest"],
                form={str(k): str(v) for k, v in t.get("form", {}).items()},
            )
            for t in manifest["tables"]
        )
        return Snapshot(root, int(manifest["version"]), tables, str(manifest["units_file"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreFailed("the current version of the store cannot be read") from error
