"""Looking into databases as processes left them, without a trace."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from workflow_cli.adapters.untouched_database import open_untouched
from workflow_cli.errors import DocumentError

KILLED = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode=WAL")
database.execute("CREATE TABLE t (x)")
database.execute("INSERT INTO t VALUES (1)")
os._exit(0)
"""


def left_by_a_killed_process(path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=True)
    assert {file.name for file in path.parent.iterdir()} == {"a.db", "a.db-wal", "a.db-shm"}


def traces(directory: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), os.stat(file).st_mtime_ns) for file in directory.iterdir()}


def rows(path: Path) -> list[tuple[int]]:
    with closing(open_untouched(path)) as database:
        return database.execute("SELECT x FROM t ORDER BY x").fetchall()


def test_what_a_killed_process_left_in_the_log_is_read_and_left_there(tmp_path: Path) -> None:
    left_by_a_killed_process(tmp_path / "a.db")
    before = traces(tmp_path)
    assert rows(tmp_path / "a.db") == [(1,)]
    assert traces(tmp_path) == before


def test_one_that_was_closed_gets_no_log(tmp_path: Path) -> None:
    left_by_a_killed_process(tmp_path / "a.db")
    sqlite3.connect(tmp_path / "a.db").execute("SELECT * FROM t").connection.close()
    before = traces(tmp_path)
    assert before.keys() == {"a.db"}
    assert rows(tmp_path / "a.db") == [(1,)]
    assert traces(tmp_path) == before


def test_a_log_without_its_index_is_left_alone(tmp_path: Path) -> None:
    left_by_a_killed_process(tmp_path / "a.db")
    (tmp_path / "a.db-shm").unlink()
    with pytest.raises(DocumentError, match="without writing") as told:
        open_untouched(tmp_path / "a.db")
    assert told.value.hint
    assert not (tmp_path / "a.db-shm").exists()


def test_what_another_process_is_writing_is_seen(tmp_path: Path) -> None:
    left_by_a_killed_process(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as writer:
        writer.execute("INSERT INTO t VALUES (2)")
        assert rows(tmp_path / "a.db") == [(1,), (2,)]
        writer.execute("INSERT INTO t VALUES (3)")
        assert rows(tmp_path / "a.db") == [(1,), (2,), (3,)]


def test_nothing_can_be_written_through_it(tmp_path: Path) -> None:
    left_by_a_killed_process(tmp_path / "a.db")
    with closing(open_untouched(tmp_path / "a.db")) as database, pytest.raises(sqlite3.OperationalError):
        database.execute("INSERT INTO t VALUES (9)")
