"""Events survive crowds, crashes and full disks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.rights import only_what_modes_allow
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.event_log import JsonlEventLog, NoEvents

REPOSITORY = Path(__file__).parents[2]
LARGE = 1 << 30

WRITER = """
import sys
from pathlib import Path
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.event_log import JsonlEventLog
path, name, count, max_bytes, padding = sys.argv[1:]
log = JsonlEventLog(Path(path), clock=SystemClock(), max_bytes=int(max_bytes))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(count)):
    log.append({"kind": "test", "writer": name, "number": number, "padding": "x" * int(padding)})
assert log.degraded == (), log.degraded
"""


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 31, 12, 0, 0, 7_500, tzinfo=UTC)

    def elapsed(self) -> float:
        return 0.0


def log_at(path: Path, **options: Any) -> JsonlEventLog:
    return JsonlEventLog(path, **{"clock": SystemClock(), "max_bytes": LARGE, **options})


def start_writer(
    path: Path, name: str, count: int, max_bytes: int = LARGE, padding: int = 100
) -> subprocess.Popen[str]:
    arguments = [str(value) for value in (path, name, count, max_bytes, padding)]
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def release(writers: list[subprocess.Popen[str]]) -> None:
    """Let all of them begin together, once all are there."""
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()


def run_together(writers: list[subprocess.Popen[str]]) -> None:
    release(writers)
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0


def events_in(*paths: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines() if line]


def test_a_line_says_what_when_and_in_which_schema(tmp_path: Path) -> None:
    """Schema number, sortable id, time in UTC to the millisecond, then the event's own words."""
    path = tmp_path / ".workflow" / "metrics.jsonl"
    log_at(path, clock=FixedClock()).append({"kind": "process", "path": Path("a"), "title": "변경 \udc80"})
    (event,) = events_in(path)
    identity = event.pop("event_id")
    assert event == {
        "schema": 1,
        "ts": "2026-01-31T12:00:00.007Z",
        "kind": "process",
        "path": "a",
        "title": "변경 \udc80",
    }
    assert len(identity) == 32
    assert path.read_bytes().endswith(b"}\n")


def test_the_file_is_private_and_git_is_told_to_ignore_its_directory(tmp_path: Path) -> None:
    """Only a directory made here gets a .gitignore."""
    path = tmp_path / ".workflow" / "metrics.jsonl"
    log_at(path).append({"kind": "test"})
    assert path.stat().st_mode & 0o777 == 0o600
    assert (path.parent / ".gitignore").read_text() == "*\n"
    log_at(tmp_path / "elsewhere.jsonl").append({"kind": "test"})
    assert not (tmp_path / ".gitignore").exists()


def test_ids_sort_by_time_and_never_repeat(tmp_path: Path) -> None:
    """A reader may merge files by id."""
    log = log_at(tmp_path / "metrics.jsonl")
    for _ in range(50):
        log.append({"kind": "test"})
    ids = [event["event_id"] for event in events_in(tmp_path / "metrics.jsonl")]
    assert len(set(ids)) == 50
    assert [identity[:12] for identity in ids] == sorted(identity[:12] for identity in ids)


def test_many_processes_write_without_losing_or_mixing_a_line(tmp_path: Path) -> None:
    """Eight processes of two hundred lines each: 1,600 whole lines, each once, each writer's in order."""
    path = tmp_path / ".workflow" / "metrics.jsonl"
    run_together([start_writer(path, str(name), 200) for name in range(8)])
    events = events_in(path)
    assert Counter(event["writer"] for event in events) == {str(name): 200 for name in range(8)}
    for name in range(8):
        numbers = [event["number"] for event in events if event["writer"] == str(name)]
        assert numbers == list(range(200))


def test_rotation_loses_nothing_in_a_crowd(tmp_path: Path) -> None:
    """Many renames under many writers: every event is in exactly one file, and no file is much too large."""
    path = tmp_path / "metrics.jsonl"
    run_together([start_writer(path, str(name), 100, max_bytes=8_000) for name in range(6)])
    files = sorted(tmp_path.glob("metrics*.jsonl"))
    written = Counter((event["writer"], event["number"]) for event in events_in(*files))
    assert len(files) > 5
    assert written == Counter({(str(name), number): 1 for name in range(6) for number in range(100)})
    assert max(file.stat().st_size for file in files) < 8_000 + 6 * 400


def test_rotation_names_the_old_file_by_its_time(tmp_path: Path) -> None:
    """Two in one second get a number."""
    path = tmp_path / "metrics.jsonl"
    log = log_at(path, clock=FixedClock(), max_bytes=10)
    for _ in range(3):
        log.append({"kind": "test"})
    assert sorted(file.name for file in tmp_path.glob("*.jsonl")) == [
        "metrics-20260131T120000Z-1.jsonl",
        "metrics-20260131T120000Z.jsonl",
        "metrics.jsonl",
    ]


def test_a_torn_line_costs_only_itself(tmp_path: Path) -> None:
    """The writer after a crash ends the torn line instead of joining it."""
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"schema":1,"kind":"whole"}\n{"schema":1,"ki')
    log_at(path).append({"kind": "next"})
    first, torn, last = path.read_bytes().splitlines()
    assert json.loads(first)["kind"] == "whole"
    assert torn == b'{"schema":1,"ki'
    assert json.loads(last)["kind"] == "next"


def test_a_killed_writer_leaves_the_file_usable(tmp_path: Path) -> None:
    """kill -9 in the middle of large writes: later events are whole, at most one line per kill is not."""
    path = tmp_path / "metrics.jsonl"
    for _ in range(3):
        writer = start_writer(path, "killed", 100_000, padding=500_000)
        release([writer])
        while not path.exists() or path.stat().st_size == 0:
            time.sleep(0.001)
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=60)
        log_at(path).append({"kind": "after"})
    torn = 0
    survivors = 0
    for line in path.read_bytes().splitlines():
        try:
            survivors += json.loads(line)["kind"] == "after"
        except ValueError:
            torn += 1
    assert survivors == 3
    assert torn <= 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_told_and_does_not_stop_the_work() -> None:
    """/dev/full answers every write as a full disk does; the reason is told once."""
    log = log_at(Path("/dev/full"))
    log.append({"kind": "test"})
    log.append({"kind": "test"})
    assert log.degraded == ("/dev/full: No space left on device",)


def test_a_line_cut_short_is_told_and_healed(tmp_path: Path) -> None:
    """A write that ends early, here at the file size limit, is noticed by its count."""
    path = tmp_path / "metrics.jsonl"
    probe = f"""
import resource
from pathlib import Path
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.event_log import JsonlEventLog
resource.setrlimit(resource.RLIMIT_FSIZE, (150, resource.RLIM_INFINITY))
log = JsonlEventLog(Path({str(path)!r}), clock=SystemClock(), max_bytes=1 << 30)
log.append({{"kind": "fits"}})
log.append({{"kind": "is cut", "padding": "x" * 100}})
print(*log.degraded)
"""
    told = subprocess.check_output(
        [sys.executable, "-c", probe], env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, text=True
    )
    assert "bytes were written" in told
    assert path.stat().st_size == 150
    log_at(path).append({"kind": "next"})
    first, _, last = path.read_bytes().splitlines()
    assert (json.loads(first)["kind"], json.loads(last)["kind"]) == ("fits", "next")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where the directory should be, and a directory where the file should be."""
    (tmp_path / "file").touch()
    (tmp_path / "directory").mkdir()
    for path in (tmp_path / "file" / "metrics.jsonl", tmp_path / "directory"):
        log = log_at(path)
        log.append({"kind": "test"})
        assert len(log.degraded) == 1
        assert str(path) in log.degraded[0]


def test_a_read_only_directory_is_told(tmp_path: Path) -> None:
    """No permission is a reason like any other."""
    tmp_path.chmod(0o500)
    with only_what_modes_allow():
        log = log_at(tmp_path / ".workflow" / "metrics.jsonl")
        log.append({"kind": "test"})
    tmp_path.chmod(0o700)
    assert "Permission denied" in log.degraded[0]


def test_a_link_does_not_lead_the_write_elsewhere(tmp_path: Path) -> None:
    """Neither a link in the file's place nor one in its directory's is followed out of the project."""
    outside = tmp_path / "outside"
    outside.mkdir()
    project = tmp_path / "project"
    (project / ".workflow").mkdir(parents=True)
    (project / ".workflow" / "metrics.jsonl").symlink_to(outside / "stolen")
    (project / "linked").symlink_to(outside)
    for path in (project / ".workflow" / "metrics.jsonl", project / "linked" / "metrics.jsonl"):
        log = log_at(path, inside=project)
        log.append({"kind": "test"})
        assert log.degraded
    assert list(outside.iterdir()) == []


def test_a_pipe_in_the_place_of_the_file_does_not_block(tmp_path: Path) -> None:
    """An unread pipe takes some events and then tells that it is full."""
    path = tmp_path / "metrics.jsonl"
    os.mkfifo(path)
    log = log_at(path)
    log.append({"kind": "test", "padding": "x" * 2_000_000})
    assert log.degraded


def test_secrets_are_blotted_out_wherever_they_occur(tmp_path: Path) -> None:
    """Also inside a message, and with characters that JSON escapes."""
    path = tmp_path / "metrics.jsonl"
    log_at(path, secrets=('to"ken', "")).append({"kind": "error", "message": 'refused: Bearer to"ken!'})
    (event,) = events_in(path)
    assert event["message"] == "refused: Bearer ***!"


def test_no_events_when_they_are_switched_off() -> None:
    """The other log keeps nothing and has nothing to tell."""
    log = NoEvents()
    log.append({"kind": "test"})
    assert log.degraded == ()
