"""Reads the terms of a contract and checks them against each other and against the tables."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from itertools import pairwise

from jali.model.schema import GroupBy, Hints, SelectedDomain, Table
from jali.policy.durations import Duration, duration
from jali.policy.findings import Report
from jali.policy.source import Node, plain
from jali.policy.terms import (
    BACKENDS,
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
from jali.policy.validate import shown

_NOTHING = Duration(0, 1, "PT1S")  # stands in where an error is already reported
_ZERO = Fraction(0)


def hints(node: Node, report: Report) -> Hints:
    """Return what forecasts may read."""
    rows = node.at("rowsPerUnit")
    levels = [(key, rows.at(key).whole()) for key in ("p50", "p90", "p99")]
    given = [(key, value) for key, value in levels if value is not None]
    for (low, at_low), (high, at_high) in pairwise(given):
        if at_low > at_high:
            report.error(rows, "C401", f"rowsPerUnit: {low} is {at_low}, above {high} {at_high}; order them")
    return Hints(
        units=node.at("units").whole(),
        rows_per_unit_p50=levels[0][1],
        rows_per_unit_p90=levels[1][1],
        rows_per_unit_p99=levels[2][1],
        keys_per_unit=node.at("keysPerUnit").whole(),
        source=node.at("source").text(),
    )


def purposes(node: Node, report: Report) -> tuple[Purpose, ...]:
    """Return the declared purposes; an id given twice, or one that is denied, is an error."""
    denied = {term.lower() for term in node.at("deniedPurposes").texts()}
    found: dict[str, Purpose] = {}
    for entry in node.at("purposes").each():
        name, dpv = entry.at("id").text(), entry.at("dpv").text()
        if name in found:
            report.error(entry, "C402", f"purpose {name} is declared twice; keep one")
        if (wins := next((t for t in (dpv, name) if t.lower() in denied), None)) is not None:
            report.error(
                entry, "C403", f"purpose {name} is denied by deniedPurposes ({wins}); remove it here or there"
            )
        found[name] = Purpose(
            id=name,
            dpv=dpv,
            basis=entry.at("basis").text(),
            special=entry.at("special").text(),
            consent=entry.at("consent").text(),
            rule=entry.rule,
        )
    return tuple(found.values())


def trust(node: Node, report: Report) -> tuple[TrustRule, ...]:
    """Return one rule per known back end; one that is not named is not allowed."""
    rules = [
        TrustRule(
            backend=name,
            allowed=node.at(name, "allowed").flag(),
            min_parties=node.at(name, "minParties").whole(),
            collusion=node.at(name, "collusion").whole(),
            needs_attestation=node.at(name, "attestation").value == "required",
        )
        for name in BACKENDS
    ]
    for rule in rules:
        if rule.min_parties is not None and rule.collusion is not None and rule.collusion >= rule.min_parties:
            report.error(
                node.at(rule.backend, "collusion"),
                "C404",
                f"{rule.backend}: {rule.collusion} of {rule.min_parties} parties may collude; allowed: fewer",
            )
    if not any(rule.allowed for rule in rules):
        report.error(
            node, "C405", "trust allows no back end, so nothing can be answered; allow one, such as central"
        )
    return tuple(rules)


def access(
    node: Node, known: Iterable[Purpose], rules: Iterable[TrustRule], report: Report
) -> tuple[Access, ...]:
    """Return who may ask for what; unknown purposes and closed back ends are errors."""
    names = [purpose.id for purpose in known]
    allowed = [rule.backend for rule in rules if rule.allowed]
    found: list[Access] = []
    for entry in node.each():
        role = entry.at("role").text()
        if role in {one.role for one in found}:
            report.error(entry, "C406", f"role {role} has two access entries; merge them")
        _check_known(
            entry.at("purposes"), names, ("C407", f"role {role} has purpose {{}}; declared: {{}}"), report
        )
        _check_known(
            entry.at("trust"), allowed, ("C408", f"role {role} has back end {{}}; allowed: {{}}"), report
        )
        opens, under = frozenset(entry.at("purposes").texts()), frozenset(entry.at("trust").texts())
        found.append(Access(role, opens, under, entry.rule))
    opened = {name for entry in found for name in entry.purposes}
    for name in names:
        if name not in opened:
            report.warning(
                node, "C418", f"no role opens purpose {name}, so nobody can ask for it; add it to a role"
            )
    return tuple(found)


def _check_known(node: Node, known: list[str], rule: tuple[str, str], report: Report) -> None:
    code, words = rule
    for name in node.texts():
        if name not in known:
            report.error(node, code, words.format(name, ", ".join(known)))


def output(node: Node, tables: Iterable[Table], report: Report) -> Output:
    """Return what may leave; keyDelta is needed as soon as keys are selected privately."""
    key_delta = node.at("keyDelta").number()
    selected = next(
        (
            f"{table.name}.{column.name}"
            for table in tables
            for column in table.columns
            if column.domain == SelectedDomain() and column.group_by is not GroupBy.DENIED
        ),
        None,
    )
    if selected is not None and key_delta is None:
        report.error(
            node,
            "C409",
            f"{selected} has keys found by dp_key_selection; add output.keyDelta, such as 1.0e-9",
        )
    floor = node.at("releaseFloor")
    return Output(
        key_delta=key_delta,
        min_units_per_key=node.at("minUnitsPerKey").whole(),
        max_rows=node.at("maxRows").whole() or 0,
        clamps_for_display=node.at("nonNegative").value == "display",
        keeps_noisy_value=node.at("keepNoisyValue").flag(),
        release_floor=_duration(floor, report) if floor.is_given else None,
        rule=node.rule,
    )


def budget(node: Node, known: Iterable[Purpose], report: Report) -> Budget:
    """Return the limits; a share larger than its parent is an error.

    Epsilons are compared as written: the conversion to rho at one delta is monotone, so their order is the
    order of what they allow.
    """
    period, analyst = node.at("perPeriod", "epsilon"), node.at("perAnalyst", "epsilon")
    largest, default = node.at("perQuery", "max", "epsilon"), node.at("perQuery", "default", "epsilon")
    shares = {name: child.at("epsilon") for name, child in node.at("perPurpose").items()}
    _check_shares(node.at("perPurpose"), shares, [purpose.id for purpose in known], report)
    for name, share in shares.items():
        _at_most(share, f"perPurpose.{name}", period, "perPeriod", report)
        _at_most(largest, "perQuery.max", share, f"perPurpose.{name}", report)
    _at_most(analyst, "perAnalyst", period, "perPeriod", report)
    _at_most(largest, "perQuery.max", analyst, "perAnalyst", report)
    _at_most(default, "perQuery.default", largest, "perQuery.max", report)
    return Budget(
        period=node.at("perPeriod", "period").text(),
        per_period=period.number() or _ZERO,
        per_purpose={name: share.number() or _ZERO for name, share in shares.items()},
        per_analyst=analyst.number() or _ZERO,
        query_max=largest.number() or _ZERO,
        query_default=default.number() or _ZERO,
        rule=node.rule,
        default_gate=node.at("perQuery", "default", "gate").text("rho"),
    )


def _check_shares(node: Node, shares: dict[str, Node], names: list[str], report: Report) -> None:
    for name, share in shares.items():
        if name not in names:
            report.error(
                share, "C410", f"perPurpose has a share for {name}; declared purposes: {', '.join(names)}"
            )
    for name in names:
        if name not in shares:
            report.error(
                node, "C411", f"purpose {name} has no share; add perPurpose: {{{name}: {{epsilon: ...}}}}"
            )


def _at_most(child: Node, child_name: str, parent: Node, parent_name: str, report: Report) -> None:
    share, whole = child.number() or _ZERO, parent.number() or _ZERO
    if share > whole:
        report.error(
            child,
            "C412",
            f"{child_name} is epsilon {plain(share)}; allowed: at most {plain(whole)}, as {parent_name} has",
        )


def consent(node: Node, tables: Iterable[Table], report: Report) -> ConsentRule:
    """Return where consent comes from; its unit key must be one of the contract's unit keys."""
    key = node.at("source", "unitKey")
    keys = sorted({table.unit_column for table in tables if table.unit_column is not None})
    if keys and key.text() not in keys:
        report.error(
            key, "C413", f"consent names units by {key.text()}; the tables name them by {', '.join(keys)}"
        )
    return ConsentRule(
        table=node.at("source", "table").text(),
        unit_key=key.text(),
        epoch=_duration(node.at("epoch"), report),
        max_lag=_duration(node.at("maxLag"), report),
        signals=frozenset(node.at("signals").texts()),
        rule=node.rule,
    )


def retention(node: Node, tables: Iterable[Table], report: Report) -> Retention:
    """Return how long things stay; rows need a date or timestamp that lands, private tables need rows."""
    rows = node.at("rows")
    table_name, _, column_name = rows.at("field").text().partition(".")
    table = next((table for table in tables if table.name == table_name), None)
    column = table.column(column_name) if table else None
    if rows.is_given and (
        column is None or not column.lands or column.source_type not in {"date", "timestamp"}
    ):
        got = shown(rows.at("field").value)
        report.error(
            rows.at("field"), "C414", f"retention.rows.field is {got}; name a date or timestamp that lands"
        )
    if not rows.is_given and any(not table.is_public for table in tables):
        report.error(node, "C415", "retention has no rows; add rows: {field: table.column, keep: P10Y}")
    return Retention(
        table=table_name,
        column=column_name,
        rows=_duration(rows.at("keep"), report) if rows.is_given else None,
        audit=_duration(node.at("audit"), report),
        releases=_duration(node.at("releases"), report),
    )


def approvals(node: Node, roles: frozenset[str], report: Report) -> Approvals:
    """Return who approves what; every role must be held by somebody in the team."""
    for kind in ("loosening", "tightening"):
        for role in node.at(kind).texts():
            if role not in roles:
                has = ", ".join(sorted(roles)) or "none"
                report.error(node.at(kind), "C416", f"approvals.{kind} needs a {role}; roles in team: {has}")
    return Approvals(node.at("loosening").texts(), node.at("tightening").texts())


def dpia(node: Node, report: Report) -> Dpia | None:
    """Return which impact assessment covers the contract, if any is named."""
    check_day(node.at("reviewBy"), report)
    return Dpia(node.at("id").text(), node.at("reviewBy").text()) if node.is_given else None


def check_day(node: Node, report: Report) -> None:
    """Report a day that is not in the calendar."""
    try:
        date.fromisoformat(node.text("2026-01-01"))
    except ValueError:
        report.error(node, "C419", f"{shown(node.value)} is no day of the calendar; write YYYY-MM-DD")


def _duration(node: Node, report: Report) -> Duration:
    span = duration(node.text())
    if span is None:
        report.error(
            node,
            "C417",
            f"{shown(node.value)} is no duration; write ISO 8601, such as P1D or P15Y, above zero",
        )
    return span or _NOTHING
