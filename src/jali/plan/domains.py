"""Which keys a grouping has: declared ones, derived from declared ones, or none (then they are selected privately).

A derived domain is the image of the declared domains of the columns in the expression, or the finite range of a
whole-number expression. It is never "the values seen".
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import product
from types import MappingProxyType
from typing import TypeAlias

from jali.model.codes import DomainTooLarge
from jali.model.schema import Column, KeyValue, ListedDomain, PublicDomain
from jali.model.types import BOOLEAN, Kind, Type
from jali.plan.exact import Key
from jali.sql import evaluate
from jali.sql.dates import ends_of
from jali.sql.intervals import step_of
from jali.sql.moments import shifted
from jali.sql.tree import Call, ColumnRef, Expr, Literal, Named, columns_of, walk

PublicValues: TypeAlias = Callable[[str, str], tuple[KeyValue, ...]]
MOST_IMAGES = 400_000
"""Most functions computed to derive the keys of an expression from declared domains: 2 s at 5 us each."""


def key_of(
    named: Named,
    public_values: PublicValues,
    max_rows: int,
    public_sources: Mapping[str, str] = MappingProxyType({}),
) -> Key:
    """Return the grouping key with its declared values, if it has any.

    Args:
        named: the grouping expression.
        public_values: lists the distinct values of a column of a public table.
        max_rows: `output.maxRows`.
        public_sources: tables by the ids of the scans of public ones: their own values are their whole domain.

    Raises:
        DomainTooLarge: if the declared values are more than `max_rows`.
    """
    expression = named.expression
    found = _derive(expression, public_values, max_rows)
    if found is None:
        return Key(named.name, expression, expression.type, None)
    values, is_complete = found
    is_complete = is_complete or _is_own_domain(expression, public_sources)
    if len(values) > max_rows:
        raise DomainTooLarge(
            f"{named.name} has {len(values)} declared keys; at most {max_rows} are answered",
            hint="group by a coarser expression",
        )
    return Key(named.name, expression, expression.type, values, not is_complete, expression.nullable)


def _derive(
    expression: Expr, public_values: PublicValues, max_rows: int
) -> tuple[tuple[KeyValue, ...], bool] | None:
    if expression.type == BOOLEAN:
        return (False, True), True
    constants = _constants(expression)
    if constants is not None:
        return constants, True
    image = _image(expression, public_values)
    if image is not None:
        is_complete = all(c.constants is not None for c in columns_of(expression))
        return image, is_complete or _covers(expression, image)
    return _starts(expression, max_rows) or _finite_range(expression, max_rows)


def _starts(expression: Expr, max_rows: int) -> tuple[tuple[KeyValue, ...], bool] | None:
    """Return the starts of the months, weeks or other spans of time in a range of dates; None if they are too many."""
    step, ends = step_of(expression), ends_of(expression.range, expression.type.kind)
    if step is None or ends is None:
        return None
    now, last = (e if isinstance(e, dt.datetime) else dt.datetime.combine(e, dt.time()) for e in ends)
    found: list[KeyValue] = []
    while now <= last and len(found) <= max_rows:
        found.append(to_key(now if expression.type.kind is Kind.TIMESTAMP else now.date(), expression.type))
        following = shifted(now, step.months, step.microseconds)
        if following is None:
            break
        now = following
    return (tuple(found), False) if len(found) <= max_rows else None


def _is_own_domain(expression: Expr, public_sources: Mapping[str, str]) -> bool:
    """Return whether every column in the expression is read from the public table that lists its domain."""
    return all(
        c.column is not None
        and isinstance(c.column.domain, PublicDomain)
        and c.column.domain.table.lower() == public_sources.get(c.source, "").lower()
        and c.column.domain.column.lower() == c.name.lower()
        for c in columns_of(expression)
    )


def _constants(expression: Expr) -> tuple[KeyValue, ...] | None:
    """Return the values of a CASE whose branches are all constants."""
    if not (isinstance(expression, Call) and expression.function == "case"):
        return None
    branches = [*expression.args[1:-1:2], expression.args[-1]]
    if not all(isinstance(b, Literal) for b in branches):
        return None
    values = [to_key(evaluate.literal_value(b), expression.type) for b in branches if isinstance(b, Literal)]
    return tuple(dict.fromkeys(v for v in values if v is not None))


def domain_of(column: Column, public_values: PublicValues) -> tuple[KeyValue, ...] | None:
    """Return the declared values of a column; None where keys are selected or nothing is declared."""
    match column.domain:
        case ListedDomain(values):
            return values
        case PublicDomain(table, name):
            return public_values(table, name)
        case _:
            return None


def domain_size(column: Column, public_values: PublicValues) -> int | None:
    """Return how many values a column is declared to have; None where nothing says so."""
    listed = domain_of(column, public_values)
    if listed is not None:
        return len(listed)
    if column.bounds is None:
        return None
    return int((column.bounds.upper - column.bounds.lower) / column.bounds.resolution) + 1


def _image(expression: Expr, public_values: PublicValues) -> tuple[KeyValue, ...] | None:
    columns = columns_of(expression)
    if not columns:
        return None
    domains: list[tuple[KeyValue, ...]] = []
    size = 1
    for reference in columns:
        values = _values_of(reference, public_values)
        if values is None:
            return None
        if isinstance(expression, ColumnRef):
            return values
        domains.append((*values, None) if reference.nullable else values)
        size *= max(1, len(domains[-1]))
    if size * sum(1 for _ in walk(expression)) > MOST_IMAGES:
        return None
    return _image_over(_Over(repr(expression), tuple(domains), expression, columns))


def _values_of(reference: ColumnRef, public_values: PublicValues) -> tuple[KeyValue, ...] | None:
    """Return the constants of a column made by UNION ALL, or the declared values of a stored one."""
    if reference.constants is not None:
        kind = reference.type
        literals = [Literal(value, kind) for value in reference.constants]
        return tuple(to_key(evaluate.literal_value(literal), kind) for literal in literals)
    return domain_of(reference.column, public_values) if reference.column is not None else None


@dataclass(frozen=True, slots=True)
class _Over:
    """An expression over declared values; equal where the text of its whole tree is."""

    tree: str
    domains: tuple[tuple[KeyValue, ...], ...]
    expression: Expr = field(compare=False)
    columns: tuple[ColumnRef, ...] = field(compare=False)


@lru_cache(maxsize=256)
def _image_over(over: _Over) -> tuple[KeyValue, ...]:
    """Return the values an expression takes; kept, because every question of a dashboard asks for the same ones."""
    return tuple(dict.fromkeys(v for v in _images(over) if v is not None))


def _images(over: _Over) -> Iterator[KeyValue]:
    for choice in product(*over.domains):
        values = {
            (c.source, c.name): from_key(value, c.type) for c, value in zip(over.columns, choice, strict=True)
        }
        yield to_key(evaluate.evaluate(over.expression, values), over.expression.type)


def _covers(expression: Expr, values: tuple[KeyValue, ...]) -> bool:
    """Return whether every value the expression can have is among `values`."""
    reach = expression.reach
    if expression.type.kind is not Kind.NUMBER or reach.low is None or reach.high is None:
        return False
    count = (reach.high - reach.low) / expression.type.step + 1
    return count <= len(values) and {int(v) for v in values if v is not None} >= {
        int(reach.low / expression.type.step) + i for i in range(int(count))
    }


def _finite_range(expression: Expr, max_rows: int) -> tuple[tuple[KeyValue, ...], bool] | None:
    low, high = expression.range.low, expression.range.high
    if any(isinstance(one, Call) and one.function == "length" for one in walk(expression)):
        return None  # how long a text may be is a limit, not a list of lengths
    if expression.type.kind is not Kind.NUMBER or low is None or high is None:
        return None
    step = expression.type.step
    first, last = -((-low / step).__floor__()), (high / step).__floor__()
    if last - first + 1 > max_rows:
        return None
    values = tuple(range(first, last + 1))
    return values, _covers(expression, values)


def from_key(value: KeyValue, type_: Type) -> evaluate.Value:
    """Return a stored key as a Python value: exact fraction, date, timestamp, text or truth value."""
    if value is None or isinstance(value, bool):
        return value
    match type_.kind:
        case Kind.NUMBER:
            return Fraction(int(value)) * type_.step
        case Kind.DATE:
            return dt.date.fromisoformat(str(value))
        case Kind.TIMESTAMP:
            return dt.datetime.fromisoformat(str(value))
        case _:
            return str(value)


def to_key(value: evaluate.Value, type_: Type) -> KeyValue:
    """Return a Python value as a stored key; numbers become whole steps."""
    match value:
        case None | bool() | str():
            return value
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dt.date():
            return value.isoformat()
        case _:
            steps = Fraction(value) / type_.step
            return steps.numerator if steps.denominator == 1 else None
