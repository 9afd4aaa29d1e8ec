"""Who provokes failures is held after three, whoever asks otherwise is not."""

from pathlib import Path

import pytest

from jali.trust.central import Central
from tests.doors.conftest import ASK, Run

QUESTION = "SELECT COUNT(*) AS n FROM visits"


def test_three_failures_hold_the_analyst_until_a_steward_lifts_it(
    house: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    def ask() -> int:
        return run("query", QUESTION, "--house", str(house), *ASK, "--epsilon", "0.1").exit_code

    with monkeypatch.context() as broken:
        broken.setattr(Central, "release", fail)
        assert [ask() for _ in range(4)] == [7, 7, 7, 4]
    held = run("query", QUESTION, "--house", str(house), *ASK)
    assert "J403" in held.output
    assert "jali hold lift" in held.output
    lifted = run("hold", "lift", "--analyst", "ana", "--house", str(house))
    assert lifted.exit_code == 0, lifted.output
    assert ask() == 0
    assert run("audit", "verify", "--house", str(house)).exit_code == 0


def test_only_a_declared_user_is_lifted(house: Path, run: Run) -> None:
    assert "J201" in run("hold", "lift", "--analyst", "nobody", "--house", str(house)).output
