"""What an expression holds, told for every node of it by one walk: asking each node anew is quadratic in a chain."""

from collections.abc import Callable, Iterator

from sqlglot import exp

from jali.model.codes import TooLarge
from jali.sql.aggregates import is_released

MOST_LEVELS = 200
"""Deepest nesting of an expression. AND and OR do not nest: their chains become one condition."""

MOST_PARTS = 30_000
"""Most nodes of a text: a planner takes 0.1 ms for each."""

_FLAT = (
    exp.Connector
    | exp.Paren
    | exp.Alias
    | exp.Query
    | exp.Subquery
    | exp.From
    | exp.Join
    | exp.With
    | exp.CTE
)


class Marks:
    """Which nodes hold a column, and which hold something released or the name of an output."""

    def __init__(self, is_alias: Callable[[exp.Column], bool]) -> None:
        """Start without a tree; `is_alias` tells whether a column names an output."""
        self._is_alias = is_alias
        self._walked: dict[int, exp.Expr] = {}
        self._columned: set[int] = set()
        self._released: set[int] = set()

    def may_be_key(self, node: exp.Expr) -> bool:
        """Return whether a node reads columns of rows and nothing else, so that it may be a key."""
        if id(node) not in self._walked:
            self._walk(node)
        return id(node) in self._columned and id(node) not in self._released

    def _walk(self, root: exp.Expr) -> None:
        for node in root.walk():
            self._walked[id(node)] = node
            if isinstance(node, exp.Column):
                _climb(node, root, self._released if self._is_alias(node) else self._columned)
            elif is_released(node):
                _climb(node, root, self._released)


def _climb(node: exp.Expr, root: exp.Expr, marked: set[int]) -> None:
    for one in _upwards(node, root):
        if id(one) in marked:
            return
        marked.add(id(one))


def _upwards(node: exp.Expr, root: exp.Expr) -> Iterator[exp.Expr]:
    one: exp.Expr | None = node
    while one is not None:
        yield one
        one = None if one is root else one.parent


def check_size(select: exp.Select) -> None:
    """Refuse what takes too long to plan, before it is planned.

    Raises:
        TooLarge: above `MOST_LEVELS` or `MOST_PARTS`.
    """
    waiting: list[tuple[exp.Expr, int]] = [(select, 0)]
    parts = 0
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        if parts > MOST_PARTS:
            raise TooLarge(f"the query has more than {MOST_PARTS} parts", hint="split it")
        if depth > MOST_LEVELS:
            raise TooLarge(f"an expression is nested deeper than {MOST_LEVELS}", hint="simplify it")
        depth = 0 if isinstance(node, exp.Query) else depth + (not isinstance(node, _FLAT))
        waiting.extend((child, depth) for child in node.iter_expressions())
