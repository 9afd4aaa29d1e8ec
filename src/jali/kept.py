"""Bounds that were bought once and are used again: how a release records them and how a question finds them.

A bound is a released noisy output, so using it again is post-processing and free. It is taken only from a release that
was committed, whose receipt proves that its body is the one the audit log commits to; the index in the ledger merely
says where to look, and a body that does not hold the bound it is asked for is not believed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Protocol, cast

from jali.ledger.accounts import KeptRelease
from jali.model.codes import LedgerFailed
from jali.plan import PrivatePlan
from jali.plan.choice import KeptBound, Library
from jali.plan.noisy import Noisy
from jali.plan.source import read_kept
from jali.policy.check import Cleared

Json = Mapping[str, object]


class Shelf(Protocol):
    """The part of a ledger that gives releases back by the bounds they found."""

    def bounds(self, bound: str) -> tuple[KeptRelease, ...]:
        """Return the kept releases that found a bound, the oldest first."""
        ...


def digest(cleared: Cleared, text: str) -> str:
    """Return what a bound is found by: population, purpose, contracts, and the text of measure and grouping."""
    named = {
        "population": cleared.population.id,
        "purpose": cleared.request.purpose,
        "contracts": sorted(c.id for c in cleared.contracts),
        "bound": text,
    }
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()


def library(cleared: Cleared, shelf: Shelf) -> Library:
    """Return a look-up of kept bounds for a question; each text is looked up once, so that a plan stays what it is."""
    seen: dict[str, tuple[KeptBound, ...]] = {}

    def kept(text: str) -> Sequence[KeptBound]:
        if text not in seen:
            wanted = digest(cleared, text)
            seen[text] = tuple(_read(one, wanted) for one in shelf.bounds(wanted))
        return seen[text]

    return kept


def _read(one: KeptRelease, wanted: str) -> KeptBound:
    """Return the bound a release recorded.

    Raises:
        LedgerFailed: if it recorded no such bound.
    """
    try:
        listed = cast("list[Json]", json.loads(one.body)["bounds"])
        found = next(b for b in listed if b["bound"] == wanted)
        return read_kept(dict(found) | {"release": one.release_id})
    except (KeyError, ValueError, TypeError, StopIteration) as error:
        raise LedgerFailed("a kept bound is damaged", hint="run jali audit verify") from error


def found_by(plan: PrivatePlan, noisy: Noisy) -> list[dict[str, object]]:
    """Return the bounds that a release bought, as its body records them; those it had from before are not repeated."""
    cleared = plan.cleared
    bought = [
        (f.choice.text, f.choice.where, f.value, f.choice.nano_rho)
        for f in plan.found
        if f.choice is not None
    ]
    for noise in plan.noises:
        if noise.choice_nano_rho and noise.group.id in plan.clips:
            text, where = plan.clips[noise.group.id]
            bought.append((text, where, noisy.norms[noise.group.id], noise.choice_nano_rho))
    return [
        {"bound": digest(cleared, text), "value": str(value), "nano_rho": paid, "where": list(where)}
        for text, where, value, paid in bought
    ]
