"""Subqueries in FROM: either a plain selection, which is flattened, or exact aggregates of each unit by itself."""

from dataclasses import replace
from fractions import Fraction

from sqlglot import exp

from jali.model.codes import RowsAsked, UnitLost, Unsupported
from jali.model.types import INTEGER, REAL, Kind, Type
from jali.sql import ranges, typed
from jali.sql.aggregates import holds_aggregate, is_aggregate, read_aggregate
from jali.sql.caps import total_range, unit_total
from jali.sql.expressions import Translator
from jali.sql.grouping import group_items, unaliased
from jali.sql.parts import Context, Part
from jali.sql.relations import from_clause, with_clause
from jali.sql.scope import Scope, only, place_of
from jali.sql.tree import Aggregate, ColumnRef, Expr, Named, PerUnit, Range, Rows
from jali.sql.work import text_length

MOST_TERMS = 8
"""Most columns that a subquery groups by, and that a window divides or sorts by: each is looked at for every row."""

MOST_ROWS = 2**40
"""No unit has more rows than this in any relation; it bounds exact per-unit sums."""


_CLAUSES = (
    "expressions", "from_", "joins", "where", "group", "having", "distinct", "with_", "kind", "qualify",
)  # fmt: skip


def subquery(node: exp.Expression, context: Context, names: tuple[str, ...] = ()) -> Part:
    """Return a subquery as a relation.

    Raises:
        Unsupported: for clauses whose result depends on other units (LIMIT, ORDER BY).
        UnitLost: if it groups without the unit.
    """
    if isinstance(node, exp.SetOperation | exp.Subquery):
        from jali.sql.unions import union_all

        return _renamed(union_all(node, context), names)
    if not isinstance(node, exp.Select):
        raise Unsupported(
            "FROM takes tables and subqueries",
            hint="write (SELECT ...)",
            place=place_of(node, context.text),
        )
    from jali.sql.windows import has_windows, windowed

    inner = with_clause(node, context)
    only(node, *_CLAUSES)
    if node.args.get("kind"):
        raise Unsupported("SELECT AS is not answered", hint="select columns")
    grouped = is_grouped(node) or node.args.get("distinct") is not None
    scope, rows = from_clause(node, inner, is_whole=grouped or has_windows(node))
    if has_windows(node):
        return _renamed(windowed(node, scope, rows, inner), names)
    part = _per_unit(node, scope, rows, inner) if grouped else _plain(node, scope, rows, inner)
    return _renamed(part, names)


def is_grouped(node: exp.Expression) -> bool:
    """Return whether a SELECT aggregates."""
    return node.args.get("group") is not None or any(holds_aggregate(one) for one in node.expressions)


def _renamed(part: Part, names: tuple[str, ...]) -> Part:
    if names:
        if len(names) > len(part.columns):
            raise Unsupported("more column names than columns", hint="name each column once")
        values = list(part.columns.items())
        part.columns = {
            (names[i].lower() if i < len(names) else name): expression
            for i, (name, expression) in enumerate(values)
        }
    return part


def items_of(node: exp.Expression, scope: Scope, translate: Translator) -> list[tuple[str, Expr]]:
    """Return the names and expressions of the items of a SELECT, with every * written out."""
    found: list[tuple[str, Expr]] = []
    for item in node.expressions:
        star = item if isinstance(item, exp.Star) else item.this if isinstance(item, exp.Column) else None
        if isinstance(star, exp.Star):
            only(star)
            alias = item.table if isinstance(item, exp.Column) else None
            found += scope.everything(alias or None, place_of(item, translate.text))
        else:
            inner = item.this if isinstance(item, exp.Alias) else item
            found.append((_name_of(item, len(found) + 1), translate(inner)))
    return found


def _name_of(item: exp.Expression, number: int) -> str:
    """Return the name of an item of a subquery; what is neither named nor a column is reached by no name."""
    name = item.alias_or_name if isinstance(item, exp.Alias | exp.Column) else ""
    return name.lower() or f"column{number}"


def columns_once(items: list[tuple[str, Expr]]) -> dict[str, Expr]:
    """Return the items by name.

    Raises:
        Unsupported: if two have the same name.
    """
    columns: dict[str, Expr] = {}
    for name, expression in items:
        if name in columns:
            raise Unsupported(f"the subquery has two columns named {name}", hint="rename one with AS")
        columns[name] = expression
    return columns


def _plain(node: exp.Expression, scope: Scope, rows: Rows, context: Context) -> Part:
    if node.args.get("having") is not None:
        raise Unsupported("HAVING needs GROUP BY", hint="use WHERE")
    columns = columns_once(items_of(node, scope, Translator(scope, context.text)))
    plain = all(isinstance(e, ColumnRef) for e in columns.values())
    return Part(rows.first, list(rows.joins), list(rows.where), columns, plain, semis=list(rows.semis))


def _is_unit(expression: Expr) -> bool:
    return isinstance(expression, ColumnRef) and expression.type.kind is Kind.UNIT


class UnitGroup:
    """The grouping of a per-unit subquery while it is read."""

    def __init__(self, rows: Rows, source_id: str, keys: list[Expr], translate: Translator) -> None:
        """Group `rows` as source `source_id` by the unit and `keys`."""
        self.rows = rows
        self.id = source_id
        self.keys = [k for k in keys if not _is_unit(k)]
        self.plain = translate
        self.aggregates: list[Aggregate] = []

    def hook(self, node: exp.Expression) -> Expr | None:
        """Return what an aggregate or a key stands for; None for all else."""
        if is_aggregate(node):
            return self._aggregate(node)
        if isinstance(node, exp.Query):
            raise Unsupported(
                "a subquery beside the aggregates of one unit is not answered",
                hint="put it into a subquery of its own in FROM, or inside an aggregate",
            )
        if node.find(exp.AggFunc) is not None or isinstance(node, exp.Literal | exp.Null | exp.Boolean):
            return None
        if isinstance(node, exp.Column | exp.Func | exp.Cast | exp.Case | exp.Binary | exp.Paren):
            return self._key(node)
        return None

    def _key(self, node: exp.Expression) -> Expr | None:
        expression = self.plain(node)
        if _is_unit(expression) and isinstance(expression, ColumnRef):
            return ColumnRef(self.id, "_unit", expression.type, nullable=False, column=expression.column)
        if expression in self.keys:
            return self.key_column(self.keys.index(expression))
        if isinstance(node, exp.Column):
            raise RowsAsked(
                f"{node.name} is neither grouped nor aggregated in the subquery", hint="add it to GROUP BY"
            )
        return None

    def key_column(self, index: int) -> ColumnRef:
        """Return the column that holds a key."""
        key = self.keys[index]
        column = key.column if isinstance(key, ColumnRef) else None
        per_unit = key.per_unit if isinstance(key, ColumnRef) else None
        facts = (key.type, key.range, key.reach, key.nullable, column, per_unit, text_length(key))
        constants = key.constants if isinstance(key, ColumnRef) else None
        return ColumnRef(self.id, f"k{index}", *facts, constants)

    def _aggregate(self, node: exp.Expression) -> Expr:
        aggregate, range_ = unit_aggregate(node, self.plain, self.rows)
        if aggregate not in self.aggregates:
            self.aggregates.append(aggregate)
        index = self.aggregates.index(aggregate)
        reach = aggregate_reach(aggregate)
        nullable = aggregate.kind not in {"count", "count_distinct"}
        total = unit_total(aggregate.arg) if aggregate.arg is not None and aggregate.kind != "mean" else None
        return ColumnRef(self.id, f"a{index}", aggregate.type, range_, reach, nullable, per_unit=total)


def aggregate_reach(aggregate: Aggregate) -> Range:
    """Return what an exact aggregate over rows of one unit surely lies in."""
    if aggregate.kind in {"count", "count_distinct"}:
        return Range(Fraction(0), Fraction(MOST_ROWS))
    if aggregate.arg is None:
        return Range()
    inner = typed.tighten(aggregate.arg).reach
    if aggregate.kind in {"sum", "mean"}:  # AVG divides an exact sum
        total = ranges.multiply(inner, Range(Fraction(0), Fraction(MOST_ROWS)))
        checked = ranges.check_reach(ranges.union([total, ranges.negate(total)]), aggregate.arg.type)
        return checked if aggregate.kind == "sum" else inner
    return aggregate.arg.reach  # the least or greatest stored value: nothing clamped it yet


_UNIT_KINDS = frozenset({"count", "count_distinct", "sum", "mean", "min", "max"})


def unit_aggregate(node: exp.Expression, translate: Translator, rows: Rows) -> tuple[Aggregate, Range]:
    """Return an exact aggregate of one unit and the range its result is declared to lie in."""
    written = read_aggregate(node, translate)
    kind, arg, where = written.kind, written.arg, written.where
    place = place_of(node, translate.text)
    if kind not in _UNIT_KINDS:
        raise Unsupported(
            f"{kind.upper()} within one unit is not answered",
            hint="inside a subquery: COUNT, COUNT(DISTINCT x), SUM, AVG, MIN, MAX",
            place=place,
        )
    if arg is None:
        if kind != "count":
            raise Unsupported("only COUNT takes *", hint="name a column", place=place)
        return Aggregate("count", None, where, INTEGER), total_range(rows, None)
    if kind in {"count", "count_distinct"}:
        return Aggregate(kind, arg, where, INTEGER), total_range(rows, None)
    typed.require(arg, typed.NUMERIC, kind.upper())
    if kind in {"sum", "mean"} and arg.type.kind is Kind.REAL:  # its value would depend on the order of rows
        raise Unsupported(
            f"{'SUM' if kind == 'sum' else 'AVG'} of a double inside a subquery is not answered",
            hint="ROUND(x, 2) it first",
            place=place,
        )
    if kind == "mean":
        return Aggregate("mean", arg, where, REAL), arg.range
    return Aggregate(kind, arg, where, Type(arg.type.kind, arg.type.step)), (
        total_range(rows, arg) if kind == "sum" else arg.range
    )


def _group_keys(node: exp.Expression, items: list[exp.Expression], translate: Translator) -> list[Expr]:
    group, distinct = node.args.get("group"), node.args.get("distinct")
    if distinct is not None:
        only(distinct)
    if group is not None and distinct is not None:
        raise Unsupported("DISTINCT together with GROUP BY is not answered", hint="leave one of them out")
    if group is not None:
        return [expression for _, expression in group_items(group, items, translate)]
    return [translate(unaliased(i)) for i in items] if distinct is not None else []


def _called(expression: Expr, name: str, source: str) -> Expr:
    """Return an aggregate of a unit with the asker's name for it, which notes use."""
    if isinstance(expression, ColumnRef) and expression.source == source and expression.column is None:
        return replace(expression, shown=name)
    return expression


def _per_unit(node: exp.Expression, scope: Scope, rows: Rows, context: Context) -> Part:
    translate = Translator(scope, context.text)
    keys = _group_keys(node, node.expressions, translate)
    units = [k for k in keys if _is_unit(k)]
    if not units or any(k.nullable for k in units):
        raise UnitLost(
            "a subquery that aggregates must group by the unit key",
            hint="add the unit key to its GROUP BY (after a LEFT JOIN the left table's), or ask the aggregate directly",
            place=place_of(node, context.text),
        )
    if len(keys) > MOST_TERMS + len(units):
        raise Unsupported(
            f"a subquery groups by more than {MOST_TERMS} columns beside the unit",
            hint="group by fewer columns",
        )
    group = UnitGroup(rows, context.fresh(), keys, translate)
    grouped = Translator(scope, context.text, group.hook)
    items = [
        (_name_of(i, n), grouped(i.this if isinstance(i, exp.Alias) else i))
        for n, i in enumerate(node.expressions, 1)
    ]
    having = node.args.get("having")
    kept = grouped(having.this) if having is not None else None
    named = tuple(Named(f"k{i}", k) for i, k in enumerate(group.keys))
    aggregates = tuple((f"a{i}", a) for i, a in enumerate(group.aggregates))
    source = PerUnit(group.id, rows, named, aggregates, kept)
    columns = {name: _called(e, name, group.id) for name, e in columns_once(items).items()}
    return Part(source, [], [], columns, all(isinstance(e, ColumnRef) for e in columns.values()))
