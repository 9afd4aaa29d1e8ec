"""Prints expressions and relations as stable text: for `jali explain`, for fingerprints and for case tests."""

import re
from fractions import Fraction

from jali.model.types import Kind
from jali.sql.tree import (
    Aggregate,
    Call,
    ColumnRef,
    Expr,
    Literal,
    Order,
    PerUnit,
    ReleasedWindow,
    Rows,
    Scan,
    Source,
    Union,
    Window,
    Windowed,
    columns_of,
)

_INFIX = {
    "eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "add": "+", "sub": "-", "mul": "*",
    "real_add": "+", "real_sub": "-", "real_mul": "*", "divide": "/", "int_div": "//", "mod": "%",
    "and": "AND", "or": "OR",
}  # fmt: skip


def number(value: Fraction) -> str:
    """Return an exact number in decimal form where it has one.

    Example:
        >>> number(Fraction(5, 4)), number(Fraction(1, 3))
        ('1.25', '1/3')
    """
    if value.denominator == 1:
        return str(value.numerator)
    for places in range(1, 19):
        if (value * 10**places).denominator == 1:
            digits = str(abs((value * 10**places).numerator)).rjust(places + 1, "0")
            return ("-" if value < 0 else "") + f"{digits[:-places]}.{digits[-places:]}"
    return f"{value.numerator}/{value.denominator}"


def expression(node: Expr) -> str:
    """Return an expression as text.

    Example:
        >>> from jali.sql.typed import arithmetic, number as n
        >>> expression(arithmetic("add", n(Fraction(1)), n(Fraction(5, 2))))
        '(1 + 2.5)'
    """
    match node:
        case ColumnRef():
            return f"{node.source}.{node.name}"
        case Literal():
            return _literal(node)
        case Call():
            return _call(node)


def _literal(node: Literal) -> str:
    if node.value is None:
        return "NULL"
    if isinstance(node.value, Fraction):
        return number(node.value)
    if isinstance(node.value, bool):
        return "TRUE" if node.value else "FALSE"
    prefix = {Kind.DATE: "DATE ", Kind.TIMESTAMP: "TIMESTAMP "}.get(node.type.kind, "")
    return prefix + "'" + node.value.replace("'", "''") + "'"


def _call(node: Call) -> str:
    args = [expression(a) for a in node.args]
    if node.function in {"rescale", "to_real"}:
        return args[0]
    if node.function in _INFIX:
        return "(" + f" {_INFIX[node.function]} ".join(args) + ")"
    if node.function == "clamp":
        low, high = (number(p) if isinstance(p, Fraction) else "-" for p in node.parameters)
        return f"clamp({args[0]}, {low}, {high})"
    shown = [*args, *(number(p) if isinstance(p, Fraction) else _parameter(p) for p in node.parameters)]
    return f"{node.function}({', '.join(shown)})"


def _parameter(value: object) -> str:
    shown = number(value) if isinstance(value, Fraction) else str(value)
    return "'" + shown.replace("'", "''") + "'"


def aggregate(node: Aggregate) -> str:
    """Return an aggregate as text."""
    inside = ", ".join(expression(e) for e in node.arguments) or "*"
    inside += f", {number(node.rank)}" if node.rank is not None else ""
    where = f" FILTER ({expression(node.where)})" if node.where is not None else ""
    return f"{node.kind}({inside}){where}"


def released_window(node: ReleasedWindow) -> str:
    """Return a window over released values as text."""
    parts = [f"partition by {', '.join(expression(e) for e in node.partition)}"] if node.partition else []
    if node.order:
        parts.append(f"order by {', '.join(order(o) for o in node.order)}")
    if (
        node.frame.unit == "rows"
        or node.frame.start is not None
        or bool(node.order) is (node.frame.end is None)
    ):
        ends = (_end(node.frame.start, "preceding"), _end(node.frame.end, "following"))
        parts.append(f"{node.frame.unit} between {ends[0]} and {ends[1]}")
    return f"{node.function}({', '.join(expression(a) for a in node.args)}) over ({' '.join(parts)})"


def order(node: Order) -> str:
    """Return an ORDER BY term as text."""
    return expression(node.expression) + (" desc" if node.descending else "")


def _end(distance: int | None, side: str) -> str:
    if distance is None:
        return f"unbounded {side}"
    return (
        "current row" if distance == 0 else f"{abs(distance)} {'preceding' if distance < 0 else 'following'}"
    )


def source(node: Source) -> str:
    """Return a source as text on one line."""
    if isinstance(node, PerUnit):
        keys = ", ".join(expression(k.expression) for k in node.keys)
        measured = ", ".join(f"{name} = {aggregate(a)}" for name, a in node.aggregates)
        having = f" having {expression(node.having)}" if node.having is not None else ""
        return f"{node.id} = per unit [{keys}] {measured}{having} of ({'; '.join(relation(node.rows))})"
    if isinstance(node, Union):
        branches = [
            f"({'; '.join(relation(b.rows))}: {', '.join(map(expression, b.columns))})" for b in node.branches
        ]
        return f"{node.id} = union all [{', '.join(node.names)}] of {' and '.join(branches)}"
    if isinstance(node, Windowed):
        computed = [
            *(expression(c.expression) for c in node.columns),
            *(f"{n} = {window(w)}" for n, w in node.windows),
        ]
        return f"{node.id} = windows [{', '.join(computed)}] of ({'; '.join(relation(node.rows))})"
    return f"{node.id} = {node.table.name}" + (" (public)" if node.table.is_public else "")


def window(node: Window) -> str:
    """Return a window function as text; the unit stands first in every partition."""
    inner = [expression(node.arg)] if node.arg is not None else []
    inner += [str(node.offset)] if node.offset else []
    partition = ", ".join(["unit", *(expression(p) for p in node.partition)])
    terms = ", ".join(expression(o.expression) + " desc" * o.descending for o in node.order)
    frame = " rows" if node.is_by_row else ""
    return f"{node.function}({', '.join(inner)}) over ({partition}{' order by ' + terms if terms else ''}{frame})"


def relation(rows: Rows) -> list[str]:
    """Return joined, filtered rows as text, one line per source and condition."""
    lines = [source(rows.first)]
    for join in rows.joins:
        on = " and ".join(expression(c) for c in join.on)
        lines.append(f"{join.kind} join {source(join.right)} on {on}")
    lines += [f"where {expression(c)}" for c in rows.where]
    lines += [
        f"{s.kind.replace('_', ' ')} join ({'; '.join(relation(s.rows))}) on {' and '.join(map(expression, s.on))}"
        for s in rows.semis
    ]
    return lines


def canonical(node: Expr) -> str:
    """Return a complete text of an expression: equal texts have equal meaning, types and grids included.

    `expression` is for people and leaves out what they do not write, such as the decimals a ROUND keeps.

    Example:
        >>> from jali.sql.typed import compare, number as n
        >>> canonical(compare("lt", n(Fraction(1)), n(Fraction(5, 2))))
        "(lt:BOOLEAN '1':NUMBER/1/10 '2.5':NUMBER/1/10)"
    """
    kind = node.type.kind.value if node.type.step == 1 else f"{node.type.kind.value}/{node.type.step}"
    match node:
        case ColumnRef():
            return f"{node.source}.{_parameter(node.name)}:{kind}"
        case Literal():
            value = number(node.value) if isinstance(node.value, Fraction) else node.value
            return f"{'NULL' if value is None else _parameter(value)}:{kind}"
        case Call():
            parts = [*(canonical(a) for a in node.args), *(_parameter(p) for p in node.parameters)]
            return f"({node.function}:{kind} {' '.join(parts)})"


def canonical_aggregate(node: Aggregate) -> str:
    """Return a complete text of an aggregate."""
    inside = " ".join(canonical(e) for e in node.arguments) or "*"
    rank = f" rank {node.rank}" if node.rank is not None else ""
    return f"{node.kind}[{inside}{rank}][{canonical(node.where) if node.where is not None else ''}]"


def canonical_rows(rows: Rows) -> str:
    """Return a complete text of joined, filtered rows."""
    joins = [
        f"{j.kind} {_canonical_source(j.right)} on {' '.join(canonical(c) for c in j.on)}" for j in rows.joins
    ]
    where = [canonical(c) for c in rows.where]
    semis = [
        f" | {s.kind} {canonical_rows(s.rows)} on {' '.join(canonical(c) for c in s.on)}" for s in rows.semis
    ]
    return f"[{_canonical_source(rows.first)} | {' | '.join(joins)} | {' '.join(where)}{''.join(semis)}]"


def _canonical_source(node: Source) -> str:
    if isinstance(node, Scan):
        return f"{node.id}={_parameter(node.table.name)}"
    if isinstance(node, Union):
        branches = [f"{canonical_rows(b.rows)} {' '.join(map(canonical, b.columns))}" for b in node.branches]
        return f"{node.id}=union({' '.join(map(_parameter, node.names))} | {' | '.join(branches)})"
    if isinstance(node, Windowed):
        passed = " ".join(f"{_parameter(c.name)}={canonical(c.expression)}" for c in node.columns)
        windows = " ".join(f"{name}={_canonical_window(w)}" for name, w in node.windows)
        return f"{node.id}=windows({canonical_rows(node.rows)} | {passed} | {windows})"
    keys = " ".join(f"{k.name}={canonical(k.expression)}" for k in node.keys)
    values = " ".join(f"{name}={canonical_aggregate(a)}" for name, a in node.aggregates)
    having = canonical(node.having) if node.having is not None else ""
    return f"{node.id}=per unit({canonical_rows(node.rows)} {keys} | {values} | {having})"


def _canonical_window(node: Window) -> str:
    order = [f"{canonical(o.expression)} {o.descending} {o.nulls_first}" for o in node.order]
    parts = [
        canonical(node.arg) if node.arg is not None else "",
        " ".join(canonical(p) for p in node.partition),
        ", ".join(order),
        f"{node.is_by_row} {node.offset}",
    ]
    return f"{node.function}[{' | '.join(parts)}]"


_NAMES = {
    "count": "COUNT",
    "count_units": "COUNT(DISTINCT",
    "count_distinct": "COUNT(DISTINCT",
    "sum": "SUM",
    "mean": "AVG",
    "quantile_cont": "QUANTILE_CONT",
    "quantile_disc": "QUANTILE_DISC",
}


def in_words(aggregate: Aggregate) -> str:
    """Return an aggregate as the asker would write it, without source ids.

    Example:
        >>> from jali.model.types import INTEGER
        >>> in_words(Aggregate("count", None, None, INTEGER))
        'COUNT(*)'
    """
    inside = ", ".join(expression(e) for e in aggregate.arguments) or "*"
    for column in (c for e in aggregate.arguments for c in columns_of(e)):
        if column.shown:
            name = column.shown.replace("\\", "")
            inside = re.sub(rf"\b{column.source}\.{column.name}\b", name, inside)
    return _worded(aggregate, inside)


def in_common_words(aggregate: Aggregate) -> str:
    """Return an aggregate without the names one asker gave: what is kept and shown to others says this."""
    return _worded(aggregate, ", ".join(expression(e) for e in aggregate.arguments) or "*")


def _worded(aggregate: Aggregate, inside: str) -> str:
    inside = re.sub(r"\bt\d+\.", "", inside)
    inside += f", {number(aggregate.rank)}" if aggregate.rank is not None else ""
    name = _NAMES.get(aggregate.kind, aggregate.kind.upper())
    return f"{name} {inside})" if name.endswith("DISTINCT") else f"{name}({inside})"
