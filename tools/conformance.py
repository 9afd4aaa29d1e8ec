"""Prints the result table of the conformance corpus: python -m tools.conformance [engine], from the root of the project.

Per theme: how many accepted questions plan, how many of those mean what plain SQL means without noise, how many refusals
are as expected; and the same of the themes that are being built (`later_`).
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator

import duckdb

from jali.engines.protocol import Engine
from jali.model.errors import JaliError
from jali.store.snapshot import Snapshot
from tests.cases.conformance.asking import ENGINES, answer, plan_case
from tests.cases.conformance.cases import Case, cases
from tests.cases.conformance.plainly import asked_plainly
from tests.cases.conformance.same import difference
from tests.cases.conformance.stored import plain, stored

COLUMNS = ("asked", "plan", "equal", "refused")


def _accepted(
    case: Case, engine: Engine, snapshot: Snapshot, tables: duckdb.DuckDBPyConnection
) -> Iterator[str]:
    try:
        plan = plan_case(case)
    except JaliError:
        return
    yield "plan"
    got, wanted = answer(plan, engine, snapshot), asked_plainly(case, tables)
    if not difference(plan, got, wanted, is_ordered=bool(plan.cleared.query.order)):
        yield "equal"


def _refused(case: Case) -> Iterator[str]:
    try:
        plan_case(case)
    except JaliError as refused:
        code, _, words = case.expected.partition(" ")
        if case.expected == "?" or (refused.code == code and words in refused.said):
            yield "refused"


def _row(name: str, found: Counter[str]) -> str:
    return f"| {name} | " + " | ".join(str(found[c] or "") for c in COLUMNS) + " |"


def main(engine: str = "duckdb") -> None:
    """Print the table for an engine."""
    rows: dict[str, Counter[str]] = {}
    slowest = 0.0
    with stored() as snapshot, plain() as tables:
        for case in cases("accepted"):
            rows.setdefault(case.theme, Counter()).update(
                ["asked", *_accepted(case, ENGINES[engine], snapshot, tables)]
            )
    for case in cases("refused"):
        start = time.process_time()
        rows.setdefault(f"{case.theme} (refused)", Counter()).update(["asked", *_refused(case)])
        slowest = max(slowest, time.process_time() - start)
    print("| theme | " + " | ".join(COLUMNS) + " |\n|---|" + "---:|" * len(COLUMNS))
    for is_later in (False, True):
        some = {name: found for name, found in rows.items() if name.startswith("later_") is is_later}
        for name, found in some.items():
            print(_row(name, found))
        total = sum(some.values(), Counter[str]())
        print(_row("**being built**" if is_later else "**all**", total))
    print(f"\nEngine {engine}; the slowest refusal took {slowest * 1000:.0f} ms of processor time.")


if __name__ == "__main__":
    main(*sys.argv[1:2])
