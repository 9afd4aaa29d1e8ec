"""Three failures in a row hold an analyst until a steward lifts the hold."""

from dataclasses import replace
from pathlib import Path

import pytest

from jali.ledger.accounts import Charge
from jali.ledger.sqlite import SQLiteLedger
from jali.model.codes import AnalystHeld
from jali.model.money import Cost
from jali.testing.ledger_machine import TestClock
from jali.testing.throwaway_ledger import POPULATION, ask, facts, make, request

MINUTES = 60_000


def charge(ledger: SQLiteLedger, actor: str = "7f3a") -> Charge:
    asked = request(ledger, Cost(1, 0))
    return ledger.charge(replace(asked, facts=replace(asked.facts, actor=actor)))


def fail(ledger: SQLiteLedger, times: int) -> None:
    for _ in range(times):
        ledger.lose(charge(ledger), facts())


def test_the_fourth_question_after_three_failures_is_refused_and_costs_nothing(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    fail(ledger, 3)
    with pytest.raises(AnalystHeld) as held:
        charge(ledger)
    assert "jali hold lift" in held.value.hint
    assert ledger.spent(POPULATION, "lifetime") == Cost(3, 0)
    charge(ledger, actor="another")


def test_an_answer_in_between_ends_the_row(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    fail(ledger, 2)
    ask(ledger)
    fail(ledger, 2)
    ask(ledger)


def test_a_lifted_hold_starts_a_new_row_and_stands_in_the_log(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    fail(ledger, 3)
    ledger.lift_hold(POPULATION, "7f3a")
    fail(ledger, 3)
    with pytest.raises(AnalystHeld):
        charge(ledger)
    log = (tmp_path / "audit" / "entries.jsonl").read_text(encoding="utf-8")
    assert '"decision":"hold lifted"' in log
    assert '"held":"7f3a"' in log


@pytest.mark.parametrize(("minutes", "codes"), [(1, []), (16, ["J403"])])
def test_a_question_that_never_came_back_counts_after_every_deadline(
    tmp_path: Path, minutes: int, codes: list[str]
) -> None:
    clock = TestClock()
    ledger = make(tmp_path, clock)
    for _ in range(3):
        charge(ledger)
    clock.now_ms += minutes * MINUTES
    refused: list[str] = []
    try:
        charge(ledger)
    except AnalystHeld as held:
        refused.append(held.code)
    assert refused == codes
