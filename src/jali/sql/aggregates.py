"""Aggregate functions as written to `Aggregate`: which exist, what they take, what they are called in the tree."""

from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp

from jali.model.codes import FunctionNotAllowed, Unsupported
from jali.model.types import Kind
from jali.sql import functions, typed
from jali.sql.expressions import Translator
from jali.sql.scope import only, place_of, written_name
from jali.sql.tree import Expr

SPREADS = frozenset({"var_pop", "var_samp", "stddev_pop", "stddev_samp"})
"""Kinds computed from a count, a sum and a sum of squares."""

PAIRS = frozenset({"covar_pop", "covar_samp", "corr", "regr_slope"})
"""Kinds computed from the moments of two expressions."""

QUANTILES = frozenset({"quantile_cont", "quantile_disc", "min", "max"})
"""Kinds computed from a histogram."""

ANSWERED = (
    "COUNT, COUNT_IF, SUM, AVG, MIN, MAX, MEDIAN, QUANTILE_CONT, VAR_POP, STDDEV, COVAR_POP, CORR, REGR_SLOPE"
)

_PLAIN: dict[type[exp.Expression], str] = {
    exp.Count: "count",
    exp.Sum: "sum",
    exp.Avg: "mean",
    exp.Min: "min",
    exp.Max: "max",
    exp.Variance: "var_samp",
    exp.VariancePop: "var_pop",
    exp.Stddev: "stddev_samp",
    exp.StddevSamp: "stddev_samp",
    exp.StddevPop: "stddev_pop",
}
_PAIRED: dict[type[exp.Expression], str] = {
    exp.CovarPop: "covar_pop",
    exp.CovarSamp: "covar_samp",
    exp.Corr: "corr",
    exp.RegrSlope: "regr_slope",
}
_RANKED: dict[type[exp.Expression], str] = {
    exp.PercentileCont: "quantile_cont",
    exp.PercentileDisc: "quantile_disc",
    exp.Quantile: "quantile_disc",
    exp.Median: "quantile_cont",
}
_POSTGRES_NAMES = {"quantile_cont": "quantile_cont", "quantile_disc": "quantile_disc"}
"""Functions of DuckDB that sqlglot's Postgres dialect does not know by name."""


INTERVALS = {"dp_interval_low": "#low", "dp_interval_high": "#high", "noise_sd": "#sd"}
"""Functions of a released aggregate -> source of what they give."""


@dataclass(frozen=True, slots=True)
class Written:
    """An aggregate as it is written.

    Attributes:
        kind: name in the tree.
        arg: None for COUNT(*).
        where: its FILTER.
        second: the second argument of COVAR, CORR and REGR_SLOPE.
        rank: of a quantile, in [0, 1].
    """

    kind: str
    arg: Expr | None
    where: Expr | None
    second: Expr | None = None
    rank: Fraction | None = None


def is_aggregate(node: exp.Expression) -> bool:
    """Return whether a node is an aggregate with its FILTER or WITHIN GROUP around it."""
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower() in _POSTGRES_NAMES
    return isinstance(node, exp.Filter | exp.AggFunc | exp.WithinGroup)


def own_aggregates(node: exp.Expression) -> int:
    """Return how many aggregates an expression holds, those of subqueries in it left out."""
    within = node.walk(prune=lambda one: isinstance(one, exp.Query))
    return sum(isinstance(one, exp.AggFunc) for one in within)


def holds_aggregate(node: exp.Expression) -> bool:
    """Return whether an expression holds an aggregate of its own SELECT."""
    return own_aggregates(node) > 0


def reads_released(node: exp.Expression) -> bool:
    """Return whether an expression holds an aggregate, an interval function or what is answered nowhere in a key."""
    return any(is_released(one) for one in node.walk())


def is_released(node: exp.Expr) -> bool:
    """Return whether a node by itself is an aggregate, an interval function or answered nowhere in a key."""
    if isinstance(node, exp.Anonymous):
        return is_aggregate(node) or str(node.this).lower() in INTERVALS
    return isinstance(node, exp.AggFunc | exp.Window | exp.Query)


def read_aggregate(node: exp.Expression, translate: Translator) -> Written:
    """Return what an aggregate node asks for.

    Raises:
        Unsupported: for aggregates and modifiers that are not answered.
    """
    where: Expr | None = None
    if isinstance(node, exp.Filter):
        only(node, "this", "expression")
        where = translate(node.expression.this)
        typed.require(where, frozenset({Kind.BOOLEAN}), "FILTER")
        node = node.this
    if isinstance(node, exp.Anonymous) and not is_aggregate(node):
        raise FunctionNotAllowed(
            f"the function {str(node.this)[:40]} is not on the list", hint=f"answered: {ANSWERED}"
        )
    if isinstance(node, exp.CountIf):
        return _count_if(node, where, translate)
    if isinstance(node, exp.WithinGroup) or type(node) in _RANKED or isinstance(node, exp.Anonymous):
        return _ranked(node, where, translate)
    if (kind := _PAIRED.get(type(node))) is not None:
        only(node, "this", "expression")
        return Written(kind, translate(node.this), where, translate(node.expression))
    kind = _PLAIN.get(type(node))
    if kind is None:
        name = written_name(node, translate.text)
        place = place_of(node, translate.text)
        raise Unsupported(f"{name} is not answered", hint=f"answered: {ANSWERED}", place=place)
    return _plain(node, kind, where, translate)


def _count_if(node: exp.Expression, where: Expr | None, translate: Translator) -> Written:
    """Return COUNT_IF(c) as COUNT(*) FILTER (WHERE c)."""
    only(node, "this")
    if isinstance(node.this, exp.Distinct):
        raise Unsupported("COUNT_IF takes no DISTINCT", hint="write COUNT(DISTINCT x) FILTER (WHERE ...)")
    counted = translate(node.this)
    typed.require(counted, frozenset({Kind.BOOLEAN}), "COUNT_IF")
    return Written("count", None, counted if where is None else typed.boolean("and", (where, counted)))


def _plain(node: exp.Expression, kind: str, where: Expr | None, translate: Translator) -> Written:
    only(node, "this", "big_int")
    argument = node.this
    if isinstance(argument, exp.Star):
        only(argument)
        return Written(kind, None, where)
    if isinstance(argument, exp.Distinct):
        only(argument, "expressions")
        if kind != "count" or len(argument.expressions) != 1:
            raise Unsupported(
                "DISTINCT is answered in COUNT(DISTINCT x) of one column", hint="count one column"
            )
        return _distinct(argument.expressions[0], where, translate)
    value = translate(argument)
    is_truth = kind == "sum" and value.type.kind is Kind.BOOLEAN
    return Written(kind, functions.to_whole(value) if is_truth else value, where)


def _distinct(node: exp.Expression, where: Expr | None, translate: Translator) -> Written:
    """Return COUNT(DISTINCT x); of CASE WHEN c THEN unit END it is COUNT(DISTINCT unit) FILTER (WHERE c)."""
    branches = node.args["ifs"] if isinstance(node, exp.Case) and node.args.get("this") is None else [node]
    default = node.args.get("default" if isinstance(node, exp.Case) else "false")
    if len(branches) == 1 and isinstance(branches[0], exp.If) and isinstance(default, exp.Null | None):
        value = translate(branches[0].args["true"])
        if value.type.kind in {Kind.UNIT, Kind.IDENTIFIER}:
            counted = translate(branches[0].this)
            typed.require(counted, frozenset({Kind.BOOLEAN}), "WHEN")
            both = counted if where is None else typed.boolean("and", (where, counted))
            return Written("count_distinct", value, both)
    return Written("count_distinct", translate(node), where)


def _ranked(node: exp.Expression, where: Expr | None, translate: Translator) -> Written:
    """Return MEDIAN(x), QUANTILE_CONT(x, q), QUANTILE_DISC(x, q) or PERCENTILE_...(q) WITHIN GROUP (ORDER BY x)."""
    if isinstance(node, exp.Median):
        only(node, "this")
        return Written("quantile_cont", translate(node.this), where, rank=Fraction(1, 2))
    if isinstance(node, exp.WithinGroup):
        return _within_group(node, where, translate)
    if isinstance(node, exp.Anonymous):
        kind, arguments = _POSTGRES_NAMES[str(node.this).lower()], node.expressions
    else:
        only(node, "this", "expression", "quantile")
        kind = _RANKED[type(node)]
        rank = node.args.get("expression") or node.args.get("quantile")
        arguments = [a for a in (node.this, rank) if isinstance(a, exp.Expression)]
    if len(arguments) != 2:  # noqa: PLR2004  # a value and a rank
        raise _rank_error(node, translate)
    return Written(
        kind, translate(arguments[0]), where, rank=_rank(arguments[1], node, translate, descending=False)
    )


def _within_group(node: exp.Expression, where: Expr | None, translate: Translator) -> Written:
    only(node, "this", "expression")
    kind, order = _RANKED.get(type(node.this)), node.expression
    terms = order.expressions if isinstance(order, exp.Order) else []
    if kind is None or len(terms) != 1 or node.this.args.get("expression") is not None:
        raise _rank_error(node, translate)
    descending = bool(terms[0].args.get("desc")) if isinstance(terms[0], exp.Ordered) else False
    value = terms[0].this if isinstance(terms[0], exp.Ordered) else terms[0]
    rank = _rank(node.this.this, node, translate, descending=descending)
    return Written(kind, translate(value), where, rank=rank)


def _rank(
    node: exp.Expression, around: exp.Expression, translate: Translator, *, descending: bool
) -> Fraction:
    if not (isinstance(node, exp.Literal) and not node.args.get("is_string")):
        raise _rank_error(around, translate)
    try:
        rank = Fraction(str(node.this))
    except ValueError:
        raise _rank_error(around, translate) from None
    if not 0 <= rank <= 1:
        raise _rank_error(around, translate)
    return 1 - rank if descending else rank


def _rank_error(node: exp.Expression, translate: Translator) -> Unsupported:
    return Unsupported(
        "a quantile takes one value and one constant rank between 0 and 1",
        hint="write QUANTILE_CONT(x, 0.9) or PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY x)",
        place=place_of(node, translate.text),
    )
