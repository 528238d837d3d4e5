"""`workflow loop` that goes on and on, several at once, stopped and interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.e2e.loop_log import STUBBORN, stubborn_tree
from tests.faults.loop_scenarios import KEPT, register_by_hand
from workflow_cli.adapters.loop_memory import LoopMemory
from workflow_cli.cli import loop_resident
from workflow_cli.cli.invocation import Invocation
from workflow_cli.cli.loop_resident import Beat, beat_until_stopped
from workflow_cli.errors import DocumentError

Started = Any
_LONG = 60.0


@pytest.fixture
def start(environment: dict[str, str], tree: Path) -> Iterator[Started]:
    """`start(*arguments)` → a process of the command that runs on; whatever is left of it is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "workflow_cli", *arguments],
            cwd=tree,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def until(what: Any) -> None:
    for _ in range(int(_LONG / 0.05)):
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


# -- the beat, on a clock of its own ------------------------------------------------------------------------------


class _Time:
    """`time` as the beat uses it, in which only sleeping and working take any."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 1.0
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Time:
    made = _Time()
    monkeypatch.setattr(loop_resident, "time", made)
    return made


def test_beats_do_not_drift(clock: _Time, tmp_path: Path) -> None:
    """However long a cycle takes, the next comes when it is due; one that would come too late is left out."""
    at: list[float] = []
    work = [0.3, 2.0, 4.9, 11.0, 0.0, 5.0]
    ledger = tmp_path / "ledger"

    def beat() -> Beat:
        at.append(round(clock.now - 1000.0, 6))
        clock.now += work[len(at) - 1]
        if len(at) == len(work):
            ledger.write_text("stopped")
        return Beat(held=True, code=0)

    assert beat_until_stopped(Invocation(), 5.0, beat, ledger=ledger, stopped=lambda: "stopped by Ada") == 0
    assert at == [0, 5, 10, 15, 30, 35]


def test_what_fails_in_a_later_beat_is_said_once_and_tried_again(
    clock: _Time, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beats: list[float] = []
    ledger = tmp_path / "ledger"

    def beat() -> Beat:
        beats.append(clock.now)
        if len(beats) in (2, 3):
            raise DocumentError("no room", where="here")
        if len(beats) == 5:
            ledger.write_text("stopped")
        return Beat(held=len(beats) != 4, code=0)

    assert beat_until_stopped(Invocation(), 5.0, beat, ledger=ledger, stopped=lambda: "stopped by Ada") == 3
    said = capsys.readouterr().err
    assert said.count("put off: here: no room") == 1
    assert len(beats) == 5


def test_what_fails_at_once_ends_it(clock: _Time, tmp_path: Path) -> None:
    def beat() -> Beat:
        raise DocumentError("no room")

    with pytest.raises(DocumentError):
        beat_until_stopped(Invocation(), 5.0, beat, ledger=tmp_path / "none", stopped=lambda: None)
    assert clock.now == 1000.0


# -- processes ------------------------------------------------------------------------------------------------------


def test_a_resident_loop_acts_is_quiet_and_ends_when_it_is_stopped(workflow: Run, tree: Path, start: Started) -> None:
    """Long before its next beat."""
    settings = stubborn_tree(tree)
    loop = start("loop", "--every", "1h")
    until(lambda: settings.read_text("utf-8") == KEPT)
    assert workflow("loop", "status").returncode == 0
    assert workflow("loop", "stop", "--as", "Ada", "--because", "release week").returncode == 0
    out, err = loop.communicate(timeout=_LONG)
    assert loop.returncode == 0
    assert out.startswith("registered: breaker; keep: ")
    assert out.count("\n") == 1
    assert err == "stopped by Ada: release week: ended; it goes on after `workflow loop resume`\n"


def test_settings_that_are_being_written_do_not_end_it(workflow: Run, tree: Path, start: Started) -> None:
    """It says what is wrong, once, and goes on when it is right again."""
    settings = stubborn_tree(tree, count=12)
    loop = start("loop", "--every", "1s")
    until(lambda: LoopMemory(tree / ".workflow/loop.json").ledger_end() is not None)
    settings.write_text("answers: [\n", encoding="utf-8")
    line = loop.stderr.readline()
    assert line.startswith("put off: "), line
    assert "workflow.yaml" in line
    settings.write_text(STUBBORN, encoding="utf-8")
    assert workflow("loop", "stop", "--as", "Ada").returncode == 0
    out, err = loop.communicate(timeout=_LONG)
    assert loop.returncode == 2
    assert (out, err.count("put off"), err.count("stopped by Ada")) == ("", 0, 1)


def test_one_that_was_stopped_before_does_one_cycle_and_says_why_it_ends(workflow: Run, tree: Path) -> None:
    stubborn_tree(tree)
    workflow("loop", "stop", "--as", "Ada", "--because", "release week")
    done = workflow("loop", "--every", "1h")
    assert (done.returncode, done.stdout) == (0, "")
    assert "stopped by Ada: release week" in done.stderr


def test_three_resident_loops_are_one(workflow: Run, tree: Path, start: Started) -> None:
    """Two of them leave at once, with status 0, whenever they come; one change is kept, once."""
    settings = stubborn_tree(tree)
    loops = [start("loop", "--every", "1s") for _ in range(3)]
    until(lambda: sum(loop.poll() is not None for loop in loops) == 2)
    last = start("loop", "--every", "1s")
    assert last.communicate(timeout=_LONG) == ("", "another `workflow loop --every` is at work on this tree\n")
    assert last.returncode == 0
    until(lambda: settings.read_text("utf-8") == KEPT)
    until(lambda: _status(workflow)["standing"] == "probation" and not _status(workflow)["cycle_under_way"])
    assert workflow("loop", "stop", "--as", "Ada").returncode == 0
    said = [loop.communicate(timeout=_LONG) for loop in loops]
    assert [loop.returncode for loop in loops] == [0, 0, 0], said
    assert sum("keep" in out for out, _ in said) == 1
    assert sorted(err.partition(" ")[0] for _, err in said) == ["another", "another", "stopped"]
    status = _status(workflow)
    assert (status["experiments"], status["kept"], status["ledger"]) == (1, 1, {"unread": {}, "gaps": 0})


def test_what_is_asked_while_a_cycle_works_is_news_for_the_next(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log that a cycle has seen is the log as it was before it began to read."""
    from workflow_cli.app.improve import cycle
    from workflow_cli.wiring import settings_in_force
    from workflow_cli.wiring.loop import LoopRun

    stubborn_tree(tree, count=12)
    settings = settings_in_force(tree)
    log = settings.events.path
    real = cycle.run_cycle

    def while_somebody_asks(*arguments: Any, **named: Any) -> Any:
        done = real(*arguments, **named)
        with log.open("a", encoding="utf-8") as file:
            file.write(log.read_text("utf-8").splitlines()[0].replace('event_id":"', 'event_id":"b') + "\n")
        return done

    def news() -> bool:
        with LoopRun(tree, settings, load=lambda: settings) as run:
            return not run.nothing_new()

    with LoopRun(tree, settings, load=lambda: settings) as run, run.held():
        run.cycle()
    assert not news()
    monkeypatch.setattr(cycle, "run_cycle", while_somebody_asks)
    with LoopRun(tree, settings, load=lambda: settings) as run, run.held():
        run.cycle()
    assert news()


def test_stop_waits_for_the_cycle_under_way(workflow: Run, tree: Path, start: Started) -> None:
    from workflow_cli.wiring import settings_in_force
    from workflow_cli.wiring.loop import LoopRun

    stubborn_tree(tree, count=12)
    settings = settings_in_force(tree)
    with LoopRun(tree, settings, load=lambda: settings_in_force(tree)) as run, run.held():
        stop = start("loop", "stop", "--as", "Ada")
        with pytest.raises(subprocess.TimeoutExpired):
            stop.wait(1.5)
        assert _status(workflow)["standing"] == "idle"
    assert stop.wait(_LONG) == 0
    assert _status(workflow)["frozen"] == "stopped by Ada: stopped by a person"


def test_a_lock_whose_process_died_holds_nobody_up(workflow: Run, tree: Path) -> None:
    settings = stubborn_tree(tree)
    lock = tree / ".workflow/ledger.jsonl.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.write_text("4242\n")
    assert _status(workflow)["cycle_under_way"] is False
    assert workflow("loop").returncode == 0
    assert settings.read_text("utf-8") == KEPT


@pytest.mark.parametrize(
    ("place", "number", "status"),
    [
        ("cycle.check", signal.SIGINT, 130),
        ("measure.decide", signal.SIGTERM, 143),
        ("promotion.finish_promotion", signal.SIGINT, 130),
        ("promotion.finish_promotion", signal.SIGTERM, 143),
        ("cycle.reconcile", signal.SIGTERM, 143),
    ],
)
def test_a_cycle_that_is_interrupted_is_finished_by_the_next(
    workflow: Run, environment: dict[str, str], tree: Path, place: str, number: signal.Signals, status: int
) -> None:
    settings = stubborn_tree(tree)
    module, _, name = place.partition(".")
    script = f"""
import os, sys
from workflow_cli.app.improve import {module}
real = {module}.{name}
def hit(*a, **k):
    os.kill(os.getpid(), {int(number)})
    return real(*a, **k)
{module}.{name} = hit
from workflow_cli.cli.main import run
sys.exit(run(["loop"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tree, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == status, done.stderr
    assert done.stderr in ("error: interrupted\n", "error: terminated\n")
    assert settings.read_text("utf-8") in (STUBBORN, KEPT)
    assert _status(workflow)["standing"] in ("idle", "measuring", "interrupted", "probation")
    for _ in range(2):
        assert workflow("loop").returncode == 0
    assert _status(workflow)["standing"] in ("idle", "probation")
    assert (settings.read_text("utf-8") == KEPT) == (_status(workflow)["kept"] == 1)


def test_a_cycle_that_is_over_its_count(workflow: Run, tree: Path) -> None:
    """Three cycles, each in one document."""
    stubborn_tree(tree)
    document = json.loads(workflow("loop", "--cycles", "3", "--format", "json").stdout)
    assert [bool(cycle["did"]) for cycle in document["cycles"]] == [True, False, False]
    assert [cycle["waits_for"] for cycle in document["cycles"]] == [None, "probation", "probation"]


def test_a_frozen_loop_says_so_in_its_status_each_time(workflow: Run, tree: Path) -> None:
    """Also where nothing is new, so that it does not even look."""
    stubborn_tree(tree, count=12)
    workflow("loop")
    ledger = tree / ".workflow/ledger.jsonl"
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:-1]))
    done = [workflow("loop") for _ in range(3)]
    assert [one.returncode for one in done] == [1, 1, 1]
    assert [one.stdout for one in done] == ["freeze: ledger_damaged\n", "", ""]
    why = "records are missing from the ledger, or are not its own (ledger_damaged): nothing is tried until `workflow loop resume`"
    assert [one.stderr for one in done] == [why + "\n", "", ""]
    assert f"  {why}\n" in workflow("loop", "--explain").stdout
    assert "records are missing from the ledger" in workflow("loop", "status").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--every", "5s", "--format", "json"), "--every has no end"),
        (("--every", ""), "'' is no time"),
        (("--every", "1h30m"), "'1h30m' is no time"),
        (("--every", "-5s"), "'-5s' is no time"),
        (("--cycles", "99999"), "--cycles"),
        (("--cycles", "x"), "--cycles"),
        (("--once", "--cycles", "2"), "do not go together"),
        (("--lever", ""), "no lever ''"),
        (("history", "--limit", "0"), "--limit"),
        (("nonsense",), "nonsense"),
        (("status", "more"), "more"),
    ],
)
def test_bad_arguments_are_one_clear_error(workflow: Run, tree: Path, arguments: tuple[str, ...], said: str) -> None:
    stubborn_tree(tree, count=3)
    done = workflow("loop", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("error: ") == 1
    assert not (tree / ".workflow/ledger.jsonl").exists()


def test_a_lever_that_is_none_is_named_with_the_setting_that_names_it(workflow: Run, tree: Path) -> None:
    stubborn_tree(tree, count=3)
    (tree / "workflow.yaml").write_text("loop:\n  levers: [breakr]\n", encoding="utf-8")
    done = workflow("loop")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no lever 'breakr'\n  loop.levers\n  next: did you mean breaker?\n"
    assert workflow("loop", "--lever", "breaker").returncode == 0


def _status(workflow: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(workflow("loop", "status", "--format", "json").stdout)
    return document


def test_stop_ends_what_is_measured(workflow: Run, tree: Path) -> None:
    """And its overlay goes with it."""
    stubborn_tree(tree, count=12)
    register_by_hand(tree)
    assert _status(workflow)["standing"] == "measuring"
    assert workflow("loop", "stop", "--as", "Ada").returncode == 0
    assert _status(workflow)["experiment"] is None
    assert not (tree / ".workflow/overlay.json").exists()
