"""The base of every error a person can see, and the one table from code to exit code, HTTP status and SQLSTATE.

Invariant: nothing in an error depends on private data. `said` and `hint` are built from query text, policy and
ledger only.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of text an error points at; `start` and `length` count characters of `text`."""

    text: str
    start: int
    length: int = 1

    def line_and_column(self) -> tuple[int, int]:
        r"""Return the 1-based line and column of the first character.

        Example:
            >>> Place("select a,\nb", 10).line_and_column()
            (2, 1)
        """
        before = self.text[: self.start]
        return before.count("\n") + 1, self.start - (before.rfind("\n") + 1) + 1

    def underlined(self) -> str:
        """Return the line that holds the place with carets under it.

        Example:
            >>> print(Place("SELECT a FROM t", 7, 1).underlined())
            SELECT a FROM t
                   ^
        """
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line_end = self.text.find("\n", self.start)
        line = self.text[line_start : line_end if line_end >= 0 else len(self.text)]
        offset = self.start - line_start
        if len(line) > _WIDTH:  # show the stretch around the place
            cut = max(0, offset - _WIDTH // 2)
            line, offset = line[cut : cut + _WIDTH], offset - cut
        carets = max(1, min(self.length, len(line) - offset))
        return f"{line}\n{' ' * offset}{'^' * carets}"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The nearest question that would be accepted, and its price as an epsilon where one is known."""

    sql: str
    epsilon: str | None = None


class JaliError(Exception):
    """An error with a permanent code, words for the asker and a way out.

    Subclasses set `code` and `title`; their docstring is the body of the page in docs/reference/errors.
    """

    code: ClassVar[str] = "J000"
    title: ClassVar[str] = "error"

    def __init__(
        self,
        said: str,
        *,
        hint: str = "",
        place: Place | None = None,
        suggestion: Suggestion | None = None,
        where: str = "",
    ) -> None:
        """Keep the facts of one refusal.

        Args:
            said: what happened, in the asker's words; no data.
            hint: the way out.
            place: the offending stretch of the query.
            suggestion: the nearest accepted query.
            where: file and line of the rule that decided, such as "grocer.odcs.yaml, line 41".
        """
        super().__init__(said)
        self.said = said
        self.hint = hint
        self.place = place
        self.suggestion = suggestion
        self.where = where
        self.also: tuple[JaliError, ...] = ()

    @property
    def reasons(self) -> "tuple[JaliError, ...]":
        """All reasons of this refusal, this one first."""
        return (self, *self.also)

    def __str__(self) -> str:
        """Return the text a terminal shows, all reasons included."""
        return "\n\n".join(one.paragraph() for one in self.reasons)

    def paragraph(self) -> str:
        """Return code, words, place, rule and hint of this reason alone."""
        lines = [f"[{self.code}] {self.said}"]
        if self.place is not None:
            lines += ["       " + line for line in self.place.underlined().split("\n")]
        if self.where:
            lines.append(f"Rule: {self.where}")
        if self.hint:
            lines.append(f"Hint: {self.hint}")
        if self.suggestion is not None:
            lines.append(f"Would be accepted: {self.suggestion.sql}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """Return the object printed under "error" by --json and the HTTP door."""
        suggestion = self.suggestion or next((r.suggestion for r in self.reasons if r.suggestion), None)
        shown: dict[str, object] = {
            "code": self.code,
            "title": self.title,
            "reasons": [
                {"code": r.code, "text": r.said, "where": r.where or None, "hint": r.hint or None}
                for r in self.reasons
            ],
            "hint": self.hint or next((r.hint for r in self.reasons if r.hint), ""),
        }
        if suggestion is not None:
            shown["suggestion"] = {"sql": suggestion.sql, "epsilon": suggestion.epsilon}
        return shown


def together(errors: "list[JaliError]") -> JaliError:
    """Return the first error carrying the others as further reasons; raise it to refuse with all reasons at once.

    Raises:
        ValueError: if the list is empty.
    """
    if not errors:
        msg = "a refusal needs a reason"
        raise ValueError(msg)
    first, *rest = errors
    first.also = tuple(rest)
    return first


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a family of codes means to a program."""

    exit_code: int
    http_status: int
    sqlstate: str


_FAMILIES: dict[str, Outcome] = {
    "J0": Outcome(1, 500, "XX000"),
    "J1": Outcome(5, 422, "42601"),
    "J2": Outcome(3, 403, "JP000"),
    "J3": Outcome(5, 422, "JP300"),
    "J4": Outcome(4, 429, "JB000"),
    "J5": Outcome(7, 503, "58000"),
    "J6": Outcome(6, 503, "58030"),
    "J7": Outcome(7, 503, "58030"),
    "J8": Outcome(2, 400, "22023"),
    "J9": Outcome(8, 409, "22023"),
}


def outcome(code: str) -> Outcome:
    """Return exit code, HTTP status and SQLSTATE for an error code.

    Families: J0 a bug, J1 SQL, J2 policy, J3 plan, J4 budget, J5 engine, J6 trust back end, J7 storage, J8 usage,
    J9 a check found something.

    Example:
        >>> outcome("J401")
        Outcome(exit_code=4, http_status=429, sqlstate='JB000')
    """
    if not re.fullmatch(r"J\d{3}", code):
        return _FAMILIES["J0"]
    return _FAMILIES.get(code[:2], _FAMILIES["J0"])
