"""What a kept release can do for a new question, decided in one place: `find`.

It reads the ledger, the plan of the question and the rules; never data. The asker was cleared for the question before,
and the key that releases are looked up by holds the purpose, the population, the version of the data, the consent
epoch, the cut-off and the contracts, so a release of another purpose, version or contract is never even seen.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from jali.ledger.accounts import KeptRelease, ReleaseKey
from jali.plan import PrivatePlan, repriced
from jali.plan.derive import Derived, Kept, as_kept, derived, is_price_given
from jali.plan.levels import Lines, measured_lines
from jali.plan.noisy import Noisy
from jali.plan.refine import Refinement, refinement
from jali.plan.source import Source, family_text, read


class Library(Protocol):
    """The part of a ledger that gives kept releases back."""

    def find(self, key: ReleaseKey) -> tuple[KeptRelease, ...]:
        """Return the kept releases of the very same plan, the most accurate first."""
        ...

    def related(self, key: ReleaseKey) -> tuple[KeptRelease, ...]:
        """Return kept releases over the same rows, the dearest first."""
        ...


@dataclass(frozen=True, slots=True)
class Same:
    """A release of the same question, at least as accurate as asked: it is shown again.

    Attributes:
        combines: ids of the earlier releases it holds, if it was refined.
    """

    release_id: str
    plan: PrivatePlan
    lines: Lines
    combines: tuple[str, ...] = ()
    follows_from = ()


@dataclass(frozen=True, slots=True)
class Derivable:
    """A release from whose noisy totals the answer follows: free."""

    release_id: str
    plan: PrivatePlan
    lines: Lines
    is_summed: bool

    combines = ()

    @property
    def follows_from(self) -> tuple[str, ...]:
        """Return the release it follows from."""
        return (self.release_id,)


@dataclass(frozen=True, slots=True)
class Refinable:
    """A less accurate release of the same question: only the difference is bought.

    Attributes:
        combines: the ids of all releases that are combined, the first one first.
    """

    refinement: Refinement
    combines: tuple[str, ...]


Reuse: TypeAlias = Same | Derivable | Refinable


def family_digest(plan: PrivatePlan) -> str:
    """Return the digest of the rows of a plan before their own conditions."""
    return hashlib.sha256(family_text(plan.exact.rows).encode()).hexdigest()


def find(plan: PrivatePlan, key: ReleaseKey, library: Library) -> Reuse | None:
    """Return what answers a question best: the same release, one it follows from, one to refine; None for none.

    Raises:
        LedgerFailed: if a kept release is damaged.
    """
    same = library.find(key)
    for one in same:
        if one.nano_rho >= plan.level:
            return _served(plan, one)
    found = next(_derivations(plan, key, library), None)
    return found if found is not None else next(_refinements(plan, same), None)


def _served(plan: PrivatePlan, one: KeptRelease) -> Same:
    kept, combines = _opened(one)
    if kept is None:
        noisy = Noisy.from_parsed(json.loads(one.body)["noisy"])
        return Same(one.release_id, repriced(plan, one.nano_rho), _all(noisy))
    return Same(one.release_id, as_kept(plan, kept), _all(kept.noisy), combines)


def _all(noisy: Noisy) -> Lines:
    return measured_lines(noisy.keys, noisy.totals(), noisy.norms)


def _derivations(plan: PrivatePlan, key: ReleaseKey, library: Library) -> Iterator[Derivable]:
    if plan.is_public:
        return
    for one in library.related(key):
        if one.nano_rho < plan.level and not is_price_given(plan):
            return  # the dearest come first
        for kept in opened(one):
            found: Derived | None = derived(plan, kept)
            if found is not None:
                yield Derivable(one.release_id, found.plan, found.lines, found.is_summed)


def _refinements(plan: PrivatePlan, same: tuple[KeptRelease, ...]) -> Iterator[Refinable]:
    for one in same:
        kept, combines = _opened(one)
        found = None if kept is None else refinement(plan, kept)
        if found is not None:
            yield Refinable(found, (*combines, one.release_id))


def _opened(one: KeptRelease) -> tuple[Kept | None, tuple[str, ...]]:
    """Return a kept release as it can be read, and the releases it was combined from; None without a description."""
    body = json.loads(one.body)
    return _whole(one, body), tuple(str(x) for x in body.get("combines", []))


def _whole(one: KeptRelease, body: Mapping[str, Any]) -> Kept | None:
    source: Source | None = read(body.get("source"))
    if source is None:
        return None
    return Kept(one.release_id, one.nano_rho, source, Noisy.from_parsed(body["noisy"]))


def opened(one: KeptRelease) -> Iterator[Kept]:
    """Yield what a kept release measured: one set of totals, or those of each grouping of a workload."""
    body = json.loads(one.body)
    kept = _whole(one, body)
    if kept is not None:
        yield kept
    for part in body.get("parts", []):
        source = read(part["source"])
        if source is not None:
            paid = sum(n.nano_rho + n.choice_nano_rho for n in source.noises)  # its part of the whole price
            yield Kept(one.release_id, paid, source, Noisy.from_parsed(part["noisy"]))


def price_of(found: Reuse | None, unpriced: PrivatePlan) -> int:
    """Return what is charged, in nano-rho: the whole price, the difference, or nothing."""
    match found:
        case None:
            return unpriced.cost.nano_rho
        case Refinable(refinement=refined):
            return refined.buying.cost.nano_rho
        case _:
            return 0


def in_words(found: Reuse, unpriced: PrivatePlan) -> list[str]:
    """Return what `jali explain` says of the reuse of a kept release."""
    match found:
        case Same(release_id=release_id):
            return [f"free: kept as release {release_id}"]
        case Derivable(plan=plan):
            return [note.text for note in plan.notes if note.code == "N311"]
        case Refinable(refinement=refined, combines=combines):
            less, whole = refined.buying.cost.nano_rho / 1e9, unpriced.cost.nano_rho / 1e9
            return [f"refines release {combines[-1]}: rho {less:.9g} instead of {whole:.9g}"]
