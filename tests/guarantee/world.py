"""Small worlds for the guarantee tests: a generated schema and data written straight into the store's format."""

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jali.model.schema import (
    AutoBound,
    Bounds,
    Catalog,
    Column,
    ColumnClass,
    Contribution,
    Domain,
    ForeignKey,
    GroupBy,
    ListedDomain,
    PublicDomain,
    SelectedDomain,
    Table,
)
from jali.model.types import IDENTIFIER, INTEGER, TEXT, UNIT, Kind, Type
from jali.store.snapshot import Snapshot, TableFiles

QUARTER = Type(Kind.NUMBER, Fraction(1, 4))
EVERYTHING = frozenset({"count", "count_distinct", "sum", "mean", "variance", "quantile", "minmax"})


def column(name: str, type_: Type = TEXT, domain: Domain | None = None, **facts: Any) -> Column:
    base: dict[str, Any] = {
        "name": name,
        "source_type": "string",
        "type": type_,
        "column_class": ColumnClass.QUASI,
        "readable": True,
        "lands": True,
        "required": False,
        "is_primary_key": False,
        "output_never": False,
        "group_by": GroupBy.ALLOWED,
        "domain": domain,
        "bounds": None,
        "per_unit_upper": None,
        "aggregates": EVERYTHING,
        "may_filter": True,
        "transform": None,
        "unit_of_measure": "",
        "rule": "world",
    }
    return Column(**(base | facts))


@dataclass(frozen=True)
class Row:
    """One event of one unit; None is NULL."""

    unit: int
    k: int | None = 0
    t: str | None = "a"
    s: str | None = "p"
    x: int | None = 0  # quarter steps
    y: int | None = 0
    b: int | None = 0
    item: int | None = 0


@dataclass
class World:
    """Rows of three private tables and one public table."""

    events: list[Row] = field(default_factory=list)
    people: list[tuple[int, str | None]] = field(default_factory=list)
    visits: list[tuple[int, int | None, int | None]] = field(default_factory=list)
    items: list[tuple[int, str | None]] = field(
        default_factory=lambda: [(0, "red"), (1, "blue"), (2, None), (3, "red"), (3, "green")]
    )

    def without(self, unit: int) -> "World":
        return World(
            [r for r in self.events if r.unit != unit],
            [p for p in self.people if p[0] != unit],
            [v for v in self.visits if v[0] != unit],
            self.items,
        )

    @property
    def units(self) -> list[int]:
        found = {r.unit for r in self.events} | {p[0] for p in self.people} | {v[0] for v in self.visits}
        return sorted(found)


@dataclass(frozen=True)
class Caps:
    """Declared caps of `events` and `visits`."""

    max_rows: int | None = 4
    max_groups: int | AutoBound | None = 3
    per_group: Mapping[str, Fraction] = field(default_factory=dict)
    clip: Mapping[str, Any] = field(default_factory=dict)
    max_distinct: Mapping[str, int | AutoBound] = field(default_factory=lambda: {"b": 2, "item": 2})
    join_rows: int | AutoBound | None = 6
    per_unit: Fraction | None = Fraction(5)
    bounded: bool = True


AUTO = {"*": AutoBound()}


def catalog(caps: Caps) -> Catalog:
    contribution = Contribution(
        max_rows=caps.max_rows,
        max_groups=caps.max_groups,
        max_distinct=caps.max_distinct,
        per_group=caps.per_group,
        clip=caps.clip,
        join_rows=caps.join_rows,
    )
    bounds = Bounds(Fraction(-1), Fraction(5, 2), Fraction(1, 4), Fraction(1, 2)) if caps.bounded else None
    positive = Bounds(Fraction(0), Fraction(3), Fraction(1), None)
    events = Table(
        "events",
        False,
        (
            column("unit_id", UNIT, required=True),
            column("k", INTEGER, ListedDomain((0, 1, 2))),
            column("t", TEXT, ListedDomain(("a", "b"))),
            column("s", TEXT, SelectedDomain()),
            column("x", QUARTER, bounds=bounds, per_unit_upper=caps.per_unit),
            column("y", INTEGER, bounds=positive),
            column("b", IDENTIFIER, per_unit_upper=Fraction(3)),
            column("item", INTEGER, PublicDomain("items", "item")),
        ),
        "unit_id",
        (),
        contribution,
        (ForeignKey("item", "items", "item"),),
        "c",
        "world",
    )
    people = Table(
        "people",
        False,
        (column("unit_id", UNIT, required=True), column("age", TEXT, ListedDomain(("young", "old")))),
        "unit_id",
        (),
        Contribution(max_rows=1),
        (),
        "c",
        "world",
    )
    visits = Table(
        "visits",
        False,
        (
            column("unit_id", UNIT, required=True),
            column("v", INTEGER, ListedDomain((0, 1))),
            column("cost", INTEGER, bounds=Bounds(Fraction(0), Fraction(4), Fraction(1), Fraction(1))),
        ),
        "unit_id",
        (),
        contribution,
        (),
        "c",
        "world",
    )
    items = Table(
        "items",
        True,
        (
            column("item", INTEGER, PublicDomain("items", "item"), is_primary_key=True),
            column("color", TEXT, PublicDomain("items", "color")),
        ),
        None,
        (),
        Contribution(),
        (),
        "c",
        "world",
    )
    return Catalog({t.name: t for t in (events, people, visits, items)})


def public_values(table: str, name: str) -> tuple[Any, ...]:
    assert table == "items"
    return {"item": (0, 1, 2, 3), "color": ("blue", "green", "red")}[name]


def _pseudonym(unit: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"unit {unit}")


def _ident(value: int | None) -> bytes | None:
    return None if value is None else uuid.uuid5(uuid.NAMESPACE_OID, f"b {value}").bytes


def _ranked(rows: list[Any], unit_of: Any) -> list[tuple[int, int, Any]]:
    """Order each unit's rows by their own content, as ingestion does by keyed hash."""
    found: list[tuple[int, int, Any]] = []
    for unit in sorted({unit_of(r) for r in rows}):
        mine = sorted((r for r in rows if unit_of(r) == unit), key=repr)
        found += [(unit, rank, row) for rank, row in enumerate(mine, 1)]
    return found


_UUID = pa.uuid() if hasattr(pa, "uuid") else pa.binary(16)


def _uuids(values: list[bytes | None]) -> pa.Array:
    return pa.array(values, pa.binary(16)).cast(_UUID) if pa.binary(16) != _UUID else pa.array(values, _UUID)


@contextmanager
def store(world: World, dense: Mapping[int, int] | None = None) -> Iterator[Snapshot]:
    """Write the world as one snapshot; `dense` gives the layout numbers, which must not matter."""
    root = Path(tempfile.mkdtemp(prefix="jali-world-"))
    try:
        yield _write(world, root, dense or {u: i for i, u in enumerate(world.units)})
    finally:
        shutil.rmtree(root)


def _write(world: World, root: Path, dense: Mapping[int, int]) -> Snapshot:
    def save(name: str, arrays: dict[str, Any]) -> None:
        (root / name).mkdir(parents=True)
        pq.write_table(pa.table(arrays), root / name / "part.parquet")

    def head(ranked: list[tuple[int, int, Any]]) -> dict[str, Any]:
        return {
            "_unit": pa.array([dense[u] for u, _, _ in ranked], pa.uint32()),
            "_rank": pa.array([r for _, r, _ in ranked], pa.uint32()),
        }

    events = sorted(_ranked(world.events, lambda r: r.unit), key=lambda e: (dense[e[0]], e[1]))
    save(
        "events",
        head(events)
        | {n: pa.array([getattr(r, n) for *_, r in events], pa.int64()) for n in ("k", "x", "y", "item")}
        | {n: pa.array([getattr(r, n) for *_, r in events], pa.string()) for n in ("t", "s")}
        | {"b": _uuids([_ident(r.b) for *_, r in events])},
    )
    people = sorted(_ranked(world.people, lambda p: p[0]), key=lambda e: (dense[e[0]], e[1]))
    save("people", head(people) | {"age": pa.array([p[1] for *_, p in people], pa.string())})
    visits = sorted(_ranked(world.visits, lambda v: v[0]), key=lambda e: (dense[e[0]], e[1]))
    save(
        "visits",
        head(visits)
        | {
            "v": pa.array([v[1] for *_, v in visits], pa.int64()),
            "cost": pa.array([v[2] for *_, v in visits], pa.int64()),
        },
    )
    save(
        "items",
        {
            "_row": pa.array(range(len(world.items)), pa.int64()),
            "item": pa.array([i[0] for i in world.items], pa.int64()),
            "color": pa.array([i[1] for i in world.items], pa.string()),
        },
    )
    units = world.units
    pq.write_table(
        pa.table(
            {
                "_unit": pa.array([dense[u] for u in units], pa.uint32()),
                "pseudonym": _uuids([_pseudonym(u).bytes for u in units]),
            }
        ),
        root / "units.parquet",
    )
    files = tuple(
        TableFiles(name, name == "items", "1", name, (), "sha256:0", {})
        for name in ("events", "people", "visits", "items")
    )
    (root / "manifest.json").write_text(json.dumps({}), encoding="utf-8")
    return Snapshot(root, 1, files, "units.parquet")
