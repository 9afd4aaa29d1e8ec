"""The maps of a load: identifier to pseudonym, undecided number to grid, text to general form, unit.

Each is a table of the load's own in-memory database, filled from distinct values a batch at a time, so
memory does not grow with them and no raw identifier reaches a file of ours. Spilled pages lie in the staging
folder.
"""
# ruff: noqa: S608  # names are quoted or our own, numbers are ints

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa

from jali.engines.duckdb.load import LoadEngine, quote_name, quote_text
from jali.ingest.columns import Map, Plan, reason
from jali.ingest.grid import LOSSY, Grid, to_grid
from jali.keys.vault import Vault, canonical_identifier, pseudonymiser
from jali.model.codes import IngestFailed
from jali.model.schema import Table
from jali.store.snapshot import Snapshot

Decision = tuple[object, str | None]
_SQL_TYPE = {Map.PSEUDONYM: "UUID", Map.GRID: "BIGINT", Map.GENERALISE: "VARCHAR"}
_ARROW_TYPE = {Map.PSEUDONYM: pa.string(), Map.GRID: pa.int64(), Map.GENERALISE: pa.string()}


def key_and_context(plan: Plan) -> tuple[str, str]:
    """Return the vault's name of the pseudonym key of a column and its context.

    Raises:
        IngestFailed: if the contract does not name both.
    """
    parameters = plan.column.transform.parameters if plan.column.transform else {}
    key, context = parameters.get("key"), parameters.get("context")
    if not isinstance(key, str) or not isinstance(context, str):
        raise IngestFailed(
            f"transform hmac of {plan.column.name} needs key and context", where=plan.column.rule
        )
    return key.removeprefix("keys:"), context


def build_map(engine: LoadEngine, plan: Plan, vault: Vault) -> None:
    """Fill m<i>(raw, value, problem) with a decision on every distinct x<i> of the loaded table."""
    table, stored = f"m{plan.index}", _SQL_TYPE[plan.map]
    engine.run(f"CREATE TABLE {table} (raw {plan.raw_type}, value {stored}, problem VARCHAR)")
    decide = _decider(plan, vault)
    raw_arrow = pa.int64() if plan.raw_type == "BIGINT" else pa.string()
    distinct = f"SELECT DISTINCT x{plan.index} FROM loaded WHERE x{plan.index} IS NOT NULL"
    for (raws,) in engine.batches(distinct):
        decisions = [decide(raw) for raw in raws]
        columns = [
            pa.array(raws, raw_arrow),
            pa.array([value for value, _ in decisions], _ARROW_TYPE[plan.map]),
            pa.array([problem for _, problem in decisions], pa.string()),
        ]
        engine.insert(table, columns, (plan.raw_type, stored, "VARCHAR"))


def _decider(plan: Plan, vault: Vault) -> Callable[[object], Decision]:
    match plan.map:
        case Map.PSEUDONYM:
            name, context = key_and_context(plan)
            name_of = pseudonymiser(vault.pseudonym_key(name), context)
            return lambda raw: _pseudonym(raw, name_of, plan)
        case Map.GRID:
            grid = plan.grid or Grid(plan.column.type.step)
            return lambda raw: _steps(str(raw), grid, plan)
        case _:
            general = _general_forms(plan)
            return lambda raw: (general.get(str(raw)), None)


def _pseudonym(raw: object, name_of: Callable[[bytes], str], plan: Plan) -> Decision:
    canonical = canonical_identifier(raw, plan.column.source_type)
    if canonical is not None:
        return name_of(canonical), None
    return None, reason(LOSSY, plan.column) if str(raw).strip() else None


def _steps(text: str, grid: Grid, plan: Plan) -> Decision:
    value, code = to_grid(text, grid)
    return value, reason(code, plan.column) if code else None


def _general_forms(plan: Plan) -> dict[str, str]:
    """Return the map of a `generalise`: written in the contract, or a CSV file; it holds no data."""
    parameters = plan.column.transform.parameters if plan.column.transform else {}
    written = parameters.get("map")
    if isinstance(written, Mapping):
        return {str(source): str(target) for source, target in written.items()}
    try:
        with Path(str(written)).open(encoding="utf-8-sig", newline="") as file:
            return {line["from"]: line["to"] for line in csv.DictReader(file)}
    except (OSError, KeyError, UnicodeError, csv.Error):
        said = f"the map of {plan.column.name} cannot be read; it is a CSV file with columns from and to"
        raise IngestFailed(said, where=plan.column.rule) from None


def number_units(engine: LoadEngine, plan: Plan, snapshot: Snapshot) -> bool:
    """Fill `units` from the map of the unit key and say whether the numbering grew or is the first.

    Numbers once given never change; new units are numbered in the order of their pseudonyms. Layout only.
    """
    engine.run("CREATE TABLE numbered (_unit UINTEGER, pseudonym UUID)")
    if snapshot.units_file:
        known = quote_text(str(snapshot.root.resolve() / snapshot.units_file))
        engine.run(f"INSERT INTO numbered SELECT _unit, pseudonym FROM read_parquet({known})")
    before = engine.number("SELECT count(*) FROM numbered")
    found = f"SELECT DISTINCT value FROM m{plan.index} WHERE value IS NOT NULL"
    engine.run(
        "INSERT INTO numbered SELECT (SELECT coalesce(max(_unit), 0) FROM numbered)"
        f" + row_number() OVER (ORDER BY value), value FROM ({found})"
        " WHERE value NOT IN (SELECT pseudonym FROM numbered)"
    )
    _name_units(
        engine,
        "SELECT m.raw, n._unit, n.pseudonym,"
        " CASE WHEN n._unit IS NULL THEN coalesce(m.problem, 'no_unit') END AS problem"
        f" FROM m{plan.index} m LEFT JOIN numbered n ON m.value = n.pseudonym",
    )
    return not snapshot.units_file or engine.number("SELECT count(*) FROM numbered") > before


def find_units_by_parent(engine: LoadEngine, plan: Plan, table: Table, snapshot: Snapshot) -> None:
    """Fill `units` for a table that reaches its unit over the stored parent table.

    A row whose parent key several units share lands once for each of them: what lands for a unit then depends on
    that unit's own parents alone. Quarantining such a row would let one unit decide over another's rows.

    Raises:
        NoData: if the parent was not loaded.
        IngestFailed: if the parent does not hold the key.
    """
    parent, _, key = table.unit_path[1].partition(".")
    stored = snapshot.table(parent)
    name = next((c for c in stored.columns if c.lower() == key.lower()), None)
    if name is None:
        raise IngestFailed(f"the stored {parent} has no column {key} to find the unit by", where=table.rule)
    root = snapshot.root.resolve()
    files, known = (
        quote_text(str(root / stored.folder / "*.parquet")),
        quote_text(str(root / snapshot.units_file)),
    )
    engine.run(
        f"CREATE TABLE parents AS SELECT DISTINCT {quote_name(name)} AS key, _unit"
        f" FROM read_parquet({files}) WHERE {quote_name(name)} IS NOT NULL"
    )
    engine.run(f"CREATE TABLE numbered AS SELECT _unit, pseudonym FROM read_parquet({known})")
    _name_units(
        engine,
        "SELECT m.raw, n._unit, n.pseudonym, CASE WHEN m.value IS NULL THEN coalesce(m.problem, 'no_unit')"
        " WHEN p.key IS NULL THEN 'orphan' END AS problem"
        f" FROM m{plan.index} m LEFT JOIN parents p ON m.value = p.key"
        " LEFT JOIN numbered n ON n._unit = p._unit",
    )


def _name_units(engine: LoadEngine, sql: str) -> None:
    """Keep the units with the salt that orders their rows: a hash of sampling key and pseudonym, 128 bits."""
    salt = "left(sha256(getvariable('sampling_key') || replace(CAST(pseudonym AS VARCHAR), '-', '')), 32)"
    engine.run(f"CREATE TABLE units AS SELECT *, {salt} AS salt FROM ({sql})")
