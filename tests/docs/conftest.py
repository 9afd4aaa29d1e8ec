"""Houses that examples in the docs run on."""

import shutil
from pathlib import Path

import pytest

from jali.serve.demo import build
from tools.small_house import make_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a loaded shop, visits.csv and products.csv."""
    folder = tmp_path_factory.mktemp("shop")
    make_shop(folder)
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the demo house."""
    from datetime import UTC, datetime

    folder = tmp_path_factory.mktemp("demo")
    build(folder / "demo", lambda: datetime.now(UTC), lambda _line: None)
    return folder


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, or a copy of what the page asks for, as the current folder."""
    wanted = getattr(request, "param", "nothing")
    target = tmp_path / "work"
    if wanted == "nothing":
        target.mkdir()
    else:
        shutil.copytree(request.getfixturevalue(wanted), target)
    monkeypatch.chdir(target)
    for name in ("JALI_HOUSE", "JALI_ANALYST", "JALI_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return target
