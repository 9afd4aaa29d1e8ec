"""The published audit log, read for people: entries as they stand, newest last."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

from rich.text import Text

from jali.model.codes import AuditFailed
from jali.serve.text import harmless

Entry: TypeAlias = Mapping[str, object]


def read(folder: Path) -> list[Entry]:
    """Return the entries of the published log.

    Raises:
        AuditFailed: if there is none, or it holds something else.
    """
    try:
        text = (folder / "entries.jsonl").read_text(encoding="utf-8") if folder.is_dir() else ""
        if not text and not (folder / "checkpoint").exists():
            raise AuditFailed("there is no audit log here yet", hint="it begins with the first question")
        return [cast("Entry", json.loads(line)) for line in text.splitlines()]
    except (OSError, ValueError):
        raise AuditFailed("the audit log cannot be read", hint="run jali audit verify") from None


def lines(found: list[Entry]) -> list[Text]:
    """Return one line per entry: when, what, who, why, at what price."""
    shown = [Text(f"  {'time':<20}  {'entry':<10}  {'who':<16}  {'purpose':<12}  what", "bold")]
    for entry in found:
        line = Text("  ")
        line.append(_text(entry, "time")[:19].ljust(20) + "  ", "dim")
        line.append(_text(entry, "type").ljust(10) + "  ")
        line.append(_text(entry, "actor")[:16].ljust(16) + "  ", "dim")
        line.append(_text(entry, "purpose")[:12].ljust(12) + "  ")
        shown.append(line.append(_what(entry)))
    return shown


def _text(entry: Entry, name: str) -> str:
    value = entry.get(name, "")
    return harmless(value) if isinstance(value, str) else ""


def _what(entry: Entry) -> str:
    codes = entry.get("codes")
    shown = ", ".join(harmless(c) for c in cast("list[object]", codes)) if isinstance(codes, list) else ""
    cost = entry.get("cost")
    if isinstance(cost, dict):
        rho = cast("dict[str, object]", cost).get("nano_rho")
        paid = f"rho {int(str(rho)) / 1e9:.6f}" if str(rho).isdigit() else ""
        return paid if entry.get("type") == "charge" else f"release {_text(entry, 'release')}"
    if entry.get("type") == "decision":
        what = {"listed": "public keys", "derived": "derived answer"}.get(
            _text(entry, "decision"), "kept release"
        )
        return f"{what} {_text(entry, 'release')}"
    return shown
