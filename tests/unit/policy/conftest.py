"""A copy of the demo's rules in a temporary house, ready to be changed."""

import shutil
from pathlib import Path

import pytest

from jali.policy.settings import write_default

ROOT = Path(__file__).parents[3]


def make_house(folder: Path, source: Path) -> Path:
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if not (folder / "charter.yaml").exists():
        shutil.copy(ROOT / "src/jali/examples/complete_journey/charter.yaml", folder)
    write_default(
        folder, "test house", {"ana": ("analyst",), "mia": ("marketer",)}, {"products": "products.csv"}
    )
    return folder


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return make_house(tmp_path / "house", ROOT / "src/jali/examples/complete_journey")
