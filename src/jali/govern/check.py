"""`jali check`: every rule of a house at once, its accounts, and how long they last together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from jali.model.money import NANO
from jali.policy.contract import Contract
from jali.policy.findings import Finding, Report
from jali.policy.house import Policies, read_policies
from jali.policy.population import Population
from jali.policy.settings import Settings, read_settings
from jali.policy.source import plain

RhoFor: TypeAlias = Callable[[Fraction, Fraction], int]
"""(epsilon, delta) -> nano-rho, rounded down."""

_PERIODS_A_YEAR = {"P1Y": 1, "P3M": 4, "P1M": 12}


@dataclass(frozen=True, slots=True)
class Account:
    """One limit of a contract or population.

    Attributes:
        name: lifetime, period, purpose:ID, analyst, query max or query default.
        epsilon: as declared, exact, at the population's conversion delta.
        nano_rho: what the ledger compares with, rounded down.
        questions_at_default: whole questions at perQuery.default that fit.
    """

    contract: str
    name: str
    epsilon: Fraction
    nano_rho: int
    questions_at_default: int


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long a contract's limits last together.

    Attributes:
        years: lifetime rho / yearly rho at the full period rate, exact.
        questions: questions at the default price until the lifetime is used.
        key_questions: questions with undeclared keys until delta.keys is used; None where keyDelta is absent.
        rows_kept: retention of rows, ISO 8601; empty where no row is kept by age.
    """

    contract: str
    years: Fraction
    questions: int
    key_questions: int | None
    rows_kept: str

    def __str__(self) -> str:
        """Return one sentence for people."""
        keys = (
            ""
            if self.key_questions is None
            else f"; delta.keys pays {self.key_questions} questions with found keys"
        )
        rows = f"; rows are kept {self.rows_kept}" if self.rows_kept else ""
        years = f"{int(self.years * 100) // 100}.{int(self.years * 100) % 100:02d}"
        start = f"lifetime lasts {years} years at the full rate, {self.questions} questions at the default"
        return start + keys + rows


def check_house(settings: Settings, rho_for: RhoFor | None = None) -> list[Finding]:
    """Return all that is wrong or doubtful in a house, by file and line; empty for a clean house."""
    policies, findings = read_policies(settings)
    if policies is None:
        return list(findings)
    report = Report()
    report.add(*findings)
    for contract in policies.contracts:
        _warn_about_prices(contract, policies.population_of(contract), rho_for or _rho_for(), report)
    return list(report.findings)


def check_folder(
    folder: Path, environment: Mapping[str, str] | None = None, rho_for: RhoFor | None = None
) -> list[Finding]:
    """Return the findings of the house in a folder, those of its jali.toml included."""
    settings, findings = read_settings(folder, environment)
    return [*findings, *check_house(settings, rho_for)] if settings is not None else list(findings)


def account_table(policies: Policies, rho_for: RhoFor | None = None) -> tuple[Account, ...]:
    """Return the accounts of every contract, widest first."""
    price = rho_for or _rho_for()
    return tuple(
        account
        for contract in policies.contracts
        for account in _accounts(contract, policies.population_of(contract), price)
    )


def horizons(policies: Policies, rho_for: RhoFor | None = None) -> tuple[Horizon, ...]:
    """Return for every contract how long lifetime, delta and retention last together."""
    price = rho_for or _rho_for()
    return tuple(
        _horizon(contract, policies.population_of(contract), price) for contract in policies.contracts
    )


def rho_text(nano_rho: int) -> str:
    """Return a rho for people: three decimals, four below 0.1, rounded to nearest.

    Example:
        >>> rho_text(6_880_000_000), rho_text(28_396_000)
        ('6.880', '0.0284')
    """
    places = 3 if nano_rho >= NANO // 10 else 4
    scaled = (nano_rho * 10**places * 2 + NANO) // (2 * NANO)
    return f"{scaled // 10**places}.{scaled % 10**places:0{places}d}"


def _rho_for() -> RhoFor:
    from jali.privacy.conversion import rho_for

    return rho_for


def _accounts(contract: Contract, population: Population, price: RhoFor) -> list[Account]:
    budget = contract.budget
    limits = [
        ("lifetime", population.lifetime),
        ("period", budget.per_period),
        *((f"purpose:{name}", epsilon) for name, epsilon in budget.per_purpose.items()),
        ("analyst", budget.per_analyst),
        ("query max", budget.query_max),
        ("query default", budget.query_default),
    ]
    default = price(budget.query_default, population.delta_conversion)
    made: list[Account] = []
    for name, epsilon in limits:
        nano_rho = price(epsilon, population.delta_conversion)
        made.append(Account(contract.id, name, epsilon, nano_rho, nano_rho // default if default else 0))
    return made


def _horizon(contract: Contract, population: Population, price: RhoFor) -> Horizon:
    accounts = {account.name: account for account in _accounts(contract, population, price)}
    lifetime, period = accounts["lifetime"], accounts["period"]
    yearly = period.nano_rho * _PERIODS_A_YEAR[contract.budget.period]
    key_delta = contract.output.key_delta
    return Horizon(
        contract=contract.id,
        years=Fraction(lifetime.nano_rho, yearly) if yearly else Fraction(0),
        questions=lifetime.questions_at_default,
        key_questions=int(population.delta_keys / key_delta) if key_delta else None,
        rows_kept=contract.retention.rows.text if contract.retention.rows else "",
    )


def _warn_about_prices(contract: Contract, population: Population, price: RhoFor, report: Report) -> None:
    budget, place = contract.budget, contract.place("budget")
    accounts = {account.name: account for account in _accounts(contract, population, price)}
    if accounts["query default"].nano_rho == 0:
        words = (
            f"epsilon {plain(budget.query_default)} is worth no rho at this delta; no question can be paid"
        )
        report.error(place.at("perQuery", "default"), "G101", words)
    shares = sum(account.nano_rho for name, account in accounts.items() if name.startswith("purpose:"))
    if shares > accounts["period"].nano_rho:
        words = (
            f"the purposes' shares add up to rho {rho_text(shares)}, the period has"
            f" {rho_text(accounts['period'].nano_rho)}; who asks first may leave the others short"
        )
        report.warning(place.at("perPurpose"), "G102", words)
    if contract.budget.query_max == budget.per_analyst:
        words = "perQuery.max is all an analyst has; one question can end the period for them"
        report.warning(place.at("perQuery", "max"), "G103", words)
