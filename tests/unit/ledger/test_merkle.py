"""The tree gives the known roots of RFC 6962 and its proofs are exact for every small size."""

import hashlib

import pytest

from jali.ledger.merkle import (
    EMPTY_ROOT,
    consistency,
    grow,
    inclusion,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from jali.ledger.standalone_verifier import roots

SIZES = 34

# The leaves and roots of the test of google/certificate-transparency (the authors of RFC 6962).
KNOWN_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Tree:
    def __init__(self, leaves: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        for size, leaf in enumerate(leaves):
            for level, index, made in grow(self.get, size, leaf_hash(leaf)):
                assert (level, index) not in self.nodes
                self.nodes[level, index] = made

    def get(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


TREE = Tree([bytes([i]) for i in range(SIZES)])


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def test_the_roots_are_the_published_ones() -> None:
    leaves = [bytes.fromhex(x) for x in KNOWN_LEAVES]
    tree = Tree(leaves)
    assert [root(tree.get, n).hex() for n in range(9)] == KNOWN_ROOTS
    assert [r.hex() for r in roots([leaf_hash(x) for x in leaves])] == KNOWN_ROOTS
    assert EMPTY_ROOT.hex() == KNOWN_ROOTS[0]


def test_three_ways_to_the_root_agree_for_every_small_size() -> None:
    leaves = [bytes([i]) for i in range(SIZES)]
    walked = list(roots([leaf_hash(x) for x in leaves]))
    for size in range(SIZES + 1):
        assert root(TREE.get, size) == naive_root(leaves[:size]) == walked[size]


def test_every_inclusion_proof_holds_and_only_at_its_place() -> None:
    for size in range(1, SIZES + 1):
        top = root(TREE.get, size)
        for index in range(size):
            proof = inclusion(TREE.get, index, size)
            places = [i for i in range(size) if verify_inclusion(TREE.get(0, index), i, size, proof, top)]
            assert places == [index]
            assert not verify_inclusion(TREE.get(0, index), index, size, [*proof, b"\0" * 32], top)
            assert not proof or not verify_inclusion(TREE.get(0, index), index, size, proof[:-1], top)
            assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, top)


def test_every_consistency_proof_holds_and_no_altered_one_does() -> None:
    for new in range(SIZES + 1):
        for old in range(new + 1):
            proof = consistency(TREE.get, old, new)
            one, two = root(TREE.get, old), root(TREE.get, new)
            assert verify_consistency(old, new, one, two, proof)
            assert not verify_consistency(old, new, leaf_hash(b"x"), two, proof)
            assert not verify_consistency(old, new, one, two, [*proof, b"\0" * 32])
            for i in range(len(proof)):
                altered = [*proof[:i], bytes([proof[i][0] ^ 1]) + proof[i][1:], *proof[i + 1 :]]
                assert not verify_consistency(old, new, one, two, altered)
                assert not verify_consistency(old, new, one, two, proof[:i] + proof[i + 1 :])


def test_what_does_not_exist_has_no_proof() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion(TREE.get, 3, 3)
    with pytest.raises(ValueError, match="does not extend"):
        consistency(TREE.get, 4, 3)
    assert not verify_inclusion(b"", 3, 3, [], b"")
    assert not verify_consistency(4, 3, b"", b"", [])
    assert not verify_consistency(3, 4, b"a", b"b", [])
