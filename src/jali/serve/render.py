"""An answer in a terminal: keys left, numbers right, a bar with a soft edge, what moved it, what it cost.

Nothing here decides anything about privacy: a release goes in, lines of text come out.
"""

import textwrap
from dataclasses import dataclass, field
from decimal import Decimal

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from jali.model.release import Note, Release
from jali.serve.cells import Cell, Measure, is_label, key_columns, measures, runs_in_time
from jali.serve.chart import Glyphs, bar, columns, round_top
from jali.serve.standing import Price
from jali.serve.text import counted, grouped, harmless, how_often, significant, tenths

_GAP = "   "
_INDENT = "  "
_WIDEST_BAR = 32
_NARROWEST_BAR = 9
_NARROWEST_KEY = 6
_FIRST_WORTH_A_CHART = 8
_LABEL = 16
_CUT = "..."


@dataclass(frozen=True, slots=True)
class Page:
    """Where an answer is shown.

    Attributes:
        width: characters of a line.
        rows_at_most: rows shown; the middle of a longer answer is left out.
    """

    width: int = 80
    rows_at_most: int = 200
    glyphs: Glyphs = field(default_factory=Glyphs)


def answer(release: Release, price: Price | None, page: Page) -> list[Text]:
    """Return the lines of an answer."""
    found = measures(release)
    lines: list[Text] = [Text()]
    if _is_charted(release, found):
        lines += [*_chart(release, found[0], page), Text()]
    lines += _tables(release, found, page)
    lines.append(Text())
    lines += _notes(release, found, page)
    lines += _closing(release, price, page)
    return lines


def _is_charted(release: Release, found: tuple[Measure, ...]) -> bool:
    return (
        len(found) == 1
        and runs_in_time(release)
        and sum(c.span is not None for c in found[0].cells) >= _FIRST_WORTH_A_CHART
    )


def _chart(release: Release, measure: Measure, page: Page) -> list[Text]:
    keys = key_columns(release)[0][1]
    shown = [i for i, key in enumerate(keys) if not is_label(key)]
    spans = [measure.cells[i].span for i in shown]
    top = round_top(max((s.high for s in spans if s is not None), default=0.0))
    top_label = significant(Decimal(repr(top)))
    margin = len(top_label) + len(_INDENT)
    drawn = columns(spans, [keys[i] for i in shown], (page.width - margin - 3, top), page.glyphs)
    lines: list[Text] = []
    for kind, drawing in drawn:
        label = {"top": top_label, "floor": "0"}.get(kind, "")
        line = Text(label.rjust(margin), "dim")
        line.append(f" {page.glyphs.axis if drawing is not drawn[-1][1] else ' '}", "dim")
        lines.append(line.append(drawing, "dim" if kind == "floor" or drawing is drawn[-1][1] else "cyan"))
    return lines


@dataclass(frozen=True, slots=True)
class _Layout:
    """Widths of the parts of a row; `bar` 0 draws none."""

    keys: tuple[int, ...]
    bar: int
    scale: float


def _tables(release: Release, found: tuple[Measure, ...], page: Page) -> list[Text]:
    """Return one table with every measure where it fits, else one table after the other."""
    keys = key_columns(release)
    if len(found) == 1:
        return _table(release, keys, found, page)
    wide = _table(release, keys, found, page)
    if all(cell_len(line.plain) <= page.width for line in wide):
        return wide
    lines: list[Text] = []
    for one in found:
        lines += [*_table(release, keys, (one,), page), Text()]
    return lines[:-1]


def _table(
    release: Release, keys: list[tuple[str, list[str]]], found: tuple[Measure, ...], page: Page
) -> list[Text]:
    layout = _layout(keys, found, page, has_bars=not _is_charted(release, found))
    lines = [_head(keys, found, layout, how_often(release.confidence))]
    count = len(release.rows)
    for index in _shown_rows(count, page.rows_at_most):
        if index is None:
            lines.append(Text(f"{_INDENT}... {count - page.rows_at_most} more rows", "dim"))
        else:
            lines.append(
                _row(
                    [texts[index] for _, texts in keys], [m.cells[index] for m in found], found, layout, page
                )
            )
    if count == 0:
        lines.append(Text(f"{_INDENT}(no rows)", "dim"))
    return lines


def _shown_rows(count: int, at_most: int) -> list[int | None]:
    if count <= at_most:
        return list(range(count))
    tail = at_most // 3
    return [*range(at_most - tail), None, *range(count - tail, count)]


def _layout(
    keys: list[tuple[str, list[str]]], found: tuple[Measure, ...], page: Page, *, has_bars: bool
) -> _Layout:
    is_flagged = any(c.flag for m in found for c in m.cells)
    numbers = len(_INDENT) + sum(_width(m) + len(_GAP) for m in found)
    flags = _NARROWEST_BAR + len(_GAP) if is_flagged else 0
    widths = _key_widths(keys, page.width - numbers - flags + len(_GAP))
    left = page.width - numbers - sum(w + len(_GAP) for w in widths)
    scale = max((c.span.high for m in found for c in m.cells if c.span and not c.flag), default=0.0)
    wants = bool(keys) and len(found) == 1 and found[0].has_intervals and has_bars and scale > 0
    if wants and left >= _NARROWEST_BAR:
        return _Layout(widths, min(_WIDEST_BAR, left), scale)
    return _Layout(widths, _NARROWEST_BAR if is_flagged and len(found) == 1 else 0, 0.0)


def _key_widths(keys: list[tuple[str, list[str]]], room: int) -> tuple[int, ...]:
    """Return the width of each key column: as wide as its texts, and less where the room ends."""
    wants = [max(cell_len(t) for t in (head, *texts)) for head, texts in keys]
    share = max(_NARROWEST_KEY, room // max(1, len(keys)) - len(_GAP))
    if sum(w + len(_GAP) for w in wants) <= room:
        return tuple(wants)
    return tuple(min(w, share) for w in wants)


def _number_width(measure: Measure) -> int:
    return max(cell_len(measure.title), max((len(c.text) for c in measure.cells), default=0))


def _interval_widths(measure: Measure) -> tuple[int, int]:
    return max((len(c.low) for c in measure.cells), default=0), max(
        (len(c.high) for c in measure.cells), default=0
    )


def _width(measure: Measure) -> int:
    low, high = _interval_widths(measure)
    interval = (
        len(_GAP) + max(low + high + len(" to "), len("19 times in 20")) if measure.has_intervals else 0
    )
    return _number_width(measure) + interval


def _head(keys: list[tuple[str, list[str]]], found: tuple[Measure, ...], layout: _Layout, often: str) -> Text:
    line = Text(_INDENT, "bold")
    for (head, _), width in zip(keys, layout.keys, strict=True):
        line.append(set_cell_size(head, width) + _GAP)
    for measure in found:
        line.append(_right(measure.title, _number_width(measure)) + _GAP)
        if layout.bar:
            line.append(" " * layout.bar + _GAP)
        if measure.has_intervals:
            low, high = _interval_widths(measure)
            line.append(set_cell_size(often, max(len(often), low + high + len(" to "))) + _GAP)
    line.rstrip()
    return line


def _right(text: str, width: int) -> str:
    return " " * max(0, width - cell_len(text)) + text


def _row(keys: list[str], cells: list[Cell], found: tuple[Measure, ...], layout: _Layout, page: Page) -> Text:
    line = Text(_INDENT)
    for key, width in zip(keys, layout.keys, strict=True):
        line.append(_fitted(key, width) + _GAP)
    for cell, measure in zip(cells, found, strict=True):
        line.append(
            _right(cell.text or page.glyphs.dot, _number_width(measure)), "bold" if not cell.flag else "dim"
        )
        line.append(_GAP)
        if layout.bar:
            _append_bar(line, cell, layout, page)
        if measure.has_intervals:
            low, high = _interval_widths(measure)
            text = (
                f"{_right(cell.low, low)} to {_right(cell.high, high)}"
                if cell.high
                else " " * (low + high + 4)
            )
            line.append(text.ljust(len("19 times in 20")) + _GAP, "dim")
        if cell.flag and not layout.bar:
            line.append(cell.flag + _GAP, "yellow")
    line.rstrip()
    return line


def _fitted(text: str, width: int) -> str:
    """Return a key cut to its column; a cut one ends in three points."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - len(_CUT)) + _CUT


def _append_bar(line: Text, cell: Cell, layout: _Layout, page: Page) -> None:
    if cell.flag:
        line.append(cell.flag.ljust(layout.bar) + _GAP, "yellow")
        return
    solid, edge = bar(cell.span, layout.scale, layout.bar, page.glyphs) if cell.span else ("", "")
    line.append(solid, "cyan").append(edge, "dim cyan").append(" " * (layout.bar - len(solid + edge)) + _GAP)


def _notes(release: Release, found: tuple[Measure, ...], page: Page) -> list[Text]:
    texts = merged(release.notes, is_single=len(found) == 1)
    if any(c.flag == "too noisy" for m in found for c in m.cells):
        texts.append("'too noisy': the noise is more than a fifth of the number; do not rely on it")
    return [
        line for i, text in enumerate(texts) for line in labelled("" if i else "What moved it", text, page)
    ]


def merged(notes: tuple[Note, ...], *, is_single: bool) -> list[str]:
    """Return notes in plain words: a bound that was found replaces the note that it would be found."""
    found = {n.text.partition(": ")[0]: n.text for n in notes if n.code == "N307"}
    texts: list[str] = []
    for note in notes:
        name, _, rest = note.text.partition(": ")
        text = note.text
        if note.code == "N307":
            continue
        if note.code == "N301" and name in found:
            tail = rest.partition("; ")[2]
            text = found[name] + (f"; {tail}" if tail else "")
        texts.append(text.partition(": ")[2] if is_single and note.code == "N301" else text)
    return [harmless(text) for text in dict.fromkeys(texts)]


def labelled(label: str, text: str, page: Page) -> list[Text]:
    """Return a label and its text, wrapped beside it."""
    room = max(20, page.width - len(_INDENT) - _LABEL)
    lines: list[Text] = []
    for i, part in enumerate(
        textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    ):
        line = Text(_INDENT)
        line.append((label if i == 0 else "").ljust(_LABEL), "dim")
        lines.append(line.append(part))
    return lines


def _closing(release: Release, price: Price | None, page: Page) -> list[Text]:
    if price is None:
        return labelled("Release", harmless(release.release_id), page)
    whose = _whose(price)
    of_all = f" of about {grouped_int(price.total)} questions {whose}"
    is_free = release.privacy.is_kept or not release.privacy.nano_rho
    free = "free: this answer was kept" if release.privacy.is_kept else "free: these keys are public"
    if release.privacy.follows_from:
        free = f"free: follows from release {harmless(release.privacy.follows_from[0])}"
    cost = free if is_free else tenths(price.questions) + of_all
    count = counted(price.left, "question") if price.left else "less than one question"
    left = f"{count} {price.period if is_free else 'of it'}"
    epsilon = f"epsilon {price.epsilon_left:.3g} of {price.epsilon_total:.3g}"
    if release.privacy.gate == "basic" and release.privacy.charged:
        cost, left, epsilon = _second_gate(release, price)
    if release.privacy.charged and release.privacy.combines:
        cost += f"; the rest was paid for release {harmless(release.privacy.combines[-1])}"
    return [
        *labelled("Price", cost, page),
        *labelled("Left", f"{left} {page.glyphs.dot} {epsilon}", page),
        *labelled("Release", harmless(release.release_id), page),
    ]


def _second_gate(release: Release, price: Price) -> tuple[str, str, str]:
    """Return price and rest of an answer that was priced in epsilon."""
    paid, rest = release.privacy.basic, release.remaining["analyst"]
    cost = f"epsilon {(paid.nano_epsilon if paid is not None else 0) / 1e9:.3g} by the second gate"
    cost += f", rho {release.privacy.nano_rho / 1e9:.3g} by the first"
    second = (
        f"closed: {rest.closed}" if rest.basic is None else f"epsilon {rest.basic.nano_epsilon / 1e9:.3g}"
    )
    left = f"by the second gate {second}"
    return cost, left, f"by the first {counted(price.left, 'question')}"


def _whose(price: Price) -> str:
    """Return whose account runs out first, and until when it lasts."""
    who = harmless(price.analyst) if price.binding == "analyst" else "everybody"
    return f"{price.period} for {who} on {harmless(price.purpose)}"


def grouped_int(number: int) -> str:
    """Return a whole number grouped by thousands."""
    return grouped(Decimal(number))
