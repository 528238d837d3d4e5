"""The ledger of the loop where it is damaged, cut off, taken away or not to be read: told truly, and refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import REPOSITORY, Run, environment, tree, workflow
from tests.e2e.loop_log import STUBBORN, stubborn_tree
from tests.faults.as_nobody import NOBODY
from tests.faults.loop_scenarios import KEPT, cycle
from workflow_cli.cli import loop_report, loop_text
from workflow_cli.cli.invocation import Invocation
from workflow_cli.domain.improvement.record import RecordType, read_lines
from workflow_cli.domain.improvement.story import story_of

__all__ = ["environment", "tree", "workflow"]
LOST = ["a byte of a line", "a byte of the last line", "a line", "the last line", "all lines", "the ledger", "the key"]


def _damage(root: Path, what: str) -> None:
    ledger, key = root / ".workflow/ledger.jsonl", root / ".workflow/ledger.key"
    lines = ledger.read_bytes().splitlines(keepends=True)
    match what:
        case "a byte of a line":
            lines[2] = lines[2].replace(b'"at":1', b'"at":2', 1)
        case "a byte of the last line":
            lines[-1] = lines[-1].replace(b'"at":1', b'"at":2', 1)
        case "a line":
            del lines[2]
        case "the last line":
            del lines[-1]
        case "all lines":
            lines = []
        case "the key":
            key.unlink()
    ledger.write_bytes(b"".join(lines))
    if what == "the ledger":
        ledger.unlink()


def _status(workflow: Run) -> tuple[int, dict[str, Any]]:
    done = workflow("loop", "status", "--format", "json")
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("what", LOST)
def test_what_is_lost_freezes_the_loop_until_a_person_has_looked(workflow: Run, tree: Path, what: str) -> None:
    """Status says so and how to go on; a cycle changes nothing; every reader still reads; once resumed, all is well."""
    path = stubborn_tree(tree, count=12)
    assert workflow("loop").returncode == 0
    path.write_text(STUBBORN + "# mine\n", encoding="utf-8")
    _damage(tree, what)
    before = path.read_bytes()
    code, status = _status(workflow)
    assert (code, status["standing"], status["frozen"]) == (1, "frozen", "ledger_damaged")
    assert status["ledger"]["gaps"] >= 1
    said = workflow("loop", "status")
    assert "(ledger_damaged)" in said.stdout
    assert "workflow loop resume goes on without them" in said.stderr
    for more in ("history", "report"):
        assert workflow("loop", more).returncode == 0
    for _ in range(2):
        done = workflow("loop")
        assert done.returncode == 1, done.stderr
        assert path.read_bytes() == before
    # What it appended meanwhile does not hide what is missing.
    assert _status(workflow)[1]["frozen"] == "ledger_damaged"
    assert workflow("loop", "resume", "--as", "Ada").returncode == 0
    code, status = _status(workflow)
    assert (code, status["standing"]) == (0, "idle")
    assert workflow("loop").returncode == 0
    assert _status(workflow)[0] == 0


def test_an_earlier_resume_says_nothing_about_a_later_gap(workflow: Run, tree: Path) -> None:
    stubborn_tree(tree)
    for verb in ("stop", "resume"):
        assert workflow("loop", verb, "--as", "Ada").returncode == 0
    assert workflow("loop").stdout.startswith("registered: breaker; keep")
    ledger = tree / ".workflow/ledger.jsonl"
    lines = ledger.read_bytes().splitlines(keepends=True)
    resumed = next(number for number, line in enumerate(lines) if b'"unfreeze"' in line)
    ledger.write_bytes(b"".join([*lines[: resumed + 1], *lines[resumed + 2 :]]))
    assert _status(workflow)[1]["frozen"] == "ledger_damaged"


def test_a_torn_last_line_is_what_a_kill_leaves(workflow: Run, tree: Path) -> None:
    """It never counted, and nothing is wrong."""
    path = stubborn_tree(tree)
    assert workflow("loop", "--lever", "cache-ttl").returncode == 0
    with open(tree / ".workflow/ledger.jsonl", "ab") as file:
        file.write(b'{"at":1795646753.018045,"body":{"by":"A')
    code, status = _status(workflow)
    assert (code, status["standing"], status["ledger"]) == (0, "idle", {"unread": {"torn": 1}, "gaps": 0})
    assert workflow("loop").returncode == 0
    assert path.read_text("utf-8") == KEPT
    assert _status(workflow)[1]["kept"] == 1


def test_a_lost_promotion_is_not_forgotten(workflow: Run, tree: Path) -> None:
    """The settings say what was kept, and the ledger does not any more: nothing is tried on top of that."""
    path = stubborn_tree(tree)
    assert workflow("loop").returncode == 0
    assert path.read_text("utf-8") == KEPT
    ledger = tree / ".workflow/ledger.jsonl"
    lines = ledger.read_bytes().splitlines(keepends=True)
    promoted = next(number for number, line in enumerate(lines) if b'"type":"promote"' in line)
    ledger.write_bytes(b"".join(lines[:promoted]))
    assert _status(workflow)[1]["standing"] == "frozen"
    assert workflow("loop").returncode == 1
    assert path.read_text("utf-8") == KEPT


def test_put_aside_with_its_key_the_loop_begins_anew(workflow: Run, tree: Path) -> None:
    """As the message about a damaged key says."""
    stubborn_tree(tree, count=12)
    workflow("loop")
    key = tree / ".workflow/ledger.key"
    key.write_bytes(b"short")
    for arguments in (("loop",), ("loop", "status"), ("loop", "--dry-run"), ("loop", "stop")):
        done = workflow(*arguments)
        assert done.returncode == 3, arguments
        assert done.stderr.startswith("error: the key of the ledger is damaged")
        assert "put the ledger and its key aside" in done.stderr
    key.unlink()
    (tree / ".workflow/ledger.jsonl").unlink()
    assert _status(workflow)[0] == 0
    assert workflow("loop").returncode == 0


@pytest.mark.parametrize("arguments", [("status",), ("history",), ("report",), ()])
@pytest.mark.parametrize("what", ["ledger.jsonl", "ledger.key", "metrics.jsonl"])
def test_what_may_not_be_read_is_one_clear_error(tree: Path, what: str, arguments: tuple[str, ...]) -> None:
    """Of status 3, with what to do; never a guess, and no report of a bug."""
    stubborn_tree(tree, count=12)
    code, out = as_nobody(tree, what, 0o000, "loop", *arguments)
    if what == "metrics.jsonl" and arguments in (("status",), ("history",)):
        assert code == 0  # they do not look at the log
        return
    assert code == 3, out
    assert out.startswith("error: cannot read"), out
    assert what in out
    assert "next: " in out


@pytest.mark.parametrize(
    "arguments", [("status",), ("history",), ("report",), ("--dry-run",), (), ("stop",), ("resume",)]
)
def test_a_state_that_may_not_be_written(tree: Path, arguments: tuple[str, ...]) -> None:
    """Whoever only reads reads; whoever would write says that it cannot."""
    stubborn_tree(tree, count=12)
    code, out = as_nobody(tree, ".", 0o555, "loop", *arguments)
    if arguments in ((), ("stop",), ("resume",)):
        assert code == 3, out
        assert out.startswith("error: cannot "), out
        assert "Permission denied" in out
        assert "next: " in out
    else:
        assert code == 0, out


def as_nobody(root: Path, what: str, mode: int, *arguments: str) -> tuple[int, str]:
    """The status and the output of a command run by somebody else, for whom something of the state has that mode."""
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    cycle(root, ("cache-ttl",))
    # In a place of its own: the directories above those of pytest are closed to others, and shut again by each of its runs.
    with tempfile.TemporaryDirectory(prefix="workflow-nobody-") as place:
        os.chmod(place, 0o755)
        theirs, warm = Path(place, "theirs"), Path(place, "warm")
        for copy in (theirs, warm):
            shutil.copytree(root, copy)
        for path in [theirs, *theirs.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        closed = theirs / ".workflow" / what
        for path in [closed, *closed.glob("*")]:
            path.chmod(mode if path is closed else mode & 0o444)
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.command_as_nobody", str(theirs), str(warm), *arguments],
            cwd=REPOSITORY,
            env={"PATH": os.environ["PATH"], "TMPDIR": "/tmp", "XDG_CONFIG_HOME": place},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stderr + done.stdout


# -- any prefix is a state ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> list[list[bytes]]:
    """Ledgers of every kind of cycle, line by line, with their key."""
    found = []
    for name in ("roll-back", "revert", "document", "withdraw", "veto", "stop"):
        root = tmp_path_factory.mktemp(name)
        carry_out(name, root)
        key = (root / ".workflow/ledger.key").read_bytes()
        found.append([key, *(root / ".workflow/ledger.jsonl").read_bytes().splitlines(keepends=True)])
    return found


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_prefix_of_a_ledger_is_told_without_error(
    ledgers: list[list[bytes]], data: st.DataObject, capsys: pytest.CaptureFixture[str]
) -> None:
    """And status, history and report agree with each other, as text and as JSON."""
    key, *lines = data.draw(st.sampled_from(ledgers))
    length = data.draw(st.integers(0, len(lines)))
    cut = data.draw(st.integers(0, 400))
    given_lines = [
        *lines[:length],
        *([lines[length][:cut]] if length < len(lines) and cut < len(lines[length]) - 1 else []),
    ]
    reading = read_lines(given_lines, key=key)
    assert (len(reading.records), reading.gaps) == (length, 0)
    story = story_of(reading)
    printed: dict[str, dict[str, Any]] = {}
    for form in ("text", "json"):
        call = Invocation()
        call.typed["format"] = form
        shows: dict[str, Callable[[], int]] = {
            "status": lambda call=call: loop_text.show_status(
                call, story, running=False, muted=story.muted, decided={}, in_force=lambda _: {}
            ),  # type: ignore[misc]
            "history": lambda call=call: loop_text.show_history(call, reading.records, of=reading.records),  # type: ignore[misc]
            "report": lambda call=call: loop_report.show_report(call, story),  # type: ignore[misc]
        }
        for name, show in shows.items():
            assert show() in (0, 1)
            out = capsys.readouterr().out
            if form == "json":
                printed[name] = json.loads(out)
    status, told = printed["status"], printed["report"]
    kinds = [record["type"] for record in printed["history"]["records"]]
    assert status["kept"] + status["rolled_back"] == len(told["kept"]) == kinds.count("promote")
    assert status["rolled_back"] == sum(one["state"] == "rolled_back" for one in told["kept"])
    assert (status["probation"] is not None) == any(one["state"] == "probation" for one in told["kept"])
    assert len(status["waiting"]) == len(told["waiting"])
    registered = [r for r in reading.records if r.type is RecordType.REGISTER]
    assert status["experiments"] == sum(r.body["document"] is None and not r.body["same"] for r in registered)


def test_what_was_begun_is_ended(ledgers: list[list[bytes]]) -> None:
    for key, *lines in ledgers:
        kinds = [record.type for record in read_lines(lines, key=key).records]
        assert kinds.count(RecordType.INTENT) == kinds.count(RecordType.APPLIED) + kinds.count(RecordType.RECOVER)


def carry_out(name: str, root: Path) -> None:
    """A scenario and the cycles after it; nothing may be wrong."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.loop_scenarios", name, str(root)],
        cwd=REPOSITORY,
        env={**os.environ, "XDG_CONFIG_HOME": str(root)},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    assert json.loads(done.stdout) == []
