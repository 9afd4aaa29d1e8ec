"""The conformance suite of ledgers: every plug-in of the group `jali.ledgers` must pass it.

Use in a test module of the plug-in:

    class TestMine(LedgerConformance):
        def make(self, folder: Path, clock: Clock) -> LedgerLike: ...   # a new, empty ledger
        def reopen(self, folder: Path, clock: Clock) -> LedgerLike: ... # another handle of the same ledger

The machine keeps its own books in plain dictionaries and compares after every step: spent never exceeds a
limit, a charge reaches all accounts or none, lost charges stay charged, a charge answers once, and all
handles agree.
"""

import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import ClassVar, Protocol

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from jali.ledger.accounts import (
    Account,
    Activation,
    Answer,
    Charge,
    ChargeRequest,
    Facts,
    KeptRelease,
    ReleaseKey,
    patterns,
)
from jali.model.codes import BudgetExhausted, LedgerFailed
from jali.model.money import NOTHING, Basic, Cost

POPULATION = "urn:population:test"
CONTRACTS = ("sha256:strict", "sha256:wide")
LIMITS = {
    "sha256:strict": {
        "lifetime": Cost(60, 600, Basic(90, 30)),
        "period:*": Cost(40, 400, Basic(60, 20)),
        "analyst:*@*": Cost(25, 250, Basic(50, 15)),
    },
    "sha256:wide": {
        "lifetime": Cost(60, 600, Basic(90, 30)),
        "period:*": Cost(50, 500, Basic(80, 25)),
        "analyst:*@*": Cost(45, 450),
    },
}
PRICES = st.one_of(
    st.builds(Cost, st.integers(0, 30), st.integers(0, 300)),
    st.builds(Cost, st.integers(0, 30), st.integers(0, 100), st.builds(Basic, st.integers(0, 40))),
    st.builds(Cost, st.integers(0, 90), st.just(0), st.builds(Basic, st.integers(0, 9), st.integers(0, 9))),
)
"""Prices without a basic part, prices that fit either gate, and prices that soon fit the second one alone."""
ANALYSTS = ("ana", "mia")
SHARED_BOUND = "a bound that every answer found"
START_MS = 1_798_761_599_000
"""One second before 2027, so that runs cross into a new period."""


class LedgerLike(Protocol):
    """What the road of a query needs of a ledger."""

    def activate(self, asked: Activation) -> int | None:
        """Freeze limits."""
        ...

    def charge(self, asked: ChargeRequest) -> Charge:
        """Charge all accounts or none, durably."""
        ...

    def record(self, charge: Charge, answer: Answer, about: Facts) -> str:
        """Keep an answer and settle its charge, once."""
        ...

    def lose(self, charge: Charge, about: Facts) -> None:
        """Settle a charge whose question failed."""
        ...

    def find(self, key: ReleaseKey) -> tuple[KeptRelease, ...]:
        """Return kept releases."""
        ...

    def bounds(self, bound: str) -> tuple[KeptRelease, ...]:
        """Return the kept releases that found a bound."""
        ...

    def spent(self, population: str, key: str) -> Cost:
        """Return what an account has spent."""
        ...

    def period(self, duration: str) -> str:
        """Return the name of the present period."""
        ...

    def close(self) -> None:
        """Give the handle back."""
        ...


class TestClock:
    """A clock that the test moves."""

    __test__ = False

    def __init__(self, now_ms: int = START_MS) -> None:
        """Start at a time."""
        self.now_ms = now_ms

    def __call__(self) -> int:
        """Return the time."""
        return self.now_ms


Open = Callable[[Path, TestClock], LedgerLike]


_NUMBERS = count()
"""Every question has an actor of its own: the hold is tested by itself."""


def facts(contract: str = CONTRACTS[0], actor: str = "7f3a") -> Facts:
    """Return facts of a question that holds nothing private."""
    return Facts(actor, "analyst", "research", "sha256:q", (contract,))


def activation(contract: str) -> Activation:
    """Return the activation of one of the two contracts of the suite."""
    accounts = tuple(Account(key, limit) for key, limit in LIMITS[contract].items())
    return Activation(POPULATION, contract, accounts, "steward")


def request(ledger: LedgerLike, contract: str, analyst: str, cost: Cost) -> ChargeRequest:
    """Return a charge of the three accounts a question of this analyst pays from."""
    year, limits = ledger.period("P1Y"), LIMITS[contract]
    accounts = (
        Account("lifetime", limits["lifetime"]),
        Account(f"period:{year}", limits["period:*"]),
        Account(f"analyst:{analyst}@{year}", limits["analyst:*@*"], f"analyst:h-{analyst}@{year}"),
    )
    return ChargeRequest(POPULATION, accounts, cost, facts(contract, f"h-{analyst}-{next(_NUMBERS):x}"))


class LedgerMachine(RuleBasedStateMachine):
    """Asks a ledger anything in any order and keeps independent books."""

    make: ClassVar[Open]
    reopen: ClassVar[Open]
    charges: Bundle[Charge] = Bundle("charges")

    def __init__(self) -> None:
        """Make an empty ledger with both contracts active, and two handles of it."""
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.clock = TestClock()
        place = Path(self._folder.name)
        first = type(self).make(place, self.clock)
        for contract in CONTRACTS:
            first.activate(activation(contract))
        self.handles = [first, type(self).reopen(place, self.clock)]
        self.books: dict[str, list[Cost]] = {}
        self.settled: set[str] = set()
        self.last_ms = 0

    def teardown(self) -> None:
        """Close the handles."""
        for handle in self.handles:
            handle.close()
        self._folder.cleanup()

    @rule(
        target=charges,
        handle=st.integers(0, 1),
        contract=st.sampled_from(CONTRACTS),
        analyst=st.sampled_from(ANALYSTS),
        cost=PRICES,
    )
    def charge(
        self, handle: int, contract: str, analyst: str, cost: Cost
    ) -> Charge | MultipleResults[Charge]:
        """Charge; the ledger must accept exactly what our books say fits everywhere."""
        ledger = self.handles[handle]
        asked = request(ledger, contract, analyst, cost)
        fits = all(_may_hold(self.books.get(a.key, []), cost, a.limit) for a in asked.accounts)
        if not fits:
            with pytest.raises(BudgetExhausted):
                ledger.charge(asked)
            return multiple()
        charged = ledger.charge(asked)
        _must(charged.cost == cost, "a charge has the price asked")
        _must(charged.at_ms >= self.last_ms, "time never goes back")
        self.last_ms = charged.at_ms
        for posting in charged.entries:
            book = self.books.setdefault(posting.account, [])
            _must(posting.before == _total(book), "before is what was spent")
            book.append(cost)
            _must(posting.after == _total(book), "after is before plus the price")
            _must(bool(posting.gates), "a gate holds after every charge")
        return charged

    @rule(handle=st.integers(0, 1), charge=charges, is_answered=st.booleans())
    def settle(self, handle: int, charge: Charge, *, is_answered: bool) -> None:
        """Record or lose a charge; the second time must be refused."""
        if charge.id in self.settled:
            with pytest.raises(LedgerFailed):
                self._settle(self.handles[handle], charge, is_answered=is_answered)
            return
        self._settle(self.handles[handle], charge, is_answered=is_answered)
        self.settled.add(charge.id)

    def _settle(self, ledger: LedgerLike, charge: Charge, *, is_answered: bool) -> None:
        name = f"bound {charge.id}"
        if not is_answered:
            ledger.lose(charge, facts())
            _must(ledger.bounds(name) == (), "nothing is kept of a lost charge")
            return
        key = ReleaseKey(POPULATION, "research", 1, 1, "", f"plan {charge.id}", CONTRACTS[:1])
        body = f'{{"bounds": [{{"bound": "{name}"}}, {{"bound": "{SHARED_BOUND}"}}]}}'
        answer = Answer(
            f"release of {charge.id}", body, key, charge.cost.nano_rho, "bounds", (name, SHARED_BOUND)
        )
        receipt = ledger.record(charge, answer, facts())
        kept = [(k.release_id, k.body, k.receipt) for k in ledger.find(key)]
        expected = [(answer.release_id, answer.body, receipt)]
        _must(kept == expected, "a recorded answer is kept and found by its key")
        by_bound = [k.release_id for k in ledger.bounds(name)]
        _must(by_bound == [answer.release_id], "a recorded answer is found by what it bounded")
        shared = [k.at_ms for k in ledger.bounds(SHARED_BOUND)]
        _must(
            bool(shared) and shared == sorted(shared),
            "answers that found one bound are found, the oldest first",
        )

    @rule(step_ms=st.integers(-200_000, 2_000))
    def clock_moves(self, step_ms: int) -> None:
        """Let time pass, or set the clock back a little."""
        self.clock.now_ms = max(START_MS - 200_000, self.clock.now_ms + step_ms)

    @rule()
    def reopen_one(self) -> None:
        """Close one handle and open another."""
        self.handles.pop().close()
        self.handles.append(type(self).reopen(Path(self._folder.name), self.clock))

    @invariant()
    def books_agree(self) -> None:
        """Every handle knows exactly what our books say, and no limit is exceeded."""
        for key, book in self.books.items():
            ours = _total(book)
            known = [handle.spent(POPULATION, key) for handle in self.handles]
            _must(known == [ours, ours], "every handle knows what was spent")
            limits = [next(c[p] for p in patterns(key) if p in c) for c in LIMITS.values()]
            _must(any(_may_hold(book, Cost(0, 0, Basic(0)), one) for one in limits), "no limit is exceeded")


def _may_hold(book: list[Cost], cost: Cost, limit: Cost) -> bool:
    """Return whether a gate holds for everything charged and one more price; written out, as a second opinion."""
    every = [*book, cost]
    basics = [one.basic for one in every]
    if sum(one.atto_delta for one in every) > limit.atto_delta:
        return False
    if sum(one.nano_rho for one in every) <= limit.nano_rho:
        return True
    if limit.basic is None or None in basics:
        return False
    known = [one for one in basics if one is not None]
    is_within = sum(one.nano_epsilon for one in known) <= limit.basic.nano_epsilon
    return is_within and sum(one.atto_delta for one in known) <= limit.basic.atto_delta


def _total(book: list[Cost]) -> Cost:
    return sum(book, NOTHING)


def _must(holds: bool, promise: str) -> None:  # noqa: FBT001  # an assertion that -O does not remove
    if not holds:
        raise AssertionError(promise)


class LedgerConformance:
    """Inherit, give `make` and `reopen`, and let pytest collect the class."""

    examples: ClassVar[int] = 30

    def make(self, folder: Path, clock: TestClock) -> LedgerLike:
        """Return a new, empty ledger in this folder."""
        raise NotImplementedError

    def reopen(self, folder: Path, clock: TestClock) -> LedgerLike:
        """Return another handle of the ledger in this folder."""
        raise NotImplementedError

    def test_the_ledger_keeps_its_promises_under_any_order_of_use(self) -> None:
        """Run the machine."""
        opened = {"make": staticmethod(self.make), "reopen": staticmethod(self.reopen)}
        made = type("Machine", (LedgerMachine,), opened)
        limits = settings(max_examples=self.examples, stateful_step_count=30, deadline=None)
        run_state_machine_as_test(made, settings=limits)
