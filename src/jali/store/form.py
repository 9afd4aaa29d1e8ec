"""The form of a stored table: everything of its contract that its files depend on, and that a plan takes for granted.

A plan reads the active contract: whose a row is, which column is public, what a stored integer means. Files follow the
contract they were loaded under. Where the two differ the claimed sensitivity can be wrong, so a question compares
both forms before anything is charged. Bounds, caps and permissions are no part of a form: they are enforced at
every question.
"""

import dataclasses
import json
from collections.abc import Mapping

from jali.model.schema import Catalog, Column, ColumnClass, Table
from jali.model.types import Kind

TABLE = "(table)"
"""Name of the part of a form that describes the table itself; no column can be called so."""


def form_of(table: Table, catalog: Catalog, population: str) -> dict[str, str]:
    """Return the form of a table under its contract: part -> description, with the columns by lower-case name.

    Args:
        table: as its contract declares it.
        catalog: all tables, to find the transforms that foreign keys inherit.
        population: id of the population its units belong to; ignored for public tables.

    Example:
        >>> from jali.model.schema import Contribution
        >>> form_of(Table("t", True, (), None, (), Contribution(), (), "c", "r"), Catalog({}), "p")
        {'(table)': '{"public": true}'}
    """
    facts: dict[str, object] = {"public": True}
    if not table.is_public:
        facts = {"public": False, "population": population, "unit": _unit_of(table, catalog)}
    columns = {
        column.name.lower(): _described(table, column, catalog) for column in table.columns if column.lands
    }
    return {TABLE: _text(facts), **columns}


def differing(stored: Mapping[str, str], active: Mapping[str, str]) -> tuple[str, ...]:
    """Return the sorted parts in which two forms differ.

    Example:
        >>> differing({"(table)": "a", "x": "1"}, {"(table)": "a", "x": "2", "y": "1"})
        ('x', 'y')
    """
    return tuple(sorted(name for name in {*stored, *active} if stored.get(name) != active.get(name)))


def with_inherited_transform(table: Table, column: Column, catalog: Catalog) -> Column:
    """Return an identifier with the transform of its foreign key's target, where it has none of its own."""
    seen: set[tuple[str, str]] = set()
    at, of = column, table
    while at.transform is None and (of.name.lower(), at.name.lower()) not in seen:
        seen.add((of.name.lower(), at.name.lower()))
        key = next((k for k in of.foreign_keys if k.column.lower() == at.name.lower()), None)
        target = catalog.table(key.target_table) if key else None
        found = target.column(key.target_column) if target and key else None
        if target is None or found is None:
            break
        of, at = target, found
    is_identifier = column.column_class is ColumnClass.IDENTIFIER or column.type.kind is Kind.IDENTIFIER
    return dataclasses.replace(column, transform=at.transform) if is_identifier else column


def _unit_of(table: Table, catalog: Catalog) -> list[object]:
    """Return how a table finds its unit: a column and its transform, or the path over parents with each of theirs."""
    if table.unit_column is not None:
        column = table.column(table.unit_column)
        return [table.unit_column.lower(), _transform(column)]
    found: list[object] = []
    for step in table.unit_path:
        name, _, key = step.partition(".")
        parent = table if name.lower() == table.name.lower() else catalog.table(name)
        column = parent.column(key) if parent is not None else None
        if parent is not None and column is not None:
            column = with_inherited_transform(parent, column, catalog)
        found += [step.lower(), _transform(column)]
    return found


def _transform(column: Column | None) -> object:
    if column is None or column.transform is None:
        return None
    return [column.source_type, column.transform.kind, dict(column.transform.parameters)]


def _described(table: Table, column: Column, catalog: Catalog) -> str:
    column = with_inherited_transform(table, column, catalog)
    return _text(
        {
            "type": [column.type.kind.value, str(column.type.step)],
            "source": column.source_type,
            "transform": _transform(column),
            "identifier": column.column_class is ColumnClass.IDENTIFIER,
            "required": column.required,
            "key": column.is_primary_key,
            "length": column.max_length if column.type.kind is Kind.TEXT else None,
        }
    )


def _text(facts: Mapping[str, object]) -> str:
    return json.dumps(facts, sort_keys=True, default=str)
