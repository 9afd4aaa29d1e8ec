"""The keys a column may be grouped by, as the contract declares them; never "the values seen"."""

import re
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from jali.model.schema import Domain, KeyValue, ListedDomain, PublicDomain, SelectedDomain, Transform
from jali.model.types import Kind, Type
from jali.policy.durations import Duration, duration
from jali.policy.findings import Report
from jali.policy.outline import ColumnOutline, Outline
from jali.policy.source import Node, plain
from jali.policy.validate import shown

MAX_VALUES = 1_000_000
RESERVED = frozenset({"(other)", "(null)"})
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?")
_FORMATS = {Kind.DATE: "%Y-%m-%d", Kind.TIMESTAMP: "%Y-%m-%d %H:%M:%S"}
_QUARTER_MONTHS = 3
_EVERY_MONTH_HAS = 28


class _BadValueError(Exception):
    """A value of a domain that cannot be; the argument is the sentence."""


def domain_of(
    column: ColumnOutline, type_: Type, transform: Transform | None, outline: Outline, report: Report
) -> Domain | None:
    """Return the declared domain, values as the store holds them; None if there is none or it is wrong."""
    node = column.privacy.at("domain")
    if not node.is_given:
        return None
    try:
        match _form(node):
            case "from":
                return _from(column, node, type_, transform)
            case "values":
                return _listed(node.at("values").each(), type_, transform)
            case "range":
                return _range(node.at("range"), type_, transform)
            case _:
                return _public(node, column, outline)
    except _BadValueError as bad:
        report.error(node, "C221", f"domain of {column.label}: {bad}")
        return None


def _form(node: Node) -> str:
    keys = {key for key, _ in node.items()}
    if keys == {"table", "column"}:
        return "table"
    if len(keys) == 1 and keys <= {"from", "values", "range"}:
        return keys.pop()
    raise _BadValueError(
        "write one of {from}, {values: [...]}, {range: {from, until, step}} or {table, column}"
    )


def _from(column: ColumnOutline, node: Node, type_: Type, transform: Transform | None) -> Domain:
    if node.at("from").value == "dp_key_selection":
        return SelectedDomain()
    listed = column.node.at("enum").each()
    if not listed:
        raise _BadValueError("from: enum needs the column's own enum: [{value: ...}]; add it or list values")
    return _listed([item.at("value") for item in listed], type_, transform)


def _public(node: Node, column: ColumnOutline, outline: Outline) -> PublicDomain:
    table, name = node.at("table").text(), node.at("column").text()
    found = outline.column(table, name)
    if found is None:
        raise _BadValueError(f"there is no column {table}.{name} in this contract")
    if not outline.tables[table].is_public:
        raise _BadValueError(
            f"{table} is not public, so its values may not be listed; name a table with unitRole: public"
        )
    if not found.privacy.is_given:
        raise _BadValueError(f"{table}.{name} has no privacy block, so it cannot be read")
    if found.source_type != column.source_type:
        raise _BadValueError(
            f"{table}.{name} is {found.source_type} and {column.label} is {column.source_type}"
        )
    return PublicDomain(table, name)


def _listed(nodes: list[Node], type_: Type, transform: Transform | None) -> ListedDomain:
    values = tuple(_key(node, type_) for node in nodes)
    if len(set(values)) < len(values):
        raise _BadValueError("a value is listed twice; keep one")
    _check_stored(values, type_, transform)
    return ListedDomain(values)


def _key(node: Node, type_: Type) -> KeyValue:
    match type_.kind:
        case Kind.TEXT if isinstance(node.value, str):
            if node.value in RESERVED:
                raise _BadValueError(f"{node.value} is the name of a key that is always there; leave it out")
            return node.value
        case Kind.BOOLEAN if isinstance(node.value, bool):
            return node.value
        case Kind.NUMBER if (number := node.number()) is not None:
            return _steps(number, type_)
        case Kind.DATE | Kind.TIMESTAMP:
            return _moment(node, type_).strftime(_FORMATS[type_.kind])
        case _:
            wanted = {
                Kind.TEXT: "a text; put it in quotes",
                Kind.BOOLEAN: "true or false",
                Kind.NUMBER: "a number",
            }
            raise _BadValueError(
                f"{shown(node.value)} should be {wanted.get(type_.kind, 'no key: it is an identifier')}"
            )


def _steps(number: Fraction, type_: Type) -> int:
    steps = number / type_.step
    if steps.denominator != 1:
        raise _BadValueError(f"{plain(number)} does not lie on the column's grid")
    return int(steps)


def _moment(node: Node, type_: Type) -> datetime:
    text = node.text()
    try:
        moment = datetime.fromisoformat(text) if _MOMENT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None or (type_.kind is Kind.DATE and len(text) > len("2026-01-01")):
        form = "YYYY-MM-DD" if type_.kind is Kind.DATE else "YYYY-MM-DD or YYYY-MM-DD HH:MM:SS"
        raise _BadValueError(f"{shown(node.value)} should be {form}")
    if moment.year < 1000:  # noqa: PLR2004  strftime may write early years short
        raise _BadValueError(f"{shown(node.value)} lies before the year 1000")
    return moment


def _range(node: Node, type_: Type, transform: Transform | None) -> ListedDomain:
    if type_.kind is Kind.NUMBER:
        values: tuple[KeyValue, ...] = tuple(_numbers(node, type_))
    elif type_.kind in _FORMATS:
        values = tuple(_moments(node, type_))
    else:
        raise _BadValueError("a range needs numbers, dates or timestamps; use values or from: enum")
    _check_stored(values, type_, transform)
    return ListedDomain(values)


def _numbers(node: Node, type_: Type) -> Iterator[KeyValue]:
    parts = [node.at(key).number() for key in ("from", "until", "step")]
    if None in parts:
        raise _BadValueError("a range of numbers needs from, until and step as numbers")
    lower, upper, step = (_steps(part, type_) for part in parts if part is not None)
    if step < 1:
        raise _BadValueError("step must be above 0")
    if lower > upper:
        raise _BadValueError("from is above until; swap them")
    _check_size((upper - lower) // step + 1)
    return iter(range(lower, upper + 1, step))


def _moments(node: Node, type_: Type) -> Iterator[KeyValue]:
    start, end = _moment(node.at("from"), type_), _moment(node.at("until"), type_)
    step = duration(node.at("step").text())
    if step is None or (step.months and step.seconds):
        raise _BadValueError(
            f"step {shown(node.at('step').value)} should be one ISO 8601 step such as P1D, P1M or PT1H"
        )
    if type_.kind is Kind.DATE and step.seconds % 86_400:
        raise _BadValueError("step of a date must be whole days, months or years")
    if start >= end:
        raise _BadValueError("from is not before until (until itself is left out)")
    if step.months and start.day > _EVERY_MONTH_HAS:
        raise _BadValueError("a range in months must begin on day 1 to 28")
    size = _size(start, end, step)
    _check_size(size)
    return (step.after(start, k).strftime(_FORMATS[type_.kind]) for k in range(size))


def _size(start: datetime, end: datetime, step: Duration) -> int:
    if step.seconds:
        span = end - start
        return -(-(span.days * 86_400 + span.seconds) // step.seconds)
    months = (end.year - start.year) * 12 + end.month - start.month
    guess = months // step.months
    return guess + 1 if step.after(start, guess) < end else guess


def _check_size(size: int) -> None:
    if size > MAX_VALUES:
        raise _BadValueError(f"{size} values are too many; at most {MAX_VALUES}: take a larger step")


def _check_stored(values: tuple[KeyValue, ...], type_: Type, transform: Transform | None) -> None:
    """Refuse values that the transform can never produce: such a key would be declared and always empty."""
    if transform is None:
        return
    bad: KeyValue = None
    if transform.kind == "truncate" and type_.kind in _FORMATS:
        to = str(transform.parameters.get("to"))
        bad = next((v for v in values if not _is_truncated(str(v), to)), None)
    if transform.kind == "prefix" and isinstance(length := transform.parameters.get("length"), int):
        bad = next((v for v in values if len(str(v)) > length), None)
    if transform.kind == "bin" and type_.kind is Kind.NUMBER:
        bad = next((v for v in values if not _is_bin_start(v, type_, transform)), None)
    if bad is not None:
        raise _BadValueError(f"'{bad}' is never stored: the transform {transform.kind} gives coarser values")


def _is_truncated(text: str, to: str) -> bool:
    rest = {"second": "", "minute": ":00", "hour": ":00:00", "day": " 00:00:00"}
    if to in rest:
        return text.endswith(rest[to])
    month = int(text[5:7])
    is_first = text[8:] in {"01", "01 00:00:00"}
    return is_first and {"month": True, "quarter": month % _QUARTER_MONTHS == 1}.get(to, month == 1)


def _is_bin_start(value: KeyValue, type_: Type, transform: Transform) -> bool:
    parts = [transform.parameters.get(key) for key in ("from", "until", "width")]
    lower, upper, width = (Fraction(str(part)) if part is not None else Fraction(0) for part in parts)
    at = Fraction(value) * type_.step if isinstance(value, int) else lower
    return width > 0 and lower <= at < upper and (at - lower) % width == 0
