"""GROUP BY: positions and aliases are resolved to expressions; an input column wins over an alias of the same name.

ROLLUP, CUBE and GROUPING SETS become the list of the sets of keys that are answered; ALL, the items themselves.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from sqlglot import exp

from jali.model.codes import NotSql, TooLarge, Unsupported
from jali.sql.aggregates import reads_released
from jali.sql.expressions import Translator
from jali.sql.scope import only, place_of
from jali.sql.tree import Expr

MOST_SETS = 256
"""Most sets of keys of one question: CUBE over 8 keys."""

Nodes = list[exp.Expression]


def group_items(group: exp.Expression, items: Nodes, translate: Translator) -> Iterator[tuple[str, Expr]]:
    """Yield name and expression of every GROUP BY item.

    Raises:
        Unsupported: for grouping sets and positions that do not exist.
    """
    nodes = all_keys(group, items) if group.args.get("all") else group.expressions
    only(group, "expressions", "all")
    yield from keys_of(nodes, items, translate)


def all_keys(group: exp.Expression, items: Nodes) -> Nodes:
    """Return what GROUP BY ALL names: every item of SELECT that holds no aggregate, window or constant.

    Raises:
        Unsupported: where it names more beside ALL.
    """
    if group.expressions:
        raise Unsupported("GROUP BY ALL takes no more keys", hint="write GROUP BY ALL, or name the keys")
    return [
        item
        for item in items
        if not isinstance(unaliased(item), exp.Literal | exp.Star) and not reads_released(item)
    ]


def keys_of(nodes: Nodes, items: Nodes, translate: Translator) -> Iterator[tuple[str, Expr]]:
    """Yield name and expression of some items of GROUP BY."""
    for node in nodes:
        target, name = _target(node, items, translate)
        yield name, translate(target)


def grouping_sets(group: exp.Expression, items: Nodes) -> tuple[Nodes, ...]:
    """Return the sets of items that a GROUP BY asks for, each written out; a plain one gives a single set.

    Several ROLLUP, CUBE and GROUPING SETS side by side, and beside plain items, multiply, as SQL has it.

    Raises:
        NotSql: if it names nothing.
        TooLarge: for more than 256 sets.
    """
    only(group, "expressions", "all")
    if group.args.get("all"):
        return (all_keys(group, items),)
    if not group.expressions:
        raise NotSql("GROUP BY names no key", hint="name the keys, or leave GROUP BY out")
    factors = [_sets(node) for node in group.expressions]
    size = 1
    for factor in factors:
        size *= len(factor)
    if size > MOST_SETS:
        raise TooLarge(f"GROUP BY asks for more than {MOST_SETS} sets of keys", hint="name the sets you need")
    return tuple([node for part in choice for node in part] for choice in product(*factors))


def _sets(node: exp.Expression) -> Sequence[Nodes]:
    if not isinstance(node, exp.Rollup | exp.Cube | exp.GroupingSets):
        return [[node]]
    only(node, "expressions")
    if not node.expressions:
        raise Unsupported("WITH ROLLUP is not answered", hint="write GROUP BY ROLLUP (a, b)")
    if isinstance(node, exp.GroupingSets):
        found = [one for part in node.expressions for one in _sets_of_part(part)]
    else:
        parts = [_listed(part) for part in node.expressions]
        found = [[n for part in kept for n in part] for kept in _kept(node, parts)]
    if len(found) > MOST_SETS:
        raise TooLarge(f"GROUP BY asks for more than {MOST_SETS} sets of keys", hint="name the sets you need")
    return found


def _sets_of_part(part: exp.Expression) -> Sequence[Nodes]:
    return _sets(part) if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets) else [_listed(part)]


def _kept(node: exp.Expression, parts: list[Nodes]) -> Sequence[Sequence[Nodes]]:
    """Return which parts each set of ROLLUP or CUBE keeps, the finest first."""
    sizes = range(len(parts), -1, -1)
    if isinstance(node, exp.Rollup):
        return [parts[:size] for size in sizes]
    if len(parts) > MOST_SETS.bit_length() - 1:
        raise TooLarge("CUBE over more than 8 keys is not answered", hint="name the sets you need")
    return [kept for size in sizes for kept in combinations(parts, size)]


def _listed(node: exp.Expression) -> Nodes:
    """Return the items of (a, b) in brackets, or the one item."""
    if isinstance(node, exp.Tuple):
        return list(node.expressions)
    return [node.this if isinstance(node, exp.Paren) else node]


def _target(node: exp.Expression, items: Nodes, translate: Translator) -> tuple[exp.Expression, str]:
    if isinstance(node, exp.Literal) and not node.args.get("is_string"):
        position = int(str(node.this)) if str(node.this).isdigit() else 0
        if not 1 <= position <= len(items):
            raise Unsupported(
                "GROUP BY names a position that does not exist",
                hint="count SELECT items from 1",
                place=place_of(node, translate.text),
            )
        node = items[position - 1]
        return unaliased(node), node.alias_or_name or "key"
    if isinstance(node, exp.Alias):
        return node.this, node.alias
    if isinstance(node, exp.Column) and not node.table and not _is_input(node.name, translate):
        for item in items:
            if isinstance(item, exp.Alias) and item.alias.lower() == node.name.lower():
                return item.this, item.alias
    return node, node.alias_or_name or "key"


def _is_input(name: str, translate: Translator) -> bool:
    return any(name.lower() in columns for columns in translate.scope.relations.values())


def unaliased(item: exp.Expression) -> exp.Expression:
    """Return a SELECT item without its alias."""
    return item.this if isinstance(item, exp.Alias) else item
