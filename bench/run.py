"""Speed and error of private answers beside the plain query: the same DuckDB, the same files, run in turn.

Usage: python bench/run.py [rows ...]; results go to bench/results/<rows>.json, ratios to the terminal.
"""

import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from jali.engines.duckdb import DuckDBEngine
from jali.ingest.load import Rules, ingest
from jali.keys.vault import Vault
from jali.model.request import Options, Request
from jali.model.schema import (
    AutoBound,
    Bounds,
    Catalog,
    Column,
    ColumnClass,
    Contribution,
    GroupBy,
    Hints,
    ListedDomain,
    SelectedDomain,
    Table,
    Transform,
)
from jali.model.types import INTEGER, TEXT, TIMESTAMP, UNIT, Kind, Type
from jali.plan.answer import finish
from jali.plan.build import build
from jali.plan.guardrails import Guardrails
from jali.plan.private import PrivatePlan
from jali.policy.check import Cleared
from jali.policy.population import Population
from jali.policy.terms import Purpose
from jali.privacy.conversion import rho_for
from jali.sql.parse import parse
from jali.store.snapshot import Snapshot, current
from jali.trust.central import Central

sys.path.insert(0, str(Path(__file__).parent))
from events import make

HERE = Path(__file__).parent
THREADS = os.cpu_count() or 1
CENT = Type(Kind.NUMBER, Fraction(1, 100))
QUESTIONS = {
    "Q1": ("SELECT COUNT(*) FROM events", "SELECT COUNT(*) FROM {t}"),
    "Q2": ("SELECT COUNT(DISTINCT user_id) FROM events", "SELECT COUNT(DISTINCT _unit) FROM {t}"),
    "Q3": (
        "SELECT SUM(amount) FROM events",
        "SELECT SUM(LEAST(amount, 20000)) / 100.0 FROM {t} WHERE amount IS NOT NULL",
    ),
    "Q4": (
        "SELECT country, AVG(amount) FROM events GROUP BY country",
        "SELECT country, AVG(LEAST(amount, 20000)) / 100.0 FROM {t} WHERE amount IS NOT NULL GROUP BY country",
    ),
    "Q5": (
        "SELECT category, COUNT(*) FROM events GROUP BY category",
        "SELECT category, COUNT(*) FROM {t} GROUP BY category",
    ),
    "Q6": (
        "SELECT country, category, COUNT(*) FROM events GROUP BY country, category",
        "SELECT country, category, COUNT(*) FROM {t} GROUP BY country, category",
    ),
}


def _column(name: str, type_: Type, **facts: Any) -> Column:  # noqa: ANN401  # any field of Column
    base: dict[str, Any] = {
        "name": name, "source_type": "string", "type": type_, "column_class": ColumnClass.QUASI, "readable": True,
        "lands": True, "required": False, "is_primary_key": False, "output_never": False, "group_by": GroupBy.ALLOWED,
        "domain": None, "bounds": None, "per_unit_upper": None, "aggregates": frozenset({"count", "sum", "mean"}),
        "may_filter": True, "transform": None, "unit_of_measure": "", "rule": "bench",
    }  # fmt: skip
    return Column(**(base | facts))


def events_table() -> Table:
    """Return the declared table: 50 declared countries, categories found privately, at most 20,000 rows a user."""
    hmac = Transform("hmac", {"key": "keys:user", "context": "user"})
    user = {"transform": hmac, "column_class": ColumnClass.IDENTIFIER}
    countries = tuple(f"C{i:02d}" for i in range(50))
    return Table(
        "events",
        False,
        (
            _column("user_id", UNIT, source_type="integer", required=True, output_never=True, **user),
            _column("ts", TIMESTAMP, source_type="timestamp"),
            _column("country", TEXT, domain=ListedDomain(countries)),
            _column("category", INTEGER, source_type="integer", domain=SelectedDomain()),
            _column(
                "amount", CENT, source_type="number", per_unit_upper=Fraction(20_000),
                bounds=Bounds(Fraction(0), Fraction(200), Fraction(1, 100), Fraction(15)),
            ),
        ),
        "user_id",
        (),
        Contribution(max_rows=20_000, max_groups=50, clip={"*": AutoBound()}),
        (),
        "bench",
        "bench",
    )  # fmt: skip


def plan_of(sql: str, table: Table, users: int) -> PrivatePlan:
    """Return the plan at (1, 1e-6) for one user."""
    catalog = Catalog({table.name: table})
    delta = Fraction(1, 10**6)
    facts: Any = (
        "bench",
        "urn:bench",
        1,
        (),
        Fraction(1),
        delta,
        delta,
        Fraction(0),
        "none",
        (),
        Path(),
        None,
    )
    population = Population(*facts)
    purpose = Purpose("bench", "dpv:Test", "none", "", "none", "bench")
    request = Request("bench", frozenset(), "bench", Options(epsilon=Fraction(1)))
    guardrails = Guardrails(
        "urn:bench", "user", delta, Fraction(1, 10**9), 1, rho_for(Fraction(1), delta), 10**10, 200_000, True,
        Hints(units=users, rows_per_unit_p50=13, rows_per_unit_p90=32, rows_per_unit_p99=123), lambda _t, _c: (),
    )  # fmt: skip
    return build(Cleared(parse(sql, catalog), request, (), population, purpose, "central"), guardrails)


def timed(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return wall seconds, CPU seconds and the result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = run()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def relative_error(private: list[tuple[Any, ...]], plain: list[tuple[Any, ...]]) -> tuple[float, float]:
    """Return the median relative error over the keys released, and the share of true keys released."""
    truth = {row[:-1]: float(row[-1]) for row in plain}
    errors = [
        abs(float(row[-1]) - truth[row[:-1]]) / abs(truth[row[:-1]])
        for row in private
        if row[:-1] in truth and row[-1] is not None and truth[row[:-1]]
    ]
    return (statistics.median(errors) if errors else float("nan")), len(errors) / max(1, len(truth))


def run_one(name: str, table: Table, snapshot: Snapshot, repeats: int, users: int) -> dict[str, Any]:
    """Return the figures of one question."""
    private_sql, plain_sql = QUESTIONS[name]
    plan = plan_of(private_sql, table, users)
    trust = Central(DuckDBEngine(b"\x01" * 32, threads=THREADS))
    con = duckdb.connect(config={"threads": str(THREADS)})
    files = f"read_parquet('{snapshot.root / snapshot.table('events').folder}/*.parquet')"
    ours: list[tuple[float, float, Any]] = []
    theirs: list[tuple[float, float, Any]] = []
    for _ in range(repeats):
        theirs.append(timed(lambda: con.execute(plain_sql.format(t=files)).fetchall()))
        ours.append(timed(lambda: finish(plan, trust.release(plan, snapshot))))
    found = [relative_error([tuple(r) for r in one[2].rows], theirs[-1][2]) for one in ours]
    error, coverage = (statistics.mean(f[i] for f in found) for i in (0, 1))
    wall, cpu = (min(o[i] for o in ours) / min(t[i] for t in theirs) for i in (0, 1))
    return {
        "question": name, "wall_ratio": wall, "cpu_ratio": cpu, "wall_s": min(o[0] for o in ours),
        "plain_wall_s": min(t[0] for t in theirs), "relative_error": error, "keys_released": coverage,
    }  # fmt: skip


def main(sizes: list[int]) -> None:
    """Run every question at every size and print the table."""
    for n in sizes:
        with tempfile.TemporaryDirectory(prefix="jali-bench-") as folder:
            source = make(HERE / ".data", n)
            table, root = events_table(), Path(folder)
            vault = Vault.create(root / "vault")
            rules = Rules(Catalog({"events": table}), "sha256:bench", "urn:bench")
            report = ingest(table, str(source), root / "store", vault, rules)
            rate = report.rows_stored / report.seconds
            print(f"\n{report.rows_stored:,} rows loaded at {rate:,.0f} rows/s")
            print(
                f"duckdb {duckdb.__version__}, {THREADS} threads; best of 5, ratio to the plain query on the same files"
            )
            print("question   wall ratio   cpu ratio   ours s   plain s   error (mean)   keys released")
            rows = [run_one(q, table, current(root / "store"), 5, n // 20) for q in QUESTIONS]
            for r in rows:
                times = f"{r['wall_ratio']:12.1f} {r['cpu_ratio']:11.1f} {r['wall_s']:8.2f} {r['plain_wall_s']:9.3f}"
                print(f"{r['question']:8} {times} {r['relative_error']:13.2%} {r['keys_released']:14.0%}")
            facts = {
                "rows": report.rows_stored, "duckdb": duckdb.__version__, "python": platform.python_version(),
                "threads": THREADS, "ingest_rows_per_s": rate,
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "results": rows,
            }  # fmt: skip
            (HERE / "results").mkdir(exist_ok=True)
            (HERE / "results" / f"{n}.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main([int(float(a)) for a in sys.argv[1:]] or [1_000_000, 10_000_000])
