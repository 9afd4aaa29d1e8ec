import json
import stat
import threading
from pathlib import Path

import pytest

from jali.model.codes import StoreFailed
from jali.store.snapshot import current
from jali.store.writer import Load, open_load, publish


def put(load: Load, table: str, text: str = "x", *, is_public: bool = False) -> int:
    (load.data / "part-00000.parquet").write_text(text)
    return publish(
        load,
        table,
        is_public=is_public,
        columns=("a",),
        contract_digest="d",
        form={"a": "1"},
        notes={"keys": {"k": "c"}},
    )


def files(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}


def test_versions_count_up_and_share_what_did_not_change(tmp_path: Path) -> None:
    for table in ("stays", "patients", "stays"):
        with open_load(tmp_path) as load:
            put(load, table)
    snapshot = current(tmp_path)
    assert snapshot.version == 3
    assert [(t.name, t.load_id) for t in snapshot.tables] == [("patients", "v000002"), ("stays", "v000003")]
    assert (tmp_path / "tables/stays/v000001/part-00000.parquet").exists(), (
        "readers of version 1 may still be there"
    )
    assert not (tmp_path / "staging").exists()


def test_a_version_never_changes(tmp_path: Path) -> None:
    with open_load(tmp_path) as load:
        put(load, "a")
    before = (tmp_path / "v000001/manifest.json").read_bytes()
    with open_load(tmp_path) as load:
        assert load.notes == {"keys": {"k": "c"}}
        put(load, "b")
    assert (tmp_path / "v000001/manifest.json").read_bytes() == before


def test_private_files_are_for_the_owner_and_public_ones_lie_apart(tmp_path: Path) -> None:
    with open_load(tmp_path) as load:
        load.quarantined.write_text("q")
        load.units.write_text("u")
        put(load, "Stays")
    with open_load(tmp_path) as load:
        put(load, "areas", is_public=True)
    for name in (
        "tables/stays/v000001/part-00000.parquet",
        "quarantine/stays/v000001.parquet",
        "units/v000001.parquet",
    ):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert current(tmp_path).table("areas").folder == "public/areas/v000002"
    assert current(tmp_path).units_file == "units/v000001.parquet"


def test_a_load_that_fails_changes_nothing(tmp_path: Path) -> None:
    with open_load(tmp_path) as load:
        put(load, "a")
    before = files(tmp_path)

    def fail() -> None:
        with open_load(tmp_path) as load:
            (load.data / "part-00000.parquet").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert files(tmp_path) == before
    assert current(tmp_path).version == 1


@pytest.mark.parametrize("name", ["CURRENT", "v000002"])
def test_a_disk_that_refuses_at_the_last_step_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with open_load(tmp_path) as load:
        put(load, "a")
    before = files(tmp_path)
    real = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == name:
            raise OSError
        return real(self, target)

    monkeypatch.setattr(Path, "replace", refuse)

    def load_again() -> None:
        with open_load(tmp_path) as load:
            load.units.write_text("u")
            put(load, "a", "new")

    with pytest.raises(StoreFailed, match="cannot be written"):
        load_again()
    assert files(tmp_path) == before


def test_leftovers_of_a_killed_load_are_removed(tmp_path: Path) -> None:
    with open_load(tmp_path) as load:
        put(load, "a")
    before = files(tmp_path)
    for name in ("staging/spill/t", "v000002/manifest.json", "tables/a/v000002/p", "units/v000002.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("raw")
    with open_load(tmp_path) as load:
        assert load.load_id == "v000002"
        assert files(tmp_path) == before
    assert json.loads((tmp_path / "v000001/manifest.json").read_text())["version"] == 1


def test_a_second_load_is_refused_while_one_runs_and_may_wait(tmp_path: Path) -> None:
    with open_load(tmp_path) as load:
        with pytest.raises(StoreFailed, match="another load"), open_load(tmp_path):
            pass
        put(load, "a")
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with open_load(tmp_path):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    threading.Timer(0.2, leave.set).start()
    with open_load(tmp_path, wait_s=10) as load:
        assert load.load_id == "v000002"
    thread.join()
