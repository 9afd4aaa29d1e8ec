"""How a command ends: an answer and exit code 0, or a refusal, said once, with the exit code of its family.

Unknown exceptions end as one line with the type's name: the text of an exception may hold data and is never
shown, except to a developer who sets JALI_DEBUG=1.
"""

import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from jali.model.codes import Usage
from jali.model.errors import JaliError, outcome

_USAGE_ERROR, _COMMAND_LINE_ERROR = typer.BadParameter.__mro__[1:3]
"""The two bases of every error of the command line parser, whichever click typer uses."""


def console(*, error: bool = False) -> Console:
    """Return the terminal: no markup, no highlighting, so that text is shown and never interpreted."""
    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=True)


def show(lines: Iterable[Text], *, error: bool = False) -> None:
    """Print lines as they are."""
    shown = console(error=error)
    for line in lines:
        shown.print(line)


def page_for(shown: Console) -> Any:  # noqa: ANN401  # a render.Page, imported late
    """Return the page of a terminal."""
    from jali.serve.chart import Glyphs
    from jali.serve.render import Page

    return Page(width=max(40, shown.width), glyphs=Glyphs.of(getattr(shown.file, "encoding", "utf-8")))


def say(text: str) -> None:
    """Print a remark on stderr."""
    console(error=True).print(Text(text))


def put(text: str) -> None:
    """Write text to stdout as it is."""
    sys.stdout.write(text)
    sys.stdout.flush()


class Doors(TyperGroup):
    """The root command: every way out of a command passes here."""

    def main(self, args: Sequence[str] | None = None, *_: object, **extra: Any) -> Any:  # noqa: ANN401  # as typer
        """Run a command and leave with its exit code."""
        given = list(sys.argv[1:] if args is None else args)
        extra.pop("standalone_mode", None)
        try:
            found = super().main(given, standalone_mode=False, **extra)
            code = found if isinstance(found, int) else 0
        except Exception as error:  # noqa: BLE001  # the last line of defence: nothing unknown is shown
            code = _end(error, is_json=wants_json(given))
        sys.exit(code)


def wants_json(arguments: Sequence[str]) -> bool:
    """Return whether the answer is wanted as JSON."""
    joined = " ".join(arguments)
    return "--json" in arguments or "--format json" in joined or "--format=json" in joined


def _end(error: Exception, *, is_json: bool) -> int:
    """Say how a command failed and return its exit code."""
    if os.environ.get("JALI_DEBUG") == "1":
        traceback.print_exception(error)
    if isinstance(error, BrokenPipeError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  # the reader has gone
        return 1
    if isinstance(error, typer.Abort):
        say("interrupted")
        return 130
    if isinstance(error, _COMMAND_LINE_ERROR):
        error = _usage(error)
    if not isinstance(error, JaliError):
        return _bug(error, is_json=is_json)
    _refuse(error, is_json=is_json)
    return outcome(error.code).exit_code


def _usage(error: Exception) -> Usage:
    words = getattr(error, "format_message", lambda: "the command cannot be understood")
    said = str(words()).strip().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "jali"
    return Usage(said, hint=f"see: {path} --help")


def _refuse(error: JaliError, *, is_json: bool) -> None:
    if is_json:
        from jali.serve.formats import json_text

        put(json_text({"error": error.as_json()}) + "\n")
        return
    from jali.serve.refusal import refusal

    shown = console(error=True)
    show(refusal(error, page_for(shown)), error=True)


def _bug(error: Exception, *, is_json: bool) -> int:
    text = f"a bug in Jali: {type(error).__name__}; nothing more is shown, because it could hold data"
    if is_json:
        from jali.serve.formats import json_text

        reason = {"code": "J000", "text": text, "where": None, "hint": None}
        put(
            json_text({"error": {"code": "J000", "title": "a bug in Jali", "reasons": [reason], "hint": ""}})
            + "\n"
        )
    else:
        say(text)
    return 1
