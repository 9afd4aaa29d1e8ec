"""A contract's tables and columns as written, before any rule: names, privacy blocks, foreign keys, units.

Columns refer to each other across tables (a foreign key inherits its target's transform): names come first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jali.model.schema import ForeignKey
from jali.policy.findings import Report
from jali.policy.source import Node
from jali.policy.validate import conforms, shown

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_TARGET = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\.([A-Za-z][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class ColumnOutline:
    """A column as written; `privacy` holds None where there is no block, `is_sound` is False if broken."""

    table: str
    name: str
    node: Node
    privacy: Node
    is_sound: bool
    target: tuple[str, str] | None

    @property
    def label(self) -> str:
        """Return table.column."""
        return f"{self.table}.{self.name}"

    @property
    def source_type(self) -> str:
        """ODCS logicalType of the source value; string where none is given."""
        return self.node.at("logicalType").text("string")

    @property
    def lands(self) -> bool:
        """Whether ingestion stores the column at all."""
        kind = self.privacy.at("transform", "kind")
        is_null = self.privacy.at("transform").is_given and kind.value in (None, "null")
        return self.privacy.is_given and self.privacy.at("ingest").value != "drop" and not is_null


@dataclass(frozen=True, slots=True)
class TableOutline:
    """A table as written."""

    name: str
    node: Node
    privacy: Node
    is_sound: bool
    columns: tuple[ColumnOutline, ...]
    foreign_keys: tuple[ForeignKey, ...]

    @property
    def is_public(self) -> bool:
        """Whether nothing in the table is personal."""
        return self.privacy.at("unitRole").value == "public"

    @property
    def unit_key(self) -> str | None:
        """Column that carries the unit, where declared."""
        return self.privacy.at("unitKey").text() or None


@dataclass(frozen=True, slots=True)
class Outline:
    """All tables of one contract by name, in order, and the columns that carry the unit."""

    tables: Mapping[str, TableOutline]
    unit_columns: frozenset[tuple[str, str]]

    def column(self, table: str, name: str) -> ColumnOutline | None:
        """Return a column by its names, or None."""
        found = self.tables.get(table)
        return next((c for c in found.columns if c.name == name), None) if found else None

    def unit_root(self, table: TableOutline) -> str:
        """Return the key column that a table's unit leads to by foreign keys; empty for a public table."""
        path = table.privacy.at("unitPath").texts()
        start = path[-1] if path else f"{table.name}.{table.unit_key}"
        here: tuple[str, str] = (start.partition(".")[0], start.partition(".")[2])
        seen: set[tuple[str, str]] = set()
        while here in self.unit_columns and here not in seen:
            seen.add(here)
            keys = self.tables[here[0]].foreign_keys if here[0] in self.tables else ()
            onward = ((k.target_table, k.target_column) for k in keys if k.column == here[1])
            here = next((t for t in onward if t in self.unit_columns), here)
        return here[1] if here in self.unit_columns else ""


def privacy_block(node: Node, report: Report) -> Node:
    """Return our `privacy` value among the customProperties; a node that holds None if there is none."""
    ours: list[Node] = []
    for entry in node.at("customProperties").each():
        if entry.at("property").value != "privacy":
            continue
        if not entry.at("vendor").is_given:
            report.error(entry, "C101", "a privacy block without vendor is nobody's; add vendor: jali")
        elif entry.at("vendor").value == "jali":
            ours.append(entry.at("value"))
    if len(ours) > 1:
        report.error(ours[1], "C102", "two privacy blocks in one place; merge them into one")
    return ours[0] if ours else Node(None, node.document, node.path)


def outline(root: Node, report: Report) -> Outline:
    """Return every table and column of the contract by name."""
    tables: dict[str, TableOutline] = {}
    for node in root.at("schema").each():
        table = _table(node, report)
        if table is None:
            continue
        if table.name.lower() in {name.lower() for name in tables}:
            report.error(node, "C104", f"table {table.name} is declared twice; keep one")
            continue
        tables[table.name] = table
    if not tables:
        report.error(root.at("schema"), "C105", "the contract declares no table; add one under schema")
    return Outline(tables, _unit_columns(tables))


def _table(node: Node, report: Report) -> TableOutline | None:
    name = _checked_name(node, "table", report)
    if name is None:
        return None
    privacy = privacy_block(node, report)
    if not privacy.is_given:
        report.warning(
            node, "C106", f"table {name} has no privacy block, so it cannot be read; add one or leave it out"
        )
    is_sound = privacy.is_given and conforms(privacy, "table", report)
    columns: dict[str, ColumnOutline] = {}
    for child in node.at("properties").each():
        column = _column(child, name, report)
        if column is None:
            continue
        if column.name.lower() in {other.lower() for other in columns}:
            report.error(child, "C104", f"column {column.label} is declared twice; keep one")
            continue
        columns[column.name] = column
    foreign_keys = _foreign_keys(node, name, tuple(columns.values()), report)
    targets = {key.column: (key.target_table, key.target_column) for key in foreign_keys}
    with_targets = tuple(
        ColumnOutline(c.table, c.name, c.node, c.privacy, c.is_sound, targets.get(c.name))
        for c in columns.values()
    )
    return TableOutline(name, node, privacy, is_sound, with_targets, foreign_keys)


def _column(node: Node, table: str, report: Report) -> ColumnOutline | None:
    name = _checked_name(node, f"column of {table}", report)
    if name is None:
        return None
    if not node.at("logicalType").is_given:
        report.error(node, "C115", f"{table}.{name} has no logicalType; add one, such as string or integer")
    privacy = privacy_block(node, report)
    is_sound = not privacy.is_given or conforms(privacy, "column", report)
    return ColumnOutline(table, name, node, privacy, is_sound, None)


def _checked_name(node: Node, what: str, report: Report) -> str | None:
    name = node.at("name")
    if _NAME.fullmatch(name.text()):
        return name.text()
    report.error(
        name,
        "C103",
        f"{shown(name.value)} is no name for a {what}; use letters, digits and _, beginning with a letter",
    )
    return None


def _foreign_keys(
    node: Node, table: str, columns: tuple[ColumnOutline, ...], report: Report
) -> tuple[ForeignKey, ...]:
    found: list[ForeignKey] = []
    for column in columns:
        targets = [_target(entry, "to", report) for entry in column.node.at("relationships").each()]
        found.extend(ForeignKey(column.name, *target) for target in targets if target is not None)
    for entry in node.at("relationships").each():
        source, target = _target(entry, "from", report), _target(entry, "to", report)
        if source is None or target is None:
            continue
        if source[0] != table or source[1] not in {c.name for c in columns}:
            report.error(
                entry,
                "C108",
                f"a relationship of {table} starts at {'.'.join(source)}; name a column of {table}",
            )
            continue
        found.append(ForeignKey(source[1], *target))
    by_column = {key.column: key for key in found}
    if len(by_column) < len(found):
        report.error(node, "C109", f"a column of {table} has two foreign keys; keep one per column")
    return tuple(by_column.values())


def _target(entry: Node, key: str, report: Report) -> tuple[str, str] | None:
    if entry.at("type").text("foreignKey") != "foreignKey":
        return None
    form = _TARGET.fullmatch(entry.at(key).text())
    if form is None:
        report.error(
            entry, "C107", f"relationship {key} is {shown(entry.at(key).value)}; write one table.column"
        )
        return None
    return form.group(1), form.group(2)


def _unit_columns(tables: Mapping[str, TableOutline]) -> frozenset[tuple[str, str]]:
    units = {(t.name, t.unit_key) for t in tables.values() if t.unit_key is not None and not t.is_public}
    links = {
        ((t.name, k.column), (k.target_table, k.target_column))
        for t in tables.values()
        for k in t.foreign_keys
    }
    while more := {source for source, target in links if target in units and source not in units}:
        units |= more
    return frozenset(units)
