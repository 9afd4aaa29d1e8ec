"""The front is robust: a mutated statement is a plan or a refusal of ours, at once, and nothing else reaches an engine.

JALI_FRONT_CASES mutants (2,000), from number JALI_FRONT_FROM (0) on; JALI_FRONT_REPORT=file writes times and counts.
"""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from jali.model.errors import JaliError
from jali.plan.private import PrivatePlan
from jali.store.snapshot import Snapshot
from tests.cases.conformance.asking import ENGINES, GHOST, answer, plan_text
from tests.cases.conformance.cases import cases
from tests.cases.conformance.stored import stored
from tests.cases.conformance.tables import catalog
from tests.guarantee.plans import plan_of
from tests.guarantee.queries import queries
from tests.guarantee.test_meaning import ASKED
from tests.guarantee.world import Caps
from tests.guarantee.world import catalog as small_catalog
from tests.property.mutations import mutant, shrunk
from tests.property.rendered import intruders, statements

CASES = int(os.environ.get("JALI_FRONT_CASES", "2000"))
FROM = int(os.environ.get("JALI_FRONT_FROM", "0"))
HANG_S = 5
RUN_EVERY = 10
"""Of the accepted mutants, every tenth is run on the engine too: one that fails there would be paid for nothing."""

Plan = Callable[[str], PrivatePlan]


class Hang(BaseException):
    """Not an Exception, so that no `except Exception` on the way takes it for a text that cannot be read."""


@contextmanager
def _no_hang() -> Iterator[None]:
    def late(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, HANG_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _generated() -> list[str]:
    found: list[str] = []

    @settings(
        max_examples=150,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(sql=queries)
    def collect(sql: str) -> None:
        found.append(sql)

    collect()
    return sorted(set(found))


def _corpus() -> list[str]:
    """Return the statements of the corpus, accepted ones three times as often."""
    folders = ("accepted", "accepted", "accepted", "refused")
    return [c.sql for folder in folders for c in cases(folder) if "house" not in c.facts]


def _worlds() -> tuple[tuple[list[str], Plan], ...]:
    """Return statements and how their world plans them: the corpus in both dialects, the questions of the guarantee."""
    corpus = _corpus()
    return (
        (corpus, lambda sql: plan_text(sql, rho=None)),
        ([*_generated(), *ASKED], lambda sql: plan_of(sql, Caps())),
        (corpus, lambda sql: plan_text(sql, "postgres", rho=None)),
    )


_COLUMNS = frozenset(
    c.name.lower()
    for known in (catalog(), small_catalog(Caps()))
    for t in known.tables.values()
    for c in t.columns
)


def fault(sql: str, plan: Plan) -> str:
    """Return what is wrong with the outcome of a text: nothing for a plan of allowed statements and for a refusal."""
    return _judged(sql, plan)[0]


def _judged(sql: str, plan: Plan) -> tuple[str, PrivatePlan | str | None]:
    try:
        with _no_hang():
            found = plan(sql)
            written = list(statements(found.exact, GHOST))
    except JaliError as refused:
        is_ours = refused.code != "J000" and "it is a bug" not in refused.hint and bool(str(refused))
        return "" if is_ours else f"{refused.code} {refused.said}", refused.code
    except Hang:
        return "hangs", None
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
        return f"crash {type(error).__name__} {str(error)[:80]}", None
    strange = [one for text in written for one in intruders(text, str(GHOST.root), _COLUMNS)]
    return (f"renders {strange[0]}" if strange else ""), found


@dataclass
class Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    accepted_seconds: list[float] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    ran: int = 0

    def report(self) -> dict[str, Any]:
        return {
            "mutants": len(self.seconds),
            "ran": self.ran,
            "milliseconds": {"all": _times(self.seconds), "accepted": _times(self.accepted_seconds)},
            "outcomes": dict(self.outcomes.most_common()),
            "faults": self.faults,
        }


def _times(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    at = {"p50": 0.5, "p99": 0.99, "p999": 0.999, "max": 1.0}
    return {n: round(1000 * ordered[min(len(ordered) - 1, int(q * len(ordered)))], 2) for n, q in at.items()}


def _one(seed: int, worlds: tuple[tuple[list[str], Plan], ...], tally: Tally, snapshot: Snapshot) -> None:
    seeds, plan = worlds[seed % len(worlds)]
    sql = mutant(seed, seeds)
    start = time.perf_counter()
    wrong, found = _judged(sql, plan)
    took = time.perf_counter() - start
    tally.seconds.append(took)
    tally.outcomes[found if isinstance(found, str) else "accepted" if found else "fault"] += 1
    if isinstance(found, PrivatePlan):
        tally.accepted_seconds.append(took)
        if not wrong and seed % len(worlds) == 0 and tally.outcomes["accepted"] % RUN_EVERY == 0:
            wrong = _run(found, snapshot)
            tally.ran += 1
    if wrong and wrong not in tally.faults:
        is_planned = not wrong.startswith("runs")
        tally.faults[wrong] = shrunk(sql, lambda s: fault(s, plan) == wrong) if is_planned else sql


def _run(plan: PrivatePlan, snapshot: Snapshot) -> str:
    try:
        answer(plan, ENGINES["duckdb"], snapshot)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the finding
        return f"runs into {type(error).__name__} {str(error)[:60]}"
    return ""


@pytest.mark.guarantee
@pytest.mark.slow
def test_a_mutated_statement_is_a_plan_of_allowed_statements_or_a_refusal() -> None:
    worlds, tally = _worlds(), Tally()
    with stored() as snapshot:
        for seed in range(FROM, FROM + CASES):
            _one(seed, worlds, tally, snapshot)
    if path := os.environ.get("JALI_FRONT_REPORT"):
        Path(path).write_text(json.dumps(tally.report(), indent=1, ensure_ascii=True), encoding="utf-8")
    assert not tally.faults, "\n".join(f"{w}: {s!r}" for w, s in tally.faults.items())
    assert tally.outcomes["accepted"] > CASES // 20, "mutants must reach the planner"


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("SELECT getenv('HOME')", "getenv"),
        ("SELECT * FROM read_csv('x')", "read_csv"),
        ("SELECT * FROM read_parquet('/etc/x.parquet')", "reads"),
        ("SELECT * FROM read_parquet('/store/../x.parquet')", "reads"),
        ("SELECT * FROM read_parquet(x || 'y')", "computed"),
        ("SELECT * FROM 'x.parquet'", "takes from"),
        ("SELECT 1 FROM duckdb_settings", "takes from"),
        ('SELECT "secret" FROM cells', "names"),
        ("SELECT 1; DROP TABLE cells", "holds ;"),
        ("ATTACH 'x'", "starts"),
    ],
)
def test_the_scan_sees_what_may_not_reach_an_engine(sql: str, word: str) -> None:
    assert word in " ".join(intruders(sql, "/store", frozenset({"amount"})))


def test_every_statement_of_the_corpus_passes_the_scan() -> None:
    for sql, plan in ((s, p) for seeds, p in _worlds()[:2] for s in seeds):
        assert fault(sql, plan) == "", sql
