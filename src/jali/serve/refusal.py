"""A refusal in a terminal: code and title, the place in the query, every reason, the way out."""

from rich.text import Text

from jali.model.errors import JaliError, Place
from jali.serve.render import Page, labelled
from jali.serve.text import harmless


def refusal(error: JaliError, page: Page) -> list[Text]:
    """Return the lines of a refusal."""
    head = Text("  ")
    head.append(error.code, "bold red").append(f"  {error.title}", "bold")
    lines = [Text(), head, Text()]
    many = len(error.reasons) > 1
    for number, reason in enumerate(error.reasons, 1):
        lines += _reason(reason, f"Reason {number}" if many else "What happened", page)
    hints = list(dict.fromkeys(r.hint for r in error.reasons if r.hint))
    for index, hint in enumerate(hints):
        lines += labelled("" if index else "What to do", harmless(hint), page)
    suggestion = error.suggestion or next((r.suggestion for r in error.reasons if r.suggestion), None)
    if suggestion is not None:
        lines += labelled("Accepted", harmless(suggestion.sql), page)
        if suggestion.epsilon:
            lines += labelled("", f"at epsilon {harmless(suggestion.epsilon)}", page)
    return [*lines, Text()]


def _reason(reason: JaliError, label: str, page: Page) -> list[Text]:
    lines = labelled(label, harmless(reason.said), page)
    if reason.place is not None:
        lines += _place(reason.place, page)
    if reason.where:
        lines += labelled("Rule", harmless(reason.where), page)
    return lines


def _place(place: Place, page: Page) -> list[Text]:
    """Return the line of the query that holds the place, cut to the page, and the marks below it."""
    line, marks = place.underlined().split("\n", 1)
    start, end = len(marks) - len(marks.lstrip(" ")), len(marks)
    room = page.width - 6
    cut = max(0, min(start - room // 3, len(line) - room)) if len(line) > room else 0
    shown = Text("    ")
    shown.append(harmless(line[cut : cut + room]))
    under = Text("    ")
    under.append(" " * (start - cut) + "^" * max(1, min(end, cut + room) - start), "bold red")
    return [Text(), shown, under, Text()]
