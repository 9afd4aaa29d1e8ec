"""One load: a source becomes a new version of one table: minimised, clustered by unit, all or nothing.

Stages: read (one scan of the source, cast to the declared types), pseudonyms (maps of distinct values), check
(reasons for quarantine), write (sorted by unit and keyed order), publish. What happens to a row is a
function of that row, its unit's rows, the contract and keys; only the dense unit numbers depend on others,
and they are layout. One exception, forced by the data: a row whose parent key belongs to two units is
nobody's, so it is quarantined.
"""

import dataclasses
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jali.engines.duckdb.load import Failure, LoadEngine, LoadError
from jali.ingest.columns import Map, Plan, plan_column
from jali.ingest.files import Files, Scan
from jali.ingest.judge import Tally, stage_rows, tally_rows
from jali.ingest.maps import build_map, find_units_by_parent, key_and_context, number_units
from jali.ingest.report import Limits, LoadReport, Progress
from jali.keys.vault import Vault
from jali.model.codes import IngestFailed, VaultFailed
from jali.model.schema import Catalog, Column, ColumnClass, Table
from jali.store.form import TABLE, differing, form_of, with_inherited_transform
from jali.store.writer import Load, Notes, open_load, publish

_FORBIDDEN_IN_NAMES = frozenset("/\\\0")


@dataclass(frozen=True, slots=True)
class Job:
    """What one load works on: the columns that land, and the column the unit is found by (None if public).

    Attributes:
        form: of the table under the active contract.
        population: id of the population its units belong to.
    """

    table: Table
    scan: Scan
    plans: tuple[Plan, ...]
    unit: Plan | None
    load: Load
    vault: Vault
    form: Mapping[str, str]
    population: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a load must know of the rules beside its own table.

    Attributes:
        catalog: all tables, to find what foreign keys inherit.
        contract_digest: of the active contract; a new one may bring new source columns.
        population: id of the population the units belong to; for good, because its lifetime budget is theirs.
    """

    catalog: Catalog
    contract_digest: str
    population: str


def ingest(  # noqa: PLR0913  # the parts of a house, each needed
    table: Table,
    uri: str,
    store_root: Path,
    vault: Vault,
    rules: Rules,
    *,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> LoadReport:
    """Load one table and return what happened, for the steward.

    Args:
        table: as the active contract declares it.
        uri: Parquet or CSV: file, folder or pattern.
        store_root: folder of the store; created if need be.
        vault: keys; pseudonym keys are created at first use.
        rules: what else the house says.
        progress: called as (stage, done, total).
        limits: memory, threads, file size, waiting time.

    Raises:
        IngestFailed: if the source cannot be read or does not fit, or the population is not the one the units were
            first loaded for; nothing has changed.
        StoreFailed: if another load runs or the disk refuses; nothing has changed.
        VaultFailed: if a key is missing or not the one this store was made with.
    """
    started = time.monotonic()
    chosen, tell = limits or Limits(), progress or _say_nothing
    scan = Files({table.name: uri}).scan(table.name)
    with open_load(store_root, wait_s=chosen.wait_s) as load:
        job, notes, tally = _stage(table, (scan, load, chosen, tell), vault, rules)
        tell("publish", 0, 1)
        _bind_population(job)
        names = tuple(p.column.name for p in job.plans)
        version = publish(
            load,
            table.name,
            is_public=table.is_public,
            columns=names,
            contract_digest=rules.contract_digest,
            form=job.form,
            notes=notes,
        )
        tell("publish", 1, 1)
        return _report(job, tally, version, time.monotonic() - started)


def _stage(
    table: Table, how: tuple[Scan, Load, Limits, Progress], vault: Vault, rules: Rules
) -> tuple[Job, Notes, Tally]:
    """Put the files of the new version into the staging folder; the engine is closed afterwards."""
    scan, load, limits, tell = how
    try:
        with _engine(load, scan, limits) as engine:
            job, notes = _prepare(engine, table, (scan, load), vault, rules)
            return job, notes, _run(engine, job, limits, tell)
    except LoadError as error:
        failure = error.failure
    raise _failed(failure)


def _engine(load: Load, scan: Scan, limits: Limits) -> LoadEngine:
    root = load.snapshot.root.resolve()
    if any(file.is_relative_to(root) for file in scan.files):
        raise IngestFailed("the source lies inside the store")
    return LoadEngine(
        memory_limit_bytes=limits.memory_bytes,
        threads=limits.threads,
        temp_directory=load.staging.resolve() / "spill",
        source_files=scan.files,
        folders=(root,),
    )


def _prepare(
    engine: LoadEngine, table: Table, source: tuple[Scan, Load], vault: Vault, rules: Rules
) -> tuple[Job, Notes]:
    """Return what is to be done and the notes of the new version; refuse what does not fit the contract."""
    scan, load = source
    catalog, digest = rules.catalog, rules.contract_digest
    form = form_of(table, catalog, rules.population)
    _refuse_other_rules(table, load, rules)
    types = engine.columns(scan.relation)
    _refuse_drift(table, types, load.notes, digest)
    by_name = {name.lower(): (name, kind) for name, kind in types}
    landing = [c for c in table.columns if c.lands and not _is_unit(table, c)]
    plans = tuple(_plan(table, c, i, by_name, catalog) for i, c in enumerate(landing))
    unit = None
    if not table.is_public:
        unit = _plan(table, _unit_column(table), len(plans), by_name, catalog)
    job = Job(table, scan, plans, unit, load, vault, form, rules.population)
    _check_population(job)
    recorded = {"contract_digest": digest, "columns": sorted([list(t) for t in types])}
    sources = {**load.notes.get("sources", {}), table.name.lower(): recorded}
    return job, {**load.notes, "sources": sources, "keys": _key_checks(job)}


def _is_unit(table: Table, column: Column) -> bool:
    return table.unit_column is not None and column.name.lower() == table.unit_column.lower()


def _unit_column(table: Table) -> Column:
    name = table.unit_column or (table.unit_path[0].partition(".")[2] if len(table.unit_path) > 1 else "")
    column = table.column(name)
    if column is None:
        raise IngestFailed(f"the contract says no unit for {table.name}", where=table.rule)
    identifier = dataclasses.replace(column, column_class=ColumnClass.IDENTIFIER)
    return dataclasses.replace(identifier, required=False)  # a missing unit has its own reason


def _plan(
    table: Table, column: Column, index: int, types: Mapping[str, tuple[str, str]], catalog: Catalog
) -> Plan:
    if column.name.lower() not in types:
        raise IngestFailed(f"the source has no column {column.name}", where=column.rule)
    if _FORBIDDEN_IN_NAMES & set(column.name + table.name) or column.name.lower() in {
        "_unit",
        "_rank",
        "_row",
    }:
        raise IngestFailed("a column or table name is not usable in the store", where=column.rule)
    return plan_column(with_inherited_transform(table, column, catalog), index, *types[column.name.lower()])


def _refuse_other_rules(table: Table, load: Load, rules: Rules) -> None:
    """Stop if the table was loaded for another population, or its parent follows other rules than the active ones."""
    stored = {t.name.lower(): t for t in load.snapshot.tables}
    before = stored.get(table.name.lower())
    if before is not None and not before.is_public and not table.is_public:
        was = json.loads(before.form.get(TABLE, "{}")).get("population", rules.population)
        _refuse_population(table, str(was), rules.population)
    if table.is_public or table.unit_column is not None or not table.unit_path:
        return
    parent = rules.catalog.table(table.unit_path[1].partition(".")[0])
    if parent is None or parent.name.lower() not in stored:
        return  # refused where the parent is read
    active = form_of(parent, rules.catalog, rules.population)
    if differing(stored[parent.name.lower()].form, active):
        raise IngestFailed(
            f"{parent.name}, over which {table.name} reaches its unit, was loaded under other rules",
            hint=f"run: jali ingest --table {parent.name}",
            where=table.rule,
        )


def _bind_population(job: Job) -> None:
    """Bind the key that names the units to its population, at the last moment before data is there."""
    if job.unit is not None and job.table.unit_column is not None:
        job.vault.bind_population(*key_and_context(job.unit), job.population)
        _check_population(job)  # another process may have been first


def _check_population(job: Job) -> None:
    if job.unit is not None and job.table.unit_column is not None:
        bound = job.vault.population(*key_and_context(job.unit))
        _refuse_population(job.table, bound or job.population, job.population)


def _refuse_population(table: Table, bound: str, given: str) -> None:
    if bound != given:
        raise IngestFailed(
            f"the units of {table.name} belong to the population {bound} since they were first loaded, not to {given}",
            hint="keep the id of the population: a new one would be a second lifetime budget for the same people",
            where=table.rule,
        )


def _refuse_drift(table: Table, types: tuple[tuple[str, str], ...], notes: Notes, digest: str) -> None:
    """Stop if the source's columns differ from those recorded when this contract first loaded the table."""
    recorded = notes.get("sources", {}).get(table.name.lower())
    if not isinstance(recorded, dict) or recorded.get("contract_digest") != digest:
        return
    was = {str(name): str(kind) for name, kind in recorded["columns"]}
    now = dict(types)
    changed = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
    if changed:
        raise IngestFailed(
            f"the source's columns changed since the contract was activated: {', '.join(changed)}",
            hint="correct the source, or activate a contract version that knows about the change",
            where=table.rule,
        )


def _key_checks(job: Job) -> dict[str, object]:
    """Return a check value per key; refuse a vault whose keys are not those this store was made with."""
    known = dict(job.load.notes.get("keys", {}))
    plans = [p for p in (*job.plans, job.unit) if p is not None and p.map is Map.PSEUDONYM]
    names = {key_and_context(plan)[0] for plan in plans}
    keys = {name: job.vault.pseudonym_key(name, create=name not in known) for name in names}
    if not job.table.is_public:
        keys["(sampling)"] = job.vault.sampling_key()
    for name, key in keys.items():
        check = hmac.digest(key, b"jali store key check", "sha256").hex()[:32]
        if known.setdefault(name, check) != check:
            raise VaultFailed(
                f"the key {name} is not the one this store was made with", hint="restore the vault"
            )
    return known


def _run(engine: LoadEngine, job: Job, limits: Limits, tell: Progress) -> Tally:
    tell("read", 0, 1)
    _read(engine, job)
    tell("read", 1, 1)
    mapped = [p for p in (*job.plans, job.unit) if p is not None and p.map is not Map.NONE]
    for done, plan in enumerate(mapped):
        tell("pseudonyms", done, len(mapped))
        build_map(engine, plan, job.vault)
    tell("pseudonyms", len(mapped), len(mapped))
    if job.unit is not None:
        _units(engine, job, job.unit)
    tell("check", 0, 1)
    tally = tally_rows(engine, job.plans, job.unit)
    tell("check", 1, 1)
    stage_rows(engine, job.plans, job.unit, job.load, (tally, limits.rows_per_file, tell))
    return tally


def _read(engine: LoadEngine, job: Job) -> None:
    """Read the source once; row numbers of `loaded` are positions in the source."""
    plans = [p for p in (*job.plans, job.unit) if p is not None]
    parts = [f"{value} AS {name}" for plan in plans for name, value in plan.loaded.items()]
    problems = [plan.problem for plan in plans if plan.problem != "NULL"]
    reason = f"coalesce({', '.join([*problems, 'NULL'])})"
    shown = ", ".join([*parts, f"CAST({reason} AS VARCHAR) AS reason"])
    engine.run(f"CREATE TABLE loaded AS SELECT {shown} FROM {job.scan.relation}")  # noqa: S608  # names are quoted


def _units(engine: LoadEngine, job: Job, unit: Plan) -> None:
    engine.rows("SET VARIABLE sampling_key = ?", [job.vault.sampling_key().hex()])
    if job.table.unit_column is None:
        find_units_by_parent(engine, unit, job.table, job.load.snapshot)
    elif number_units(engine, unit, job.load.snapshot):
        engine.write_parquet("SELECT * FROM numbered ORDER BY _unit", job.load.units.resolve())


def _report(job: Job, tally: Tally, version: int, seconds: float) -> LoadReport:
    declared = {c.name.lower() for c in job.table.columns}
    present = {name.lower() for name in job.scan.columns}
    return LoadReport(
        table=job.table.name,
        load_id=job.load.load_id,
        version=version,
        rows_read=tally.rows_read,
        rows_stored=tally.rows_stored,
        quarantined=tally.quarantined,
        undeclared=tuple(name for name in job.scan.columns if name.lower() not in declared),
        dropped=tuple(c.name for c in job.table.columns if not c.lands and c.name.lower() in present),
        seconds=seconds,
        rows_copied=tally.rows_copied,
    )


def _failed(failure: Failure) -> IngestFailed:
    return IngestFailed(
        f"the load stopped and changed nothing: {failure.value}",
        hint="check the source with its own tools; cell values are never shown here",
    )


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    return
