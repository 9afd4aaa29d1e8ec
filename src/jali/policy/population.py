"""A population: who is protected, and how much all answers together may ever reveal about one of them."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from jali.model.money import ATTO
from jali.policy.findings import Finding, Report
from jali.policy.source import Node, plain, read_yaml
from jali.policy.validate import conforms

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class ProtectedUnit:
    """A kind of unit and the column that names it, such as household and household_id."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Population:
    """One valid population file.

    Attributes:
        name: file name without ending; what contracts call it.
        id, version: its permanent identity: the ledger's key.
        lifetime: epsilon at delta_conversion for everything ever answered.
        delta_conversion, delta_keys, delta_basic: the parts of delta, exact.
        blocks: none or quarter_of_first_arrival.
        root: the file with its lines, for messages.
    """

    name: str
    id: str
    version: int
    units: tuple[ProtectedUnit, ...]
    lifetime: Fraction
    delta_conversion: Fraction
    delta_keys: Fraction
    delta_basic: Fraction
    blocks: str
    approvals: tuple[str, ...]
    path: Path
    root: Node = field(repr=False, compare=False)

    @property
    def delta_total(self) -> Fraction:
        """Return the sum of the parts of delta."""
        return self.delta_conversion + self.delta_keys + self.delta_basic

    @property
    def unit_keys(self) -> frozenset[str]:
        """Return the columns that may carry the unit."""
        return frozenset(unit.key for unit in self.units)


def load_population(path: Path) -> tuple[Population | None, tuple[Finding, ...]]:
    """Return the population, or None where the file breaks a rule, and all findings."""
    document, findings = read_yaml(path)
    if document is None:
        return None, findings
    report = Report()
    if not conforms(document.root, "population", report):
        return None, report.findings
    population = _population(document.root)
    _check(population, report)
    return (None if report.errors else population), report.findings


def _population(root: Node) -> Population:
    delta = root.at("delta")
    return Population(
        name=root.document.path.stem,
        id=root.at("population", "id").text(),
        version=root.at("population", "version").whole() or 0,
        units=tuple(ProtectedUnit(u.at("name").text(), u.at("key").text()) for u in root.at("units").each()),
        lifetime=root.at("lifetime", "epsilon").number() or _ZERO,
        delta_conversion=delta.at("conversion").number() or _ZERO,
        delta_keys=delta.at("keys").number() or _ZERO,
        delta_basic=delta.at("basic").number() or _ZERO,
        blocks=root.at("blocks").text(),
        approvals=root.at("approvals", "change").texts(),
        path=root.document.path,
        root=root,
    )


def _check(population: Population, report: Report) -> None:
    root, names = population.root, [unit.name for unit in population.units]
    if len(set(names)) < len(names) or len(population.unit_keys) < len(names):
        report.error(root.at("units"), "P101", "two units share a name or a key; give each its own")
    if population.delta_total >= 1:
        total = plain(population.delta_total)
        report.error(
            root.at("delta"), "P102", f"delta adds up to {total}; allowed: below 1, better below 1e-5"
        )
    for part in ("conversion", "keys", "basic"):
        value = root.at("delta", part).number() or _ZERO
        if value > 0 and value * ATTO < 1:
            report.error(
                root.at("delta", part),
                "P103",
                f"delta.{part} is below 1e-18, the smallest step of the ledger",
            )
