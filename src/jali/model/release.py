"""An answer as it leaves: noisy values, their intervals, what they cost and what is left.

Everything here is safe to show to the asker. Values are exact decimals (`Decimal`), never floats; `noise_sd` is
a public parameter and may be a float.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from jali.model.money import ATTO, NANO, Basic

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
    """What one account was charged.

    Attributes:
        basic: price for the second gate; None closes it.
        gates: which gates held afterwards: rho, basic or both.
    """

    account: str
    nano_rho: int
    atto_delta: int
    basic: Basic | None = None
    gates: tuple[str, ...] = ("rho",)


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left in one account after this answer, or its limit.

    Attributes:
        epsilon, rho, questions_at_default: under the first gate, in three units.
        basic: under the second gate; None where that is closed.
        closed: why it is closed; empty where it is not.
    """

    epsilon: float
    rho: float
    questions_at_default: int
    basic: Basic | None = None
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What the answer is guaranteed to keep, and what it cost.

    Attributes:
        nano_rho: zCDP loss of this release, rounded up.
        epsilon: the release by itself is (epsilon, delta)-DP; rounded up.
        delta: the conversion delta, or that of the basic price, plus the key delta.
        atto_delta: key delta of this release, rounded up.
        is_kept: the answer was kept from before, or follows from kept releases, and cost nothing now.
        follows_from: ids of the kept releases that a free answer was computed from, if it is not one itself.
        combines: ids of the earlier releases that a refined one holds beside its own noise, the first one first.
        gate: the scale the asker's price is on: rho or basic.
        basic: the price for the second gate, rounded up; None where there is none.
        why_no_basic_price: then the reason.
    """

    unit: str
    population: str
    nano_rho: int
    epsilon: float
    delta: float
    atto_delta: int
    charged: tuple[Charged, ...]
    is_kept: bool
    follows_from: tuple[str, ...] = ()
    combines: tuple[str, ...] = ()
    gate: str = "rho"
    basic: Basic | None = None
    why_no_basic_price: str = ""


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


def _money(nano_rho: int) -> float:
    return nano_rho / 1e9


def _cell(value: Value) -> Value:
    return str(value) if isinstance(value, Decimal) else value


def to_json(release: Release) -> dict[str, object]:
    """Return the one object `jali query --json` prints; decimals are text, keys and booleans JSON values."""
    privacy = release.privacy
    return {
        "release_id": release.release_id,
        "columns": [_column_json(c) for c in release.columns],
        "rows": [[_cell(v) for v in row] for row in release.rows],
        "intervals": [
            [None if pair is None else [_cell(pair[0]), _cell(pair[1])] for pair in row]
            for row in release.intervals
        ],
        "noise_sd": [list(row) for row in release.noise_sd],
        "unclamped": [[_cell(v) for v in row] for row in release.unclamped],
        "confidence": release.confidence,
        "notes": [{"code": n.code, "text": n.text} for n in release.notes],
        "privacy": {
            "unit": privacy.unit,
            "population": privacy.population,
            "rho": _money(privacy.nano_rho),
            "guarantee": {"epsilon": privacy.epsilon, "delta": privacy.delta},
            "key_delta": privacy.atto_delta / 1e18,
            "gate": privacy.gate,
            "basic": basic_json(privacy.basic, privacy.why_no_basic_price),
            "charged": [charged_json(c) for c in privacy.charged],
            "cached": privacy.is_kept,
            "from": list(privacy.follows_from),
            "combines": list(privacy.combines),
        },
        "remaining": {name: remaining_json(r) for name, r in release.remaining.items()},
        "contract": _contract_json(release.contracts[0]) if release.contracts else None,
        "contracts": [_contract_json(c) for c in release.contracts],
        "receipt": release.receipt,
    }


def basic_json(basic: Basic | None, why_none: str = "") -> dict[str, object]:
    """Return an amount for the second gate: its epsilon and delta, or null for both and the reason."""
    if basic is None:
        return {"epsilon": None, "delta": None, "closed": why_none or None}
    return {"epsilon": basic.nano_epsilon / NANO, "delta": basic.atto_delta / ATTO, "closed": None}


def charged_json(one: Charged) -> dict[str, object]:
    """Return what one account was charged."""
    basic = basic_json(one.basic)
    return {
        "account": one.account,
        "rho": _money(one.nano_rho),
        "key_delta": one.atto_delta / ATTO,
        "basic_epsilon": basic["epsilon"],
        "basic_delta": basic["delta"],
        "gates": list(one.gates),
    }


def remaining_json(one: Remaining) -> dict[str, object]:
    """Return what is left in one account, under both gates."""
    return {
        "epsilon": one.epsilon,
        "rho": one.rho,
        "questions_at_default": one.questions_at_default,
        "basic": basic_json(one.basic, one.closed),
    }


def _column_json(column: OutputColumn) -> dict[str, object]:
    shown: dict[str, object] = {"name": column.name, "type": column.type, "role": column.role}
    if column.role == "measure":
        shown |= {"mechanism": column.mechanism, "noise_sd": column.noise_sd}
    if column.unit_of_measure:
        shown["unit_of_measure"] = column.unit_of_measure
    return shown


def _contract_json(contract: ContractReference) -> dict[str, object]:
    return {"id": contract.id, "version": contract.version, "digest": contract.digest}
