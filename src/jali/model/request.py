"""Who asks, for what purpose, at what price."""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Options:
    """What the asker may choose; at most one of `epsilon`, `rho`, `accuracy` is set.

    Attributes:
        epsilon: the release by itself is (epsilon, delta_conversion)-DP; > 0.
        rho: zCDP loss to pay; > 0.
        accuracy: half-width of the interval wanted, in the unit of the (first) measure; > 0.
        confidence: level of every interval, in (0, 1).
        dialect: sqlglot dialect the text is read in.
        backend: trust back end asked for; empty lets the plan choose.
        gate: the scale `epsilon` is on: "rho" (by itself the answer is (epsilon, delta_conversion)-DP) or "basic" (it
            takes epsilon from the basic limit); None is rho.
        bounds: which kept bounds are used again: "same" those found under the same conditions, "any" those of other
            conditions too, "fresh" none.
    """

    epsilon: Fraction | None = None
    rho: Fraction | None = None
    accuracy: Fraction | None = None
    confidence: Fraction = Fraction(95, 100)
    dialect: str = "duckdb"
    backend: str = ""
    gate: str | None = None
    bounds: str = "same"


@dataclass(frozen=True, slots=True)
class Request:
    """One asker with one purpose."""

    analyst: str
    roles: frozenset[str]
    purpose: str
    options: Options = field(default_factory=Options)
