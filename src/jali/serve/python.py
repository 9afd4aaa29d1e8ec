"""The Python door: `jali.open(folder)`, a session for one analyst and purpose, answers that become data frames.

Example (with a house):
    with jali.open("demo") as house:
        ask = house.session(analyst="ana", purpose="assortment")
        ask.query("SELECT week, COUNT(*) AS n FROM transactions GROUP BY week", epsilon="0.5").to_pandas()
"""

import html
import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from jali.model.codes import BackendMissing
from jali.model.release import Release, Remaining, Value
from jali.model.request import Options
from jali.pipeline import Explanation, answer, explain_question, open_house, request_of
from jali.pipeline import House as Core
from jali.serve import formats
from jali.serve.cells import Cell, key_columns, measures
from jali.serve.numbers import options_from
from jali.serve.place import keep_demo_alive
from jali.serve.render import merged
from jali.serve.standing import lines
from jali.serve.text import how_often

Number: TypeAlias = int | float | str | Decimal | Fraction
"""A price or accuracy: a number, or a plain decimal as text (exact)."""

__all__ = ["Answer", "House", "Session", "open_folder"]


def open_folder(folder: str | Path) -> "House":
    """Return the house in a folder.

    Raises:
        JaliError: J801, J901, J70x: there is no house, or it cannot be used.
    """
    return House(open_house(Path(folder), os.environ))


class House:
    """An opened house; a context manager that closes it."""

    def __init__(self, core: Core) -> None:
        """Hold the parts that `jali.open` made."""
        self._core = core

    def __enter__(self) -> Self:
        """Return the house."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the house."""
        self.close()

    def __repr__(self) -> str:
        """Return the name of the house."""
        return f"<house {self._core.policies.settings.name!r}>"

    def close(self) -> None:
        """Close the ledger; sessions of this house end."""
        self._core.close()

    def session(self, *, analyst: str, purpose: str) -> "Session":
        """Return a session: questions of one analyst for one purpose.

        Raises:
            UnknownAnalyst: if jali.toml does not name the analyst.
            BadOption: if the purpose is empty.
        """
        request_of(self._core, analyst, purpose, Options())
        return Session(self._core, analyst, purpose)


class Session:
    """Questions of one analyst for one purpose; a context manager that leaves the house open."""

    def __init__(self, core: Core, analyst: str, purpose: str) -> None:
        """Hold who asks and why; use `House.session`."""
        self._core = core
        self.analyst = analyst
        self.purpose = purpose

    def __enter__(self) -> Self:
        """Return the session."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing: the house is closed by who opened it."""

    def __repr__(self) -> str:
        """Return who asks and why."""
        return f"<session of {self.analyst!r} for {self.purpose!r}>"

    def query(  # noqa: PLR0913  # the options of a question, by name
        self,
        sql: str,
        *,
        epsilon: Number | None = None,
        rho: Number | None = None,
        accuracy: Number | None = None,
        confidence: Number = 95,
        dialect: str = "duckdb",
        gate: str | None = None,
        bounds: str = "same",
    ) -> "Answer":
        """Return the private answer to a question; at most one of epsilon, rho and accuracy.

        With gate="basic" epsilon is what the question takes from the basic limit. `bounds` says which bounds of earlier
        questions are used again: same (found under the same conditions), any or fresh (none).

        Raises:
            JaliError: the refusal, with its code.
        """
        options = _options((epsilon, rho, accuracy, confidence), dialect, gate, bounds)
        keep_demo_alive(self._core.policies.settings)
        return Answer(answer(sql, request_of(self._core, self.analyst, self.purpose, options), self._core))

    def explain(  # noqa: PLR0913  # the options of a question, by name
        self,
        sql: str,
        *,
        epsilon: Number | None = None,
        rho: Number | None = None,
        accuracy: Number | None = None,
        confidence: Number = 95,
        dialect: str = "duckdb",
        gate: str | None = None,
        bounds: str = "same",
    ) -> Explanation:
        """Return how a question would be answered and what it would cost; free, touches no data.

        Raises:
            JaliError: the refusal the question would get.
        """
        options = _options((epsilon, rho, accuracy, confidence), dialect, gate, bounds)
        keep_demo_alive(self._core.policies.settings)
        return explain_question(sql, request_of(self._core, self.analyst, self.purpose, options), self._core)

    def remaining(self) -> dict[str, dict[str, Remaining]]:
        """Return what is left: contract -> account -> epsilon, rho and questions at the default."""
        return {
            contract.id: {line.name: line.left for line in lines(self._core, contract, self.analyst)}
            for contract in self._core.policies.contracts
        }


def _options(
    numbers: tuple[Number | None, Number | None, Number | None, Number],
    dialect: str,
    gate: str | None,
    bounds: str,
) -> Options:
    epsilon, rho, accuracy, confidence = (_text(number) for number in numbers)
    return options_from(epsilon, rho, accuracy, confidence, dialect, gate, bounds)


def _text(number: Number | None) -> str | None:
    """Return a number as a plain decimal where it has one; anything else stays as it is and is refused."""
    if number is None:
        return None
    if isinstance(number, Fraction):
        number = Decimal(number.numerator) / Decimal(number.denominator)
    if isinstance(number, float):
        number = Decimal(repr(number))
    return f"{number:f}" if isinstance(number, Decimal) and number.is_finite() else str(number)


class Answer:
    """One private answer: values, their intervals, what they cost."""

    def __init__(self, release: Release) -> None:
        """Hold a release; use `Session.query`."""
        self.release = release

    def __repr__(self) -> str:
        """Return the shape of the answer."""
        names = ", ".join(c.name for c in self.release.columns)
        return f"<answer {self.release.release_id}: {len(self.release.rows)} rows of {names}>"

    @property
    def rows(self) -> tuple[tuple[Value, ...], ...]:
        """The rows."""
        return self.release.rows

    def intervals(self) -> tuple[tuple[tuple[Value, Value] | None, ...], ...]:
        """Return (low, high) for every cell that has an interval, in the shape of `rows`."""
        return self.release.intervals

    def to_json(self) -> str:
        """Return what `jali query --json` prints."""
        return formats.release_json(self.release)

    def to_arrow(self) -> Any:  # noqa: ANN401  # a pyarrow.Table
        """Return an Arrow table with intervals and noise beside each measure."""
        return formats.arrow_table(self.release)

    def to_pandas(self) -> Any:  # noqa: ANN401  # a pandas.DataFrame
        """Return a pandas data frame; needs the extra jali[frames].

        Raises:
            BackendMissing: if pandas is not installed.
        """
        _need("pandas", "frames")
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:  # noqa: ANN401  # a polars.DataFrame
        """Return a polars data frame; needs the extra jali[frames].

        Raises:
            BackendMissing: if polars is not installed.
        """
        polars = _need("polars", "frames")
        return polars.from_arrow(self.to_arrow())

    def plot(self) -> Any:  # noqa: ANN401  # a matplotlib Axes
        """Return a matplotlib chart with error bars of the first measure; needs the extra jali[plot].

        Raises:
            BackendMissing: if matplotlib is not installed.
        """
        return _plot(_need("matplotlib.pyplot", "plot"), self.release)

    def _repr_html_(self) -> str:
        return html_table(self.release)


def _need(module: str, extra: str) -> Any:  # noqa: ANN401  # a module of an extra
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError:
        said = f"{module.partition('.')[0]} is not installed"
    raise BackendMissing(said, hint=f"pip install 'jali[{extra}]'")


def _plot(pyplot: Any, release: Release) -> Any:  # noqa: ANN401  # matplotlib has no types here
    measure = measures(release)[0]
    texts = list(zip(*(values for _, values in key_columns(release)), strict=True))
    labels = [" ".join(t) for t in texts] or [measure.title]
    drawn = [(label, c.span) for label, c in zip(labels, measure.cells, strict=True) if c.span is not None]
    values = [span.value for _, span in drawn]
    errors = [[s.value - s.low for _, s in drawn], [s.high - s.value for _, s in drawn]]
    _, axes = pyplot.subplots()
    axes.barh(
        [label for label, _ in drawn], values, xerr=errors, color="#0f766e", ecolor="#555555", capsize=3
    )
    axes.invert_yaxis()
    axes.set_xlabel(f"{measure.title} ({how_often(release.confidence)})")
    return axes


def html_table(release: Release) -> str:
    """Return the answer as an HTML table; every text in it is escaped."""
    keys, found = key_columns(release), measures(release)
    often = how_often(release.confidence)
    heads = [title for title, _ in keys] + [
        h for m in found for h in (m.title, *([often] if m.has_intervals else []))
    ]
    head = "".join(f"<th>{html.escape(h)}</th>" for h in heads)
    rows: list[str] = []
    for index in range(len(release.rows)):
        cells = [f"<td>{html.escape(texts[index])}</td>" for _, texts in keys]
        for measure in found:
            cells += _html_cells(measure.cells[index], has_interval=measure.has_intervals)
        rows.append(f"<tr>{''.join(cells)}</tr>")
    notes = "".join(f"<li>{html.escape(n)}</li>" for n in merged(release.notes, is_single=len(found) == 1))
    body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f"<table>{body}</table><ul>{notes}</ul>"


def _html_cells(cell: Cell, *, has_interval: bool) -> list[str]:
    mark = f" <em>{html.escape(cell.flag)}</em>" if cell.flag else ""
    cells = [f'<td style="text-align:right">{html.escape(cell.text.strip())}{mark}</td>']
    if has_interval:
        between = f"{cell.low.strip()} to {cell.high.strip()}" if cell.high else ""
        cells.append(f"<td>{html.escape(between)}</td>")
    return cells
