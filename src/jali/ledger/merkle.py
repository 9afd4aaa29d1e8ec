"""The Merkle tree of the audit log: growing it, its root, and proofs about it.

The tree is kept as its *complete* subtrees only: node (k, i) is the hash of leaves [i * 2^k, (i + 1) * 2^k).
Such a node never changes once it exists, so the store of nodes is append-only too. The checks of proofs are
in `standalone_verifier`, the file an auditor reads; they share no code with the making of proofs here.

Source: RFC 9162 sections 2.1.1 (tree), 2.1.3.1 (inclusion proof), 2.1.4.1 (consistency proof).
"""

from collections.abc import Callable
from typing import TypeAlias

from jali.ledger.standalone_verifier import (
    EMPTY_ROOT,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "Get",
    "consistency",
    "grow",
    "inclusion",
    "leaf_hash",
    "node_hash",
    "root",
    "verify_consistency",
    "verify_inclusion",
]

Get: TypeAlias = Callable[[int, int], bytes]
"""Returns the hash of a complete subtree by (level, index)."""


def grow(get: Get, size: int, leaf: bytes) -> list[tuple[int, int, bytes]]:
    """Return the nodes that appending `leaf` to a tree of `size` leaves completes, the leaf first.

    Example:
        >>> [(level, index) for level, index, _ in grow(lambda k, i: b"x" * 32, 3, b"y" * 32)]
        [(0, 3), (1, 1), (2, 0)]
    """
    made = [(0, size, leaf)]
    level, index, computed = 0, size, leaf
    while index & 1:
        computed = node_hash(get(level, index - 1), computed)
        level, index = level + 1, index >> 1
        made.append((level, index, computed))
    return made


def root(get: Get, size: int) -> bytes:
    """Return the root of the first `size` leaves."""
    return _subtree(get, 0, size)


def inclusion(get: Get, index: int, size: int) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of `size` leaves, the leaf's sibling first.

    Raises:
        ValueError: if there is no such leaf.
    """
    if not 0 <= index < size:
        msg = f"a tree of {size} leaves has no leaf {index}"
        raise ValueError(msg)
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _largest_power_below(high - low)
        if index < middle:
            path.append(_subtree(get, middle, high))
            high = middle
        else:
            path.append(_subtree(get, low, middle))
            low = middle
    return path[::-1]


def consistency(get: Get, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `new` leaves extends the tree of `old` leaves.

    Raises:
        ValueError: unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        msg = f"a tree of {new} leaves does not extend one of {old}"
        raise ValueError(msg)
    if old in (0, new):
        return []
    path: list[bytes] = []
    low, high, is_whole = 0, new, True
    while old != high:
        middle = low + _largest_power_below(high - low)
        if old <= middle:
            path.append(_subtree(get, middle, high))
            high = middle
        else:
            path.append(_subtree(get, low, middle))
            low, is_whole = middle, False
    if not is_whole:
        path.append(_subtree(get, low, high))
    return path[::-1]


def _subtree(get: Get, low: int, high: int) -> bytes:
    """Return the hash of leaves [low, high), where low is a multiple of the largest power of two used."""
    if low == high:
        return EMPTY_ROOT
    width = high - low
    if width & (width - 1) == 0:
        return get(width.bit_length() - 1, low // width)
    middle = low + _largest_power_below(width)
    return node_hash(_subtree(get, low, middle), _subtree(get, middle, high))


def _largest_power_below(width: int) -> int:
    return 1 << ((width - 1).bit_length() - 1)
