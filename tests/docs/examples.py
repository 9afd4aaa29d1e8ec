"""Reads the examples of a Markdown page: fenced blocks of console, python and yaml with a file name."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```\s*$", re.MULTILINE | re.DOTALL)
_RUNS_ON = re.compile(r"<!-- examples run on: (\w+) -->")
ELSEWHERE = ("make", "git", "pip", "uv", "source", "pre-commit")
"""Commands that set up the project; continuous integration runs them."""


@dataclass(frozen=True)
class Block:
    language: str
    info: str
    text: str

    @property
    def exit_code(self) -> int:
        found = re.search(r"exit=(\d+)", self.info)
        return int(found.group(1)) if found else 0

    @property
    def file(self) -> str:
        found = re.search(r"file=(\S+)", self.info)
        return found.group(1) if found else ""

    def commands(self) -> Iterator[list[str]]:
        joined = self.text.replace("\\\n", " ")
        for line in joined.splitlines():
            if line.startswith("$ "):
                yield shlex.split(line[2:])


def pages() -> list[Path]:
    found = sorted(p for p in ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md"))
    return [p for p in found if not p.name.startswith("J")]


def blocks(page: Path) -> list[Block]:
    found = _FENCE.findall(page.read_text("utf-8"))
    return [Block(language, info, _unindented(text, len(indent))) for indent, language, info, text in found]


def _unindented(text: str, by: int) -> str:
    return "".join(line[by:] for line in text.splitlines(keepends=True))


def runs_on(page: Path) -> str:
    found = _RUNS_ON.search(page.read_text("utf-8"))
    return found.group(1) if found else "nothing"
