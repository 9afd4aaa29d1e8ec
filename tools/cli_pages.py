"""Makes docs/reference/cli.md from the commands themselves; what a command is for is said here."""

import sys
from collections.abc import Iterator
from pathlib import Path

import typer.main

from jali.model.errors import outcome
from jali.serve.cli import app
from tools.error_pages import FAMILIES
from tools.pages import DOCS, MADE, finish

ABOUT = {
    "demo": "Builds a house from 1.47 million real purchases (the extra `jali[demo]` brings them) and asks a tour of questions. Run again, it asks the same questions for free.",
    "init": "The house holds an example contract, a population, a charter, settings and a vault with fresh keys.",
    "check": "For editors, pre-commit and continuous integration. Warnings do not fail; errors end with exit code 8.",
    "ingest": "Reads Parquet or CSV under the contract and writes a new version of the store, or changes nothing. Row counts it prints are exact and for the steward alone.",
    "query": "At most one of `--epsilon`, `--rho` and `--accuracy`. The same words can stand in the question: `... EPSILON 0.5`, `... WITH ACCURACY 500 CONFIDENCE 90`.",
    "explain": "Also `EXPLAIN PRIVACY SELECT ...` in `jali query`.",
    "workload": "All questions are counts and sums (averages and variances too) over declared keys of the same FROM and WHERE; others are refused with the reason. The price, by default that of one question, is for the whole.",
    "budget": "With `--as`, also what this analyst has left.",
    "releases": "Every kept answer, newest first.",
    "certificate": "A certificate holds the mechanisms with their public parameters, so that anybody can compute the price again. It holds no value of the answer.",
    "audit log": "Entries hold names, digests, prices and pseudonyms; never a value, a literal or a true count.",
    "audit verify": "How to read its steps: [verify the audit log](../how-to/verify-the-audit-log.md).",
    "audit export": "A folder or zip that an auditor can check with one file and no access to the data.",
    "audit prove": "A receipt verifies offline.",
    "consent show": "The feed says where consent comes from and when it was last heard of.",
    "consent renew": "Without a fresh heartbeat no question is answered ([J210](errors/J210.md)).",
    "hold lift": "The act of a steward who found out why questions failed ([J403](errors/J403.md)).",
}


def commands() -> Iterator[tuple[str, object]]:
    """Yield every command by its full name."""
    root = typer.main.get_command(app)
    for name, command in getattr(root, "commands", {}).items():
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {sub}", one) for sub, one in inner.items())


def _section(name: str, command: object) -> list[str]:
    if name not in ABOUT:
        msg = f"tools/cli_pages.py does not say what jali {name} is for"
        raise ValueError(msg)
    help_text = str(getattr(command, "help", "") or "").strip()
    lines = [f"## jali {name}", "", help_text, "", ABOUT[name], ""]
    rows: list[str] = []
    for parameter in getattr(command, "params", ()):
        if getattr(parameter, "hidden", False) or parameter.name == "help":
            continue
        is_argument = getattr(parameter, "param_type_name", "") == "argument"
        shown = (parameter.metavar or parameter.name.upper()) if is_argument else ", ".join(parameter.opts)
        said = str(getattr(parameter, "help", "") or "").replace("|", "\\|")
        choices = getattr(getattr(parameter, "type", None), "choices", None)
        if choices:
            said += " One of: " + ", ".join(str(getattr(c, "value", c)) for c in choices) + "."
        rows.append(f"| `{shown}` | {said} |")
    if rows:
        lines += ["| option | |", "|---|---|", *rows, ""]
    return lines


def cli_page() -> str:
    """Return docs/reference/cli.md."""
    parts = [
        "# Commands",
        "",
        "Every command takes `--help`. Answers go to standard output, remarks to standard error. With `--json` a command",
        "prints exactly one object; its form is in [JSON](json.md). The house is the one named by `--house` or `JALI_HOUSE`,",
        "else the nearest folder with a `jali.toml`.",
        "",
    ]
    for name, command in commands():
        parts += _section(name, command)
    parts += [
        "## Exit codes",
        "",
        "| code | meaning | error codes |",
        "|---|---|---|",
        "| 0 | answered, or nothing wrong | |",
    ]
    by_exit: dict[int, list[str]] = {}
    for family in FAMILIES:
        by_exit.setdefault(outcome(f"{family}00").exit_code, []).append(family)
    for code, families in sorted(by_exit.items()):
        words = ", ".join(FAMILIES[f] for f in families)
        parts.append(f"| {code} | {words} | {', '.join(f'{f}xx' for f in families)} |")
    parts += ["| 130 | interrupted | |", ""]
    return MADE.format("tools/cli_pages.py") + "\n".join(parts)


def pages() -> dict[Path, str]:
    """Return the page by path."""
    return {DOCS / "reference" / "cli.md": cli_page()}


def main(arguments: list[str]) -> int:
    """Write or check the page."""
    return finish(pages(), arguments, [])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
