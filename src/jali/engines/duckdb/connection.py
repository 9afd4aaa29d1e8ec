"""Opens DuckDB locked down: no network, no extensions, no Python objects, no files outside the named folders.

What was tried on 1.5.5 and 2.0.0, with equal results: every setting below exists; with `lock_configuration`
no later statement or cursor can undo one; `..` and symbolic names outside `allowed_directories` are refused;
spill files may still be written to `temp_directory`. `allowed_directories` allows writing as well as
reading, so the query side relies on running only SELECT text rendered from the IR. `temp_file_encryption`
needs an extension for spilled files in both, so spill folders are kept private and are removed instead.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import duckdb


def connect(
    *,
    memory_limit_bytes: int,
    threads: int,
    temp_directory: Path,
    readable_folders: Sequence[Path],
) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection for questions that can read `readable_folders` and nothing else.

    Args:
        memory_limit_bytes: most memory of buffers, in bytes.
        threads: worker threads, >= 1.
        temp_directory: where operators that exceed the memory spill; made with mode 700.
        readable_folders: folders of the protected store.
    """
    return _locked(memory_limit_bytes, threads, temp_directory, folders=readable_folders, files=())


def connect_for_ingest(
    *,
    memory_limit_bytes: int,
    threads: int,
    temp_directory: Path,
    source_files: Sequence[Path],
    folders: Sequence[Path],
) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection that can read `source_files` and read and write `folders`; nothing else.

    Rows keep the order of the source, so a row's number in a loaded table is its position in the source.
    """
    return _locked(memory_limit_bytes, threads, temp_directory, folders=folders, files=source_files)


def _locked(
    memory_limit_bytes: int,
    threads: int,
    temp_directory: Path,
    *,
    folders: Sequence[Path],
    files: Sequence[Path],
) -> duckdb.DuckDBPyConnection:
    temp_directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{memory_limit_bytes}B",
            "threads": str(threads),
            "temp_directory": str(temp_directory),
            "python_enable_replacements": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_unsigned_extensions": "false",
            "allow_persistent_secrets": "false",
            "preserve_insertion_order": "true",
        },
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET allowed_directories = {_list([f'{os.fspath(f)}{os.sep}' for f in folders])}")
    connection.execute(f"SET allowed_paths = {_list([os.fspath(f) for f in files])}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _list(paths: Sequence[str]) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"
