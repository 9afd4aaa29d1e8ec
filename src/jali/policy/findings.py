"""What a check reports: one sentence with a file, a line and a permanent code.

Findings speak of policy files only; no private data can enter them.
"""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from jali.model.codes import ContractInvalid
from jali.model.errors import JaliError, together

Severity: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong (error) or doubtful (warning) in a policy file; `line` counts from 1."""

    file: str
    line: int
    code: str
    text: str
    severity: Severity = "error"

    def __str__(self) -> str:
        """Return the line a terminal or an editor understands.

        Example:
            >>> print(Finding("a.yaml", 3, "Y004", "not YAML"))
            a.yaml:3: error Y004 not YAML
        """
        return f"{self.file}:{self.line}: {self.severity} {self.code} {self.text}"


class Located(Protocol):
    """Anything that knows where it was written."""

    @property
    def file(self) -> str:
        """Path of the file, as text."""
        ...

    @property
    def line(self) -> int:
        """Line, from 1."""
        ...


class Report:
    """Collects findings in the order they are met; the same finding is kept once."""

    def __init__(self) -> None:
        """Start empty."""
        self._findings: dict[Finding, None] = {}

    def error(self, at: Located, code: str, text: str) -> None:
        """Add an error."""
        self.add(Finding(at.file, at.line, code, text))

    def warning(self, at: Located, code: str, text: str) -> None:
        """Add a warning."""
        self.add(Finding(at.file, at.line, code, text, "warning"))

    def add(self, *findings: Finding) -> None:
        """Add findings made elsewhere."""
        self._findings.update(dict.fromkeys(findings))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings by file and line."""
        return tuple(sorted(self._findings))

    @property
    def errors(self) -> int:
        """How many errors were added so far."""
        return sum(1 for finding in self._findings if finding.severity == "error")


def has_errors(findings: tuple[Finding, ...]) -> bool:
    """Return whether anything worse than a warning was found."""
    return any(finding.severity == "error" for finding in findings)


def refusal(findings: tuple[Finding, ...]) -> JaliError:
    """Return one ContractInvalid that carries every error among the findings.

    Raises:
        ValueError: if there is no error to report.
    """
    hint = "correct the lines shown and run: jali check"
    errors: list[JaliError] = [
        ContractInvalid(f"{found.text} ({found.code})", hint=hint, where=f"{found.file}, line {found.line}")
        for found in findings
        if found.severity == "error"
    ]
    return together(errors)
