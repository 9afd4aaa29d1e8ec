"""ROLLUP, CUBE and GROUPING SETS: one level is measured, the finest; the others are sums of its noisy cells.

Adding up noisy totals is post-processing, so all levels have the price of one, and parts and totals agree by
construction: what is added are exact numbers before rounding and display rules. So a printed total differs from the sum
of its n printed parts by (n + 1) / 2 steps of the printed grid at most, where no display rule moves a part. A total of
c cells has independent noise of c cells in it, sqrt(c) times the standard deviation of one. Only what is a sum over
rows can be added up, and only over keys that are all there: declared ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jali.model.codes import DomainTooLarge, NotAdditive
from jali.model.release import Note
from jali.model.schema import KeyValue
from jali.plan.exact import Key
from jali.plan.noisy import Total
from jali.sql.aggregates import PAIRS, SPREADS
from jali.sql.show import in_words
from jali.sql.tree import Aggregate, Query

ADDITIVE = frozenset({"count", "sum", "mean"}) | SPREADS | PAIRS
"""Aggregates read off sums over rows alone: counts, sums, and the moments of averages, variances and covariances."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Noisy totals of every level; `keys`, `added_up`, `cells` and each column of `values` have one entry per row.

    Attributes:
        keys: as measured; a part that is added up reads 0.
        values: statistic id -> totals in fine steps.
        norms: group id -> norm chosen privately.
        added_up: for each key whether the row is a sum over it.
        cells: how many measured cells the row adds up; 0 where it is known to have no rows.
    """

    keys: tuple[tuple[KeyValue, ...], ...]
    values: Mapping[str, Sequence[Total]]
    norms: Mapping[str, int]
    added_up: tuple[tuple[bool, ...], ...]
    cells: tuple[int, ...]


def check_levels(query: Query, keys: tuple[Key, ...], row_cap: int | None, max_rows: int) -> None:
    """Refuse levels that cannot be added up from the finest one.

    Raises:
        NotAdditive: for undeclared keys, and for aggregates that are no sums over rows.
        DomainTooLarge: if all levels together have more rows than are answered.
    """
    if not query.levels:
        return
    for key in keys:
        if key.values is None:
            raise NotAdditive(
                f"{key.name} is not declared, so its totals cannot be added up from its keys",
                hint="ask each level by itself, or have the keys declared in the contract",
            )
    for aggregate in query.aggregates:
        if not is_additive(aggregate, row_cap):
            raise NotAdditive(
                f"{in_words(aggregate)} of a total is not the sum over its parts",
                hint="ask each level by itself",
            )
    rows = sum(_size(keys, level) for level in query.levels)
    if rows > max_rows:
        raise DomainTooLarge(
            f"all levels together have {rows} rows; at most {max_rows} are answered",
            hint="ask for fewer levels or coarser keys",
        )


def is_additive(aggregate: Aggregate, row_cap: int | None) -> bool:
    """Return whether cells add up; units do where each has one row, and so one key."""
    return aggregate.kind in ADDITIVE or (aggregate.kind == "count_units" and row_cap == 1)


def _size(keys: tuple[Key, ...], level: tuple[int, ...]) -> int:
    size: int = 1
    for index in level:
        size *= keys[index].size
    return size


def most_added(keys: tuple[Key, ...], levels: tuple[tuple[int, ...], ...]) -> int:
    """Return how many cells the coarsest level adds up for one row."""
    everything = _size(keys, tuple(range(len(keys))))
    return max((everything // max(1, _size(keys, level)) for level in levels), default=1)


def levels_note(keys: tuple[Key, ...], levels: tuple[tuple[int, ...], ...]) -> Iterator[Note]:
    """Yield what a reader of totals must know."""
    most = most_added(keys, levels)
    if most > 1:
        yield Note(
            "N310",
            f"totals add up the noisy parts, up to {most} of them, before rounding and before a value below 0 shows as "
            f"0, so they agree with them and have {most**0.5:.2g} times the noise of one; a total asked by itself is "
            "more accurate",
        )


def with_levels(noisy: Lines, keys: tuple[Key, ...], levels: tuple[tuple[int, ...], ...]) -> Lines:
    """Return noisy totals with a row for each key of every level; without levels as they were measured."""
    if not levels:
        return noisy
    found: list[tuple[KeyValue, ...]] = []
    values: dict[str, list[Total]] = {name: [] for name in noisy.values}
    added_up: list[tuple[bool, ...]] = []
    cells: list[int] = []
    for level in levels:
        sums = tuple(i not in level for i in range(len(keys)))
        for key, rows in _members(noisy, level).items():
            found.append(key)
            added_up.append(sums)
            cells.append(sum(noisy.cells[i] for i in rows))
            for name, column in noisy.values.items():
                values[name].append(sum(column[i] for i in rows))
    return Lines(tuple(found), values, noisy.norms, tuple(added_up), tuple(cells))


def measured_lines(
    keys: tuple[tuple[KeyValue, ...], ...], values: Mapping[str, Sequence[Total]], norms: Mapping[str, int]
) -> Lines:
    """Return rows that add nothing up."""
    return Lines(keys, values, norms, tuple((False,) * len(key) for key in keys), (1,) * len(keys))


def _members(noisy: Lines, level: tuple[int, ...]) -> dict[tuple[KeyValue, ...], list[int]]:
    """Return for each key of a level the measured rows below it; keys that are added up read 0."""
    found: dict[tuple[KeyValue, ...], list[int]] = {}
    for index, key in enumerate(noisy.keys):
        coarse = tuple(part if i in level else 0 for i, part in enumerate(key))
        found.setdefault(coarse, []).append(index)
    return found
