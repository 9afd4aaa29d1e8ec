"""Every example in README and docs runs, in the order of its page."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.examples import ELSEWHERE, ROOT, Block, blocks, pages, runs_on

WITH_EXAMPLES = [
    pytest.param(
        page,
        runs_on(page),
        id=str(page.relative_to(ROOT)),
    )
    for page in pages()
    if any(b.language in {"console", "python"} for b in blocks(page))
]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "place"), WITH_EXAMPLES, indirect=["place"])
def test_examples_run(page: Path, place: Path) -> None:
    for block in blocks(page):
        if block.language == "console":
            _run_commands(block, place)
        elif block.language == "python":
            _run(["python", "-c", block.text], place, block)
        elif block.file:
            (place / block.file).write_text(block.text, "utf-8")


def _run_commands(block: Block, place: Path) -> None:
    commands = [c for c in block.commands() if c[0] not in ELSEWHERE]
    assert commands or any(block.commands()), f"a console block without a command: {block.text}"
    for command in commands:
        _run(command, place, block)


def _run(command: list[str], place: Path, block: Block) -> None:
    program = {"jali": [sys.executable, "-m", "jali.serve.cli"], "python": [sys.executable]}[command[0]]
    done = subprocess.run(
        [*program, *command[1:]],
        cwd=place,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == block.exit_code, f"{command}\n{done.stdout}\n{done.stderr}"


def test_the_contract_of_the_tutorial_is_the_one_in_the_folder() -> None:
    shown = next(b for b in blocks(ROOT / "docs" / "tutorial.md") if b.file)
    assert shown.text == (ROOT / "docs" / "examples" / "shop.odcs.yaml").read_text("utf-8")
