"""Identifiers have the form of RFC 9562 and sort by time."""

import uuid

import pytest

from jali.keys.identifiers import salt, uuid7


@pytest.mark.parametrize("now_ms", [0, 1, 1_752_000_000_000, 2**48 - 1])
def test_an_identifier_carries_its_time_version_and_variant(now_ms: int) -> None:
    made = uuid.UUID(uuid7(now_ms))
    assert made.int >> 80 == now_ms
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert str(made) == str(made).lower()


def test_identifiers_sort_by_time_and_never_repeat() -> None:
    made = [uuid7(t) for t in range(1000)]
    assert made == sorted(made)
    assert len({uuid7(5) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("now_ms", [-1, 2**48])
def test_a_time_outside_48_bits_is_refused(now_ms: int) -> None:
    with pytest.raises(ValueError, match="48 bits"):
        uuid7(now_ms)


def test_salts_are_128_bits_and_differ() -> None:
    assert len(bytes.fromhex(salt())) == 16
    assert salt() != salt()
