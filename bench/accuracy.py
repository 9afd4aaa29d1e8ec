"""Error of private answers at equal privacy: ours by one exact pass and many draws of noise; peers beside them.

Usage: python bench/accuracy.py [--rows 1000000 ...] [--scale 0.1 ...] [--draws 50] [--peers opendp ...]

For every question it prints

* error: the median over the draws of the median relative error over the true keys (a key not released counts as 1);
* bias: what the bounds alone do, the same measure of the noise-free bounded answer at the bounds of each draw;
* keys: share of the true keys released;
* rmse: root mean square of (released - noise-free) / stated sd; 1 is what theory says;
* covered: share of stated 95 % intervals that hold the noise-free bounded value.

True values are computed here, outside the product, from the source files.
"""

import argparse
import json
import math
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import duckdb

from jali.engines.duckdb import DuckDBEngine
from jali.engines.protocol import Engine, Run
from jali.ingest.load import Rules, ingest
from jali.keys.vault import Vault
from jali.model.errors import JaliError
from jali.model.schema import Catalog
from jali.model.secret import Secret
from jali.pipeline import prepare, request_of
from jali.plan.answer import Rows, finish
from jali.plan.exact import ExactPlan, Group, Totals, UnitNumber
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.serve.numbers import options_from
from jali.store.snapshot import Snapshot, current
from jali.testing.samplers import Repeat, choices_of
from jali.trust.central import Central

sys.path.insert(0, str(Path(__file__).parent))
import peers
import tpch
from events import make
from run import QUESTIONS, events_table, plan_of

HERE = Path(__file__).parent
EVENTS = {name: sql for name, (sql, _) in QUESTIONS.items()} | {
    "Q7": "SELECT country, MEDIAN(amount) FROM events GROUP BY country"
}
TRUTH = EVENTS | {
    "Q3": "SELECT SUM(LEAST(amount, 200)) FROM events WHERE amount IS NOT NULL",
    "Q4": "SELECT country, AVG(LEAST(amount, 200)) FROM events WHERE amount IS NOT NULL GROUP BY country",
}
"""What the questions mean on the source files: a declared range is part of the question, in every tool (LEAST skips
NULL in DuckDB, hence the condition)."""


class Once:
    """An engine that computes every exact answer once, so that noise can be drawn many times."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.found: dict[object, Any] = {}
        self.name = engine.name
        self.capabilities = engine.capabilities

    def check(self, plan: ExactPlan, snapshot: Snapshot) -> None:
        self.engine.check(plan, snapshot)

    def open(self, plan: ExactPlan, snapshot: Snapshot) -> "OnceRun":
        return OnceRun(self, plan, snapshot)


class OnceRun:
    """A run that opens the data only for what was not computed before."""

    def __init__(self, outer: Once, plan: ExactPlan, snapshot: Snapshot) -> None:
        self.outer, self.plan, self.snapshot = outer, plan, snapshot
        self.run: Run | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.run is not None:
            self.run.__exit__(None, None, None)

    def opened(self) -> Run:
        if self.run is None:
            self.run = self.outer.engine.open(self.plan, self.snapshot).__enter__()
        return self.run

    def spread(self, number: UnitNumber) -> Secret[list[int]]:
        return self.once(number, lambda: self.opened().spread(number))

    def settle(self, plan: ExactPlan) -> None:
        self.plan = plan
        if self.run is not None:
            self.run.settle(plan)

    def norms(self) -> Secret[dict[str, list[int]]]:
        return self.once("norms", lambda: self.opened().norms())

    def totals(self, norms: Sequence[tuple[str, int]]) -> Secret[Totals]:
        return self.once(tuple(norms), lambda: self.opened().totals(norms))

    def once(self, what: object, compute: Callable[[], Any]) -> Any:  # noqa: ANN401  # a Secret of anything
        """Return what was computed under the same caps before, or compute it."""
        key = (self.plan.row_cap, self.plan.max_keys, what)
        if key not in self.outer.found:
            self.outer.found[key] = compute()
        return self.outer.found[key]


@dataclass(frozen=True)
class Figures:
    """What is printed of one question in one tool."""

    question: str
    tool: str
    error: float
    bias: float | None = None
    keys: float | None = None
    rmse: float | None = None
    covered: float | None = None
    note: str = ""


def ours(
    name: str, plan: PrivatePlan, snapshot: Snapshot, truth: dict[tuple[str, ...], float], draws: int
) -> Figures:
    """Return our figures for a plan."""
    engine = Once(DuckDBEngine(b"\x01" * 32, threads=os.cpu_count() or 1))
    errors: list[float] = []
    biases: list[float] = []
    shares: list[float] = []
    scaled: list[float] = []
    inside: list[bool] = []
    for _ in range(draws):
        noisy = Central(engine).release(plan, snapshot)
        settled = plan.settled(noisy.bounds)
        released = finish(settled, noisy)
        bounded = cells_of(finish(settled, without_noise(engine, plan, snapshot, noisy)))
        cells = cells_of(released)
        errors.append(_error(cells, truth))
        biases.append(_error(bounded, truth))
        shares.append(sum(k in cells for k in truth) / max(1, len(truth)))
        for row, sds, spans in zip(released.unclamped, released.noise_sd, released.intervals, strict=True):
            exact, sd, span = bounded.get(_key(row)), sds[-1], spans[-1]
            if exact is None or row[-1] is None or not sd or span is None:
                continue
            scaled.append((float(row[-1]) - exact) / float(sd))
            inside.append(float(span[0]) <= exact <= float(span[1]))
    rmse = math.sqrt(statistics.fmean(s * s for s in scaled)) if scaled else None
    covered = statistics.fmean(inside) if inside else None
    parts = (statistics.median(errors), statistics.median(biases), statistics.fmean(shares), rmse, covered)
    return Figures(name, "jali", *parts, note=_bounds(plan))


def _bounds(plan: PrivatePlan) -> str:
    return ", ".join(type(n.group.bound).__name__ for n in plan.noises if isinstance(n.group, Group))


def without_noise(engine: Engine, plan: PrivatePlan, snapshot: Snapshot, noisy: Noisy) -> Noisy:
    return Central(engine, Repeat(indices=choices_of(plan, noisy))).release(plan, snapshot)


def _key(row: Sequence[Any]) -> tuple[str, ...]:
    return tuple("(null)" if v is None else str(v) for v in row[:-1])


def cells_of(rows: Rows) -> dict[tuple[str, ...], float]:
    return {_key(r): float(r[-1]) for r in rows.unclamped if r[-1] is not None}


def _error(cells: dict[tuple[str, ...], float], truth: dict[tuple[str, ...], float]) -> float:
    off = [abs(cells[k] - v) / abs(v) if k in cells else 1.0 for k, v in truth.items() if v]
    return statistics.median(off)


def truth_of(sql: str, tables: dict[str, Path]) -> dict[tuple[str, ...], float]:
    """Return the true rows by key, from the source files."""
    with duckdb.connect() as db:
        for name, path in tables.items():
            db.execute(f"CREATE VIEW {name} AS FROM read_parquet('{path}')")
        rows = db.execute(sql).fetchall()
    return {_key(r): float(r[-1]) for r in rows if isinstance(r[-1], int | float | Decimal)}


def events(n: int, draws: int, wanted: Sequence[str]) -> list[Figures]:
    """Return the figures of the events questions at a size, ours and the peers'."""
    found: list[Figures] = []
    source = make(HERE / ".data", n)
    with tempfile.TemporaryDirectory(prefix="jali-bench-") as folder:
        root = Path(folder)
        table, vault = events_table(), Vault.create(root / "vault")
        ingest(
            table,
            str(source),
            root / "store",
            vault,
            Rules(Catalog({"events": table}), "sha256:bench", "urn:bench"),
        )
        for name, sql in EVENTS.items():
            truth = truth_of(TRUTH[name], {"events": source})
            found.append(ours(name, plan_of(sql, table, n // 20), current(root / "store"), truth, draws))
            show(found[-1])
            for tool in wanted:
                found.append(peer(tool, name, source, truth))
                show(found[-1])
    return found


def peer(tool: str, name: str, source: Path, truth: dict[tuple[str, ...], float]) -> Figures:
    """Return the figures of one peer at one question; why not, where it cannot."""
    runs, note = peers.answers(tool, name, source)
    if not runs:
        return Figures(name, tool, math.nan, note=note)
    cells = [{_key(r): float(r[-1]) for r in run if r[-1] is not None} for run in runs]
    errors = [_error(c, truth) for c in cells]
    shares = [sum(k in c for k in truth) / max(1, len(truth)) for c in cells]
    return Figures(name, tool, statistics.median(errors), keys=statistics.fmean(shares), note=note)


def tpch_at(scale: float, draws: int) -> list[Figures]:
    """Return our figures of the TPC-H questions, at (1, 1e-6) and at (0.8, 1e-6) beside R2T's published ones."""
    found: list[Figures] = []
    data = tpch.generate(HERE / ".data", scale)
    for unit in ("customer", "supplier"):
        with tempfile.TemporaryDirectory(prefix="jali-bench-") as folder:
            house = tpch.house(Path(folder) / "house", data, unit, scale)
            tables = {t: data / f"{t}.parquet" for t in tpch.TABLES[unit]}
            for question in tpch.questions(unit):
                truth = truth_of(question.sql, tables)
                for epsilon in ("1", "0.8"):
                    request = request_of(house, "ana", tpch.ASK["purpose"], options_from(epsilon=epsilon))
                    try:
                        prepared = prepare(question.sql, request, house)
                    except JaliError as error:
                        found.append(Figures(question.name, f"jali eps {epsilon}", math.nan, note=error.code))
                        continue
                    one = ours(question.name, prepared.plan, prepared.snapshot, truth, draws)
                    published = tpch.R2T_SF1.get(question.name) if scale == 1 and epsilon == "0.8" else None
                    beside = "" if published is None else f"R2T published {published:.3%}; "
                    note = beside + question.note
                    found.append(Figures(**(asdict(one) | {"tool": f"jali eps {epsilon}", "note": note})))
                    show(found[-1])
    return found


def show(one: Figures) -> None:
    """Print one line."""

    def part(value: float | None, form: str) -> str:
        return format(value, form) if value is not None else "-"

    figures = f"{part(one.error, '.3%'):>9} {part(one.bias, '.3%'):>9} {part(one.keys, '.0%'):>6}"
    more = f"{part(one.rmse, '.3f'):>7} {part(one.covered, '.1%'):>8}"
    print(f"{one.question:9}{one.tool:14}{figures}{more}  {one.note}", flush=True)


def main() -> None:
    """Run what is asked and keep it as JSON."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--rows", type=float, nargs="*", default=[1e6, 1e7])
    reader.add_argument("--scale", type=float, nargs="*", default=[0.1, 1])
    reader.add_argument("--draws", type=int, default=50)
    reader.add_argument("--peers", nargs="*", default=list(peers.TOOLS))
    asked = reader.parse_args()
    results = HERE / "results" / "accuracy.json"
    kept: dict[str, Any] = json.loads(results.read_text("utf-8")) if results.exists() else {}
    kept |= {"duckdb": duckdb.__version__, "python": platform.python_version(), "draws": asked.draws}
    head = "question tool              error      bias   keys   rmse  covered  note"
    for n in (int(r) for r in asked.rows):
        print(f"\nevents, {n:,} rows, (1, 1e-6) for a user\n{head}")
        kept[f"events {n}"] = [asdict(f) for f in events(n, asked.draws, asked.peers)]
    for scale in asked.scale:
        print(f"\nTPC-H, scale {scale:g}, delta 1e-6\n{head}")
        kept[f"tpch {scale:g}"] = [asdict(f) for f in tpch_at(scale, asked.draws)]
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
