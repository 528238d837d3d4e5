"""`workflow process` offers repairs, and `--fix` commits those that need no person."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from trees import SPEC, add_change, add_spec

Run = Callable[..., CompletedProcess[str]]


def drafts(done: CompletedProcess[str]) -> list[dict[str, Any]]:
    (item,) = json.loads(done.stdout)["items"]
    return list(item["drafts"])


def test_a_repair_is_offered_and_nothing_is_written(workflow: Run, tree: Path) -> None:
    """With the rule, the document and what it would do; the second run reuses the step."""
    tasks = add_change(tree) / "tasks.md"
    tasks.write_text("## 1. Work\n- [ ] 1.1 Receipts\n- [ ] 1.1 Send a receipt\n")
    for outcome in ("done", "reused"):
        done = workflow("process", "add-receipts", "--format", "json", "--only", "validate,draft")
        (draft,) = drafts(done)
        assert (draft["rule"], draft["state"], draft["revision"]) == ("task-number", "offered", None)
        assert draft["path"] == "openspec/changes/add-receipts/tasks.md"
        assert draft["operations"] == ["tasks renumbered: 1.1 → 1.2"]
        (item,) = json.loads(done.stdout)["items"]
        assert {s["name"]: s["outcome"] for s in item["steps"]}["draft"] == outcome
    assert "- [ ] 1.1 Send" in tasks.read_text()
    assert "CAN FIX  tasks renumbered: 1.1 → 1.2" in workflow("process", "add-receipts").stdout


def test_fix_commits_and_the_finding_is_gone(workflow: Run, tree: Path) -> None:
    """The report is about what stands there afterwards; a second run has nothing to do."""
    tasks = add_change(tree) / "tasks.md"
    tasks.write_text("## 1. Work\n- [ ] 1.1 Receipts\n- [ ] 1.1 Send a receipt\n")
    done = workflow("process", "add-receipts", "--fix", "--only", "validate,draft", "--format", "json")
    (draft,) = drafts(done)
    assert (draft["state"], draft["revision"]) == ("committed", 1)
    assert tasks.read_text() == "## 1. Work\n- [ ] 1.1 Receipts\n- [ ] 1.2 Send a receipt\n"
    assert json.loads(done.stdout)["items"][0]["findings"] == []
    again = workflow("process", "add-receipts", "--fix", "--only", "validate,draft", "--format", "json")
    assert (again.returncode, drafts(again)) == (0, [])


def test_several_repairs_in_one_document_all_come(workflow: Run, tree: Path) -> None:
    """Each as a revision of its own, made against what the one before left."""
    text = SPEC.replace("#### Scenario: Wrong", "### Scenario: Wrong").replace(
        "#### Scenario: Correct", "##### Scenario: Correct"
    )
    spec = add_spec(tree, text=text)
    done = workflow("process", "auth", "--fix", "--format", "json")
    assert [draft["state"] for draft in drafts(done)] == ["committed", "committed"]
    assert spec.read_text() == SPEC.replace("{id}", "auth")
    assert done.returncode == 0


def test_what_the_policy_protects_waits(workflow: Run, tree: Path) -> None:
    """Status 4, the document stays, and the draft is there to be reviewed."""
    (tree / "workflow.yaml").write_text("policy: {protected: ['openspec/specs/**']}\n")
    text = SPEC.replace("#### Scenario: Wrong", "### Scenario: Wrong")
    spec = add_spec(tree, text=text)
    before = spec.read_bytes()
    done = workflow(
        "process",
        "auth",
        "--only",
        "validate,analyse,draft",
        "--fix",
        "--format",
        "json",
        "--baseline",
        "b.json",
        "--write-baseline",
    )
    (draft,) = drafts(done)
    assert draft["state"] == "waiting"
    assert done.returncode == 4, done.stdout
    assert spec.read_bytes() == before
    assert draft["id"] in workflow("review", "list").stdout


def test_fix_needs_the_step_that_drafts(workflow: Run, tree: Path) -> None:
    add_spec(tree)
    done = workflow("process", "auth", "--fix", "--only", "validate")
    assert done.returncode == 2
    assert "draft" in done.stderr
