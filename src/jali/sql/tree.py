"""Our own query tree: small, immutable, typed. Only what can be written in it can run.

Every expression carries four facts the planner relies on: its type; its *range*, declared or derived from declared
facts (a side is None where nothing is declared); its *reach*, which its value surely lies in whatever the data;
and whether it may be NULL. Range and reach are in real units, not grid steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from jali.model.schema import Column, Table
from jali.model.types import INTEGER, Type


@dataclass(frozen=True, slots=True)
class Range:
    """A closed interval; None where a side is unknown."""

    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def is_known(self) -> bool:
        """Return whether both sides are known."""
        return self.low is not None and self.high is not None


ANYTHING = Range()


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column of a source; `source` is a source id such as t1, or #key, #agg, #low, #high, #sd over released values.

    `per_unit` is the declared bound on one unit's total of the column (`perUnit.upper`), where there is one.
    """

    source: str
    name: str
    type: Type
    range: Range = ANYTHING
    reach: Range = ANYTHING
    nullable: bool = True
    column: Column | None = None
    per_unit: Fraction | None = None


LiteralValue: TypeAlias = Fraction | str | bool | None


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; numbers are exact fractions, dates and timestamps ISO text."""

    value: LiteralValue
    type: Type
    range: Range = ANYTHING
    reach: Range = ANYTHING

    @property
    def nullable(self) -> bool:
        """Return whether this is NULL."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the allow-list applied to arguments; `parameters` are constants of the function itself."""

    function: str
    args: "tuple[Expr, ...]"
    type: Type
    range: Range = ANYTHING
    reach: Range = ANYTHING
    nullable: bool = True
    parameters: tuple[LiteralValue, ...] = ()


Expr: TypeAlias = ColumnRef | Literal | Call


def walk(expression: Expr) -> Iterator[Expr]:
    """Yield the expression and everything in it, without recursion."""
    waiting: list[Expr] = [expression]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Call):
            waiting.extend(reversed(one.args))


def depth_of(expression: Expr) -> int:
    """Return how deeply an expression is nested, without recursion; a column or constant has depth 1."""
    deepest = 0
    waiting: list[tuple[Expr, int]] = [(expression, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(one, Call):
            waiting.extend((a, depth + 1) for a in one.args)
    return deepest


def columns_of(expression: Expr) -> tuple[ColumnRef, ...]:
    """Return the column references in an expression, in order, each once."""
    found: dict[tuple[str, str], ColumnRef] = {}
    for one in walk(expression):
        if isinstance(one, ColumnRef):
            found.setdefault((one.source, one.name), one)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One aggregate of a grouping.

    Attributes:
        kind: count, count_units, count_distinct, sum, mean, or one of the kinds of `sql.aggregates`.
        arg: None for COUNT(*).
        where: rows that take part; None is all.
        type: of the answer.
        second: the second argument of COVAR, CORR and REGR_SLOPE.
        rank: of a quantile, in [0, 1].
    """

    kind: str
    arg: Expr | None
    where: Expr | None
    type: Type
    second: Expr | None = None
    rank: Fraction | None = None

    @property
    def arguments(self) -> tuple[Expr, ...]:
        """Return what is aggregated: no, one or two expressions."""
        return tuple(e for e in (self.arg, self.second) if e is not None)

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Return everything the aggregate reads of a row."""
        return (*self.arguments, *((self.where,) if self.where is not None else ()))


@dataclass(frozen=True, slots=True)
class Named:
    """An expression under a name."""

    name: str
    expression: Expr


@dataclass(frozen=True, slots=True)
class Scan:
    """All rows of a declared table."""

    id: str
    table: Table


@dataclass(frozen=True, slots=True)
class PerUnit:
    """Exact aggregates of each unit by itself: one row per unit and per value of `keys`."""

    id: str
    rows: "Rows"
    keys: tuple[Named, ...]
    aggregates: tuple[tuple[str, Aggregate], ...]
    having: Expr | None


Source: TypeAlias = Scan | PerUnit


@dataclass(frozen=True, slots=True)
class Join:
    """`kind` is inner or left (the side before is preserved); unit = unit is implied between private sources."""

    kind: str
    right: Source
    on: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Joined and filtered rows, each belonging to exactly one unit."""

    first: Source
    joins: tuple[Join, ...]
    where: tuple[Expr, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return all sources in join order."""
        return (self.first, *(join.right for join in self.joins))


def is_private(source: Source) -> bool:
    """Return whether rows of the source belong to units."""
    return isinstance(source, PerUnit) or not source.table.is_public


def scans(rows: Rows) -> Iterator[Scan]:
    """Yield every scan below, those inside per-unit aggregates included."""
    for source in rows.sources:
        if isinstance(source, Scan):
            yield source
        else:
            yield from scans(source.rows)


@dataclass(frozen=True, slots=True)
class Order:
    """One ORDER BY term over released values."""

    expression: Expr
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Accuracy:
    """WITH ACCURACY `half_width` CONFIDENCE `confidence`."""

    half_width: Fraction
    confidence: Fraction | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What our own tokens around the SELECT asked for."""

    sql: str
    explain: bool = False
    accuracy: Accuracy | None = None
    epsilon: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One question: aggregates over rows by keys, then arithmetic over the released values.

    Attributes:
        text: the SELECT as it was sent.
        keys: grouping expressions over the rows.
        aggregates: distinct aggregates that must be measured, in order of first use.
        outputs: what is returned, over #key and #agg references.
        having, order, limit, offset: post-processing over the same references.
    """

    text: str
    rows: Rows
    keys: tuple[Named, ...]
    aggregates: tuple[Aggregate, ...]
    outputs: tuple[Named, ...]
    having: Expr | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
    asked: Asked


def key_ref(index: int, expression: Expr) -> ColumnRef:
    """Return a reference to released key `index`; it can be reckoned with as far as its expression reaches."""
    return ColumnRef("#key", str(index), expression.type, Range(), expression.reach, nullable=True)


def aggregate_ref(index: int, kind: Type = INTEGER, source: str = "#agg") -> ColumnRef:
    """Return a reference to released aggregate `index`, or with another source to its interval or noise."""
    reach = Range(
        -(2**40) * kind.step, 2**40 * kind.step
    )  # nominal: arithmetic over released values is exact
    return ColumnRef(source, str(index), kind, Range(), reach, nullable=True)
