"""A contract's terms as values: purposes, access, trust, output, budget, consent, retention, approvals."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from jali.policy.durations import Duration

BACKENDS = ("central", "mpc", "he", "tee", "local")


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data may be used; `consent` is none, objection or required; `rule` is file and line."""

    id: str
    dpv: str
    basis: str
    special: str
    consent: str
    rule: str


@dataclass(frozen=True, slots=True)
class Access:
    """A role opens these purposes under these trust back ends."""

    role: str
    purposes: frozenset[str]
    trust: frozenset[str]
    rule: str


@dataclass(frozen=True, slots=True)
class TrustRule:
    """Whether and under which conditions a back end may see exact aggregates."""

    backend: str
    allowed: bool
    min_parties: int | None
    collusion: int | None
    needs_attestation: bool


@dataclass(frozen=True, slots=True)
class Output:
    """What may leave.

    Attributes:
        key_delta: delta of one question with undeclared keys; None where the contract has none.
        min_units_per_key: units a key needs to be (probably) shown; None where not declared.
        max_rows: most rows of one answer.
        clamps_for_display: `nonNegative: display`.
        release_floor: shortest time to an answer, where declared.
    """

    key_delta: Fraction | None
    min_units_per_key: int | None
    max_rows: int
    clamps_for_display: bool
    keeps_noisy_value: bool
    release_floor: Duration | None
    rule: str


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits as epsilons at the population's conversion delta, exact; `period` is P1Y, P3M or P1M.

    `default_gate` is the scale of a price where the asker names none: rho or basic.
    """

    period: str
    per_period: Fraction
    per_purpose: Mapping[str, Fraction]
    per_analyst: Fraction
    query_max: Fraction
    query_default: Fraction
    rule: str
    default_gate: str = "rho"


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Where consent comes from and how late its feed may be."""

    table: str
    unit_key: str
    epoch: Duration
    max_lag: Duration
    signals: frozenset[str]
    rule: str


@dataclass(frozen=True, slots=True)
class Retention:
    """How long rows (by the age of `table`.`column`), audit entries and kept releases stay."""

    table: str
    column: str
    rows: Duration | None
    audit: Duration
    releases: Duration


@dataclass(frozen=True, slots=True)
class Approvals:
    """Roles that approve a loosening or a tightening."""

    loosening: tuple[str, ...]
    tightening: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dpia:
    """Which impact assessment covers the contract, and until when (ISO date)."""

    id: str
    review_by: str
