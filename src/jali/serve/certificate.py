"""Certificates: what was released, by which mechanisms, at what price; signed, and priced again by whoever checks.

A certificate holds no value of the answer. Its receipt proves the entry in the audit log, whose commitment binds
the answer itself.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Final, cast

from jali.keys.vault import Vault
from jali.ledger.entries import NO_BASIC
from jali.ledger.standalone_verifier import BrokenError, verify_receipt
from jali.model.codes import Usage
from jali.model.errors import JaliError
from jali.model.money import Basic, Cost
from jali.pipeline import House
from jali.plan.evidence import reprice
from jali.serve.accounts import body_of, kept_release

FORMAT: Final = "jali-certificate-1"
_FROM_ENTRY: Final = {
    "query": "query_fingerprint",
    "contracts": "contract_digests",
    "data_version": "data_version",
    "consent_epoch": "consent_epoch",
    "cut_off": "cut_off",
    "purpose": "purpose",
    "backend": "backend",
    "software": "software",
    "time": "released",
    "population": "population",
    "cost": "price",
}
Json = Mapping[str, object]


def issue(house: House, release: str) -> str:
    """Return the signed certificate of a kept release as JSON text.

    Raises:
        Usage: if there is no such release, or it was kept without evidence.
    """
    kept = kept_release(house, release)
    body = body_of(kept)
    if "evidence" not in body:
        raise Usage(
            "this release was kept without its plan", hint="ask the question again after the next load"
        )
    entry = verify_receipt(kept.receipt, house.ledger.verifier_key, kept.body)
    privacy = cast("Json", cast("Json", body["release"])["privacy"])
    said = {name: entry[field] for field, name in _FROM_ENTRY.items()}
    certificate: dict[str, object] = {
        "format": FORMAT,
        "release_id": kept.release_id,
        **said,
        "unit": privacy["unit"],
        "guarantee": privacy["guarantee"],
        **cast("Json", body["evidence"]),
        "receipt": kept.receipt,
    }
    key = Vault.open(house.policies.settings.vault).signing_key()
    signature = base64.b64encode(key.sign(_signed(certificate))).decode()
    whole = {"certificate": certificate, "key": house.ledger.verifier_key, "signature": signature}
    return json.dumps(whole, ensure_ascii=True, indent=2)


def _signed(certificate: Json) -> bytes:
    """Return the bytes that are signed: the format's name, then the RFC 8785 form."""
    import rfc8785

    return f"{FORMAT}\n".encode() + rfc8785.dumps(cast("dict[str, object]", certificate))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # JSON


def check(text: str, key: str) -> list[tuple[str, bool]]:
    """Return every step of the check of a certificate and whether it holds.

    Args:
        text: what `jali certificate` printed.
        key: public key of the house in signed-note form, kept by the checker.

    Raises:
        Usage: if the text is no certificate.
    """
    try:
        whole = json.loads(text)
        certificate, signature = whole["certificate"], str(whole["signature"])
        is_ours = certificate["format"] == FORMAT
    except (ValueError, KeyError, TypeError):
        raise Usage("this is not a certificate", hint="give a file that jali certificate printed") from None
    if not is_ours:
        raise Usage("this certificate has another format", hint=f"this program checks {FORMAT}")
    entry = _entry(certificate, key)
    return [
        ("the house's key signed the certificate", _is_signed(certificate, signature, key)),
        ("the receipt proves its entry to be in the audit log", entry is not None),
        ("the entry is about this release", _agrees(certificate, entry)),
        ("the plan is the one that was logged", _digest(certificate) == (entry or {}).get("plan")),
        ("the price computed again from the mechanisms is what was charged", _is_priced(certificate)),
    ]


def _entry(certificate: Json, key: str) -> Json | None:
    try:
        return verify_receipt(str(certificate["receipt"]), key)
    except (BrokenError, KeyError, ValueError):
        return None


def _is_signed(certificate: Json, signature: str, key: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = base64.b64decode(key.split("+", 2)[2], validate=True)[1:]
        signed = base64.b64decode(signature, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signed, _signed(certificate))
    except (InvalidSignature, ValueError, IndexError, TypeError, binascii.Error):
        return False
    return True


def _agrees(certificate: Json, entry: Json | None) -> bool:
    return (
        entry is not None
        and entry.get("type") == "release"
        and entry.get("release") == certificate.get("release_id")
        and all(entry.get(field) == certificate.get(name) for field, name in _FROM_ENTRY.items())
    )


def _digest(certificate: Json) -> str:
    text = f"{certificate.get('plan_salt')}\n{certificate.get('plan')}"
    return hashlib.sha256(text.encode()).hexdigest()


def _cost(charged: Json) -> Cost:
    """Return a price as the audit log holds it."""
    basic = charged.get("basic", NO_BASIC)
    known: Basic | None = None
    if basic != NO_BASIC:
        parts = cast("Mapping[str, str]", basic)
        known = Basic(int(parts["nano_epsilon"]), int(parts["atto_delta"]))
    return Cost(int(str(charged["nano_rho"])), int(str(charged["atto_delta"])), known)


def _is_priced(certificate: Json) -> bool:
    try:
        charged = cast("Json", certificate["price"])
        return reprice(certificate).is_covered_by(_cost(charged))
    except (ValueError, KeyError, TypeError, JaliError):
        return False
