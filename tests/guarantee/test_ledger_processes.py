"""Many processes never overspend together, and a killed one never leaves an answer without a charge."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jali.ledger.sqlite import SQLiteLedger
from jali.ledger.standalone_verifier import verify_receipt
from jali.ledger.verify import verify
from jali.model.money import Basic, Cost
from jali.testing.throwaway_ledger import POPULATION, ask, audit_settings, make, reopen

pytestmark = [pytest.mark.guarantee, pytest.mark.slow]

PROCESSES, CHARGES, LIMIT = 20, 50, 700

SPENDER = """
import sys
from pathlib import Path
from jali.model.codes import BudgetExhausted
from jali.model.money import Cost
from jali.testing.throwaway_ledger import reopen, request
paid = 0
with reopen(Path(sys.argv[1])) as ledger:
    sys.stdin.read()
    for _ in range(int(sys.argv[2])):
        try:
            ledger.charge(request(ledger, Cost(1, 2), Cost(int(sys.argv[3]), 10**6)))
            paid += 1
        except BudgetExhausted:
            pass
print(paid)
"""

EITHER_GATE = """
import sys
from pathlib import Path
from jali.model.codes import BudgetExhausted
from jali.model.money import Basic, Cost
from jali.testing.throwaway_ledger import reopen, request
limit = Cost(300, 10**6, Basic(300, 100))
prices = {"rho": Cost(1, 0, Basic(2)), "basic": Cost(3, 0, Basic(1))}
paid = 0
with reopen(Path(sys.argv[1])) as ledger:
    sys.stdin.read()
    for _ in range(int(sys.argv[2])):
        try:
            ledger.charge(request(ledger, prices[sys.argv[3]], limit, others=limit))
            paid += 1
        except BudgetExhausted:
            pass
print(paid)
"""

ASKER = """
import sys, time
from pathlib import Path
from jali.model.money import Cost
from jali.testing.throwaway_ledger import answer, reopen, request
with reopen(Path(sys.argv[1])) as ledger:
    while True:
        charge = ledger.charge(request(ledger, Cost(1)))
        print("charged", charge.id, flush=True)
        receipt = answer(ledger, charge)
        print("released", charge.id, receipt.encode().hex(), flush=True)
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_twenty_processes_spend_exactly_the_limit(tmp_path: Path) -> None:
    make(tmp_path, lifetime=Cost(LIMIT, 10**6)).close()
    running = [start(SPENDER, tmp_path, CHARGES, LIMIT) for _ in range(PROCESSES)]
    outputs = [process.stdin for process in running]
    for pipe in outputs:
        assert pipe is not None
        pipe.close()
    paid = []
    for process in running:
        assert process.stdout is not None
        paid.append(int(process.stdout.read()))
        process.stdout.close()
        assert process.wait(60) == 0
    assert sum(paid) == LIMIT
    with reopen(tmp_path) as ledger:
        year = ledger.period("P1Y")
        for account in ("lifetime", f"period:{year}", f"analyst:ana@{year}"):
            assert ledger.spent(POPULATION, account) == Cost(LIMIT, 2 * LIMIT)
        assert len(ledger.history(POPULATION, at_most=10_000)) == LIMIT
        key = ledger.verifier_key
    assert verify(tmp_path / "audit", tmp_path / "ledger.db", key) == []


def test_processes_that_charge_both_gates_stay_within_one_of_them(tmp_path: Path) -> None:
    limit = Cost(300, 10**6, Basic(300, 100))
    make(tmp_path, lifetime=limit, others=limit).close()
    running = [start(EITHER_GATE, tmp_path, 60, ("rho", "basic")[i % 2]) for i in range(8)]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()
    paid = []
    for process in running:
        assert process.stdout is not None
        paid.append(int(process.stdout.read()))
        process.stdout.close()
        assert process.wait(60) == 0
    rho, basic = sum(paid[::2]), sum(paid[1::2])
    with reopen(tmp_path) as ledger:
        spent = ledger.spent(POPULATION, "lifetime")
        assert spent == Cost(rho + 3 * basic, 0, Basic(2 * rho + basic))
        assert spent.fits(limit)
        assert rho + basic >= 100  # what either gate alone would have admitted of the dearer price
        assert not all((spent + price).fits(limit) for price in (Cost(1, 0, Basic(2)), Cost(3, 0, Basic(1))))
    assert verify(tmp_path / "audit", tmp_path / "ledger.db", audit_settings(tmp_path).verifier_key) == []


def kill_after(house: Path, answers: int, delay_ms: float) -> list[list[str]]:
    """Run an asker, kill it (SIGKILL) some time after its n-th answer, and return what it said before."""
    process = start(ASKER, house)
    assert process.stdin is not None
    assert process.stdout is not None
    lines: list[str] = []
    while len(lines) < 2 * answers + 1:
        lines.append(process.stdout.readline())
    time.sleep(delay_ms / 1000)
    process.kill()
    lines += process.stdout.read().split("\n")[:-1]  # a line cut by the kill says nothing
    process.stdin.close()
    process.stdout.close()
    process.wait(10)
    return [line.split() for line in lines if line.strip()]


def check_after_kill(ledger: SQLiteLedger, said: list[list[str]]) -> int:
    """Check that everything said before the kill is in the ledger; return how many charges it holds."""
    known = {line.id: line.state for line in ledger.history(POPULATION, at_most=1_000_000)}
    for word, charge, *receipt in said:
        assert charge in known
        if word == "released":
            assert known[charge] == "recorded"
            if receipt and len(receipt[0]) % 2 == 0 and receipt[0].endswith("0a"):
                verify_receipt(bytes.fromhex(receipt[0]).decode(), ledger.verifier_key)
    assert ledger.spent(POPULATION, "lifetime") == Cost(len(known))
    for charge, state in known.items():
        assert (ledger.release(f"release-{charge}") is not None) == (state == "recorded")
    return len(known)


def test_a_kill_between_charge_and_record_never_gives_budget_back(tmp_path: Path) -> None:
    make(tmp_path).close()
    states: set[str] = set()
    charges = 0
    for point in range(30):
        said = kill_after(tmp_path, answers=point % 3, delay_ms=point * 0.37)
        with reopen(tmp_path) as ledger:
            now = check_after_kill(ledger, said)
            assert now > charges
            states |= {line.state for line in ledger.history(POPULATION, at_most=now)}
            ask(ledger)
            charges = now + 1
        key = audit_settings(tmp_path).verifier_key
        assert verify(tmp_path / "audit", tmp_path / "ledger.db", key) == []
    assert states == {"recorded", "reserved"}
    entries = [json.loads(x) for x in (tmp_path / "audit" / "entries.jsonl").read_text().splitlines()]
    charged = {e["charge"] for e in entries if e["type"] == "charge"}
    released = [e["charge"] for e in entries if e["type"] == "release"]
    assert len(charged) == charges
    assert len(set(released)) == len(released)
    assert set(released) < charged
