"""The command line: `jali COMMAND`. Every command is one small function; heavy parts are imported inside it."""

from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from jali.serve.commands import accounts, ask, audit, consent, demo, hold, rules, workload
from jali.serve.doors import Doors, put

app = typer.Typer(
    cls=Doors,
    name="jali",
    help="SQL questions of personal data, answered with a provable privacy guarantee.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it so
    if wanted:
        put(f"jali {installed_version('jali')}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # its callback acts
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """SQL questions of personal data, answered with a provable privacy guarantee."""


for commands in (demo, rules, ask, workload, accounts, audit, consent, hold):
    commands.register(app)


def main() -> None:
    """Run the command line; the entry point of the package."""
    app()


if __name__ == "__main__":
    main()
