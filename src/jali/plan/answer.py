"""From noisy totals to rows: read off the aggregates, intervals, then HAVING, windows, ORDER BY, LIMIT, arithmetic.

All of it is post-processing: it sees noisy totals and public parameters only, so it costs nothing and may be run
again over kept totals.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist

from jali.model.release import Note, OutputColumn, Value
from jali.model.types import Kind, decimal_places
from jali.plan.cell import SUPPRESSED, Cell
from jali.plan.choice import rank_weights
from jali.plan.domains import from_key
from jali.plan.exact import AutoClip, Group, Key, declared_keys
from jali.plan.levels import Lines, measured_lines, with_levels
from jali.plan.noisy import Noisy
from jali.plan.private import Measured, PrivatePlan
from jali.plan.ranks import read_rank
from jali.plan.rows import Row, identity, ordered, value_of
from jali.plan.spread import read_spread
from jali.plan.windows import with_windows
from jali.sql import evaluate
from jali.sql.aggregates import PAIRS, QUANTILES, SPREADS
from jali.sql.show import in_words
from jali.sql.tree import Call, ColumnRef, Expr, Named, columns_of


@dataclass(frozen=True, slots=True)
class Rows:
    """The finished rows of an answer; every field has one entry per row and output column."""

    columns: tuple[OutputColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    intervals: tuple[tuple[tuple[Value, Value] | None, ...], ...]
    noise_sd: tuple[tuple[float | None, ...], ...]
    unclamped: tuple[tuple[Value, ...], ...]
    notes: tuple[Note, ...]


def finish(plan: PrivatePlan, noisy: Noisy) -> Rows:
    """Return the rows of an answer in the query's order; canonical order where it gives none."""
    return finish_lines(plan, measured_lines(noisy.keys, noisy.totals(), noisy.norms))


def finish_lines(plan: PrivatePlan, measured: Lines) -> Rows:
    """Return the rows of an answer whose measured lines may themselves add up cells of a kept release."""
    query = plan.cleared.query
    lines = with_levels(measured, plan.exact.keys, query.levels)
    found = [_row(plan, lines, i) for i in range(len(lines.keys))]
    if query.having is not None:
        found = [r for r in found if value_of(query.having, r) is True]
    found = with_windows(found, query.windows)
    if query.qualify is not None:
        found = [r for r in found if value_of(query.qualify, r) is True]
    found = ordered(found, query.order)
    if query.is_distinct:
        found = _distinct(found, query.outputs)
    end = None if query.limit is None else query.offset + query.limit
    found = found[query.offset : end]
    outputs = [o.expression for o in query.outputs]
    confidence = max(
        (m.noise.as_normal(plan.confidence) for m in plan.measured), default=float(plan.confidence)
    )
    shown = [[_shown(o, r, confidence) for o in outputs] for r in found]
    return Rows(
        columns=columns_of_answer(plan, lines),
        rows=tuple(tuple(s.value for s in row) for row in shown),
        intervals=tuple(tuple(s.interval for s in row) for row in shown),
        noise_sd=tuple(tuple(s.sd for s in row) for row in shown),
        unclamped=tuple(tuple(s.raw for s in row) for row in shown),
        notes=(*plan.notes, *_few_units(plan, measured), *_notes(plan, lines, found)),
    )


def listed(plan: PrivatePlan) -> Rows:
    """Return the answer to a question about declared keys alone; it follows from the plan."""
    return finish_lines(plan, measured_lines(tuple(declared_keys(plan.exact)), {}, {}))


def _distinct(rows: list[Row], outputs: tuple[Named, ...]) -> list[Row]:
    """Return the first of the rows that are equal in every output."""
    seen: dict[tuple[object, ...], Row] = {}
    for row in rows:
        seen.setdefault(tuple(identity(o.expression, row) for o in outputs), row)
    return list(seen.values())


def _row(plan: PrivatePlan, noisy: Lines, index: int) -> Row:
    added_up = noisy.added_up[index]
    parts = [
        (None, None) if is_added_up else _key_part(key, part)
        for key, part, is_added_up in zip(plan.exact.keys, noisy.keys[index], added_up, strict=True)
    ]
    cells = _without_small(plan, [_cell(plan, m, noisy, index) for m in plan.measured])
    return Row(tuple(p[0] for p in parts), tuple(p[1] for p in parts), tuple(cells), added_up=added_up)


def _without_small(plan: PrivatePlan, cells: list[Cell]) -> list[Cell]:
    """Suppress a row that measures fewer than minUnitsPerKey units, and a filtered unit count below it by itself."""
    if plan.min_units <= 1 or plan.exact.needs_selection:
        return cells
    small = [
        _counts_units(plan, m) and c.raw is not None and c.raw < plan.min_units
        for m, c in zip(plan.measured, cells, strict=True)
    ]
    if any(s and m.aggregate.where is None for s, m in zip(small, plan.measured, strict=True)):
        return [SUPPRESSED] * len(cells)
    return [SUPPRESSED if s else c for s, c in zip(small, cells, strict=True)]


def _counts_units(plan: PrivatePlan, measured: Measured) -> bool:
    """Return whether an aggregate counts units per key (SECURITY.md rule 16)."""
    return measured.counts_units or (measured.aggregate.kind == "count" and plan.exact.row_cap == 1)


def _key_part(key: Key, part: object) -> tuple[evaluate.Value, Value]:
    """Return a key part for evaluation and as it is shown."""
    value = part
    if key.values is not None:
        label = key.labels()[int(str(part))]
        if isinstance(label, tuple):
            return None, f"({label[0]})"
        value = label
    if value is None:
        return None, "(null)"
    if isinstance(value, bool):
        return value, value
    python = from_key(value if isinstance(value, int | str) else str(value), key.type)
    return python, to_output(python, key.expression)


def _cell(plan: PrivatePlan, measured: Measured, noisy: Lines, index: int) -> Cell:
    if measured.moments and measured.aggregate.kind != "mean":
        return read_spread(measured, noisy, index, measured.noise.as_normal(plan.confidence))
    if measured.aggregate.kind in QUANTILES:
        return read_rank(measured, noisy, index, float(plan.confidence))
    norm = noisy.norms.get(measured.noise.group.id)
    totals = [noisy.values[one][index] for one in measured.ids]
    scale = measured.noise.group.scale
    half = measured.noise.half_widths(plan.confidence, norm, noisy.cells[index])
    sds = measured.noise.sds(norm, noisy.cells[index])
    step = (
        measured.noise.group.statistics[0][0].step if isinstance(measured.noise.group, Group) else Fraction(1)
    )
    if measured.aggregate.kind == "mean":
        deviation, rows = (
            (measured.moments.index("x"), measured.moments.index("n")) if measured.moments else (0, 1)
        )
        two = (Fraction(totals[deviation], scale), Fraction(totals[rows], scale))
        return _mean(plan, measured, two, (sds[deviation], sds[rows]), deviation)
    raw = _round(Fraction(totals[0], scale) * step, measured.aggregate.type.step)
    grid = measured.aggregate.type.step
    low, high = _down(raw - half[0] * step, grid), -_down(-(raw + half[0] * step), grid)
    value = raw
    if plan.clamps_for_display and _is_never_negative(measured):
        value, low, high = max(raw, Fraction(0)), max(low, Fraction(0)), max(high, Fraction(0))
    return Cell(value, raw, low, high, sds[0] * float(step))


def _is_never_negative(measured: Measured) -> bool:
    group = measured.noise.group
    if measured.aggregate.kind != "sum" or not isinstance(group, Group):
        return True
    return (group.statistics[0][0].low or 0) >= 0


def _mean(
    plan: PrivatePlan,
    measured: Measured,
    totals: tuple[Fraction, Fraction],
    sds: tuple[float, float],
    place: int,
) -> Cell:
    """Return AVG = clamp(c + d / n, L, U); nothing where the noisy row count is below 2 standard deviations."""
    group = measured.noise.group
    deviation, rows = totals
    if not isinstance(group, Group) or rows < 2 * Fraction(sds[1]) or rows <= 0:
        return SUPPRESSED
    statistic = group.statistics[place][0]
    step = statistic.step
    low, high = (statistic.low or 0) * step, (statistic.high or 0) * step
    center = measured.center * step
    grid = measured.aggregate.type.step
    around = fieller(
        (float(deviation * step), float(rows)),
        (sds[0] * float(step), sds[1]),
        measured.noise.as_normal(plan.confidence),
    )
    quotient = deviation / rows * step
    value = _round(min(max(center + quotient, low), high), grid)
    ends = (low, high) if around is None else tuple(min(max(center + Fraction(x), low), high) for x in around)
    spread = math.hypot(sds[0] * float(step), float(quotient) * sds[1]) / float(rows)
    return Cell(value, _round(center + quotient, grid), _down(ends[0], grid), -_down(-ends[1], grid), spread)


def fieller(
    estimates: tuple[float, float], sds: tuple[float, float], confidence: float
) -> tuple[float, float] | None:
    """Return an interval for the ratio of two noisy values with independent noise; None where it is not bounded.

    Solves (x - m y)^2 <= z^2 (s_x^2 + m^2 s_y^2) for m.

    Source: Fieller, "Some Problems in Interval Estimation" (1954).

    Example:
        >>> low, high = fieller((10.0, 100.0), (1.0, 1.0), 0.95)
        >>> 0.07 < low < 0.1 < high < 0.13
        True
    """
    z = NormalDist().inv_cdf((1.0 + confidence) / 2.0)
    x, y = estimates
    a = y * y - z * z * sds[1] * sds[1]
    if a <= 0.0:
        return None
    c = x * x - z * z * sds[0] * sds[0]
    root = math.sqrt(max(0.0, x * x * y * y - a * c))
    return (x * y - root) / a, (x * y + root) / a


def _round(value: Fraction, grid: Fraction) -> Fraction:
    return round(value / grid) * grid


def _down(value: Fraction, grid: Fraction) -> Fraction:
    return math.floor(value / grid) * grid


@dataclass(frozen=True, slots=True)
class _Shown:
    value: Value
    interval: tuple[Value, Value] | None = None
    sd: float | None = None
    raw: Value = None


def _shown(expression: Expr, row: Row, confidence: float) -> _Shown:
    if isinstance(expression, ColumnRef) and expression.source == "#key":
        label = row.labels[int(expression.name)]
        return _Shown(label, raw=label)
    if isinstance(expression, ColumnRef) and expression.source == "#agg":
        cell = row.cells[int(expression.name)]
        value, raw = to_output(cell.value, expression), to_output(cell.raw, expression)
        if cell.value is None:
            return _Shown(None)
        return _Shown(
            value, (to_output(cell.low, expression), to_output(cell.high, expression)), cell.sd, raw
        )
    value = to_output(value_of(expression, row), expression)
    return _Shown(value, _ratio_interval(expression, row, confidence), raw=value)


def _ratio_interval(expression: Expr, row: Row, confidence: float) -> tuple[Value, Value] | None:
    """Return Fieller's interval for a plain ratio of two different aggregates; None for other arithmetic."""
    if not (isinstance(expression, Call) and expression.function == "divide"):
        return None
    parts = [a.args[0] if isinstance(a, Call) and a.function == "to_real" else a for a in expression.args]
    if not all(isinstance(p, ColumnRef) and p.source == "#agg" for p in parts) or parts[0] == parts[1]:
        return None
    cells = [row.cells[int(p.name)] for p in parts if isinstance(p, ColumnRef)]
    if any(c.raw is None or c.sd is None for c in cells):
        return None
    estimates = (float(cells[0].raw or 0), float(cells[1].raw or 0))
    return fieller(estimates, (cells[0].sd or 0.0, cells[1].sd or 0.0), confidence)


def to_output(value: evaluate.Value, expression: Expr) -> Value:
    """Return a value as it leaves: whole numbers as int, decimals as Decimal, dates as ISO text."""
    if isinstance(value, Fraction):
        if expression.type.kind is not Kind.NUMBER:
            return float(value)
        places = decimal_places(expression.type.step)
        rounded = round(value * 10**places)
        return rounded if places == 0 else Decimal(rounded).scaleb(-places)
    if value is None or isinstance(value, bool | str | float):
        return value
    return value.isoformat(sep=" ") if hasattr(value, "hour") else value.isoformat()  # type: ignore[call-arg]  # a date has no sep


_DERIVED = frozenset({"mean"}) | SPREADS | PAIRS | QUANTILES
"""Kinds whose noise differs from cell to cell."""


def columns_of_answer(plan: PrivatePlan, noisy: Lines | None = None) -> tuple[OutputColumn, ...]:
    """Return names, types and roles of the output; they come from the plan alone, the noise also from the norm."""
    return tuple(_column(plan, o.name, o.expression, noisy) for o in plan.cleared.query.outputs)


def _column(plan: PrivatePlan, name: str, expression: Expr, noisy: Lines | None) -> OutputColumn:
    kind = expression.type.sql_name()
    if isinstance(expression, ColumnRef) and expression.source == "#key":
        return OutputColumn(name, kind, "key")
    if not (isinstance(expression, ColumnRef) and expression.source == "#agg"):
        return OutputColumn(name, kind, "derived")
    measured = plan.measured[int(expression.name)]
    sd: float | None = None
    is_one = measured.aggregate.kind not in _DERIVED and (noisy is None or all(n == 1 for n in noisy.cells))
    is_one = is_one and not plan.cleared.query.levels
    if is_one and (noisy is not None or measured.noise.choice_nano_rho == 0):
        norm = noisy.norms.get(measured.noise.group.id) if noisy is not None else None
        step = (
            measured.noise.group.statistics[0][0].step
            if isinstance(measured.noise.group, Group)
            else Fraction(1)
        )
        sd = measured.noise.sds(norm)[0] * float(step)
    return OutputColumn(name, kind, "measure", measured.noise.mechanism, sd, _unit_of_measure(measured))


def _unit_of_measure(measured: Measured) -> str:
    if measured.aggregate.kind not in {"sum", "mean"} | QUANTILES or measured.aggregate.arg is None:
        return ""
    units = {c.column.unit_of_measure for c in columns_of(measured.aggregate.arg) if c.column is not None}
    units.discard("")
    return units.pop() if len(units) == 1 and isinstance(measured.aggregate.arg, ColumnRef) else ""


def _notes(plan: PrivatePlan, noisy: Lines, rows: list[Row]) -> Iterator[Note]:
    for measured in plan.measured:
        norm = noisy.norms.get(measured.noise.group.id)
        if norm is not None and isinstance(measured.noise.group, Group) and measured.noise.kept is None:
            yield Note("N307", _found_norm(measured, norm, plan.unit))
    if _adds_shown(plan):
        yield Note(
            "N308",
            "a window adds up values as they are shown; counts shown as 0 instead of below 0 raise its totals",
        )
    if any(cell.value is None for row in rows for cell in row.cells):
        yield Note(
            "N304",
            f"empty cells are too small to show: fewer than about {plan.min_units} {plan.unit}s, or too noisy",
        )


FEW_SCALES = 10
"""A choice among fewer units than this many of its scales may have found a bound far too small."""


def _few_units(plan: PrivatePlan, measured: Lines) -> Iterator[Note]:
    """Say so where the released totals are so small that the bound may rest on few units.

    A unit adds at most the bound C to the vector of totals T, so at least |T| / C units count (triangle inequality).
    |T| is estimated from the noisy totals, less the noise in their squares; nothing else is read.
    """
    for one in plan.measured:
        group, noise = one.noise.group, one.noise
        norm = measured.norms.get(group.id)
        if (
            norm is None
            or one.is_scaled
            or not isinstance(group, Group)
            or not isinstance(group.bound, AutoClip)
        ):
            continue
        scales = dict(zip(noise.ids, noise.scales(norm), strict=True))
        squares = sum(
            w * w * (float(v) ** 2 - cells * scales[i] ** 2)
            for i, w in zip(noise.ids, noise.weights, strict=True)
            for v, cells in zip(measured.values[i], measured.cells, strict=True)
        )
        units = math.sqrt(max(0.0, squares)) / (norm * group.scale)
        if units < FEW_SCALES * noise.choice_scale / max(rank_weights(group.bound.rank)):
            yield Note(
                "N313",
                f"{in_words(one.aggregate)}: this is as much as about {units:.2g} {plan.unit}s have at the bound; "
                "where so few count the bound may be far too low, and the answer with it",
            )


def _adds_shown(plan: PrivatePlan) -> bool:
    """Return whether a window adds up a measure that display rules move."""
    added = {
        int(c.name)
        for window in plan.cleared.query.windows
        if window.function in {"sum", "avg"}
        for c in columns_of(window.args[0])
        if c.source == "#agg"
    }
    return plan.clamps_for_display and any(
        m.aggregate.kind != "mean" and _is_never_negative(m)
        for i, m in enumerate(plan.measured)
        if i in added
    )


def _found_norm(measured: Measured, norm: int, unit: str) -> str:
    group = measured.noise.group
    statistic = group.statistics[0][0] if isinstance(group, Group) else None
    if measured.is_scaled or statistic is None:
        return f"{in_words(measured.aggregate)}: {unit}s with very many rows were scaled down (bound found privately)"
    shown = float(norm * statistic.step)
    return (
        f"{in_words(measured.aggregate)}: each {unit} counts up to {shown:,.10g} (found privately)".replace(
            ",", " "
        )
    )
