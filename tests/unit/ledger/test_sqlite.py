"""Charges, limits, kept releases and periods of the SQLite ledger, one behaviour a test."""

from dataclasses import replace
from pathlib import Path

import pytest

from jali.ledger.accounts import AT_MOST, Account, Activation, Answer, Charge, patterns, period_label
from jali.ledger.periods import period_of
from jali.ledger.sqlite import SQLiteLedger
from jali.ledger.standalone_verifier import patterns as verifier_patterns
from jali.model.codes import BudgetExhausted, LedgerFailed
from jali.model.money import NOTHING, Cost
from jali.testing.ledger_machine import TestClock
from jali.testing.throwaway_ledger import (
    CONTRACT,
    POPULATION,
    WIDE,
    answer,
    ask,
    audit_settings,
    facts,
    key,
    make,
    reopen,
    request,
)


def test_a_charge_reaches_every_account_and_survives_reopening(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        charge = ledger.charge(request(ledger, Cost(7, 70)))
        assert [p.after for p in charge.entries] == [Cost(7, 70)] * 3
    with reopen(tmp_path) as ledger:
        assert ledger.spent(POPULATION, "lifetime") == Cost(7, 70)
        assert ledger.remaining(POPULATION, Account("lifetime", Cost(10, 60))) == Cost(3, 0)
        (line,) = ledger.history(POPULATION)
        assert (line.id, line.state, line.cost) == (charge.id, "reserved", Cost(7, 70))
        assert line.accounts[:2] == (f"analyst:ana@{ledger.period('P1Y')}", "lifetime")


def test_a_refusal_names_account_price_rest_and_the_rho_that_fits(tmp_path: Path) -> None:
    limit = Cost(13_000_000, 10)
    with make(tmp_path, lifetime=limit) as ledger:
        with pytest.raises(BudgetExhausted) as refused:
            ledger.charge(request(ledger, Cost(20_000_000), limit))
        assert (
            refused.value.said == "this question costs rho 0.02 and the account lifetime has rho 0.013 left"
        )
        assert refused.value.hint == "retry with --rho 0.013"
        assert ledger.history(POPULATION) == ()
        assert ledger.spent(POPULATION, f"period:{ledger.period('P1Y')}") == NOTHING
        ledger.charge(request(ledger, Cost(13_000_000), limit))
        with pytest.raises(BudgetExhausted, match="wait for the next period"):
            ledger.charge(request(ledger, Cost(1), limit))
        with pytest.raises(
            BudgetExhausted,
            match=r"costs key delta 0.000000000000000011 .* has key delta 0.00000000000000001",
        ):
            ledger.charge(request(ledger, Cost(0, 11), limit))


def test_a_refusal_gives_all_reasons_and_the_rho_that_fits_all(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        asked = request(ledger, Cost(5))
        narrow = (replace(asked.accounts[0], limit=Cost(4)), replace(asked.accounts[1], limit=Cost(3)))
        with pytest.raises(BudgetExhausted) as refused:
            ledger.charge(replace(asked, accounts=(*narrow, asked.accounts[2])))
        assert len(refused.value.reasons) == 2
        assert {r.hint for r in refused.value.reasons} == {"retry with --rho 0.000000003"}


def _strict(ledger: SQLiteLedger, limit: Cost, digest: str) -> Account:
    """Activate a second contract that allows less a year, and return its account."""
    limits = (Account("lifetime", WIDE), Account("period:*", limit))
    ledger.activate(Activation(POPULATION, digest, limits, "steward"))
    return Account(f"period:{ledger.period('P1Y')}", limit)


def test_two_contracts_compare_their_own_limit_with_the_same_total(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        strict = _strict(ledger, Cost(10, 10), "sha256:strict")
        ask(ledger, 8)
        asked = request(ledger, Cost(3))
        narrow = replace(
            asked,
            accounts=(asked.accounts[0], strict),
            facts=replace(asked.facts, contract_digests=("sha256:strict",)),
        )
        with pytest.raises(BudgetExhausted):
            ledger.charge(narrow)
        both = replace(narrow, facts=replace(asked.facts, contract_digests=("sha256:strict", CONTRACT)))
        wider = Account(strict.key, Cost(11, 10))
        with pytest.raises(LedgerFailed, match="no limit as high as asked"):
            ledger.charge(replace(both, accounts=(asked.accounts[0], wider)))
        ledger.charge(asked)
        assert ledger.remaining(POPULATION, strict) == Cost(0, 10)


def test_an_account_beyond_a_stricter_limit_pays_nothing_not_even_zero(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ask(ledger, 8, 9)
        for limit in (Cost(7, 100), Cost(100, 8)):
            strict = _strict(ledger, limit, f"sha256:{limit}")
            asked = request(ledger, Cost(0))
            asked = replace(
                asked,
                accounts=(asked.accounts[0], strict),
                facts=replace(asked.facts, contract_digests=(f"sha256:{limit}",)),
            )
            with pytest.raises(BudgetExhausted, match="0 left"):
                ledger.charge(asked)


def test_no_contract_can_raise_the_lifetime_of_a_population(tmp_path: Path) -> None:
    with make(tmp_path, lifetime=Cost(10, 10)) as ledger:
        wider = Activation(POPULATION, "sha256:new version", (Account("lifetime", Cost(11, 10)),), "steward")
        for approvals in [(), ("a",)]:
            with pytest.raises(LedgerFailed, match="frozen"):
                ledger.activate(replace(wider, approvals=approvals))
        lower = replace(wider, accounts=(Account("lifetime", Cost(9, 10)),))
        assert ledger.activate(lower) is not None
        with pytest.raises(LedgerFailed, match="no limit as high as asked"):
            ledger.charge(request(ledger, Cost(1), Cost(10, 10)))
        assert ledger.activate(replace(wider, approvals=("a", "b"))) is not None
        ledger.charge(request(ledger, Cost(11), Cost(11, 10)))


def test_a_frozen_limit_falls_by_one_and_rises_by_two_persons(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        lower = Activation(POPULATION, CONTRACT, (Account("lifetime", Cost(5, 5)),), "steward")
        assert ledger.activate(lower) is not None
        assert ledger.activate(lower) is None
        raised = replace(lower, accounts=(Account("lifetime", Cost(6, 5)),))
        for approvals in [(), ("a",), ("a", "a")]:
            with pytest.raises(LedgerFailed, match="frozen"):
                ledger.activate(replace(raised, approvals=approvals))
        ask_five = request(ledger, Cost(5), Cost(5, 5))
        ledger.charge(ask_five)
        assert ledger.activate(replace(raised, approvals=("a", "b"))) is not None
        assert ledger.spent(POPULATION, "lifetime") == Cost(5)
        ledger.charge(request(ledger, Cost(1), Cost(6, 5)))


@pytest.mark.parametrize(
    "accounts",
    [
        (),
        (Account("period:2025", WIDE),),
        (Account("lifetime", WIDE), Account("lifetime", WIDE)),
        (Account("lifetime", WIDE), Account("period:2024", WIDE)),
        (Account("lifetime", WIDE), Account("analyst:ana@2024", WIDE)),
        (Account("lifetime", WIDE), Account("analyst:ana@x.org", WIDE)),
        (Account("lifetime", WIDE), Account("analyst:*@*", WIDE)),
        (Account("lifetime", WIDE), Account("purpose:nobody@2025", WIDE)),
        (Account("lifetime", Cost(WIDE.nano_rho + 1, 0)),),
        (Account("lifetime:2024-Q1", WIDE),),
    ],
)
def test_a_charge_that_breaks_a_rule_is_refused(tmp_path: Path, accounts: tuple[Account, ...]) -> None:
    with make(tmp_path, clock=TestClock(1_752_000_000_000)) as ledger:
        with pytest.raises(LedgerFailed):
            ledger.charge(replace(request(ledger, Cost(1)), accounts=accounts))
        assert ledger.history(POPULATION) == ()


def test_amounts_that_could_overflow_do_not_exist(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no amount"):
        Account("lifetime", Cost(AT_MOST + 1))
    huge = Cost(AT_MOST, AT_MOST)
    with make(tmp_path, lifetime=huge) as ledger:
        with pytest.raises(ValueError, match="no amount"):
            ledger.charge(request(ledger, Cost(AT_MOST + 1), huge))
        wide = Activation(POPULATION, "sha256:huge", (Account("lifetime", huge),), "steward")
        ledger.activate(wide)
        asked = replace(request(ledger, huge, huge), accounts=(Account("lifetime", huge),))
        ledger.charge(asked)
        with pytest.raises(BudgetExhausted):
            ledger.charge(asked)


def test_a_charge_answers_once_whatever_is_tried(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        charge, _ = ask(ledger)
        for use in (lambda: answer(ledger, charge), lambda: ledger.lose(charge, facts())):
            with pytest.raises(LedgerFailed, match="settled before"):
                use()
        lost = ledger.charge(request(ledger, Cost(5)))
        ledger.lose(lost, replace(facts(), decision="deny", codes=("J501",)))
        with pytest.raises(LedgerFailed):
            answer(ledger, lost)
        cheaper = replace(ledger.charge(request(ledger, Cost(5))), cost=Cost(4))
        with pytest.raises(LedgerFailed):
            answer(ledger, cheaper)
        unknown = Charge("nobody", POPULATION, Cost(1), (), 0, 0)
        with pytest.raises(LedgerFailed):
            answer(ledger, unknown)
        assert ledger.spent(POPULATION, "lifetime") == Cost(11)


def test_a_swept_charge_stays_charged(tmp_path: Path) -> None:
    clock = TestClock()
    with make(tmp_path, clock=clock) as ledger:
        charge = ledger.charge(request(ledger, Cost(5)))
        assert ledger.sweep(1000) == 0
        clock.now_ms += 1000
        assert ledger.sweep(1000) == 1
        assert ledger.history(POPULATION)[0].state == "lost"
        with pytest.raises(LedgerFailed):
            answer(ledger, charge)
        assert ledger.spent(POPULATION, "lifetime") == Cost(5)


def test_kept_releases_are_found_by_their_whole_key_most_accurate_first(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        for rho in (3, 9, 5):
            ask(ledger, rho)
        assert [kept.nano_rho for kept in ledger.find(key())] == [9, 5, 3]
        assert ledger.find(key(plan="other")) == ledger.find(key(data_version=2)) == ()
        assert (
            ledger.find(replace(key(), purpose="care")) == ledger.find(replace(key(), consent_epoch=2)) == ()
        )
        assert (
            ledger.find(replace(key(), cut_off="2021-01-01"))
            == ledger.find(replace(key(), blocks=("b",)))
            == ()
        )
        assert ledger.find(replace(key(), contract_digests=("x",))) == ()
        best = ledger.find(key())[0]
        assert ledger.release(best.release_id) == best
        assert ledger.release("nobody") is None
        hidden = ledger.charge(request(ledger, Cost(1)))
        ledger.record(hidden, Answer("once", "{}"), facts())
        assert len(ledger.find(key())) == 3
        assert ledger.release("once") is not None


def test_periods_start_anew_and_the_lifetime_does_not(tmp_path: Path) -> None:
    clock = TestClock()
    with make(tmp_path, clock=clock) as ledger:
        assert ledger.period("P1Y") == "2026"
        ask(ledger, 5)
        clock.now_ms += 2000
        assert [ledger.period(d) for d in ("P1Y", "P3M", "P1M")] == ["2027", "2027-Q1", "2027-01"]
        ask(ledger, 6)
        assert ledger.spent(POPULATION, "period:2026") == Cost(5)
        assert ledger.spent(POPULATION, "period:2027") == Cost(6)
        assert ledger.spent(POPULATION, "lifetime") == Cost(11)


def test_only_whole_calendar_periods_exist() -> None:
    with pytest.raises(ValueError, match="P1Y"):
        period_of(0, "P1D")


@pytest.mark.parametrize("bad", ["", "Lifetime", "period:", "analyst:a\nb@2026", "x" * 201])
def test_an_account_key_has_a_form(bad: str) -> None:
    with pytest.raises(ValueError, match="not an account key"):
        Account(bad, Cost(1))


@pytest.mark.parametrize(
    "name", ["lifetime", "lifetime:2026-Q1", "period:2026", "analyst:a@b@2026", "purpose:p@2026"]
)
def test_gate_and_verifier_read_patterns_alike(name: str) -> None:
    assert list(patterns(name)) == verifier_patterns(name)
    assert (period_label(name) is None) == name.startswith("lifetime")


def test_the_log_does_not_name_the_analyst(tmp_path: Path) -> None:
    with make(tmp_path) as ledger:
        ask(ledger)
    text = (tmp_path / "audit" / "entries.jsonl").read_text()
    assert "analyst:7f3a@" in text
    assert "ana@" not in text


def test_an_origin_that_cannot_name_a_log_is_refused(tmp_path: Path) -> None:
    for origin in ("", "a b", "a+b", "a\nb"):
        with pytest.raises(ValueError, match="origin"):
            SQLiteLedger.create(tmp_path / "ledger.db", audit_settings(tmp_path, origin))
