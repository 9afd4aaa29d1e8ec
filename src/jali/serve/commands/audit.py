"""`jali audit log`, `verify`, `export` and `prove`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jali.model.codes import CheckFailed, Usage
from jali.serve import doors
from jali.serve.options import HouseOption, JsonOption
from jali.serve.place import find_house, opened, settings_of

if TYPE_CHECKING:
    from jali.ledger.standalone_verifier import Step

group = typer.Typer(help="The audit log: read it, check it, hand it out.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="audit")


@group.command()
def log(
    house: HouseOption = None,
    last: Annotated[int, typer.Option(help="How many entries, the newest last.", min=1)] = 20,
    json_: JsonOption = False,
) -> None:
    """Show the newest entries."""
    from jali.serve import entries
    from jali.serve.formats import json_text

    found = entries.read(settings_of(find_house(house)).audit)[-last:]
    if json_:
        doors.put(json_text({"entries": found}) + "\n")
        return
    doors.show(entries.lines(found))


@group.command()
def verify(
    house: HouseOption = None,
    key: Annotated[str, typer.Option(help="Public key of the log; else that of this house's vault.")] = "",
    seen: Annotated[
        Path | None, typer.Option(help="Your own file that remembers the last checkpoint.")
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Check the whole log against its signature, its own accounts and the ledger."""
    from jali.ledger.verify import steps

    settings = settings_of(find_house(house))
    found = steps(settings.audit, Path(settings.ledger), key or public_key(house), seen)
    _report(found, is_json=json_, has_memory=seen is not None)


def public_key(house: Path | None) -> str:
    """Return the public key of the audit log, from the vault."""
    from jali.keys.vault import Vault
    from jali.pipeline import audit_settings
    from jali.policy.house import load_policies

    policies = load_policies(settings_of(find_house(house)))
    return audit_settings(policies, Vault.open(policies.settings.vault)).verifier_key


def _report(found: "list[Step]", *, is_json: bool, has_memory: bool) -> None:
    from jali.serve.formats import json_text

    is_sound = not any(step.problems for step in found)
    if is_json:
        steps = [{"name": s.name, "proves": s.proves, "problems": list(s.problems)} for s in found]
        doors.put(json_text({"verifies": is_sound, "steps": steps}) + "\n")
        raise typer.Exit(0 if is_sound else 8)
    for step in found:
        line = Text("  ok   ", "green") if not step.problems else Text("  FAIL ", "bold red")
        doors.show([line.append(f"{step.name.ljust(12)}{step.proves}", "default")])
        doors.show(Text(f"         {problem}") for problem in step.problems[:20])
    if not is_sound:
        raise CheckFailed(
            "the audit log does not verify", hint="keep every file as it is and call the steward"
        )
    doors.show(
        [Text("  the log verifies" + ("" if has_memory else "; --seen FILE notices a log cut back later"))]
    )


@group.command()
def export(
    out: Annotated[Path, typer.Argument(help="New folder, or a file ending in .zip.")],
    house: HouseOption = None,
) -> None:
    """Copy the log and a stand-alone program that checks it."""
    from jali.ledger import verify as verification

    settings = settings_of(find_house(house))
    key = public_key(house)
    try:
        verification.export(settings.audit, out)
    except FileExistsError:
        raise Usage("the export is already there", hint="choose another name") from None
    except OSError:
        raise Usage(
            "the export cannot be written there", hint="check the folder and its permissions"
        ) from None
    shown = "<the folder you unpack it to>" if out.suffix == ".zip" else str(out)
    doors.put(
        f"  exported to {out}\n  the auditor runs:  python standalone_verifier.py {shown} --key '{key}'\n"
        "  give the key by another way than the export\n"
    )


@group.command()
def prove(
    release: Annotated[str, typer.Argument(help="Id of a release.")],
    house: HouseOption = None,
    json_: JsonOption = False,
) -> None:
    """Print the receipt that proves a release to be in the log (C2SP tlog-proof)."""
    from jali.serve.accounts import kept_release
    from jali.serve.formats import json_text

    with opened(house) as door:
        kept = kept_release(door, release)
        key = door.ledger.verifier_key
    if json_:
        doors.put(json_text({"release_id": kept.release_id, "key": key, "receipt": kept.receipt}) + "\n")
        return
    sys.stdout.write(kept.receipt)
    doors.say(f"key: {key}")
