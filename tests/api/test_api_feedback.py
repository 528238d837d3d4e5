"""What was done is counted, and a cycle of the loop runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.asking import PLAIN, UNKNOWN
from tests.e2e.loop_log import stubborn_tree
from workflow_cli import FeedbackLoop, WorkflowOrchestrator
from workflow_cli.adapters.ledger_file import LedgerFile
from workflow_cli.cli.main import run as run_command
from workflow_cli.errors import UsageError


def test_what_methods_did_is_what_feedback_counts(root: Path) -> None:
    orchestrator = WorkflowOrchestrator(offline=True)

    async def main() -> None:
        await orchestrator.route_question(PLAIN)
        await orchestrator.route_question(UNKNOWN)
        await orchestrator.process_openspec_change("add-receipts")
        await orchestrator.update_document("add-receipts/design.md", {"risks": ["one"]})
        collected = await orchestrator.feedback.collect("24h")
        wanted = {"question": 2, "process": 1, "process.item": 1, "update": 1}
        assert {kind: collected.events.get(kind) for kind in wanted} == wanted
        assert (collected.set_aside, collected.degraded) == ({}, ())
        assert collected.begins < (collected.newest or "") < collected.ends
        report = await orchestrator.analyze_feedback()
        assert report.value("answer.count").now.value == 2
        by_answerer = await orchestrator.feedback.analyze("24h", by="answerer")
        assert {group.name for group in by_answerer.groups} >= {"specs"}

    asyncio.run(main())


def test_without_events_there_is_nothing_to_count(root: Path) -> None:
    collected = asyncio.run(FeedbackLoop().collect())
    assert (collected.events, collected.newest) == ({}, None)
    (root / "workflow.yaml").write_text("events: {enabled: false}\n")
    assert [one.what for one in asyncio.run(FeedbackLoop().collect()).degraded] == ["events"]


def test_a_window_and_a_grouping_that_are_none_are_refused(root: Path) -> None:
    with pytest.raises(UsageError) as raised:
        asyncio.run(FeedbackLoop().analyze("yesterday"))
    assert raised.value.where == "since"
    with pytest.raises(UsageError) as raised:
        asyncio.run(FeedbackLoop().analyze(by="weather"))
    assert raised.value.where == "by"


def test_a_cycle_runs_and_leaves_the_tree_alone_where_there_is_nothing_to_do(root: Path) -> None:
    feedback = FeedbackLoop(offline=True)
    cycle = asyncio.run(feedback.run_cycle(dry_run=True))
    assert (cycle.status, cycle.did) == ("ok", ())
    assert not (root / ".workflow" / "ledger.jsonl").exists()
    cycle = asyncio.run(feedback.run_cycle())
    assert (cycle.status, cycle.did, cycle.waits_for, cycle.frozen) == ("ok", (), "questions", None)


def test_what_a_cycle_did_was_told_to_whoever_ran_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that the next one, under cron, has nothing to say."""
    stubborn_tree(root)
    cycle = asyncio.run(FeedbackLoop(offline=True).run_cycle())
    assert [how for _, how in cycle.ended] == ["kept"]
    assert run_command(["loop", "--once"]) == 0
    assert capsys.readouterr().out == ""


def test_a_loop_that_is_at_work_is_left_alone(root: Path) -> None:
    (root / ".workflow").mkdir()
    with LedgerFile(root / ".workflow" / "ledger.jsonl").hold() as held:
        assert held
        assert asyncio.run(FeedbackLoop(offline=True).run_cycle()).status == "busy"


def test_a_lever_that_is_none_is_refused(root: Path) -> None:
    (root / "workflow.yaml").write_text("loop: {levers: [retrieval-dept]}\n")
    with pytest.raises(UsageError, match="no lever 'retrieval-dept'"):
        asyncio.run(FeedbackLoop(offline=True).run_cycle())
