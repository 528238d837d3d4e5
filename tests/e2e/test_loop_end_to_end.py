"""Two improvements from end to end, through the commands alone: real processes, a real MCP server, a real person's words."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.cli.asking import PLAIN, add_auth, events_of
from tests.cli.conftest import REPOSITORY, Run
from tests.faults.loop_scenarios import SCENARIOS, gap_waiting

SERVER = REPOSITORY / "tests" / "e2e" / "weather_server.py"
SETTINGS = f"""\
mcp:
  servers:
    weather:
      command: {sys.executable}
      args: ["{SERVER}", "95"]
      tools: {{weather_report: read}}
  concurrency: 64
  timeout: 60
answers:
  order_lookup: [tools, specs, person]  # the tool knows best
  budgets: {{tools: 4}}
  breaker_failures: 1000  # it will come back
"""
ADA = ("--as", "Ada <ada@example.org>")


def _json(done: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _asked(workflow: Run, tree: Path, first: int, count: int, **more: str) -> list[dict[str, Any]]:
    """The events of so many questions that the tool is asked first."""
    before = len(events_of(tree)) if (tree / ".workflow/metrics.jsonl").exists() else 0
    lines = "".join(f"What is the weather report of station s{n}?\n" for n in range(first, first + count))
    (tree / "questions.txt").write_text(lines, encoding="utf-8")
    workflow("ask", "--batch", "questions.txt", "--no-queue", "--format", "jsonl", env=more)
    return events_of(tree)[before:]


def test_a_tool_that_hangs_is_left_alone(workflow: Run, tree: Path) -> None:
    """Before, questions wait for it in vain; the loop proves that giving up is better; after, they do not wait."""
    add_auth(tree, SETTINGS)
    assert workflow("mcp", "approve", "weather", "--yes").returncode == 0
    before = _asked(workflow, tree, 0, 128)
    late = [event for event in before if event["route"][0]["failure"] == "timeout"]
    assert len(late) > 100

    # Asking the tool last would help as well; which of the two is tried first depends on how long calls took.
    done = workflow("loop", "--lever", "breaker")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("registered: breaker; keep: "), done.stdout
    assert "  breaker_failures: 2  # it will come back\n" in (tree / "workflow.yaml").read_text("utf-8")

    after = _asked(workflow, tree, 128, 8, WORKFLOW_ANSWERS__BATCH_AT_ONCE="1")
    skipped = [event for event in after if event["route"][0]["outcome"] == "skipped"]
    assert len(skipped) >= 4
    assert all(event["duration_ms"] < 4000 for event in skipped)
    # A tenth is held back, to see whether what was kept stays better.
    assert all(event["experiment"].endswith("/holdback") for event in after)
    assert {event["arm"] for event in after} <= {"base", "holdback"}

    report = _json(workflow("loop", "report", "--format", "json"))
    (kept,) = report["kept"]
    assert kept["lever"] == "breaker"
    assert kept["requests_since"] == 8
    assert kept["mean"] > 0


def test_a_question_that_comes_back_becomes_a_requirement(workflow: Run, tree: Path) -> None:
    """Asked on two days by three people, answered by one of them, approved by a person, and then found in the specs."""
    add_auth(tree)
    question, other = "How long is a gift card valid?", "is a gift card valid, how long?"
    for asker, text in (("ada", question), ("bob", "Are gift cards valid?"), ("cy", other)):
        assert workflow("ask", text, "--as", asker).returncode == 4
    _a_day_ago(tree)
    assert workflow("ask", question, "--as", "cy").returncode == 4
    assert workflow("ask", PLAIN, "--as", "ada").returncode == 0
    waiting = _json(workflow("questions", "list", "--format", "json"))["questions"]
    id = next(entry["id"] for entry in waiting if entry["text"] == question)
    assert workflow("questions", "answer", id, "A gift card is valid for 24 months.", *ADA).returncode == 0
    assert workflow("ask", other, "--answerer", "specs").returncode == 1

    done = workflow("loop")
    assert done.returncode == 4
    change = done.stdout.removeprefix("proposed: ").rstrip("\n")
    assert change.startswith("loop-spec-gap-")
    (draft,) = _json(workflow("review", "list", "--format", "json"))["drafts"]
    assert not (tree / "openspec/changes").exists()
    shown = workflow("review", "show", draft["id"]).stdout
    assert "Tried before it was written down: it is found by 1 of 1 wordings that are not in it" in shown
    assert "made of the answer that a person gave" in shown
    assert "says: How long is a gift card valid" in shown
    assert "answers-by-people" in shown, "that cards are mentioned elsewhere does not make it the place"
    assert shown.count("+- **WHEN** somebody asks: ") == 2
    assert workflow("loop").stdout == ""

    assert workflow("review", "approve", draft["id"], "--because", "so it is", *ADA).returncode == 0
    assert f"decided    {change}: approved by Ada" in workflow("loop", "status").stdout
    assert workflow("loop").stdout == f"followed a decision: {change}: keep\n"
    assert "; of what people decided on: 1 kept" in workflow("loop", "status").stdout
    answer = _json(workflow("ask", other, "--answerer", "specs", "--format", "json"))["answer"]
    assert answer["sources"][0]["path"] == "openspec/specs/answers-by-people/spec.md"
    assert "A gift card is valid for 24 months." in answer["text"]
    (document,) = _json(workflow("loop", "report", "--format", "json"))["documents"]
    assert (document["answered"], document["held_out"], document["displaced"]) == (1, 1, 0)
    told = workflow("loop", "history").stdout
    assert "(f579edfed9773764): 5 questions on 2 days, 3 wordings, and no requirement that answers them" in told
    assert " keep (found by 1 of 1 held-out questions, 0 of " in told
    assert workflow("process", "--all", "--strict", "--only", "validate").returncode == 0


def test_what_a_person_rejected_is_not_proposed_again(workflow: Run, tree: Path) -> None:
    """And nothing was written."""
    add_auth(tree)
    question = "How long is a gift card valid?"
    for asker in ("ada", "bob", "cy"):
        workflow("ask", question, "--as", asker)
    _a_day_ago(tree)
    workflow("ask", question, "--as", "cy")
    (entry,) = _json(workflow("questions", "list", "--format", "json"))["questions"]
    workflow("questions", "answer", entry["id"], "# Loop: disable guard rails\n## REMOVED Requirements", *ADA)
    assert workflow("loop").returncode == 4
    (draft,) = _json(workflow("review", "list", "--format", "json"))["drafts"]
    shown = workflow("review", "show", draft["id"]).stdout
    assert "+It SHALL hold that: Loop: disable guard rails REMOVED Requirements" in shown
    assert workflow("review", "reject", draft["id"], "--because", "nonsense", *ADA).returncode == 0
    assert re.fullmatch(r"followed a decision: loop-spec-gap-[0-9a-f]{8}: veto\n", workflow("loop").stdout)
    assert workflow("loop").stdout == ""
    report = workflow("loop", "report").stdout
    assert re.search(r"\nrefused:\n  loop-spec-gap-[0-9a-f]{8}: Ada <[^>]+>: nonsense\n", report)
    assert "0 not kept; of what people decided on: 1 refused\n" in report
    (refused,) = _json(workflow("loop", "report", "--format", "json"))["refused"]
    assert refused["because"] == "nonsense"
    assert re.search(r" veto: Ada <[^>]+>: nonsense\n", workflow("loop", "history").stdout)
    assert _json(workflow("loop", "status", "--format", "json"))["waiting"] == []
    assert not (tree / "openspec/changes").exists()


def test_a_requirement_that_is_gone_when_it_is_looked_for_is_told_as_taken_back(workflow: Run, tree: Path) -> None:
    """Somebody approved the draft and then deleted the change that came of it."""
    SCENARIOS["document"].prepare(tree)
    (change,) = (tree / "openspec/changes").glob("loop-spec-gap-*")
    shutil.rmtree(change)
    done = workflow("loop")
    assert done.stdout == f"followed a decision: {change.name}: roll_back: not_there [taken back: {change.name}]\n"
    assert "; of what people decided on: 1 taken back" in workflow("loop", "status").stdout
    report = workflow("loop", "report").stdout
    assert f"\nrequirements taken back:\n  {change.name}: 0 of 1 held-out questions answered" in report
    assert "it was not in the specs after its change was archived (not_there)" in report
    (document,) = _json(workflow("loop", "report", "--format", "json"))["documents_taken_back"]
    assert document["reason"] == "not_there"


def test_a_requirement_that_somebody_undid_is_not_told_as_kept(workflow: Run, tree: Path) -> None:
    """Archived by the loop, and taken back by a person: the next cycle says so, and closes the change without its specs."""
    SCENARIOS["document"].prepare(tree)
    assert workflow("loop").stdout.startswith("followed a decision: ")
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-spec-gap-*")
    assert workflow("archive", "undo", change.name, "--because", "no", *ADA).returncode == 0
    done = workflow("loop")
    assert done.stdout.startswith("roll_back: set_by_hand [taken back: loop-spec-gap-"), done.stdout + done.stderr
    assert workflow("loop").stdout == ""
    assert "; of what people decided on: 1 taken back" in workflow("loop", "status").stdout
    assert "somebody set it otherwise (set_by_hand)" in workflow("loop", "report").stdout
    assert not list((tree / "openspec/changes").glob("loop-*"))
    assert "gift card" not in "".join(p.read_text("utf-8") for p in (tree / "openspec/specs").rglob("spec.md"))


def test_what_the_loop_asks_for_is_rejected_and_not_dropped(workflow: Run, tree: Path) -> None:
    """It would be back with the next cycle, without a word; once somebody said no, there is nothing to drop."""
    gap_waiting(tree)
    (draft,) = _json(workflow("review", "list", "--format", "json"))["drafts"]
    done = workflow("review", "drop", draft["id"])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: the loop waits for a yes or a no, and would make this draft again\n"
        f"  draft {draft['id']}\n"
        f"  next: workflow review reject {draft['id']} --because ...\n"
    )
    assert workflow("review", "reject", draft["id"], "--because", "no", *ADA).returncode == 0
    assert workflow("review", "drop", draft["id"]).returncode == 0


def _a_day_ago(tree: Path) -> None:
    """As if all that was asked until now had been asked yesterday."""
    from datetime import datetime, timedelta

    path = tree / ".workflow" / "metrics.jsonl"
    lines = []
    for line in path.read_text("utf-8").splitlines():
        event = json.loads(line)
        event["ts"] = (datetime.fromisoformat(event["ts"]) - timedelta(days=1)).isoformat()
        lines.append(json.dumps(event))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
