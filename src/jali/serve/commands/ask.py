"""`jali query` and `jali explain`."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jali.model.codes import NotSql, UnknownAnalyst, Usage
from jali.model.errors import JaliError
from jali.serve.doors import console, page_for, put, say, show
from jali.serve.numbers import options_from
from jali.serve.options import (
    AccuracyOption,
    AnalystOption,
    BoundsOption,
    ConfidenceOption,
    DialectOption,
    EpsilonOption,
    GateOption,
    HouseOption,
    JsonOption,
    PurposeOption,
    RhoOption,
)
from jali.serve.place import find_house, keep_demo_alive, opened, settings_of

if TYPE_CHECKING:
    from jali.model.release import Release
    from jali.model.request import Options
    from jali.pipeline import House

_MOST_BYTES = 1 << 20


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    PARQUET = "parquet"


SqlArgument = Annotated[
    str, typer.Argument(metavar="SQL", help="The question; a file, or - for standard input.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(query)
    app.command()(explain)


def query(
    sql: SqlArgument,
    analyst: AnalystOption = "",
    purpose: PurposeOption = "",
    house: HouseOption = None,
    epsilon: EpsilonOption = None,
    rho: RhoOption = None,
    accuracy: AccuracyOption = None,
    confidence: ConfidenceOption = None,
    gate: GateOption = None,
    dialect: DialectOption = "duckdb",
    bounds: BoundsOption = "same",
    format_: Annotated[Format, typer.Option("--format", help="How the answer is written.")] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write the answer to.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Ask a question and print the private answer."""
    options = options_from(epsilon, rho, accuracy, confidence, dialect, gate, bounds)
    chosen = Format.JSON if json_ else format_
    _check_output(chosen, output)
    text = read_sql(sql)
    with opened(house) as door:
        say_demo(house)
        if is_explanation(text):
            _explain(text, door, (analyst, purpose), options, is_json=chosen is Format.JSON)
            return
        release = _ask(text, door, (analyst, purpose), options)
        _write(release, door, (analyst, purpose), chosen, output)


def explain(
    sql: SqlArgument,
    analyst: AnalystOption = "",
    purpose: PurposeOption = "",
    house: HouseOption = None,
    epsilon: EpsilonOption = None,
    rho: RhoOption = None,
    accuracy: AccuracyOption = None,
    confidence: ConfidenceOption = None,
    gate: GateOption = None,
    dialect: DialectOption = "duckdb",
    bounds: BoundsOption = "same",
    json_: JsonOption = False,
) -> None:
    """Show how a question would be answered and what it would cost; free, touches no data."""
    options = options_from(epsilon, rho, accuracy, confidence, dialect, gate, bounds)
    text = read_sql(sql)
    with opened(house) as door:
        say_demo(house)
        _explain(text, door, (analyst, purpose), options, is_json=json_)


def read_sql(given: str) -> str:
    """Return the question: the text itself, the content of a file of that name, or standard input for `-`.

    Raises:
        Usage: if the file cannot be read.
        NotSql: if it is not text.
    """
    try:
        if given == "-":
            raw = sys.stdin.buffer.read(_MOST_BYTES)
        elif _is_file(given):
            with Path(given).open("rb") as stream:
                raw = stream.read(_MOST_BYTES)
        else:
            return given
        return raw.decode("utf-8")
    except OSError:
        raise Usage(
            "the file with the question cannot be read", hint="check its name and permissions"
        ) from None
    except UnicodeDecodeError:
        raise NotSql("the question is not UTF-8 text", hint="save it as UTF-8") from None


def _is_file(given: str) -> bool:
    try:
        return "\n" not in given and len(given) < 1024 and Path(given).is_file()  # noqa: PLR2004  # no path is longer
    except (OSError, ValueError):
        return False


def say_demo(house: Path | None) -> None:
    """Say on stderr that a demo house renewed its own consent feed."""
    if keep_demo_alive(settings_of(find_house(house))):
        say("demo house: its consent feed is a stand-in, renewed at each command")


def is_explanation(text: str) -> bool:
    """Return whether a question begins with EXPLAIN PRIVACY; a text that cannot be read is refused later."""
    from jali.sql.front import look

    try:
        return look(text).explain
    except JaliError:
        return False


def _ask(text: str, house: "House", who: tuple[str, str], options: "Options") -> "Release":
    from jali.pipeline import answer, request_of

    return answer(text, request_of(house, named(who[0]), who[1], options), house)


def named(analyst: str) -> str:
    """Return the name of who asks.

    Raises:
        UnknownAnalyst: if none is given.
    """
    if not analyst:
        raise UnknownAnalyst("a question needs a name", hint="add --as NAME, or set JALI_ANALYST")
    return analyst


def _check_output(chosen: Format, output: Path | None) -> None:
    """Refuse before anything is charged what could not be written afterwards.

    Raises:
        Usage: if a binary format would go to a terminal, or the folder of the file is not there.
    """
    if output is not None and (output.is_dir() or not output.absolute().parent.is_dir()):
        raise Usage("the answer cannot be written there", hint="give --output a file in a folder that exists")
    if chosen in {Format.ARROW, Format.PARQUET} and output is None and sys.stdout.isatty():
        raise Usage(
            f"{chosen.value} is not for a terminal", hint="add --output FILE, or pipe it to a program"
        )


def _write(
    release: "Release", house: "House", who: tuple[str, str], chosen: Format, output: Path | None
) -> None:
    from jali.serve import formats

    if chosen is Format.TABLE:
        _print_table(release, house, who, output)
        return
    makers = {
        Format.JSON: lambda: formats.json_bytes(release),
        Format.CSV: lambda: formats.csv_text(release).encode(),
        Format.ARROW: lambda: formats.arrow_bytes(release),
        Format.PARQUET: lambda: formats.parquet_bytes(release),
    }
    _deliver(makers[chosen](), output)


def _deliver(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(content)
    except OSError:
        raise Usage(
            "the answer could not be written; it is kept, so asking again is free",
            hint="check space and permissions",
        ) from None


def _print_table(release: "Release", house: "House", who: tuple[str, str], output: Path | None) -> None:
    from jali.serve.render import answer
    from jali.serve.standing import price_of

    shown = console()
    lines = answer(release, price_of(house, release, *who), page_for(shown))
    if output is None:
        show(lines)
        return
    _deliver("".join(line.plain + "\n" for line in lines).encode(), output)


def _explain(text: str, house: "House", who: tuple[str, str], options: "Options", *, is_json: bool) -> None:
    from jali.pipeline import explain_question, request_of
    from jali.serve import explanation

    found = explain_question(text, request_of(house, named(who[0]), who[1], options), house)
    if is_json:
        from jali.serve.formats import json_text

        put(json_text(explanation.as_json(found)) + "\n")
        return
    shown = console()
    show(explanation.lines(found, page_for(shown)))
