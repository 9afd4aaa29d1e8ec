"""When an answer without noise is the answer of plain SQL.

Looked past, because defined so: a declared key without rows is answered with 0 (plain SQL has no row); a sum over no
rows is 0 (plain SQL: NULL); DATE_TRUNC of a date is a date (DuckDB: midnight).
Everything else is equal, exactly for counts and sums of exact numbers, and within:

* AVG: half a hundredth of the grid of what is averaged;
* sums of doubles: a millionth per row, here 1e-3;
* VAR, STDDEV, COVAR, CORR, REGR_SLOPE: 1e-6 of the value, or 1e-9 where it is almost 0;
* quantiles, MIN and MAX: one leaf of the histogram less one grid step, so nothing where a leaf is one step wide;
* ends of intervals and the noise: two grid steps, because the price leaves that much noise;
* arithmetic over aggregates: the sum of the above, or 1e-9 of the value.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jali.model.types import Kind
from jali.plan.answer import Rows
from jali.plan.exact import Group
from jali.plan.private import Measured, PrivatePlan
from jali.sql.aggregates import PAIRS, QUANTILES, SPREADS
from jali.sql.tree import ColumnRef, Expr, columns_of

_REAL = 1e-3
_SPREAD = 1e-6
_MOST_NOISE = 2


@dataclass(frozen=True, slots=True)
class Slack:
    """How far a value may be off: absolutely, and as a share of itself."""

    absolute: float = 0.0
    relative: float = 0.0

    def __add__(self, other: "Slack") -> "Slack":
        return Slack(self.absolute + other.absolute, self.relative + other.relative)


def slack_of(measured: Measured) -> Slack:
    """Return the stated tolerance of one aggregate."""
    aggregate = measured.aggregate
    if aggregate.kind in SPREADS | PAIRS:
        return Slack(1e-9, _SPREAD)
    if aggregate.kind in QUANTILES:
        return _slack_of_rank(measured)
    is_real = aggregate.arg is not None and aggregate.arg.type.kind is Kind.REAL
    if aggregate.kind == "mean":
        return Slack(float(aggregate.type.step) / 2 + (_REAL if is_real else 0.0), 1e-12)
    return Slack(_REAL) if aggregate.kind == "sum" and is_real else Slack()


def _slack_of_rank(measured: Measured) -> Slack:
    group = measured.noise.group
    assert isinstance(group, Group)
    assert group.tree is not None
    leaf = group.tree.width * group.statistics[0][0].step
    within = measured.aggregate.type.step if measured.aggregate.kind == "quantile_cont" else 0
    return Slack(float(leaf - group.statistics[0][0].step + within))


def slacks(plan: PrivatePlan) -> list[Slack]:
    """Return the tolerance of every output column."""
    found: list[Slack] = []
    for output in plan.cleared.query.outputs:
        refs = [c for c in columns_of(output.expression) if c.source != "#key"]
        slack = sum((_slack_of_ref(plan, c) for c in refs), Slack())
        is_plain = len(refs) == 1 and refs[0] == output.expression
        found.append(slack if is_plain or not refs else slack + Slack(1e-9, 1e-9))
    return found


def _slack_of_ref(plan: PrivatePlan, ref: ColumnRef) -> Slack:
    ends = Slack() if ref.source == "#agg" else Slack(float(_MOST_NOISE * ref.type.step))
    return slack_of(plan.measured[int(ref.name)]) + ends


def label(value: Any) -> Any:
    """Return a key as it is shown, whoever shows it."""
    if value is None:
        return "(null)"
    if isinstance(value, dt.date):
        value = str(value)
    if isinstance(value, bool | str):
        return value.removesuffix(" 00:00:00") if isinstance(value, str) else value
    return Fraction(value).limit_denominator(10**9)


def _is_of_keys(expression: Expr) -> bool:
    return all(c.source == "#key" for c in columns_of(expression))


def _split(rows: Sequence[Sequence[Any]], is_key: list[bool]) -> list[tuple[Any, list[Any]]]:
    return [
        (
            tuple(label(v) for v, key in zip(row, is_key, strict=True) if key),
            [v for v, key in zip(row, is_key, strict=True) if not key],
        )
        for row in rows
    ]


def difference(plan: PrivatePlan, got: Rows, plainly: Sequence[Sequence[Any]], *, is_ordered: bool) -> str:
    """Return the first difference in words; empty where both are the same."""
    is_key = [_is_of_keys(o.expression) for o in plan.cleared.query.outputs]
    slack = [s for s, key in zip(slacks(plan), is_key, strict=True) if not key]
    ours, theirs = _split(got.rows, is_key), _split(plainly, is_key)
    if len(dict(theirs)) == len(theirs) and len(dict(ours)) == len(ours):
        known = dict(theirs)
        ours = [(k, v) for k, v in ours if k in known or not all(_is_nothing(x) for x in v)]
    else:
        ours = [(k, v) for k, v in ours if not all(_is_nothing(x) for x in v)] or ours
    if not is_ordered:
        ours, theirs = sorted(ours, key=repr), sorted(theirs, key=repr)
    if [k for k, _ in ours] != [k for k, _ in theirs]:
        return f"keys {[k for k, _ in ours]} instead of {[k for k, _ in theirs]}"
    for (key, mine), (_, other) in zip(ours, theirs, strict=True):
        for value, wanted, most in zip(mine, other, slack, strict=True):
            if not _is_same(value, wanted, most):
                return f"at {key}: {value!r} instead of {wanted!r}"
    return ""


def _is_nothing(value: Any) -> bool:
    return value is None or value == 0


def _is_same(value: Any, wanted: Any, most: Slack) -> bool:
    if wanted is None or (isinstance(wanted, float) and not math.isfinite(wanted)):
        return _is_nothing(value)
    if value is None:
        return False
    if isinstance(wanted, dt.date | str | bool):
        return bool(label(value) == label(wanted))
    if not isinstance(value, int | float | Decimal):
        return False
    off = abs(Fraction(value) - Fraction(wanted))
    return off <= Fraction(most.absolute) + Fraction(most.relative) * abs(Fraction(wanted))
