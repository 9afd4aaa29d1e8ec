"""Reads YAML so that every value remembers its line; a bad file is a finding, never a traceback.

The reading is narrower than YAML on purpose: one document, plain data, no anchors, aliases or tags, no key
twice, YAML 1.2 words for true, false and null, dates stay text. Numbers are decimal and stay exact
(`Decimal` of their text): at most 15 significant digits, between 1e-30 and 1e15, so that each survives JSON
and its digest unchanged.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.events import CollectionEndEvent as EndEvent

from jali.policy.findings import Finding, Report

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_NODES = 100_000
MAX_DIGITS = 15
MAX_EXPONENT = 15
MIN_EXPONENT = -30

Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | bool | Decimal | None"
Path_: TypeAlias = tuple[str | int, ...]

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file as read: its tree and the line of every path."""

    path: Path
    tree: Tree
    lines: dict[Path_, int]

    @property
    def root(self) -> "Node":
        """The whole file as a node."""
        return Node(self.tree, self, ())


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place. Asking for what is not there gives a node that holds None, never an error."""

    value: Tree
    document: Document
    path: Path_

    @property
    def file(self) -> str:
        """Path of the file, as text."""
        return str(self.document.path)

    @property
    def line(self) -> int:
        """Line of the value, or of the nearest thing around it that was written."""
        for end in range(len(self.path), -1, -1):
            if (line := self.document.lines.get(self.path[:end])) is not None:
                return line
        return 1

    @property
    def rule(self) -> str:
        """File name and line, as shown with a refusal."""
        return f"{self.document.path.name}, line {self.line}"

    @property
    def is_given(self) -> bool:
        """Whether something other than null is written here."""
        return self.value is not None

    def at(self, *keys: str | int) -> "Node":
        """Return what lies under the keys."""
        value: Tree = self.value
        for key in keys:
            if isinstance(value, dict) and isinstance(key, str):
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                value = None
        return Node(value, self.document, self.path + keys)

    def each(self) -> list["Node"]:
        """Return the elements of a list; nothing for anything else."""
        return [self.at(i) for i in range(len(self.value))] if isinstance(self.value, list) else []

    def items(self) -> list[tuple[str, "Node"]]:
        """Return key and value of a mapping; nothing for anything else."""
        return [(key, self.at(key)) for key in self.value] if isinstance(self.value, dict) else []

    def text(self, default: str = "") -> str:
        """Return the text written here, or `default`."""
        return self.value if isinstance(self.value, str) else default

    def texts(self) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(node.value for node in self.each() if isinstance(node.value, str))

    def flag(self, *, default: bool = False) -> bool:
        """Return the boolean written here, or `default`."""
        return self.value if isinstance(self.value, bool) else default

    def number(self) -> Fraction | None:
        """Return the exact number written here, or None."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | Decimal):
            return None
        return Fraction(self.value)

    def whole(self) -> int | None:
        """Return the whole number written here, or None."""
        number = self.number()
        return int(number) if number is not None and number.denominator == 1 else None


class _UnreadableError(Exception):
    """Reading cannot go on."""

    def __init__(self, line: int, code: str, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.code = code
        self.text = text


def read_yaml(path: Path) -> tuple[Document | None, tuple[Finding, ...]]:
    """Return the file as a document, or what keeps it from being read. The top level must be a mapping."""
    try:
        text = _read_text(path)
        document, findings = _parse(text, path)
    except _UnreadableError as stop:
        return None, (Finding(str(path), stop.line, stop.code, stop.text),)
    return (None if findings else document), findings


def _read_text(path: Path) -> str:
    try:
        if not path.is_file():
            raise _UnreadableError(1, "Y001", "there is no such file")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _UnreadableError(1, "Y001", f"the file cannot be read: {error.strerror}") from error
    if len(raw) > MAX_BYTES:
        raise _UnreadableError(1, "Y003", "the file is larger than 4 MiB; split it")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _UnreadableError(line, "Y002", "the file is not UTF-8 text; save it as UTF-8") from error


def _parse(text: str, path: Path) -> tuple[Document, tuple[Finding, ...]]:
    report = Report()
    builder = _Builder(path, report)
    try:
        for event in _events(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise _UnreadableError(line, "Y004", f"not YAML: {error.problem or 'malformed'}") from error
    except YAMLError as error:
        raise _UnreadableError(1, "Y004", "not YAML: a character that YAML does not allow") from error
    if not isinstance(builder.root, dict):
        raise _UnreadableError(1, "Y008", "the file must be a mapping of keys to values at its top level")
    return Document(path, builder.root, builder.lines), report.findings


def _events(text: str) -> Iterable[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except (YAMLError, GeneratorExit):
        raise
    except Exception as error:  # whatever breaks inside the parser is a malformed file
        raise _UnreadableError(1, "Y004", "not YAML: malformed") from error


class _Frame:
    """A mapping or list that is still open."""

    __slots__ = ("container", "key", "path")

    def __init__(self, container: "dict[str, Tree] | list[Tree]", path: Path_) -> None:
        self.container = container
        self.path = path
        self.key: str | None = None


class _Builder:
    """Builds the tree from parser events without recursion."""

    def __init__(self, path: Path, report: Report) -> None:
        self.path = path
        self.report = report
        self.root: Tree = None
        self.lines: dict[Path_, int] = {}
        self.documents = 0
        self.stack: list[_Frame] = []

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise _UnreadableError(line, "Y008", "a second document starts here; write one per file")
            case AliasEvent():
                raise _UnreadableError(line, "Y006", "aliases (*name) are not read; write the value out")
            case NodeEvent():
                self._node(event, line)
            case EndEvent():
                self.stack.pop()
            case _:
                return

    def _node(self, event: NodeEvent, line: int) -> None:
        if event.anchor is not None:
            raise _UnreadableError(line, "Y006", "anchors (&name) are not read; write the value out")
        if getattr(event, "tag", None) is not None:  # collections and scalars have one, by the parser
            raise _UnreadableError(line, "Y006", "tags (!name) are not read; write plain values")
        if len(self.lines) > MAX_NODES:
            raise _UnreadableError(line, "Y003", f"more than {MAX_NODES} values; split the file")
        frame = self.stack[-1] if self.stack else None
        if frame is not None and isinstance(frame.container, dict) and frame.key is None:
            self._key(frame, event, line)
            return
        match event:
            case ScalarEvent():
                self._place(_scalar(event, line), line)
            case MappingStartEvent():
                self._open({}, line)
            case SequenceStartEvent():
                self._open([], line)
            case _:
                raise _UnreadableError(line, "Y004", "not YAML: malformed")

    def _key(self, frame: _Frame, event: NodeEvent, line: int) -> None:
        if not isinstance(event, ScalarEvent):
            raise _UnreadableError(line, "Y004", "a key must be a word, not a list or mapping")
        key = str(event.value)
        if key in frame.container:
            self.report.add(
                Finding(str(self.path), line, "Y005", f"the key {key!r} is given twice; keep one")
            )
        frame.key = key
        self.lines[(*frame.path, key)] = line

    def _place(self, value: Tree, line: int) -> Path_:
        if not self.stack:
            self.root = value
            self.lines[()] = line
            return ()
        frame = self.stack[-1]
        if isinstance(frame.container, dict):
            key = frame.key or ""
            frame.container[key] = value
            frame.key = None
            return (*frame.path, key)
        frame.container.append(value)
        path = (*frame.path, len(frame.container) - 1)
        self.lines[path] = line
        return path

    def _open(self, container: "dict[str, Tree] | list[Tree]", line: int) -> None:
        path = self._place(container, line)
        if len(path) > MAX_DEPTH:
            raise _UnreadableError(line, "Y003", f"nested deeper than {MAX_DEPTH} levels")
        self.stack.append(_Frame(container, path))


def _scalar(event: ScalarEvent, line: int) -> Tree:
    text = str(event.value)
    if event.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise _UnreadableError(line, "Y007", f"{text} is not a finite number; write a decimal number")
    return exact(text, line) if _NUMBER.fullmatch(text) else text


def exact(text: str, line: int) -> int | Decimal:
    """Return the exact number a decimal text stands for; whole numbers are int.

    Raises:
        _UnreadableError: if it has more digits or a larger exponent than JSON keeps exactly.
    """
    if len(text) <= 2 * MAX_DIGITS - MIN_EXPONENT:
        number = Decimal(text)
        _, digits, power = number.normalize().as_tuple() if number else (0, (0,), 0)
        exponent = int(power)  # a finite number: never 'n', 'N' or 'F'
        if len(digits) <= MAX_DIGITS and exponent >= MIN_EXPONENT and len(digits) + exponent <= MAX_EXPONENT:
            return int(number) if exponent >= 0 else number
    raise _UnreadableError(
        line, "Y007", f"{text[:40]} has too many digits; write at most 15 digits, between 1e-30 and 1e15"
    )


def plain(number: Fraction) -> str:
    """Return a number as people write it: a decimal where one is exact, else a fraction.

    Example:
        >>> plain(Fraction(1, 4)), plain(Fraction(1, 10**9)), plain(Fraction(1, 3))
        ('0.25', '0.000000001', '1/3')
    """
    for places in range(MAX_DIGITS - MIN_EXPONENT):
        if (number * 10**places).denominator == 1:
            return f"{Decimal(int(number * 10**places)).scaleb(-places):f}"
    return str(number)
