"""From a declared column and a source type to SQL: what is read, what is stored, what is quarantined.

A column is read once into the loaded table as c<i> (final, or NULL where a map decides) and x<i> (text or raw
identifier that a map m<i> decides on). `value` and `problems` are written over those names. Every expression
is a function of one row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from jali.engines.duckdb.load import quote_name, quote_text
from jali.ingest.grid import LOSSY, Grid, certain_sql
from jali.model.codes import IngestFailed
from jali.model.schema import Column, ColumnClass, Transform
from jali.model.types import Kind

WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_WIDE = frozenset({"UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM", "FLOAT", "VARCHAR"})
_STAMPS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"})
_STEPS = frozenset({"second", "minute", "hour", "day", "month", "quarter", "year"})
_CALENDAR = "{} BETWEEN 1 AND 9999"  # ISO dates; infinite ones have no year; nothing later on can overflow
_STORED = {
    Kind.NUMBER: "BIGINT",
    Kind.TEXT: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.BOOLEAN: "BOOLEAN",
}


class Map(Enum):
    """What decides on the distinct x<i> of a column."""

    NONE = "none"
    PSEUDONYM = "pseudonym"
    GRID = "grid"
    GENERALISE = "generalise"


@dataclass(frozen=True, slots=True)
class Reading:
    """An SQL value of the declared type, NULL where it cannot be; `problem` is then the reason."""

    value: str
    problem: str = "NULL"


@dataclass(frozen=True, slots=True)
class Plan:
    """How one column travels.

    Attributes:
        loaded: name in the loaded table -> expression over the source.
        problem: reason over the source, an SQL text.
        value: stored value over the loaded table (l) and the map.
        stored: SQL type of the stored value.
        raw_type: SQL type of x<i>, where a map is used.
        grid: for maps of numbers.
    """

    column: Column
    index: int
    loaded: Mapping[str, str]
    problem: str
    value: str
    stored: str
    map: Map = Map.NONE
    raw_type: str = "VARCHAR"
    grid: Grid | None = None


def plan_column(column: Column, index: int, source: str, source_type: str) -> Plan:
    """Return the plan of one column that lands, or of the unit key.

    Args:
        column: as declared; a foreign key already carries its target's transform.
        index: number that names its parts.
        source: name of the source column.
        source_type: type DuckDB gives it.

    Raises:
        IngestFailed: if the transform is unknown, or does not fit the types.
    """
    kind = column.transform.kind if column.transform else ""
    name = quote_name(source)
    if column.column_class is ColumnClass.IDENTIFIER or column.type.kind in {Kind.IDENTIFIER, Kind.UNIT}:
        if kind != "hmac":
            raise IngestFailed(
                f"the identifier {column.name} cannot land: transform {kind or 'missing'}", where=column.rule
            )
        return _pseudonym(column, index, name, source_type)
    match kind:
        case "" | "truncate" | "prefix" | "mask":
            return _direct(column, index, name, source_type)
        case "bin":
            return _binned(column, index, name, source_type)
        case "generalise":
            reading = _text(name, source_type, column)
            loaded = {f"c{index}": "CAST(NULL AS VARCHAR)", f"x{index}": reading.value}
            value = f"CASE WHEN l.x{index} IS NOT NULL THEN coalesce(m{index}.value, '(other)') END"
            return Plan(column, index, loaded, reading.problem, value, "VARCHAR", Map.GENERALISE)
        case _:
            raise IngestFailed(f"transform {kind} of {column.name} is not available", where=column.rule)


def _pseudonym(column: Column, index: int, name: str, source_type: str) -> Plan:
    if source_type not in WHOLE:
        name = _text(name, source_type, column).value
    raw_type = "BIGINT" if source_type in WHOLE else "VARCHAR"
    loaded = {f"x{index}": f"CAST({name} AS {raw_type})"}
    return Plan(column, index, loaded, "NULL", f"m{index}.value", "UUID", Map.PSEUDONYM, raw_type)


def _direct(column: Column, index: int, name: str, source_type: str) -> Plan:
    if column.type.kind is Kind.NUMBER:
        grid = Grid(
            column.type.step, stored_step=column.type.step, whole_only=column.source_type == "integer"
        )
        return _number(column, index, name, source_type, grid)
    readers = {"date": _date, "timestamp": _timestamp, "boolean": _boolean}
    reading = readers.get(column.source_type, _text)(name, source_type, column)
    value, problem = reading.value, reading.problem
    if column.transform is not None:
        value = _transformed(value, column, column.transform)
    stored = _STORED.get(column.type.kind, "VARCHAR")
    if stored == "VARCHAR":
        long = f"CASE WHEN length({value}) > {column.max_length} THEN {_reason('too_long', column)} END"
        problem = long if problem == "NULL" else f"coalesce({problem}, {long})"
    return Plan(
        column, index, {f"c{index}": f"TRY_CAST({value} AS {stored})"}, problem, f"l.c{index}", stored
    )


def _transformed(value: str, column: Column, transform: Transform) -> str:
    """Return a date, timestamp or text after truncate, prefix or mask."""
    match transform.kind:
        case "truncate":
            step = str(transform.parameters.get("to"))
            if step not in _STEPS or column.source_type not in {"date", "timestamp"}:
                raise IngestFailed(f"{column.name} cannot be truncated to that step", where=column.rule)
            return f"date_trunc({quote_text(step)}, {value})"
        case "prefix":
            return f"left({value}, {_whole(column, transform, 'length')})"
        case _:
            keep = _whole(column, transform, "keep") if "keep" in transform.parameters else 0
            return (
                f"left({value}, {keep}) || '***'" if keep else f"CASE WHEN {value} IS NOT NULL THEN '***' END"
            )


def _binned(column: Column, index: int, name: str, source_type: str) -> Plan:
    """Return a bin by its lower edge; outside [from, until) edges go on: the plan calls them (other)."""
    transform = column.transform or Transform("bin")
    width, origin = _exact(column, transform, "width"), _exact(column, transform, "from")
    step = column.type.step
    if width <= 0 or (width / step).denominator != 1 or (origin / step).denominator != 1:
        raise IngestFailed(f"the bins of {column.name} do not lie on its grid", where=column.rule)
    if column.source_type not in {"date", "timestamp"}:
        return _number(column, index, name, source_type, Grid(width, origin, is_bin=True, stored_step=step))
    if str(transform.parameters.get("to")) != "year" or width.denominator != 1 or origin.denominator != 1:
        raise IngestFailed(f"dates such as {column.name} are binned by whole years", where=column.rule)
    reader = _date if column.source_type == "date" else _timestamp
    reading = reader(name, source_type, column)
    edge = f"({origin} + {width} * TRY_CAST(floor((year({reading.value}) - {origin}) / {width}) AS BIGINT))"
    steps = int(1 / step) if (1 / step).denominator == 1 else 1
    loaded = {f"c{index}": f"TRY_CAST({edge} * {steps} AS BIGINT)"}
    return Plan(column, index, loaded, reading.problem, f"l.c{index}", "BIGINT")


def _number(column: Column, index: int, name: str, source_type: str, grid: Grid) -> Plan:
    if source_type in WHOLE and not grid.is_bin and grid.step == 1:
        return Plan(column, index, {f"c{index}": f"CAST({name} AS BIGINT)"}, "NULL", f"l.c{index}", "BIGINT")
    double, text = name, f"CAST({name} AS VARCHAR)"
    if (
        source_type in _WIDE
    ):  # a FLOAT means its shortest decimal text, not the double nearest to its binary value
        double = f"TRY_CAST({text} AS DOUBLE)"
    elif source_type in WHOLE or source_type.startswith("DECIMAL"):
        double = f"CAST({name} AS DOUBLE)"
    elif source_type != "DOUBLE":
        raise _unfit(column, source_type)
    certain = certain_sql(double, grid)
    finite = f" AND isfinite({name})" if source_type in {"DOUBLE", "FLOAT"} else ""
    unsure = f"CASE WHEN {name} IS NOT NULL AND ({certain}) IS NULL{finite} THEN {text} END"
    if source_type == "VARCHAR":
        unsure = f"CASE WHEN trim({name}) <> '' AND ({certain}) IS NULL THEN {text} END"
    loaded = {f"c{index}": certain, f"x{index}": unsure}
    return Plan(
        column, index, loaded, "NULL", f"coalesce(l.c{index}, m{index}.value)", "BIGINT", Map.GRID, grid=grid
    )


def _date(name: str, source_type: str, column: Column) -> Reading:
    if source_type == "DATE":
        return _checked(name, _CALENDAR.format(f"year({name})"), name, "unreadable", column)
    stamp = _timestamp(name, source_type, column)
    day = f"TRY_CAST({stamp.value} AS DATE)"
    lossy = f"CASE WHEN {stamp.value} <> TRY_CAST({day} AS TIMESTAMP) THEN {_reason(LOSSY, column)} END"
    value = f"CASE WHEN {stamp.value} = TRY_CAST({day} AS TIMESTAMP) THEN {day} END"
    return Reading(value, f"coalesce({stamp.problem}, {lossy})")


def _timestamp(name: str, source_type: str, column: Column) -> Reading:
    if source_type not in _STAMPS | {"DATE", "VARCHAR"}:
        raise _unfit(column, source_type)
    stamp = f"TRY_CAST({name} AS TIMESTAMP)"
    reading = _checked(name, _CALENDAR.format(f"year({stamp})"), stamp, "unreadable", column)
    if source_type != "TIMESTAMP_NS":
        return reading
    same = f"TRY_CAST({stamp} AS TIMESTAMP_NS) = {name}"  # its range lies inside the calendar
    return _checked(name, same, stamp, LOSSY, column)


def _boolean(name: str, source_type: str, column: Column) -> Reading:
    if source_type not in WHOLE | {"BOOLEAN", "VARCHAR"}:
        raise _unfit(column, source_type)
    truth = f"TRY_CAST({name} AS BOOLEAN)"
    is_whole = f"{name} IN (0, 1)" if source_type in WHOLE else "TRUE"
    return _checked(name, f"{truth} IS NOT NULL AND {is_whole}", truth, "unreadable", column)


def _text(name: str, source_type: str, column: Column) -> Reading:
    plain = WHOLE | _WIDE | _STAMPS | {"DOUBLE", "DATE", "TIME", "BOOLEAN", "UUID"}
    if source_type == "VARCHAR":
        return Reading(name)
    if source_type in plain or source_type.startswith(("DECIMAL", "ENUM")):
        return Reading(f"CAST({name} AS VARCHAR)")
    raise _unfit(column, source_type)


def _checked(name: str, is_good: str, value: str, code: str, column: Column) -> Reading:
    bad = f"{name} IS NOT NULL AND ({is_good}) IS NOT TRUE"
    return Reading(
        f"CASE WHEN ({is_good}) IS TRUE THEN {value} END", f"CASE WHEN {bad} THEN {_reason(code, column)} END"
    )


def reason(code: str, column: Column) -> str:
    """Return the reason code of a quarantined row as the report shows it."""
    return f"{code}:{column.name}"


def _reason(code: str, column: Column) -> str:
    return quote_text(reason(code, column))


def _unfit(column: Column, source_type: str) -> IngestFailed:
    family = source_type.partition("(")[0].partition("[")[0]
    return IngestFailed(
        f"the source gives {column.name} as {family}, the contract says {column.source_type}",
        where=column.rule,
    )


def _exact(column: Column, transform: Transform, key: str) -> Fraction:
    try:
        return Fraction(str(transform.parameters[key]))
    except (KeyError, ValueError, ZeroDivisionError):
        raise IngestFailed(
            f"transform {transform.kind} of {column.name} needs '{key}'", where=column.rule
        ) from None


def _whole(column: Column, transform: Transform, key: str) -> int:
    number = _exact(column, transform, key)
    if number.denominator != 1 or number < 0:
        raise IngestFailed(f"'{key}' of {column.name} is not a whole number", where=column.rule)
    return int(number)
