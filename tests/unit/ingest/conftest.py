from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jali.ingest.load import Rules, ingest
from jali.ingest.report import LoadReport
from jali.keys.vault import Vault
from jali.model.schema import (
    Catalog,
    Column,
    ColumnClass,
    Contribution,
    ForeignKey,
    GroupBy,
    Table,
    Transform,
)
from jali.model.types import BOOLEAN, DATE, IDENTIFIER, INTEGER, TEXT, TIMESTAMP, Kind, Type
from jali.store.snapshot import current

TYPES = {"string": TEXT, "integer": INTEGER, "date": DATE, "timestamp": TIMESTAMP, "boolean": BOOLEAN}


def make_column(
    name: str,
    source: str,
    *,
    transform: Transform | None = None,
    type_: Type | None = None,
    key: str = "",
    lands: bool = True,
    required: bool = False,
) -> Column:
    if key:
        transform = Transform("hmac", {"key": f"keys:{key}", "context": key})
    return Column(
        name=name,
        source_type=source,
        type=IDENTIFIER if key else type_ or TYPES.get(source) or Type(Kind.NUMBER, Fraction(1, 100)),
        column_class=ColumnClass.IDENTIFIER if key else ColumnClass.QUASI,
        readable=lands,
        lands=lands,
        required=required,
        is_primary_key=False,
        output_never=bool(key),
        group_by=GroupBy.DENIED,
        domain=None,
        bounds=None,
        per_unit_upper=None,
        aggregates=frozenset(),
        may_filter=True,
        transform=transform,
        unit_of_measure="",
        rule="house.odcs.yaml, line 1",
    )


def make_table(
    name: str,
    columns: Sequence[Column],
    *,
    unit: str | None = None,
    path: tuple[str, ...] = (),
    is_public: bool = False,
    keys: tuple[ForeignKey, ...] = (),
) -> Table:
    return Table(
        name,
        is_public,
        tuple(columns),
        unit,
        path,
        Contribution(),
        keys,
        "urn:test",
        "house.odcs.yaml, line 1",
    )


@dataclass
class House:
    root: Path
    vault: Vault

    @property
    def store(self) -> Path:
        return self.root / "store"

    def parquet(self, data: Mapping[str, object], name: str = "source") -> str:
        path = self.root / f"{name}.parquet"
        pq.write_table(pa.table(dict(data)), path)
        return str(path)

    def text(self, content: str | bytes, name: str = "source.csv") -> str:
        path = self.root / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def load(self, table: Table, uri: str, others: Sequence[Table] = (), **more: object) -> LoadReport:
        catalog = Catalog({t.name.lower(): t for t in (table, *others)})
        rules = Rules(catalog, str(more.pop("digest", "d1")), str(more.pop("population", "urn:people")))
        return ingest(table, uri, self.store, self.vault, rules, **more)  # type: ignore[arg-type]

    def stored(self, name: str, columns: str = "*", where: str = "true") -> list[tuple[object, ...]]:
        snapshot = current(self.store)
        files = snapshot.root / snapshot.table(name).folder / "*.parquet"
        order = "_row" if snapshot.table(name).is_public else "_unit, _rank"
        return duckdb.sql(
            f"SELECT {columns} FROM read_parquet('{files}') WHERE {where} ORDER BY {order}"
        ).fetchall()

    def quarantine(
        self, name: str, load_id: str, columns: str = "_position, _reason"
    ) -> list[tuple[object, ...]]:
        path = self.store / "quarantine" / name / f"{load_id}.parquet"
        return duckdb.sql(f"SELECT {columns} FROM read_parquet('{path}') ORDER BY _position").fetchall()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, Vault.create(tmp_path / "vault"))


@pytest.fixture
def column() -> Callable[..., Column]:
    return make_column


@pytest.fixture
def table() -> Callable[..., Table]:
    return make_table
