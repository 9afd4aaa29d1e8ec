"""A dashboard under (1, 1e-6): how many questions fit, and what answering them jointly is worth.

Usage: python bench/dashboard.py [--scale 0.1] [--draws 20]

First: how many counts with the noise of a Laplace mechanism of epsilon 0.01 one budget of (1, 1e-6) pays for. Second: a
dashboard of 100 questions over the line items of TPC-H, asked one by one at a hundredth of the budget each, and as one
workload for the whole; the error is against the true answer: noise and what the bounds cut.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

from jali.engines.duckdb import DuckDBEngine
from jali.model.request import Options
from jali.pipeline import House, Prepared, prepare, request_of
from jali.plan.answer import Rows, finish, finish_lines
from jali.plan.derive import Kept, jointly
from jali.plan.noisy import Noisy
from jali.plan.private import PrivatePlan
from jali.plan.source import read, source_of
from jali.privacy.conversion import rho_for
from jali.privacy.noise import gaussian_nano_rho
from jali.trust.central import Central
from jali.workload import Joint, plan_workload

sys.path.insert(0, str(Path(__file__).parent))
import tpch
from accuracy import Once, cells_of, without_noise

HERE = Path(__file__).parent
BUDGET = rho_for(Fraction(1), Fraction(1, 10**6))
KEYS = ("l_returnflag", "l_linestatus", "l_shipmode", "EXTRACT(year FROM l_shipdate)")
MEASURES = (
    "COUNT(*)", "SUM(l_quantity)", "SUM(l_extendedprice)", "SUM(l_discount)",
    "COUNT(*) FILTER (WHERE l_quantity > 25)", "SUM(l_quantity) FILTER (WHERE l_discount > 0.05)",
)  # fmt: skip


def dashboard() -> list[str]:
    """Return 100 questions: six measures by every combination of four keys, and four more."""
    asked = [
        f"SELECT {''.join(f'{k}, ' for k in keys)}{measure} AS m FROM lineitem"
        + (f" GROUP BY {', '.join(str(i + 1) for i in range(len(keys)))}" if keys else "")
        for size in range(5)
        for keys in combinations(KEYS, size)
        for measure in MEASURES
    ]
    more = (
        "SUM(l_extendedprice) FILTER (WHERE l_discount > 0.05)",
        "COUNT(*) FILTER (WHERE l_discount > 0.05)",
    )
    asked += [f"SELECT {k}, {m} AS m FROM lineitem GROUP BY 1" for k in KEYS[:2] for m in more]
    return asked


def how_many_fit() -> dict[str, Any]:
    """Return how many counts of users with the noise of a Laplace of epsilon 0.01 fit, by price."""
    sd = math.sqrt(2) / 0.01
    each = gaussian_nano_rho(Fraction(1), sd)
    return {"sd": sd, "nano_rho": each, "fit": BUDGET // each, "pure": 100}


def alone(house: House, asked: list[str], draws: int) -> list[float]:
    """Return the root mean square error of every question asked by itself for an equal part of the budget."""
    found: list[float] = []
    for sql in asked:
        options = Options(rho=Fraction(BUDGET // len(asked), 10**9))
        prepared = prepare(sql, request_of(house, "ana", tpch.ASK["purpose"], options), house)
        engine = Once(DuckDBEngine(b"\x01" * 32))
        squares: list[float] = []
        for _ in range(draws):
            noisy = Central(engine).release(prepared.plan, prepared.snapshot)
            exact = without_noise(engine, prepared.plan, prepared.snapshot, widest(prepared.plan, noisy))
            squares += _squares(finish(prepared.plan, noisy), finish(prepared.plan, exact))
        found.append(math.sqrt(statistics.fmean(squares)))
    return found


def jointly_asked(joint: Joint, draws: int) -> list[float]:
    """Return the root mean square error of every question of a workload."""
    engines = [Once(DuckDBEngine(b"\x01" * 32)) for _ in joint.plans]
    squares: list[list[float]] = [[] for _ in joint.questions]
    snapshot = joint.questions[0].snapshot
    for _ in range(draws):
        for engine, one in zip(engines, joint.workload.measurements, strict=True):
            noisy = Central(engine).release(one.plan, snapshot)
            exact = without_noise(engine, one.plan, snapshot, widest(one.plan, noisy))
            for place in one.questions:
                question = joint.questions[place]
                pair = (_read(question, one.plan, part) for part in (noisy, exact))
                squares[place] += _squares(*pair)
    return [math.sqrt(statistics.fmean(s)) for s in squares]


def widest(plan: PrivatePlan, noisy: Noisy) -> Noisy:
    """Return a release at the ends of its automatic clips, which no unit reaches here: without noise it is true."""
    ends = {n.group.id: n.group.bound.norms[-1] for n in plan.noises if n.choice_nano_rho}  # type: ignore[union-attr]
    return replace(noisy, norms=ends)


def _read(question: Prepared, measured: Any, noisy: Noisy) -> Rows:  # noqa: ANN401
    source = read(source_of(measured))
    assert source is not None
    answer = jointly(question.plan, Kept("", BUDGET, source, noisy))
    assert answer is not None
    return finish_lines(answer.plan, answer.lines)


def _squares(got: Rows, exact: Rows) -> list[float]:
    have, wanted = cells_of(got), cells_of(exact)
    return [(have[k] - v) ** 2 for k, v in wanted.items() if k in have]


def main() -> None:
    """Print both parts and keep them as JSON."""
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--scale", type=float, default=0.1)
    reader.add_argument("--draws", type=int, default=20)
    asked = reader.parse_args()
    fit = how_many_fit()
    print(
        f"counts with noise sd {fit['sd']:.4g}: {fit['fit']} fit into (1, 1e-6); a pure sum fits {fit['pure']}"
    )
    with tempfile.TemporaryDirectory(prefix="jali-bench-") as folder:
        data = tpch.generate(HERE / ".data", asked.scale)
        house = tpch.house(Path(folder) / "house", data, "customer", asked.scale)
        questions = dashboard()
        start = time.perf_counter()
        request = request_of(house, "ana", tpch.ASK["purpose"], Options(rho=Fraction(BUDGET, 10**9)))
        joint = plan_workload("; ".join(questions), request, house)
        seconds = time.perf_counter() - start
        ratios = [
            a / j
            for a, j in zip(
                alone(house, questions, asked.draws), jointly_asked(joint, asked.draws), strict=True
            )
        ]
    print(
        f"{len(questions)} questions planned jointly in {seconds:.1f} s, {len(joint.plans)} groupings measured"
    )
    median, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"error one by one over error jointly: median {median:.2f}, from {low:.2f} to {high:.2f}")
    kept = {
        "fit": fit,
        "groupings": len(joint.plans),
        "seconds": seconds,
        "ratios": ratios,
        "scale": asked.scale,
    }
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "dashboard.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
