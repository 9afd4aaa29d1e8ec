"""Windows over released values: `RANK() OVER (...)`, running totals, shares of a total, neighbours in an order.

What stands inside is arithmetic over keys and aggregates of the same question, so a window is post-processing: it
reads finished rows and costs nothing. `plan.windows` computes it.
"""

from collections.abc import Mapping
from fractions import Fraction

from sqlglot import exp

from jali.model.codes import Unsupported, WrongType
from jali.model.types import INTEGER, REAL, Kind, Type
from jali.sql import typed
from jali.sql.expressions import Translator
from jali.sql.scope import only, place_of
from jali.sql.tree import ColumnRef, Expr, Frame, Literal, Order, ReleasedWindow, walk

MOST_OFFSET = 10_000
"""Largest distance of LAG, LEAD, NTH_VALUE and of a frame's end."""

MEAN_DIGITS = 10**6
"""An AVG over released values is kept on a grid so many times finer than theirs, down to nine decimals."""

_RANKS: dict[type[exp.Expression], tuple[str, Type]] = {
    exp.Rank: ("rank", INTEGER),
    exp.DenseRank: ("dense_rank", INTEGER),
    exp.RowNumber: ("row_number", INTEGER),
    exp.PercentRank: ("percent_rank", REAL),
    exp.CumeDist: ("cume_dist", REAL),
}
_TOTALS: dict[type[exp.Expression], str] = {exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max"}
_NEIGHBOURS: dict[type[exp.Expression], str] = {exp.Lag: "lag", exp.Lead: "lead"}
_PLACES: dict[type[exp.Expression], str] = {
    exp.FirstValue: "first_value",
    exp.LastValue: "last_value",
    exp.NthValue: "nth_value",
}
_ORDERED = frozenset({Kind.NUMBER, Kind.REAL, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.BOOLEAN})


def named_windows(select: exp.Select) -> dict[str, exp.Expression]:
    """Return the windows a WINDOW clause names."""
    return {str(one.this.name).lower(): one for one in select.args.get("windows") or []}


def window_of(node: exp.Expression, named: Mapping[str, exp.Expression], post: Translator) -> ReleasedWindow:
    """Return the window a node asks for.

    Args:
        node: a sqlglot ReleasedWindow.
        named: windows of the WINDOW clause by name.
        post: reads an expression over released values.

    Raises:
        Unsupported, WrongType: for functions, frames and modifiers that are not answered.
    """
    only(node, "this", "partition_by", "order", "spec", "alias", "over")
    frame_of = _specification(node, named, post)
    function, args, type_ = _function(_unwrapped(node.this), post)
    partition = tuple(_inner(one, post) for one in frame_of.args.get("partition_by") or [])
    order = _order(frame_of.args.get("order"), post)
    return ReleasedWindow(function, args, partition, order, _frame(frame_of.args.get("spec"), order), type_)


def _specification(
    node: exp.Expression, named: Mapping[str, exp.Expression], post: Translator
) -> exp.Expression:
    name = node.args.get("alias")
    if name is None:
        return node
    if node.args.get("partition_by") or node.args.get("order") or node.args.get("spec"):
        raise Unsupported("a named window is used as it is", hint="write the whole window in OVER (...)")
    found = named.get(str(name.name).lower())
    if found is None or found.args.get("alias") is not None:
        raise Unsupported(
            f"no window {str(name.name)[:40]} is defined here",
            hint="define it: WINDOW w AS (ORDER BY ...)",
            place=place_of(node, post.text),
        )
    only(found, "this", "partition_by", "order", "spec")
    return found


def _unwrapped(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.IgnoreNulls | exp.RespectNulls):
        raise Unsupported("IGNORE NULLS and RESPECT NULLS are not answered", hint="leave it out")
    if isinstance(node, exp.Filter):
        raise Unsupported("FILTER is not answered in a window", hint="use CASE WHEN inside the function")
    return node


def _inner(node: exp.Expression, post: Translator) -> Expr:
    if node.find(exp.Window) is not None:
        raise _nested()
    found = post(node)
    if any(isinstance(one, ColumnRef) and one.source == "#win" for one in walk(found)):
        raise _nested()
    return found


def _nested() -> Unsupported:
    return Unsupported("a window inside a window is not answered", hint="leave one of them out")


def _function(node: exp.Expression, post: Translator) -> tuple[str, tuple[Expr, ...], Type]:
    kind = type(node)
    if kind in _RANKS:
        only(node)
        function, type_ = _RANKS[kind]
        return function, (), type_
    if kind is exp.Ntile:
        only(node, "this")
        return "ntile", (_offset(node.args.get("this"), "NTILE", 1),), INTEGER
    if kind is exp.Count:
        return _count(node, post)
    if kind in _TOTALS:
        only(node, "this")
        return _total(_TOTALS[kind], _inner(node.this, post))
    if kind in _NEIGHBOURS:
        return _neighbour(_NEIGHBOURS[kind], node, post)
    if kind in _PLACES:
        return _place(_PLACES[kind], node, post)
    raise Unsupported(
        "this function is not answered in a window",
        hint="answered: RANK, DENSE_RANK, ROW_NUMBER, PERCENT_RANK, CUME_DIST, NTILE, COUNT, SUM, AVG, MIN, MAX, LAG, "
        "LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE",
        place=place_of(node, post.text),
    )


def _count(node: exp.Expression, post: Translator) -> tuple[str, tuple[Expr, ...], Type]:
    only(node, "this", "big_int")
    if isinstance(node.this, exp.Star):
        only(node.this)
        return "count", (), INTEGER
    if isinstance(node.this, exp.Distinct):
        raise Unsupported("COUNT(DISTINCT x) is not answered in a window", hint="leave DISTINCT out")
    return "count", (_inner(node.this, post),), INTEGER


def _place(function: str, node: exp.Expression, post: Translator) -> tuple[str, tuple[Expr, ...], Type]:
    only(node, "this", "offset")
    value = _inner(node.this, post)
    nth = (_offset(node.args.get("offset"), "NTH_VALUE", 1),) if function == "nth_value" else ()
    return function, (value, *nth), value.type


def _total(function: str, value: Expr) -> tuple[str, tuple[Expr, ...], Type]:
    kinds = _ORDERED if function in {"min", "max"} else typed.NUMERIC
    typed.require(value, kinds, function.upper())
    type_ = value.type
    if function == "avg" and type_.kind is Kind.NUMBER:
        finer = max(type_.step / MEAN_DIGITS, Fraction(1, 10**9))
        type_ = Type(Kind.NUMBER, min(type_.step, finer))
    return function, (value,), type_


def _neighbour(function: str, node: exp.Expression, post: Translator) -> tuple[str, tuple[Expr, ...], Type]:
    only(node, "this", "offset", "default")
    value = _inner(node.this, post)
    offset = node.args.get("offset")
    distance = typed.number(Fraction(1)) if offset is None else _offset(offset, function.upper(), 0)
    default = node.args.get("default")
    if default is None:
        return function, (value, distance), value.type
    (value, other), type_ = typed.unify([value, _inner(default, post)], function.upper())
    return function, (value, distance, other), type_


def _offset(node: exp.Expression | None, what: str, least: int) -> Literal:
    digits = str(node.this) if isinstance(node, exp.Literal) and not node.args.get("is_string") else ""
    if not (
        digits.isdigit() and len(digits) <= len(str(MOST_OFFSET)) and least <= int(digits) <= MOST_OFFSET
    ):
        raise WrongType(
            f"{what} takes a plain whole number from {least} to {MOST_OFFSET}",
            hint=f"write {what} with 1 or 4",
        )
    return typed.number(Fraction(int(digits)))


def _order(clause: exp.Expression | None, post: Translator) -> tuple[Order, ...]:
    if clause is None:
        return ()
    only(clause, "expressions")
    found: list[Order] = []
    for node in clause.expressions:
        only(node, "this", "desc", "nulls_first")
        expression = _inner(node.this, post)
        if isinstance(expression, Literal):
            raise Unsupported(
                "ORDER BY in a window takes no position", hint="name the output or the aggregate"
            )
        found.append(Order(expression, bool(node.args.get("desc")), bool(node.args.get("nulls_first"))))
    return tuple(found)


def _frame(spec: exp.Expression | None, order: tuple[Order, ...]) -> Frame:
    """Return the rows a window looks at; without a clause those up to the row and its equals, or all of them."""
    if spec is None:
        return Frame("range", None, 0 if order else None)
    only(spec, "kind", "start", "start_side", "end", "end_side")
    kind = str(spec.args.get("kind")).upper()
    end = spec.args.get("end")
    found = Frame(
        kind.lower(),
        _end(spec.args.get("start"), spec.args.get("start_side")),
        0 if end is None else _end(end, spec.args.get("end_side")),
    )
    sides = (str(spec.args.get("start_side")).upper(), str(spec.args.get("end_side")).upper())
    unbounded = (found.start is None and sides[0] == "FOLLOWING") or (
        found.end is None and sides[1] == "PRECEDING"
    )
    backwards = found.start is not None and found.end is not None and found.start > found.end
    if kind not in {"ROWS", "RANGE"} or unbounded or backwards or (kind == "RANGE" and not _is_plain(found)):
        raise Unsupported(
            "this frame of a window is not answered",
            hint="write ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, or numbers of rows",
        )
    return found


def _is_plain(frame: Frame) -> bool:
    """Return whether a RANGE frame counts no distance."""
    return frame.start in {None, 0} and frame.end in {None, 0}


def _end(node: exp.Expression | str | None, side: object) -> int | None:
    """Return an end of a frame: None unbounded, 0 the row itself, negative before it."""
    if isinstance(node, str) or node is None:
        return 0 if str(node).upper() == "CURRENT ROW" else None
    distance = _offset(node, "a frame", 0).value
    rows = int(distance) if isinstance(distance, Fraction) else 0
    return -rows if str(side).upper() == "PRECEDING" else rows
