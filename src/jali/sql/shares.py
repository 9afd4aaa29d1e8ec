"""A total of the same rows beside other aggregates: `COUNT(*) * 1.0 / (SELECT COUNT(*) FROM t) FROM t WHERE c`.

Where neither SELECT groups and both read the same FROM, they are one question about the rows of FROM: each aggregate
takes part of them, by FILTER. So both are measured together, with bounds and a price of their own, and nothing that is
not released is compared with anything. What has another form stays as it is and is refused where it stands.
"""

from sqlglot import exp

from jali.sql.aggregates import holds_aggregate, is_aggregate
from jali.sql.lookups import scalars_in

_BESIDE = ("group", "qualify", "distinct", "windows", "with_", "limit", "offset")
_WITHIN = (*_BESIDE, "having", "order")


def one_question(select: exp.Select) -> exp.Select:
    """Return a SELECT whose totals of the same rows are aggregates of its own; the same one where it has none."""
    totals = _totals(select)
    has_others = any(
        holds_aggregate(item) for item in select.expressions
    )  # else it would show a row for each row
    is_plain = not any(select.args.get(c) for c in _BESIDE) and select.find(exp.Window) is None
    if not (totals and has_others and is_plain and all(_is_total(node.this, select) for node in totals)):
        return select
    wheres = [one.args.get("where") for one in (select, *(node.this for node in totals))]
    is_same = len({_text(where) for where in wheres}) == 1
    if not is_same and any(w.find(exp.Query) is not None for w in wheres if isinstance(w, exp.Expression)):
        return select
    return _merged(select.copy(), is_same=is_same)


def _totals(select: exp.Select) -> list[exp.Subquery]:
    return [node for item in select.expressions for node in scalars_in(item)]


def _merged(select: exp.Select, *, is_same: bool) -> exp.Select:
    """Put the totals in place of their subqueries; with other conditions each aggregate gets its own as FILTER."""
    totals = _totals(select)
    if not is_same:
        where = select.args.get("where")
        for around in (select.args.get("having"), select.args.get("order"), *select.expressions):
            _filter(around, where)
        select.set("where", None)
    for node in totals:
        inner = exp.Paren(this=_plain(node.this.expressions[0]).copy())
        if not is_same:
            _filter(inner, node.this.args.get("where"))
        node.replace(inner)
    return select


def _is_total(inner: exp.Expression, around: exp.Select) -> bool:
    """Return whether a subquery is one aggregate over the rows of the same FROM."""
    return (
        isinstance(inner, exp.Select)
        and not any(inner.args.get(clause) for clause in _WITHIN)
        and len(inner.expressions) == 1
        and holds_aggregate(inner.expressions[0])
        and inner.expressions[0].find(exp.Query) is None
        and all(_text(inner.args.get(part)) == _text(around.args.get(part)) for part in ("from_", "joins"))
    )


def _text(part: object) -> str:
    if isinstance(part, list):
        return " ".join(_text(one) for one in part)
    return part.sql() if isinstance(part, exp.Expression) else ""


def _plain(item: exp.Expression) -> exp.Expression:
    return item.this if isinstance(item, exp.Alias) else item


def _filter(around: exp.Expression | None, where: exp.Expression | None) -> None:
    """Let every aggregate of an expression, those of subqueries left out, take part of the rows only."""
    if around is None or where is None:
        return
    stop = (exp.Query, exp.Filter, exp.AggFunc, exp.WithinGroup)
    for node in list(around.walk(prune=lambda one: isinstance(one, stop))):
        if not isinstance(node, exp.Expression) or isinstance(node, exp.Query) or not is_aggregate(node):
            continue
        condition = where.this.copy()
        if isinstance(node, exp.Filter):
            node.expression.set("this", exp.and_(condition, node.expression.this.copy()))
        else:
            node.replace(exp.Filter(this=node.copy(), expression=exp.Where(this=condition)))
