"""Which cells of a kept release make up each key of a new question.

A condition of the new question is taken apart over the keys of the release: it must read nothing of a row but what is
grouped by, so that it is true or not true of a whole cell. What is inside `(other)` is not known, so a condition that
could be true of one value there and not of another gives no answer, and neither does one over keys that were found,
nor one that computes with doubles, in which engines differ by a last digit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

from jali.model.schema import KeyValue
from jali.model.types import Kind
from jali.plan.domains import from_key, to_key
from jali.plan.exact import Key, canonical_order
from jali.plan.source import Source, SourceKey, key_text
from jali.sql import evaluate, show
from jali.sql.tree import Call, ColumnRef, Expr, columns_of, key_ref

Row: TypeAlias = tuple[KeyValue, ...]


@dataclass(frozen=True, slots=True)
class _Outside:
    """Some value outside the declared ones of a key."""

    key: int


@dataclass(frozen=True, slots=True)
class _Unknown:
    """Nobody can tell."""


_UNKNOWN: Final = _Unknown()
_Found: TypeAlias = evaluate.Value | _Outside | _Unknown


def over_keys(expression: Expr, keys: Sequence[SourceKey]) -> Expr | None:
    """Return an expression with each part that is a key replaced by a reference to it; None if it reads more."""
    text = show.canonical(expression)
    for index, key in enumerate(keys):
        if key.expression == text:
            return key_ref(index, expression)
    if isinstance(expression, ColumnRef):
        return None
    if not isinstance(expression, Call):
        return expression
    if expression.type.kind is Kind.REAL:
        return None
    args = [over_keys(a, keys) for a in expression.args]
    known = tuple(a for a in args if a is not None)
    return _with(expression, known) if len(known) == len(args) else None


def _with(call: Call, args: tuple[Expr, ...]) -> Call:
    return Call(call.function, args, call.type, call.range, call.reach, call.nullable, call.parameters)


def truth(expression: Expr, row: Mapping[int, _Found], keys: Sequence[SourceKey]) -> _Found:
    """Return what a condition over keys is of one cell: a truth value, None for NULL, or that nobody can tell."""
    mentioned = {int(c.name) for c in columns_of(expression)}
    if not any(isinstance(row[i], _Outside) for i in mentioned):
        values = {("#key", str(i)): _plain(row[i]) for i in mentioned}
        return evaluate.evaluate(expression, values)
    if isinstance(expression, ColumnRef):
        return row[int(expression.name)]
    if not isinstance(expression, Call):
        return _UNKNOWN
    args = [truth(a, row, keys) for a in expression.args]
    return _of_outside(expression, args, keys)


def _plain(found: _Found) -> evaluate.Value:
    if isinstance(found, _Outside | _Unknown):
        msg = "a value that is not known has no plain form"
        raise TypeError(msg)
    return found


def _of_outside(call: Call, args: list[_Found], keys: Sequence[SourceKey]) -> _Found:
    """Return what a call is where an argument lies outside the declared values of its key."""
    match call.function:
        case "is_null":
            return False if isinstance(args[0], _Outside) else _UNKNOWN
        case "not":
            return args[0] if args[0] is None or isinstance(args[0], _Unknown) else args[0] is not True
        case "and" | "or":
            return _joined(args, decides=call.function == "or")
        case "eq" | "ne" | "in":
            equal = _equals(call, args, keys)
            return not equal if call.function == "ne" and isinstance(equal, bool) else equal
        case _:
            return _UNKNOWN


def _joined(args: list[_Found], *, decides: bool) -> _Found:
    if any(a is decides for a in args):
        return decides
    if any(isinstance(a, _Unknown) for a in args):
        return _UNKNOWN
    return None if any(a is None for a in args) else not decides


def _equals(call: Call, args: list[_Found], keys: Sequence[SourceKey]) -> _Found:
    """Return whether a value outside a key's declared ones equals any of the constants: not if all are declared."""
    first, rest = (args[0], args[1:]) if isinstance(args[0], _Outside) else (args[-1], args[:-1])
    side = call.args[0] if isinstance(args[0], _Outside) else call.args[-1]
    if not isinstance(first, _Outside):
        return _UNKNOWN
    declared = keys[first.key].values or ()
    for one in rest:
        if isinstance(one, _Outside | _Unknown):
            return _UNKNOWN
        if one is not None and to_key(one, side.type) not in declared:
            return _UNKNOWN
    return None if any(one is None for one in rest) else False


@dataclass(frozen=True, slots=True)
class _Part:
    """How the code of one new key follows from a kept row: the same key, or a function of the kept ones."""

    same: int | None
    expression: Expr | None


@dataclass(frozen=True, slots=True)
class Members:
    """For each key of the new question, in order, the kept rows it adds up.

    Attributes:
        is_one_to_one: each kept row is exactly one key of the question and none is left out.
    """

    keys: tuple[Row, ...]
    rows: tuple[tuple[int, ...], ...]
    is_one_to_one: bool


def members(
    keys: Sequence[Key], extra: Sequence[Expr], source: Source, kept: Sequence[Row]
) -> Members | None:
    """Return which kept rows make up each key; None where that does not follow from the declared keys.

    Args:
        keys: of the new question.
        extra: its conditions that the release did not have.
        source: the release.
        kept: keys of the release's rows.
    """
    parts = [_part(key, source.keys) for key in keys]
    tests = [over_keys(e, source.keys) for e in extra]
    known = tuple(t for t in tests if t is not None)
    if len(known) < len(tests) or any(p is None for p in parts):
        return None
    whole = [p for p in parts if p is not None]
    if any(k.values is None for k in source.keys):
        return _reordered(whole, known, source.keys, kept)
    found: dict[Row, list[int]] = {key: [] for key in product(*(range(k.size) for k in keys))}
    reader = _Reader(source.keys, [*known, *(p.expression for p in whole if p.expression is not None)])
    for index, row in enumerate(kept):
        values = reader.values(row)
        holds = [truth(t, values, source.keys) for t in known]
        if any(isinstance(h, _Unknown) for h in holds):
            return None
        if not all(h is True for h in holds):
            continue
        codes = tuple(_code(p, k, row, values, source.keys) for p, k in zip(whole, keys, strict=True))
        place = tuple(c for c in codes if c is not None)
        if len(place) < len(codes):
            return None
        found[place].append(index)
    rows = tuple(tuple(one) for one in found.values())
    return Members(tuple(found), rows, all(len(one) == 1 for one in rows) and len(rows) == len(kept))


def _part(key: Key, source: Sequence[SourceKey]) -> _Part | None:
    wanted = key_text(key)
    for index, one in enumerate(source):
        if one == wanted:
            return _Part(index, None)
    expression = over_keys(key.expression, source)
    if key.values is None or expression is None or isinstance(expression, ColumnRef):
        return None
    return _Part(None, expression)


def _reordered(
    parts: Sequence[_Part], tests: Sequence[Expr], keys: Sequence[SourceKey], kept: Sequence[Row]
) -> Members | None:
    """Return the rows of found keys in the question's order of keys; nothing else follows from them."""
    order = [p.same for p in parts if p.same is not None]
    if tests or len(order) < len(parts) or sorted(order) != list(range(len(keys))):
        return None
    rows = [tuple(row[i] for i in order) for row in kept]
    places = sorted(range(len(kept)), key=lambda i: canonical_order(rows[i]))
    return Members(tuple(rows[i] for i in places), tuple((i,) for i in places), is_one_to_one=True)


class _Reader:
    """Reads the values of a kept row's keys; a type is known for the keys that some expression mentions."""

    def __init__(self, keys: Sequence[SourceKey], expressions: Sequence[Expr]) -> None:
        self._keys = keys
        self._types = {int(c.name): c.type for e in expressions for c in columns_of(e)}

    def values(self, row: Row) -> dict[int, _Found]:
        return dict(self._items(row))

    def _items(self, row: Row) -> Iterator[tuple[int, _Found]]:
        for index, type_ in self._types.items():
            key, code = self._keys[index], int(str(row[index]))
            yield index, _Outside(index) if code == key.other else from_key(key.value(code), type_)


def _code(
    part: _Part, key: Key, row: Row, values: Mapping[int, _Found], keys: Sequence[SourceKey]
) -> KeyValue:
    """Return the code of a new key at a kept row; None where nobody can tell."""
    if part.same is not None:
        return row[part.same]
    if part.expression is None:
        return None
    found = truth(part.expression, values, keys)
    if isinstance(found, _Outside | _Unknown):
        return None
    listed = key.values or ()
    if found is None:
        return len(listed) + key.has_other if key.has_null else None
    value = to_key(found, key.type)
    if value in listed:
        return listed.index(value)
    return len(listed) if key.has_other and value is not None else None
