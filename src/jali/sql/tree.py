"""Our own query tree: small, immutable, typed. Only what can be written in it can run.

Every expression carries four facts the planner relies on: its type; its *range*, declared or derived from declared
facts (a side is None where nothing is declared); its *reach*, which its value surely lies in whatever the data;
and whether it may be NULL. Range and reach are in real units, not grid steps; those of dates and timestamps are in days
since 1970-01-01.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from jali.model.schema import Column, Table
from jali.model.types import INTEGER, Kind, Type


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
    """A column of a source, such as t1, or a released value of #key, #agg, #low, #high, #sd, #win or #set.

    `per_unit` is the declared bound on one unit's total of the column (`perUnit.upper`), where there is one. `shown` is
    the asker's name for it where it has no column of its own; it is for people and never part of what is computed.
    `longest` bounds the characters of a text made in a subquery; `constants` are all values, NULL aside, of a column
    that is a constant in each branch of a UNION ALL: they stand in the question, so they are declared keys.
    """

    source: str
    name: str
    type: Type
    range: Range = ANYTHING
    reach: Range = ANYTHING
    nullable: bool = True
    column: Column | None = None
    per_unit: Fraction | None = None
    longest: int | None = None
    constants: "tuple[LiteralValue, ...] | None" = None
    shown: str = field(default="", compare=False)


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


@dataclass(frozen=True, slots=True)
class Branch:
    """One relation of a `Union`, with what it puts into each column; a unit column stands for the hidden unit."""

    rows: "Rows"
    columns: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of all branches, each with the unit it has there.

    Without a unit each branch loses that unit's rows and no others, so the whole loses the rows of one unit: at most
    the sum of what it may have in each (additive stability; McSherry 2009, PINQ, Concat). Rows, keys, values per key,
    totals and norms of one unit are at most the sums over the branches, by counting and the triangle inequality. All
    of these caps are enforced again after the union, in an order that is the branch's number, then its own order.
    """

    id: str
    names: tuple[str, ...]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One ORDER BY term: over released values, or over the rows of one unit in a window."""

    expression: Expr
    descending: bool
    nulls_first: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A window function over the rows of one unit.

    Attributes:
        function: row_number, rank, dense_rank, lag, lead, count, sum, mean, min or max.
        partition: what divides the unit's rows further.
        is_by_row: whether the order among equal rows matters; then the unit's stored order decides.
        offset: how many rows LAG and LEAD look away.
    """

    function: str
    arg: Expr | None
    partition: tuple[Expr, ...]
    order: tuple[Order, ...]
    type: Type
    is_by_row: bool = False
    offset: int = 0

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Return every expression it reads."""
        args = () if self.arg is None else (self.arg,)
        return (*args, *self.partition, *(one.expression for one in self.order))


@dataclass(frozen=True, slots=True)
class Windowed:
    """The same rows with windows computed over the rows of each unit by itself.

    Every new value is a function of its unit's rows alone, and there are as many rows as before, so without a unit the
    rows of all others are what they were: a per-unit map, whose caps are those of `rows`.
    """

    id: str
    rows: "Rows"
    columns: tuple[Named, ...]
    windows: tuple[tuple[str, Window], ...]


Source: TypeAlias = Scan | PerUnit | Union | Windowed


@dataclass(frozen=True, slots=True)
class Join:
    """`kind` is inner or left (the side before is preserved); unit = unit is implied between private sources.

    `is_lookup` says that every row before meets at most one row of the right side, which is `PerUnit` with each of its
    keys compared by equality: the join changes no count of rows.
    """

    kind: str
    right: Source
    on: tuple[Expr, ...]
    is_lookup: bool = False


@dataclass(frozen=True, slots=True)
class Semi:
    """Keeps the rows at which some row of `rows` meets all of `on` (semi), or none does (anti, not_in).

    Where `rows` is private, unit = unit is implied as between joined sources, so whether a row of a unit stays depends
    on that unit's own rows, public tables and constants alone. Rows are only left out, never multiplied, so every cap
    on one unit's rows holds after it as before: it changes neither the sensitivity nor the price of a question
    (SECURITY.md rule 9; a per-unit filter is 1-stable, McSherry 2009, PINQ, section 3.3).

    Attributes:
        kind: semi, anti, or not_in: NOT IN as SQL means it where a side may be NULL; for public `rows` alone.
        on: comparisons, each with the side before on the left and the side of `rows` on the right.
    """

    kind: str
    rows: "Rows"
    on: tuple[Call, ...]

    @property
    def is_hashed(self) -> bool:
        """Return whether equalities alone decide: then each row is looked up once, however many it could meet."""
        return all(one.function == "eq" for one in self.on)


@dataclass(frozen=True, slots=True)
class Rows:
    """Joined and filtered rows, each belonging to exactly one unit; inside a `Semi` also of public tables alone."""

    first: Source
    joins: tuple[Join, ...]
    where: tuple[Expr, ...]
    semis: tuple[Semi, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return all sources in join order."""
        return (self.first, *(join.right for join in self.joins))

    @property
    def multiplying(self) -> tuple[Source, ...]:
        """Return the sources whose rows make the joined rows: all but those that are looked up."""
        return (self.first, *(join.right for join in self.joins if not join.is_lookup))


def is_private(source: Source) -> bool:
    """Return whether rows of the source belong to units."""
    return not isinstance(source, Scan) or not source.table.is_public


def inside(source: Source) -> tuple[Rows, ...]:
    """Return the relations a source is made from; none for a table."""
    match source:
        case Scan():
            return ()
        case PerUnit() | Windowed():
            return (source.rows,)
        case Union():
            return tuple(branch.rows for branch in source.branches)


def has_units(rows: Rows) -> bool:
    """Return whether rows belong to units; only a `Semi` may hold rows that do not."""
    return any(is_private(source) for source in rows.sources)


def scans(rows: Rows) -> Iterator[Scan]:
    """Yield every scan below, those inside per-unit aggregates and semi joins included."""
    for source in rows.sources:
        if isinstance(source, Scan):
            yield source
        for rows_inside in inside(source):
            yield from scans(rows_inside)
    for semi in rows.semis:
        yield from scans(semi.rows)


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows around one that a window reads.

    Attributes:
        unit: rows, or range: then rows equal in the window's order stand or fall together.
        start, end: distance in rows, negative before the row, 0 the row itself; None is unbounded.
    """

    unit: str
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class ReleasedWindow:
    """A function over released rows around each; its expressions are over #key and #agg references."""

    function: str
    args: tuple[Expr, ...]
    partition: tuple[Expr, ...]
    order: tuple[Order, ...]
    frame: Frame
    type: Type

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Return every expression it reads."""
        return (*self.args, *self.partition, *(o.expression for o in self.order))


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
    gate: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One question: aggregates over rows by keys, then arithmetic over the released values.

    Without aggregates it asks which keys there are.

    Attributes:
        text: the SELECT as it was sent.
        keys: grouping expressions over the rows.
        aggregates: distinct aggregates that must be measured, in order of first use.
        outputs: what is returned, over #key, #agg and #win references.
        having, order, limit, offset: post-processing over the same references.
        windows: functions over the released rows, computed after HAVING.
        qualify: condition on rows once the windows are known.
        levels: the sets of keys (by index) of ROLLUP, CUBE or GROUPING SETS, in order; empty is all keys at once.
        is_distinct: rows equal in every output are shown once.
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
    windows: tuple[ReleasedWindow, ...] = ()
    qualify: Expr | None = None
    is_distinct: bool = False
    levels: tuple[tuple[int, ...], ...] = ()

    @property
    def released(self) -> tuple[Expr, ...]:
        """Return every expression that is computed for the rows of the answer."""
        conditions = tuple(one for one in (self.having, self.qualify) if one is not None)
        windows = tuple(one for window in self.windows for one in window.expressions)
        shown = tuple(named.expression for named in self.outputs)
        return (*shown, *(order.expression for order in self.order), *conditions, *windows)


def key_ref(index: int, expression: Expr) -> ColumnRef:
    """Return a reference to released key `index`."""
    reach = expression.reach if expression.type.kind is Kind.NUMBER else Range()
    return ColumnRef("#key", str(index), expression.type, reach=reach, nullable=True)


def grouping_ref(index: int) -> ColumnRef:
    """Return a reference to whether key `index` is added up in a row: 1 or 0, as GROUPING gives it."""
    bit = Range(Fraction(0), Fraction(1))
    return ColumnRef("#set", str(index), INTEGER, bit, bit, nullable=False)


def aggregate_ref(index: int, kind: Type = INTEGER, source: str = "#agg") -> ColumnRef:
    """Return a reference to released aggregate `index`, or with another source to its interval, noise or a window."""
    reach = Range(
        -(2**40) * kind.step, 2**40 * kind.step
    )  # nominal: arithmetic over released values is exact
    return ColumnRef(source, str(index), kind, Range(), reach, nullable=True)
