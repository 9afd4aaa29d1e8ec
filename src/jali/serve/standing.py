"""What accounts hold and what is left in them, in the three units people are shown: questions, epsilon, rho."""

from dataclasses import dataclass

from jali.ledger.accounts import Account
from jali.model.money import NANO
from jali.model.release import Release, Remaining, remaining_json
from jali.model.schema import KeyValue
from jali.pipeline import House, accounts_of, left
from jali.plan.limits import guardrails_of
from jali.policy.contract import Contract
from jali.privacy.conversion import epsilon_for

_PERIODS = {"P1Y": "this year", "P3M": "this quarter", "P1M": "this month"}


@dataclass(frozen=True, slots=True)
class Line:
    """One account of one contract: its limit and what is left."""

    contract: str
    kind: str
    name: str
    limit: Remaining
    left: Remaining
    default_rho: float

    def as_json(self) -> dict[str, object]:
        """Return the account as `jali budget --json` prints it."""
        return {
            "contract": self.contract,
            "account": self.name,
            "limit": remaining_json(self.limit),
            "remaining": remaining_json(self.left),
        }


@dataclass(frozen=True, slots=True)
class Price:
    """What the price line of an answer says."""

    analyst: str
    purpose: str
    questions: float
    total: int
    left: int
    epsilon_left: float
    epsilon_total: float
    period: str
    binding: str


def lines(house: House, contract: Contract, analyst: str = "") -> tuple[Line, ...]:
    """Return the accounts of a contract, widest first; the analyst's own where a name is given."""
    population = house.policies.population_of(contract)
    common = accounts_of(house, (contract,), analyst or "nobody", "")
    accounts = [("lifetime", common["lifetime"]), ("period", common["period"])]
    accounts += [
        ("purpose", accounts_of(house, (contract,), analyst or "nobody", name)["purpose"])
        for name in contract.budget.per_purpose
    ]
    if analyst:
        accounts.append(("analyst", common["analyst"]))
    default = default_nano_rho(house, (contract,))
    delta = population.delta_conversion

    def line(kind: str, account: Account) -> Line:
        has_second = account.limit.basic is not None
        limit = left(account.limit, delta, default, has_second=has_second)
        spare = house.ledger.remaining(population.id, account)
        rest = left(spare, delta, default, has_second=has_second)
        return Line(contract.id, kind, account.key, limit, rest, default / NANO)

    return tuple(line(*account) for account in accounts)


def default_nano_rho(house: House, contracts: tuple[Contract, ...]) -> int:
    """Return the price of a question at the default, in nano-rho."""

    def nothing(_table: str, _column: str) -> tuple[KeyValue, ...]:
        return ()

    return guardrails_of(contracts, house.policies.population_of(contracts[0]), nothing).default_nano_rho


def contracts_of(house: House, release: Release) -> tuple[Contract, ...]:
    """Return the contracts that decided about a release, the first one first."""
    by_id = {contract.id: contract for contract in house.policies.contracts}
    return tuple(by_id[reference.id] for reference in release.contracts if reference.id in by_id)


def price_of(house: House, release: Release, analyst: str, purpose: str) -> Price:
    """Return what an answer cost and what is left, in questions at the default."""
    contracts = contracts_of(house, release)
    population = house.policies.population_of(contracts[0])
    default = max(1, default_nano_rho(house, contracts))
    binding, rest = min(release.remaining.items(), key=lambda item: item[1].questions_at_default)
    if release.remaining["analyst"].questions_at_default == rest.questions_at_default:
        binding, rest = "analyst", release.remaining["analyst"]
    limit = accounts_of(house, contracts, analyst, purpose)[binding].limit
    paid = max((c.nano_rho for c in release.privacy.charged), default=0)
    return Price(
        analyst=analyst,
        purpose=purpose,
        questions=paid / default,
        total=limit.nano_rho // default,
        left=rest.questions_at_default,
        epsilon_left=rest.epsilon,
        epsilon_total=float(epsilon_for(limit.nano_rho, population.delta_conversion)),
        period=_PERIODS.get(contracts[0].budget.period, "this period") if binding != "lifetime" else "in all",
        binding=binding,
    )
