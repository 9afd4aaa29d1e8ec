"""Making a house from a packaged example, and loading its tables with progress shown."""

import shutil
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from jali.ingest.load import Rules, ingest
from jali.ingest.report import LoadReport, Progress
from jali.keys.vault import Vault
from jali.model.codes import IngestFailed, Usage
from jali.pipeline import open_ledger
from jali.policy.house import Policies
from jali.policy.settings import FILE, write_default
from jali.serve.doors import console


def make_house(
    folder: Path,
    example: str,
    name: str,
    users: Mapping[str, tuple[str, ...]],
    sources: Mapping[str, str] | None = None,
) -> None:
    """Make a house from an example: its rules, a vault, and last jali.toml, which marks the house as made.

    Raises:
        Usage: if the folder holds a house or other rules, or cannot be written.
        VaultFailed: if the vault cannot be made.
    """
    if (folder / FILE).exists():
        raise Usage(f"there is a house in {folder} already", hint="choose another folder")
    try:
        with as_file(files("jali") / "examples" / example) as rules:
            _copy_rules(rules, folder)
    except OSError:
        raise Usage(f"{folder} cannot be written", hint="check the folder and its permissions") from None
    Vault.create(folder / "vault")
    write_default(folder, name, users, sources)


def _copy_rules(rules: Path, folder: Path) -> None:
    for path in sorted(rules.rglob("*.yaml")):
        target = folder / path.relative_to(rules)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.read_bytes() != path.read_bytes():
            raise Usage(f"{target} is already there and differs", hint="choose an empty folder")
        shutil.copyfile(path, target)


def load(policies: Policies, vault: Vault, table: str, uri: str) -> LoadReport:
    """Load one table and return the steward's report.

    Raises:
        IngestFailed: if no contract declares the table, or the load stopped.
        StoreFailed, VaultFailed: as `ingest` does.
    """
    contract = policies.contract_of(table)
    declared = contract.table(table) if contract is not None else None
    if contract is None or declared is None:
        raise IngestFailed(
            "no contract declares this table", hint="jali check lists what the contracts declare"
        )
    open_ledger(policies, vault).close()  # before any data: a ledger made later would be a new budget
    rules = Rules(policies.catalog, contract.digest, policies.population_of(contract).id)
    with progress(declared.name) as tell:
        return ingest(declared, uri, policies.settings.store, vault, rules, progress=tell)


@contextmanager
def progress(table: str) -> Generator[Progress, None, None]:
    """Show the stage of a load and its rate on stderr; quiet where that is no terminal."""
    shown = console(error=True)
    if not shown.is_terminal:
        yield _say_nothing
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("  {task.description}"),
        BarColumn(20),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=shown, transient=True) as bars:
        task = bars.add_task(table, total=None, rate="")
        started = {"": time.monotonic()}

        def tell(stage: str, done: int, total: int) -> None:
            begun = started.setdefault(stage, time.monotonic())
            took = time.monotonic() - begun
            rate = f"{done / took:,.0f}/s".replace(",", " ") if done > 1 and took > 0 else ""
            bars.update(task, description=f"{table}: {stage}", completed=done, total=max(1, total), rate=rate)

        yield tell


def _say_nothing(_stage: str, _done: int, _total: int) -> None:
    return
