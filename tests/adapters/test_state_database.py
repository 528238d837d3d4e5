"""The state database, opened several times in one process while others come and go."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.question_store import SqliteQuestionStore
from workflow_cli.adapters.state_database import is_damage, open_state
from workflow_cli.app.answering.ports import PendingQuestion

TABLES = "CREATE TABLE IF NOT EXISTS word (word TEXT);"
#: Another process that opens the database, writes, and closes it.
VISITOR = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute(sys.argv[2])
database.close()
"""


def visit(path: Path, statement: str) -> None:
    subprocess.run([sys.executable, "-c", VISITOR, str(path), statement], check=True, timeout=60)


def test_a_second_connection_does_not_take_the_locks_of_the_first(tmp_path: Path) -> None:
    """A process that closes any descriptor of a file lets go of its locks on it. Then the next visitor takes itself for
    the last one, removes the log, and what the first connection writes from then on is lost."""
    path = tmp_path / "state.db"
    first, _ = open_state(path, TABLES)
    first.execute("INSERT INTO word VALUES ('ours')")
    second, _ = open_state(path, TABLES)
    visit(path, "INSERT INTO word VALUES ('theirs')")
    first.execute("INSERT INTO word VALUES ('ours again')")
    assert [word for (word,) in second.execute("SELECT word FROM word")] == ["ours", "theirs", "ours again"]
    visit(path, "INSERT INTO word VALUES ('last')")
    assert first.execute("SELECT count(*) FROM word").fetchone() == (4,)
    first.close()
    second.close()


def test_the_queue_sees_what_another_process_did_after_its_reader_was_opened(tmp_path: Path) -> None:
    (tmp_path / "openspec" / "specs").mkdir(parents=True)
    store = SqliteQuestionStore(tmp_path, clock=SystemClock())
    asked = PendingQuestion(id="", text="How long?", asker=None, asked_at="2026-01-01T00:00:00Z")
    entry = store.put(asked)
    assert store.get(entry.id) is not None  # opens another connection
    path = tmp_path / ".workflow" / "questions.db"
    visit(path, "UPDATE question SET priority = 1")
    visit(path, "UPDATE question SET priority = 2")
    found = store.get(entry.id)
    assert found is not None
    assert found.priority == 2
    store.put(PendingQuestion(id="", text="How short?", asker=None, asked_at="2026-01-01T00:00:00Z"))
    visit(path, "UPDATE question SET priority = 3")
    assert [one.priority for one in store.listed()] == [3, 3]
    store.close()


@pytest.mark.parametrize("kind", ["link", "dangling link", "directory"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path, elsewhere = tmp_path / "state.db", tmp_path / "elsewhere"
    if kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.write_bytes(b"")
    with pytest.raises(OSError, match="not a regular file"):
        open_state(path, TABLES)
    assert not elsewhere.exists() or elsewhere.read_bytes() == b""


def test_a_directory_that_is_a_link_is_not_written_into(tmp_path: Path) -> None:
    """It could lead out of the tree."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".workflow").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="no link"):
        open_state(tmp_path / ".workflow" / "state.db", TABLES)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_it_is_private_from_the_first_moment(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        connection, _ = open_state(tmp_path / "state.db", TABLES)
    finally:
        os.umask(before)
    assert (tmp_path / "state.db").stat().st_mode & 0o777 == 0o600
    connection.close()


def test_many_that_begin_it_at_once_all_have_it(tmp_path: Path) -> None:
    """Two that make its log at once would wait for each other: SQLite tells one of them at once that it is locked."""
    tables = "CREATE TABLE IF NOT EXISTS mine (x);"
    with ThreadPoolExecutor(8) as pool:
        for number in range(60):
            path, start = tmp_path / str(number) / "state.db", Barrier(8)

            def begin(path: Path = path, start: Barrier = start) -> str | None:
                start.wait()
                connection, repaired = open_state(path, tables, shared_by_threads=True)
                connection.close()
                return repaired

            assert {begun.result() for begun in [pool.submit(begin) for _ in range(8)]} == {None}


def test_only_damage_is_damage(tmp_path: Path) -> None:
    """A database that is busy, or whose connection another part of the program has closed, is as good as before."""
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as busy:
        busy.execute("CREATE TABLE a (b)")
        busy.execute("BEGIN EXCLUSIVE")
        connection = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.Error) as caught:
            connection.execute("INSERT INTO a VALUES (1)")
        assert not is_damage(caught.value)
        connection.close()
        with pytest.raises(sqlite3.Error) as caught:
            connection.execute("SELECT 1")
        assert not is_damage(caught.value)
    whole = path.read_bytes()
    for damaged in (b"garbage" * 900, whole[:100] + b"\xa5" * (len(whole) - 100)):
        path.write_bytes(damaged)
        with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.Error) as caught:
            connection.execute("SELECT * FROM a")
        assert is_damage(caught.value)
