"""Names: what a column name in a query stands for, and errors that list what does exist."""

import difflib
import re
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from jali.model.codes import AmbiguousName, UnknownColumn, UnknownTable, Unsupported, WrongType
from jali.model.errors import Place
from jali.model.schema import Catalog
from jali.sql.tree import ColumnRef, Expr


def place_of(node: Any, text: str) -> Place | None:  # noqa: ANN401  # any sqlglot node
    """Return the stretch of the text a sqlglot node came from, or None where sqlglot kept no position."""
    if not isinstance(node, exp.Expression):
        return None
    starts: list[int] = []
    ends: list[int] = []
    for one in node.walk():
        if "start" in one.meta and "end" in one.meta:
            starts.append(int(one.meta["start"]))
            ends.append(int(one.meta["end"]))
    if not starts or max(ends) >= len(text):
        return None
    start, end = min(starts), max(ends) + 1
    if isinstance(node, exp.Func) and (name := _CALLED.search(text[:start])) is not None:
        closed = _CLOSED.match(text, end)
        start, end = name.start(), closed.end() if closed is not None else end
    return Place(text, start, end - start)


_CALLED = re.compile(r"[A-Za-z_]\w*\s*\(\s*$")
_CLOSED = re.compile(r"\s*\)")
"""The name of a function before its first argument: sqlglot keeps the places of the arguments alone."""


def written_name(node: exp.Expression, text: str) -> str:
    """Return a function's name as the asker wrote it: sqlglot gives several spellings one class."""
    known = type(node).sql_names() if isinstance(node, exp.Func) else [type(node).__name__]
    names = {word.upper() for word in re.findall(r"([A-Za-z_]\w*)\s*\(", text)}
    for name, builder in (exp.FUNCTION_BY_NAME | _OTHER_NAMES).items():
        if builder is type(node) and name.upper() in names:
            return name.upper()
    return str(known[0])


_OTHER_NAMES: dict[str, type[exp.Expression]] = {
    "STRING_AGG": exp.GroupConcat, "LISTAGG": exp.GroupConcat, "GROUP_CONCAT": exp.GroupConcat,
    "BOOL_AND": exp.LogicalAnd, "BOOL_OR": exp.LogicalOr, "ARG_MAX": exp.ArgMax, "ARG_MIN": exp.ArgMin,
    "MAX_BY": exp.ArgMax, "MIN_BY": exp.ArgMin, "QUANTILE_CONT": exp.PercentileCont, "LIST": exp.ArrayAgg,
    "APPROX_COUNT_DISTINCT": exp.ApproxDistinct,
}  # fmt: skip


@dataclass(slots=True)
class Scope:
    """Columns visible to an expression, by relation alias.

    Attributes:
        relations: alias (lower case) -> column name (lower case) -> expression it stands for.
        merged: column names joined with USING, which resolve to the first relation without being ambiguous.
        outer: the names around a correlated subquery, which it may use where it has none of its own.
        scalars: id of a node -> what a subquery used as a value stands for (`sql.lookups`).
    """

    relations: dict[str, dict[str, Expr]] = field(default_factory=dict[str, "dict[str, Expr]"])
    merged: set[str] = field(default_factory=set[str])
    outer: "Scope | None" = None
    scalars: dict[int, Expr] = field(default_factory=dict[int, Expr])

    def add(self, alias: str, columns: dict[str, Expr]) -> None:
        """Add a relation.

        Raises:
            AmbiguousName: if the alias is taken.
        """
        if alias in self.relations:
            raise AmbiguousName(f"the name {alias} stands for two relations", hint="give each its own alias")
        self.relations[alias] = columns

    def resolve(self, alias: str | None, name: str, place: Place | None) -> Expr:
        """Return what a column name stands for.

        Raises:
            UnknownTable, UnknownColumn, AmbiguousName: with the names that do exist.
        """
        low = name.lower()
        if self.outer is not None and not self._has(alias, low) and self.outer._has(alias, low):  # noqa: SLF001
            return self.outer.resolve(alias, name, place)
        if alias is not None:
            if alias.lower() not in self.relations:
                raise UnknownTable(
                    f"no relation {alias} in FROM", hint=_known(alias.lower(), self.relations), place=place
                )
            columns = self.relations[alias.lower()]
            if low not in columns:
                raise UnknownColumn(f"no column {name} in {alias}", hint=_known(low, columns), place=place)
            return columns[low]
        holders = [columns[low] for columns in self.relations.values() if low in columns]
        if not holders:
            every = {c: None for columns in self.relations.values() for c in columns}
            raise UnknownColumn(
                f"no column {name} in the tables of the query", hint=_known(low, every), place=place
            )
        if len(holders) > 1 and low not in self.merged:
            owners = ", ".join(a for a, columns in self.relations.items() if low in columns)
            raise AmbiguousName(f"{name} exists in {owners}", hint="put the alias in front", place=place)
        return holders[0]

    def _has(self, alias: str | None, name: str) -> bool:
        """Return whether the alias, or without one the name, is known here."""
        if alias is not None:
            return alias.lower() in self.relations
        return any(name in columns for columns in self.relations.values())

    def everything(self, alias: str | None, place: Place | None) -> list[tuple[str, Expr]]:
        """Return all columns of one relation, or of all in order with USING columns once."""
        if alias is not None and alias.lower() not in self.relations:
            raise UnknownTable(
                f"no relation {alias} in FROM", hint=_known(alias.lower(), self.relations), place=place
            )
        wanted = [alias.lower()] if alias is not None else list(self.relations)
        found: dict[str, Expr] = {}
        for one in wanted:
            for name, expression in self.relations[one].items():
                if not _is_open(expression):
                    continue
                if name in found and name not in self.merged:
                    raise AmbiguousName(
                        f"{name} exists twice in the subquery", hint="list the columns", place=place
                    )
                found.setdefault(name, expression)
        return list(found.items())


def _is_open(expression: Expr) -> bool:
    """Return whether * takes a column: one that never lands, or that no rule opens, is left out."""
    column = expression.column if isinstance(expression, ColumnRef) else None
    return column is None or (column.lands and column.readable)


def _known(wanted: str, names: Any) -> str:  # noqa: ANN401  # any collection of text
    near = difflib.get_close_matches(wanted, list(names), n=1)
    listed = ", ".join(sorted(names)[:30])
    return (f"did you mean {near[0]}? " if near else "") + f"Known: {listed}"


def unknown_table(name: str, catalog: Catalog, place: Place | None) -> UnknownTable:
    """Return the error for a table no contract declares."""
    return UnknownTable(f"no table {name}", hint=_known(name.lower(), catalog.tables), place=place)


def all_of(node: exp.Expression, *parts: str) -> list[exp.Expression]:
    """Return the arguments of a function that needs all of them, and check that it has no others.

    Raises:
        WrongType: if one is missing.
    """
    only(node, *parts)
    found = [one for one in (node.args.get(part) for part in parts) if isinstance(one, exp.Expression)]
    if len(found) < len(parts):
        name = type(node).sql_names()[0] if isinstance(node, exp.Func) else type(node).__name__.upper()
        raise WrongType(
            f"{name} takes {len(parts)} arguments here", hint="docs/reference/functions.md shows them"
        )
    return found


_CLAUSES = {
    "limit": "LIMIT",
    "offset": "OFFSET",
    "order": "ORDER BY",
    "distinct": "DISTINCT",
    "sample": "a sample of a table",
    "on": "DISTINCT ON",
    "method": "an ASOF, POSITIONAL or NATURAL join",
    "except_": "EXCLUDE",
    "replace": "REPLACE",
    "all": "ALL",
    "pivots": "PIVOT",
    "laterals": "LATERAL",
    "decimals": "a number of decimals",
}
"""How parts of a statement are named in a refusal."""


def only(node: exp.Expression, *allowed: str) -> None:
    """Check that a node carries nothing but the parts we read, so that no clause is dropped silently.

    Raises:
        Unsupported: naming the first part that is not understood.
    """
    for key, value in node.args.items():
        if key in allowed or value is None or value is False or value == []:
            continue
        what = f"{type(node).__name__.upper()} with {key.strip('_').replace('_', ' ')}"
        raise Unsupported(
            f"{_CLAUSES.get(key, what)} is not answered here",
            hint="leave that part out; docs/reference/sql.md lists what is answered",
        )
