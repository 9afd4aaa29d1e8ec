"""What changes the form of a stored table, and what does not."""

import dataclasses
from fractions import Fraction

import pytest

from jali.model.schema import (
    Bounds,
    Catalog,
    Column,
    ColumnClass,
    Contribution,
    ForeignKey,
    GroupBy,
    Table,
    Transform,
)
from jali.model.types import INTEGER, TEXT, UNIT, Kind, Type
from jali.store.form import TABLE, differing, form_of

HASHED = Transform("hmac", {"key": "keys:a", "context": "a"})


def _column(name: str, **facts: object) -> Column:
    plain = Column(
        name, "string", TEXT, ColumnClass.QUASI, True, True, False, False, False, GroupBy.ALLOWED, None, None,
        None, frozenset(), True, None, "", "r",
    )  # fmt: skip
    return dataclasses.replace(plain, **facts)  # type: ignore[arg-type]


CUSTOMER = _column("customer_id", type=UNIT, column_class=ColumnClass.IDENTIFIER, transform=HASHED)
HOUSEHOLD = dataclasses.replace(CUSTOMER, name="household_id")
VISIT = _column("visit_id", column_class=ColumnClass.IDENTIFIER, transform=HASHED)
TABLE_1 = Table(
    "visits",
    False,
    (CUSTOMER, HOUSEHOLD, VISIT, _column("x")),
    "customer_id",
    (),
    Contribution(),
    (),
    "c",
    "r",
)
CHILD = Table(
    "lines", False, (dataclasses.replace(VISIT, transform=None), _column("y")), None,
    ("lines.visit_id", "visits.visit_id", "visits.customer_id"), Contribution(),
    (ForeignKey("visit_id", "visits", "visit_id"),), "c", "r",
)  # fmt: skip
CATALOG = Catalog({"visits": TABLE_1, "lines": CHILD})
OTHER_KEY = Transform("hmac", {"key": "keys:b", "context": "a"})


def _with(table: Table, name: str, **facts: object) -> Table:
    columns = tuple(
        dataclasses.replace(c, **facts) if c.name == name else c  # type: ignore[arg-type]
        for c in table.columns
    )
    return dataclasses.replace(table, columns=columns)


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        (dataclasses.replace(TABLE_1, unit_column="household_id"), (TABLE,)),
        (dataclasses.replace(TABLE_1, is_public=True, unit_column=None), (TABLE,)),
        (_with(TABLE_1, "customer_id", transform=OTHER_KEY), (TABLE, "customer_id")),
        (_with(TABLE_1, "x", type=INTEGER), ("x",)),
        (_with(TABLE_1, "x", type=Type(Kind.NUMBER, Fraction(1, 100))), ("x",)),
        (_with(TABLE_1, "x", source_type="integer"), ("x",)),
        (_with(TABLE_1, "x", required=True), ("x",)),
        (_with(TABLE_1, "x", is_primary_key=True), ("x",)),
        (_with(TABLE_1, "x", transform=Transform("prefix", {"length": 2})), ("x",)),
        (_with(TABLE_1, "x", column_class=ColumnClass.IDENTIFIER), ("x",)),
        (_with(TABLE_1, "x", lands=False), ("x",)),
        (dataclasses.replace(TABLE_1, columns=(*TABLE_1.columns, _column("new"))), ("new",)),
        (_with(TABLE_1, "x", bounds=Bounds(Fraction(0), Fraction(1), Fraction(1))), ()),
        (_with(TABLE_1, "x", group_by=GroupBy.DENIED, may_filter=False, readable=False), ()),
        (dataclasses.replace(TABLE_1, contribution=Contribution(max_rows=3)), ()),
    ],
)
def test_only_what_files_depend_on_counts(changed: Table, parts: tuple[str, ...]) -> None:
    assert differing(form_of(TABLE_1, CATALOG, "p"), form_of(changed, CATALOG, "p")) == parts


def test_the_population_counts_for_private_tables_alone() -> None:
    assert differing(form_of(TABLE_1, CATALOG, "p"), form_of(TABLE_1, CATALOG, "q")) == (TABLE,)
    public = dataclasses.replace(TABLE_1, is_public=True, unit_column=None)
    assert form_of(public, CATALOG, "p") == form_of(public, CATALOG, "q")


@pytest.mark.parametrize("column", ["visit_id", "customer_id"])
def test_a_child_follows_the_keys_of_its_parents(column: str) -> None:
    changed = Catalog({"visits": _with(TABLE_1, column, transform=OTHER_KEY), "lines": CHILD})
    assert TABLE in differing(form_of(CHILD, CATALOG, "p"), form_of(CHILD, changed, "p"))


def test_files_without_a_form_fit_nothing() -> None:
    assert differing({}, form_of(TABLE_1, CATALOG, "p"))
