"""What may be joined: private sources on the unit, public tables on their whole primary key (SECURITY.md rule 9)."""

from collections.abc import Iterator, Sequence

from jali.model.codes import JoinNotAllowed
from jali.model.types import Kind
from jali.sql.parts import Part
from jali.sql.tree import Call, ColumnRef, Expr, Join, Rows, Scan, Source, is_private


def check_link(right: Source, earlier: Sequence[Source], on: Sequence[Expr]) -> None:
    """Check that a join compares columns of both sides, and units where both are private.

    Raises:
        JoinNotAllowed: naming what is missing.
    """
    equalities = [c for c in on if right.id in {column.source for column in columns_equated(c)}]
    if not equalities:
        raise JoinNotAllowed(
            "a join needs an equality between columns of both sides",
            hint="write JOIN ... ON a.key = b.key or USING (key)",
        )
    private = [s for s in earlier if is_private(s)]
    if is_private(right) and private and not any(links_units(c, right, private) for c in equalities):
        raise JoinNotAllowed(
            "two private tables are joined off the unit path",
            hint="join them on the unit key, or along a foreign key the contract declares",
        )


def columns_equated(condition: Expr) -> tuple[ColumnRef, ColumnRef] | tuple[()]:
    """Return the two columns of a plain equality of columns of two sources; nothing for any other condition."""
    if not (isinstance(condition, Call) and condition.function == "eq"):
        return ()
    a, b = condition.args
    if isinstance(a, ColumnRef) and isinstance(b, ColumnRef) and a.source != b.source:
        return a, b
    return ()


def check_public_keys(rows: Rows, part: Part) -> None:
    """Check that every private row meets at most one row of each public table: each is joined on its whole primary key.

    The keys are followed outwards from the private tables, whatever the order in FROM: a public table is reached once
    every column of its key is compared with a table reached before. Keys are unique, which ingestion checks. Public
    tables alone, as IN and EXISTS may read them, are followed from the first one.

    Raises:
        JoinNotAllowed: naming the key; without it one row could meet every row of the public table.
    """
    reached = {s.id for s in rows.sources if is_private(s)} or {rows.first.id}
    waiting = [s for s in rows.sources if isinstance(s, Scan) and s.table.is_public and s.id not in reached]
    pairs = [pair for join in rows.joins for pair in _constraints(join)]
    while waiting:
        found = next((s for s in waiting if _is_keyed(s, reached, pairs)), None)
        if found is None:
            names = {c.name.lower() for c in waiting[0].table.columns if c.is_primary_key}
            refusal = JoinNotAllowed(
                f"the public table {waiting[0].table.name} is joined on columns that are not its key",
                hint=f"join it on its primary key ({', '.join(sorted(names)) or 'none declared'})",
            )
            raise part.placed(refusal, waiting[0])
        reached.add(found.id)
        waiting.remove(found)


def _constraints(join: Join) -> Iterator[tuple[ColumnRef, ColumnRef]]:
    """Yield (column, what it must equal) of a join; the condition of a LEFT JOIN binds its right side alone."""
    for condition_ in join.on:
        pair = columns_equated(condition_)
        for mine, other in (pair, pair[::-1]) if pair else ():
            if join.kind == "inner" or mine.source == join.right.id:
                yield mine, other


def _is_keyed(source: Scan, reached: set[str], pairs: list[tuple[ColumnRef, ColumnRef]]) -> bool:
    wanted = {c.name.lower() for c in source.table.columns if c.is_primary_key}
    given = {
        mine.name.lower() for mine, other in pairs if mine.source == source.id and other.source in reached
    }
    return bool(wanted) and wanted <= given


def links_units(equality: Expr, right: Source, private: Sequence[Source]) -> bool:
    """Return whether an equality says that `right` and one of `private` belong to the same unit."""
    a, b = columns_equated(equality) or (None, None)
    if not (isinstance(a, ColumnRef) and isinstance(b, ColumnRef)):
        return False
    by_id = {s.id: s for s in [*private, right]}
    if a.source == b.source or {a.source, b.source} - set(by_id):
        return False
    if a.type.kind is Kind.UNIT and b.type.kind is Kind.UNIT:
        return True
    one, other = by_id[a.source], by_id[b.source]
    return (
        _is_foreign_key(one, a, other, b)
        or _is_foreign_key(other, b, one, a)
        or _is_same_step(one, a, other, b)
    )


def _is_same_step(one: Source, a: ColumnRef, other: Source, b: ColumnRef) -> bool:
    """Return whether two tables (or one, twice) reach the unit over equal keys of the same table in between."""
    return (
        isinstance(one, Scan)
        and isinstance(other, Scan)
        and len(one.table.unit_path) > 1
        and one.table.unit_path[1:] == other.table.unit_path[1:]
        and one.table.unit_path[0].lower() == f"{one.table.name}.{a.name}".lower()
        and other.table.unit_path[0].lower() == f"{other.table.name}.{b.name}".lower()
    )


def _is_foreign_key(child: Source, a: ColumnRef, parent: Source, b: ColumnRef) -> bool:
    if not (isinstance(child, Scan) and isinstance(parent, Scan)):
        return False
    return any(
        key.column.lower() == a.name.lower()
        and key.target_table.lower() == parent.table.name.lower()
        and key.target_column.lower() == b.name.lower()
        for key in child.table.foreign_keys
    )
