"""A table of random and edge values of every type, and typed expressions over it, for the totality tests."""
# ruff: noqa: RUF001  # the texts are chosen to be confusing

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import duckdb

from jali.model.types import BOOLEAN, DATE, INTEGER, REAL, TEXT, TIMESTAMP, Kind, Type
from jali.sql import dates, ranges
from jali.sql import duckdb as render
from jali.sql.evaluate import Value, evaluate
from jali.sql.tree import Call, ColumnRef, Expr, Range, columns_of

CENT = Type(Kind.NUMBER, Fraction(1, 100))
QUARTER = Type(Kind.NUMBER, Fraction(1, 4))
_INTS = [
    -(2**63),
    2**63 - 1,
    -(2**62),
    2**62,
    2**53 + 1,
    -(2**53) - 1,
    0,
    0,
    1,
    -1,
    2,
    -2,
    3,
    7,
    10,
    25,
    99,
    100,
    101,
    1000,
    None,
]
_TEXTS = [
    "\u2003a\u00a0",
    "\u00a0 \u3000",
    "",
    " ",
    "  a  ",
    "a",
    "abc",
    "ABC",
    "%",
    "_",
    "100%",
    "a_b",
    "a%b",
    "\\",
    "'",
    '"',
    "a\nb",
    "\t",
    "x" * 5000,
    "%" * 300,
    "é",
    "e\u0301",
    "É",
    "ß",
    "ẞ",
    "STRASSE",
    "İ",
    "ı",
    "i",
    "I",
    "ſ",
    "K",
    "k",
    "Σ",
    "ς",
    "ΑΣ",
    "ﬁ",
    "ŉ",
    "ǆ",
    "ᾳ",
    "👨‍👩‍👧",
    "🇩🇪",
    "مرحبا",
    "שלום",
    "\u202eabc",
    "a\u200db",
    "\uffff",
    "\U0010ffff",
    "0",
    "-1",
    "NaN",
    "inf",
    "2017-01-01",
    "10:00",
    None,
]
_DAYS = [
    dt.date(1, 1, 1),
    dt.date(1, 12, 31),
    dt.date(4, 2, 29),
    dt.date(1582, 10, 4),
    dt.date(1582, 10, 15),
    dt.date(1600, 2, 29),
    dt.date(1900, 2, 28),
    dt.date(1969, 12, 31),
    dt.date(1970, 1, 1),
    dt.date(2000, 2, 29),
    dt.date(2016, 2, 29),
    dt.date(2016, 12, 31),
    dt.date(2017, 1, 1),
    dt.date(2020, 12, 31),
    dt.date(2021, 1, 3),
    dt.date(2262, 4, 12),
    dt.date(9999, 12, 31),
    None,
]
_TIMES = [(0, 0, 0, 0), (0, 0, 0, 1), (23, 59, 59, 999_999), (12, 30, 0, 500_000), (1, 0, 59, 123_456)]


class Draw:
    """A small deterministic generator (`random` is banned): splitmix64."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def bits(self, n: int) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return (z ^ (z >> 31)) >> (64 - n)

    def pick(self, values: list[Any]) -> Any:
        return values[self.bits(32) % len(values)]

    def whole(self) -> int | None:
        kind = self.bits(3)
        if kind < 3:
            return self.pick(_INTS)
        if kind < 6:
            return self.bits(9) - 256
        return self.bits(64) - 2**63 if kind == 6 else self.bits(36) - 2**35

    def text(self) -> str | None:
        if self.bits(1):
            return self.pick(_TEXTS)
        letters = "abcXYZ 019%_éßİıΣς👨中\u0301"
        return "".join(letters[self.bits(16) % len(letters)] for _ in range(self.bits(4)))

    def day(self) -> dt.date | None:
        if self.bits(1):
            return self.pick(_DAYS)
        return dt.date.fromordinal(1 + self.bits(40) % dt.date.max.toordinal())

    def moment(self) -> dt.datetime | None:
        day = self.day()
        if day is None:
            return None
        hour, minute, second, micro = self.pick(_TIMES)
        return dt.datetime(day.year, day.month, day.day, hour, minute, second, micro)  # noqa: DTZ001  # SQL has no zone here

    def truth(self) -> bool | None:
        return self.pick([True, False, None])


_KINDS: dict[str, tuple[Type, str, str]] = {
    "n": (INTEGER, "BIGINT", "whole"),
    "m": (INTEGER, "BIGINT", "whole"),
    "q": (QUARTER, "BIGINT", "whole"),
    "c": (CENT, "BIGINT", "whole"),
    "b": (CENT, "BIGINT", "whole"),
    "e": (INTEGER, "BIGINT", "whole"),
    "t": (TEXT, "VARCHAR", "text"),
    "s": (TEXT, "VARCHAR", "text"),
    "d": (DATE, "DATE", "day"),
    "f": (DATE, "DATE", "day"),
    "z": (TIMESTAMP, "TIMESTAMP", "moment"),
    "w": (TIMESTAMP, "TIMESTAMP", "moment"),
    "p": (BOOLEAN, "BOOLEAN", "truth"),
    "g": (BOOLEAN, "BOOLEAN", "truth"),
}
_BOUNDS = {"b": Range(Fraction(0), Fraction(100)), "e": Range(Fraction(-3), Fraction(20))}


def col(name: str) -> ColumnRef:
    """Return a column; b and e have declared bounds, which many stored values break on purpose."""
    type_ = _KINDS[name][0]
    return ColumnRef("r", name, type_, _BOUNDS.get(name, Range()), ranges.reach_of(type_), True)


@dataclass
class Rows:
    """Rows in DuckDB and in Python."""

    connection: duckdb.DuckDBPyConnection
    values: list[dict[tuple[str, str], Value]]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


def rows(count: int, seed: int = 1) -> Rows:
    """Return `count` rows of random and edge values, with row numbers in column i."""
    import pyarrow as pa

    draw = Draw(seed)
    raw: dict[str, list[Any]] = {n: [getattr(draw, k[2])() for _ in range(count)] for n, k in _KINDS.items()}
    kinds = {
        "BIGINT": pa.int64(),
        "VARCHAR": pa.string(),
        "DATE": pa.date32(),
        "TIMESTAMP": pa.timestamp("us"),
        "BOOLEAN": pa.bool_(),
    }
    table = pa.table(
        {"i": pa.array(range(count))} | {n: pa.array(v, kinds[_KINDS[n][1]]) for n, v in raw.items()}
    )
    connection = duckdb.connect(config={"threads": "1"})
    connection.register("arrow", table)
    connection.execute("CREATE TABLE r AS SELECT * FROM arrow")
    return Rows(
        connection, [{("r", n): _python(v[i], _KINDS[n][0]) for n, v in raw.items()} for i in range(count)]
    )


def _python(raw: Any, type_: Type) -> Value:
    return Fraction(raw) * type_.step if type_.kind is Kind.NUMBER and raw is not None else raw


def name_of(reference: ColumnRef) -> str:
    return f"{render.identifier(reference.source)}.{render.identifier(reference.name)}"


def lower(node: Expr) -> str:
    return render.expression(node, name_of)


def compare(table: Rows, nodes: list[Expr], where: str = "TRUE") -> int:
    """Assert that DuckDB and Python agree on every row and expression; return how many values were compared."""
    sql = f"SELECT i, {', '.join(f'{lower(n)} AS v{k}' for k, n in enumerate(nodes))} FROM r WHERE {where} ORDER BY i"
    found = table.ask(sql)
    for number, *values in found:
        row = table.values[number]
        for node, value in zip(nodes, values, strict=True):
            _same(node, row, value)
    return len(found) * len(nodes)


def _same(node: Expr, row: dict[tuple[str, str], Value], raw: Any) -> None:
    wanted = evaluate(node, row)
    about = (lower(node), {c.name: row["r", c.name] for c in columns_of(node)}, raw, wanted)
    if raw is None or wanted is None:
        assert raw is None, about
        assert wanted is None, about
        assert node.nullable, about
        return
    if node.type.kind is Kind.REAL:
        assert isinstance(raw, float), about
        assert abs(raw) < 1e308, about  # nor NaN
        assert abs(raw - float(wanted)) <= 1e-9 * max(abs(raw), abs(float(wanted))), about  # type: ignore[arg-type]
        _inside(node.reach, Fraction(raw), about, slack=Fraction(1, 10**9))
        if all(_declared(c, row) for c in columns_of(node)):
            _inside(node.range, Fraction(raw), about, slack=Fraction(1, 10**9), steps=Fraction(1, 10**9))
        return
    got = _python(raw, node.type)
    assert got == wanted, about
    assert type(got) is type(wanted), about
    if isinstance(got, dt.date):
        _inside(node.range, dates.days_of(got), about)
    if isinstance(got, Fraction):
        _inside(node.reach, got, about)
        if all(_declared(c, row) for c in columns_of(node)):
            _inside(node.range, got, about, steps=_real_error(node))


def _real_error(node: Expr) -> Fraction:
    """Return how far rounding a double may leave the range that exact arithmetic would give."""
    if not (isinstance(node, Call) and node.function.startswith("real_")):
        return Fraction(0)
    return node.type.step + ranges.widest(node.reach) / 2**40


def _declared(column: ColumnRef, row: dict[tuple[str, str], Value]) -> bool:
    value = row["r", column.name]
    low, high = column.range.low, column.range.high
    return not isinstance(value, Fraction) or (
        (low is None or value >= low) and (high is None or value <= high)
    )


def _inside(
    range_: Range,
    value: Fraction,
    about: object,
    slack: Fraction = Fraction(0),
    steps: Fraction = Fraction(0),
) -> None:
    room = abs(value) * slack + steps
    assert range_.low is None or range_.low <= value + room, (range_, about)
    assert range_.high is None or value - room <= range_.high, (range_, about)


def kinds_of(kind: Kind) -> Iterator[str]:
    """Yield the columns of a kind."""
    yield from (n for n, (type_, *_) in _KINDS.items() if type_.kind is kind)


__all__ = ["REAL", "Draw", "Rows", "col", "compare", "kinds_of", "lower", "rows"]
