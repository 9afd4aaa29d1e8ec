"""Rows while an answer is finished: keys and released cells, their values for evaluation, and their order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from jali.model.release import Value
from jali.plan.cell import Cell
from jali.sql import evaluate
from jali.sql.tree import ColumnRef, Expr, Order


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an answer before its outputs are computed.

    Attributes:
        keys: for evaluation; None for NULL and for values outside a declared domain.
        labels: the keys as they are shown.
        added_up: for each key whether the row adds up over it; its value and label are None then.
        windows: values of the query's windows, once they are known.
    """

    keys: tuple[evaluate.Value, ...]
    labels: tuple[Value, ...]
    cells: tuple[Cell, ...]
    windows: tuple[evaluate.Value, ...] = ()
    added_up: tuple[bool, ...] = ()


def value_of(expression: Expr, row: Row) -> evaluate.Value:
    """Return the value of an expression over released values at a row."""
    return evaluate.evaluate(expression, _values(row))


def _values(row: Row) -> Mapping[tuple[str, str], evaluate.Value]:
    found: dict[tuple[str, str], evaluate.Value] = {("#key", str(i)): v for i, v in enumerate(row.keys)}
    for i, cell in enumerate(row.cells):
        for part, value in (("#agg", cell.value), ("#low", cell.low), ("#high", cell.high)):
            found[part, str(i)] = float(value) if value is not None and cell.is_real else value
        found["#sd", str(i)] = cell.sd
    for i, is_added_up in enumerate(row.added_up):
        found["#set", str(i)] = Fraction(is_added_up)
    for i, window in enumerate(row.windows):
        found["#win", str(i)] = window
    return found


def identity(expression: Expr, row: Row) -> object:
    """Return what tells rows apart by an expression: values outside a declared domain are no NULL of the data."""
    if isinstance(expression, ColumnRef) and expression.source == "#key":
        index = int(expression.name)
        return row.keys[index], row.labels[index]
    return value_of(expression, row)


def ordered(rows: list[Row], order: Iterable[Order]) -> list[Row]:
    """Return rows in an order; equals stay as they were."""
    for one in reversed(tuple(order)):
        rows = _by(rows, one)
    return rows


def _by(rows: list[Row], order: Order) -> list[Row]:
    keyed = [(value_of(order.expression, r), r) for r in rows]
    nulls = [r for v, r in keyed if v is None]
    present = [(v, r) for v, r in keyed if v is not None]
    found = [
        r for _, r in sorted(present, key=lambda pair: pair[0], reverse=order.descending)
    ]  # one type each  # pyright: ignore[reportArgumentType]
    return nulls + found if order.nulls_first else found + nulls
