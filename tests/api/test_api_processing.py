"""Changes and specs are checked as by `workflow process`."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import events_of
from tests.cli.trees import add_change
from workflow_cli import WorkflowOrchestrator
from workflow_cli.errors import DocumentError, SettingsError, UsageError

INVALID = "## ADDED Requirements\n\n### Requirement: Mail\nThe shop SHALL send a mail.\n"


@pytest.mark.parametrize(
    "named", ["add-receipts", "openspec/changes/add-receipts/", Path("openspec/changes/add-receipts"), "absolute"]
)
def test_a_change_is_named_by_its_id_or_path(root: Path, named: str | Path) -> None:
    path = root / "openspec/changes/add-receipts" if named == "absolute" else named
    report = asyncio.run(WorkflowOrchestrator(offline=True).process_openspec_change(path))
    assert (report.kind, report.id, report.path) == ("change", "add-receipts", "openspec/changes/add-receipts")
    assert (report.valid, report.status, report.degraded) == (True, "ok", ())


def test_it_says_what_the_command_says(root: Path) -> None:
    """The same verdict, findings and questions, and the same event."""
    add_change(root, "add-mail", INVALID)
    report = asyncio.run(WorkflowOrchestrator(offline=True).process_openspec_change("add-mail"))
    command = [sys.executable, "-m", "workflow_cli", "process", "add-mail", "--offline", "--format", "json"]
    (item,) = json.loads(subprocess.run(command, capture_output=True, cwd=root, check=False).stdout)["items"]
    assert (report.valid, report.status) == (item["valid"], "findings") == (False, "findings")
    assert [(f.rule, f.level, f.line, f.message) for f in report.findings] == [
        (f["rule"], f["level"], f["line"], f["message"]) for f in item["findings"]
    ]
    assert [question.id for question in report.questions] == [question["id"] for question in item["questions"]]
    ours, theirs = events_of(root, "process")
    assert ours["outcome"] == theirs["outcome"]


def test_steps_limit_what_is_done_and_written(root: Path) -> None:
    delta = root / "openspec/changes/add-receipts/specs/auth/spec.md"
    delta.write_text(delta.read_text().replace("after each payment.", "within TBD minutes."))
    orchestrator = WorkflowOrchestrator(offline=True)
    report = asyncio.run(orchestrator.process_openspec_change("add-receipts", steps=["validate"]))
    assert (report.valid, report.questions) == (True, ())
    assert not (root / "openspec/changes/add-receipts/questions.yaml").exists()
    report = asyncio.run(orchestrator.process_openspec_change("add-receipts", steps=["ask"]))
    assert (report.valid, report.status, len(report.questions)) == (None, "waiting", 1)
    assert (root / "openspec/changes/add-receipts/questions.yaml").exists()


def test_repairs_are_committed_where_that_is_asked_for(root: Path) -> None:
    delta = root / "openspec/changes/add-receipts/specs/auth/spec.md"
    delta.write_text(delta.read_text().replace("#### Scenario: Paid", "##### Scenario: Paid"))
    orchestrator = WorkflowOrchestrator(offline=True)
    offered = asyncio.run(orchestrator.process_openspec_change("add-receipts"))
    assert [draft.state for draft in offered.drafts] == ["offered"]
    report = asyncio.run(orchestrator.process_openspec_change("add-receipts", fix=True))
    assert [draft.state for draft in report.drafts] == ["committed"]
    assert "\n#### Scenario: Paid" in delta.read_text()


def test_what_cannot_be_evaluated_is_raised(root: Path) -> None:
    orchestrator = WorkflowOrchestrator(offline=True)
    with pytest.raises(UsageError, match="there is no change or spec 'add-recipts'") as raised:
        asyncio.run(orchestrator.process_openspec_change("add-recipts"))
    assert raised.value.hint == "nearest: add-receipts"
    with pytest.raises(UsageError, match="leads out of the tree"):
        asyncio.run(orchestrator.process_openspec_change("../elsewhere/openspec/changes/add-receipts"))
    with pytest.raises(SettingsError) as wrong:
        asyncio.run(orchestrator.process_openspec_change("add-receipts", steps=["validat"]))
    assert "validate" in str(wrong.value)
    (root / "openspec/specs/auth/spec.md").write_bytes(b"x" * 100)
    (root / "workflow.yaml").write_text("limits: {max_file_bytes: 50}\n")
    with pytest.raises(DocumentError) as unread:
        asyncio.run(WorkflowOrchestrator(offline=True).process_openspec_change("auth"))
    assert unread.value.where == "openspec/specs/auth/spec.md"


def test_the_baseline_of_the_settings_tolerates_and_is_left_as_it_is(root: Path) -> None:
    add_change(root, "add-mail", INVALID)
    orchestrator = WorkflowOrchestrator(offline=True)
    command = [sys.executable, "-m", "workflow_cli", "process", "--all", "--offline", "--only", "validate"]
    subprocess.run(
        [*command, "--baseline", "known.json", "--write-baseline"], cwd=root, capture_output=True, check=False
    )
    (root / "workflow.yaml").write_text("process: {baseline: known.json}\n")
    before = (root / "known.json").read_bytes()
    report = asyncio.run(orchestrator.process_openspec_change("add-mail", steps=["validate"]))
    assert (report.valid, report.status, report.findings) == (False, "ok", ())
    assert report.tolerated
    asyncio.run(orchestrator.process_openspec_change("add-receipts", steps=["validate"]))
    assert (root / "known.json").read_bytes() == before
    (root / "known.json").unlink()
    with pytest.raises(DocumentError, match="no such baseline"):
        asyncio.run(orchestrator.process_openspec_change("add-mail"))
