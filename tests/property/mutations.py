"""Mutations of statements: what people mistype, what machines generate, and what somebody hostile would try."""

import re
from collections.abc import Callable, Sequence
from random import Random  # noqa: TID251  # a fixed seed for test texts; no privacy depends on it

_TOKEN = re.compile(r"\s+|'(?:[^']|'')*'|\"[^\"]*\"|\w+|.", re.DOTALL)

_WORDS = """
SELECT FROM WHERE GROUP BY HAVING ORDER LIMIT OFFSET AS ON USING JOIN LEFT RIGHT FULL INNER CROSS OUTER
NATURAL LATERAL ASOF SEMI ANTI UNION ALL EXCEPT INTERSECT WITH RECURSIVE DISTINCT AND OR NOT IN IS NULL
TRUE FALSE LIKE ILIKE SIMILAR ESCAPE BETWEEN EXISTS ANY SOME CASE WHEN THEN ELSE END CAST TRY_CAST
EXTRACT INTERVAL DATE TIMESTAMP OVER PARTITION ROWS RANGE PRECEDING FOLLOWING CURRENT ROW UNBOUNDED
WINDOW QUALIFY FILTER WITHIN ROLLUP CUBE GROUPING SETS VALUES TABLE UNNEST PIVOT UNPIVOT SAMPLE
TABLESAMPLE FETCH FIRST NEXT ONLY FOR UPDATE INTO COLLATE AT TIME ZONE ARRAY STRUCT MAP ROW COUNT SUM AVG
MIN MAX MEDIAN STDDEV VAR_POP CORR REGR_SLOPE QUANTILE_CONT PERCENTILE_DISC ANY_VALUE LIST STRING_AGG
MODE ARG_MAX BIT_XOR APPROX_COUNT_DISTINCT RANDOM NOW CURRENT_DATE SLEEP READ_CSV READ_PARQUET READ_TEXT
GLOB GETENV CURRENT_SETTING PRAGMA ATTACH COPY INSTALL LOAD SET DROP DELETE INSERT CREATE EXPLAIN PRIVACY
ANALYZE ACCURACY CONFIDENCE EPSILON DP_INTERVAL_LOW DP_INTERVAL_HIGH NOISE_SD COALESCE NULLIF IF LEAST
GREATEST ABS ROUND FLOOR CEIL SQRT LN EXP LENGTH LOWER UPPER TRIM SUBSTR CONCAT REPLACE REGEXP_MATCHES
COUNT_IF SPLIT_PART LAST_DAY TIME_BUCKET DATE_BIN DATE_ADD DATE_SUB DATE_DIFF
DATE_TRUNC DATE_PART YEAR MONTH WEEK HOUR TO_TIMESTAMP STRFTIME person_id unit_id visit_id basket events
people visits charges items brands stores kind level units amount score day happened flag town band k t s
x y b item v cost age color _unit _rank _row rowid cells main public
"""
WORDS = tuple(_WORDS.split())
_SIGNS = """
* ( ) [ ] { } , . ; : :: + - / // % ^ ** = <> != < > <= >= || && | & ~ ! ? $1 $x @ # \\ ' " ` -> ->> =>
.. ... /* */ --
"""
SIGNS = tuple(_SIGNS.split())
LITERALS = [
    "0", "1", "-1", "1.5", "1e300", "1e-300", "9" * 19, "9" * 39, "9" * 120, "0." + "3" * 40, "1e999",
    "0x1F", "1_000", ".5",
    "''", "'a'", "'%'", "'%_%_%_%'", "'2024-02-30'", "'0001-01-01'", "'9999-12-31 23:59:59'", "'it''s'", "NULL", "TRUE",
    "'" + "z" * 1200 + "'", "E'\\x41'", "$$x$$", "X'00'", "'infinity'", "'NaN'", "DATE '2024-01-01'", "INTERVAL 1 DAY",
]  # fmt: skip
ODD = [
    "\u00a0", "\u200b", "\u202e", "\ufeff", "\u0130", "\u00df", "\u0301", "\U0001f600", "\u2028", "\x0b",
    "\x0c", "\x1a",
    "\x7f", "\x00", "\ud800", "\uff08", "\u2019", "\u66ff", "\t", "\r", "\n",
]  # fmt: skip

_Tokens = list[str]


def _place(r: Random, tokens: _Tokens) -> int:
    return r.randrange(len(tokens) + 1)


def _delete(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    at = _place(r, tokens)
    del tokens[at : at + r.choice((1, 1, 1, 2, 5))]


def _swap(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    if tokens:
        a, b = r.randrange(len(tokens)), r.randrange(len(tokens))
        tokens[a], tokens[b] = tokens[b], tokens[a]


def _word(r: Random) -> str:
    return r.choice(r.choice((WORDS, WORDS, SIGNS, LITERALS)))


def _insert(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    tokens.insert(_place(r, tokens), f" {_word(r)} ")


def _replace(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    words = [i for i, t in enumerate(tokens) if t.strip()]
    if words:
        tokens[r.choice(words)] = _word(r)


def _is_value(token: str) -> bool:
    """Return whether a token is a name, number or text; words of SQL are in capitals here."""
    return re.match(r"[\w']", token) is not None and (token.upper() != token or not token.isalpha())


def _like_for_like(r: Random, tokens: _Tokens, others: Sequence[str]) -> None:
    """Put a name, number or text of another statement in place of one here: most often still a question."""
    other = [t for t in _TOKEN.findall(r.choice(others)) if _is_value(t)]
    words = [i for i, t in enumerate(tokens) if _is_value(t)]
    if words and other:
        tokens[r.choice(words)] = r.choice(other)


def _splice(r: Random, tokens: _Tokens, others: Sequence[str]) -> None:
    other = _TOKEN.findall(r.choice(others))
    start, at = r.randrange(len(other)), _place(r, tokens)
    tokens[at : at + r.randrange(6)] = [" ", *other[start : start + r.randrange(1, 25)], " "]


def _repeat(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    at = _place(r, tokens)
    tokens[at:at] = tokens[at : at + r.randrange(1, 8)] * r.choice((1, 1, 2, 10, 60))


def _wrap(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    at = _place(r, tokens)
    end, times = min(len(tokens), at + r.choice((1, 3, 7))), r.choice((1, 1, 2, 20, 120))
    before, after = r.choice(
        (("(", ")"), ("ABS(", ")"), ("NOT (", ")"), ("-", ""), ("CAST(", " AS BIGINT)"), ("[", "]"))
    )
    tokens[at:end] = [before * times, *tokens[at:end], after * times]


def _nest(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    sql = "".join(tokens)
    shapes = (
        "SELECT COUNT(*) FROM ({}) AS q", "WITH q AS ({}) SELECT COUNT(*) FROM q", "SELECT * FROM ({}) q",
        "{} UNION ALL {}", "SELECT COUNT(*) FROM events WHERE units > ({})", "EXPLAIN PRIVACY {}", "{} EPSILON 0.1",
        "SELECT COUNT(*) FROM events WHERE person_id IN ({})", "{} WITH ACCURACY 10 CONFIDENCE 99", "{}; {}", "({})",
    )  # fmt: skip
    tokens[:] = [r.choice(shapes).replace("{}", sql)]


def _odd(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    at = _place(r, tokens)
    if at < len(tokens) and tokens[at].strip() and r.random() < 0.5:
        cut = r.randrange(len(tokens[at]) + 1)
        tokens[at] = tokens[at][:cut] + r.choice(ODD) + tokens[at][cut:]
    else:
        tokens.insert(at, r.choice(ODD))


def _comment(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    tokens.insert(
        _place(r, tokens), r.choice(("/* c */", "--c\n", "/*", "*/", "--", "/* /* */", "/*+ HINT */", "#c\n"))
    )


def _truncate(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    sql = "".join(tokens)
    cut = r.randrange(len(sql) + 1)
    tokens[:] = [sql[:cut] if r.random() < 0.8 else sql[cut:]]


def _case(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    tokens[:] = [t.swapcase() if r.random() < 0.3 else t for t in tokens]


def _quote(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    words = [i for i, t in enumerate(tokens) if t.isidentifier()]
    if words:
        at, mark = r.choice(words), r.choice("\"'`")
        tokens[at] = f"{mark}{tokens[at]}{mark}"


_HEADS = re.compile(r"\s(?=(?:WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|FROM|JOIN|LEFT JOIN)\b)", re.IGNORECASE)


def _clause(r: Random, tokens: _Tokens, others: Sequence[str]) -> None:
    """Leave a clause out, or put one of another statement in its place."""
    mine, theirs = _HEADS.split("".join(tokens)), _HEADS.split(r.choice(others))
    at = r.randrange(len(mine))
    same = [c for c in theirs if c.split(" ")[0] == mine[at].split(" ")[0]]
    mine[at : at + 1] = [r.choice(same)] if same and r.random() < 0.8 else [] if at else mine[:1]
    tokens[:] = [" ".join(mine)]


_WRAPS = (
    ("(", ")"), ("ABS(", ")"), ("CAST(", " AS DOUBLE)"), ("ROUND(", ", 1)"), ("COALESCE(", ", 0)"), ("", " * 2"),
    ("", " / 3"), ("UPPER(", ")"), ("DATE_TRUNC('month', ", ")"), ("SUM(", ")"), ("COUNT(DISTINCT ", ")"),
    ("MEDIAN(", ")"), ("CASE WHEN ", " IS NULL THEN 1 ELSE 2 END"), ("", " BETWEEN 1 AND 2"),
)  # fmt: skip


def _wrap_whole(r: Random, tokens: _Tokens, _others: Sequence[str]) -> None:
    """Put brackets or a function around one name or number."""
    words = [i for i, t in enumerate(tokens) if _is_value(t)]
    if words:
        at = r.choice(words)
        before, after = r.choice(_WRAPS)
        tokens[at] = before + tokens[at] + after


_Mutation = Callable[[Random, _Tokens, Sequence[str]], None]
_ALL: tuple[_Mutation, ...] = (
    _delete, _swap, _insert, _replace, _like_for_like, _like_for_like, _like_for_like, _like_for_like, _splice, _repeat,
    _wrap, _nest, _odd, _comment, _truncate, _case, _quote,
)  # fmt: skip

_GENTLE: tuple[_Mutation, ...] = (
    _like_for_like, _like_for_like, _like_for_like, _clause, _clause, _comment, _case, _wrap_whole, _nest,
)  # fmt: skip
"""Those that most often leave a question, so that the planner and the engine's statements are reached too."""


def mutant(seed: int, statements: Sequence[str]) -> str:
    """Return the mutant of this number: the same for the same statements, whatever ran before."""
    r = Random(seed)  # noqa: S311
    tokens = _TOKEN.findall(r.choice(statements))
    pool = r.choice((_GENTLE, _GENTLE, _ALL))
    for _ in range(r.choice((1, 1, 1, 2, 2, 3, 6))):
        r.choice(pool)(r, tokens, statements)
        tokens = _TOKEN.findall("".join(tokens)[:20_000])
    return "".join(tokens)


def shrunk(sql: str, fails: Callable[[str], bool]) -> str:
    """Return a statement that still fails, with as many tokens left out as a greedy pass finds."""
    tokens, size = _TOKEN.findall(sql), 32
    while size:
        at = 0
        while at < len(tokens):
            fewer = tokens[:at] + tokens[at + size :]
            if fails("".join(fewer)):
                tokens = fewer
            else:
                at += size
        size //= 2
    return "".join(tokens)
