"""What the contract and the population say about prices and keys, already converted to integers."""

from dataclasses import dataclass
from fractions import Fraction

from jali.model.schema import Hints
from jali.plan.domains import PublicValues


@dataclass(frozen=True, slots=True)
class Guardrails:
    """Limits and facts a plan may use; all public, all independent of data.

    Attributes:
        delta_conversion: delta of every epsilon shown.
        key_delta: `output.keyDelta`, spent by a question with undeclared keys; None where undeclared.
        min_units_per_key: `output.minUnitsPerKey`; 1 where undeclared.
        default_nano_rho, max_nano_rho: price of one question.
        max_rows: `output.maxRows`.
        clamps_for_display: `output.nonNegative: display`.
        public_values: distinct values of public columns; reads no private file.
    """

    population: str
    unit: str
    delta_conversion: Fraction
    key_delta: Fraction | None
    min_units_per_key: int
    default_nano_rho: int
    max_nano_rho: int
    max_rows: int
    clamps_for_display: bool
    hints: Hints
    public_values: PublicValues
