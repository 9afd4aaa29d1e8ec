"""Every rule of a house, loaded together or not at all: settings, populations, contracts, charter."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jali.model.codes import UnknownAnalyst
from jali.model.schema import Catalog, Table
from jali.policy.charter import Charter, broken_articles, load_charter
from jali.policy.contract import Contract, load_contract
from jali.policy.findings import Finding, Report, has_errors, refusal
from jali.policy.population import Population, load_population
from jali.policy.settings import FILE, Settings
from jali.policy.source import plain

CONTRACTS = "*.odcs.yaml"
POPULATIONS = "*.yaml"

_Value = TypeVar("_Value", Contract, Population)


@dataclass(frozen=True, slots=True)
class Policies:
    """All rules of a house; everything in it is valid.

    Attributes:
        contracts: by file name.
        populations: by name (the file name without ending).
        catalog: every table of every contract, by lower-case name.
    """

    settings: Settings
    contracts: tuple[Contract, ...]
    populations: Mapping[str, Population]
    charter: Charter
    catalog: Catalog

    def contract_of(self, table: str) -> Contract | None:
        """Return the contract that declares the table, compared without case, or None."""
        return next((contract for contract in self.contracts if contract.table(table) is not None), None)

    def population_of(self, contract: Contract) -> Population:
        """Return the population a contract of this house belongs to."""
        return self.populations[contract.population]

    def user(self, name: str) -> frozenset[str]:
        """Return the roles of a user.

        Raises:
            UnknownAnalyst: if jali.toml does not name the user.
        """
        if (roles := self.settings.users.get(name)) is None:
            raise UnknownAnalyst(
                f"nobody is called '{name[:60]}' here", hint="use a name that jali.toml declares"
            )
        return roles


def load_policies(settings: Settings) -> Policies:
    """Return the rules of the house.

    Raises:
        ContractInvalid: if any file breaks a rule; it carries all reasons.
    """
    policies, findings = read_policies(settings)
    if policies is None:
        raise refusal(findings)
    return policies


def read_policies(settings: Settings) -> tuple[Policies | None, tuple[Finding, ...]]:
    """Return the rules of the house, or None where anything is invalid, and all findings of all files."""
    report = Report()
    populations = _load_all(settings.populations, POPULATIONS, load_population, report)
    contracts = _load_all(settings.contracts, CONTRACTS, load_contract, report)
    charter, found = load_charter(settings.charter)
    report.add(*found)
    by_name = {population.name: population for population in populations}
    _check_populations(populations, report)
    for contract in contracts:
        _check_contract(contract, by_name, settings, report)
    _check_contracts(contracts, report)
    _check_sources(settings, contracts, report)
    if charter is not None:
        report.add(*broken_articles(charter, contracts, populations))
    if charter is None or has_errors(report.findings):
        return None, report.findings
    tables: dict[str, Table] = {
        table.name.lower(): table for contract in contracts for table in contract.tables
    }
    return Policies(settings, contracts, by_name, charter, Catalog(tables)), report.findings


def _load_all(
    folder: Path,
    pattern: str,
    load: Callable[[Path], tuple[_Value | None, tuple[Finding, ...]]],
    report: Report,
) -> tuple[_Value, ...]:
    paths = sorted(folder.glob(pattern)) if folder.is_dir() else []
    if not paths:
        report.add(Finding(str(folder), 1, "H101", f"there is no {pattern} in this folder; add one"))
    loaded: list[_Value] = []
    for path in paths:
        value, found = load(path)
        report.add(*found)
        if value is not None:
            loaded.append(value)
    return tuple(loaded)


def _check_populations(populations: Iterable[Population], report: Report) -> None:
    seen: dict[str, Population] = {}
    for population in populations:
        if (other := seen.setdefault(population.id, population)) is not population:
            words = f"population {population.id} is declared by {other.path.name} too; keep one"
            report.error(population.root.at("population", "id"), "H102", words)


def _check_contract(
    contract: Contract, populations: Mapping[str, Population], settings: Settings, report: Report
) -> None:
    at = contract.place("population")
    population = populations.get(contract.population)
    if population is None:
        is_broken = (settings.populations / f"{contract.population}.yaml").exists()
        known = ", ".join(sorted(populations)) or "none"
        words = "is not valid itself" if is_broken else f"does not exist; known: {known}"
        report.error(at, "H103", f"population {contract.population} {words}")
        return
    for table in contract.tables:
        if table.unit is not None and table.unit not in population.unit_keys:
            keys = ", ".join(sorted(population.unit_keys))
            words = f"{table.name} belongs to units of {table.unit}; {population.name} protects: {keys}"
            more = "; name the unit column so, or declare its foreign key to that column"
            report.error(at, "H104", words + more)
    _check_limits(contract, population, report)
    _check_roles(contract, population, settings, report)


def _check_limits(contract: Contract, population: Population, report: Report) -> None:
    if contract.budget.per_period > population.lifetime:
        got, most = plain(contract.budget.per_period), plain(population.lifetime)
        report.error(
            contract.place("budget", "perPeriod", "epsilon"),
            "H105",
            f"perPeriod is epsilon {got}; allowed: at most {most}, the lifetime of {population.name}",
        )
    key_delta = contract.output.key_delta
    if key_delta is not None and key_delta > population.delta_keys:
        got, most = plain(key_delta), plain(population.delta_keys)
        report.error(
            contract.place("output", "keyDelta"),
            "H106",
            f"keyDelta is {got}; allowed: at most {most}, the delta.keys of {population.name}",
        )


def _check_roles(contract: Contract, population: Population, settings: Settings, report: Report) -> None:
    for role in population.approvals:
        if role not in contract.team_roles:
            report.error(
                population.root.at("approvals", "change"),
                "H107",
                f"approvals.change needs a {role}; the team of {contract.path.name} has none",
            )
    held = {role for roles in settings.users.values() for role in roles}
    for entry in contract.access:
        if settings.users and entry.role not in held:
            report.warning(
                contract.place("access"), "H108", f"no user of jali.toml has the role {entry.role}"
            )


def _check_contracts(contracts: Iterable[Contract], report: Report) -> None:
    ids: dict[str, Contract] = {}
    tables: dict[str, Contract] = {}
    for contract in contracts:
        if (other := ids.setdefault(contract.id, contract)) is not contract:
            words = f"contract {contract.id} is declared by {other.path.name} too; give each its own id"
            report.error(contract.terms.document.root.at("id"), "H109", words)
        for table in contract.tables:
            if (other := tables.setdefault(table.name.lower(), contract)) is not contract:
                words = (
                    f"table {table.name} is declared by {other.path.name} too; one contract owns one table"
                )
                report.error(contract.terms.document.root.at("schema"), "H110", words)
    _check_pseudonyms(tuple(ids.values()), report)


def _check_pseudonyms(contracts: tuple[Contract, ...], report: Report) -> None:
    """Refuse contracts that name one population's units by different keys: one person would look like two."""
    first: dict[tuple[str, str], tuple[Contract, object]] = {}
    for contract in contracts:
        for table in contract.tables:
            column = table.column(table.unit_column or "")
            if column is None:
                continue
            other, transform = first.setdefault(
                (contract.population, table.unit or ""), (contract, column.transform)
            )
            if transform != column.transform:
                words = (
                    f"{table.name}.{column.name} has another transform than in {other.path.name}; use one key"
                )
                report.error(contract.place("population"), "H111", words)


def _check_sources(settings: Settings, contracts: Iterable[Contract], report: Report) -> None:
    names = {table.name.lower() for contract in contracts for table in contract.tables}
    for table in settings.sources:
        if names and table.lower() not in names:
            words = f"sources.{table} belongs to no table of a contract; remove it or declare the table"
            report.add(Finding(str(settings.folder / FILE), 1, "H112", words, "warning"))
