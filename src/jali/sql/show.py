"""Prints expressions and relations as stable text: for `jali explain`, for fingerprints and for case tests."""

from fractions import Fraction

from jali.model.types import Kind
from jali.sql.tree import Aggregate, Call, ColumnRef, Expr, Literal, PerUnit, Rows, Source

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
    shown = [*args, *(_parameter(p) for p in node.parameters)]
    return f"{node.function}({', '.join(shown)})"


def _parameter(value: object) -> str:
    return number(value) if isinstance(value, Fraction) else "'" + str(value).replace("'", "''") + "'"


def aggregate(node: Aggregate) -> str:
    """Return an aggregate as text."""
    inside = "*" if node.arg is None else expression(node.arg)
    where = f" FILTER ({expression(node.where)})" if node.where is not None else ""
    return f"{node.kind}({inside}){where}"


def source(node: Source) -> str:
    """Return a source as text on one line."""
    if isinstance(node, PerUnit):
        keys = ", ".join(expression(k.expression) for k in node.keys)
        measured = ", ".join(f"{name} = {aggregate(a)}" for name, a in node.aggregates)
        having = f" having {expression(node.having)}" if node.having is not None else ""
        return f"{node.id} = per unit [{keys}] {measured}{having} of ({'; '.join(relation(node.rows))})"
    return f"{node.id} = {node.table.name}" + (" (public)" if node.table.is_public else "")


def relation(rows: Rows) -> list[str]:
    """Return joined, filtered rows as text, one line per source and condition."""
    lines = [source(rows.first)]
    for join in rows.joins:
        on = " and ".join(expression(c) for c in join.on)
        lines.append(f"{join.kind} join {source(join.right)} on {on}")
    lines += [f"where {expression(c)}" for c in rows.where]
    return lines
