"""The one place that opens a secret. Only `jali.trust` may import it."""

from typing import TypeVar

from jali.model.secret import Secret

T = TypeVar("T")


def unseal(secret: Secret[T]) -> T:
    """Return the exact value inside; the caller must add noise before anything leaves."""
    return secret._value  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the one line that opens a secret
