"""The lock on a tree, between processes, threads and calls."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workflow_cli.adapters.tree_lock import TreeLock
from workflow_cli.errors import DocumentError

REPOSITORY = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from workflow_cli.adapters.tree_lock import TreeLock
with TreeLock(Path(sys.argv[1]), timeout=5).hold():
    print("held", flush=True)
    sys.stdin.read()
"""


FORKER = """
import os, sys
from pathlib import Path
from workflow_cli.adapters.tree_lock import TreeLock
directory = Path(sys.argv[1])
with TreeLock(directory, timeout=5).hold():
    child = os.fork()
    if child == 0:
        try:
            with TreeLock(directory, timeout=0.05).hold():
                print("taken twice", flush=True)
        except Exception as error:
            print("refused", flush=True)
    else:
        os.waitpid(child, 0)
        if os.fork() == 0:
            os._exit(0)
        os.wait()
if child:
    with TreeLock(directory, timeout=5).hold():
        print("let go", flush=True)
"""


def holder(directory: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until its stdin is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_who_waits_too_long_is_told_who_holds_it(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        with pytest.raises(DocumentError) as refused, TreeLock(tmp_path, timeout=0.05).hold():
            pass
        assert f"process {other.pid} (-c" in str(refused.value)
        assert refused.value.exit_code == 3
        other.communicate()
    with TreeLock(tmp_path, timeout=0.05).hold():
        pass


def test_death_lets_go_of_it(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        other.kill()
        other.wait()
    with TreeLock(tmp_path, timeout=0.05).hold():
        pass


def test_a_thread_may_take_it_again_through_any_object(tmp_path: Path) -> None:
    """And is told that it was held already."""
    first, second = TreeLock(tmp_path, timeout=0.05), TreeLock(tmp_path, timeout=0.05)
    with first.hold() as outer, second.hold() as inner, first.hold() as innermost:
        assert (outer, inner, innermost) == (True, False, False)
    with second.hold() as again:
        assert again


def test_another_thread_waits(tmp_path: Path) -> None:
    refused: list[str] = []

    def take() -> None:
        try:
            with TreeLock(tmp_path, timeout=0.05).hold():
                pass
        except DocumentError as error:
            refused.append(str(error))

    with TreeLock(tmp_path, timeout=0.05).hold():
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
    assert "another thread" in refused[0]
    take()
    assert len(refused) == 1


def test_a_forked_child_holds_nothing(tmp_path: Path) -> None:
    """Nor does its end let go of what its parent holds."""
    done = subprocess.run(
        [sys.executable, "-c", FORKER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("refused\nlet go\n", "")


def test_a_lock_whose_file_was_thrown_away_is_taken_anew(tmp_path: Path) -> None:
    """Two processes must not each hold a file of that name."""
    with TreeLock(tmp_path, timeout=0.05).hold():
        pass
    (tmp_path / "lock").unlink()
    with holder(tmp_path) as other:
        with pytest.raises(DocumentError), TreeLock(tmp_path, timeout=0.05).hold():
            pass
        other.communicate()


def test_a_link_in_the_locks_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").touch()
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DocumentError, match="cannot lock"), TreeLock(tmp_path, timeout=0.05).hold():
        pass
    assert (tmp_path / "elsewhere").read_bytes() == b""
