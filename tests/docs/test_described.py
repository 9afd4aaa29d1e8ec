"""What exists is described somewhere: commands, settings, contract keys, plug-in groups, notes, decisions, words."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.examples import ROOT, pages
from tools import cli_pages, contract_pages

DOCS = ROOT / "docs"
SOURCES = sorted((ROOT / "src" / "jali").rglob("*.py"))


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text("utf-8")


def test_every_command_is_described() -> None:
    text = read("docs", "reference", "cli.md")
    for name, _ in cli_pages.commands():
        assert f"## jali {name}\n" in text


@pytest.mark.parametrize("schema", ["column", "table", "contract", "population", "charter"])
def test_every_contract_key_is_described(schema: str) -> None:
    text = read("docs", "reference", "contract.md")
    for key in contract_pages.keys_of(contract_pages.schema(schema)):
        assert f"| `{key.path}` |" in text


def test_every_setting_is_described() -> None:
    text = read("docs", "reference", "settings.md")
    for key in contract_pages.keys_of(contract_pages.schema("settings")):
        assert f"| `{key.path}` |" in text


def test_every_entry_point_group_is_described() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    text = read("docs", "reference", "settings.md")
    for group, names in project["entry-points"].items():
        assert f"`{group}`" in text
        assert all(f"`{name}`" in text for name in names)


def test_every_extra_is_described() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    text = "".join(page.read_text("utf-8") for page in pages())
    for extra in project["optional-dependencies"]:
        assert f"jali[{extra}]" in text, extra


def test_every_note_is_described() -> None:
    used = {code for path in SOURCES for code in re.findall(r'"(N3\d\d)"', path.read_text("utf-8"))}
    text = read("docs", "reference", "json.md")
    assert used
    assert all(f"| {code} |" in text for code in used)


def test_every_variable_of_the_environment_is_described() -> None:
    used = {v for path in SOURCES for v in re.findall(r'"(JALI_[A-Z]+)"', path.read_text("utf-8"))}
    text = read("docs", "reference", "settings.md")
    assert used
    assert all(f"`{name}`" in text for name in used)


def test_limits_of_the_reference_are_those_of_the_code() -> None:
    from jali.sql import front, marks, parse

    text = read("docs", "reference", "sql.md")
    assert f"{front.MOST_BYTES // 1024} KiB of text" in text
    assert (
        f"{front.MOST_TOKENS:,} tokens, {marks.MOST_PARTS:,} parts once parsed, {front.MOST_LITERALS:,} constants, "
        f"brackets {front.MOST_DEPTH} deep, expressions {marks.MOST_LEVELS} deep" in text
    )
    assert (
        f"{parse.MOST_OUTPUTS} output columns, {parse.MOST_AGGREGATES} aggregates, {parse.MOST_KEYS} keys"
        in text
    )


def test_decisions_named_in_the_code_exist() -> None:
    named = {n for path in SOURCES for n in re.findall(r"docs/decisions/(\d{4})", path.read_text("utf-8"))}
    there = {p.name[:4] for p in (DOCS / "decisions").glob("*.md")}
    assert named <= there


def test_tests_named_in_the_docs_exist() -> None:
    for page in pages():
        for name in re.findall(r"`((?:tests|tools|docs)/[\w/.-]+\.\w+)`", page.read_text("utf-8")):
            assert (ROOT / name).exists(), (page.name, name)


def test_every_security_rule_has_a_status() -> None:
    text = read("SECURITY.md")
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (holds|partly|not yet) \|", text, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 35))


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [
        t for t in re.findall(r"\]\(([^)\s]+)\)", text) if not t.startswith(("http:", "https:", "mailto:"))
    ]


EVERY_PAGE = [*pages(), *sorted((DOCS / "reference" / "errors").glob("J*.md"))]


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_inside_the_project_resolve(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in found}


def test_every_page_is_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [DOCS / "index.md", ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        waiting += [f for t in links(page) if (f := (page.parent / t.partition("#")[0]).resolve()).is_file()]
    lost = [p for p in EVERY_PAGE if p.resolve() not in seen and "decisions" not in p.parts]
    assert lost == []


def test_words_of_the_house_style() -> None:
    for page in EVERY_PAGE:
        text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL).lower()
        for word in ("simply", "obviously"):
            assert not re.search(rf"\b{word}\b", text), (page.name, word)


def test_glossary_words_are_each_given_once() -> None:
    rows = re.findall(r"^\| ([a-z, ]+) \| ", read("docs", "concepts", "glossary.md"), re.MULTILINE)
    words = [w for w in rows if w != "word"]
    assert len(words) == len(set(words))
    for needed in ("unit", "row", "key", "exact", "noisy", "charge", "release"):
        assert needed in words
