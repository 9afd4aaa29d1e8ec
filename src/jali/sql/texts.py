"""Functions of text: joined, cut, replaced and looked through. Each result has a longest length known beforehand."""

from dataclasses import replace
from fractions import Fraction

from jali.model.codes import TooLarge, WrongType
from jali.model.types import BOOLEAN, INTEGER, TEXT, Kind
from jali.sql import typed
from jali.sql.patterns import MOST_PATTERN
from jali.sql.tree import Call, ColumnRef, Expr, Literal, Range, columns_of
from jali.sql.work import length_of

MOST_TEXT = 4096
"""Longest stored text."""

MOST_JOINED_TEXT = 2 * MOST_TEXT + 256
"""Longest text that ||, CONCAT and REPLACE may make, whatever is stored."""

MOST_PIECES = 1000
"""Last piece that SPLIT_PART takes."""

_TEXTS = frozenset({Kind.TEXT})


def starts_with(value: Expr, start: Expr) -> Expr:
    """Return whether a text begins with a constant."""
    wanted = _wanted(value, start, "STARTS_WITH")
    size = Fraction(len(wanted))
    head = Call("left", (value,), TEXT, nullable=value.nullable, parameters=(size,))
    return typed.compare("eq", head, typed.text(wanted))


def contains(value: Expr, part: Expr) -> Expr:
    """Return whether a text holds a constant."""
    wanted = _wanted(value, part, "CONTAINS")
    return Call("contains", (value,), BOOLEAN, nullable=value.nullable, parameters=(wanted,))


def _wanted(value: Expr, part: Expr, what: str) -> str:
    typed.require(value, _TEXTS, what)
    wanted = part.value if isinstance(part, Literal) else None
    if not isinstance(wanted, str) or len(wanted) > MOST_PATTERN:
        raise WrongType(
            f"{what} takes a constant of at most {MOST_PATTERN} characters", hint=f"write {what}(x, 'abc')"
        )
    return wanted


def joined(parts: list[Expr], *, skips_null: bool) -> Expr:
    """Return texts one after the other; || is NULL where a part is, CONCAT leaves such parts out.

    Raises:
        TooLarge: if the result could be longer than 8,448 characters.
    """
    parts = [to_text(part) for part in parts]
    if skips_null:
        parts = [typed.coalesce([part, typed.text("")]) if part.nullable else part for part in parts]
    if any(isinstance(part, Literal) and part.value is None for part in parts):
        return Literal(None, TEXT)
    return _fitting(Call("concat", tuple(parts), TEXT, nullable=any(p.nullable for p in parts)))


def _fitting(found: Expr) -> Expr:
    if longest(found) > MOST_JOINED_TEXT:
        raise TooLarge(
            f"a joined or replaced text could be longer than {MOST_JOINED_TEXT} characters",
            hint="use LEFT(x, 100) instead of x",
        )
    return found


def longest(expression: Expr) -> int:
    """Return a bound on the characters of a text; more than any may have where nothing bounds a column in it."""
    is_released = all(c.source.startswith("#") for c in columns_of(expression))
    return length_of(_with_length(expression, MOST_TEXT if is_released else MOST_JOINED_TEXT + 1))


def _with_length(expression: Expr, most: int) -> Expr:
    """Return an expression in which every column of unknown length has `most` characters."""
    match expression:
        case ColumnRef():
            is_known = expression.column is not None or expression.longest is not None
            return expression if is_known else replace(expression, longest=most)
        case Call():
            return replace(expression, args=tuple(_with_length(a, most) for a in expression.args))
        case Literal():
            return expression


def length(value: Expr) -> Expr:
    """Return the characters of a text; at most the longest that lands of its columns, where those are known."""
    typed.require(value, _TEXTS, "LENGTH")
    is_known = all(c.column is not None or c.longest is not None for c in columns_of(value))
    known = Range(Fraction(0), Fraction(length_of(value))) if is_known else Range()
    return Call("length", (value,), INTEGER, known, Range(Fraction(0), Fraction(2**31)), value.nullable)


def to_text(value: Expr) -> Expr:
    """Return a whole number as its digits, and a text as it is.

    Raises:
        WrongType: for other values, which engines write in different ways.
    """
    if value.type.kind in {Kind.TEXT, Kind.NULL}:
        return value
    typed.require(value, frozenset(Kind), "a text")
    if value.type.kind is not Kind.NUMBER or value.type.step.denominator != 1:
        what = "number with decimals" if value.type.kind is Kind.NUMBER else value.type.kind.value.lower()
        raise WrongType(
            f"only whole numbers are written as text, not a {what}",
            hint="make it one: CAST(x AS BIGINT), YEAR(d), or CASE WHEN x THEN 'yes' ELSE 'no' END",
        )
    if isinstance(value, Literal):
        return typed.text(str(value.value)) if value.value is not None else Literal(None, TEXT)
    return Call("to_text", (typed.at_step(value, Fraction(1)),), TEXT, nullable=value.nullable)


def replaced(value: Expr, old: Expr, new: Expr) -> Expr:
    """Return a text with every `old` in it, from left to right, made `new`; both are constants.

    Raises:
        WrongType: unless both are constant texts, `old` of 1 to 200 characters.
        TooLarge: if the result could be longer than any joined text.
    """
    typed.require(value, _TEXTS, "REPLACE")
    first, second = (one.value if isinstance(one, Literal) else None for one in (old, new))
    if not (isinstance(first, str) and isinstance(second, str)) or not 0 < len(first) <= MOST_PATTERN:
        raise WrongType(
            f"REPLACE takes two constant texts, the first of 1 to {MOST_PATTERN} characters",
            hint="write REPLACE(x, '-', ' ')",
        )
    if value.type.kind is Kind.NULL:
        return Literal(None, TEXT)
    return _fitting(Call("replace", (value,), TEXT, nullable=value.nullable, parameters=(first, second)))


def split_part(value: Expr, sign: Expr, place: Expr) -> Expr:
    """Return piece number `place` of a text that a constant divides; an empty text beyond the last.

    Raises:
        WrongType: unless the sign is a constant text of 1 to 200 characters and the place is from 1 to 1,000.
    """
    typed.require(value, _TEXTS, "SPLIT_PART")
    wanted, number = (one.value if isinstance(one, Literal) else None for one in (sign, place))
    is_sign = isinstance(wanted, str) and 0 < len(wanted) <= MOST_PATTERN
    is_place = isinstance(number, Fraction) and number.denominator == 1 and 1 <= number <= MOST_PIECES
    if not (is_sign and is_place):
        raise WrongType(
            f"SPLIT_PART takes a constant of 1 to {MOST_PATTERN} characters and a place from 1 to {MOST_PIECES}",
            hint="write SPLIT_PART(x, '-', 1)",
        )
    if value.type.kind is Kind.NULL:
        return Literal(None, TEXT)
    return Call("split_part", (value,), TEXT, nullable=value.nullable, parameters=(wanted, number))
