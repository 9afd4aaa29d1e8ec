"""Bars and column charts in text: what is sure is drawn solid, the interval is drawn as a soft edge."""

import math
from dataclasses import dataclass

from rich.cells import cell_len

_EIGHTHS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a terminal; `plain()` for one that knows ASCII alone."""

    bar: str = "▇"
    edge: str = "░"
    eighths: str = _EIGHTHS
    dot: str = "·"
    branch: str = "├─ "
    last: str = "└─ "
    axis: str = "│"
    floor: str = "─"

    @staticmethod
    def plain() -> "Glyphs":
        """Return ASCII alone."""
        return Glyphs("#", ".", "    ####", "-", "|- ", "`- ", "|", "-")

    @staticmethod
    def of(encoding: str | None) -> "Glyphs":
        """Return what an encoding can show."""
        return Glyphs() if (encoding or "").lower().replace("-", "").startswith("utf") else Glyphs.plain()


@dataclass(frozen=True, slots=True)
class Span:
    """A value with its interval; all >= 0."""

    low: float
    value: float
    high: float


def bar(span: Span, scale: float, width: int, glyphs: Glyphs) -> tuple[str, str]:
    """Return the solid part of a bar and its soft edge.

    Example:
        >>> bar(Span(4, 5, 6), 10, 10, Glyphs.plain())
        ('####', '..')
    """
    if scale <= 0:
        return "", ""
    solid = min(width, round(span.low / scale * width))
    end = min(width, max(solid, round(span.high / scale * width)))
    return glyphs.bar * solid, glyphs.edge * (end - solid)


def columns(
    spans: list[Span | None], labels: list[str], size: tuple[int, float], glyphs: Glyphs, *, height: int = 7
) -> list[tuple[str, str]]:
    """Return the lines of a column chart as (axis label, drawing), the last two being floor and labels.

    Args:
        spans: one per key, in order; None leaves a gap.
        labels: what the floor shows below them, as far as there is room.
        size: characters of the drawing, and the number at its top.
        glyphs: characters to draw with.
        height: lines of the drawing.
    """
    width, scale = size
    each = max(1, min(5, width // max(1, len(spans))))
    lines: list[tuple[str, str]] = []
    for row in range(height, 0, -1):
        cells = [_cell(s, scale, row, height, glyphs) for s in spans]
        gap = 1 if each >= 3 else 0  # noqa: PLR2004  # thinner columns stand without gaps
        drawing = "".join(c * (each - gap) + " " * gap for c in cells)
        lines.append(("top" if row == height else "", drawing.rstrip()))
    lines.append(("floor", glyphs.floor * (each * len(spans))))
    lines.append(("", _labels(labels, each, max(width, each * len(spans)))))
    return lines


def _cell(span: Span | None, scale: float, row: int, height: int, glyphs: Glyphs) -> str:
    if span is None or scale <= 0:
        return " "
    filled = span.low / scale * height - (row - 1)
    if filled >= 1:
        return glyphs.eighths[-1]
    if round(filled * 8) >= 1:
        return glyphs.eighths[min(len(glyphs.eighths) - 1, round(filled * (len(glyphs.eighths) - 1)))]
    return glyphs.edge if span.high / scale * height - (row - 1) >= 0.5 else " "  # noqa: PLR2004  # half a line


def _labels(labels: list[str], each: int, width: int) -> str:
    longest = max((cell_len(label) for label in labels), default=0)
    every = max(1, -(-(longest + 2) // each))
    line = ""
    for index in range(0, len(labels), every):
        at = index * each
        if at + cell_len(labels[index]) <= width:
            line += " " * (at - cell_len(line)) + labels[index]
    return line


def round_top(number: float) -> float:
    """Return a round number at or a little above a positive one, for the top of an axis.

    Example:
        >>> round_top(453_100.0), round_top(1533.0), round_top(0.0)
        (460000.0, 1600.0, 0.0)
    """
    if number <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(number)) - 1)
    return math.ceil(number / step) * step
