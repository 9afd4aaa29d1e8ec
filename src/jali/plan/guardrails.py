"""What the contract and the population say about prices and keys, already converted to integers."""

from dataclasses import dataclass
from fractions import Fraction

from jali.model.money import atto_delta_down
from jali.model.schema import Hints
from jali.plan.domains import PublicValues


@dataclass(frozen=True, slots=True)
class SecondGate:
    """Prices in epsilon, and the delta a question may take beside one.

    Attributes:
        default_epsilon, max_epsilon: price of one question, as declared.
        delta_basic: `delta.basic` of the population.
        lifetime, lifetime_nano_rho: what all questions together may cost, in epsilon and in rho.
        is_default: a price whose scale the asker does not name is on this one.
    """

    default_epsilon: Fraction
    max_epsilon: Fraction
    delta_basic: Fraction
    lifetime: Fraction
    lifetime_nano_rho: int
    is_default: bool = False

    def delta_of_rho(self, nano_rho: int) -> int:
        """Return the delta, in units of 1e-18, at which the Gaussian parts of a question at a rho are converted."""
        return atto_delta_down(
            self.delta_basic * min(Fraction(1), Fraction(nano_rho, self.lifetime_nano_rho))
        )

    def delta_of_epsilon(self, epsilon: Fraction) -> int:
        """Return the delta, in units of 1e-18, that a question at an epsilon takes from the basic limit."""
        return atto_delta_down(self.delta_basic * min(Fraction(1), epsilon / self.lifetime))


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
        second: the same on the scale of the second gate; None where there is none.
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
    second: SecondGate | None = None
