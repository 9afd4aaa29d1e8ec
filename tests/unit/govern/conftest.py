"""The demo house."""

import shutil
from pathlib import Path

import pytest

from jali.policy.settings import write_default

ROOT = Path(__file__).parents[3]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "house"
    shutil.copytree(ROOT / "src/jali/examples/complete_journey", folder)
    write_default(folder, "test house", {"ana": ("analyst",), "mia": ("marketer",)})
    return folder
