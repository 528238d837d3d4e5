"""A finding that keeps coming back, and has one right answer, comes to be mended without being asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.cli.conftest import REPOSITORY, Run

SPEC = """\
# {id}

## Purpose
Says how the part of the shop called {id} works, and what happens where it does not.

## Requirements

### Requirement: Limits of {id}
The shop SHALL keep at most five of {id}.

{level} Scenario: One more of {id}
- **WHEN** a sixth of {id} comes
- **THEN** it is refused with an error
"""
RULE = "scenario-heading"


def add(tree: Path, id: str, *, level: str) -> Path:
    path = tree / "openspec/specs" / id / "spec.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SPEC.format(id=id, level=level), encoding="utf-8")
    return path


def deferred(workflow: Run) -> dict[tuple[str, str], str]:
    document: dict[str, Any] = json.loads(workflow("loop", "--explain", "--dry-run", "--format", "json").stdout)
    return {(one["lever"], one["scope"]): one["reason"] for one in document["deferred"]}


def drafts(workflow: Run, id: str, *more: str) -> list[tuple[str, str]]:
    (item,) = json.loads(workflow("process", id, "--no-model", "--format", "json", *more).stdout)["items"]
    return [(draft["rule"], draft["state"]) for draft in item["drafts"]]


def test_a_repair_that_helps_everywhere_is_made_from_then_on(workflow: Run, tree: Path) -> None:
    """Chosen by what checks found, decided on the documents themselves; those that pass stay as they are."""
    (tree / "workflow.yaml").write_text("# the team's\nprocess: {strict: true}  # always\n", encoding="utf-8")
    for n in range(10):
        add(tree, f"part{n}", level="###")
    for n in range(4):
        add(tree, f"good{n}", level="####")
    assert workflow("process", "--all", "--no-model").returncode == 1
    before = {path: path.read_bytes() for path in (tree / "openspec/specs").rglob("spec.md")}
    done = workflow("loop")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("registered: recurring-failures; keep: "), done.stdout
    settings = (tree / "workflow.yaml").read_text("utf-8")
    assert settings == f'# the team\'s\nprocess: {{strict: true, fix: ["{RULE}"]}}  # always\n'
    report = json.loads(workflow("loop", "report", "--format", "json").stdout)
    schema = json.loads((REPOSITORY / "workflow_cli/schemas/loop-report.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(report)
    assert report["kept"][0]["design"] == "documents"
    # What was tried out was not written.
    assert all(path.read_bytes() == data for path, data in before.items())
    (change,) = (tree / "openspec/changes/archive").glob("*-loop-recurring-failures-*")
    assert f"Only findings of the rule {RULE} are affected." in (change / "proposal.md").read_text("utf-8")

    new = add(tree, "new", level="###")
    assert drafts(workflow, "new") == [(RULE, "committed")]
    assert new.read_text("utf-8") == SPEC.format(id="new", level="####")
    assert drafts(workflow, "new") == []


def test_other_repairs_are_offered_as_before(workflow: Run, tree: Path) -> None:
    """Also where a run repeats what the one before found."""
    (tree / "workflow.yaml").write_text(f"process: {{fix: [{RULE}]}}\n", encoding="utf-8")
    spec = add(tree, "part", level="###")
    spec.write_text(spec.read_text("utf-8").replace("### Requirement: Limits", "###Requirement: Limits"), "utf-8")
    spec.write_text(
        spec.read_text("utf-8")
        + "\n### Requirement: Names\nThe shop SHALL name it.\n\n### Scenario: Named\n- **WHEN** it comes\n- **THEN** it is named\n",
        "utf-8",
    )
    first = drafts(workflow, "part")
    assert (RULE, "committed") in first
    assert ("hidden-requirement", "offered") in first
    assert drafts(workflow, "part") == [("hidden-requirement", "offered")]
    assert "###Requirement: Limits" in spec.read_text("utf-8")


def test_only_validate_writes_nothing(workflow: Run, tree: Path) -> None:
    (tree / "workflow.yaml").write_text(f"process: {{fix: [{RULE}]}}\n", encoding="utf-8")
    spec = add(tree, "part", level="###")
    before = spec.read_bytes()
    workflow("process", "--all", "--only", "validate,analyse", "--no-model")
    assert spec.read_bytes() == before


def test_too_few_documents_prove_nothing(workflow: Run, tree: Path) -> None:
    for n in range(5):
        add(tree, f"part{n}", level="###")
    workflow("process", "--all", "--no-model")
    assert deferred(workflow)["recurring-failures", RULE] == "insufficient_pairs: 5/8"


def test_old_texts_count_as_well(workflow: Run, tree: Path) -> None:
    """Mended one by one by hand before, their old texts are in the history."""
    for n in range(9):
        add(tree, f"part{n}", level="###")
    workflow("process", "--all", "--no-model", "--fix")
    assert all("#### Scenario" in path.read_text("utf-8") for path in (tree / "openspec/specs").rglob("spec.md"))
    for n in range(9):
        add(tree, f"other{n}", level="####")
    # The events of the checks that came before the repairs.
    add(tree, "late1", level="###")
    add(tree, "late2", level="###")
    add(tree, "late3", level="###")
    for _ in range(2):
        workflow("process", "--all", "--no-model", "--fresh")
    assert workflow("loop").stdout.startswith("registered: recurring-failures; keep: ")


def test_what_a_person_rejects_is_a_verdict_on_the_rule(workflow: Run, tree: Path) -> None:
    """The repair waits for a person because the place is protected; the no is evidence against the finding."""
    from tests.cli.asking import events_of
    from workflow_cli.domain.improvement.from_events import Translation

    (tree / "workflow.yaml").write_text(
        f"process: {{fix: [{RULE}]}}\npolicy: {{protected: ['openspec/specs/**']}}\n", encoding="utf-8"
    )
    add(tree, "part", level="###")
    assert drafts(workflow, "part") == [(RULE, "waiting")]
    (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
    assert workflow("review", "reject", draft["id"], "--because", "we mean level 3", "--as", "Ada").returncode == 0
    told = [r for r in Translation().translated(events_of(tree, "draft")) if r and r["kind"] == "suggestion"]
    assert [(one["rule"], one["accepted"]) for one in told] == [(RULE, False)]
