"""The catalogue of the conformance world: four private tables of one person, and three public tables around them."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

from jali.model.schema import (
    Bounds,
    Catalog,
    Column,
    Contribution,
    ForeignKey,
    KeyValue,
    ListedDomain,
    PublicDomain,
    SelectedDomain,
    Table,
)
from jali.model.types import BOOLEAN, DATE, IDENTIFIER, INTEGER, TEXT, TIMESTAMP, UNIT, Kind, Type
from tests.guarantee.world import column

CENT = Type(Kind.NUMBER, Fraction(1, 100))
TENTH = Type(Kind.NUMBER, Fraction(1, 10))
QUARTER = Type(Kind.NUMBER, Fraction(1, 4))

BANDS = ("infant", "child", "adult", "senior")  # nobody is an infant
KINDS = ("call", "mail", "walk-in", "fax")  # nobody sends a fax
CODES = ("A1", "B2", "C3")
WIDE = 20_000
"""A cap on rows, keys and values that nobody in this world reaches."""


def bounds(lower: int, upper: int, step: Fraction) -> Bounds:
    return Bounds(Fraction(lower), Fraction(upper), step, None)


def number(name: str, type_: Type, lower: int, upper: int) -> Column:
    return column(name, type_, bounds=bounds(lower, upper, type_.step))


def _caps(max_rows: int) -> Contribution:
    return Contribution(
        max_rows=max_rows,
        max_groups=300,
        max_distinct={
            "basket": 60,
            "item": 60,
            "visit_id": 60,
            "store": 60,
            "town": 60,
            "units": 60,
            "kind": 60,
            "level": 60,
        },
        per_group={"rows": Fraction(WIDE)},
        join_rows=WIDE,
    )


_PUBLIC_BOUNDS = {"list_price": bounds(0, 100, Fraction(1, 100)), "floor_space": bounds(0, 999, Fraction(1))}


def _private(name: str, columns: tuple[Column, ...], max_rows: int, *keys: ForeignKey) -> Table:
    unit = column("person_id", UNIT, required=True)
    return Table(name, False, (unit, *columns), "person_id", (), _caps(max_rows), keys, "c", "conformance")


def _public(name: str, types: Mapping[str, Type], *keys: ForeignKey) -> Table:
    columns = tuple(
        column(n, t, PublicDomain(name, n), is_primary_key=i == 0, bounds=_PUBLIC_BOUNDS.get(n))
        for i, (n, t) in enumerate(types.items())
    )
    return Table(name, True, columns, None, (), Contribution(), keys, "c", "conformance")


def _events() -> Table:
    return _private(
        "events",
        (
            column("happened", TIMESTAMP),
            column("day", DATE),
            column("kind", TEXT, ListedDomain(KINDS)),
            column("channel", TEXT, SelectedDomain()),
            number("amount", CENT, -50, 100),
            number("units", INTEGER, 0, 20),
            number("score", QUARTER, -1, 3),
            column("level", INTEGER, ListedDomain((1, 2, 3, 4, 5)), bounds=bounds(1, 5, Fraction(1))),
            column("flag", BOOLEAN),
            column("basket", IDENTIFIER),
            column("item", INTEGER, PublicDomain("items", "item")),
        ),
        40,
        ForeignKey("item", "items", "item"),
    )


def _people() -> Table:
    columns = (
        column("band", TEXT, ListedDomain(BANDS)),
        column("town", TEXT, SelectedDomain()),
        column("first day", DATE),
        number("height", TENTH, 50, 220),
        column("is_staff", BOOLEAN),
    )
    return _private("people", columns, 1)


def _visits() -> Table:
    return _private(
        "visits",
        (
            column("visit_id", IDENTIFIER, is_primary_key=True),
            column("seen", TIMESTAMP),
            column("ward", INTEGER, ListedDomain((0, 1, 2, 3))),
            number("minutes", INTEGER, 0, 600),
            number("fee", CENT, 0, 500),
            column("store", INTEGER, PublicDomain("stores", "store")),
        ),
        20,
        ForeignKey("store", "stores", "store"),
    )


def _charges() -> Table:
    columns = (
        column("visit_id", IDENTIFIER),
        column("code", TEXT, ListedDomain(CODES)),
        number("price", CENT, 0, 200),
    )
    path = ("charges.visit_id", "visits.visit_id", "visits.person_id")
    key = ForeignKey("visit_id", "visits", "visit_id")
    return Table("charges", False, columns, None, path, _caps(40), (key,), "c", "conformance")


ITEMS: tuple[tuple[KeyValue, ...], ...] = (
    (1, "red pen", "red", 120, 1),
    (2, "blue pen", "blue", 150, 1),
    (3, "100% wool", None, 4999, 2),
    (4, 'it\'s a "kite"', "red", 2500, 3),
    (5, "unsold", "green", 100, 3),
)
BRANDS: tuple[tuple[KeyValue, ...], ...] = ((1, "DE"), (2, "FR"), (3, None))
STORES: tuple[tuple[KeyValue, ...], ...] = (
    (1, "north", "2015-03-01", 200),
    (2, "south", "2018-11-15", 350),
    (3, "south", "2020-02-29", 80),
)
PUBLIC = {"items": ITEMS, "brands": BRANDS, "stores": STORES}


@cache
def catalog() -> Catalog:
    items = {"item": INTEGER, "label": TEXT, "colour": TEXT, "list_price": CENT, "brand": INTEGER}
    tables = (
        _events(),
        _people(),
        _visits(),
        _charges(),
        _public("items", items, ForeignKey("brand", "brands", "brand")),
        _public("brands", {"brand": INTEGER, "country": TEXT}),
        _public("stores", {"store": INTEGER, "region": TEXT, "opened": DATE, "floor_space": INTEGER}),
    )
    return Catalog({t.name: t for t in tables})


def public_values(table: str, name: str) -> tuple[KeyValue, ...]:
    place = [c.name for c in catalog().tables[table].columns].index(name)
    found = {row[place] for row in PUBLIC[table]} - {None}
    return tuple(sorted(found, key=str))
