"""`jali hold lift`."""

from typing import Annotated

import typer

from jali.serve.doors import put
from jali.serve.options import HouseOption
from jali.serve.place import opened

group = typer.Typer(help="Analysts held after failures.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="hold")


@group.command()
def lift(
    analyst: Annotated[str, typer.Option("--analyst", help="Who may ask again, as jali.toml names them.")],
    house: HouseOption = None,
) -> None:
    """Let an analyst ask again after three failures in a row; the steward's act, logged."""
    from jali.pipeline import lift_hold

    with opened(house) as home:
        lift_hold(home, analyst)
    put("  the hold is lifted; the audit log says so\n")
