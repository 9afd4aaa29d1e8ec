"""What FROM is read into: relations under construction, their columns, and conditions joined by AND."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from sqlglot import exp

from jali.model.codes import Unsupported
from jali.model.errors import JaliError, Place
from jali.model.schema import Catalog, Column, ListedDomain, Table
from jali.model.types import BOOLEAN, Kind
from jali.sql import dates, ranges, typed
from jali.sql.expressions import Translator
from jali.sql.scope import place_of
from jali.sql.tree import Call, ColumnRef, Expr, Join, Range, Rows, Scan, Semi, Source

MOST_RELATIONS = 60
"""Most relations of a whole query, common table expressions counted where they are used."""

IDENTIFIERS = frozenset({Kind.UNIT, Kind.IDENTIFIER})


@dataclass(slots=True)
class Context:
    """What is known while one text is read: the catalogue, the common table expressions, and the next free id."""

    catalog: Catalog
    text: str
    ctes: dict[str, exp.Expression] = field(default_factory=dict[str, exp.Expression])
    active: tuple[str, ...] = ()
    counter: list[int] = field(default_factory=lambda: [0])

    def fresh(self) -> str:
        """Return a new source id.

        Raises:
            Unsupported: above `MOST_RELATIONS`.
        """
        self.counter[0] += 1
        if self.counter[0] > MOST_RELATIONS:
            raise Unsupported(f"the query uses more than {MOST_RELATIONS} relations", hint="simplify it")
        return f"t{self.counter[0]}"


@dataclass(slots=True)
class Part:
    """A flattened relation under construction: sources in join order, and conditions not yet placed."""

    first: Source
    joins: list[Join]
    conditions: list[Expr]
    columns: dict[str, Expr]
    is_plain: bool = True
    places: dict[str, Place | None] = field(default_factory=dict[str, "Place | None"])
    semis: list[Semi] = field(default_factory=list[Semi])

    @property
    def sources(self) -> tuple[Source, ...]:
        """Return the sources read so far, in join order."""
        return (self.first, *(join.right for join in self.joins))

    @property
    def rows(self) -> Rows:
        """Return the relation of a subquery, whose conditions are all placed."""
        return Rows(self.first, tuple(self.joins), tuple(self.conditions), tuple(self.semis))

    def placed(self, error: JaliError, source: Source) -> JaliError:
        """Return the error at the place where a source stands in the text, if it has none yet."""
        error.place = error.place or self.places.get(source.id)
        return error


def range_of_column(table: Table, name: str) -> Range:
    """Return the declared bounds of a column as a range: of a date those of its declared list."""
    column = table.column(name)
    if column is not None and column.type.kind is Kind.DATE:
        return _range_of_dates(column)
    if column is None or column.bounds is None:
        return Range()
    return Range(column.bounds.lower, column.bounds.upper)


def _range_of_dates(column: Column) -> Range:
    """Return the first to the last declared date, with the days behind the last one as far as the widest gap before it.

    A list of the starts of months stands for whole months.
    """
    if not isinstance(column.domain, ListedDomain):
        return Range()
    days = sorted(dates.days_of(dt.date.fromisoformat(str(v))) for v in column.domain.values)
    gap = max((b - a for a, b in pairwise(days)), default=Fraction(1))
    return Range(days[0], days[-1] + gap - 1) if days else Range()


def scan(table: Table, source_id: str) -> Part:
    """Return a table as a relation with one expression per declared column."""
    columns: dict[str, Expr] = {
        c.name.lower(): ColumnRef(
            source_id,
            c.name,
            c.type,
            range_of_column(table, c.name),
            ranges.reach_of(c.type),
            not c.required and c.type.kind is not Kind.UNIT,  # rows without a unit never land
            c,
            c.per_unit_upper,
        )
        for c in table.columns
    }
    return Part(Scan(source_id, table), [], [], columns)


def conjuncts(node: exp.Expression | None) -> Iterator[exp.Expression]:
    """Yield the parts of a condition joined by AND."""
    waiting = [node] if node is not None else []
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, exp.Paren):
            waiting.insert(0, one.this)
        elif isinstance(one, exp.And):
            waiting[:0] = [one.this, one.expression]
        else:
            yield one


def equated(left: Expr, right: Expr) -> Expr:
    """Return left = right; two identifiers of one kind may be compared, which is a join condition and nothing else."""
    if left.type.kind in IDENTIFIERS and left.type == right.type:
        return Call("eq", (left, right), BOOLEAN)
    return typed.compare("eq", left, right)


def condition(translate: Translator, node: exp.Expression) -> Expr:
    """Return one conjunct; an equality of two identifiers is a join condition and nothing else."""
    if (
        isinstance(node, exp.EQ)
        and isinstance(node.this, exp.Column)
        and isinstance(node.expression, exp.Column)
    ):
        left, right = translate(node.this), translate(node.expression)
        if left.type.kind in IDENTIFIERS and left.type == right.type:
            return equated(left, right)
    found = translate(node)
    if found.type.kind is not Kind.BOOLEAN:
        raise Unsupported(
            "a condition must be true or false",
            hint="compare it with something",
            place=place_of(node, translate.text),
        )
    return found
