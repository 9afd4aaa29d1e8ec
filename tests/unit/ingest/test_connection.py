from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from jali.engines.duckdb.connection import connect, connect_for_ingest
from jali.engines.duckdb.load import Failure, LoadEngine, LoadError


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    folder = tmp_path / "it's inside"
    folder.mkdir()
    duckdb.sql(f"COPY (SELECT 1 AS a) TO '{str(folder / 'x.parquet').replace(chr(39), chr(39) * 2)}'")
    duckdb.sql(f"COPY (SELECT 2 AS a) TO '{tmp_path}/outside.parquet'")
    return folder


@pytest.fixture
def locked(inside: Path, tmp_path: Path) -> duckdb.DuckDBPyConnection:
    return connect(
        memory_limit_bytes=200_000_000,
        threads=2,
        temp_directory=tmp_path / "spill",
        readable_folders=[inside],
    )


def sql_path(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def test_the_store_can_be_read(locked: duckdb.DuckDBPyConnection, inside: Path) -> None:
    assert locked.execute(f"SELECT * FROM read_parquet({sql_path(inside / '*.parquet')})").fetchall() == [
        (1,)
    ]
    assert locked.execute("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]


def test_nothing_else_can(locked: duckdb.DuckDBPyConnection, inside: Path, tmp_path: Path) -> None:
    (inside / "link.parquet").symlink_to(tmp_path / "outside.parquet")
    table = pa.table({"a": [1]})
    assert table.num_rows == 1
    outside = tmp_path / "outside.parquet"
    for sql in (
        f"SELECT * FROM read_parquet({sql_path(outside)})",
        f"SELECT * FROM read_parquet({sql_path(inside / '..' / 'outside.parquet')})",
        f"SELECT * FROM {sql_path(outside)}",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_csv('https://example.com/x.csv')",
        f"COPY (SELECT 1) TO {sql_path(tmp_path / 'new.parquet')}",
        f"ATTACH {sql_path(tmp_path / 'new.db')}",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM table",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET threads = 1",
        "RESET lock_configuration",
    ):
        with pytest.raises(duckdb.Error):
            locked.execute(sql).fetchall()
    with pytest.raises(duckdb.Error):
        locked.cursor().execute("SET lock_configuration = false")


def test_more_than_the_memory_spills(inside: Path, tmp_path: Path) -> None:
    connection = connect(
        memory_limit_bytes=60_000_000, threads=1, temp_directory=tmp_path / "spill", readable_folders=[inside]
    )
    rows = "SELECT repeat('x', 200) || i AS z FROM range(500000) t(i)"
    sql = f"SELECT count(*) FROM ({rows} ORDER BY z DESC OFFSET 1)"
    assert connection.execute(sql).fetchall() == [(499_999,)]


def test_ingestion_reads_its_sources_and_writes_its_folder_only(inside: Path, tmp_path: Path) -> None:
    connection = connect_for_ingest(
        memory_limit_bytes=200_000_000,
        threads=2,
        temp_directory=tmp_path / "spill",
        source_files=[tmp_path / "outside.parquet"],
        folders=[inside],
    )
    copy = f"COPY (SELECT * FROM read_parquet({sql_path(tmp_path / 'outside.parquet')})) TO "
    connection.execute(copy + sql_path(inside / "y.parquet"))
    with pytest.raises(duckdb.Error):
        connection.execute(copy + sql_path(tmp_path / "z.parquet"))


def test_errors_of_the_engine_say_a_kind_and_nothing_more(tmp_path: Path) -> None:
    with LoadEngine(
        memory_limit_bytes=10**8, threads=1, temp_directory=tmp_path / "s", source_files=[], folders=[]
    ) as engine:
        for sql, kind in {
            "SELECT CAST('CANARY' AS INTEGER)": Failure.SOURCE,
            "SELECT * FROM read_csv('/CANARY')": Failure.FILES,
            "SELECT CANARY": Failure.OTHER,
        }.items():
            with pytest.raises(LoadError) as caught:
                engine.run(sql)
            assert caught.value.failure is kind
            assert caught.value.__context__ is None
            assert "CANARY" not in str(caught.value)
