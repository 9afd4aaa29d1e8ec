"""Identifiers and salts: the randomness of everything that is neither noise nor a key.

Invariant: all bits come from the operating system's generator (`secrets`). Nothing here depends on data.
"""

import secrets
from typing import Final

_TIME_BITS: Final = 48


def uuid7(now_ms: int) -> str:
    """Return a version 7 UUID: 48 bits of time, 74 random bits, so that identifiers sort by time.

    Args:
        now_ms: milliseconds since 1970-01-01 UTC; 0 <= now_ms < 2**48. The caller passes the time of its own
            clock, so that an identifier never contradicts the time of the record that carries it.

    Returns:
        36 characters, lower case.

    Raises:
        ValueError: if the time does not fit into 48 bits.

    Source:
        RFC 9562, section 5.7.

    Example:
        >>> uuid7(0)[:15]
        '00000000-0000-7'
    """
    if not 0 <= now_ms < 1 << _TIME_BITS:
        msg = f"the time of an identifier has {_TIME_BITS} bits, got {now_ms}"
        raise ValueError(msg)
    random_a, random_b = secrets.randbits(12), secrets.randbits(62)
    value = (now_ms << 80) | (0x7 << 76) | (random_a << 64) | (0b10 << 62) | random_b
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def salt() -> str:
    """Return 128 random bits as 32 hexadecimal characters, for a commitment nobody can guess open.

    Example:
        >>> len(salt())
        32
    """
    return secrets.token_hex(16)
