"""What an engine must compute: exact, bounded aggregates. Data-free; every number in it is public.

Vocabulary: a *cell* is one unit at one key. A *statistic* is a whole number per cell. A *group* is a set of
statistics that are bounded together and get noise from one price. All numbers are in grid steps of the statistic.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from jali.model.schema import KeyValue
from jali.model.types import Type
from jali.sql.tree import Expr, Rows

FINE_BITS = 16
"""The norm clip works on a grid 2^16 times finer than the statistic (SECURITY.md rule 6)."""

FINE = 2**FINE_BITS


class StatisticKind(Enum):
    """How a cell's number arises from its rows."""

    ROWS = "rows"
    SUM = "sum"
    UNITS = "units"
    DISTINCT = "distinct"
    NODES = "nodes"


@dataclass(frozen=True, slots=True)
class Statistic:
    """One whole number per cell.

    Attributes:
        id: s0, s1, ...
        kind: rows (counted where `arg` is not NULL), sum of `arg`, 1 if any row, distinct values of `arg`, or rows by
            node of the group's tree.
        arg: expression over the rows; None counts every row.
        where: rows that take part; None is all.
        low, high: clamp of each value of a sum, in steps; None for the other kinds.
        offset: subtracted from each value of a sum after the clamp, in steps.
        step: grid of the value in real units, after `coarser`.
        coarser: a sum's values are divided by it, each row by itself, and rounded to whole steps.
    """

    id: str
    kind: StatisticKind
    arg: Expr | None
    where: Expr | None
    low: int | None = None
    high: int | None = None
    offset: int = 0
    step: Fraction = Fraction(1)
    coarser: int = 1


@dataclass(frozen=True, slots=True)
class CellClamp:
    """Each cell's statistic is clamped to [low, high], and only `max_keys` keys of a unit count."""

    limits: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FixedClip:
    """The unit's vector over all keys is scaled down to L2 norm sqrt(squared_norm)."""

    squared_norm: int


@dataclass(frozen=True, slots=True)
class AutoClip:
    """As `FixedClip`, with the norm chosen privately among `norms` (ascending) as the quantile of this rank.

    Attributes:
        prior_steps: of the grid, from its end down, over which larger norms are held back (docs/decisions/0014).
        floor: index of the norm below which smaller ones are held back.
    """

    norms: tuple[int, ...]
    rank: Fraction
    prior_steps: int = 24
    floor: int = 0


Bound: TypeAlias = CellClamp | FixedClip | AutoClip


BRANCHING = 4
"""Children of a node of a tree."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of counts over a range: leaf i holds the values [low + i width, low + (i + 1) width), in steps.

    Nodes are numbered from 0, level by level from below the root, each level from the low end.

    Attributes:
        width: of a leaf, in steps.
        depth: levels below the root; the last one has 4^depth leaves.
    """

    width: int
    depth: int

    @property
    def leaves(self) -> int:
        """Return the number of leaves."""
        return int(BRANCHING**self.depth)

    @property
    def nodes(self) -> int:
        """Return the number of nodes below the root."""
        return self.first(self.depth + 1)

    def first(self, level: int) -> int:
        """Return the number of the first node of a level, 1 to depth; one level more gives the number of nodes.

        Example:
            >>> [Tree(1, 3).first(level) for level in (1, 2, 3, 4)]
            [0, 4, 20, 84]
        """
        return int((BRANCHING**level - BRANCHING) // (BRANCHING - 1))


@dataclass(frozen=True, slots=True)
class Group:
    """Statistics bounded together.

    Attributes:
        id: g0, g1, ...
        statistics: with the weight each has in the norm.
        bound: how one unit is bounded.
        max_keys: keys of one unit that can be non-zero.
        is_sampled: the L0 sample enforces max_keys; otherwise the domain or the row cap does.
        squared_l2: squared L2 sensitivity in weighted steps for CellClamp; None where the clip decides.
        l1: L1 sensitivity in steps where one statistic and CellClamp give one; else None.
        root_bits: extra binary digits of the root a clip divides by (0 to 16), as far as 126 bits allow.
        tree: the one statistic is measured at every node of it; its totals are called `<id>.<node>`.
    """

    id: str
    statistics: tuple[tuple[Statistic, int], ...]
    bound: Bound
    max_keys: int
    is_sampled: bool
    squared_l2: int | None = None
    l1: int | None = None
    root_bits: int = 0
    tree: Tree | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the names of the group's totals."""
        if self.tree is not None:
            return tuple(f"{self.statistics[0][0].id}.{node}" for node in range(self.tree.nodes))
        return tuple(s.id for s, _ in self.statistics)

    @property
    def scale(self) -> int:
        """Return how many fine steps make one step: 2^16 under a clip, else 1."""
        return 1 if isinstance(self.bound, CellClamp) else FINE

    def squared(self, norm: int | None = None) -> int:
        """Return the squared L2 sensitivity in (weighted) fine steps, for the chosen norm of an AutoClip."""
        if isinstance(self.bound, CellClamp):
            return self.squared_l2 or 0
        if isinstance(self.bound, FixedClip):
            return int(self.bound.squared_norm * FINE * FINE)
        chosen = self.bound.norms[-1] if norm is None else norm
        return int(chosen * chosen * FINE * FINE)


@dataclass(frozen=True, slots=True)
class SharedDistinct:
    """COUNT(DISTINCT x) over values that several units may share.

    At each key every value is given to at most one unit that has it, and a unit to at most `per_key` of its values, so
    that as many values as possible are given away: those are counted (`engines.matching`). A unit keeps at most
    `max_keys` keys. Removing it changes the count at each of its keys by at most per_key: L1 = K m, squared L2 = K m^2.
    """

    id: str
    arg: Expr
    where: Expr | None
    per_key: int
    max_keys: int
    is_sampled: bool

    scale = 1

    def squared(self, _norm: int | None = None) -> int:
        """Return the squared L2 sensitivity."""
        return self.max_keys * self.per_key * self.per_key


AnyGroup: TypeAlias = Group | SharedDistinct


@dataclass(frozen=True, slots=True)
class Key:
    """One grouping expression.

    Attributes:
        values: declared keys in order; None where keys are found by private selection.
        has_other, has_null: whether values outside the domain, or NULL, are possible and get a key of their own.
    """

    name: str
    expression: Expr
    type: Type
    values: tuple[KeyValue, ...] | None
    has_other: bool = True
    has_null: bool = True

    @property
    def size(self) -> int:
        """Return the number of declared keys, (other) and (null) included; 0 where undeclared."""
        return 0 if self.values is None else len(self.values) + self.has_other + self.has_null

    def labels(self) -> tuple[KeyValue | tuple[str], ...]:
        """Return the declared keys by code; ("other",) and ("null",) mark the two special ones."""
        special: list[tuple[str]] = []
        if self.has_other:
            special.append(("other",))
        if self.has_null:
            special.append(("null",))
        return (*(self.values or ()), *special)


class NumberKind(Enum):
    """What is counted of each unit for a bound that is found privately before the rest."""

    ROWS = "rows"
    KEYS = "keys"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class UnitNumber:
    """One whole number per unit, at least 1, and the candidates a bound on it is chosen among.

    A unit adds or removes one number, whatever it is; so a count of units by bucket changes by 1 in one bucket.

    Attributes:
        kind: joined rows; keys, once the row cap acts; or the most distinct values at one key, once the cap on keys
            acts too.
        grid: candidates, ascending; the last is a declared bound, which the engine enforces.
        values: whose distinct values are counted; None for the other kinds.
    """

    kind: NumberKind
    grid: tuple[int, ...]
    values: "SharedDistinct | None" = None


@dataclass(frozen=True, slots=True)
class ExactPlan:
    """Everything an engine needs.

    Attributes:
        row_cap: rows of one unit after joins and filters; the rest is dropped by the stored keyed rank.
        max_keys: L0 sample (SECURITY.md rule 5); None where no group is sampled and all keys are declared.
        needs_selection: also measure each key's selection weight.
        numbers: what is counted of each unit before the plan is settled; then a plan without numbers runs, which
            differs in caps alone.
    """

    rows: Rows
    row_cap: int | None
    keys: tuple[Key, ...]
    groups: tuple[Group, ...]
    shared: tuple[SharedDistinct, ...]
    max_keys: int | None
    needs_selection: bool
    numbers: tuple[UnitNumber, ...] = ()

    @property
    def cells(self) -> int:
        """Return the number of declared keys; 1 without keys, 0 where keys are selected."""
        product: int = 1
        for key in self.keys:
            product *= key.size
        return product


def declared_keys(plan: ExactPlan) -> Iterator[tuple[KeyValue, ...]]:
    """Yield every declared key as a tuple of codes, in canonical order."""
    yield from product(*(range(key.size) for key in plan.keys))


def canonical_order(key: tuple[KeyValue, ...]) -> tuple[tuple[int, int, str], ...]:
    """Return an order over keys of any type: numbers by value, text by code points, NULL last."""
    parts: list[tuple[int, int, str]] = []
    for value in key:
        if value is None:
            parts.append((2, 0, ""))
        elif isinstance(value, int):
            parts.append((0, int(value), ""))
        else:
            parts.append((1, 0, value))
    return tuple(parts)


@dataclass(slots=True, repr=False)
class Totals:
    """Exact bounded totals, as an engine returns them inside a Secret; its text form shows nothing.

    Attributes:
        keys: one tuple per key found; a code for declared parts, the raw value for undeclared ones.
        values: statistic or shared id -> totals in fine steps, in the order of `keys`.
        weights: selection weight of each key in 2^16 steps; empty without selection.
    """

    keys: list[tuple[KeyValue, ...]]
    values: dict[str, list[int]]
    weights: list[int]
