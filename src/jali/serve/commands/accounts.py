"""`jali budget`, `jali releases` and `jali certificate`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jali.model.codes import CheckFailed, Usage
from jali.serve.doors import console, page_for, put, show
from jali.serve.options import AnalystOption, HouseOption, JsonOption
from jali.serve.place import opened

if TYPE_CHECKING:
    from jali.serve.render import Page
    from jali.serve.standing import Line


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(budget)
    app.command()(releases)
    app.command()(certificate)


def budget(analyst: AnalystOption = "", house: HouseOption = None, json_: JsonOption = False) -> None:
    """Show what is left in every account, in questions, epsilon and rho."""
    from jali.serve.formats import json_text
    from jali.serve.standing import lines

    with opened(house) as door:
        if analyst:
            door.policies.user(analyst)
        found = [line for contract in door.policies.contracts for line in lines(door, contract, analyst)]
    if json_:
        put(json_text({"accounts": [line.as_json() for line in found]}) + "\n")
        return
    show(_budget_lines(found, page_for(console())))


def _budget_lines(found: "list[Line]", page: "Page") -> list[Text]:
    from jali.serve.text import harmless

    width = max((len(line.name) for line in found), default=8)
    shown = [
        Text(f"  {'account'.ljust(width)}   {'questions left':>17}   {'epsilon left':>16}   rho left", "bold")
    ]
    for line in found:
        questions = f"{line.left.questions_at_default} of {line.limit.questions_at_default}"
        epsilon = f"{line.left.epsilon:.3g} of {line.limit.epsilon:.3g}"
        text = Text(f"  {harmless(line.name).ljust(width)}   {questions:>17}   {epsilon:>16}   ")
        text.append(f"{line.left.rho:.4f} of {line.limit.rho:.4f}")
        share = line.left.rho / line.limit.rho if line.limit.rho else 0.0
        room = min(20, page.width - len(text.plain) - 4)
        shown.append(text.append("   " + page.glyphs.bar * round(share * room), "cyan") if room > 5 else text)  # noqa: PLR2004  # a shorter bar says nothing
    return [
        Text(),
        *shown,
        Text(),
        Text(f"  {'account'.ljust(width)}   second gate (basic composition; used with --gate basic)", "bold"),
        *(Text(f"  {harmless(line.name).ljust(width)}   {_second(line)}") for line in found),
        Text(),
        Text("  a question is one at the default price; what is spent never comes back", "dim"),
        Text("  a question is admitted while either gate holds for all that an account ever paid", "dim"),
    ]


def _second(line: "Line") -> str:
    """Return what is left under the second gate, or why it is closed."""
    left, limit = line.left.basic, line.limit.basic
    if left is None or limit is None:
        return f"closed: {line.left.closed or line.limit.closed}"
    shown = f"epsilon {left.nano_epsilon / 1e9:.3g} of {limit.nano_epsilon / 1e9:.3g}"
    return shown + (
        f", delta {left.atto_delta / 1e18:.2g} of {limit.atto_delta / 1e18:.2g}" if limit.atto_delta else ""
    )


def releases(house: HouseOption = None, json_: JsonOption = False) -> None:
    """List the answers that were given; asking one of them again is free."""
    from jali.serve import accounts
    from jali.serve.formats import json_text

    with opened(house) as door:
        found = accounts.releases(door)
    if json_:
        put(json_text({"releases": [one.as_json() for one in found]}) + "\n")
        return
    show(accounts.lines(found))


def certificate(
    release: Annotated[str, typer.Argument(help="Id of a release, or the beginning or end of it.")] = "",
    house: HouseOption = None,
    verify: Annotated[
        Path | None, typer.Option(help="Check a certificate instead: signature, receipt, price.")
    ] = None,
    key: Annotated[str, typer.Option(help="Public key to check with; else that of this house.")] = "",
    json_: JsonOption = False,
) -> None:
    """Print a signed certificate of an answer, or check one."""
    from jali.serve import certificate as certificates

    if (verify is None) == (not release):
        raise Usage("give the id of a release, or --verify FILE", hint="see: jali certificate --help")
    if verify is None:
        with opened(house) as door:
            put(certificates.issue(door, release) + "\n")
        return
    if not key:
        with opened(house) as door:
            key = door.ledger.verifier_key
    _report(certificates.check(_read(verify), key), is_json=json_)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        raise Usage("the certificate cannot be read", hint="check its name and permissions") from None


def _report(found: list[tuple[str, bool]], *, is_json: bool) -> None:
    from jali.serve.formats import json_text

    is_sound = all(holds for _, holds in found)
    if is_json:
        put(json_text({"verifies": is_sound, "steps": [{"step": s, "holds": h} for s, h in found]}) + "\n")
        raise typer.Exit(0 if is_sound else 8)
    show(
        Text("  ok   " if holds else "  FAIL ", "green" if holds else "bold red").append(step, "default")
        for step, holds in found
    )
    if not is_sound:
        raise CheckFailed("the certificate does not hold", hint="ask the house for a new one")
