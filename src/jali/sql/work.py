"""How much work a query does for one joined row, from its text and the contract alone.

No unit may decide whether a question meets its deadline (SECURITY.md rule 29), so what one row costs is bounded here
and how many rows a unit has in `sql.caps`; `plan.build` bounds the product. Measured on one core of 2026: a function
of numbers takes up to 0.2 us a row, a function of text up to 20 ns a character.
"""

from collections.abc import Iterator
from fractions import Fraction

from jali.model.schema import DEFAULT_LENGTH
from jali.model.types import Kind
from jali.sql.tree import (
    Call,
    ColumnRef,
    Expr,
    Literal,
    PerUnit,
    Query,
    Range,
    Rows,
    Scan,
    Source,
    Union,
    Windowed,
    inside,
    walk,
)

MOST_CHARACTERS = 40_000
"""Most characters that functions of text read in one joined row."""

_WINDOW = 10
"""Functions of numbers that take as long as one window, whose rows are sorted: 0.8 us a row, measured at 100,000."""

_SORTED = 8
"""How often a text that rows are sorted or divided by is read, at most, where many of them begin alike."""

_BACKWARD = 8
"""How much longer a pattern with `_` behind a `%` takes than a plain one, at most."""

_LONGEST_NUMBER = 40
"""Characters of the longest whole number of 128 bits."""

_COMPARING = frozenset(
    {"eq", "ne", "lt", "le", "gt", "ge", "in", "is_null", "case", "coalesce", "least", "greatest"}
)
"""Functions that look at a text once or not at all; they count as functions of numbers do."""


def row_expressions(rows: Rows) -> Iterator[Expr]:
    """Yield every expression that is computed for the rows of a relation, those of its subqueries included."""
    yield from rows.where
    for join in rows.joins:
        yield from join.on
    for semi in rows.semis:
        yield from semi.on
        yield from row_expressions(semi.rows)
    for source in rows.sources:
        for rows_inside in inside(source):
            yield from row_expressions(rows_inside)
        yield from _source_expressions(source)


def _source_expressions(source: Source) -> Iterator[Expr]:
    match source:
        case Scan():
            return
        case Union():
            for branch in source.branches:
                yield from branch.columns
        case Windowed():
            yield from (c.expression for c in source.columns)
            yield from (e for _, window in source.windows for e in window.expressions)
        case PerUnit():
            yield from (k.expression for k in source.keys)
            yield from (e for _, a in source.aggregates for e in a.expressions)
            if source.having is not None:
                yield source.having


def computed(query: Query) -> Iterator[Expr]:
    """Yield every expression that is computed for rows: keys, aggregates and the relation."""
    yield from (k.expression for k in query.keys)
    yield from (e for a in query.aggregates for e in a.expressions)
    yield from row_expressions(query.rows)


def calls_of(query: Query) -> int:
    """Return how many functions are computed for one row.

    A window counts as ten and one for each expression it reads; a source, what it passes on, a key and an aggregate as
    one each.
    """
    calls = sum(isinstance(one, Call) for expression in computed(query) for one in walk(expression))
    return calls + len(query.aggregates) + _steps(query.rows)


def _steps(rows: Rows) -> int:
    """Return what the windows, aggregates and sources of a relation cost for one row, in functions of numbers."""
    found = sum(1 + _steps(semi.rows) for semi in rows.semis)
    for source in rows.sources:
        found += 1 + sum(_steps(rows_inside) for rows_inside in inside(source))
        if isinstance(source, Windowed):
            found += len(source.columns)
            found += sum(_WINDOW + len(window.expressions) for _, window in source.windows)
        if isinstance(source, Union):
            found += len(source.names) * len(source.branches)
        if isinstance(source, PerUnit):
            found += len(source.keys) + len(source.aggregates)
    return found


def characters_of(query: Query) -> int:
    """Return how many characters functions of text read in one row at most."""
    read = sum(
        _read_by(one) for expression in computed(query) for one in walk(expression) if isinstance(one, Call)
    )
    return read + _SORTED * sum(length_of(e) for e in _sorted_by(query.rows) if e.type.kind is Kind.TEXT)


def _sorted_by(rows: Rows) -> Iterator[Expr]:
    """Yield what the windows of a relation, at any depth, sort and divide rows by."""
    for source in rows.sources:
        for rows_inside in inside(source):
            yield from _sorted_by(rows_inside)
        if isinstance(source, Windowed):
            for _, window in source.windows:
                yield from (*window.partition, *(order.expression for order in window.order))
    for semi in rows.semis:
        yield from _sorted_by(semi.rows)


def _read_by(call: Call) -> int:
    if call.function in _COMPARING:
        return 0
    read = sum(length_of(a) for a in call.args if a.type.kind is Kind.TEXT and not isinstance(a, Literal))
    if call.function == "replace":
        return max(read, length_of(call))
    if call.function in {"like", "ilike"}:
        _, _, behind = str(call.parameters[0]).partition("%")
        return read * (_BACKWARD if "_" in behind else 1)
    return read


def _digits(reach: Range) -> int:
    """Return the longest text of a whole number."""
    return max(
        (len(str(int(end))) for end in (reach.low, reach.high) if end is not None), default=_LONGEST_NUMBER
    )


def text_length(expression: Expr) -> int | None:
    """Return the longest text of an expression that a subquery passes on; None for all else."""
    return length_of(expression) if expression.type.kind is Kind.TEXT else None


def length_of(expression: Expr) -> int:
    """Return the longest text an expression can give, in characters.

    Example:
        >>> from jali.model.types import TEXT
        >>> length_of(Call("lower", (ColumnRef("t1", "x", TEXT),), TEXT))
        256
    """
    if isinstance(expression, ColumnRef):
        declared = expression.column.max_length if expression.column is not None else DEFAULT_LENGTH
        return declared if expression.longest is None else expression.longest
    if isinstance(expression, Literal):
        return len(str(expression.value)) if expression.value is not None else 0
    lengths = [length_of(a) for a in expression.args if a.type.kind is Kind.TEXT]
    match expression.function:
        case "left" | "substring":
            cut = expression.parameters[-1]
            return min([*lengths, max(0, int(cut))] if isinstance(cut, Fraction) else lengths)
        case "case" | "coalesce" | "least" | "greatest":
            return max(lengths, default=DEFAULT_LENGTH)
        case "replace":
            old, new = (len(str(p)) for p in expression.parameters)
            return max(sum(lengths), sum(lengths) // old * new + sum(lengths) % old)
        case "to_text":
            return _digits(expression.args[0].reach)
        case _:
            return sum(lengths)
