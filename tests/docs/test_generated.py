"""Pages made from the code are current, and each has what it must have."""

from pathlib import Path

import pytest

from jali.model.codes import every_code
from jali.model.errors import JaliError
from tools import cli_pages, contract_pages, error_pages
from tools.pages import stale


def test_pages_of_keys_functions_and_commands_are_current() -> None:
    assert stale(contract_pages.pages()) == []
    assert stale(cli_pages.pages()) == []


def test_pages_of_errors_are_current_and_show_what_they_are_about(tmp_path: Path) -> None:
    found = error_pages.examples()
    for code, (words, text) in found.items():
        assert words
        assert f"[{code}]" in text or code == "J204", (code, text)
        assert "/tmp/" not in text  # noqa: S108
        assert str(tmp_path.parents[2]) not in text
    made = error_pages.pages()
    assert stale(made) == []
    assert set(error_pages.FOLDER.glob("*.md")) == set(made)


@pytest.mark.parametrize("cls", every_code().values(), ids=lambda cls: cls.code)
def test_every_error_has_a_page_with_four_headings(cls: type[JaliError]) -> None:
    text = (error_pages.FOLDER / f"{cls.code}.md").read_text("utf-8")
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert headings == [*error_pages.HEADINGS, "Example"]
    assert text.count(cls.title) >= 1


def test_every_class_has_a_code_of_its_own() -> None:
    assert len(every_code()) == len(JaliError.__subclasses__())
