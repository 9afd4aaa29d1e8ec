"""The first look at a query text: limits, and the words of ours around the SELECT.

`EXPLAIN PRIVACY` in front and `WITH ACCURACY x [CONFIDENCE y]` and `EPSILON x [GATE BASIC | RHO]` at the end are taken
off here, by tokens and never by pattern over the text, before sqlglot sees it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from jali.model.codes import BadOption, NotSql, TooLarge
from jali.model.errors import Place
from jali.sql.tree import Accuracy, Asked

MOST_BYTES = 256 * 1024
MOST_DEPTH = 100
MOST_LITERALS = 10_000
MOST_TOKENS = 60_000

_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
      | (?P<word>[^\W\d]\w*)
      | (?P<open>[(\[{])
      | (?P<close>[)\]}])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "other" and (match.group() in "'\"" or text.startswith("/*", match.start())):
            yield _Token("unclosed", match.group(), match.start(), match.end())
            return  # reading on would try again to find its end, at every such place
        if kind != "space":
            yield _Token(kind, match.group(), match.start(), match.end())


def _check_limits(text: str, tokens: list[_Token]) -> None:
    if len(tokens) > MOST_TOKENS:
        raise TooLarge(f"the query has more than {MOST_TOKENS} tokens", hint="split it")
    if sum(t.kind in {"number", "string"} for t in tokens) > MOST_LITERALS:
        raise TooLarge(
            f"the query has more than {MOST_LITERALS} literals", hint="use BETWEEN or a coarser column"
        )
    depth = 0
    for token in tokens:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth > MOST_DEPTH:
            place = Place(text, token.start)
            raise TooLarge(f"the query is nested deeper than {MOST_DEPTH}", hint="flatten it", place=place)


def _number(token: _Token, what: str, text: str) -> Fraction:
    place = Place(text, token.start, token.end - token.start)
    if token.kind != "number":
        raise BadOption(f"{what} needs a plain positive number", hint=f"for example {what} 500", place=place)
    value = exact_number(token.text)
    if not 0 < value <= 10**15:
        raise BadOption(
            f"{what} must be above 0 and at most 1e15", hint=f"for example {what} 500", place=place
        )
    return value


def exact_number(text: str) -> Fraction:
    """Return the exact value of a decimal numeral.

    Raises:
        BadOption: if the numeral is too long, its exponent leaves [-300, 300], or is missing.
    """
    exponent = text.lower().partition("e")[2]
    if len(text) > 400 or abs(int(exponent or "0")) > 300:  # noqa: PLR2004  # such a number fits no type
        raise BadOption("a number is too long", hint="write at most 400 digits and an exponent within 300")
    try:
        return Fraction(text)
    except ValueError:
        raise BadOption(
            "a number is not complete", hint="write digits behind the e, or leave it out"
        ) from None


def look(text: str) -> Asked:
    """Return the SELECT without our own words, and what they asked for.

    Raises:
        NotSql: if the text is empty, holds a NUL character, or several statements.
        TooLarge: if a limit of docs/reference/sql.md is exceeded.
        BadOption: if ACCURACY, CONFIDENCE or EPSILON lacks a usable number.

    Example:
        >>> look("EXPLAIN PRIVACY SELECT COUNT(*) FROM t WITH ACCURACY 500 CONFIDENCE 95").sql
        'SELECT COUNT(*) FROM t'
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TooLarge(f"the query is longer than {MOST_BYTES // 1024} KiB", hint="split it")
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise NotSql("the query holds characters that are not text", hint="send plain UTF-8 without NUL")
    tokens = list(_tokens(text))
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if not tokens:
        raise NotSql("the query is empty", hint="send one SELECT")
    for token in tokens:
        if token.kind == "unclosed":
            raise NotSql("a comment or quote is not closed", hint="close it", place=Place(text, token.start))
        if token.text == ";":
            raise NotSql(
                "only one statement at a time", hint="send one SELECT", place=Place(text, token.start)
            )
    _check_limits(text, tokens)
    return _take_words(text, tokens)


def split(text: str) -> tuple[str, ...]:
    r"""Return the statements of a text, without the semicolons between them; an unreadable one stays whole.

    Raises:
        TooLarge: if the text is longer than one question may be.

    Example:
        >>> split("SELECT 1; SELECT ';' -- no; end\n;")
        ('SELECT 1', "SELECT ';'")
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise TooLarge(f"the questions are longer than {MOST_BYTES // 1024} KiB", hint="use several files")
    found: list[list[_Token]] = [[]]
    for token in _tokens(text):
        if token.text == ";":
            found.append([])
        else:
            found[-1].append(token)
    return tuple(text[one[0].start : one[-1].end] for one in found if one)


def _words(tokens: list[_Token], at: int, *expected: str) -> bool:
    if at < 0:
        return False
    seen = [t.text.upper() if t.kind == "word" else "" for t in tokens[at : at + len(expected)]]
    return seen == list(expected)


def _take_words(text: str, tokens: list[_Token]) -> Asked:
    explain = _words(tokens, 0, "EXPLAIN", "PRIVACY")
    if explain:
        tokens = tokens[2:]
    accuracy: Accuracy | None = None
    epsilon: Fraction | None = None
    gate: str | None = None
    while True:
        size = len(tokens)
        if epsilon is None and gate is None and (gate := _gate(tokens)) is not None:
            tokens = tokens[:-2]
            continue
        if (
            accuracy is None
            and _words(tokens, size - 5, "WITH", "ACCURACY")
            and _words(tokens, size - 2, "CONFIDENCE")
        ):
            level = _number(tokens[-1], "CONFIDENCE", text)
            accuracy = Accuracy(_number(tokens[-3], "ACCURACY", text), level / 100 if level > 1 else level)
            tokens = tokens[:-5]
        elif accuracy is None and _words(tokens, size - 3, "WITH", "ACCURACY"):
            accuracy = Accuracy(_number(tokens[-1], "ACCURACY", text), None)
            tokens = tokens[:-3]
        elif (
            epsilon is None
            and size > len(("EPSILON", "x"))
            and _words(tokens, size - 2, "EPSILON")
            and tokens[-1].kind == "number"
        ):
            epsilon = _number(tokens[-1], "EPSILON", text)
            tokens = tokens[:-2]
        else:
            break
    if not tokens:
        raise NotSql("the query is empty", hint="send one SELECT")
    return Asked(text[tokens[0].start : tokens[-1].end], explain, accuracy, epsilon, gate)


def _gate(tokens: list[_Token]) -> str | None:
    """Return the gate behind `EPSILON x`; by itself `GATE BASIC` could be a table with an alias."""
    size = len(tokens)
    for name in ("BASIC", "RHO"):
        is_priced = _words(tokens, size - 4, "EPSILON") and tokens[size - 3].kind == "number"
        if (
            is_priced
            and size > len(("EPSILON", "x", "GATE", name))
            and _words(tokens, size - 2, "GATE", name)
        ):
            return name.lower()
    return None


def fingerprint(text: str) -> str:
    """Return SHA-256 of a text's tokens in lower case with every literal replaced, as hex; never fails.

    Example:
        >>> fingerprint("SELECT COUNT(*) FROM t WHERE a = 1") == fingerprint("select count(*) from T where a=22")
        True
    """
    words = ("?" if t.kind in {"number", "string"} else t.text.lower() for t in _tokens(text[:MOST_BYTES]))
    return hashlib.sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest()
