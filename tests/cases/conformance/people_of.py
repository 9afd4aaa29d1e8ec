"""The rows of the conformance world, made by rule: NULLs, negatives, fractions, dates, moments and odd text."""

import datetime as dt
from functools import cache
from typing import Any

from tests.cases.conformance.tables import PUBLIC, catalog

PERSONS = 60
TOWNS = ("Zürich", "O'Hara's", 'say "hi"', "東京", "Sao Paulo", None)
CHANNELS = ("web", "web%", "app_1", "it's", "a|b", "", "Émile", None)
AMOUNTS = (-4999, -250, -1, 0, 1, 99, 100, 1234, 2550, 9999, 333, None)
DAY = dt.date(2023, 12, 28)
NOON = dt.datetime(2023, 12, 28, 22, 15, 30)  # noqa: DTZ001  # stored moments have no zone

Rows = dict[str, list[tuple[Any, ...]]]
"""Table -> rows in the order of its columns; numbers in grid steps, identifiers as whole numbers, None is NULL."""


def _pick(values: tuple[Any, ...], *mix: int) -> Any:
    return values[sum(m * p for m, p in zip(mix, (7, 5, 3), strict=False)) % len(values)]


def _event(u: int, i: int) -> tuple[Any, ...]:
    day = None if (u + i) % 13 == 0 else DAY + dt.timedelta(days=(u * 11 + i * 17) % 75)
    happened = (
        None if (u + i) % 11 == 0 else NOON + dt.timedelta(hours=(u * 13 + i * 29) % 400, minutes=u + i)
    )
    return (
        u,
        happened,
        day,
        _pick(("call", "mail", "walk-in", "call", None), u, i),
        _pick(CHANNELS, u + i, i),
        _pick(AMOUNTS, u, i, u * i),
        _pick((0, 1, 2, 3, 5, 8, 13, 20, None), u, i),
        _pick((-4, -3, -1, 0, 1, 2, 5, 7, 10, 12, None), i, u),
        _pick((1, 2, 3, 4, None), u * i, i),
        _pick((True, False, None), u, i),
        None if i == 5 else u * 10 + i // 2,
        _pick((1, 2, 3, 4, None, 1), i, u),
    )


def _visit(u: int, i: int) -> tuple[Any, ...]:
    seen = None if (u * i) % 9 == 4 else NOON + dt.timedelta(days=(u * 3 + i * 40) % 300, hours=i * 5)
    minutes, fee = (
        _pick((0, 10, 15, 30, 45, 90, 600, None), u, i),
        _pick((0, 2500, 4999, 50000, 1, None), i, u),
    )
    return (u, u * 100 + i, seen, _pick((0, 1, 2, None), u, i), minutes, fee, _pick((1, 2, 3, None), u, i))


def _person(u: int) -> tuple[Any, ...]:
    band = _pick(("child", "adult", "senior", "adult", None), u)
    first = None if u % 17 == 0 else dt.date(2020, 2, 29) + dt.timedelta(days=u * 37)
    return (u, band, TOWNS[u % 6], first, None if u % 7 == 0 else 900 + u * 13, [True, False, None][u % 3])


@cache
def rows() -> Rows:
    visits = [_visit(u, i) for u in range(PERSONS) for i in range(u % 4)]
    charges = [
        (v[1], _pick(("A1", "B2", "C3", None), v[1], j), _pick((0, 100, 12345, 20000, None), v[1], j))
        for v in visits
        for j in range(v[1] % 3)
    ]
    found: Rows = {
        "events": [_event(u, i) for u in range(PERSONS) for i in range(u % 9)],
        "people": [_person(u) for u in range(PERSONS) if u % 10],
        "visits": visits,
        "charges": charges,
    }
    return found | {name: [tuple(r) for r in values] for name, values in PUBLIC.items()}


def unit_of(table: str, row: tuple[Any, ...]) -> int:
    return int(row[0]) // 100 if table == "charges" else int(row[0])


def private_texts() -> set[str]:
    """Return every text of a private row that is no declared key: none may stand in an error."""
    declared = {str(v) for t in catalog().tables.values() for c in t.columns for v in _listed(c)}
    texts = {v for name in ("events", "people") for r in rows()[name] for v in r if isinstance(v, str) and v}
    return texts - declared


def _listed(column: Any) -> tuple[Any, ...]:
    return getattr(column.domain, "values", ())
