"""Three failures hold an analyst until a steward lifts the hold."""

from pathlib import Path

import pytest

from jali.ledger.accounts import Charge
from jali.ledger.hold import MOST_OPEN
from jali.ledger.sqlite import SQLiteLedger
from jali.model.codes import AnalystHeld
from jali.model.money import Cost
from jali.testing.ledger_machine import TestClock
from jali.testing.throwaway_ledger import POPULATION, answer, ask, facts, make, request

MINUTES = 60_000


def charge(ledger: SQLiteLedger, actor: str = "7f3a") -> Charge:
    return ledger.charge(request(ledger, Cost(1, 0), actor=actor))


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


def test_answers_in_between_do_not_hide_failures(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    fail(ledger, 1)
    ask(ledger, actor="7f3a")
    fail(ledger, 1)
    ask(ledger, actor="7f3a")
    fail(ledger, 1)
    with pytest.raises(AnalystHeld):
        charge(ledger)


def test_old_failures_are_forgotten_after_twenty_questions(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    fail(ledger, 2)
    for _ in range(19):
        ask(ledger, actor="7f3a")
    fail(ledger, 1)
    ask(ledger, actor="7f3a")


def test_open_questions_count_once_one_has_failed(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    fail(ledger, 1)
    waiting = [charge(ledger), charge(ledger)]
    with pytest.raises(AnalystHeld, match="still open"):
        charge(ledger)
    for one in waiting:
        answer(ledger, one)
    ask(ledger, actor="7f3a")


def test_only_so_many_questions_are_open_at_once(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    waiting = [charge(ledger) for _ in range(MOST_OPEN)]
    with pytest.raises(AnalystHeld, match="still open"):
        charge(ledger)
    answer(ledger, waiting[0])
    charge(ledger)


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
