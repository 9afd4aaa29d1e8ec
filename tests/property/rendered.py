"""What may reach an engine: every statement of a plan, and a scan of its tokens against lists written here by hand."""

import re
from collections.abc import Iterator

from jali.engines.duckdb.relations import Relations
from jali.engines.duckdb.statements import Statements, fine_norm_of
from jali.plan.exact import AutoClip, CellClamp, ExactPlan
from jali.store.snapshot import Snapshot

_FUNCTIONS = """
abs avg cast ceil coalesce concat contains count date_diff date_part date_trunc dense_rank epoch_us exp floor
greatest isfinite lag last_day lead least left length ln log10 log2 lower ltrim max min nullif rank read_parquet
regexp_full_match replace round row_number rtrim sha256 sign split_part sqrt substr sum time_bucket trim try_cast
unnest upper
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
"""Every function a statement may call; read_parquet is the only one that reads, and only below the store."""

_SYNTAX = """
all and as by case distinct else end exists filter from group having in is join materialized not on or
over partition select then when where with
"""
SYNTAX = frozenset(_SYNTAX.split())
"""Words of SQL that may stand before a bracket without being called."""

STARTS = (
    "CREATE TEMP TABLE ", "CREATE OR REPLACE TEMP TABLE clip_", "DELETE FROM cells ", "INSERT INTO cells ",
    "ALTER TABLE cells ADD COLUMN kept ", "UPDATE cells ", "SELECT ",
)  # fmt: skip
_OWN_TABLES = re.compile(
    r"(?:cells|heavy|dropped|weights|(?:tree|clip|pairs|crowded|covered|rest)_[gs]?\d+|_domain\d+)"
)
_OWN_NAMES = re.compile(r"t\d+|[ak]\d+|_[cow]\d+|_code\d+")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_CALL = re.compile(r"(?<![\w.\"])([A-Za-z_]\w*)\s*\(")
_SOURCE = re.compile(r"\b(?:(?<!DISTINCT )FROM|JOIN|INTO|UPDATE|TABLE)\s+([^\s(]+)")


def statements(plan: ExactPlan, snapshot: Snapshot) -> Iterator[str]:
    """Yield every statement a run of the plan can send, apart from the table of a large domain."""
    written = Statements(plan, Relations(snapshot))
    units = str(snapshot.root / snapshot.units_file)
    yield from _of_cells(written, units)
    clips = {g.id: 1 << 16 for g in plan.groups if not isinstance(g.bound, CellClamp)}
    for group in plan.groups:
        if not isinstance(group.bound, CellClamp):
            yield written.clip(group, fine_norm_of(group.bound, 1)[0])
        if isinstance(group.bound, AutoClip):
            yield written.norms(group)
    yield written.totals(clips)
    for group in plan.groups:
        if group.tree is not None:
            yield from (written.create_tree(group, group.tree, has_heavy=heavy) for heavy in (True, False))
            yield written.tree_totals(group, clips)
    for shared in plan.shared:
        for heavy in (True, False):
            yield from written.shared(shared, has_heavy=heavy)
        yield from (written.shared_counts(shared), written.shared_rest(shared))


def _of_cells(written: Statements, units: str) -> Iterator[str]:
    yield written.create_cells()
    if written.plan.row_cap is not None:
        yield written.count_heavy() or ""
        yield from written.cap_heavy()
    if written.plan.max_keys is not None:
        yield from written.sample(units)
    if written.plan.needs_selection:
        yield written.weights()


def intruders(sql: str, root: str, columns: frozenset[str]) -> list[str]:
    """Return what a statement holds that no statement may hold; nothing for a good one.

    Args:
        sql: the statement.
        root: folder of the store.
        columns: names of all declared columns, in lower case.
    """
    found = [] if sql.startswith(STARTS) else [f"starts with {sql[:30]}"]
    texts, names = [], []
    for quoted in _QUOTED.findall(sql):
        (texts if quoted.startswith("'") else names).append(quoted)
    found += [
        f"names {n}"
        for n in names
        if n[1:-1].replace('""', '"').lower() not in columns
        and not _OWN_NAMES.fullmatch(n[1:-1])
        and n != '"_unit"'
    ]
    reads = re.findall(r"read_parquet\(('(?:[^']|'')*')\)", sql)
    found += [f"reads {r}" for r in reads if not r[1:-1].startswith(root + "/") or ".." in r]
    found += (
        ["reads something computed"] if len(reads) != len(re.findall(r"read_parquet", _bare(sql))) else []
    )
    return found + _of_bare(_bare(sql))


def _bare(sql: str) -> str:
    """Return a statement with its texts as '' and its names as "q"."""
    return _QUOTED.sub(lambda m: "''" if m.group().startswith("'") else '"q"', sql)


def _of_bare(bare: str) -> list[str]:
    called = {name.lower() for name in _CALL.findall(bare)} - FUNCTIONS - SYNTAX
    found = [f"calls {name}" for name in sorted(called) if not _is_definition(name, bare)]
    found += [f"holds {sign}" for sign in (";", "--", "/*", "\x00") if sign in bare]
    for source in _SOURCE.findall(bare):
        name = source.rstrip("),")
        if name != "cells" and not _OWN_TABLES.fullmatch(name) and not source.startswith("read_parquet"):
            found.append(f"takes from {source}")
    return found


def _is_definition(name: str, bare: str) -> bool:
    """Return whether a name before a bracket is a table of ours being defined by WITH."""
    return (
        bool(_OWN_TABLES.fullmatch(name))
        and re.search(rf"\b{name} AS (?:MATERIALIZED )?\(", bare) is not None
    )
