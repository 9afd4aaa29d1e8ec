"""Clears a query: who asks, for what purpose, which columns in which role. All reasons for a refusal at once.

`check` is the only maker of `Cleared`. Rules follow lineage: a column hidden in an alias, a subquery or an
expression is judged as the column it is.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from jali.model.codes import (
    AggregateNotAllowed,
    BackendNotAllowed,
    ColumnNotReadable,
    FilterNotAllowed,
    GroupByNotAllowed,
    IdentifierUse,
    JoinNotAllowed,
    NotPrivate,
    PurposeNotAllowed,
    RoleNotAllowed,
    UnknownPurpose,
)
from jali.model.errors import JaliError, Place, together
from jali.model.request import Request
from jali.model.schema import Column, GroupBy
from jali.model.types import Kind
from jali.policy.consent import consent_refusal, read_feed
from jali.policy.contract import Contract
from jali.policy.house import Policies
from jali.policy.population import Population
from jali.policy.terms import Purpose
from jali.policy.uses import Use, expression_uses, lineage_of, uses
from jali.sql.aggregates import PAIRS, SPREADS
from jali.sql.tree import Query, Rows, is_private, scans

BACKENDS = ("central",)
"""Back ends this version can run, in order of preference."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """A query that policy allows for this request; made by `check` only.

    Attributes:
        contracts: of the private tables first, each once.
        backend: the trust back end chosen.
        binned: numbers of the keys that use a column open only in bins, with that column; such keys must be bins.
    """

    query: Query
    request: Request
    contracts: tuple[Contract, ...]
    population: Population
    purpose: Purpose
    backend: str
    binned: tuple[tuple[int, Column], ...] = ()


def check(query: Query, request: Request, policies: Policies, now: datetime) -> Cleared:
    """Return the query cleared for this request.

    Args:
        query: what is asked.
        request: who asks, with which roles, for what purpose.
        policies: every rule of the house.
        now: the ledger's clock, for the age of consent feeds.

    Raises:
        JaliError: J2xx, the first reason carrying all others.
    """
    private = _contracts(query.rows, policies, wanted_private=True)
    errors: list[JaliError] = []
    purposes = [_purpose(contract, request, policies, now, errors) for contract in private]
    populations = {policies.population_of(c).id: policies.population_of(c) for c in private}
    if len(populations) > 1:
        errors.append(
            JoinNotAllowed("the tables belong to different populations", hint="ask each population by itself")
        )
    if len(private) > 1:
        errors += _external(private)
    backend = _backend(private, request, errors)
    errors += _columns(query)
    if errors:
        raise together(errors)
    purpose = next((p for p in purposes if p is not None), None)
    if purpose is None:
        raise NotPrivate("the query reads no private table", hint="public tables need no private answer")
    everything = (
        *private,
        *(c for c in _contracts(query.rows, policies, wanted_private=False) if c not in private),
    )
    population = next(iter(populations.values()))
    return Cleared(query, request, everything, population, purpose, backend, _binned(query))


def _binned(query: Query) -> tuple[tuple[int, Column], ...]:
    lineage = lineage_of(query.rows)
    return tuple(
        (index, use.column)
        for index, key in enumerate(query.keys)
        for use in expression_uses(key.expression, "key", lineage)
        if use.column.group_by is GroupBy.BINNED and use.role == "key"
    )


def _contracts(rows: Rows, policies: Policies, *, wanted_private: bool) -> tuple[Contract, ...]:
    found: dict[str, Contract] = {}
    for scan in scans(rows):
        contract = policies.contract_of(scan.table.name)
        if contract is not None and is_private(scan) is wanted_private:
            found[contract.id] = contract
    return tuple(found.values())


def _external(private: tuple[Contract, ...]) -> list[JaliError]:
    return [
        JoinNotAllowed(
            f"{c.name} may be joined with public tables only",
            hint="ask tables of one contract",
            where=f"{c.path.name}, joins.external",
        )
        for c in private
    ]


def _purpose(
    contract: Contract, request: Request, policies: Policies, now: datetime, errors: list[JaliError]
) -> Purpose | None:
    where = f"{contract.path.name}, purposes"
    purpose = next((p for p in contract.purposes if p.id == request.purpose), None)
    if purpose is None:
        known = ", ".join(p.id for p in contract.purposes)
        errors.append(
            UnknownPurpose(
                f"no purpose {request.purpose[:60]!r} for {contract.name}",
                hint=f"purposes: {known}",
                where=where,
            )
        )
        return None
    if purpose.dpv in contract.denied_purposes:
        errors.append(
            PurposeNotAllowed(
                f"purpose {purpose.id} is denied for {contract.name}",
                hint="ask for another purpose",
                where=where,
            )
        )
    opened = [a for a in contract.access if a.role in request.roles and purpose.id in a.purposes]
    if not opened:
        mine = sorted({p for a in contract.access if a.role in request.roles for p in a.purposes})
        errors.append(
            RoleNotAllowed(
                f"{request.analyst} may not ask for purpose {purpose.id}",
                hint="purposes open to you: " + (", ".join(mine) or "none"),
                where=f"{contract.path.name}, access",
            )
        )
    refusal = consent_refusal(purpose, contract.consent, read_feed(policies.settings.consent), now)
    if refusal is not None:
        errors.append(refusal)
    return purpose


def _backend(private: tuple[Contract, ...], request: Request, errors: list[JaliError]) -> str:
    wanted = (request.options.backend,) if request.options.backend else BACKENDS
    for backend in wanted:
        if backend in BACKENDS and all(_allows(c, backend, request) for c in private):
            return backend
    if errors:  # the purpose or role is closed already; who may see exact values follows from them
        return ""
    errors.append(
        BackendNotAllowed(
            f"no trust back end is open for this request (asked: {request.options.backend or 'any'})"[:120],
            hint="this version runs: " + ", ".join(BACKENDS) + "; contract and role must both allow it",
        )
    )
    return ""


def _allows(contract: Contract, backend: str, request: Request) -> bool:
    rule = next((r for r in contract.trust if r.backend == backend), None)
    by_role = any(
        backend in a.trust
        for a in contract.access
        if a.role in request.roles and request.purpose in a.purposes
    )
    return rule is not None and rule.allowed and by_role


def _columns(query: Query) -> list[JaliError]:
    errors: dict[tuple[str, str], JaliError] = {}
    lineage = lineage_of(query.rows)
    for use in uses(query, lineage):
        error = _judge(use)
        if error is not None:
            error.where = use.column.rule
            error.place = _mention(use.column.name, query.text)
            errors.setdefault((error.code, use.column.name), error)
    return list(errors.values())


def _mention(name: str, text: str) -> Place | None:
    found = re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)
    return Place(text, found.start(), len(name)) if found is not None else None


_IDENTIFIERS = frozenset({Kind.UNIT, Kind.IDENTIFIER})
_PERMITS = {
    "count": "count",
    "count_distinct": "count_distinct",
    "sum": "sum",
    "mean": "mean",
    "min": "minmax",
    "max": "minmax",
    "quantile_cont": "quantile",
    "quantile_disc": "quantile",
    **dict.fromkeys(SPREADS | PAIRS, "variance"),
}


def _judge(use: Use) -> JaliError | None:
    column = use.column
    if not column.readable or not column.lands:
        return ColumnNotReadable(f"{column.name} cannot be read", hint="leave it out, or ask the data owner")
    if column.type.kind is Kind.UNIT and use.role in {"join", "group", "count_units", "count_distinct"}:
        return None
    return _RULES.get(use.role, _judge_aggregate)(use)


def _judge_key(use: Use) -> JaliError | None:
    column = use.column
    if column.output_never or column.type.kind in _IDENTIFIERS:
        return IdentifierUse(f"{column.name} is never shown", hint=f"count it: COUNT(DISTINCT {column.name})")
    if column.group_by is GroupBy.DENIED:
        return GroupByNotAllowed(
            f"grouping by {column.name} is not allowed", hint="group by a column the contract opens"
        )
    if column.group_by is GroupBy.BINNED and use.is_bare:
        return GroupByNotAllowed(
            f"{column.name} may be grouped only in bins",
            hint=f"write FLOOR({column.name} / 10) or another range of bins",
        )
    return _judge_shaped(use)


def _judge_shaped(use: Use) -> JaliError | None:
    """An expression of a column can act as a condition on it; where conditions are denied only the column is open."""
    if use.is_bare or use.column.may_filter:
        return None
    return FilterNotAllowed(
        f"{use.column.name} can be used only as it is, not in an expression",
        hint=f"use {use.column.name} alone",
    )


def _judge_filter(use: Use) -> JaliError | None:
    column = use.column
    if column.type.kind in _IDENTIFIERS:
        return IdentifierUse(
            f"{column.name} cannot be used in a condition", hint="filter on a column that describes many"
        )
    if not column.may_filter:
        return FilterNotAllowed(
            f"{column.name} cannot be used in a condition", hint="filter on another column"
        )
    return None


def _judge_join(use: Use) -> JaliError | None:
    if use.column.type.kind in _IDENTIFIERS or use.column.may_filter:
        return None
    return FilterNotAllowed(
        f"{use.column.name} cannot be joined on", hint="join on the unit key or a declared relationship"
    )


def _judge_passed(_use: Use) -> JaliError | None:
    """A value that is handed on shows nothing by itself; that it can be read was checked before."""
    return None


def _judge_reference(use: Use) -> JaliError | None:
    if use.column.group_by in {GroupBy.DENIED, GroupBy.BINNED}:
        return GroupByNotAllowed(
            f"{use.column.name} cannot be compared with a public table: its columns would group by {use.column.name}",
            hint="join along a foreign key the contract declares",
        )
    return _judge_join(use)


def _judge_group(use: Use) -> JaliError | None:
    """Per-unit grouping inside a subquery shows nothing; it only shapes one unit's own rows."""
    if use.column.type.kind is Kind.IDENTIFIER and "count_distinct" not in use.column.aggregates:
        return IdentifierUse(
            f"{use.column.name} cannot be grouped by",
            hint="group by the unit key, or have the contract allow count_distinct of it",
        )
    if use.column.group_by is GroupBy.DENIED and "count_distinct" not in use.column.aggregates:
        return GroupByNotAllowed(
            f"grouping by {use.column.name} is not allowed, also within a unit",
            hint="group by a column the contract opens or lets be counted distinct",
        )
    return _judge_shaped(use)


def _judge_aggregate(use: Use) -> JaliError | None:
    wanted = _PERMITS.get(use.role, use.role)
    if wanted in use.column.aggregates:
        return _judge_shaped(use)
    allowed = ", ".join(sorted(use.column.aggregates)) or "none"
    return AggregateNotAllowed(
        f"{wanted} of {use.column.name} is not allowed", hint=f"allowed for {use.column.name}: {allowed}"
    )


_RULES: dict[str, Callable[[Use], JaliError | None]] = {
    "key": _judge_key,
    "filter": _judge_filter,
    "join": _judge_join,
    "reference": _judge_reference,
    "passed": _judge_passed,
    "group": _judge_group,
}
