"""Asks the cases: plans them, sums a plan up in one line, and answers without noise on an engine of the list."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from jali.engines.duckdb import DuckDBEngine
from jali.engines.protocol import Engine
from jali.model.request import Options, Request
from jali.model.schema import Hints
from jali.plan import build
from jali.plan.answer import Rows as Finished
from jali.plan.answer import finish
from jali.plan.exact import Key
from jali.plan.guardrails import Guardrails
from jali.plan.limits import guardrails_of
from jali.plan.private import PrivatePlan
from jali.policy.check import Cleared, check
from jali.sql import show
from jali.sql.parse import parse
from jali.sql.tree import Rows, Scan, Source, Union, Windowed
from jali.store.snapshot import Snapshot
from jali.testing.samplers import NoNoise
from jali.trust.central import Central
from tests.cases.conformance.cases import Case
from tests.cases.conformance.stored import snapshot_at
from tests.cases.conformance.tables import catalog, public_values
from tests.cases.houses import PUBLIC, policies
from tests.guarantee.plans import POPULATION, PURPOSE

ENGINES: Mapping[str, Engine] = {
    "duckdb": DuckDBEngine(b"\x07" * 32, memory_limit_bytes=2**28, threads=1),
}
"""Every engine that must give these meanings; a new one is added here."""

GHOST = snapshot_at(Path("/nonexistent/store"))
"""A snapshot without files: whoever reads it fails."""

_DEAR = Fraction(10**15)
_PURPOSES = {"grocer": "assortment", "hospital": "planning"}
_NOW = datetime(2026, 11, 1, tzinfo=UTC)


def plan_text(sql: str, dialect: str = "duckdb", rho: Fraction | None = _DEAR) -> PrivatePlan:
    """Return the plan of a question of the conformance world; a price so high that no bound is felt."""
    request = Request("ana", frozenset({"analyst"}), "test", Options(dialect=dialect, rho=rho))
    query = parse(sql, catalog(), dialect)
    cleared = Cleared(query, request, (), POPULATION, PURPOSE, "central")
    guardrails = Guardrails(
        population="urn:conformance",
        unit="person",
        delta_conversion=POPULATION.delta_conversion,
        key_delta=Fraction(1, 10**6),
        min_units_per_key=1,
        default_nano_rho=500_000_000,
        max_nano_rho=10**25,
        max_rows=1000,
        clamps_for_display=False,
        hints=Hints(),
        public_values=public_values,
    )
    return build(cleared, guardrails)


def plan_case(case: Case) -> PrivatePlan:
    """Return the plan of a case, in the world or under the rules of a reference house; reads no data.

    Raises:
        JaliError: if it is refused.
    """
    dialect = case.facts.get("dialect", "duckdb")
    if (house := case.facts.get("house")) is None:
        asks = {"ACCURACY", "EPSILON"} & set(case.sql.upper().split())
        plan = plan_text(case.sql, dialect, None if asks else _DEAR)
    else:
        purpose = case.facts.get("purpose", _PURPOSES[house])
        request = Request("ana", frozenset({"analyst"}), purpose, Options(dialect=dialect))
        rules = policies(house)
        cleared = check(parse(case.sql, rules.catalog, dialect), request, rules, _NOW)
        plan = build(cleared, guardrails_of(cleared.contracts, cleared.population, lambda t, c: PUBLIC[t, c]))
    for engine in ENGINES.values():
        if house is None:
            engine.check(plan.exact, GHOST)
    return plan


def summary(plan: PrivatePlan) -> str:
    """Return a plan in one line: keys, what is measured, and what is done to the released values."""
    query = plan.cleared.query
    keys = [f"{k.name}({_values(k)})" for k in plan.exact.keys]
    after = {"having": query.having, "order": query.order, "limit": query.limit, "offset": query.offset}
    parts = [relation(query.rows)] + (["keys " + ", ".join(keys)] if keys else [])
    parts.append(", ".join(show.in_words(a) for a in query.aggregates))
    parts += (
        ["then " + " ".join(name for name, value in after.items() if value)] if any(after.values()) else []
    )
    parts += [f"levels {len(query.levels)}"] if query.levels else []
    parts += ["windows"] * bool(query.windows) + ["distinct"] * query.is_distinct
    asked = query.asked
    parts += ["explain"] * asked.explain + ["accuracy"] * (asked.accuracy is not None)
    parts += ["epsilon"] * (asked.epsilon is not None)
    return "; ".join(parts)


def _values(key: Key) -> str:
    if key.values is None:
        return "found"
    return f"{len(key.values)}{'+other' * key.has_other}{'+null' * key.has_null}"


def relation(rows: Rows) -> str:
    """Return the sources of a relation in short: tables, and what each person is grouped by in brackets."""
    words = [_source(rows.first)]
    words += [f"{'left ' if j.kind == 'left' else ''}{_source(j.right)}" for j in rows.joins]
    words += [f"{semi.kind} ({relation(semi.rows)})" for semi in rows.semis]
    return " + ".join(words) + (f" where {len(rows.where)}" if rows.where else "")


def _source(source: Source) -> str:
    if isinstance(source, Scan):
        return source.table.name
    if isinstance(source, Union):
        return "(" + "; ".join(relation(branch.rows) for branch in source.branches) + ")"
    if isinstance(source, Windowed):
        return f"[{relation(source.rows)} with {', '.join(w.function for _, w in source.windows)} by person]"
    return f"[{relation(source.rows)} by person{f' and {len(source.keys)} more' if source.keys else ''}]"


def answer(plan: PrivatePlan, engine: Engine, snapshot: Snapshot) -> Finished:
    """Return the bounded answer without noise."""
    return finish(plan, Central(engine, NoNoise()).release(plan, snapshot))
