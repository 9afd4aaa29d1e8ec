import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jali.engines.duckdb.load import LoadEngine
from jali.ingest import load as load_module
from jali.ingest.files import Files
from jali.ingest.report import Limits
from jali.model.codes import IngestFailed, StoreFailed
from jali.store.snapshot import current

CANARY = "CANARY-123"


@pytest.fixture
def visits(table: Any, column: Any) -> Any:
    return table("visits", [column("who", "string", key="p"), column("x", "integer")], unit="who")


def refused(house: Any, visits: Any, uri: str) -> str:
    with pytest.raises(IngestFailed) as caught:
        house.load(visits, uri)
    whole = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
    assert CANARY not in whole
    assert "Error:" not in str(caught.value)
    assert current(house.store).version == 0
    assert not (house.store / "staging").exists()
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"who,x\nann,1\nbob,2,CANARY-123\n",
        b"who,x\nann\n",
        b'who,x\n"ann,1\nCANARY-123,2\n',
        b"who,x\nann,\xff\xfeCANARY-123\n",
        b"\xff\xfew\x00h\x00o\x00",
        b"who,x,who\nann,1,bob\n",
        b"who,x,WHO\nann,1,bob\n",
        b"who,x,\nann,1,2\n",
        b'who,"x\nann,1\n',
    ],
)
def test_malformed_csv_stops_the_load_without_a_word_of_its_content(
    house: Any, visits: Any, content: bytes
) -> None:
    refused(house, visits, house.text(content))


def test_damaged_parquet_stops_the_load(house: Any, visits: Any, tmp_path: Path) -> None:
    good = Path(house.parquet({"who": [CANARY] * 1000, "x": list(range(1000))})).read_bytes()
    for name, content in {
        "cut": good[:-20],
        "half": good[: len(good) // 2],
        "text": b"who,x\n",
        "empty": b"",
    }.items():
        (tmp_path / f"{name}.parquet").write_bytes(content)
        refused(house, visits, str(tmp_path / f"{name}.parquet"))
    broken = bytearray(good)
    broken[4:400] = bytes(396)
    (tmp_path / "broken.parquet").write_bytes(bytes(broken))
    refused(house, visits, str(tmp_path / "broken.parquet"))


def test_wrong_types_are_named_by_type_only(house: Any, visits: Any) -> None:
    for value in ([CANARY], {"a": CANARY}, CANARY.encode()):
        said = refused(house, visits, house.parquet({"who": [value], "x": [1]}))
        assert "who" in said
    assert "DATE" in refused(house, visits, house.parquet({"who": ["a"], "x": pa.array([1], pa.date32())}))


@pytest.mark.parametrize(
    "uri", ["/nowhere/x.csv", "s3://bucket/x.parquet", "https://x.example/x.csv", "x.xlsx", ""]
)
def test_sources_that_are_no_local_files_are_refused(house: Any, visits: Any, uri: str) -> None:
    refused(house, visits, uri)


def test_unknown_formats_and_mixed_folders_are_refused(house: Any, visits: Any, tmp_path: Path) -> None:
    house.text("who,x\na,1\n", "x.txt")
    refused(house, visits, str(tmp_path / "x.txt"))
    folder = tmp_path / "mixed"
    folder.mkdir()
    house.text("who,x\na,1\n", "mixed/a.csv")
    house.parquet({"who": ["a"], "x": [1]}, "mixed/b")
    refused(house, visits, str(folder))
    (folder / "b.parquet").unlink()
    house.text("x,who\n1,a\n", "mixed/b.csv")
    refused(house, visits, str(folder))


def test_folders_patterns_and_file_uris_are_read_in_order_of_name(
    house: Any, visits: Any, tmp_path: Path
) -> None:
    (tmp_path / "many").mkdir()
    for i in range(3):
        house.parquet({"who": ["a", None], "x": [i, i]}, f"many/{i}")
    for uri in (str(tmp_path / "many"), str(tmp_path / "many" / "*.parquet"), (tmp_path / "many").as_uri()):
        report = house.load(visits, uri)
        assert (report.rows_read, report.quarantined) == (6, {"no_unit": 3})
        assert [p for p, _ in house.quarantine("visits", report.load_id)] == [1, 3, 5]


def test_a_file_that_vanishes_stops_the_load(
    house: Any, visits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = house.parquet({"who": [CANARY], "x": [1]})
    real = load_module._read

    def vanish(engine: LoadEngine, job: Any) -> None:
        Path(uri).unlink()
        real(engine, job)

    monkeypatch.setattr(load_module, "_read", vanish)
    refused(house, visits, uri)


def test_a_load_that_dies_midway_changes_nothing(
    house: Any, visits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = house.parquet({"who": [CANARY], "x": [1]})
    house.load(visits, uri)
    before = {p: p.read_bytes() for p in house.store.rglob("*") if p.is_file()}

    def die(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(load_module, "publish", die)
    with pytest.raises(KeyboardInterrupt):
        house.load(visits, uri)
    assert {p: p.read_bytes() for p in house.store.rglob("*") if p.is_file()} == before


def test_unicode_and_hostile_names_are_names(house: Any, table: Any, column: Any) -> None:
    names = ['größe"x', "a'b", "select", "x; DROP TABLE loaded", "日本", "c0", "reason", "rowid"]
    t = table("t", [column("who", "string", key="p"), *[column(n, "integer") for n in names]], unit="who")
    data = {"who": ["a"], **{n: [i] for i, n in enumerate(names)}}
    house.load(t, house.parquet(data))
    assert house.stored("t", "* EXCLUDE (_unit, _rank)") == [tuple(range(len(names)))]
    header = ",".join('"' + n.replace('"', '""') + '"' for n in data)
    house.load(t, house.text(f"{header}\na,0,1,2,3,4,5,6,7\n"), digest="d2")
    assert house.stored("t", "* EXCLUDE (_unit, _rank)") == [tuple(range(len(names)))]


@pytest.mark.parametrize("name", ["a/b", "..\\x", "_unit", "_RANK"])
def test_names_the_store_cannot_hold_are_refused(house: Any, table: Any, column: Any, name: str) -> None:
    t = table("t", [column("who", "string", key="p"), column(name, "integer")], unit="who")
    with pytest.raises(IngestFailed):
        house.load(t, house.parquet({"who": ["a"], name: [1]}))


def test_a_source_inside_the_store_is_refused(house: Any, visits: Any) -> None:
    house.load(visits, house.parquet({"who": ["a"], "x": [1]}))
    with pytest.raises(IngestFailed, match="inside the store"):
        house.load(visits, str(house.store / "tables/visits/v000001/part-00000.parquet"))


def test_too_little_memory_is_said_plainly(house: Any, visits: Any) -> None:
    data = {"who": [f"{i:0200d}" for i in range(20000)], "x": list(range(20000))}
    with pytest.raises(IngestFailed, match="memory"):
        house.load(visits, house.parquet(data), limits=Limits(memory_bytes=500_000))


def test_a_store_that_cannot_be_written_is_said_plainly(house: Any, visits: Any) -> None:
    (house.root / "store").write_text("a file where the folder should be")
    with pytest.raises(StoreFailed):
        house.load(visits, house.parquet({"who": ["a"], "x": [1]}))


def test_separators_and_compression_follow_from_header_and_name(house: Any, visits: Any) -> None:
    import gzip

    for name, content in {
        "a.csv": b"\xef\xbb\xbfwho;x\na;1\n",
        "a.tsv": b"who\tx\na\t1\n",
        "a.csv.gz": gzip.compress(b"who|x\na|1\n"),
    }.items():
        house.load(visits, house.text(content, name))
        assert house.stored("visits", "x") == [(1,)]


def test_the_source_also_streams_arrow(house: Any) -> None:
    files = Files({"t": house.text("who;x\na;1\n;2\n"), "u": house.parquet({"a": [1, 2]})})
    assert files.tables() == ("t", "u")
    assert files.read("t").read_all().to_pydict() == {"who": ["a", None], "x": ["1", "2"]}
    assert files.read("u").read_all().to_pydict() == {"a": [1, 2]}
    with pytest.raises(IngestFailed):
        files.scan("v")


def test_a_killed_load_leaves_a_store_the_next_load_cleans(house: Any, visits: Any) -> None:
    uri = house.parquet({"who": [CANARY], "x": [1]})
    house.load(visits, uri)
    before = {p: p.read_bytes() for p in house.store.rglob("*") if p.is_file()}
    script = f"""
import os
from pathlib import Path
from jali.store.writer import open_load
with open_load(Path({str(house.store)!r})) as load:
    (load.staging / "spill").mkdir()
    (load.staging / "spill" / "page").write_text("{CANARY}")
    (Path({str(house.store)!r}) / "tables/visits/v000002").mkdir()
    os.kill(os.getpid(), 9)
"""
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -9
    assert (house.store / "staging/spill/page").exists()
    assert current(house.store).version == 1
    with pytest.raises(IngestFailed):
        house.load(visits, house.text("who\nann\n"))
    assert {p: p.read_bytes() for p in house.store.rglob("*") if p.is_file()} == before
    assert house.load(visits, uri).version == 2
