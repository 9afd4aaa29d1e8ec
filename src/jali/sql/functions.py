"""Functions built from others: each is a short expression of total parts, so it is total itself.

Makers check their arguments and return typed expressions; `RULES` says which sqlglot node asks for which.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from sqlglot import exp

from jali.model.codes import WrongType
from jali.model.types import INTEGER, REAL, TEXT, Kind
from jali.sql import dates, ranges, texts, typed
from jali.sql.evaluate import evaluate
from jali.sql.scope import all_of, only
from jali.sql.tree import Call, Expr, Literal, Range

MOST_BINS = 10_000
MOST_POWER = 8
MOST_EXPONENT = 690
"""e^690 is just below the largest double an expression may reach."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _whole(value: int) -> Literal:
    return typed.number(Fraction(value))


def name_of(part: str, names: tuple[str, ...], moment: Expr) -> Expr:
    """Return the English name of a month or weekday; its list of names is the domain of a key."""
    number = dates.extract(part, moment)
    conditions = [typed.compare("eq", number, _whole(i)) for i in range(1, len(names) + 1)]
    return typed.case(conditions, [typed.text(name) for name in names], None)


def to_whole(value: Expr) -> Expr:
    """Return what a cast to a whole number gives: the nearest one, and 1 or 0 for a truth value."""
    if value.type.kind is not Kind.BOOLEAN:
        return typed.rounding("nearest", value)
    return typed.case([value, typed.boolean("not", (value,))], [_whole(1), _whole(0)], None)


def sign(value: Expr) -> Expr:
    """Return -1, 0 or 1."""
    typed.require(value, typed.NUMERIC, "SIGN")
    value = typed.tighten(value)
    tests = [typed.compare(name, value, _whole(0)) for name in ("gt", "lt", "eq")]
    return typed.case(tests, [_whole(1), _whole(-1), _whole(0)], None)


def cut(value: Expr) -> Expr:
    """Return a number without its decimals, cut towards zero."""
    typed.require(value, typed.NUMERIC, "TRUNC")
    is_negative = typed.compare("lt", typed.tighten(value), _whole(0))
    return typed.case([is_negative], [typed.rounding("ceil", value)], typed.rounding("floor", value))


def power(value: Expr, exponent: Expr) -> Expr:
    """Return a number times itself; exact where it is exact.

    Raises:
        WrongType: unless the exponent is a constant whole number from 0 to 8.
        OutOfNumbers: if the result could leave the numbers.
    """
    times = _constant(exponent)
    if times is None or times.denominator != 1 or not 0 <= times <= MOST_POWER:
        raise WrongType(
            f"POWER takes a constant whole exponent from 0 to {MOST_POWER}", hint="write SQRT(x) or EXP(x)"
        )
    typed.require(value, typed.NUMERIC, "POWER")
    found = value = typed.tighten(value)
    if times == 0:
        return typed.case([typed.boolean("not", (typed.is_null(value),))], [_whole(1)], None)
    for _ in range(int(times) - 1):
        found = typed.arithmetic("mul", found, value)
    if times % 2 == 0 and isinstance(found, Call):
        positive = Range(Fraction(0), None)
        return replace(
            found, range=ranges.meet(found.range, positive), reach=ranges.meet(found.reach, positive)
        )
    return found


def exponential(value: Expr) -> Expr:
    """Return e to the power of a number as a double.

    Raises:
        WrongType: if the number is not known to be at most 690.
    """
    typed.require(value, typed.NUMERIC, "EXP")
    inner = typed.to_real(typed.tighten(value))
    high = inner.reach.high
    if high is None or high > MOST_EXPONENT:
        raise WrongType(
            f"EXP takes a number that is at most {MOST_EXPONENT}",
            hint="write EXP(LEAST(x, 100)), with your limit",
        )
    known = Range(
        Fraction(0),
        None if inner.range.high is None else _exp_up(min(inner.range.high, Fraction(MOST_EXPONENT))),
    )
    return Call("exp", (inner,), REAL, known, Range(Fraction(0), _exp_up(high)), inner.nullable)


def _exp_up(value: Fraction) -> Fraction:
    return Fraction(math.exp(float(max(value, Fraction(-MOST_EXPONENT))))) * (1 + Fraction(1, 2**30))


def logarithm(value: Expr, base: Expr) -> Expr:
    """Return the logarithm of base 10 or 2 as a double; NULL at or below 0."""
    typed.require(value, typed.NUMERIC, "LOG")
    name = {Fraction(10): "log10", Fraction(2): "log2"}.get(_constant(base) or Fraction(0))
    if name is None:
        raise WrongType("LOG takes the base 10 or 2", hint="write LN(x) / LN(b)")
    inner = typed.to_real(typed.tighten(value))
    known = typed.log_range(value, math.log10 if name == "log10" else math.log2)
    return Call(name, (inner,), REAL, known, Range(Fraction(-1200), Fraction(1200)))


def width_bucket(value: Expr, low: Expr, high: Expr, count: Expr) -> Expr:
    """Return the bin of an exact number among `count` equal ones: 0 below, count + 1 at or above the end.

    Raises:
        WrongType: unless the bounds are constants with low < high and the count is from 1 to 10,000.
    """
    start, end, bins = (_constant(one) for one in (low, high, count))
    if start is None or end is None or start >= end:
        raise WrongType(
            "WIDTH_BUCKET takes two constants, the smaller first", hint="write WIDTH_BUCKET(x, 0, 100, 10)"
        )
    if bins is None or bins.denominator != 1 or not 1 <= bins <= MOST_BINS:
        raise WrongType(
            f"WIDTH_BUCKET takes from 1 to {MOST_BINS} bins", hint="write WIDTH_BUCKET(x, 0, 100, 10)"
        )
    typed.require(value, frozenset({Kind.NUMBER}), "WIDTH_BUCKET")
    inner, from_, until = _on_one_grid(typed.tighten(value), typed.number(start), typed.number(end))
    inside = ranges.meet(inner.reach, Range(start, end))
    kept = Call("clamp", (inner,), inner.type, inner.range, inside, inner.nullable, (start, end))
    scaled = typed.arithmetic(
        "mul", typed.arithmetic("sub", replace(kept, range=inside), from_), _whole(int(bins))
    )
    width = typed.at_step(typed.number(end - start), scaled.type.step)
    within = Range(Fraction(0), bins)
    place = Call("int_div", (scaled, width), INTEGER, within, within)
    found = typed.case(
        [typed.compare("lt", inner, from_), typed.compare("ge", inner, until)],
        [_whole(0), _whole(int(bins) + 1)],
        typed.arithmetic("add", place, _whole(1)),
    )
    every = Range(Fraction(0), bins + 1)
    return replace(found, range=every, reach=every) if isinstance(found, Call) else found


def _on_one_grid(value: Expr, low: Expr, high: Expr) -> tuple[Expr, Expr, Expr]:
    step = ranges.common_step(ranges.common_step(value.type.step, low.type.step), high.type.step)
    return typed.at_step(value, step), typed.at_step(low, step), typed.at_step(high, step)


def _constant(expression: Expr) -> Fraction | None:
    value = expression.value if isinstance(expression, Literal) else None
    return value if isinstance(value, Fraction) else None


def is_same(left: Expr, right: Expr) -> Expr:
    """Return left IS NOT DISTINCT FROM right: equal, or both NULL; never NULL."""
    both = typed.boolean("and", (typed.is_null(left), typed.is_null(right)))
    return typed.coalesce([typed.compare("eq", left, right), both])


def day_number(moment: Expr) -> Expr:
    """Return the days since 1970-01-01."""
    reach = Range(Fraction(-(2**31)), Fraction(2**31))
    return Call("day_number", (dates.to_date(moment),), INTEGER, Range(), reach, True)


def date_difference(unit: str, end: Expr, start: Expr) -> Expr:
    """Return how many starts of days, months, quarters or years, or spans of 7 days, lie between two moments.

    Raises:
        WrongType: for other units and types.
    """
    end, start = dates.as_date_like(end, start), dates.as_date_like(start, end)
    for one in (end, start):
        typed.require(one, frozenset({Kind.DATE, Kind.TIMESTAMP}), "DATE_DIFF")
    counts: dict[str, Callable[[Expr], Expr]] = {
        "day": day_number,
        "week": day_number,
        "month": lambda m: _months("month", 12, m),
        "quarter": lambda m: _months("quarter", 4, m),
        "year": _year,
    }
    name = unit.lower().rstrip("s")
    if name not in counts:
        raise WrongType(f"DATE_DIFF counts no {unit[:20]!r}", hint="units: " + ", ".join(counts))
    found = typed.arithmetic("sub", counts[name](end), counts[name](start))
    if name == "week":  # DuckDB counts spans of seven days, cut towards zero
        found = typed.whole_division("int_div", found, _whole(7))
    known = _difference(name, _counted(counts[name], end), _counted(counts[name], start))
    return replace(found, range=known) if isinstance(found, Call) else found


def _counted(count: Callable[[Expr], Expr], moment: Expr) -> Range:
    """Return the range of a count of starts, which never falls as time goes on, from the range of its moment."""
    ends = dates.ends_of(moment.range, moment.type.kind)
    if ends is None:
        return Range()
    found = [evaluate(count(dates.constant(end)), {}) for end in ends]
    return Range(*(x if isinstance(x, Fraction) else None for x in found))


def _difference(name: str, end: Range, start: Range) -> Range:
    known = ranges.add(end, ranges.negate(start))
    if name != "week":
        return known
    return Range(*(None if days is None else Fraction(int(days / 7)) for days in (known.low, known.high)))


def _year(moment: Expr) -> Expr:
    """Return the year as stored; the difference that is made of it is clamped, not the year."""
    found = dates.extract("year", moment)
    return replace(found, range=Range()) if isinstance(found, Call) else found


def _months(part: str, per_year: int, moment: Expr) -> Expr:
    years = typed.arithmetic("mul", _year(moment), _whole(per_year))
    return typed.arithmetic("add", years, dates.extract(part, moment))


Translate: TypeAlias = Callable[[exp.Expression], Expr]
Rule: TypeAlias = Callable[[Translate, exp.Expression], Expr]


def _one(make: Callable[[Expr], Expr]) -> Rule:
    def rule(t: Translate, node: exp.Expression) -> Expr:
        only(node, "this")
        return make(t(node.this))

    return rule


def _two(make: Callable[[Expr, Expr], Expr]) -> Rule:
    def rule(t: Translate, node: exp.Expression) -> Expr:
        only(node, "this", "expression", "safe")
        return make(t(node.this), t(node.expression))

    return rule


def _log(t: Translate, node: exp.Expression) -> Expr:
    only(node, "this", "expression")
    value = node.args.get("expression")
    return logarithm(t(node.this), _whole(10)) if value is None else logarithm(t(value), t(node.this))


def _bucket(t: Translate, node: exp.Expression) -> Expr:
    only(node, "this", "min_value", "max_value", "num_buckets")
    low, high, count = (t(node.args[name]) for name in ("min_value", "max_value", "num_buckets"))
    return width_bucket(t(node.this), low, high, count)


def _concat(t: Translate, node: exp.Expression) -> Expr:
    only(node, "expressions", "safe", "coalesce")
    return texts.joined([t(one) for one in node.expressions], skips_null=bool(node.args.get("coalesce")))


def _date_diff(t: Translate, node: exp.Expression) -> Expr:
    only(node, "this", "expression", "unit", "date_part_boundary")
    unit = node.args.get("unit")
    return date_difference(str(unit.name) if unit is not None else "day", t(node.this), t(node.expression))


_TRIMS = {"": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}


def _trim(t: Translate, node: exp.Expression) -> Expr:
    only(node, "this", "position")
    value = t(node.this)
    typed.require(value, frozenset({Kind.TEXT}), "TRIM")
    function = _TRIMS.get(str(node.args.get("position") or "").upper(), "trim")
    return Call(function, (value,), TEXT, nullable=value.nullable)


def _replace(t: Translate, node: exp.Expression) -> Expr:
    return texts.replaced(*(t(one) for one in all_of(node, "this", "expression", "replacement")))


def _split_part(t: Translate, node: exp.Expression) -> Expr:
    return texts.split_part(*(t(one) for one in all_of(node, "this", "delimiter", "part_index")))


RULES: dict[type[exp.Expression], Rule] = {
    exp.Replace: _replace,
    exp.SplitPart: _split_part,
    exp.Monthname: _one(lambda d: name_of("month", MONTHS, d)),
    exp.Dayname: _one(lambda d: name_of("isodow", DAYS, d)),
    exp.Second: _one(lambda d: dates.extract("second", d)),
    exp.DateDiff: _date_diff,
    exp.Sign: _one(sign),
    exp.Trunc: _one(cut),
    exp.Pow: _two(power),
    exp.Exp: _one(exponential),
    exp.Log: _log,
    exp.WidthBucket: _bucket,
    exp.NullSafeEQ: _two(is_same),
    exp.NullSafeNEQ: _two(lambda a, b: typed.boolean("not", (is_same(a, b),))),
    exp.StartsWith: _two(texts.starts_with),
    exp.Contains: _two(texts.contains),
    exp.DPipe: _two(lambda a, b: texts.joined([a, b], skips_null=False)),
    exp.Concat: _concat,
    exp.Trim: _trim,
}
