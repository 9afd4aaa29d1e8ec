"""`jali demo`: a house on real data in one command, and a tour of questions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jali.serve.doors import console, page_for, show

if TYPE_CHECKING:
    from jali.serve.render import Page


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder of the demo house.")] = Path("demo"),
    quiet: Annotated[bool, typer.Option("--no-tour", help="Build the house and ask nothing.")] = False,
) -> None:
    """Build a house on real purchases, ask a tour of questions, print private answers."""
    from jali.serve.demo import build

    page = page_for(console())
    show(_welcome(folder))
    is_new = build(folder, lambda: datetime.now(UTC), lambda line: show([line]))
    if not is_new:
        show([Text("  the house is there already; answers it has given are free")])
    show([Text("  its consent feed is empty and renewed by the demo itself: a stand-in, marked demo", "dim")])
    if not quiet:
        _tour(folder, page)


def _welcome(folder: Path) -> list[Text]:
    return [
        Text(),
        Text("  Jali demo", "bold"),
        Text(
            "  1.47 million purchases of 2 469 households of a grocer in 2017 (Complete Journey, MIT licence)."
        ),
        Text("  Answers carry noise that hides any one household; the noise is always shown."),
        Text(),
        Text(f"  house   {folder}", "dim"),
    ]


def _tour(folder: Path, page: "Page") -> None:
    import os

    from jali.pipeline import open_house
    from jali.serve.demo import visit
    from jali.serve.tour import TOUR

    house = open_house(folder, os.environ)
    try:
        for number, stop in enumerate(TOUR, 1):
            show(visit(house, stop, number, len(TOUR), page))
    finally:
        house.close()
    show(_farewell(folder))


def _farewell(folder: Path) -> list[Text]:
    asked = "--as ana --purpose assortment"
    commands = (
        'query ASKED "SELECT COUNT(*) FROM transactions"',
        'explain ASKED "SELECT AVG(quantity) FROM transactions"',
        "budget --as ana",
        "audit verify",
    )
    return [
        Text(),
        Text("  Your turn", "bold"),
        Text(f"    cd {folder}"),
        *(Text("    jali " + command.replace("ASKED", asked)) for command in commands),
        Text(),
    ]
