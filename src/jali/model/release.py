"""An answer as it leaves: noisy values, their intervals, what they cost and what is left.

Everything here is safe to show to the asker. Values are exact decimals (`Decimal`), never floats; `noise_sd` is
a public parameter and may be a float.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = Decimal | int | float | str | bool | None
"""A released cell. float only where the output is itself a ratio or function of released values."""


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One column of an answer; `role` is key, measure or derived."""

    name: str
    type: str
    role: str
    mechanism: str | None = None
    noise_sd: float | None = None
    unit_of_measure: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark in plain words; `code` N3xx is permanent."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Charged:
    """What one account was charged; both parts as exact decimals in text form."""

    account: str
    nano_rho: int
    atto_delta: int


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left in one account after this answer."""

    epsilon: float
    rho: float
    questions_at_default: int


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the answer is guaranteed to keep, and what it cost.

    Attributes:
        nano_rho: zCDP loss of this release, rounded up.
        epsilon: the release by itself is (epsilon, delta)-DP; rounded up.
        delta: the conversion delta plus the key delta.
        atto_delta: key delta of this release, rounded up.
        is_kept: the answer was kept from before and cost nothing now.
    """

    unit: str
    population: str
    nano_rho: int
    epsilon: float
    delta: float
    atto_delta: int
    charged: tuple[Charged, ...]
    is_kept: bool


@dataclass(frozen=True, slots=True)
class ContractReference:
    """Which contract decided."""

    id: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Release:
    """One private answer.

    Attributes:
        rows: n rows x len(columns) values, canonical order or the query's ORDER BY.
        intervals: same shape; (low, high) at `confidence` for measures that have one, else None.
        noise_sd: same shape; standard deviation of the noise in the unit of the measure, else None.
        unclamped: same shape; the value before display rules such as "not negative".
        remaining: account kind (analyst, purpose, period, lifetime) -> what is left.
        receipt: inclusion proof and checkpoint of the audit log, as text; empty before it is recorded.
    """

    release_id: str
    columns: tuple[OutputColumn, ...]
    rows: tuple[tuple[Value, ...], ...]
    intervals: tuple[tuple[tuple[Value, Value] | None, ...], ...]
    noise_sd: tuple[tuple[float | None, ...], ...]
    unclamped: tuple[tuple[Value, ...], ...]
    confidence: float
    notes: tuple[Note, ...]
    privacy: Privacy
    remaining: Mapping[str, Remaining]
    contracts: tuple[ContractReference, ...]
    receipt: str = ""
