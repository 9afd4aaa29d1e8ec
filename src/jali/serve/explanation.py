"""`jali explain` in a terminal and as JSON: every station of a question, as a tree."""

import textwrap

from rich.text import Text

from jali.model.money import NANO
from jali.model.release import basic_json, remaining_json
from jali.pipeline import Explanation
from jali.serve.render import Page, grouped_int
from jali.serve.text import counted, harmless


def as_json(found: Explanation) -> dict[str, object]:
    """Return the object that `jali explain --json` prints."""
    return {
        "stations": [{"name": name, "lines": list(said)} for name, said in found.stations],
        "price": {
            "rho": found.nano_rho / NANO,
            "epsilon": found.epsilon,
            "questions_at_default": found.questions,
            "gate": found.gate,
            "guarantee": {"epsilon": found.epsilon, "delta": found.delta},
            "basic": basic_json(found.basic, found.fits.closed if found.fits is not None else ""),
            "fits": None if found.fits is None else {"rho": found.fits.rho, "basic": found.fits.basic},
        },
        "kept": list(found.kept),
        "remaining": {name: remaining_json(r) for name, r in found.remaining.items()},
    }


def lines(found: Explanation, page: Page) -> list[Text]:
    """Return the stations as a tree, then the price in one sentence."""
    shown = [
        Text(),
        Text("  how this question would be answered; nothing was read, this is free", "dim"),
        Text(),
    ]
    for name, said in found.stations:
        if said:
            shown.append(Text(f"  {harmless(name)}", "bold"))
            shown += [
                line for i, text in enumerate(said) for line in _leaf(text, page, is_last=i == len(said) - 1)
            ]
    price = f"{_cost(found)}; {_left(found)}"
    return [*shown, Text(), *(Text(part) for part in _wrapped(price, page.width, "  ")), Text()]


def _left(found: Explanation) -> str:
    if found.gate == "basic" and found.fits is not None and not found.fits.closed:
        return f"{counted(found.fits.basic, 'such question')} left"
    left = min(found.remaining.values(), key=lambda one: one.questions_at_default)
    return f"{grouped_int(left.questions_at_default)} left"


def _cost(found: Explanation) -> str:
    if found.kept and not found.nano_rho:
        return found.kept[0].partition(";")[0]
    if found.gate == "basic" and found.basic is not None:
        return f"it would cost epsilon {found.basic.nano_epsilon / NANO:.3g} by the second gate"
    cost = f"it would cost {counted(found.questions, 'question')} at the default"
    return f"{cost} (epsilon {found.epsilon:.3g} by itself)"


def _leaf(text: str, page: Page, *, is_last: bool) -> list[Text]:
    inner = len(text) - len(text.lstrip(" "))
    parts = textwrap.wrap(
        harmless(text.strip()), max(20, page.width - 6 - inner), break_on_hyphens=False
    ) or [""]
    found: list[Text] = []
    for index, part in enumerate(parts):
        stem = page.glyphs.last if is_last else page.glyphs.branch
        if index:
            stem = "   " if is_last else page.glyphs.axis + "  "
        line = Text(f"  {stem}", "dim")
        found.append(line.append(" " * inner).append(part, "default"))
    return found


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(text.strip(), max(20, width), initial_indent=indent, subsequent_indent=indent)
