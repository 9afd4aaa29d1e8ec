"""Window functions inside a subquery in FROM, each within the rows of one unit; the rest of the query counts the rows.

The partition holds the unit, so what a window says of a row is a function of that unit's own rows. ROW_NUMBER, LAG,
LEAD and frames that count rows depend on the order of rows that ORDER BY leaves equal: the unit's stored order decides
there (`order_of` of an engine), never the layout. RANK, DENSE_RANK and the other frames treat equal rows alike.
"""

from fractions import Fraction

from sqlglot import exp

from jali.model.codes import UnitLost, Unsupported
from jali.model.types import INTEGER, UNIT, Kind
from jali.sql import caps, typed
from jali.sql.expressions import Translator
from jali.sql.parts import Context, Part, conjuncts
from jali.sql.relations import sources_of
from jali.sql.scope import Scope, only, place_of, written_name
from jali.sql.subqueries import MOST_ROWS, MOST_TERMS, aggregate_reach, columns_once, items_of, unit_aggregate
from jali.sql.tree import ColumnRef, Expr, Literal, Named, Order, Range, Rows, Window, Windowed
from jali.sql.work import text_length

_NUMBERING: dict[type[exp.Expression], str] = {
    exp.RowNumber: "row_number",
    exp.Rank: "rank",
    exp.DenseRank: "dense_rank",
}
_SHIFTING: dict[type[exp.Expression], str] = {exp.Lag: "lag", exp.Lead: "lead"}
_AGGREGATES = frozenset({exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Filter})
_BY_ROW = frozenset({"row_number", "lag", "lead"})
_MOST_OFFSET = 1000


def has_windows(node: exp.Expression) -> bool:
    """Return whether a SELECT computes window functions."""
    return node.args.get("qualify") is not None or any(one.find(exp.Window) for one in node.expressions)


def windowed(node: exp.Expression, scope: Scope, rows: Rows, context: Context) -> Part:
    """Return a SELECT with window functions as one source, with QUALIFY as a condition on it.

    Raises:
        UnitLost: if a window is not partitioned by the unit.
        Unsupported: for aggregates beside windows, and windows and frames that are not answered.
    """
    if any(node.args.get(clause) is not None for clause in ("group", "having", "distinct")):
        raise Unsupported(
            "window functions together with GROUP BY, HAVING or DISTINCT are not answered",
            hint="compute the window in a subquery of its own, then aggregate",
            place=place_of(node, context.text),
        )
    reader = _Reader(rows, context.fresh(), Translator(scope, context.text))
    translate = Translator(scope, context.text, reader.hook)
    items = [
        (name, reader.passed(e) if sources_of(e) - {reader.id} else e)
        for name, e in items_of(node, scope, translate)
    ]
    columns = columns_once(items)
    reader.aliases = columns
    qualify = node.args.get("qualify")
    conditions = [translate(c) for c in conjuncts(qualify.this if qualify is not None else None)]
    for one in conditions:
        typed.require(one, typed.TRUTH, "QUALIFY")
    source = Windowed(reader.id, rows, tuple(reader.columns), tuple(reader.windows))
    is_plain = all(isinstance(e, ColumnRef) for e in columns.values())
    return Part(source, [], conditions, columns, is_plain)


class _Reader:
    """The columns a windowed source passes on and the windows it computes, while they are read."""

    def __init__(self, rows: Rows, source_id: str, plain: Translator) -> None:
        self.rows = rows
        self.id = source_id
        self.plain = plain
        self.columns: list[Named] = []
        self.windows: list[tuple[str, Window]] = []
        self.aliases: dict[str, Expr] = {}

    def hook(self, node: exp.Expression) -> Expr | None:
        if isinstance(node, exp.Window):
            return self._window(node)
        if isinstance(node, exp.Subquery):
            return self.passed(self.plain(node))
        if not isinstance(node, exp.Column):
            return None
        name = node.name.lower()
        is_input = any(name in columns for columns in self.plain.scope.relations.values())
        if not node.table and name in self.aliases and not is_input:
            return self.aliases[name]
        return self.passed(self.plain(node))

    def passed(self, expression: Expr) -> Expr:
        """Return a column of the source that holds an expression over the rows inside as it is."""
        if isinstance(expression, Literal):
            return expression
        if isinstance(expression, ColumnRef) and expression.type == UNIT:
            if expression.nullable:
                raise UnitLost(
                    "a unit key that may be NULL stands beside a window function",
                    hint="select the unit key of the left table of the LEFT JOIN",
                )
            return ColumnRef(self.id, "_unit", UNIT, nullable=False, column=expression.column)
        name = next((c.name for c in self.columns if c.expression == expression), None)
        if name is None:
            name = self._free_name(expression)
            self.columns.append(Named(name, expression))
        column = expression.column if isinstance(expression, ColumnRef) else None
        facts = (expression.type, expression.range, expression.reach, expression.nullable)
        made = (column, caps.unit_total(expression), text_length(expression))
        constants = expression.constants if isinstance(expression, ColumnRef) else None
        return ColumnRef(self.id, name, *facts, *made, constants)

    def _free_name(self, expression: Expr) -> str:
        column = expression.column if isinstance(expression, ColumnRef) else None
        name = column.name.lower() if column is not None else ""
        return f"_c{len(self.columns)}" if not name or name in {c.name for c in self.columns} else name

    def _window(self, node: exp.Expression) -> Expr:
        only(node, "this", "partition_by", "order", "spec", "over")
        partition = [self.plain(p) for p in node.args.get("partition_by") or []]
        if not any(p.type == UNIT and not p.nullable for p in partition):
            raise UnitLost(
                "a window function inside a subquery must be partitioned by the unit key",
                hint="write OVER (PARTITION BY unit ...), or aggregate and write the window over the answers",
                place=place_of(node, self.plain.text),
            )
        order = self._order(node.args.get("order"))
        finer = tuple(p for p in partition if p.type != UNIT)
        if max(len(finer), len(order)) > MOST_TERMS:
            raise Unsupported(
                f"a window divides or sorts by more than {MOST_TERMS} columns",
                hint="use fewer",
                place=place_of(node, self.plain.text),
            )
        function = node.this
        if type(function) in _NUMBERING:
            return self._numbering(function, finer, order, node)
        if type(function) in _SHIFTING:
            return self._shifting(function, finer, order, node)
        if type(function) not in _AGGREGATES:
            raise Unsupported(
                f"{_written(function, self.plain.text)} is not answered in a window within one unit",
                hint="answered: ROW_NUMBER, RANK, DENSE_RANK, LAG, LEAD, COUNT, SUM, AVG, MIN, MAX",
                place=place_of(node, self.plain.text),
            )
        return self._aggregate(function, finer, order, node)

    def _order(self, clause: exp.Expression | None) -> tuple[Order, ...]:
        if clause is None:
            return ()
        only(clause, "expressions")
        found: list[Order] = []
        for one in clause.expressions:
            only(one, "this", "desc", "nulls_first")
            expression = self.plain(one.this)
            typed.require(expression, typed.ORDERED, "ORDER BY of a window")
            found.append(Order(expression, bool(one.args.get("desc")), bool(one.args.get("nulls_first"))))
        return tuple(found)

    def _numbering(
        self,
        function: exp.Expression,
        finer: tuple[Expr, ...],
        order: tuple[Order, ...],
        node: exp.Expression,
    ) -> Expr:
        only(function)
        name = _NUMBERING[type(function)]
        self._check_ordered(name, order, node)
        cap = caps.rows_of(self.rows)
        range_ = Range(Fraction(1), None if cap is None else Fraction(cap))
        window = Window(name, None, finer, order, INTEGER, is_by_row=name in _BY_ROW)
        return self._computed(window, range_, Range(Fraction(1), Fraction(MOST_ROWS)), nullable=False)

    def _shifting(
        self,
        function: exp.Expression,
        finer: tuple[Expr, ...],
        order: tuple[Order, ...],
        node: exp.Expression,
    ) -> Expr:
        only(function, "this", "offset")
        name = _SHIFTING[type(function)]
        self._check_ordered(name, order, node)
        given = function.args.get("offset")
        offset = int(str(given.this)) if isinstance(given, exp.Literal) and str(given.this).isdigit() else 1
        if given is not None and not (isinstance(given, exp.Literal) and 1 <= offset <= _MOST_OFFSET):
            raise Unsupported(
                f"{name.upper()} takes a constant from 1 to {_MOST_OFFSET}", hint="write LAG(x, 1)"
            )
        value = self.plain(function.this)
        typed.require(value, typed.ORDERED, name.upper())
        if isinstance(value, Literal):
            raise Unsupported(f"{name.upper()} takes a column", hint="name a column")
        window = Window(name, value, finer, order, value.type, is_by_row=True, offset=offset)
        return self._computed(window, value.range, value.reach, nullable=True)

    def _check_ordered(self, name: str, order: tuple[Order, ...], node: exp.Expression) -> None:
        if not order or node.args.get("spec") is not None:
            raise Unsupported(
                f"{name.upper()} needs ORDER BY in its window, and no frame",
                hint="write OVER (PARTITION BY unit ORDER BY column)",
                place=place_of(node, self.plain.text),
            )

    def _aggregate(
        self,
        function: exp.Expression,
        finer: tuple[Expr, ...],
        order: tuple[Order, ...],
        node: exp.Expression,
    ) -> Expr:
        aggregate, range_ = unit_aggregate(function, self.plain, self.rows)
        if aggregate.kind == "count_distinct" or aggregate.where is not None:
            raise Unsupported(
                "DISTINCT and FILTER in a window are not answered", hint="use CASE, or aggregate per unit"
            )
        spec = node.args.get("spec")
        if spec is not None and not (order and _is_running(spec)):
            raise Unsupported(
                "this frame of a window is not answered",
                hint="leave it out, or write ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW after ORDER BY",
                place=place_of(node, self.plain.text),
            )
        window = Window(
            aggregate.kind, aggregate.arg, finer, order, aggregate.type, is_by_row=spec is not None
        )
        return self._computed(window, range_, aggregate_reach(aggregate), nullable=aggregate.kind != "count")

    def _computed(self, window: Window, range_: Range, reach: Range, *, nullable: bool) -> Expr:
        name = next((n for n, known in self.windows if known == window), None)
        if name is None:
            name = f"_w{len(self.windows)}"
            self.windows.append((name, window))
        longest = (
            text_length(window.arg) if window.arg is not None and window.type.kind is Kind.TEXT else None
        )
        return ColumnRef(self.id, name, window.type, range_, reach, nullable, longest=longest)


def _written(function: exp.Expression, text: str) -> str:
    if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
        return "IGNORE NULLS" if isinstance(function, exp.IgnoreNulls) else "RESPECT NULLS"
    return written_name(function, text)


def _is_running(spec: exp.Expression) -> bool:
    shown = {key: value for key, value in spec.args.items() if value is not None}
    return shown == {
        "kind": "ROWS",
        "start": "UNBOUNDED",
        "start_side": "PRECEDING",
        "end": "CURRENT ROW",
    }
