"""The values of the ledger: accounts, what is asked of them, what was charged and what is kept.

Invariant: every amount is a whole number (nano-rho, nano-epsilon, atto-delta) or, of a basic price, that there is
none; nothing here is derived from protected data.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from jali.model.money import Basic, Cost

AT_MOST: Final = 1 << 62
"""No amount is larger, so the sum of two always fits SQLite's signed 64-bit integer."""

_KEY: Final = re.compile(r"[a-z]+(:[^\x00-\x1f\x7f*@:][^\x00-\x1f\x7f*]*)?")
_PATTERN: Final = re.compile(r"[a-z]+(:[^\x00-\x1f\x7f]+)?")
_LONGEST_KEY: Final = 200
_PERIODLESS: Final = "lifetime"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a population and the limit it is held to.

    Attributes:
        key: "lifetime", "lifetime:<block>", "period:2026", "purpose:assortment@2026", "analyst:ana@2026". In
            an activation the name and the period may be `*`: "analyst:*@*".
        limit: the most that all charges together may cost; each of its two gates is judged on all of them.
        shown_as: name of the account in the audit log where the key would name a person, such as
            "analyst:7f3a@2026"; empty for the key itself. The first one given stays for life.
    """

    key: str
    limit: Cost
    shown_as: str = ""

    def __post_init__(self) -> None:
        """Refuse a key of the wrong form and an amount that could overflow.

        Raises:
            ValueError: for either.
        """
        if not _PATTERN.fullmatch(self.key) or len(self.key) > _LONGEST_KEY:
            msg = f"not an account key: {self.key!r}"
            raise ValueError(msg)
        check_amount(self.limit)

    @property
    def is_lifetime(self) -> bool:
        """Whether this account never starts anew."""
        return self.key == _PERIODLESS or self.key.startswith(_PERIODLESS + ":")


def is_exact(key: str) -> bool:
    """Return whether a key names one account (no `*`)."""
    return _KEY.fullmatch(key) is not None


def check_amount(cost: Cost) -> None:
    """Refuse an amount above `AT_MOST`.

    Raises:
        ValueError: if a part is larger.
    """
    basic = cost.basic or Basic(0)
    if max(cost.nano_rho, cost.atto_delta, basic.nano_epsilon, basic.atto_delta) > AT_MOST:
        msg = "an amount of more than 2**62 is no amount"
        raise ValueError(msg)


def period_label(key: str) -> str | None:
    """Return the period an account belongs to, or None for a lifetime account.

    Example:
        >>> period_label("period:2026"), period_label("analyst:ana@x.org@2026-Q1"), period_label("lifetime")
        ('2026', '2026-Q1', None)
    """
    kind, _, name = key.partition(":")
    if kind == _PERIODLESS:
        return None
    return name if kind == "period" else name.rpartition("@")[2]


def patterns(key: str) -> tuple[str, ...]:
    """Return the patterns an activation may cover a key with, the most specific first.

    Example:
        >>> patterns("analyst:ana@2026")
        ('analyst:ana@2026', 'analyst:ana@*', 'analyst:*@2026', 'analyst:*@*')
        >>> patterns("period:2026")
        ('period:2026', 'period:*')
        >>> patterns("lifetime")
        ('lifetime',)
    """
    kind, colon, name = key.partition(":")
    if not colon:
        return (key,)
    owner, at, label = name.rpartition("@")
    if not at:
        return key, f"{kind}:*"
    return key, f"{kind}:{owner}@*", f"{kind}:*@{label}", f"{kind}:*@*"


@dataclass(frozen=True, slots=True)
class Facts:
    """What an audit entry says about a question; never values, literals or true counts.

    Attributes:
        actor: pseudonym of the asker (an HMAC made by the caller).
        codes: J codes of a refusal, N codes of notes.
        query_fingerprint: digest of the query without literals.
        cut_off: retention cut-off as text.
        mechanisms: names and public parameters.
        plan_digest: salted, so that nobody can test guesses of a question's literals against the log.
        release_schema: roles and types of the output columns, as text; names would be the asker's words.
        sources: ids of the kept releases that the answer was computed from; none where it is a release of its own.
    """

    actor: str
    role: str
    purpose: str
    query_fingerprint: str
    contract_digests: tuple[str, ...]
    decision: str = "allow"
    codes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    plan_digest: str = ""
    data_version: int = 0
    consent_epoch: int = 0
    cut_off: str = ""
    backend: str = ""
    mechanisms: tuple[str, ...] = ()
    release_schema: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Activation:
    """The limits a contract version puts on a population, frozen from now on.

    Attributes:
        contract_digest: digest of the contract (or population file) that sets the limits.
        accounts: limits by account key or pattern.
        approvals: pseudonyms of who approved; raising a frozen limit needs two.
    """

    population: str
    contract_digest: str
    accounts: tuple[Account, ...]
    actor: str
    approvals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """A price and the accounts that must all be able to pay it."""

    population: str
    accounts: tuple[Account, ...]
    cost: Cost
    facts: Facts


@dataclass(frozen=True, slots=True)
class Posting:
    """What one charge did to one account; `shown_as` is its name in the audit log."""

    account: str
    shown_as: str
    limit: Cost
    before: Cost
    after: Cost

    @property
    def gates(self) -> tuple[str, ...]:
        """Return which gates held after the charge: "rho", "basic" or both."""
        held = (("rho", self.after.fits_rho(self.limit)), ("basic", self.after.fits_basic(self.limit)))
        return tuple(name for name, holds in held if holds)


@dataclass(frozen=True, slots=True)
class Charge:
    """A durable charge. Only a ledger makes one.

    Attributes:
        id: UUIDv7.
        at_ms: ledger time, milliseconds since 1970 UTC.
        seq: position of the charge's entry in the audit log.
    """

    id: str
    population: str
    cost: Cost
    entries: tuple[Posting, ...]
    at_ms: int
    seq: int


@dataclass(frozen=True, slots=True)
class ReleaseKey:
    """Everything two questions must share for one to be answered with the other's release.

    Source: SECURITY.md rule 26. The noise level is not part of the key; it is compared.

    Attributes:
        family_digest: of the rows before their conditions; releases that share everything but `plan_digest` with a
            question may hold its answer.
    """

    population: str
    purpose: str
    data_version: int
    consent_epoch: int
    cut_off: str
    plan_digest: str
    contract_digests: tuple[str, ...]
    blocks: tuple[str, ...] = ()
    family_digest: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A release as it is stored: JSON text `body`, noise level `nano_rho`, bounds `bound_events`.

    Attributes:
        key: what it may be found by; None keeps no copy that could be served again.
        bounds: digests of the bounds it found, by which later questions find them in its body.
    """

    release_id: str
    body: str
    key: ReleaseKey | None = None
    nano_rho: int = 0
    bound_events: str = ""
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """An answer that was given before."""

    release_id: str
    charge_id: str
    body: str
    nano_rho: int
    bound_events: str
    receipt: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class ChargeRecord:
    """A line of the history of a population; `state` is reserved, recorded or lost."""

    id: str
    cost: Cost
    state: str
    at_ms: int
    seq: int
    actor: str
    purpose: str
    fingerprint: str
    accounts: tuple[str, ...] = field(default=())
