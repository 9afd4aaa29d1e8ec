"""Rules that change under a loaded store: nothing is answered from files that follow other rules than the plan."""

import sqlite3
from pathlib import Path

import pytest
from typer.testing import Result

from tests.doors.conftest import ASK, Run

QUESTION = "SELECT COUNT(*) AS n FROM visits"
JOINED = "SELECT category, COUNT(*) AS n FROM visits JOIN products USING (product_id) GROUP BY category"

CHANGES = {
    "a type": ("{name: town, logicalType: string", "{name: town, logicalType: integer", QUESTION),
    "a grid": ("resolution: 0.01", "resolution: 0.1", QUESTION),
    "whether it may be missing": (
        "{name: town, logicalType: string",
        "{name: town, required: true, logicalType: string",
        QUESTION,
    ),
    "the key of the pseudonyms": ("keys:customer", "keys:another", QUESTION),
    "a column of a public table": (
        "{name: category, logicalType: string",
        "{name: category, required: true, logicalType: string",
        JOINED,
    ),
}


def _edit(folder: Path, old: str, new: str) -> None:
    path = next(folder.glob("*.yaml"))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _charges(house: Path) -> int:
    connection = sqlite3.connect(house / "ledger.db")
    count = connection.execute("SELECT count(*) FROM charge").fetchone()[0]
    connection.close()
    return int(count)


def _load(house: Path, built: Path, run: Run) -> Result:
    source = str(built.parent / "visits.csv")
    return run("ingest", "--house", str(house), "--table", "visits", "--from", source)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_the_files_depend_on_is_refused_before_the_charge(
    house: Path, run: Run, change: str
) -> None:
    old, new, question = CHANGES[change]
    _edit(house / "contracts", old, new)
    refused = run("query", question, "--house", str(house), *ASK)
    assert refused.exit_code == 7, refused.output
    assert "J503" in refused.output
    assert "jali ingest --table" in refused.output
    assert _charges(house) == 0


def test_a_change_is_answered_again_after_a_load(house: Path, built: Path, run: Run) -> None:
    _edit(house / "contracts", "resolution: 0.01", "resolution: 0.1")
    loaded = _load(house, built, run)
    assert loaded.exit_code == 0, loaded.output
    assert run("query", QUESTION, "--house", str(house), *ASK).exit_code == 0


def test_bounds_and_caps_change_without_a_load(house: Path, run: Run) -> None:
    _edit(house / "contracts", "maxRows: 100", "maxRows: 50")
    assert run("query", QUESTION, "--house", str(house), *ASK).exit_code == 0


def test_a_renamed_population_is_no_second_budget(house: Path, built: Path, run: Run) -> None:
    """Its lifetime account is kept by its id, so the id of people whose data is loaded never changes."""
    assert run("query", QUESTION, "--house", str(house), *ASK).exit_code == 0
    _edit(house / "populations", "urn:population:shop:customers", "urn:population:shop:customers2")
    refused = run("query", QUESTION, "--house", str(house), *ASK)
    assert "J503" in refused.output
    loaded = _load(house, built, run)
    assert loaded.exit_code != 0
    assert "J704" in loaded.output
    assert "second lifetime budget" in " ".join(loaded.output.split())
    assert _charges(house) == 1


def test_the_same_people_under_another_table_are_the_same_population(
    house: Path, built: Path, run: Run
) -> None:
    _edit(house / "populations", "urn:population:shop:customers", "urn:population:shop:customers2")
    _edit(house / "contracts", "name: visits ", "name: calls  ")
    _edit(house / "contracts", "visits.visited_on", "calls.visited_on")
    loaded = run(
        "ingest", "--house", str(house), "--table", "calls", "--from", str(built.parent / "visits.csv")
    )
    assert loaded.exit_code != 0
    assert "J704" in loaded.output, loaded.output
