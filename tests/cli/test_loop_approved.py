"""What was approved is carried out, exactly that, and what is in its way holds nothing else up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.in_process import in_process
from tests.cli.test_loop import printed
from tests.e2e.loop_log import STUBBORN, hanging_tool, stubborn_tree, write_log
from tests.faults.loop_scenarios import ANSWER, SCENARIOS, opened, register_by_hand

ADA = ("--as", "Ada <ada@example.org>")
BY_HAND = """\
# answers-by-people

## Purpose
Says what people answered to questions that came back, kept here by hand for now.

## Requirements

### Requirement: How long is a gift card valid
It SHALL be valid for two years.

#### Scenario: Asked
- **WHEN** somebody asks
- **THEN** that is said
"""
REMOVED = "## REMOVED Requirements\n\n### Requirement: Log in\n**Reason**: no\n**Migration**: none\n"


@pytest.fixture
def workflow(tree: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return in_process(tree, capsys)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree in which a person approved a requirement, and no cycle has followed yet."""
    root = tmp_path_factory.mktemp("asked") / "project"
    (root / "openspec" / "specs").mkdir(parents=True)
    SCENARIOS["document"].prepare(root)
    return root


@pytest.fixture
def change(asked: Path, tree: Path) -> Path:
    shutil.copytree(asked, tree, dirs_exist_ok=True)
    (change,) = (tree / "openspec/changes").glob("loop-spec-gap-*")
    return change


def _specs(tree: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in sorted((tree / "openspec/specs").rglob("spec.md"))}


def test_the_report_says_of_a_decision_what_the_status_says(workflow: Run, change: Path) -> None:
    line = f"{change.name}: approved by Ada <ada@example.org>; the next cycle follows\n"
    assert f"decided    {line}" in workflow("loop", "status").stdout
    report = workflow("loop", "report").stdout
    assert f"decided: {line}" in report
    assert "waits for a person" not in report
    assert printed(workflow, 0, "report")["decided"] == printed(workflow, 0, "status")["decided"]


@pytest.mark.parametrize("text", [BY_HAND, BY_HAND.replace("## Requirements", "## Requirements\n\n## Requirements")])
def test_a_requirement_that_cannot_be_archived_holds_nothing_else_up(
    workflow: Run, tree: Path, change: Path, text: str
) -> None:
    spec = tree / "openspec/specs/answers-by-people/spec.md"
    spec.parent.mkdir()
    spec.write_text(text, "utf-8")
    done = workflow("loop")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(f"put off: {change.name}: not archived: ")
    assert done.stderr.endswith(f"to give it up, delete openspec/changes/{change.name}\n")
    status = workflow("loop", "status").stdout
    assert status.startswith(
        f"idle: nothing is being tried\ndecided    {change.name}: approved by Ada <ada@example.org>;"
    )
    assert f"put off    {change.name}: not archived: " in status
    assert f"put off: {change.name}: not archived: " in workflow("loop", "report").stdout
    (tree / "workflow.yaml").write_text(STUBBORN, "utf-8")
    write_log(tree, hanging_tool(160, end=_now()))
    done = workflow("loop", "--lever", "breaker")
    assert done.stdout.startswith("registered: breaker; keep: gain: "), done.stdout + done.stderr
    assert done.stderr == ""
    shutil.rmtree(spec.parent)
    assert workflow("loop").stdout.startswith(f"followed a decision: {change.name}: keep\n")
    assert f"put off    {change.name}" not in workflow("loop", "status").stdout


def test_deleting_the_change_gives_it_up(workflow: Run, tree: Path, change: Path) -> None:
    """Also where somebody else wrote a requirement of that name: it is not the loop's."""
    spec = tree / "openspec/specs/answers-by-people/spec.md"
    spec.parent.mkdir()
    spec.write_text(BY_HAND, "utf-8")
    workflow("loop")
    shutil.rmtree(change)
    assert ": roll_back: not_there " in workflow("loop").stdout
    assert spec.read_text("utf-8") == BY_HAND
    assert printed(workflow, 0, "report")["documents"] == []


def _another_capability(change: Path) -> Path:
    delta = change / "specs/auth/spec.md"
    delta.parent.mkdir(parents=True)
    delta.write_text(REMOVED, "utf-8")
    return delta


def _another_answer(change: Path) -> Path:
    (delta,) = change.rglob("specs/*/spec.md")
    delta.write_text(delta.read_text("utf-8").replace("24 months", "36 months"), "utf-8")
    return delta


def _a_marker(change: Path) -> Path:
    (change / ".openspec.yaml").write_text("skip_specs: true\n", "utf-8")
    return change / ".openspec.yaml"


@pytest.mark.parametrize("edit", [_another_capability, _another_answer, _a_marker])
def test_what_nobody_approved_is_not_archived(workflow: Run, tree: Path, change: Path, edit: object) -> None:
    """And followed once it is again what was approved."""
    assert callable(edit)
    before, as_it_was = _specs(tree), {path: path.read_bytes() for path in change.rglob("*") if path.is_file()}
    edited: Path = edit(change)
    done = workflow("loop")
    assert (done.returncode, done.stdout) == (0, "")
    where = edited.relative_to(tree).as_posix()
    assert done.stderr.startswith(
        f"put off: {change.name}: {where} is not what Ada <ada@example.org> approved, so nothing "
    )
    assert done.stderr.endswith(f"workflow archive {change.name}\n")
    assert _specs(tree) == before
    assert f"put off    {change.name}: {where} is not what " in workflow("loop", "status").stdout
    done = workflow("loop")
    assert (done.stdout, done.stderr) == ("", "")
    edited.unlink()
    if edited in as_it_was:
        edited.write_bytes(as_it_was[edited].replace(b"\n", b"\r\n"))  # as git may check it out
    assert workflow("loop").stdout == f"followed a decision: {change.name}: keep\n"
    assert [name for name, data in _specs(tree).items() if data != before.get(name)] == ["answers-by-people"]


def test_another_text_that_a_person_archives_is_theirs(workflow: Run, tree: Path, change: Path) -> None:
    _another_answer(change)
    workflow("loop")
    done = workflow("archive", change.name, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    done = workflow("loop")
    assert done.stdout == f"followed a decision: {change.name}: abort: set_by_hand\n"
    assert b"36 months" in _specs(tree)["answers-by-people"]
    report = printed(workflow, 0, "report")
    assert (report["documents"], report["reverts"], report["put_off"]) == ([], {"set_by_hand": 1}, [])
    assert workflow("loop").stdout == ""


def test_what_was_approved_and_a_person_archives_is_kept(workflow: Run, tree: Path, change: Path) -> None:
    assert workflow("archive", change.name, "--yes").returncode == 0
    assert workflow("loop").stdout == f"followed a decision: {change.name}: keep\n"
    assert ANSWER.encode() in _specs(tree)["answers-by-people"]


def _now() -> object:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def test_what_somebody_added_to_a_change_of_settings_is_not_archived_with_it(tree: Path) -> None:
    stubborn_tree(tree, count=12)
    register_by_hand(tree)
    (change,) = (tree / "openspec/changes").glob("loop-router-order-*")
    delta = _another_capability(change)
    with opened(tree) as run:
        (experiment,) = run.context.state.experiments.values()
        run.proposals.close(experiment, "keep", {})
        (problem,) = run.problems
        assert problem.startswith(f"{change.name}: ")
        assert f"{delta.relative_to(tree).as_posix()} is not what the loop wrote" in problem
        run.proposals.problems.clear()
        run.proposals.close(experiment, "abort", {})
        assert run.problems == []
    assert not change.exists()
