"""Makers of typed calls: each checks its arguments, derives range and reach, and keeps the expression total.

Rules that hold for every maker:

* arithmetic reads a bounded column as its value clamped to the declared bounds (`tighten`), so that no stored
  value can push an expression out of its range; comparisons read the stored value;
* exact numbers are whole multiples of their type's step; mixed steps are brought to the common step first;
* nothing raises on a row: a zero divisor, a root of a negative or a logarithm of zero gives NULL.
"""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor, inf, log

from jali.model.codes import IdentifierUse, WrongType
from jali.model.types import BOOLEAN, INTEGER, NULL, REAL, Kind, Type
from jali.sql import patterns, ranges
from jali.sql.tree import Call, Expr, Literal, LiteralValue, Range

NUMERIC = frozenset({Kind.NUMBER, Kind.REAL})
ORDERED = NUMERIC | {Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.BOOLEAN}
TRUTH = frozenset({Kind.BOOLEAN})


def number(value: Fraction) -> Literal:
    """Return a numeric literal on the coarsest decimal grid that holds it exactly.

    Raises:
        WrongType: if the value has no finite decimal form of 18 places.
        OutOfNumbers: if no engine has a number of this size.

    Example:
        >>> number(Fraction(5, 2)).type.step
        Fraction(1, 10)
    """
    step = Fraction(1)
    for _ in range(18):
        if (value / step).denominator == 1:
            break
        step /= 10
    if (value / step).denominator != 1:
        raise WrongType("a number has more than 17 decimals", hint="round it")
    around = ranges.check_reach(Range(value, value), Type(Kind.NUMBER, step))
    return Literal(value, Type(Kind.NUMBER, step), around, around)


def text(value: str) -> Literal:
    """Return a text literal."""
    return Literal(value, Type(Kind.TEXT))


def null() -> Literal:
    """Return NULL."""
    return Literal(None, NULL)


def require(expression: Expr, kinds: frozenset[Kind], what: str) -> None:
    """Check the type of an argument; NULL fits every type.

    Raises:
        WrongType: naming the function, what it got and what it takes.
    """
    got = expression.type.kind
    if got in {Kind.UNIT, Kind.IDENTIFIER}:
        raise _identifier(what)
    if got not in kinds and got is not Kind.NULL:
        allowed = ", ".join(sorted(k.value.lower() for k in kinds))
        raise WrongType(
            f"{what} takes {allowed}, not {got.value.lower()}", hint="compare or combine values of one type"
        )


def _identifier(what: str) -> IdentifierUse:
    return IdentifierUse(
        f"an identifier cannot be used in {what}",
        hint="count it: COUNT(DISTINCT key); join or group per unit on it; or leave it out",
    )


def tighten(expression: Expr) -> Expr:
    """Return an expression whose value surely lies in its declared range: itself, or itself clamped."""
    wanted = ranges.meet(ranges.on_grid(expression.range, expression.type), expression.reach)
    if expression.type.kind not in NUMERIC or wanted == expression.reach:
        return expression
    return Call(
        "clamp",
        (expression,),
        expression.type,
        expression.range,
        wanted,
        expression.nullable,
        (wanted.low, wanted.high),
    )


def at_step(expression: Expr, step: Fraction) -> Expr:
    """Return an exact number on a finer grid; `step` must divide its step."""
    if expression.type.step == step:
        return expression
    finer = Type(Kind.NUMBER, step)
    reach = ranges.check_reach(expression.reach, finer)
    if isinstance(expression, Literal):
        return Literal(expression.value, finer, expression.range, reach)
    return Call(
        "rescale",
        (expression,),
        finer,
        expression.range,
        reach,
        expression.nullable,
        (expression.type.step / step,),
    )


def aligned(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """Return two exact numbers on their common grid."""
    step = ranges.common_step(a.type.step, b.type.step)
    return at_step(a, step), at_step(b, step)


def to_real(expression: Expr) -> Expr:
    """Return a number as a double."""
    if expression.type.kind is Kind.REAL:
        return expression
    return Call(
        "to_real",
        (expression,),
        REAL,
        expression.range,
        ranges.check_reach(expression.reach, REAL),
        expression.nullable,
    )


def arithmetic(function: str, left: Expr, right: Expr) -> Expr:
    """Return left + - * right, exact where both are exact.

    Args:
        function: add, sub or mul.
        left: a number.
        right: a number.
    """
    for side in (left, right):
        require(side, NUMERIC, "the operator " + {"add": "+", "sub": "-", "mul": "*"}[function])
    left, right = tighten(_typed_null(left)), tighten(_typed_null(right))
    nullable = left.nullable or right.nullable
    combine = {
        "add": ranges.add,
        "sub": lambda a, b: ranges.add(a, ranges.negate(b)),
        "mul": ranges.multiply,
    }[function]
    if Kind.REAL in {left.type.kind, right.type.kind}:
        left, right, type_ = to_real(left), to_real(right), REAL
        name = "real_" + function
    else:
        if function != "mul":
            left, right = aligned(left, right)
        type_ = Type(Kind.NUMBER, left.type.step * right.type.step if function == "mul" else left.type.step)
        name = function
    reach = ranges.check_reach(combine(left.reach, right.reach), type_)
    return Call(name, (left, right), type_, combine(left.range, right.range), reach, nullable)


def _typed_null(expression: Expr) -> Expr:
    if expression.type.kind is Kind.NULL:
        zero = Range(Fraction(0), Fraction(0))
        return Literal(None, INTEGER, zero, zero)
    return expression


def divide(left: Expr, right: Expr) -> Expr:
    """Return left / right as a double; NULL where right is 0.

    Raises:
        WrongType: if the divisor is itself a double whose range holds 0, for then the quotient has no bound.
    """
    for side in (left, right):
        require(side, NUMERIC, "division")
    left, right = tighten(_typed_null(left)), tighten(_typed_null(right))
    smallest = _smallest_nonzero(right)
    widest = ranges.widest(left.reach) / smallest
    reach = ranges.check_reach(Range(-widest, widest), REAL)
    known = ranges.multiply(left.range, _inverse(right, smallest))
    return Call("divide", (to_real(left), to_real(right)), REAL, known, reach)


def _smallest_nonzero(divisor: Expr) -> Fraction:
    low, high = divisor.reach.low, divisor.reach.high
    if low is not None and low > 0:
        return low
    if high is not None and high < 0:
        return -high
    if divisor.type.kind is Kind.REAL:
        raise WrongType(
            "division by an expression that may be close to 0", hint="divide by a whole or decimal column"
        )
    return divisor.type.step


def _inverse(divisor: Expr, smallest: Fraction) -> Range:
    low, high = divisor.range.low, divisor.range.high
    if low is not None and high is not None and low > 0:
        return Range(1 / high, 1 / low)
    if low is not None and low >= 0:
        return Range(Fraction(0), 1 / smallest)
    return Range(-1 / smallest, 1 / smallest)


def postgres_divide(left: Expr, right: Expr) -> Expr:
    """Return left / right as PostgreSQL means it: whole numbers divide to a whole number, cut toward zero."""
    whole = all(s.type.kind is Kind.NUMBER and s.type.step.denominator == 1 for s in (left, right))
    return whole_division("int_div", left, right) if whole else divide(left, right)


def whole_division(function: str, left: Expr, right: Expr) -> Expr:
    """Return left // right or left % right for exact numbers; NULL where right is 0.

    Truncation toward zero and the sign of the remainder follow DuckDB and PostgreSQL.
    """
    exact = frozenset({Kind.NUMBER})
    for side in (left, right):
        require(side, exact, "whole division")
    left, right = tighten(_typed_null(left)), tighten(_typed_null(right))
    if function == "int_div" and (left.type.step.denominator > 1 or right.type.step.denominator > 1):
        raise WrongType("// divides whole numbers, not decimals", hint="write FLOOR(x / y)")
    left, right = aligned(left, right)
    if function == "int_div":
        most = ranges.widest(left.reach) / left.type.step
        reach = Range(-most, most)
        known = ranges.widest(left.range) / right.type.step if left.range.is_known else None
        range_ = Range(None if known is None else -known, known)
        if (
            left.range.low is not None
            and right.range.low is not None
            and left.range.low >= 0
            and right.range.low >= 1
        ):
            range_ = Range(
                Fraction(0), None if left.range.high is None else left.range.high / right.range.low
            )
        return Call("int_div", (left, right), INTEGER, range_, ranges.check_reach(reach, INTEGER))
    most = min(ranges.widest(left.reach), ranges.widest(right.reach))
    reach = Range(Fraction(0) if left.reach.low is not None and left.reach.low >= 0 else -most, most)
    return Call("mod", (left, right), left.type, reach if right.range.is_known else Range(), reach)


def negative(expression: Expr) -> Expr:
    """Return -x."""
    require(expression, NUMERIC, "the sign")
    if isinstance(expression, Literal) and isinstance(expression.value, Fraction):
        return number(-expression.value)
    inner = tighten(_typed_null(expression))
    name = "real_neg" if inner.type.kind is Kind.REAL else "neg"
    reach = ranges.check_reach(ranges.negate(inner.reach), inner.type)
    return Call(name, (inner,), inner.type, ranges.negate(inner.range), reach, inner.nullable)


def absolute(expression: Expr) -> Expr:
    """Return |x|; total also for the smallest integer, because the result is wider than 64 bits."""
    require(expression, NUMERIC, "ABS")
    inner = tighten(_typed_null(expression))
    name = "real_abs" if inner.type.kind is Kind.REAL else "abs"
    reach = ranges.check_reach(ranges.absolute(inner.reach), inner.type)
    return Call(name, (inner,), inner.type, ranges.absolute(inner.range), reach, inner.nullable)


def rounding(function: str, expression: Expr, decimals: int = 0) -> Expr:
    """Return FLOOR, CEIL or ROUND of a number as an exact number with `decimals` decimals.

    Args:
        function: floor, ceil, round (half away from zero) or nearest (what a cast does: a double's half goes to even).
        expression: a number.
        decimals: from -9 to 9; below 0 an exact number is rounded to tens, hundreds and so on.
    """
    require(expression, NUMERIC, "CAST" if function == "nearest" else function.upper())
    if not -9 <= decimals <= 9:  # noqa: PLR2004  # beyond that nothing is shown
        raise WrongType("ROUND takes -9 to 9 decimals", hint="write ROUND(x, 2)")
    inner = tighten(_typed_null(expression))
    if decimals < 0:
        if inner.type.kind is Kind.REAL:
            raise WrongType("ROUND takes 0 to 9 decimals of a double", hint="write ROUND(ROUND(x), -2)")
        return at_step(_rounding(function, inner, Fraction(10) ** -decimals), Fraction(1))
    return _rounding(function, inner, Fraction(1, 10**decimals))


def _rounding(function: str, inner: Expr, step: Fraction) -> Expr:
    if inner.type.kind is Kind.NUMBER and (inner.type.step / step).denominator == 1:
        return inner
    if inner.type.kind is Kind.NUMBER and function == "nearest":
        function = "round"
    type_ = Type(Kind.NUMBER, step)
    reach = _rounded(function, inner.reach, step)
    if inner.type.kind is Kind.REAL:
        name = f"real_{function}"
        error = (
            step + ranges.widest(inner.reach) / 2**40
        )  # a double beside a whole number may round to its neighbour
        reach = ranges.add(reach, Range(-error, error))
    else:
        name = function
        ratio = step / inner.type.step
        most = ranges.widest(inner.reach) / inner.type.step * ratio.denominator + ratio.numerator
        ranges.check_reach(
            Range(-2 * most, 2 * most), INTEGER
        )  # what the whole-number lowering computes on the way
    reach = ranges.check_reach(reach, type_)
    return Call(name, (inner,), type_, _rounded(function, inner.range, step), reach, True)


def _rounded(function: str, range_: Range, step: Fraction) -> Range:
    def down(x: Fraction | None) -> Fraction | None:
        return None if x is None else (x / step).__floor__() * step

    def up(x: Fraction | None) -> Fraction | None:
        return None if x is None else (x / step).__ceil__() * step

    if function == "floor":
        return Range(down(range_.low), down(range_.high))
    if function == "ceil":
        return Range(up(range_.low), up(range_.high))
    return Range(down(range_.low), up(range_.high))


def compare(function: str, left: Expr, right: Expr) -> Expr:
    """Return a comparison; numbers are brought to one grid, text literals beside dates become dates.

    Args:
        function: eq, ne, lt, le, gt or ge.
        left: any value that can be ordered.
        right: a value of a type that fits it.
    """
    from jali.sql.dates import as_date_like, to_timestamp

    left, right = as_date_like(left, right), as_date_like(right, left)
    require(left, ORDERED, "a comparison")
    require(right, ORDERED, "a comparison")
    kinds = {left.type.kind, right.type.kind} - {Kind.NULL}
    if kinds == {Kind.NUMBER}:
        left, right = aligned(_typed_null(left), _typed_null(right))
    elif kinds <= NUMERIC:
        left, right = to_real(tighten(_typed_null(left))), to_real(tighten(_typed_null(right)))
    elif kinds == {Kind.DATE, Kind.TIMESTAMP}:
        left, right = to_timestamp(left), to_timestamp(right)
    elif len(kinds) > 1:
        names = " with ".join(sorted(k.value.lower() for k in kinds))
        raise WrongType(
            f"cannot compare {names}", hint="compare values of one type; quote text, do not quote numbers"
        )
    return Call(function, (left, right), BOOLEAN, nullable=left.nullable or right.nullable)


def boolean(function: str, args: tuple[Expr, ...]) -> Expr:
    """Return AND, OR or NOT over truth values, in three-valued logic."""
    for one in args:
        require(one, frozenset({Kind.BOOLEAN}), function.upper())
    return Call(function, args, BOOLEAN, nullable=any(a.nullable for a in args))


def membership(value: Expr, choices: tuple[Expr, ...]) -> Expr:
    """Return value IN (literals)."""
    if not all(isinstance(c, Literal) for c in choices):
        raise WrongType("IN takes a list of constants", hint="write x IN (1, 2, 3)")
    if not choices:
        raise WrongType("IN takes at least one constant", hint="write x IN (1, 2, 3)")
    pairs = [compare("eq", value, choice) for choice in choices]
    if all(
        isinstance(p, Call) and p.args[0] == pairs[0].args[0] for p in pairs if isinstance(pairs[0], Call)
    ):
        first = pairs[0]
        if isinstance(first, Call):
            items = tuple(p.args[1] for p in pairs if isinstance(p, Call))
            return Call("in", (first.args[0], *items), BOOLEAN)
    return boolean("or", tuple(pairs)) if len(pairs) > 1 else pairs[0]


def like(function: str, value: Expr, pattern: Expr, escape: Expr | None = None) -> Expr:
    """Return LIKE or ILIKE with a constant pattern of at most 8 wildcards, so that the cost per row is bounded."""
    require(value, frozenset({Kind.TEXT}), function.upper())
    if not (isinstance(pattern, Literal) and isinstance(pattern.value, str)):
        raise WrongType(f"{function.upper()} takes a constant pattern", hint="write x LIKE 'abc%'")
    sign = _escape(escape)
    first, *rest = patterns.parts_of(pattern.value, sign)
    if max(len(rest), sum(part.count(None) for part in rest)) > patterns.MOST_WILDCARDS or (
        len(pattern.value) > patterns.MOST_PATTERN
    ):
        raise WrongType(  # each of them bounds the cost per row: see jali.sql.duckdb
            "a pattern may hold at most 8 %, 200 characters, and 8 _ behind its first %",
            hint="use a simpler pattern",
        )
    plain = patterns.plain((first, *rest))
    written = (pattern.value, sign) if plain is None else (plain,)
    return Call(function, (value,), BOOLEAN, nullable=value.nullable, parameters=written)


def _escape(escape: Expr | None) -> str:
    """Return the character of ESCAPE, one ASCII sign; engines differ in how they read others."""
    if escape is None:
        return ""
    sign = escape.value if isinstance(escape, Literal) else None
    if not isinstance(sign, str) or (sign and (len(sign) > 1 or not sign.isascii() or sign.isalnum())):
        raise WrongType("ESCAPE takes one sign, such as '!'", hint="write x LIKE '100!%' ESCAPE '!'")
    return sign


def is_null(value: Expr) -> Expr:
    """Return value IS NULL."""
    return Call("is_null", (value,), BOOLEAN, nullable=False)


def unify(branches: list[Expr], what: str) -> tuple[list[Expr], Type]:
    """Return the branches brought to one type.

    Raises:
        WrongType: if they have no common type.
    """
    from jali.sql.dates import as_date_like

    known = [b for b in branches if b.type.kind is not Kind.NULL]
    if not known:
        raise WrongType(f"{what} has only NULLs", hint="give it a value")
    lead = next((b for b in known if b.type.kind in {Kind.DATE, Kind.TIMESTAMP}), known[0])
    branches = [as_date_like(b, lead) for b in branches]
    kinds = {b.type.kind for b in branches} - {Kind.NULL}
    if kinds == {Kind.NUMBER}:
        step = known[0].type.step
        for one in known:
            step = ranges.common_step(step, one.type.step)
        return [at_step(_typed_null(b), step) for b in branches], Type(Kind.NUMBER, step)
    if kinds <= NUMERIC:
        return [to_real(tighten(_typed_null(b))) for b in branches], REAL
    if kinds & {Kind.UNIT, Kind.IDENTIFIER}:
        raise _identifier(what)
    if len(kinds) > 1:
        raise WrongType(f"the branches of {what} have different types", hint="give all branches one type")
    type_ = Type(next(iter(kinds)))
    return [Literal(None, type_) if b.type.kind is Kind.NULL else b for b in branches], type_


def merged(values: list[Expr]) -> tuple[Range, Range]:
    """Return the range and the reach that hold all values, NULL aside."""
    with_value = [v for v in values if not (isinstance(v, Literal) and v.value is None)] or values
    return ranges.union([v.range for v in with_value]), ranges.union([v.reach for v in with_value])


def case(conditions: list[Expr], values: list[Expr], otherwise: Expr | None) -> Expr:
    """Return CASE WHEN ... THEN ... ELSE ... END."""
    for one in conditions:
        require(one, frozenset({Kind.BOOLEAN}), "WHEN")
    branches, type_ = unify([*values, otherwise or null()], "CASE")
    range_, reach = merged(branches)
    args: list[Expr] = []
    for condition, value in zip(conditions, branches, strict=False):
        args += [condition, value]
    return Call("case", (*args, branches[-1]), type_, range_, reach, any(b.nullable for b in branches))


def coalesce(values: list[Expr]) -> Expr:
    """Return the first value that is not NULL."""
    branches, type_ = unify(values, "COALESCE")
    range_, reach = merged(branches)
    return Call("coalesce", tuple(branches), type_, range_, reach, all(b.nullable for b in branches))


def extremum(function: str, values: list[Expr]) -> Expr:
    """Return LEAST or GREATEST, which skip NULL as DuckDB and PostgreSQL do.

    The bound on the side the function works for comes from the arguments that are never NULL: LEAST(x, 10) is at
    most 10 even where x is NULL. Literals therefore bound an expression that has no declared range.
    """
    branches, type_ = unify(values, function.upper())
    require(branches[0], NUMERIC | {Kind.DATE, Kind.TIMESTAMP}, function.upper())
    sign = 1 if function == "greatest" else -1

    def bound(pick: str) -> Range:
        every = [getattr(b, pick) if sign > 0 else ranges.negate(getattr(b, pick)) for b in branches]
        sure = [r for r, b in zip(every, branches, strict=True) if not b.nullable]
        lows = [r.low for r in sure if r.low is not None]
        highs = [r.high for r in every]
        low = max(lows) if lows else ranges.union(every).low
        high = None if None in highs else max(h for h in highs if h is not None)
        return Range(low, high) if sign > 0 else ranges.negate(Range(low, high))

    reach = ranges.meet(bound("reach"), ranges.union([b.reach for b in branches]))
    range_ = bound("range")
    return Call(function, tuple(branches), type_, range_, reach, all(b.nullable for b in branches))


def real_function(function: str, expression: Expr) -> Expr:
    """Return SQRT or LN as a double; NULL outside their domain."""
    require(expression, NUMERIC, function.upper())
    inner = to_real(tighten(_typed_null(expression)))
    top = ranges.widest(inner.reach)
    if function == "sqrt":
        high = _root_up(inner.range.high) if inner.range.high is not None else None
        return Call("sqrt", (inner,), REAL, Range(Fraction(0), high), Range(Fraction(0), _root_up(top)))
    return Call("ln", (inner,), REAL, log_range(expression, log), Range(Fraction(-800), Fraction(800)))


def log_range(argument: Expr, rule: Callable[[float], float]) -> Range:
    """Return the range of a logarithm, ends outward on a grid of a millionth; unknown where the argument's range is.

    At or below 0 a logarithm is NULL, so an exact argument counts from its grid's step; a double may come as close to
    0 as it likes, so its range must keep away from 0. Between 1 and the argument the sign is that of mathematics, as
    every library of floating-point functions keeps it.
    """
    low, high = argument.range.low, argument.range.high
    if argument.type.kind is Kind.NUMBER and low is not None and low <= 0:
        low = argument.type.step
    if low is None or high is None or low <= 0 or high < low or not float(low) or float(high) == inf:
        return Range()
    grid, slack = 10**6, 2.0**-30
    first = Fraction(floor(rule(float(low)) * grid - slack * grid), grid)
    last = Fraction(ceil(rule(float(high)) * grid + slack * grid), grid)
    return Range(
        max(first, Fraction(0)) if low >= 1 else first, min(last, Fraction(0)) if high <= 1 else last
    )


def _root_up(x: Fraction) -> Fraction:
    from math import isqrt

    return Fraction(isqrt(max(0, x.__ceil__())) + 1)


def constant(value: LiteralValue) -> Literal:
    """Return a literal of a Python value."""
    if value is None:
        return null()
    if isinstance(value, bool):
        return Literal(value, BOOLEAN)
    return number(value) if isinstance(value, Fraction) else text(value)
