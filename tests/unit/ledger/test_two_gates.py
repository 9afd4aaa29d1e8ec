"""Either gate admits a question, each judged on everything the account was ever charged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jali.ledger.accounts import AT_MOST, Account
from jali.model.codes import BudgetExhausted
from jali.model.money import NOTHING, Basic, Cost, nano_down, nano_up, strictest
from jali.testing.throwaway_ledger import POPULATION, make, reopen, request

LIMIT = Cost(100, 50, Basic(100, 10))


def charged(folder: Path, *prices: Cost, limit: Cost = LIMIT) -> list[tuple[str, ...] | None]:
    """Return the gates that held for each price, charged in order; None where it was refused."""
    found: list[tuple[str, ...] | None] = []
    with make(folder, lifetime=limit, others=limit) as ledger:
        for price in prices:
            try:
                posted = ledger.charge(request(ledger, price, limit, others=limit)).entries
                found.append(posted[0].gates)
                assert len({p.gates for p in posted}) == 1
            except BudgetExhausted:
                found.append(None)
    return found


def test_a_question_above_the_first_limit_passes_the_second_gate(tmp_path: Path) -> None:
    prices = (Cost(400, 0, Basic(60)), Cost(1, 0, Basic(40, 10)), Cost(1, 0, Basic(1)), Cost(0, 0, Basic(0)))
    assert charged(tmp_path, *prices) == [("basic",), ("basic",), None, ("basic",)]


def test_many_small_questions_pass_the_first_gate(tmp_path: Path) -> None:
    assert charged(tmp_path, *[Cost(25, 0, Basic(60))] * 5) == [
        ("rho", "basic"),
        ("rho",),
        ("rho",),
        ("rho",),
        None,
    ]


def test_a_price_that_is_not_known_closes_the_second_gate_for_good(tmp_path: Path) -> None:
    prices = (Cost(1), Cost(200, 0, Basic(1)), Cost(99, 0, Basic(1)), Cost(1, 0, Basic(1)))
    assert charged(tmp_path, *prices) == [("rho",), None, ("rho",), None]


def test_what_one_gate_admitted_counts_for_the_other(tmp_path: Path) -> None:
    prices = (Cost(99, 0, Basic(90)), Cost(50, 0, Basic(10)), Cost(1, 0, Basic(0)), Cost(0, 0, Basic(1)))
    assert charged(tmp_path, *prices) == [("rho", "basic"), ("basic",), ("basic",), None]


def test_key_deltas_bind_both_gates(tmp_path: Path) -> None:
    prices = (Cost(1, 30, Basic(1)), Cost(1, 21, Basic(1)), Cost(300, 20, Basic(1)), Cost(0, 1, Basic(0)))
    assert charged(tmp_path, *prices) == [("rho", "basic"), None, ("basic",), None]


def test_without_a_basic_limit_there_is_no_second_gate(tmp_path: Path) -> None:
    limit = Cost(100, 50)
    assert charged(tmp_path, Cost(101, 0, Basic(0)), Cost(100, 0, Basic(1)), limit=limit) == [None, ("rho",)]


def test_every_account_needs_a_gate_of_its_own(tmp_path: Path) -> None:
    lifetime, others = Cost(100, 0, Basic(100)), Cost(30, 0)
    with make(tmp_path, lifetime=lifetime, others=others) as ledger:
        with pytest.raises(BudgetExhausted) as refused:
            ledger.charge(request(ledger, Cost(60, 0, Basic(5)), lifetime, others=others))
        assert len(refused.value.reasons) == 2
        assert ledger.spent(POPULATION, "lifetime") == NOTHING
        ledger.charge(request(ledger, Cost(30, 0, Basic(99)), lifetime, others=others))
    with reopen(tmp_path) as ledger:
        left = ledger.remaining(POPULATION, Account("lifetime", lifetime))
        assert left == Cost(70, 0, Basic(1))


def test_a_refusal_names_both_gates(tmp_path: Path) -> None:
    with make(tmp_path, lifetime=LIMIT, others=LIMIT) as ledger:
        with pytest.raises(BudgetExhausted) as refused:
            ledger.charge(request(ledger, Cost(101, 0, Basic(101, 1)), LIMIT, others=LIMIT))
        assert refused.value.said == (
            "this question costs rho 0.000000101 and the account lifetime has rho 0.0000001 left; for the second gate"
            " it costs epsilon 0.000000101, delta 0.000000000000000001 and epsilon 0.0000001, delta"
            " 0.00000000000000001 is left"
        )
        assert refused.value.hint == "retry with --rho 0.0000001 or --gate basic --epsilon 0.0000001"
        with pytest.raises(BudgetExhausted, match="for the second gate this question has no basic price"):
            ledger.charge(request(ledger, Cost(101), LIMIT, others=LIMIT))
        ledger.charge(request(ledger, Cost(100), LIMIT, others=LIMIT))
        with pytest.raises(BudgetExhausted, match="second gate is closed by an answer without") as closed:
            ledger.charge(request(ledger, Cost(1, 0, Basic(1)), LIMIT, others=LIMIT))
        assert closed.value.hint == "reuse a kept answer or wait for the next period"


@pytest.mark.parametrize("basic", [Basic(AT_MOST + 1), Basic(0, AT_MOST + 1)])
def test_a_basic_price_that_could_overflow_is_no_price(tmp_path: Path, basic: Basic) -> None:
    with make(tmp_path) as ledger, pytest.raises(ValueError, match="no amount"):
        ledger.charge(request(ledger, Cost(0, 0, basic)))


_AMOUNTS = st.integers(0, 60)
_PRICES = st.builds(
    Cost, _AMOUNTS, st.integers(0, 9), st.one_of(st.none(), st.builds(Basic, _AMOUNTS, st.integers(0, 3)))
)


def first_refusal(prices: list[Cost], gate: str) -> int:
    """Return how many prices a gate alone admits before it refuses one, by the sums of all of them."""
    spent, count = NOTHING, 0
    for price in prices:
        spent += price
        holds = {"rho": spent.fits_rho(LIMIT), "basic": spent.fits_basic(LIMIT), "either": spent.fits(LIMIT)}
        if not holds[gate]:
            break
        count += 1
    return count


@given(st.lists(_PRICES, max_size=20))
def test_never_fewer_questions_than_the_better_gate_alone(prices: list[Cost]) -> None:
    assert first_refusal(prices, "either") == max(
        first_refusal(prices, "rho"), first_refusal(prices, "basic")
    )


@given(st.lists(_PRICES, min_size=1, max_size=4))
def test_the_strictest_limit_is_nowhere_above_any(limits: list[Cost]) -> None:
    assert all(strictest(limits).allows_at_most(limit) for limit in limits)


def test_a_stated_price_covers_what_it_says_and_no_more() -> None:
    price = Cost(5, 5, Basic(5, 5))
    assert price.is_covered_by(price)
    assert price.is_covered_by(Cost(5, 5))
    assert not Cost(5, 5).is_covered_by(price)
    for dearer in (
        Cost(6, 5, Basic(5, 5)),
        Cost(5, 6, Basic(5, 5)),
        Cost(5, 5, Basic(6, 5)),
        Cost(5, 5, Basic(5, 6)),
    ):
        assert not dearer.is_covered_by(price)


@given(st.fractions(0, 1000))
def test_prices_are_rounded_up_and_limits_down(number: object) -> None:
    assert nano_down(number) <= number * 10**9 <= nano_up(number)  # type: ignore[arg-type,operator]
    assert nano_up(number) - nano_down(number) <= 1  # type: ignore[arg-type]
