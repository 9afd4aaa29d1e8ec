"""Which rows land, which are quarantined and why; and the writing of both, in their final order."""
# ruff: noqa: S608  # names are quoted or our own, numbers are ints

import json
from collections.abc import Mapping
from dataclasses import dataclass

from jali.engines.duckdb.load import LoadEngine, quote_name, quote_text
from jali.ingest.columns import Map, Plan, reason
from jali.ingest.report import Progress
from jali.model.codes import IngestFailed
from jali.model.schema import KeyValue
from jali.store.writer import Load

MAX_LISTED_VALUES = 1_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of one load; rows_read == rows_stored - rows_copied + sum(quarantined.values()).

    `rows_copied` counts how often a row landed for a further unit, because several units share its parent.
    """

    rows_read: int
    rows_stored: int
    quarantined: Mapping[str, int]
    rows_copied: int = 0


def tally_rows(engine: LoadEngine, plans: tuple[Plan, ...], unit: Plan | None) -> Tally:
    """Judge every row (view `judged`) and count; nothing vanishes.

    `tally` holds (unit, reason) -> rows; `spans` where each unit's rows start in the stored order.

    Raises:
        IngestFailed: if rows in and rows out differ, which would be a bug.
    """
    engine.run(f"CREATE VIEW judged AS {_judged(engine, plans, unit)}")
    engine.run("CREATE TABLE tally AS SELECT _unit, reason, count(*) AS n FROM judged GROUP BY ALL")
    engine.run(
        "CREATE TABLE spans AS SELECT _unit, CAST(sum(n) OVER (ORDER BY _unit) - n AS BIGINT) AS start, n"
        " FROM tally WHERE reason IS NULL"
    )
    counted = engine.rows(
        "SELECT reason, count(DISTINCT position) FROM judged WHERE reason IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    tally = Tally(
        rows_read=engine.number("SELECT count(*) FROM loaded"),
        rows_stored=engine.number("SELECT CAST(sum(n) AS BIGINT) FROM tally WHERE reason IS NULL"),
        quarantined={str(code): int(str(n)) for code, n in counted},
        rows_copied=_copies(engine, unit),
    )
    if tally.rows_read != tally.rows_stored - tally.rows_copied + sum(tally.quarantined.values()):
        raise IngestFailed("rows read and rows accounted for differ; nothing was stored")
    return tally


def _copies(engine: LoadEngine, unit: Plan | None) -> int:
    shared = "SELECT count(*) FROM (SELECT raw FROM units GROUP BY raw HAVING count(*) > 1)"
    if unit is None or not engine.number(shared):
        return 0
    return engine.number("SELECT count(*) - count(DISTINCT position) FROM judged WHERE reason IS NULL")


def _judged(engine: LoadEngine, plans: tuple[Plan, ...], unit: Plan | None) -> str:
    """Return the query over loaded rows and maps: position, unit, reason or NULL, stored values v<i>."""
    used = [p for p in plans if p.map is not Map.NONE and engine.number(f"SELECT count(*) FROM m{p.index}")]
    empty = [p for p in plans if p.map is not Map.NONE and p not in used]
    joins = [f"LEFT JOIN m{p.index} ON l.x{p.index} = m{p.index}.raw" for p in used]
    # an undecided column nobody needed: its map is joined as one row of NULLs, which costs nothing
    joins += [
        f"CROSS JOIN (SELECT CAST(NULL AS {p.stored}) AS value, CAST(NULL AS VARCHAR) AS problem) m{p.index}"
        for p in empty
    ]
    reasons = [*_unit_reasons(unit), "l.reason"]
    reasons += [f"m{p.index}.problem" for p in used if p.map is not Map.GENERALISE]
    for plan in plans:
        if plan.column.required:
            reasons.append(
                f"CASE WHEN {plan.value} IS NULL THEN {quote_text(reason('required', plan.column))} END"
            )
    whose = "NULL AS _unit" if unit is None else "u._unit, u.pseudonym, u.salt"
    if unit is not None:
        joins.append(f"LEFT JOIN units u ON l.x{unit.index} = u.raw")
    values = [f"{p.value} AS v{p.index}" for p in plans]
    shown = ", ".join(
        ["l.rowid AS position", whose, f"coalesce({', '.join([*reasons, 'NULL'])}) AS reason", *values]
    )
    return f"SELECT {shown} FROM loaded l {' '.join(joins)}"


def _unit_reasons(unit: Plan | None) -> list[str]:
    return [] if unit is None else [f"CASE WHEN l.x{unit.index} IS NULL THEN 'no_unit' ELSE u.problem END"]


def stage_rows(
    engine: LoadEngine,
    plans: tuple[Plan, ...],
    unit: Plan | None,
    load: Load,
    how: tuple[Tally, int, Progress],
) -> None:
    """Write stored and quarantined rows into the staging folder of the load."""
    tally, rows_per_file, tell = how
    columns = [f"v{p.index} AS {quote_name(p.column.name)}" for p in plans]
    if tally.quarantined:
        whose = [] if unit is None else ["pseudonym"]
        shown = ", ".join(["position AS _position", "reason AS _reason", *whose, *columns])
        once = "QUALIFY row_number() OVER (PARTITION BY position) = 1" if tally.rows_copied else ""
        bad = f"SELECT {shown} FROM judged WHERE reason IS NOT NULL {once} ORDER BY position"
        engine.write_parquet(bad, load.quarantined.resolve())
    tell("write", 0, tally.rows_stored)
    if unit is None:
        _refuse_repeated_keys(engine, plans)
        shown = ", ".join(["position AS _row", *columns])
        good = f"SELECT {shown} FROM judged WHERE reason IS NULL ORDER BY position"
        engine.write_parquet(good, load.data.resolve() / "part-00000.parquet")
        _list_values(engine, plans, load)
    else:
        _write_clustered(engine, plans, load, rows_per_file, (tally, tell))
    tell("write", tally.rows_stored, tally.rows_stored)


def _refuse_repeated_keys(engine: LoadEngine, plans: tuple[Plan, ...]) -> None:
    """Stop if the primary key of a public table is not one: a private row must meet at most one row of it.

    Raises:
        IngestFailed: naming the key.
    """
    keys = [p for p in plans if p.column.is_primary_key]
    if not keys:
        return
    values = ", ".join(f"v{p.index}" for p in keys)
    present = " AND ".join(f"v{p.index} IS NOT NULL" for p in keys)
    repeated = engine.number(
        f"SELECT count(*) FROM (SELECT 1 FROM judged WHERE reason IS NULL AND {present}"
        f" GROUP BY {values} HAVING count(*) > 1)"
    )
    if repeated:
        names = ", ".join(p.column.name for p in keys)
        raise IngestFailed(
            f"the primary key of a public table is not unique: {repeated} values of ({names}) are there more than once",
            hint="remove the duplicates from the source, or declare another key",
            where=keys[0].column.rule,
        )


def _write_clustered(
    engine: LoadEngine, plans: tuple[Plan, ...], load: Load, rows_per_file: int, how: tuple[Tally, Progress]
) -> None:
    """Write files ascending by unit, each unit's rows by a keyed hash of unit and row: that order is `_rank`.

    The hash covers the sampling key, the unit's pseudonym (both in the salt) and the row's stored values, 96
    bits.
    """
    tally, tell = how
    shown = [f"v{p.index} AS {quote_name(p.column.name)}" for p in plans]
    inner = ", ".join(["j._unit", "s.start", *(f"v{p.index}" for p in plans)])
    row_hash = f"sha256({_row_text(plans)})"
    files = engine.rows(
        f"SELECT min(_unit), max(_unit), min(start), CAST(sum(n) AS BIGINT) FROM spans"
        f" GROUP BY start // {rows_per_file} ORDER BY 1"
    ) or [(0, 0, 0, 0)]
    done = 0
    for number, (first, last, start, rows) in enumerate(files):
        engine.run(
            f"CREATE OR REPLACE TABLE ordered AS SELECT * EXCLUDE h FROM (SELECT {inner}, {row_hash} AS h"
            f" FROM judged j JOIN spans s ON j._unit = s._unit"
            f" WHERE j.reason IS NULL AND j._unit BETWEEN {first} AND {last})"
            " ORDER BY _unit, CAST('0x' || left(h, 16) AS UBIGINT),"
            " CAST('0x' || substr(h, 17, 8) AS UINTEGER)"
        )
        rank = f"CAST(rowid + {start} + 1 - start AS UINTEGER) AS _rank"
        path = load.data.resolve() / f"part-{number:05d}.parquet"
        engine.write_parquet(f"SELECT {', '.join(['_unit', rank, *shown])} FROM ordered", path)
        _refuse_bad_order(engine, str(path))
        done += int(str(rows))
        tell("write", done, tally.rows_stored)


def _row_text(plans: tuple[Plan, ...]) -> str:
    """Return SQL for a text that differs whenever stored values do: separators, and lengths before text."""
    parts = ["salt"]
    for plan in plans:
        value = f"v{plan.index}"
        parts += [f"length({value})", "':'", value] if plan.stored == "VARCHAR" else [value]
        parts.append("'|'")
    return f"concat({', '.join(parts)})"


def _refuse_bad_order(engine: LoadEngine, path: str) -> None:
    """Read a written file back: every unit's ranks must be 1..n, or the version is not published."""
    wrong = engine.number(
        "SELECT count(*) FROM (SELECT s.n FROM"
        " (SELECT _unit, min(_rank) AS low, max(_rank) AS high, count(*) AS n"
        f" FROM read_parquet({quote_text(path)}) GROUP BY 1) f JOIN spans s USING (_unit)"
        " WHERE f.low <> 1 OR f.high <> s.n OR f.n <> s.n)"
    )
    if wrong:
        raise IngestFailed("the rows came out of order; nothing was stored")


def _list_values(engine: LoadEngine, plans: tuple[Plan, ...], load: Load) -> None:
    """Write the sorted distinct values of each column of a public table, except of columns with too many."""
    for plan in plans:
        value = f"v{plan.index}"
        shown = f"CAST({value} AS VARCHAR)" if plan.stored in {"DATE", "TIMESTAMP", "UUID"} else value
        rows = engine.rows(
            f"SELECT DISTINCT {shown} AS k FROM judged WHERE reason IS NULL AND {value} IS NOT NULL"
            f" ORDER BY k LIMIT {MAX_LISTED_VALUES + 1}"
        )
        if len(rows) > MAX_LISTED_VALUES:
            continue
        keys: list[KeyValue] = [k if isinstance(k, bool | int | str) else str(k) for (k,) in rows]
        path = load.data / f"values-{plan.column.name.lower()}.json"
        path.write_text(json.dumps(keys, ensure_ascii=False), encoding="utf-8")
