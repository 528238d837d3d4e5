"""What people decide about settings that are protected: a promotion or a roll-back waits, and a no is an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.in_process import in_process
from tests.cli.test_loop import printed
from tests.e2e.loop_log import STUBBORN, stubborn_tree
from tests.faults.loop_scenarios import SCENARIOS, opened
from workflow_cli.errors import EditRefused
from workflow_cli.wiring.loop import LoopRun

PROTECTED = "policy:\n  protected: [workflow.yaml]\n"
ADA = ("--as", "Ada <ada@example.org>")


def drafts(workflow: Run) -> list[str]:
    return [one["id"] for one in json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]]


def draft_of(workflow: Run) -> str:
    (draft,) = drafts(workflow)
    return draft


def said(workflow: Run, verb: str, because: str) -> None:
    done = workflow("review", verb, draft_of(workflow), "--because", because, *ADA)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def workflow(tree: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return in_process(tree, capsys)


@pytest.fixture
def waiting(workflow: Run, tree: Path) -> Path:
    """The settings, which a promotion would turn once a person agrees."""
    settings = stubborn_tree(tree)
    settings.write_text(STUBBORN + PROTECTED, "utf-8")
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (4, "waits for a person: workflow review list\n"), done.stdout
    assert done.stdout.startswith("registered: breaker; keep: gain: e=")
    assert f"; proposed: loop-breaker-{_hash(tree)}, to be put in force: workflow review show " in done.stdout
    return settings


def _hash(tree: Path) -> str:
    (change,) = (tree / "openspec/changes").rglob("*loop-breaker-*")
    return change.name.rpartition("-")[2]


def test_a_promotion_that_waits_is_told_once_and_holds_nothing_up(workflow: Run, tree: Path, waiting: Path) -> None:
    status, report = workflow("loop", "status").stdout, workflow("loop", "report").stdout
    line = f"loop-breaker-{_hash(tree)}, to be put in force: workflow review show {draft_of(workflow)}\n"
    assert status.startswith(f"idle: nothing is being tried\nwaiting    {line}")
    assert f"waits for a person: {line}" in report
    done = workflow("loop", "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  breaker (*): proposed_already\n" in done.stdout
    (draft,) = printed(workflow, 0, "status")["drafts"]
    assert (draft["for"], draft["reason"]) == ("promotion", None)
    assert waiting.read_text("utf-8") == STUBBORN + PROTECTED


def test_a_yes_is_followed_once_also_where_somebody_went_back_behind_it(
    workflow: Run, tree: Path, waiting: Path
) -> None:
    """Who takes back what they approved has the last word."""
    said(workflow, "approve", "so be it")
    name = f"loop-breaker-{_hash(tree)}"
    decided = f"{name}: approved by Ada <ada@example.org>; the next cycle follows\n"
    assert f"decided    {decided}" in workflow("loop", "status").stdout
    assert decided in workflow("loop", "report").stdout
    waiting.write_text(STUBBORN + PROTECTED, "utf-8")
    assert workflow("loop", "--dry-run").stdout == f"would: follow a decision: {name} was approved\n"
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"followed a decision: {name}: keep; roll_back: set_by_hand [")
    assert waiting.read_text("utf-8") == STUBBORN + PROTECTED
    (kept,) = printed(workflow, 0, "report")["kept"]
    assert (kept["state"], kept["why"]) == ("rolled_back", "set_by_hand")
    revisions = json.loads(workflow("history", "list", "workflow.yaml", "--format", "json").stdout)["revisions"]
    assert len(revisions) == 1


def test_what_a_person_made_of_what_they_approved_is_watched(workflow: Run, tree: Path, waiting: Path) -> None:
    said(workflow, "approve", "so be it")
    by_hand = "".join(
        line for line in waiting.read_text("utf-8").splitlines(keepends=True) if "breaker_seconds" not in line
    )
    waiting.write_text(by_hand, "utf-8")
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"followed a decision: loop-breaker-{_hash(tree)}: keep [kept: ")
    assert "answers.breaker_seconds = 300 (now 15), since " in workflow("loop", "status").stdout
    assert waiting.read_text("utf-8") == by_hand


@pytest.mark.parametrize("edited", ["breaker_failures: 5", "breaker_failures: 2", ""])
def test_an_edit_of_the_very_setting_that_waits_ends_the_waiting(workflow: Run, waiting: Path, edited: str) -> None:
    waiting.write_text(STUBBORN.replace("breaker_failures: 1000", edited) + PROTECTED, "utf-8")
    by_hand = waiting.read_text("utf-8")
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert "abort: base_changed" in done.stdout
    assert waiting.read_text("utf-8") == by_hand
    assert "\nwaiting " not in workflow("loop", "status").stdout


def test_a_no_to_a_promotion_is_a_veto(workflow: Run, tree: Path, waiting: Path) -> None:
    said(workflow, "reject", "not in release week")
    decided = f"loop-breaker-{_hash(tree)}: rejected by Ada <ada@example.org>; the next cycle follows\n"
    assert f"decided    {decided}" in workflow("loop", "status").stdout
    assert f"decided: {decided}" in workflow("loop", "report").stdout
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"followed a decision: loop-breaker-{_hash(tree)}: veto [not kept: loop-breaker-")
    done = workflow("loop", "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  breaker (*): cooldown\n" in done.stdout
    status = printed(workflow, 0, "status")
    assert (status["standing"], status["drafts"], status["documents"]["refused"]) == ("idle", [], 1)
    assert " veto: Ada <ada@example.org>: not in release week (" in workflow("loop", "history").stdout
    (refused,) = printed(workflow, 0, "report")["refused"]
    assert (refused["by"], refused["because"]) == ("Ada <ada@example.org>", "not in release week")
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-breaker-*")
    assert ": not in release week\n" in (change / "proposal.md").read_text("utf-8")
    assert waiting.read_text("utf-8") == STUBBORN + PROTECTED
    assert drafts(workflow) == []


def test_a_no_counts_although_its_draft_was_dropped(workflow: Run, waiting: Path) -> None:
    draft = draft_of(workflow)
    done = workflow("review", "drop", draft)
    assert (done.returncode, f"next: workflow review reject {draft} " in done.stderr) == (2, True)
    said(workflow, "reject", "no")
    assert workflow("review", "drop", draft).returncode == 0
    assert ": veto [not kept: loop-breaker-" in workflow("loop").stdout
    assert printed(workflow, 0, "status")["standing"] == "idle"


def test_a_yes_to_a_promotion_puts_it_in_force(workflow: Run, tree: Path, waiting: Path) -> None:
    said(workflow, "approve", "fine")
    done = workflow("loop")
    assert done.stdout.startswith(f"followed a decision: loop-breaker-{_hash(tree)}: keep [kept: loop-breaker-"), done
    assert "breaker_failures: 2 # never" in waiting.read_text("utf-8")
    assert printed(workflow, 0, "status")["standing"] == "probation"
    assert workflow("loop").stdout == ""


def test_a_promotion_that_somebody_edited_away_is_given_up(workflow: Run, waiting: Path) -> None:
    waiting.write_text(STUBBORN + PROTECTED + "# mine\n", "utf-8")
    assert ": abort: base_changed [not kept: loop-breaker-" in workflow("loop").stdout
    assert printed(workflow, 0, "status")["drafts"] == []
    assert drafts(workflow) == []


@pytest.fixture
def harmful(workflow: Run, tree: Path) -> Path:
    """The settings, in which what does harm would be taken back once a person agrees."""
    SCENARIOS["roll-back"].prepare(tree)
    settings = tree / "workflow.yaml"
    settings.write_text(PROTECTED + settings.read_text("utf-8"), "utf-8")
    done = workflow("loop")
    assert done.returncode == 4, done.stdout + done.stderr
    assert done.stdout.startswith("roll_back: harm: e=")
    assert f", once a person agrees; proposed: loop-breaker-{_hash(tree)}, to be taken back, harm: e=" in done.stdout
    return settings


def test_what_does_harm_and_waits_to_be_taken_back_gains_nothing(workflow: Run, harmful: Path) -> None:
    (draft,) = printed(workflow, 0, "status")["drafts"]
    assert draft["for"] == "rollback"
    assert draft["reason"].startswith("harm: e=")
    report = printed(workflow, 0, "report")
    (kept,) = report["kept"]
    assert (report["net_utility"], kept["state"], kept["against"]) == (0.0, "probation", draft["reason"])
    assert "to be taken back once a person agrees, as it did harm (harm: e=" in workflow("loop", "report").stdout
    said(workflow, "approve", "out with it")
    assert ": taken back: harm: e=" in workflow("loop").stdout
    assert harmful.read_text("utf-8") == PROTECTED + STUBBORN
    assert printed(workflow, 0, "status")["rolled_back"] == 1


def test_where_all_that_waits_to_be_taken_back_is_replaced_there_is_nothing_to_freeze_for(
    workflow: Run, harmful: Path
) -> None:
    by_hand = harmful.read_text("utf-8").replace("breaker_failures: 2", "breaker_failures: 7")
    by_hand = by_hand.replace("breaker_seconds: 300", "breaker_seconds: 60")
    harmful.write_text(by_hand, "utf-8")
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert ": taken back: set_by_hand [" in done.stdout
    assert harmful.read_text("utf-8") == by_hand
    assert printed(workflow, 0, "status")["standing"] == "idle"


def test_a_no_to_taking_back_is_the_persons_and_the_loop_goes_on(workflow: Run, tree: Path, harmful: Path) -> None:
    before = harmful.read_bytes()
    said(workflow, "reject", "keep it")
    done = workflow("loop")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"followed a decision: loop-breaker-{_hash(tree)}: it stays, although harm: e=")
    assert "[stays: loop-breaker-" in done.stdout
    assert harmful.read_bytes() == before
    for words in (("loop",), ("loop", "stop"), ("loop", "resume"), ("loop",)):
        done = workflow(*words)
        assert (done.returncode, "proposed" in done.stdout) == (0, False), done.stderr
    status = workflow("loop", "status").stdout
    assert status.startswith("idle: nothing is being tried\nstays ")
    assert "not taken back, although it did harm (harm: e=" in status
    report = printed(workflow, 0, "report")
    (kept,) = report["kept"]
    assert (report["net_utility"], kept["state"]) == (0.0, "kept")
    assert kept["insisted"] == {"by": "Ada <ada@example.org>", "because": "keep it"}
    assert " not taken back, although harm: e=" in workflow("loop", "history").stdout
    assert drafts(workflow) == []


def test_stop_never_fails_after_it_has_stopped(workflow: Run, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_run: Any) -> None:
        raise EditRefused("somebody is in the way")

    stubborn_tree(tree)
    monkeypatch.setattr(LoopRun, "cycle", refuses)
    done = workflow("loop", "stop", *ADA)
    assert (done.returncode, done.stderr.startswith("put off: somebody is in the way\n")) == (0, True)
    with opened(tree) as one:
        assert one.story().standing == "stopped"
