"""GROUP BY: positions and aliases are resolved to expressions; an input column wins over an alias of the same name."""

from collections.abc import Iterator

from sqlglot import exp

from jali.model.codes import NotSql, Unsupported
from jali.sql.expressions import Translator
from jali.sql.scope import only, place_of
from jali.sql.tree import Expr


def group_items(
    group: exp.Expression, items: list[exp.Expression], translate: Translator
) -> Iterator[tuple[str, Expr]]:
    """Yield name and expression of every GROUP BY item.

    Raises:
        Unsupported: for GROUP BY ALL, grouping sets and positions that do not exist.
    """
    only(group, "expressions")
    if not group.expressions:
        raise NotSql("GROUP BY names no key", hint="name the keys, or leave GROUP BY out")
    for node in group.expressions:
        if isinstance(node, exp.Column) and node.name.upper() == "ALL" and not node.table:
            raise Unsupported("GROUP BY ALL is not answered", hint="name the keys")
        target, name = _target(node, items, translate)
        yield name, translate(target)


def _target(
    node: exp.Expression, items: list[exp.Expression], translate: Translator
) -> tuple[exp.Expression, str]:
    if isinstance(node, exp.Literal) and not node.args.get("is_string"):
        position = int(str(node.this)) if str(node.this).isdigit() else 0
        if not 1 <= position <= len(items):
            raise Unsupported(
                "GROUP BY names a position that does not exist",
                hint="count SELECT items from 1",
                place=place_of(node, translate.text),
            )
        item = items[position - 1]
        return unaliased(item), item.alias_or_name or "key"
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
