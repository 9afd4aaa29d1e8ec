"""A data contract as one frozen value: schema and rules of one dataset, checked whole before it exists.

The digest is SHA-256 over the RFC 8785 canonical JSON of the whole document. Decimals have at most 15
significant digits (see `source`), so each is exactly the shortest form of one JSON number: whole numbers are
written as such (1.0 and 1 agree), the others in ECMAScript form (0.010 and 1e-2 are 0.01). Anybody can
recompute it with any YAML reader and any RFC 8785 writer.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import rfc8785

from jali.model.schema import ColumnClass, Hints, Table
from jali.policy import clauses
from jali.policy.findings import Finding, Report
from jali.policy.outline import outline, privacy_block
from jali.policy.source import Node, Tree, read_yaml
from jali.policy.tables import tables_of
from jali.policy.terms import (
    Access,
    Approvals,
    Budget,
    ConsentRule,
    Dpia,
    Output,
    Purpose,
    Retention,
    TrustRule,
)
from jali.policy.validate import conforms, conforms_to_standard, shown

_STANDARD = "v3.2.0"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._/-]{0,199}")


@dataclass(frozen=True, slots=True)
class Contract:
    """One valid contract.

    Attributes:
        digest: "sha256:" and 64 hexadecimal digits.
        tables: in the order of the file; a table without privacy block is not among them.
        population: name of the population file that owns unit, lifetime and delta.
        external_joins: public_only or none.
        team_roles: roles somebody in the team holds.
        terms: the contract's privacy block with its lines, for messages.
    """

    id: str
    version: str
    name: str
    digest: str
    path: Path
    population: str
    tables: tuple[Table, ...]
    purposes: tuple[Purpose, ...]
    denied_purposes: frozenset[str]
    access: tuple[Access, ...]
    trust: tuple[TrustRule, ...]
    output: Output
    external_joins: str
    budget: Budget
    hints: Hints
    consent: ConsentRule
    retention: Retention
    approvals: Approvals
    dpia: Dpia | None
    team_roles: frozenset[str]
    terms: Node = field(repr=False, compare=False)

    def purpose(self, name: str) -> Purpose | None:
        """Return the declared purpose of this id, or None."""
        return next((purpose for purpose in self.purposes if purpose.id == name), None)

    def table(self, name: str) -> Table | None:
        """Return the table of this name, compared without case, or None."""
        return next((table for table in self.tables if table.name.lower() == name.lower()), None)

    def access_for(self, roles: frozenset[str]) -> tuple[Access, ...]:
        """Return the entries that these roles open."""
        return tuple(entry for entry in self.access if entry.role in roles)

    def allowed_backends(self) -> frozenset[str]:
        """Return the trust back ends the contract allows."""
        return frozenset(rule.backend for rule in self.trust if rule.allowed)

    def holds(self, column_class: ColumnClass) -> bool:
        """Return whether any column that lands has this class."""
        return any(c.column_class is column_class and c.lands for table in self.tables for c in table.columns)

    def place(self, *keys: str) -> Node:
        """Return where a term is written; the keys are those of the file, outermost first."""
        return self.terms.at(*keys)


def load_contract(path: Path) -> tuple[Contract | None, tuple[Finding, ...]]:
    """Return the contract, or None where it breaks a rule, and all findings; warnings leave it valid."""
    document, findings = read_yaml(path)
    if document is None:
        return None, findings
    report = Report()
    root = document.root
    conforms_to_standard(root, report)
    _check_head(root, report)
    tables = tables_of(outline(root, report), root.at("id").text(), report)
    terms = privacy_block(root, report)
    if not terms.is_given:
        report.error(
            root,
            "C110",
            "the contract has no privacy block; add one under customProperties, with vendor: jali",
        )
    elif conforms(terms, "contract", report):
        contract = _contract(root, terms, tables, report)
        return (None if report.errors else contract), report.findings
    return None, report.findings


def digest(tree: Tree) -> str:
    """Return the digest of a document as read by `source`; see the module for how numbers are written.

    Example:
        >>> digest({"b": Decimal("0.010"), "a": 1})
        'sha256:82c80b328e2c9578127364aa10482472557320e2f46d051bd2ddb0bffcff633a'
    """
    return (
        "sha256:" + hashlib.sha256(rfc8785.dumps(cast("Any", _json(tree)))).hexdigest()
    )  # rfc8785's own type is private


def _json(tree: Tree) -> object:
    match tree:
        case dict():
            return {key: _json(value) for key, value in tree.items()}
        case list():
            return [_json(value) for value in tree]
        case Decimal():
            return float(tree)  # exact in its shortest form: `source` lets at most 15 digits pass
        case _:
            return tree


def _check_head(root: Node, report: Report) -> None:
    version = root.at("apiVersion")
    if version.value != _STANDARD:
        report.error(version, "C111", f"apiVersion is {shown(version.value)}; allowed: {_STANDARD}")
    if not _ID.fullmatch(root.at("id").text()):
        report.error(
            root.at("id"), "C112", f"id is {shown(root.at('id').value)}; use letters, digits, : . _ / -"
        )
    if not root.at("version").text():
        report.error(root.at("version"), "C113", 'version must be a text such as "1.0.0"; put it in quotes')


def _contract(root: Node, terms: Node, tables: tuple[Table, ...], report: Report) -> Contract:
    purposes = clauses.purposes(terms, report)
    trust = clauses.trust(terms.at("trust"), report)
    roles = team_roles(root)
    return Contract(
        id=root.at("id").text(),
        version=root.at("version").text(),
        name=root.at("name").text(root.at("id").text()),
        digest=_digest(root, report),
        path=root.document.path,
        population=terms.at("population").text(),
        tables=tables,
        purposes=purposes,
        denied_purposes=frozenset(terms.at("deniedPurposes").texts()),
        access=clauses.access(terms.at("access"), purposes, trust, report),
        trust=trust,
        output=clauses.output(terms.at("output"), tables, report),
        external_joins=terms.at("joins", "external").text("none"),
        budget=clauses.budget(terms.at("budget"), purposes, report),
        hints=clauses.hints(terms.at("hints"), report),
        consent=clauses.consent(terms.at("consent"), tables, report),
        retention=clauses.retention(terms.at("retention"), tables, report),
        approvals=clauses.approvals(terms.at("approvals"), roles, report),
        dpia=clauses.dpia(terms.at("dpia"), report),
        team_roles=roles,
        terms=terms,
    )


def _digest(root: Node, report: Report) -> str:
    try:
        return digest(root.value)
    except rfc8785.CanonicalizationError:
        report.error(
            root, "C114", "the contract cannot be written as canonical JSON; remove unusual characters"
        )
        return ""


def team_roles(root: Node) -> frozenset[str]:
    """Return the roles held in `team` (ODCS 3.2 form, or the older plain list of members)."""
    team = root.at("team")
    members = team.each() or team.at("members").each()
    return frozenset(role for member in members if (role := member.at("role").text()))


def lines_of(contract: Contract) -> Mapping[tuple[str | int, ...], int]:
    """Return path -> line of the whole contract file."""
    return contract.terms.document.lines
