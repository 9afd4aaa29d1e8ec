"""Audit entries: what is written about activations, charges, releases, decisions and refusals.

Invariant: an entry is one line of RFC 8785 JSON. It holds names, digests, public parameters and prices; never
a value, a literal or a true count. Amounts are texts of digits, because JSON numbers end at 2**53.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

import rfc8785

from jali.ledger.accounts import Account, Activation, Charge, ChargeRequest, Facts, Posting
from jali.model.money import Cost

Json: TypeAlias = str | int | list["Json"] | dict[str, "Json"]
Fields: TypeAlias = dict[str, Json]

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST_TEXT: Final = 500
_MOST_ITEMS: Final = 200
NO_BASIC: Final = "none"
"""Written where a price, sum or limit has no basic part; entries of older versions have nothing there."""


def line(fields: Mapping[str, Json]) -> bytes:
    """Return an entry as its line in the log, without the newline at the end; it has none inside."""
    return canonical({name: _clean(item) for name, item in fields.items()})


def canonical(fields: Fields) -> bytes:
    """Return the RFC 8785 form."""
    return rfc8785.dumps(fields)


def activation(asked: Activation, limits: tuple[Account, ...]) -> Fields:
    """Return the fields of an activation that sets these limits."""
    shown: list[Json] = [{"account": a.shown_as or a.key, "limit": money(a.limit)} for a in limits]
    return {
        "population": asked.population,
        "contract": asked.contract_digest,
        "actor": asked.actor,
        "approvals": [*asked.approvals],
        "limits": shown,
    }


def charge(charge_id: str, asked: ChargeRequest, postings: tuple[Posting, ...]) -> Fields:
    """Return the fields of a charge with every account before and after, and the gates that held."""
    accounts: list[Json] = [
        {
            "account": p.shown_as,
            "limit": money(p.limit),
            "before": money(p.before),
            "after": money(p.after),
            "gates": [*p.gates],
        }
        for p in postings
    ]
    more: Fields = {
        "charge": charge_id,
        "population": asked.population,
        "cost": money(asked.cost),
        "accounts": accounts,
    }
    return facts(asked.facts) | more


def release(charged: Charge, release_id: str, commitment: str, about: Facts) -> Fields:
    """Return the fields of a release; the commitment is salted, so it cannot be guessed open."""
    more: Fields = {
        "charge": charged.id,
        "population": charged.population,
        "cost": money(charged.cost),
        "release": release_id,
        "commitment": commitment,
    }
    return facts(about) | more


def facts(about: Facts) -> Fields:
    """Return what every entry about a question says."""
    said: Fields = {
        "actor": about.actor,
        "role": about.role,
        "purpose": about.purpose,
        "decision": about.decision,
        "codes": [*about.codes],
        "rules": [*about.rules],
        "query": about.query_fingerprint,
        "plan": about.plan_digest,
        "contracts": [*about.contract_digests],
        "data_version": about.data_version,
        "consent_epoch": about.consent_epoch,
        "cut_off": about.cut_off,
        "backend": about.backend,
        "mechanisms": [*about.mechanisms],
        "schema": about.release_schema,
    }
    if about.sources:
        said["from"] = [*about.sources]
    return said


def money(cost: Cost) -> Json:
    """Return an amount as texts of digits; the word "none" where it has no basic part."""
    basic: Json = NO_BASIC
    if cost.basic is not None:
        basic = {"nano_epsilon": str(cost.basic.nano_epsilon), "atto_delta": str(cost.basic.atto_delta)}
    return {"nano_rho": str(cost.nano_rho), "atto_delta": str(cost.atto_delta), "basic": basic}


def _clean(value: Json) -> Json:
    """Return the value with control characters replaced and texts and lists cut to a bounded length.

    A refused question may carry any text as its purpose; the log must take it and stay one entry per line.
    """
    if isinstance(value, str):
        return _CONTROL.sub("\ufffd", value[:_LONGEST_TEXT])
    if isinstance(value, list):
        return [_clean(item) for item in value[:_MOST_ITEMS]]
    if isinstance(value, dict):
        return {name: _clean(item) for name, item in value.items()}
    return value
