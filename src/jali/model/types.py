"""The types a value can have, and the grid exact numbers live on."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction


class Kind(Enum):
    """What a value is."""

    BOOLEAN = "BOOLEAN"
    NUMBER = "NUMBER"  # exact: a whole number of steps of the type's grid
    REAL = "REAL"  # per-row double precision; never summed as such
    TEXT = "TEXT"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"
    UNIT = "UNIT"  # the key of the protected unit
    IDENTIFIER = "IDENTIFIER"  # any other identifier
    NULL = "NULL"  # the type of a bare NULL


@dataclass(frozen=True, slots=True)
class Type:
    """A kind; for NUMBER also the grid: a stored integer s means the number s * step.

    Attributes:
        kind: what the value is.
        step: > 0; 1 for whole numbers, 1/100 for amounts in cents; 1 for every other kind.
    """

    kind: Kind
    step: Fraction = Fraction(1)

    def sql_name(self) -> str:
        """Return the name shown to people and doors.

        Example:
            >>> Type(Kind.NUMBER, Fraction(1, 100)).sql_name()
            'DECIMAL(18,2)'
        """
        if self.kind is Kind.NUMBER:
            places = decimal_places(self.step)
            return "BIGINT" if places == 0 else f"DECIMAL(18,{places})"
        names: dict[Kind, str] = {Kind.REAL: "DOUBLE", Kind.TEXT: "VARCHAR", Kind.UNIT: "IDENTIFIER"}
        return names.get(self.kind, str(self.kind.value))


_MOST_DECIMALS = 9


def decimal_places(step: Fraction) -> int:
    """Return how many decimals show every multiple of `step`, at most 9.

    Example:
        >>> decimal_places(Fraction(1, 4))
        2
    """
    places = 0
    while places < _MOST_DECIMALS and (step * 10**places).denominator != 1:
        places += 1
    return places


BOOLEAN = Type(Kind.BOOLEAN)
INTEGER = Type(Kind.NUMBER)
REAL = Type(Kind.REAL)
TEXT = Type(Kind.TEXT)
DATE = Type(Kind.DATE)
TIMESTAMP = Type(Kind.TIMESTAMP)
UNIT = Type(Kind.UNIT)
IDENTIFIER = Type(Kind.IDENTIFIER)
NULL = Type(Kind.NULL)
