"""`jali workload`."""

from typing import TYPE_CHECKING, Annotated

import typer

from jali.serve.commands.ask import named, read_sql, say_demo
from jali.serve.doors import console, page_for, put, show
from jali.serve.numbers import options_from
from jali.serve.options import (
    AnalystOption,
    ConfidenceOption,
    DialectOption,
    EpsilonOption,
    HouseOption,
    JsonOption,
    PurposeOption,
    RhoOption,
)
from jali.serve.place import opened

if TYPE_CHECKING:
    from jali.workload import JointAnswer, JointExplanation


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(workload)


def workload(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A file with several SELECTs separated by ;, or - for input."),
    ],
    analyst: AnalystOption = "",
    purpose: PurposeOption = "",
    house: HouseOption = None,
    epsilon: EpsilonOption = None,
    rho: RhoOption = None,
    confidence: ConfidenceOption = None,
    dialect: DialectOption = "duckdb",
    explain: Annotated[
        bool, typer.Option("--explain", help="Show price and expected noise; free, touches no data.")
    ] = False,
    json_: JsonOption = False,
) -> None:
    """Answer several questions over the same rows together, for one price."""
    from jali.pipeline import request_of
    from jali.workload import answer_workload, explain_workload

    options = options_from(epsilon, rho, None, confidence, dialect)
    text = read_sql(file)
    with opened(house) as door:
        say_demo(house)
        request = request_of(door, named(analyst), purpose, options)
        found = explain_workload(text, request, door) if explain else answer_workload(text, request, door)
    if json_:
        from jali.serve.formats import json_text

        put(json_text(dict(found.as_json())) + "\n")
        return
    _print(found)


def _print(found: "JointAnswer | JointExplanation") -> None:
    from jali.serve import joint
    from jali.workload import JointAnswer

    shown = console()
    page = page_for(shown)
    show(joint.answers(found, page) if isinstance(found, JointAnswer) else joint.explained(found, page))
