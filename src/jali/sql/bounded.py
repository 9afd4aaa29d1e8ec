"""Reads a text with sqlglot in a bounded number of steps: its time must not grow faster than the text.

The parser tries and goes back. Joins without a condition double its work each, `FROM a JOIN b JOIN c ...`: 12 took 0.1
seconds, 30 would take hours. So every step over a token is counted, steps back included.
"""

from functools import cache
from types import new_class

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token

from jali.model.codes import TooLarge

STEPS_PER_TOKEN = 5
"""No question of the conformance corpus, and none of 3,000 mutants, takes more than 2.3."""

STEPS_FREE = 20_000
"""Steps granted to any text; 0.2 seconds at most."""


class _Counted(Parser):
    """Counts its steps and gives up."""

    steps_left = 0

    def parse(self, raw_tokens: list[Token], sql: str) -> list[exp.Expr | None]:
        self.steps_left = STEPS_FREE + STEPS_PER_TOKEN * len(raw_tokens)
        return super().parse(raw_tokens, sql)

    def _advance(self, times: int = 1) -> None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise TooLarge(
                "the query takes too long to read",
                hint="write JOIN ... ON a.key = b.key for every join, or split it",
            )
        super()._advance(times)


@cache
def _counted(parser: type[Parser]) -> type[Parser]:
    """Return a dialect's parser that counts its steps."""
    return new_class("Counted", (_Counted, parser))


def statements(sql: str, dialect: str) -> list[exp.Expr | None]:
    """Return the statements of a text as sqlglot reads them.

    Raises:
        TooLarge: if reading takes more steps than texts of this size need.
        ParseError: if the text is not SQL.
    """
    language = Dialect.get_or_raise(dialect)
    return _counted(language.parser_class)(dialect=language).parse(language.tokenize(sql), sql)
