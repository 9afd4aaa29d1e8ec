"""Kept releases: the list, and one of them by its id or the beginning or end of it."""

import json
from dataclasses import dataclass
from typing import cast

from rich.text import Text

from jali.ledger.accounts import KeptRelease
from jali.model.codes import Usage
from jali.pipeline import House
from jali.serve import entries
from jali.serve.text import harmless

_SHORTEST_PART = 6


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of `jali releases`; no values."""

    release_id: str
    time: str
    purpose: str
    schema: str
    rho: float

    def as_json(self) -> dict[str, object]:
        """Return the line as JSON."""
        return {
            "release_id": self.release_id,
            "time": self.time,
            "purpose": self.purpose,
            "columns": self.schema,
            "rho": self.rho,
        }


def releases(house: House) -> list[Kept]:
    """Return every release of the audit log, the oldest first."""
    found: list[Kept] = []
    for entry in entries.read(house.policies.settings.audit):
        if entry.get("type") == "release":
            cost = cast("dict[str, str]", entry["cost"])
            found.append(
                Kept(
                    release_id=str(entry["release"]),
                    time=str(entry["time"]),
                    purpose=str(entry["purpose"]),
                    schema=str(entry["schema"]),
                    rho=int(cost["nano_rho"]) / 1e9,
                )
            )
    return found


def kept_release(house: House, given: str) -> KeptRelease:
    """Return a kept release by its id; the beginning or the end of an id is enough if it fits one alone.

    Raises:
        Usage: if none or several fit.
    """
    if (kept := house.ledger.release(given)) is not None:
        return kept
    ids = [r.release_id for r in releases(house)] if len(given) >= _SHORTEST_PART else []
    fitting = [one for one in ids if one.startswith(given) or one.endswith(given)]
    if len(fitting) != 1:
        raise Usage(
            "several releases fit this id" if fitting else "no release has this id",
            hint="jali releases lists them",
        )
    kept = house.ledger.release(fitting[0])
    if kept is None:
        raise Usage("this release is no longer kept", hint="jali releases lists them")
    return kept


def body_of(kept: KeptRelease) -> dict[str, object]:
    """Return the stored body of a release."""
    return cast("dict[str, object]", json.loads(kept.body))


def lines(found: list[Kept]) -> list[Text]:
    """Return the releases as lines."""
    shown = [Text(f"  {'release':<36}  {'time':<19}  {'purpose':<12}  {'rho':>9}  columns", "bold")]
    for one in found:
        line = Text(f"  {harmless(one.release_id):<36}  ")
        line.append(f"{harmless(one.time)[:19]:<19}  ", "dim")
        shown.append(
            line.append(f"{harmless(one.purpose)[:12]:<12}  {one.rho:>9.6f}  {harmless(one.schema)}")
        )
    return shown if found else [Text("  nothing was released yet")]
