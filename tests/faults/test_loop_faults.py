"""The loop where things go wrong: kills, crowds, clocks, full disks, people at the same file, liars."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.asking import add_auth
from tests.cli.conftest import REPOSITORY, Run, environment, tree, workflow
from tests.e2e.loop_log import STUBBORN, hanging_tool, question, step, stubborn_tree, verdict, write_log
from tests.faults.loop_scenarios import KEPT, SCENARIOS
from workflow_cli.app.improve.overlays import holdback_of
from workflow_cli.domain.improvement.arms import Draw, Overlay
from workflow_cli.wiring import settings_in_force
from workflow_cli.wiring.loop import LoopRun

__all__ = ["environment", "tree", "workflow"]


class SetClock:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> float:
        return self.at.timestamp()


def status_of(workflow: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(workflow("loop", "status", "--format", "json").stdout)
    return document


def open_run(root: Path, clock: SetClock | None = None) -> LoopRun:
    return LoopRun(root, settings_in_force(root), load=lambda: settings_in_force(root), clock=clock)


@pytest.mark.parametrize("fault", ["killed", "full"])
def test_a_fault_anywhere_loses_nothing_and_is_told_truly(tmp_path: Path, fault: str) -> None:
    """After SIGKILL, or a disk that is full from there on, each file is the old or the new one, status tells what is so, and
    the next cycle finishes or undoes the rest."""
    every = "1" if os.environ.get("WORKFLOW_LONG_TESTS") else "47"
    more = ["--full"] if fault == "full" else []
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.loop_kills", str(tmp_path), "--every", every, *more],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=False,
    )
    result = json.loads(done.stdout)
    assert result["faults"] == []
    assert result["scenarios"].keys() == SCENARIOS.keys()
    for name, counted in result["scenarios"].items():
        assert counted["kills"] >= counted["points"] // int(every), name
    assert result["scenarios"]["keep"]["kept"] > 0


def test_what_a_cycle_that_was_killed_had_kept_is_named_by_one_of_the_next(tmp_path: Path) -> None:
    """From the moment at which it is decided to the one at which it was said."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.faults.loop_kills",
            str(tmp_path),
            "--only",
            "keep",
            "--last",
            "85",
            "--every",
            "17",
        ],
        cwd=REPOSITORY,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    result = json.loads(done.stdout)
    assert result["faults"] == []
    assert result["scenarios"]["keep"]["kills"] >= 5


def test_of_three_loops_at_once_one_acts(environment: dict[str, str], workflow: Run, tree: Path) -> None:
    """The others end at once, and say nothing."""
    settings = stubborn_tree(tree)
    command = [sys.executable, "-m", "workflow_cli", "loop"]
    loops = [
        subprocess.Popen(
            command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )
        for _ in range(3)
    ]
    said = [loop.communicate(timeout=120) for loop in loops]
    assert [loop.returncode for loop in loops] == [0, 0, 0]
    assert sum(bool(out) for out, _ in said) == 1, said
    assert all(err == "" for _, err in said)
    assert settings.read_text("utf-8") == KEPT
    status = status_of(workflow)
    assert (status["experiments"], status["kept"], status["ledger"]) == (1, 1, {"unread": {}, "gaps": 0})


def test_a_loop_that_is_held_up_elsewhere_leaves_at_once(workflow: Run, tree: Path) -> None:
    stubborn_tree(tree)
    with open_run(tree) as run, run.held() as held:
        assert held
        done = workflow("loop")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert status_of(workflow)["cycle_under_way"] is True
    assert status_of(workflow)["cycle_under_way"] is False


def test_a_clock_that_jumps_back_an_hour(workflow: Run, tree: Path) -> None:
    """What is kept stays kept, probation goes on, and new events are still taken in."""
    now = datetime.now(UTC)
    settings = stubborn_tree(tree, end=now)
    clock = SetClock(now)
    with open_run(tree, clock) as run, run.held():
        run.cycle()
    assert settings.read_text("utf-8") == KEPT
    clock.at -= timedelta(hours=1)
    write_log(tree, hanging_tool(5, end=clock.at, first=1000))
    for _ in range(2):
        with open_run(tree, clock) as run, run.held():
            cycle = run.cycle()
            assert cycle.events == 165
            assert cycle.set_aside == 0
            assert cycle.did == ()
    assert settings.read_text("utf-8") == KEPT
    assert status_of(workflow)["standing"] == "probation"


def test_settings_edited_by_hand_between_propose_and_measure(workflow: Run, tree: Path) -> None:
    """The experiment ends, for its base is gone; the person's bytes stay, and the overlay goes."""
    settings = stubborn_tree(tree)
    _measuring(tree)
    by_hand = settings.read_text("utf-8") + "# mine\n"
    settings.write_text(by_hand, encoding="utf-8")
    done = workflow("loop", "--lever", "cache-ttl")
    assert done.stdout.startswith("abort: base_changed"), done.stdout + done.stderr
    assert settings.read_text("utf-8") == by_hand
    assert not (tree / ".workflow/overlay.json").exists()
    assert status_of(workflow)["standing"] == "idle"


def test_settings_edited_by_hand_are_not_rolled_back_over(workflow: Run, tree: Path) -> None:
    """Harm is seen on probation, but a person set the very thing: the loop freezes, says so, and touches nothing."""
    settings = stubborn_tree(tree)
    workflow("loop")
    by_hand = settings.read_text("utf-8").replace("breaker_failures: 2", "breaker_failures: 5")
    settings.write_text(by_hand, encoding="utf-8")
    _roll_back(tree)
    assert settings.read_text("utf-8") == by_hand
    status = status_of(workflow)
    assert status["standing"] == "frozen"
    assert status["frozen"] == "settings_edited_during_probation"
    assert workflow("loop", "status").returncode == 1
    assert workflow("loop").stdout.startswith("by a cycle that was cut off [not put back: loop-breaker-")
    assert workflow("loop").stdout == ""
    assert settings.read_text("utf-8") == by_hand
    told, report = workflow("loop", "status").stdout, workflow("loop", "report").stdout
    assert "answers.breaker_failures = 2 (now 5), answers.breaker_seconds = 300; nothing was put back" in told
    assert "1 experiment, 0 kept, 0 taken back, 1 not put back, since " in told
    assert (
        "nothing was put back, as somebody had set it otherwise meanwhile" in report.partition("\nnot put back:\n")[2]
    )
    assert "\ntaken back:" not in report


@pytest.mark.parametrize("git", [False, True])
@pytest.mark.parametrize(
    ("edit", "back"),
    [
        (lambda text: "# mine\n" + text, lambda text: "# mine\n" + text),
        # Right below a line that was added.
        (lambda text: text + "# mine\n", lambda text: text + "# mine\n"),
        (lambda text: text + "retrieval:\n  passages: 5\n", lambda text: text + "retrieval:\n  passages: 5\n"),
        (lambda text: text.replace("tools: 4", "tools: 5"), lambda text: text.replace("tools: 4", "tools: 5")),
        (
            lambda text: text.replace("# never give up", "# mine"),
            lambda text: text.replace("# never give up", "# mine"),
        ),
    ],
)
def test_what_did_harm_is_taken_back_from_between_the_edits_of_others(
    workflow: Run, tree: Path, environment: dict[str, str], edit: Any, back: Any, git: bool
) -> None:
    """Nobody edited what the loop had turned, so that goes; what they did edit stays, and nothing is frozen."""
    SCENARIOS["roll-back"].prepare(tree)
    settings = tree / "workflow.yaml"
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    if git:
        for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "kept")):
            subprocess.run(["git", *who, *arguments], cwd=tree, env=environment, check=True)
    assert settings.read_text("utf-8") == KEPT
    settings.write_text(edit(KEPT), encoding="utf-8")
    done = workflow("loop", "--lever", "breaker")
    if git and "# never give up" not in edit(KEPT):
        # That very line is being edited: it is said what is in the way until it is committed.
        assert (done.returncode, done.stdout) == (5, "")
        assert "next: commit or stash them" in done.stderr
        assert settings.read_text("utf-8") == edit(KEPT)
        subprocess.run(["git", *who, "commit", "-qam", "mine"], cwd=tree, env=environment, check=True)
        assert workflow("loop", "--lever", "breaker").stdout.startswith("recovered: finished: loop-breaker-")
    else:
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("roll_back: harm: e=")
    assert settings.read_text("utf-8") == back(STUBBORN)
    answers = settings_in_force(tree).answers
    assert (answers.breaker_failures, answers.breaker_seconds) == (1000, 15)
    assert status_of(workflow)["standing"] == "idle"
    (kept,) = json.loads(workflow("loop", "report", "--format", "json").stdout)["kept"]
    assert (kept["state"], kept["put_back"]) == ("rolled_back", True)


@pytest.mark.parametrize("then", ["", "breaker_failures: 7"])
def test_what_a_person_approved_to_be_taken_back_is_told_so(workflow: Run, tree: Path, then: str) -> None:
    """The approval wrote it. Also where they set something else afterwards: nothing is frozen, for nothing is in the way."""
    SCENARIOS["roll-back"].prepare(tree)
    settings = tree / "workflow.yaml"
    protected = "policy:\n  protected: [workflow.yaml]\n"
    settings.write_text(protected + KEPT, encoding="utf-8")
    assert workflow("loop", "--lever", "breaker").returncode == 4
    assert settings.read_text("utf-8") == protected + KEPT
    (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
    who = ("--as", "Ada <ada@example.org>")
    assert workflow("review", "approve", draft["id"], "--because", "so be it", *who).returncode == 0
    by_hand = settings.read_text("utf-8")
    assert by_hand == protected + STUBBORN
    if then:
        by_hand = by_hand.replace("breaker_failures: 1000", then)
        settings.write_text(by_hand, encoding="utf-8")
    done = workflow("loop", "--lever", "breaker")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"followed a decision: .*: taken back: harm: .* \[taken back: loop-breaker-.*\]\n", done.stdout)
    assert settings.read_text("utf-8") == by_hand
    (kept,) = json.loads(workflow("loop", "report", "--format", "json").stdout)["kept"]
    assert (kept["state"], kept["put_back"]) == ("rolled_back", True)
    assert status_of(workflow)["standing"] == "idle"


def test_what_is_in_force_again_is_not_told_as_taken_back(workflow: Run, tree: Path) -> None:
    """The approved rollback is in the history, and somebody went back behind it: a person is asked again."""
    SCENARIOS["roll-back"].prepare(tree)
    settings = tree / "workflow.yaml"
    settings.write_text("policy:\n  protected: [workflow.yaml]\n" + KEPT, encoding="utf-8")
    assert workflow("loop", "--lever", "breaker").returncode == 4
    (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
    who = ("--as", "Ada <ada@example.org>")
    assert workflow("review", "approve", draft["id"], "--because", "so be it", *who).returncode == 0
    settings.write_text("policy:\n  protected: [workflow.yaml]\n" + KEPT + "# mine\n", encoding="utf-8")
    done = workflow("loop", "--lever", "breaker")
    assert done.returncode == 4
    assert status_of(workflow)["rolled_back"] == 0


@pytest.mark.parametrize("how", ["undo", "edit"])
def test_a_kept_change_that_a_person_puts_back_is_taken_back(workflow: Run, tree: Path, how: str) -> None:
    """It is not in force any more: nothing says that it is, nothing is counted for it, and the loop does not insist."""
    settings = stubborn_tree(tree)
    workflow("loop")
    if how == "undo":
        (revision,) = json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
        assert workflow("history", "undo", revision["id"], "--yes").returncode == 0
    else:
        settings.write_text(
            KEPT.replace("breaker_failures: 2", "breaker_failures: 1000") + "# mine\n", encoding="utf-8"
        )
    by_hand = settings.read_bytes()
    assert workflow("loop", "--dry-run").stdout.startswith("would: roll_back: set_by_hand")
    assert workflow("loop").stdout.startswith("roll_back: set_by_hand [taken back: loop-breaker-")
    assert settings.read_bytes() == by_hand
    status = status_of(workflow)
    assert (status["standing"], status["probation"], status["kept"], status["rolled_back"]) == ("idle", None, 0, 1)
    assert "somebody set it otherwise (set_by_hand)" in workflow("loop", "report").stdout
    assert not (tree / ".workflow/overlay.json").exists()
    assert not (tree / "openspec/specs/runtime-tuning/spec.md").exists()
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0
    write_log(tree, hanging_tool(40, end=datetime.now(UTC), first=1000))
    assert workflow("loop").stdout == ""
    assert {"lever": "breaker", "scope": "*", "reason": "cooldown"} in _deferred(workflow)
    assert settings.read_bytes() == by_hand


def test_a_change_kept_for_good_that_a_person_puts_back_is_taken_back(workflow: Run, tree: Path) -> None:
    """Long after: the report does not go on counting it, and the loop does not put it in force again by itself."""
    settings = stubborn_tree(tree)
    workflow("loop")
    later = SetClock(datetime.now(UTC) + timedelta(days=8))
    with open_run(tree, later) as run, run.held():
        assert run.cycle().did == ("confirmed",)
        assert run.cycle().did == ()
    (revision,) = json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
    assert workflow("history", "undo", revision["id"], "--yes").returncode == 0
    by_hand = settings.read_bytes()
    with open_run(tree, later) as run, run.held():
        assert run.cycle().did == ("roll_back: set_by_hand",)
        assert run.cycle().did == ()
    assert settings.read_bytes() == by_hand
    status = status_of(workflow)
    assert (status["standing"], status["kept"], status["rolled_back"]) == ("idle", 0, 1)
    assert "somebody set it otherwise (set_by_hand)" in workflow("loop", "report").stdout
    assert not (tree / "openspec/specs/runtime-tuning/spec.md").exists()
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0


def _deferred(workflow: Run) -> list[dict[str, str]]:
    document = json.loads(workflow("loop", "--dry-run", "--format", "json").stdout)
    deferred: list[dict[str, str]] = document["deferred"]
    return deferred


@pytest.mark.parametrize("how", ["other values", "no file"])
def test_other_figures_for_all_that_was_kept_are_set_by_hand(workflow: Run, tree: Path, how: str) -> None:
    """A breaker is on with them too, but it is not the one that was measured."""
    settings = stubborn_tree(tree)
    workflow("loop")
    if how == "no file":
        settings.unlink()
    else:
        text = KEPT.replace("breaker_failures: 2", "breaker_failures: 5").replace("300", "60")
        settings.write_text(text, encoding="utf-8")
    assert workflow("loop").stdout.startswith("roll_back: set_by_hand [taken back: loop-breaker-")
    assert settings.exists() == (how != "no file")
    status = status_of(workflow)
    assert (status["standing"], status["kept"], status["rolled_back"]) == ("idle", 0, 1)
    assert not (tree / "openspec/specs/runtime-tuning/spec.md").exists()
    assert workflow("loop").stdout == ""


def test_of_what_a_person_set_otherwise_in_part_the_values_in_force_are_told(workflow: Run, tree: Path) -> None:
    """The rest is still what was kept, and is watched."""
    settings = stubborn_tree(tree)
    workflow("loop")
    settings.write_text(KEPT.replace("breaker_failures: 2", "breaker_failures: 5"), encoding="utf-8")
    assert workflow("loop").stdout == ""
    told = "answers.breaker_failures = 2 (now 5), answers.breaker_seconds = 300"
    assert f": {told}, since " in workflow("loop", "status").stdout
    assert f"breaker: {told} (on probation)" in workflow("loop", "report").stdout
    later = SetClock(datetime.now(UTC) + timedelta(days=8))
    with open_run(tree, later) as run, run.held():
        assert run.cycle().did == ("confirmed",)
    assert f"breaker: {told}\n" in workflow("loop", "report").stdout


def test_an_addition_of_a_person_to_what_was_kept_leaves_it_on_probation(workflow: Run, tree: Path) -> None:
    """Only what is gone altogether is taken back."""
    settings = stubborn_tree(tree)
    workflow("loop")
    by_hand = settings.read_text("utf-8") + "retrieval: {synonyms: {kiosk: shop}}\n"
    settings.write_text(by_hand, encoding="utf-8")
    assert workflow("loop").stdout == ""
    assert workflow("loop", env={"WORKFLOW_ANSWERS__BREAKER_FAILURES": "1000"}).stdout == ""
    assert status_of(workflow)["standing"] == "probation"
    assert settings.read_text("utf-8") == by_hand


def test_a_cycle_that_was_cut_off_before_it_decided_is_told(workflow: Run, tree: Path, tmp_path: Path) -> None:
    """Before the next one that it was interrupted; by the next one that the experiment ended."""
    settings = stubborn_tree(tree)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(tree, elsewhere)
    assert workflow("loop", "--root", elsewhere).stdout.startswith("registered: breaker; keep")
    state = elsewhere / ".workflow"
    records = (state / "ledger.jsonl").read_text("utf-8").splitlines(keepends=True)
    until = next(n for n, record in enumerate(records) if json.loads(record)["type"] == "register")
    shutil.copy(state / "ledger.key", tree / ".workflow/ledger.key")
    (tree / ".workflow/ledger.jsonl").write_text("".join(records[: until + 1]), encoding="utf-8")
    assert status_of(workflow)["standing"] == "interrupted"
    done = workflow("loop")
    assert done.returncode == 0
    assert done.stdout.startswith("abort: interrupted [not kept: loop-breaker-"), done.stderr
    assert settings.read_text("utf-8") == STUBBORN
    assert status_of(workflow)["standing"] == "idle"
    assert "the process ended in the middle (interrupted)" in workflow("loop", "report").stdout


def test_a_rollback_restores_the_bytes(workflow: Run, tree: Path) -> None:
    """The settings, and the specs; the change is archived with its result in it."""
    settings = stubborn_tree(tree)
    before = settings.read_bytes()
    workflow("loop")
    assert settings.read_text("utf-8") == KEPT
    _roll_back(tree)
    assert settings.read_bytes() == before
    status = status_of(workflow)
    assert (status["standing"], status["kept"], status["rolled_back"]) == ("idle", 0, 1)
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-breaker-*")
    assert json.loads((change / "experiment.json").read_text("utf-8"))["result"]["ruling"] == "rolled_back"
    assert "taken back, because it did harm" in (change / "proposal.md").read_text("utf-8")
    assert not (tree / "openspec/specs/runtime-tuning/spec.md").exists()
    report = workflow("loop", "report").stdout
    assert "taken back:" in report
    assert "0 kept, 1 taken back" in report


@pytest.mark.parametrize(
    ("scenario", "reason"), [("keep", "gain: e="), ("revert", "base_changed"), ("roll-back", "harm: e=")]
)
def test_a_change_whose_result_is_written_late_has_it_whole(
    tree: Path, monkeypatch: pytest.MonkeyPatch, scenario: str, reason: str
) -> None:
    """It could not be closed when it was decided: the next cycle writes what the ledger says, not only the ruling."""
    from workflow_cli.app.improve.change_proposals import ChangeProposals

    SCENARIOS[scenario].prepare(tree)
    monkeypatch.setattr(ChangeProposals, "close", lambda *_: None)
    with open_run(tree) as run, run.held():
        run.cycle()
    monkeypatch.undo()
    with open_run(tree) as run, run.held():
        run.cycle()
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-*")
    result = json.loads((change / "experiment.json").read_text("utf-8"))["result"]
    assert result["reason"].startswith(reason)
    assert f"- Reason: {reason.replace('_', ' ')}" in (change / "proposal.md").read_text("utf-8")


def test_a_change_that_could_not_be_written_at_all_is_written_later(
    workflow: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was decided meanwhile. What was in the way is told once, and not with every cycle."""
    from workflow_cli.app.improve.change_proposals import ChangeProposals
    from workflow_cli.errors import DocumentError

    settings = stubborn_tree(tree)

    def refuse(self: ChangeProposals, *_: object, **__: object) -> None:
        raise DocumentError("cannot write: Permission denied", where="openspec/changes")

    monkeypatch.setattr(ChangeProposals, "_submit", refuse)
    said = []
    for _ in range(3):
        with open_run(tree) as run, run.held():
            run.cycle()
            assert len(run.problems) == 1
            said += run.new_problems
    assert settings.read_text("utf-8") == KEPT
    assert len(said) == 1
    assert said[0].endswith(": openspec/changes: cannot write: Permission denied")
    assert not (tree / "openspec/changes").exists()
    monkeypatch.undo()
    assert workflow("loop").returncode == 0
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-breaker-*")
    assert json.loads((change / "experiment.json").read_text("utf-8"))["result"]["ruling"] == "keep"
    assert "`answers.breaker_failures`: from `1000` to `2`" in (change / "proposal.md").read_text("utf-8")
    assert "SHALL say `2`" in (tree / "openspec/specs/runtime-tuning/spec.md").read_text("utf-8")
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0


def test_what_a_cycle_could_not_tell_any_more_is_told_by_the_next(
    workflow: Run, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had kept a change, and then the disk was full, or it was killed."""
    from workflow_cli.app.improve import cycle as module
    from workflow_cli.errors import DocumentError

    stubborn_tree(tree, count=3)
    assert workflow("loop").stdout == ""
    stubborn_tree(tree)

    def full(_: object) -> None:
        raise DocumentError("no room")

    monkeypatch.setattr(module, "reconcile", full)
    with open_run(tree) as run, run.held(), pytest.raises(DocumentError):
        run.cycle()
    monkeypatch.undo()
    assert (tree / "workflow.yaml").read_text("utf-8") == KEPT
    assert workflow("loop").stdout.startswith("by a cycle that was cut off [kept: loop-breaker-")
    assert workflow("loop").stdout == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STUBBORN.replace("1000 #", "&n 1000 #") + "loop:\n  cycle_seconds: *n\n", "not YAML"),
        (STUBBORN.replace("1000 #", "*n #").replace("answers:", "loop: {cycle_seconds: &n 1000}\nanswers:"), "twice"),
    ],
)
def test_settings_that_cannot_be_turned_where_they_stand_are_said_once(
    workflow: Run, tree: Path, text: str, said: str
) -> None:
    """Everything else goes on."""
    settings = stubborn_tree(tree)
    settings.write_text(text, encoding="utf-8")
    done = workflow("loop", "--lever", "breaker")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.startswith("put off: workflow.yaml")
    assert workflow("loop", "--lever", "breaker").stderr == ""
    assert settings.read_text("utf-8") == text


def test_what_is_given_up_is_named(workflow: Run, tree: Path) -> None:
    """A word and a reason alone would not tell which."""
    SCENARIOS["revert"].prepare(tree)
    done = workflow("loop", "--lever", "cache-ttl", "--format", "json")
    (ended,) = json.loads(done.stdout)["cycles"][0]["ended"]
    assert ended["how"] == "not kept"
    assert ended["change"].startswith("loop-router-order-")


def test_a_person_at_the_very_file_while_it_is_written(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing somebody else saves the settings: theirs stay, and nothing is half done."""
    from workflow_cli.adapters import tuned_settings
    from workflow_cli.errors import WorkflowError

    settings = stubborn_tree(tree)
    by_hand = STUBBORN + "# saved in between\n"
    real = tuned_settings.with_values

    def slow(*arguments: Any) -> bytes:
        result = real(*arguments)
        settings.write_text(by_hand, encoding="utf-8")
        return result

    monkeypatch.setattr(tuned_settings, "with_values", slow)
    with open_run(tree) as run, run.held():
        run.tuning.obstacle = lambda _: None  # type: ignore[method-assign]
        with pytest.raises(WorkflowError):
            run.cycle()
    assert settings.read_text("utf-8") == by_hand
    monkeypatch.undo()
    with open_run(tree) as run, run.held():
        did = run.cycle().did
    assert settings.read_text("utf-8") == by_hand
    assert did[0].startswith("recovered: dropped: loop-")


_EDITS = {
    "a comment": STUBBORN + "# mine\n",
    "the same setting": STUBBORN.replace("breaker_failures: 1000", "breaker_failures: 5"),
    "what the loop would have written": KEPT,
    "emptied": "",
    "no YAML": "answers: [\n",
    "removed": None,
}


@pytest.mark.parametrize("edit", _EDITS)
@pytest.mark.parametrize("moment", ["measure.decide", "promotion.finish_promotion"])
def test_settings_edited_at_the_very_moment(
    workflow: Run, environment: dict[str, str], tree: Path, edit: str, moment: str
) -> None:
    """Between the decision and the write the person's own edit wins, byte for byte, and the loop goes on."""
    settings, by_hand = stubborn_tree(tree), _EDITS[edit]
    module, _, name = moment.partition(".")
    script = f"""
import sys
from pathlib import Path
from workflow_cli.app.improve import {module}
real, by_hand, settings = {module}.{name}, {by_hand!r}, Path({str(settings)!r})
def edited(*a, **k):
    settings.unlink() if by_hand is None else settings.write_text(by_hand, encoding="utf-8")
    return real(*a, **k)
{module}.{name} = edited
from workflow_cli.cli.main import run
sys.exit(run(["loop"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tree, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode in (0, 2, 5), done.stderr
    assert "bug" not in done.stderr
    there = settings.read_text("utf-8") if settings.exists() else None
    assert there == by_hand
    if done.returncode == 0:
        kept = edit != "no YAML" and status_of(workflow)["kept"] == 1
        assert done.stdout.startswith(f"registered: breaker; {'keep: gain: ' if kept else 'abort: base_changed'}")
    if edit == "no YAML":
        assert workflow("loop").returncode == 2
        settings.write_text(STUBBORN + "# mended\n", encoding="utf-8")
        by_hand = STUBBORN + "# mended\n"
    assert workflow("loop", "--lever", "cache-ttl").returncode == 0
    there = settings.read_text("utf-8") if settings.exists() else None
    assert there == by_hand
    status = status_of(workflow)
    in_force = edit == "what the loop would have written" and moment == "promotion.finish_promotion"
    assert status["standing"] == ("probation" if in_force else "idle")
    assert status["ledger"] == {"unread": {}, "gaps": 0}
    assert not list((tree / "openspec/changes").glob("loop-*"))


def test_who_thinks_again_is_taken_at_the_last_word(tree: Path) -> None:
    """By the loop as by `feedback`; somebody else's second opinion is set aside."""
    from workflow_cli.domain.improvement.from_events import Translation
    from workflow_cli.domain.improvement.window import Window

    now = datetime.now(UTC)
    one = question(1, now, status="answered", route=[step("specs", "answered", 4.0)])
    said = [
        verdict(1, one, now + timedelta(seconds=1), accepted=True, client="ada"),
        verdict(2, one, now + timedelta(seconds=2), accepted=False, client="ada"),
        verdict(3, one, now + timedelta(seconds=3), accepted=True, client="bob"),
    ]
    window = Window()
    for record in Translation().translated([one, *said]):
        window.add(record)
    assert [(v.client, v.accepted) for v in window.verdicts.values()] == [("ada", False)]
    assert dict(window.set_aside) == {"second_verdict": 1}


def test_a_full_disk(environment: dict[str, str], tmp_path: Path) -> None:
    """On a disk too small for the cycle it ends with an error, loses nothing, and goes on when there is room."""
    small = tmp_path / "small"
    small.mkdir()
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    script = tmp_path / "full.py"
    script.write_text(_FULL, encoding="utf-8")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, str(script), str(small)],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("may not mount a file system")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["failed"] >= 3


_FULL = """\
import json, os, subprocess, sys
from pathlib import Path

small = Path(sys.argv[1])
if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], capture_output=True).returncode:
    sys.exit(77)
from tests.e2e.loop_log import STUBBORN, stubborn_tree
from tests.faults.loop_scenarios import KEPT, SCENARIOS

settings = stubborn_tree(small)
(small / "openspec/changes").mkdir()

def loop(*arguments):
    command = [sys.executable, "-m", "workflow_cli", "loop", *arguments]
    return subprocess.run(command, cwd=small, capture_output=True, encoding="utf-8")

ballast = small / "ballast"
failed = 0
for room in (0, 4096, 16384, 40960, 81920, 122880, 163840, 204800):
    free = os.statvfs(small)
    left = free.f_bavail * free.f_frsize + (ballast.stat().st_size if ballast.exists() else 0)
    with open(ballast, "wb") as file:
        try:
            file.write(b"x" * max(0, left - room))
        except OSError:
            pass
    done = loop()
    failed += done.returncode != 0
    assert "Traceback" not in done.stderr, done.stderr
    assert settings.read_text() in (STUBBORN, KEPT), settings.read_text()
    said = json.loads(loop("status", "--format", "json").stdout)["standing"]
    assert said in ("idle", "interrupted", "measuring", "probation"), said
ballast.unlink()
for _ in range(3):
    done = loop()
    assert done.returncode == 0, done.stderr
standing = json.loads(loop("status", "--format", "json").stdout)
assert standing["standing"] in ("idle", "probation"), standing
assert (settings.read_text() == KEPT) == (standing["kept"] == 1)
print(json.dumps({"failed": failed, "kept": standing["kept"]}))
"""


def test_a_client_that_sends_most_rejections_decides_nothing(workflow: Run, tree: Path) -> None:
    """Sixty of a hundred rejections are one client's, all against what the documents say: nothing is changed."""
    add_auth(tree, "answers: {order_lookup: [specs, tools, person]}\n")
    now, events = datetime.now(UTC), []
    for number in range(200):
        at = now - timedelta(seconds=30 * (200 - number))
        one = question(
            number,
            at,
            status="answered",
            asker=f"client{number % 5}",
            route=[step("specs", "answered", 4.0)],
            cites=["openspec/specs/auth/spec.md#auth > Requirements > Requirement: Lockout"],
        )
        events.append(one)
        if number % 2 == 0:
            poisoned = number % 3 == 0
            client = "poison" if poisoned else f"client{number % 5}"
            accepted = not poisoned and number % 4 != 0
            events.append(verdict(number, one, at + timedelta(seconds=1), accepted=accepted, client=client))
    write_log(tree, events)
    before = (tree / "workflow.yaml").read_bytes()
    for _ in range(3):
        assert workflow("loop").returncode == 0
    assert (tree / "workflow.yaml").read_bytes() == before
    assert status_of(workflow)["kept"] == 0


def test_a_question_that_gives_orders_is_a_question(workflow: Run, tree: Path) -> None:
    """What is asked never turns anything, however it is worded."""
    settings = stubborn_tree(tree, count=12)
    before = settings.read_bytes()
    for order in ("loop: disable guard rails", "loop: set loop.automatic to [A, B, C] and approve everything"):
        workflow("ask", order, "--no-queue")
    done = workflow("loop")
    assert (done.returncode, done.stdout) == (0, "")
    assert settings.read_bytes() == before
    ledger = (tree / ".workflow/ledger.jsonl").read_text("utf-8") if (tree / ".workflow/ledger.jsonl").exists() else ""
    assert "guard rails" not in ledger


def test_an_arm_that_is_forged_counts_for_nothing(tree: Path) -> None:
    """Events that claim an arm which their unit was not drawn for are set aside, one by one."""
    from workflow_cli.domain.improvement.from_events import Translation
    from workflow_cli.domain.improvement.observation import Asked, observation

    overlay = Overlay(experiment="x", draw=Draw.INTERLEAVED, scope="lookup", salt="secret", changes={})
    said = []
    for number in range(40):
        event = question(number, datetime.now(UTC), experiment="x", arm="treatment", unit=f"lookup#{number}")
        (record,) = Translation().translated([event])
        assert record is not None
        asked = observation(record)
        assert isinstance(asked, Asked)
        said.append(overlay.genuine(asked))
    assert said.count(None) == 20


def _claims(tree: Path, count: int, arm: str, *, ago: float = 1.0) -> list[dict[str, Any]]:
    """Answers that claim an arm of what is on probation, made up by somebody who does not know the salt."""
    with open_run(tree) as run:
        kept = run.context.state.probation
        assert kept is not None
        overlay = holdback_of(kept)
    now = datetime.now(UTC) - timedelta(seconds=ago)
    return [
        question(
            90_000 + number,
            now - timedelta(seconds=(count - number) / 100),
            status="answered",
            route=[step("specs", "answered", 4.0)],
            experiment=overlay.experiment,
            arm=arm,
            unit=f"lookup#{10**6 + 7 * number}",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(("arm", "count"), [("holdback", 40), ("base", 200)])
def test_what_is_kept_among_forged_arms_is_taken_back(workflow: Run, tree: Path, arm: str, count: int) -> None:
    """It can neither be shown to do harm nor to do none, so what was there before comes back, and it is told why."""
    settings = stubborn_tree(tree)
    before = settings.read_bytes()
    workflow("loop")
    assert settings.read_text("utf-8") == KEPT
    write_log(tree, _claims(tree, count, arm))
    assert workflow("loop", "--dry-run").stdout.startswith("would: roll_back: forged")
    assert settings.read_text("utf-8") == KEPT
    done = workflow("loop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("roll_back: forged [taken back: loop-breaker-")
    assert settings.read_bytes() == before
    assert not (tree / ".workflow/overlay.json").exists()
    status = status_of(workflow)
    assert (status["standing"], status["probation"], status["kept"], status["rolled_back"]) == ("idle", None, 0, 1)
    assert re.search(r"rollback +\w+ forged$", workflow("loop", "history").stdout, re.MULTILINE)
    assert "events claimed arms that nobody drew (forged)" in workflow("loop", "report").stdout
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-breaker-*")
    result = (change / "proposal.md").read_text("utf-8").partition("## Result")[2]
    assert "taken back" in result
    assert "because it did harm" not in result
    assert "Reason: forged" in result


@pytest.mark.parametrize(
    ("reason", "again_after_days"), [("forged", 4), ("clock", 4), ("harm: e=20.0", 30)], ids=["forged", "clock", "harm"]
)
def test_what_was_taken_back_unjudged_is_tried_again_as_soon_as_what_was_given_up(
    workflow: Run, tree: Path, reason: str, again_after_days: int
) -> None:
    """Only harm says something of the change; else whoever can write events could put a lever out of use for a month."""
    from workflow_cli.app.improve.allowances import is_cooling
    from workflow_cli.app.improve.promotion import roll_back

    stubborn_tree(tree)
    workflow("loop")
    with open_run(tree) as run:
        kept, promoted = run.context.state.probation, run.context.state.promoted
        assert kept is not None
        assert promoted is not None
        roll_back(run.context, kept, promoted["promotion"], reason)
    now = datetime.now(UTC)
    for days, cooling in ((again_after_days - 0.1, True), (again_after_days + 0.1, False)):
        with open_run(tree, SetClock(now + timedelta(days=days))) as run:
            assert is_cooling(run.context, run.context.state.experiments[kept.id]) is cooling


@pytest.mark.parametrize(("arm", "count"), [("holdback", 4), ("base", 4)])
def test_a_few_forged_arms_take_nothing_back(workflow: Run, tree: Path, arm: str, count: int) -> None:
    """They are set aside, as everywhere."""
    settings = stubborn_tree(tree)
    workflow("loop")
    write_log(tree, _claims(tree, count, arm))
    done = workflow("loop")
    assert (done.returncode, done.stdout) == (0, "")
    assert settings.read_text("utf-8") == KEPT
    assert status_of(workflow)["standing"] == "probation"


def test_a_ledger_that_was_tampered_with_freezes_the_loop(workflow: Run, tree: Path) -> None:
    stubborn_tree(tree)
    workflow("loop")
    ledger = tree / ".workflow" / "ledger.jsonl"
    lines = ledger.read_text("utf-8").splitlines(keepends=True)
    ledger.write_text("".join([*lines[:2], *lines[3:]]), encoding="utf-8")
    status = status_of(workflow)
    assert status["standing"] == "frozen"
    assert status["ledger"]["gaps"] == 1
    assert workflow("loop", "status").returncode == 1


def _measuring(root: Path) -> None:
    """Register an experiment that has to be measured online, as a cycle would."""
    from workflow_cli.app.improve.overlays import reconcile
    from workflow_cli.app.improve.register import register_aa

    with open_run(root) as run, run.held():
        run.context.watch()
        register_aa(run.context)
        reconcile(run.context)
    assert (root / ".workflow/overlay.json").exists()


def _roll_back(root: Path) -> None:
    """Take back what is on probation, as a cycle does that saw harm."""
    from workflow_cli.app.improve.overlays import reconcile
    from workflow_cli.app.improve.promotion import roll_back

    with open_run(root) as run, run.held():
        context = run.context
        assert context.state.probation is not None
        promotion = (context.state.promoted or {})["promotion"]
        roll_back(context, context.state.probation, promotion, "harm: e=12.0")
        reconcile(context)
