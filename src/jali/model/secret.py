"""A box for exact aggregates: it can be carried through the program but not looked into.

Only `jali.model.unseal` opens it, and only `jali.trust` may import that module (enforced by import-linter and an
AST test).
"""

from typing import Generic, NoReturn, TypeVar

T = TypeVar("T")


class Secret(Generic[T]):
    """Holds one exact value; has no useful text form and cannot be pickled, copied, hashed or compared."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        """Seal `value`."""
        self._value = value

    def __repr__(self) -> str:
        """Return the same text for every secret."""
        return "<secret>"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        """Return the same text for every secret and every format."""
        return "<secret>"

    def _refuse(self, *_: object) -> NoReturn:
        msg = "a secret cannot be copied, serialised, hashed, compared or iterated"
        raise TypeError(msg)

    __reduce_ex__ = __copy__ = __deepcopy__ = __iter__ = __len__ = __bool__ = _refuse  # all refuse alike
    __eq__ = __ne__ = _refuse  # comparing secrets is an oracle
    __hash__ = None  # type: ignore[assignment]  # as above
