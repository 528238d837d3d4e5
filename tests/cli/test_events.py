"""What commands that write, check or decide leave in `.workflow/metrics.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.trees import add_change, add_spec, write
from tests.docs.test_event_kinds import faults

WEAKER = ("--modify-requirement", "Sign in", "--text", "The shop SHOULD open the account page after a password.")
ADA = ("--as", "Ada <ada@example.org>")


@pytest.fixture
def spec(tree: Path) -> Path:
    return add_spec(tree)


def events(tree: Path, kind: str | None = None) -> list[dict[str, Any]]:
    """All events, or those of one kind; each has said what it is, how it ended and how long it took."""
    lines = (tree / ".workflow/metrics.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    for event in found:
        assert event["schema"] == 1
        assert faults(event) == []
        assert event["outcome"]
        if event["kind"] != "draft" and event["kind"] != "process.output":
            assert event["duration_ms"] > 0, event
    return [event for event in found if kind in (None, event["kind"])]


def fates(tree: Path) -> list[tuple[str, str]]:
    return [(event["outcome"], event["draft"]) for event in events(tree, "draft")]


def some_of(event: Mapping[str, Any], **expected: Any) -> bool:
    return {key: event.get(key) for key in expected} == expected


def test_a_draft_that_needs_nobody_begins_with_its_commit(workflow: Run, tree: Path, spec: Path) -> None:
    """Who the person is stands in the history alone."""
    add_change(tree)
    assert workflow("update", "add-receipts", "--check-task", "1.1", *ADA).returncode == 0
    (fate,) = events(tree, "draft")
    assert some_of(fate, outcome="committed", author_kind="person", author=None, reasons=[], change="add-receipts")
    assert fate["revision"] == 1
    assert fate["documents"] == ["openspec/changes/add-receipts/tasks.md"]
    assert "Ada" not in (tree / ".workflow/metrics.jsonl").read_text()


def test_a_file_beside_the_changes_is_no_change(workflow: Run, tree: Path) -> None:
    """A list of which change comes first lies there in many trees; neither its draft nor the undo of that names a change."""
    loose = write(tree / "openspec/changes/IMPLEMENTATION_ORDER.md", "# Order\n\n## First\n\nNone.\n")
    edit = ("--append-section", "First", "--text", "Receipts.", *ADA)
    assert workflow("update", "openspec/changes/IMPLEMENTATION_ORDER.md", *edit).returncode == 0
    assert "Receipts." in loose.read_text()
    assert workflow("history", "undo", "1", "--because", "Too soon.", *ADA).returncode == 0
    assert [(event["outcome"], event["change"]) for event in events(tree, "draft")] == [
        ("committed", None),
        ("committed", None),
        ("undone", None),
    ]
    by_change = json.loads(workflow("feedback", "--by", "change", "--format", "json").stdout)
    assert by_change["groups"] == []


def test_the_fate_of_a_draft_that_needs_a_person(workflow: Run, tree: Path, spec: Path) -> None:
    """Drafted once, however often it is made; then approved, committed, and undone by another draft."""
    for _ in range(2):
        assert workflow("update", "auth", *WEAKER, *ADA).returncode == 4
    ((_, id),) = fates(tree)
    assert workflow("review", "approve", id, "--because", "Agreed.", *ADA).returncode == 0
    undone = workflow("history", "undo", "2", *ADA, "--format", "json")
    assert undone.returncode == 0, undone.stderr
    other = json.loads(undone.stdout)["draft"]["id"]
    assert fates(tree) == [
        ("drafted", id),
        ("approved", id),
        ("committed", id),
        ("committed", other),
        ("undone", id),
    ]
    first, approved, committed, _, last = events(tree, "draft")
    assert first["reasons"] == approved["reasons"] == committed["reasons"] == last["reasons"] == ["keyword-weakened"]
    assert (committed["revision"], last["revision"], last["by_draft"]) == (2, 2, other)
    assert some_of(events(tree, "history.undo")[0], outcome="undone", undoes=2, revision=3)
    assert some_of(events(tree, "review")[0], outcome="approved", draft=id, revision=2)


def test_a_draft_may_be_rejected_and_dropped(workflow: Run, tree: Path, spec: Path) -> None:
    """Each decision is an event."""
    assert workflow("update", "auth", *WEAKER, *ADA).returncode == 4
    ((_, id),) = fates(tree)
    assert workflow("review", "reject", id, "--because", "No.", *ADA).returncode == 0
    assert workflow("review", "drop", id).returncode == 0
    assert fates(tree) == [("drafted", id), ("rejected", id), ("dropped", id)]
    assert [event["outcome"] for event in events(tree, "review")] == ["rejected", "dropped"]


def test_what_rules_write_names_the_rule(workflow: Run, tree: Path, spec: Path) -> None:
    """Questions and repairs are drafts like others."""
    add_change(tree, delta="## ADDED Requirements\n\n### Requirement: {name}\nThe shop SHALL send a receipt TBD.\n")
    workflow("process", "--all")
    written = [event for event in events(tree, "draft") if event["author_kind"] == "rule"]
    assert [some_of(event, outcome="committed", change="add-receipts") for event in written] == [True]
    assert written[0]["author"] == "clarifying-questions"


def test_proposals(workflow: Run, tree: Path, spec: Path) -> None:
    """Written, and refused: as a duplicate, and because it is open already, which is no failure."""
    proposed = workflow("propose", "Export orders to a file", *ADA, "--format", "json")
    assert proposed.returncode == 0, proposed.stderr
    assert workflow("propose", "Export orders to a file", "--id", "again", *ADA).returncode == 1
    assert workflow("propose", "Export orders to a file", *ADA).returncode == 1
    assert workflow("propose", "Import orders", "--dry-run").returncode == 0
    written, refused, open_already = events(tree, "propose")
    assert some_of(written, outcome="written", change=json.loads(proposed.stdout)["change"], revision=1)
    assert some_of(refused, outcome="refused", change="again")
    assert open_already["outcome"] == "refused"
    assert "error" not in open_already


def test_archives_and_their_undo(workflow: Run, tree: Path, spec: Path) -> None:
    """A change that fails is an event too."""
    directory = add_change(tree)
    write(directory / "tasks.md", "## 1. Work\n- [x] 1.1 Send it\n")
    assert workflow("archive", "undo", "add-receipts", *ADA).returncode == 2
    assert workflow("archive", "add-receipts", *ADA).returncode == 0
    assert workflow("archive", "undo", "add-receipts", *ADA).returncode == 0
    (directory / "specs/auth/spec.md").unlink()
    (directory / "specs/auth/spec.md").mkdir()
    workflow("archive", "add-receipts", *ADA)
    (undone,) = events(tree, "archive.undo")
    assert some_of(undone, outcome="undone", item="change/add-receipts", undoes=1, revision=2)
    archived, failed = events(tree, "archive")
    assert (archived["outcome"], failed["outcome"]) == ("archived", "failed")
    assert [outcome for outcome, _ in fates(tree)] == ["committed", "committed", "undone"]


def test_a_change_goes_by_one_name_whether_it_is_archived_or_not(workflow: Run, tree: Path, spec: Path) -> None:
    """So that what was written of it and what was taken back come to the same share."""
    add_change(tree)
    assert workflow("update", "add-receipts", "--check-task", "1.1", *ADA).returncode == 0
    assert workflow("archive", "add-receipts", *ADA).returncode == 0
    assert workflow("archive", "undo", "add-receipts", *ADA).returncode == 0
    assert workflow("history", "undo", "1", "--yes", *ADA).returncode == 0
    told = [(event["outcome"], event["change"], event["revision"]) for event in events(tree, "draft")]
    assert told == [
        ("committed", "add-receipts", 1),
        ("committed", "add-receipts", 2),
        ("committed", "add-receipts", 3),
        ("undone", "add-receipts", 2),
        ("committed", "add-receipts", 4),
        ("undone", "add-receipts", 1),
    ]
    (group,) = json.loads(workflow("feedback", "--by", "change", "--format", "json").stdout)["groups"]
    assert some_of(group["metrics"]["draft.undone_share"], value=1.0, n=2)


def test_a_change_that_was_never_written_is_no_group(workflow: Run, tree: Path, spec: Path) -> None:
    """There is nothing to say of it."""
    assert workflow("propose", "Export orders to a file", *ADA).returncode == 0
    assert workflow("propose", "Export orders to a file", "--id", "again", *ADA).returncode == 1
    assert events(tree, "propose")[-1]["change"] == "again"
    (group,) = json.loads(workflow("feedback", "--by", "change", "--format", "json").stdout)["groups"]
    assert group["name"] != "again"


def test_what_is_undone_in_the_archive_belongs_to_its_change(workflow: Run, tree: Path, spec: Path) -> None:
    """Undone where it lies now."""
    add_change(tree)
    assert workflow("update", "add-receipts", "--check-task", "1.1", *ADA).returncode == 0
    assert workflow("archive", "add-receipts", *ADA).returncode == 0
    assert workflow("history", "undo", "1", "--yes", *ADA).returncode == 0
    assert {event["change"] for event in events(tree, "draft")} == {"add-receipts"}


def test_what_fails_says_with_which_error(workflow: Run, tree: Path, spec: Path) -> None:
    """An edit of what there is not; but what cannot be followed as it was typed leaves nothing."""
    assert workflow("history", "undo", "7").returncode == 2
    assert workflow("review", "approve", "abcdef", "--because", "x").returncode == 2
    assert workflow("update", "auth", "--rename-requirement", "Nothing", "--to", "B").returncode == 2
    assert [(e["kind"], e["outcome"], e["error"]) for e in events(tree)] == [
        ("update", "failed", "AddressNotFound"),
    ]


def test_the_check_of_the_history(workflow: Run, tree: Path, spec: Path) -> None:
    """It takes time."""
    assert workflow("history", "verify").returncode == 3
    assert workflow("update", "auth", "--rename-requirement", "Sign in", "--to", "Enter", *ADA).returncode == 0
    assert workflow("history", "verify").returncode == 0
    failed, whole = events(tree, "history.verify")
    assert some_of(failed, outcome="failed", error="DocumentError")
    assert some_of(whole, outcome="whole", damage=0)


def test_what_only_shows_leaves_none(workflow: Run, tree: Path, spec: Path) -> None:
    """And writes nothing at all."""
    for command in (("history", "list"), ("review", "list"), ("update", "auth", *WEAKER, "--dry-run")):
        assert workflow(*command).returncode == 0
    assert not (tree / ".workflow").exists()
