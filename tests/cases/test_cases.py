"""Runs every case file: a title, the question, and what is expected: the printed plan, or the text of the refusal.

A case starts with `-- title`; `--: house hospital`, `--: dialect postgres` and `--: purpose x` choose how it is
asked. Lines from `--- expected` on are compared. JALI_UPDATE_CASES=1 writes them anew: read the difference
before you commit it.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from jali.model.errors import JaliError
from jali.model.request import Options, Request
from jali.plan import build, explain
from jali.plan.limits import guardrails_of
from jali.policy.check import check
from jali.sql.parse import parse
from tests.cases.houses import PUBLIC, policies

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 1, tzinfo=UTC)
_CASE = re.compile(
    r"^-- (?P<title>[^\n]+)\n(?P<body>.*?)^--- expected\n(?P<expected>.*?)(?=^-- |\Z)",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Case:
    title: str
    sql: str
    expected: str
    facts: dict[str, str]


@cache
def cases(path: Path) -> list[Case]:
    found = []
    for match in _CASE.finditer(path.read_text(encoding="utf-8")):
        facts = dict(re.findall(r"^--: (\w+) (.*)$", match["body"], re.MULTILINE))
        sql = re.sub(r"^--: .*\n", "", match["body"], flags=re.MULTILINE).strip()
        found.append(Case(match["title"], sql, match["expected"].strip(), facts))
    return found


def outcome(case: Case) -> str:
    """Return the stations of an accepted question, or the whole refusal."""
    house = case.facts.get("house", "grocer")
    purpose = case.facts.get("purpose", {"hospital": "planning"}.get(house, "assortment"))
    options = Options(dialect=case.facts.get("dialect", "duckdb"))
    request = Request("ana", frozenset({"analyst"}), purpose, options)
    rules = policies(house)
    try:
        cleared = check(parse(case.sql, rules.catalog, options.dialect), request, rules, NOW)
        guardrails = guardrails_of(cleared.contracts, cleared.population, lambda t, c: PUBLIC[t, c])
        plan = build(cleared, guardrails)
    except JaliError as refused:
        return str(refused)
    lines = [
        *explain.parsed(plan.cleared.query),
        *explain.private(plan, guardrails.hints),
        *explain.output(plan),
    ]
    return "\n".join(lines)


FILES = sorted(HERE.glob("*/*.sql"))
ALL = [pytest.param(c, p, id=f"{p.parent.name}/{p.stem}: {c.title}") for p in FILES for c in cases(p)]


@pytest.mark.parametrize(("case", "path"), ALL)
def test_a_question_is_planned_or_refused_as_its_case_says(case: Case, path: Path) -> None:
    got = outcome(case)
    if os.environ.get("JALI_UPDATE_CASES"):
        text = path.read_text(encoding="utf-8")
        at = text.index(f"-- {case.title}\n")
        head, _, tail = text[at:].partition("--- expected\n")
        rest = tail[tail.find("\n-- ") + 1 :] if "\n-- " in tail else ""
        path.write_text(
            text[:at] + head + "--- expected\n" + got + "\n\n" * bool(rest) + rest, encoding="utf-8"
        )
        return
    assert got == case.expected
    assert got.startswith("[J") is (path.parent.name == "refuse"), (
        "accepted and refused cases live in different folders"
    )
    if path.parent.name == "refuse":
        assert "Hint: " in got, "a refusal ends with a way out"


def test_there_are_enough_cases() -> None:
    folders = [p.values[1].parent.name for p in ALL]
    assert folders.count("refuse") >= 80
    assert folders.count("plan") + folders.count("parse") >= 60
