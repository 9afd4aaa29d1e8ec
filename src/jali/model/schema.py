"""Tables and columns as the contract declares them: everything the planner may know before data is read.

All of it is public policy. Nothing here is derived from private data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from jali.model.types import Type

KeyValue: TypeAlias = str | int | bool | None
"""A key as the store holds it: text, a whole number of grid steps, a boolean, ISO text for dates; None is NULL."""


DEFAULT_LENGTH = 256
"""Longest text that lands where the contract says no `maxLength`, in characters."""

LONGEST_TEXT = 4096
"""Longest `maxLength` a contract may declare."""


class ColumnClass(Enum):
    """How revealing a column is."""

    IDENTIFIER = "identifier"
    QUASI = "quasi"
    SENSITIVE = "sensitive"
    OPEN_DOMAIN = "open_domain"


class GroupBy(Enum):
    """Whether and how a column may be a grouping key."""

    ALLOWED = "allowed"
    TRANSFORMED = "transformed"
    BINNED = "binned"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Bounds:
    """Declared range of a measure, exact, in the column's own unit; lower <= center <= upper, resolution > 0."""

    lower: Fraction
    upper: Fraction
    resolution: Fraction
    center: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ListedDomain:
    """The keys are these, in this order."""

    values: tuple[KeyValue, ...]


@dataclass(frozen=True, slots=True)
class PublicDomain:
    """The keys are the distinct values of a column of a public table."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class SelectedDomain:
    """The keys are not declared; they are found by private key selection."""


Domain: TypeAlias = ListedDomain | PublicDomain | SelectedDomain


@dataclass(frozen=True, slots=True)
class Transform:
    """What ingestion does to a column: `kind` and its parameters exactly as the contract gives them."""

    kind: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`column` of this table refers to `target_column` of `target_table`."""

    column: str
    target_table: str
    target_column: str


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column.

    Attributes:
        name: as in the contract.
        source_type: ODCS logicalType of the source value (string, integer, number, date, timestamp, boolean).
        type: of the *stored* value, after the transform.
        readable: False where there is no privacy block or the column never lands.
        lands: False for `ingest: drop` and `transform: null`.
        aggregates: names from count, count_distinct, sum, mean, variance, quantile, minmax.
        rule: file and line of the contract that governs the column.
        max_length: longest text that lands, in characters.
    """

    name: str
    source_type: str
    type: Type
    column_class: ColumnClass | None
    readable: bool
    lands: bool
    required: bool
    is_primary_key: bool
    output_never: bool
    group_by: GroupBy
    domain: Domain | None
    bounds: Bounds | None
    per_unit_upper: Fraction | None
    aggregates: frozenset[str]
    may_filter: bool
    transform: Transform | None
    unit_of_measure: str
    rule: str
    description: str = ""
    max_length: int = DEFAULT_LENGTH


@dataclass(frozen=True, slots=True)
class AutoBound:
    """A bound found privately, charged and kept."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """Caps on one unit's contribution, as declared; None or a missing key means undeclared.

    Attributes:
        max_rows: rows of one unit.
        max_groups: keys of one unit (L0); AutoBound where it is found privately.
        max_distinct: column -> distinct values of one unit per key; AutoBound where they are found privately.
        per_group: "rows" or column -> bound of one unit's total at one key (column totals in the column's unit).
        clip: "rows" or column -> bound of the L2 norm of one unit's totals over keys; "*" -> AutoBound (`clip: auto`).
        join_rows: rows of one unit after joins; AutoBound where they are found privately.
    """

    max_rows: int | None = None
    max_groups: int | AutoBound | None = None
    max_distinct: Mapping[str, int | AutoBound] = field(default_factory=dict[str, int | AutoBound])
    per_group: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    clip: Mapping[str, Fraction | AutoBound] = field(default_factory=dict[str, "Fraction | AutoBound"])
    join_rows: int | AutoBound | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One declared table.

    Attributes:
        is_public: True for `unitRole: public`; then nothing in it is personal.
        unit_column: column that carries the unit, for private tables with `unitKey`.
        unit_path: ("stay_drugs.stay_id", "stays.stay_id", "stays.patient_id") where joins reach the unit.
        contract_id: id of the contract that declares the table.
        rule: file and line of the table in the contract.
        unit_root: key column that the unit column leads to by foreign keys; empty where it leads nowhere.
    """

    name: str
    is_public: bool
    columns: tuple[Column, ...]
    unit_column: str | None
    unit_path: tuple[str, ...]
    contribution: Contribution
    foreign_keys: tuple[ForeignKey, ...]
    contract_id: str
    rule: str
    description: str = ""
    unit_root: str = ""

    @property
    def unit(self) -> str | None:
        """Return the key column whose units this table's rows belong to; None for a public table.

        `unit_root` where foreign keys lead further (orders.buyer_id to customers.customer_id), else the column itself.
        """
        own = self.unit_path[-1].partition(".")[2] if self.unit_path else self.unit_column
        return (self.unit_root or own) if own else None

    def column(self, name: str) -> Column | None:
        """Return the column of this name, compared without case, or None."""
        return next((c for c in self.columns if c.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All tables of a house, by lower-case name."""

    tables: Mapping[str, Table]

    def table(self, name: str) -> Table | None:
        """Return the table of this name, compared without case, or None."""
        return self.tables.get(name.lower())


@dataclass(frozen=True, slots=True)
class Hints:
    """Facts from outside knowledge, in the contract's `hints`; what forecasts may read. None where not given."""

    units: int | None = None
    rows_per_unit_p50: int | None = None
    rows_per_unit_p90: int | None = None
    rows_per_unit_p99: int | None = None
    keys_per_unit: int | None = None
    source: str = ""
