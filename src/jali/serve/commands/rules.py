"""`jali init`, `jali check` and `jali ingest`: a house, its rules, its data."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jali.model.codes import CheckFailed, Usage
from jali.serve.doors import put, show
from jali.serve.options import HouseOption, JsonOption
from jali.serve.place import find_house, settings_of

if TYPE_CHECKING:
    from jali.ingest.report import LoadReport
    from jali.policy.findings import Finding
    from jali.policy.house import Policies

_NEXT = """\
  made a house in DIR: contracts/, populations/, charter.yaml, jali.toml, vault/
  next: edit contracts/shop.odcs.yaml to your own tables, then
    cd DIR
    jali check
    jali ingest --table visits --from visits.csv
    jali consent renew --source "where consent is kept"
    jali query --as ana --purpose planning "SELECT COUNT(*) FROM visits"
  keep a copy of vault/ in a safe place: without its keys the data cannot be extended
"""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(init)
    app.command()(check)
    app.command()(ingest)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the new house.")],
    name: Annotated[str, typer.Option(help="Name of the house; else that of the folder.")] = "",
) -> None:
    """Make a new house: example rules with comments, settings, a vault with fresh keys."""
    from jali.serve.building import make_house

    make_house(folder, "starter", name or folder.absolute().name, {"ana": ("analyst",)})
    put(_NEXT.replace("DIR", str(folder)))


def check(house: HouseOption = None, json_: JsonOption = False) -> None:
    """Check contracts, populations, charter and settings; all errors at once, then the accounts."""
    from jali.govern.check import check_folder
    from jali.policy.findings import has_errors

    folder = find_house(house)
    findings = tuple(check_folder(folder, os.environ))
    failed = has_errors(findings)
    policies = None if failed else _policies(folder)
    if json_:
        _print_json(findings, policies)
        raise typer.Exit(8 if failed else 0)
    for finding in findings:
        style = "bold red" if finding.severity == "error" else "yellow"
        show(
            [
                Text(f"{finding.file}:{finding.line}: ")
                .append(finding.severity, style)
                .append(f" {finding.code} {finding.text}", "default")
            ]
        )
    if policies is None:
        errors = sum(f.severity == "error" for f in findings)
        raise CheckFailed(
            f"{errors} rule{'s are' if errors != 1 else ' is'} broken; the lines above say where",
            hint="correct them and run jali check again",
        )
    _print_accounts(policies)


def _policies(folder: Path) -> "Policies":
    from jali.policy.house import load_policies

    return load_policies(settings_of(folder))


def _print_json(findings: "tuple[Finding, ...]", policies: "Policies | None") -> None:
    from jali.govern.check import account_table, horizons
    from jali.serve.formats import json_text

    accounts = account_table(policies) if policies is not None else ()
    lasting = horizons(policies) if policies is not None else ()
    shown = {
        "findings": [
            {"file": f.file, "line": f.line, "code": f.code, "severity": f.severity, "text": f.text}
            for f in findings
        ],
        "accounts": [
            {
                "contract": a.contract,
                "account": a.name,
                "epsilon": float(a.epsilon),
                "rho": a.nano_rho / 1e9,
                "questions_at_default": a.questions_at_default,
            }
            for a in accounts
        ],
        "horizons": [
            {"contract": h.contract, "years": float(h.years), "questions": h.questions} for h in lasting
        ],
    }
    put(json_text(shown) + "\n")


def _print_accounts(policies: "Policies") -> None:
    from jali.govern.check import account_table, horizons, rho_text
    from jali.policy.source import plain
    from jali.serve.text import harmless

    for horizon in horizons(policies):
        accounts = [a for a in account_table(policies) if a.contract == horizon.contract]
        width = max(len(a.name) for a in accounts)
        show([Text(), Text(f"  {harmless(horizon.contract)}", "bold"), Text()])
        show([Text(f"  {'account'.ljust(width)}   epsilon      rho   questions at the default", "dim")])
        for one in accounts:
            limits = f"{plain(one.epsilon):>7}   {rho_text(one.nano_rho):>6}   {one.questions_at_default:>9}"
            show([Text(f"  {one.name.ljust(width)}   {limits}")])
        show([Text(), Text(f"  {horizon}"), Text()])
    show([Text("  every rule holds", "green")])


def ingest(
    table: Annotated[str, typer.Option("--table", help="One table; else every table with a source.")] = "",
    source: Annotated[
        str, typer.Option("--from", help="File, folder or pattern; else sources in jali.toml.")
    ] = "",
    house: HouseOption = None,
    json_: JsonOption = False,
) -> None:
    """Load data under the contract: a new version of the table, or nothing."""
    from jali.keys.vault import Vault
    from jali.serve.building import load
    from jali.serve.formats import json_text

    folder = find_house(house)
    policies = _policies(folder)
    vault = Vault.open(policies.settings.vault)
    reports = [load(policies, vault, name, uri) for name, uri in _wanted(policies, table, source)]
    if json_:
        put(json_text({"loads": [_report_json(r) for r in reports]}) + "\n")
        return
    for report in reports:
        show(_report_lines(report))


def _wanted(policies: "Policies", table: str, source: str) -> list[tuple[str, str]]:
    """Return which tables to load from where.

    Raises:
        Usage: if that is not said.
    """
    if source and not table:
        raise Usage("a source needs its table", hint="add --table NAME")
    sources = {name.lower(): uri for name, uri in policies.settings.sources.items()}
    if table:
        uri = source or sources.get(table.lower(), "")
        if not uri:
            raise Usage(
                f"no source is known for table {table}",
                hint="add --from PATH, or [sources.TABLE] in jali.toml",
            )
        return [(table, uri)]
    if not sources:
        raise Usage("no source is known", hint="name one: jali ingest --table NAME --from PATH")
    declared = [t.name for c in policies.contracts for t in c.tables]
    return [(name, sources[name.lower()]) for name in declared if name.lower() in sources]


def _report_json(report: "LoadReport") -> dict[str, object]:
    return {
        "table": report.table,
        "version": report.version,
        "rows_read": report.rows_read,
        "rows_stored": report.rows_stored,
        "quarantined": dict(report.quarantined),
        "undeclared": list(report.undeclared),
        "dropped": list(report.dropped),
        "seconds": round(report.seconds, 3),
    }


def _report_lines(report: "LoadReport") -> list[Text]:
    from jali.serve.render import grouped_int
    from jali.serve.text import harmless

    line = f"  {harmless(report.table)}: {grouped_int(report.rows_stored)} of {grouped_int(report.rows_read)} rows"
    lines = [Text(f"{line} in {report.seconds:.1f} s, version {report.version} of the store")]
    lines += [
        Text(f"    quarantined {grouped_int(rows)}: {harmless(reason)}", "yellow")
        for reason, rows in report.quarantined.items()
    ]
    if report.undeclared:
        lines.append(
            Text(f"    not in the contract, left out: {harmless(', '.join(report.undeclared))}", "dim")
        )
    if report.dropped:
        lines.append(Text(f"    kept out by the contract: {harmless(', '.join(report.dropped))}", "dim"))
    return lines
