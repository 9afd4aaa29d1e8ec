"""Case files: a title, facts, the question, and one line of what is expected.

-- a title
--: dialect postgres            (optional facts: dialect, house, purpose, plainly, ordered)
SELECT ...
--- keys kind(4+null); count(*)                 in accepted/: the summary of the plan
--- J104 window functions are not answered      in refused/: the code and words of the message
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_CASE = re.compile(
    r"^-- (?P<title>[^\n]+)\n(?P<body>.*?)^--- (?P<expected>[^\n]*)\n", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Case:
    """One question; `facts` say how it is asked, `expected` is the line of its outcome."""

    theme: str
    title: str
    sql: str
    expected: str
    facts: dict[str, str]

    @property
    def is_later(self) -> bool:
        return self.theme.startswith("later_")

    @property
    def id(self) -> str:
        return f"{self.theme}: {self.title}"


@cache
def cases(folder: str) -> tuple[Case, ...]:
    """Return the cases of `accepted` or `refused`, by file."""
    return tuple(c for path in sorted((HERE / folder).glob("*.sql")) for c in _read(path))


def _read(path: Path) -> list[Case]:
    found: list[Case] = []
    text = path.read_text(encoding="utf-8")
    for match in _CASE.finditer(text):
        facts = dict(re.findall(r"^--: (\w+) (.*)$", match["body"], re.MULTILINE))
        sql = re.sub(r"^--: .*\n", "", match["body"], flags=re.MULTILINE).strip("\n")
        found.append(Case(path.stem, match["title"], sql, match["expected"].strip(), facts))
    if len(found) != len(re.findall(r"^--- ", text, re.MULTILINE)):
        raise ValueError(path)
    return found


def update(folder: str, case: Case, expected: str) -> None:
    """Write what a case gives as its expectation: read the difference before you commit it."""
    path = HERE / folder / f"{case.theme}.sql"
    head, mark, tail = path.read_text(encoding="utf-8").partition(f"-- {case.title}\n")
    body, _, rest = tail.partition("\n--- ")
    after = rest.partition("\n")[2]
    path.write_text(f"{head}{mark}{body}\n--- {expected}\n{after}", encoding="utf-8")
