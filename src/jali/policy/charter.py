"""The charter: the organisation's promises, in a closed vocabulary, held against contracts and populations.

A measure nobody knows is an error; one that a contract lacks fails its article, except a purpose that is not
there.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from jali.model.schema import ColumnClass
from jali.policy.clauses import check_day
from jali.policy.contract import Contract
from jali.policy.durations import Duration, duration
from jali.policy.findings import Finding, Report
from jali.policy.population import Population
from jali.policy.source import Node, plain, read_yaml
from jali.policy.validate import conforms, shown

Amount: TypeAlias = Fraction | Duration | str
"""What a measure is: a number, a duration, or a degree of consent."""

_DEGREES = ("none", "objection", "required")
_CONSENT = re.compile(r"purposes\.([a-z][a-z0-9_-]*)\.consent")
_NUMBERS = (
    "population.lifetime.epsilon",
    "population.delta.total",
    "budget.perQuery.max.epsilon",
    "output.minUnitsPerKey",
    "approvals.loosening",
)
_DURATION = "retention.rows.keep"
MEASURES = (*_NUMBERS, _DURATION, "purposes.ID.consent", "output: aggregates_only")


@dataclass(frozen=True, slots=True)
class Demand:
    """One measure of an article and what it must be; at least one side is given, or `purposes` for a ban."""

    measure: str
    at_most: Amount | None = None
    at_least: Amount | None = None
    only_class: ColumnClass | None = None
    purposes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Article:
    """A promise with its number and plain words."""

    id: str
    says: str
    demands: tuple[Demand, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Charter:
    """One valid charter."""

    name: str
    version: str
    owner: str
    review_by: str
    articles: tuple[Article, ...]
    path: Path
    root: Node = field(repr=False, compare=False)


def load_charter(path: Path) -> tuple[Charter | None, tuple[Finding, ...]]:
    """Return the charter, or None where the file breaks a rule, and all findings."""
    document, findings = read_yaml(path)
    if document is None:
        return None, findings
    report = Report()
    root = document.root
    if not conforms(root, "charter", report):
        return None, report.findings
    head, articles = root.at("charter"), tuple(_article(node, report) for node in root.at("articles").each())
    for article, node in zip(articles, root.at("articles").each(), strict=True):
        if [other.id for other in articles].count(article.id) > 1:
            report.error(node, "A101", f"two articles are called {article.id}; number them apart")
    check_day(head.at("reviewBy"), report)
    charter = Charter(
        name=head.at("name").text(),
        version=head.at("version").text(),
        owner=head.at("owner").text(),
        review_by=head.at("reviewBy").text(),
        articles=articles,
        path=path,
        root=root,
    )
    return (None if report.errors else charter), report.findings


def _article(node: Node, report: Report) -> Article:
    demands = [_demand(measure, child, report) for measure, child in node.at("require").items()]
    for key, child in node.at("forbid").items():
        terms = child.texts()
        if key != "purposes" or not terms or len(terms) != len(child.each()):
            report.error(
                child, "A102", f"forbid {shown(key)} is not known; allowed: purposes, a list of terms"
            )
            continue
        demands.append(Demand("forbid.purposes", purposes=frozenset(terms)))
    if not demands:
        report.error(node, "A103", f"article {node.at('id').text()} demands nothing; add require or forbid")
    return Article(
        node.at("id").text(), node.at("says").text(), tuple(d for d in demands if d is not None), node.rule
    )


def _demand(measure: str, node: Node, report: Report) -> Demand | None:
    if measure == "output":
        if node.value == "aggregates_only":
            return Demand(measure)
        report.error(node, "A104", f"output is {shown(node.value)}; allowed: aggregates_only")
        return None
    if _CONSENT.fullmatch(measure):
        return _consent_demand(measure, node, report)
    if measure in _NUMBERS or measure == _DURATION:
        return _bounded(measure, node, report)
    report.error(node, "A105", f"measure {shown(measure)} is not known; allowed: {', '.join(MEASURES)}")
    return None


def _consent_demand(measure: str, node: Node, report: Report) -> Demand | None:
    if node.text() in _DEGREES:
        return Demand(measure, at_least=node.text())
    report.error(node, "A104", f"{measure} is {shown(node.value)}; allowed: {', '.join(_DEGREES)}")
    return None


def _bounded(measure: str, node: Node, report: Report) -> Demand | None:
    allowed = {"atMost", "atLeast"} | ({"class"} if measure == "budget.perQuery.max.epsilon" else set())
    keys = {key for key, _ in node.items()}
    only = node.at("class")
    read = _duration if measure == _DURATION else Node.number
    sides = {key: read(node.at(key)) for key in ("atMost", "atLeast") if key in keys}
    classes = [one.value for one in ColumnClass]
    is_known_class = not only.is_given or only.value in classes
    if not keys - {"class"} or keys - allowed or None in sides.values() or not is_known_class:
        kind = "an ISO 8601 duration" if measure == _DURATION else "a number"
        report.error(node, "A104", f"{measure} needs {', '.join(sorted(allowed))}, each bound {kind}")
        return None
    only_class = ColumnClass(only.text()) if only.is_given else None
    return Demand(measure, sides.get("atMost"), sides.get("atLeast"), only_class)


def _duration(node: Node) -> Duration | None:
    return duration(node.text())


def broken_articles(
    charter: Charter, contracts: Iterable[Contract], populations: Iterable[Population]
) -> tuple[Finding, ...]:
    """Return a finding for each contract or population that breaks an article, with its plain words."""
    report = Report()
    contracts, populations = tuple(contracts), tuple(populations)
    for article in charter.articles:
        for demand in article.demands:
            for population in populations:
                _hold_population(article, demand, population, report)
            for contract in contracts:
                _hold_contract(article, demand, contract, report)
    return report.findings


def _hold_population(article: Article, demand: Demand, population: Population, report: Report) -> None:
    values = {
        "population.lifetime.epsilon": (population.lifetime, "lifetime"),
        "population.delta.total": (population.delta_total, "delta"),
    }
    if demand.measure in values:
        value, key = values[demand.measure]
        _compare(article, demand, value, population.root.at(key), report)


_Reader: TypeAlias = Callable[[Contract], tuple[Amount | None, Node]]

_CONTRACT_MEASURES: dict[str, _Reader] = {
    "budget.perQuery.max.epsilon": lambda c: (c.budget.query_max, c.place("budget", "perQuery", "max")),
    "output.minUnitsPerKey": lambda c: (
        _number(c.output.min_units_per_key),
        c.place("output", "minUnitsPerKey"),
    ),
    "retention.rows.keep": lambda c: (c.retention.rows, c.place("retention", "rows", "keep")),
    "approvals.loosening": lambda c: (
        Fraction(len(set(c.approvals.loosening))),
        c.place("approvals", "loosening"),
    ),
}


def _number(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _hold_contract(article: Article, demand: Demand, contract: Contract, report: Report) -> None:
    if demand.only_class is not None and not contract.holds(demand.only_class):
        return
    if (name := _CONSENT.fullmatch(demand.measure)) is not None:
        purpose = contract.purpose(name.group(1))
        if purpose is not None:
            _compare(article, demand, purpose.consent, contract.place("purposes"), report)
    elif demand.measure == "forbid.purposes":
        banned = [p for p in contract.purposes if {p.id, p.dpv} & demand.purposes]
        for purpose in banned:
            _broken(
                article,
                f"purpose {purpose.id} ({purpose.dpv}) is forbidden",
                contract.place("purposes"),
                report,
            )
    elif (reader := _CONTRACT_MEASURES.get(demand.measure)) is not None:
        value, at = reader(contract)
        _compare(article, demand, value, at, report)


def _compare(article: Article, demand: Demand, value: Amount | None, at: Node, report: Report) -> None:
    if value is None:
        _broken(article, f"{demand.measure} is not declared", at, report)
        return
    if demand.at_most is not None and not _is_at_most(value, demand.at_most):
        _broken(
            article,
            f"{demand.measure} is {_text(value)}; allowed: at most {_text(demand.at_most)}",
            at,
            report,
        )
    if demand.at_least is not None and not _is_at_most(demand.at_least, value):
        _broken(
            article,
            f"{demand.measure} is {_text(value)}; allowed: at least {_text(demand.at_least)}",
            at,
            report,
        )


def _is_at_most(small: Amount, large: Amount) -> bool:
    if isinstance(small, Fraction) and isinstance(large, Fraction):
        return small <= large
    if isinstance(small, Duration) and isinstance(large, Duration):
        return small.is_at_most(large)
    if isinstance(small, str) and isinstance(large, str):
        return _DEGREES.index(small) <= _DEGREES.index(large)
    return False


def _text(value: Amount) -> str:
    if isinstance(value, Fraction):
        return plain(value)
    return value.text if isinstance(value, Duration) else value


def _broken(article: Article, words: str, at: Node, report: Report) -> None:
    report.error(at, "A201", f'breaks article {article.id} "{article.says}" ({article.rule}): {words}')
