"""What commands print with `--format json` is what the published schemas describe, however it went."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.conftest import REPOSITORY, Run
from tests.cli.trees import add_change, add_spec, write

SCHEMAS = REPOSITORY / "workflow_cli" / "schemas"
AS = ("--as", "Ada <ada@example.org>")
WEAKER = ("--modify-requirement", "Sign in", "--text", "The shop SHOULD open the account page after a password.")
BETTER = ("--modify-requirement", "Sign in", "--text", "The shop SHALL open the account page after a password.")

Printed = Callable[..., dict[str, Any]]


@pytest.fixture
def printed(workflow: Run, tree: Path) -> Printed:
    """`printed(status, command, *arguments)` → the one document on stdout, which its schema describes."""
    add_spec(tree)

    def run(status: int, command: str, *arguments: str) -> dict[str, Any]:
        done = workflow(command, *arguments, "--format", "json")
        assert done.returncode == status, done.stdout + done.stderr
        document: dict[str, Any] = json.loads(done.stdout)
        name = "error" if "error" in document else f"{command}-report"
        validator(name).validate(document)
        assert document["exit_code"] == done.returncode
        assert not validator(name).is_valid({**document, "unknown": 1})
        return document

    return run


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.name)
def test_the_schemas_are_schemas_and_are_named_by_a_page(path: Path) -> None:
    """A reader finds them; none is forgotten."""
    Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))
    pages = [page for page in (REPOSITORY / "docs").rglob("*.md") if path.name in page.read_text("utf-8")]
    assert pages


def test_update(printed: Printed) -> None:
    """Shown, planned, waiting, written, and there already; refused and not found."""
    assert printed(0, "update", "auth", *BETTER, "--dry-run")["revision"] is None
    assert printed(0, "update", "auth", *BETTER, "--plan", "plan.json")["plan"] == "plan.json"
    assert printed(4, "update", "auth", *WEAKER, *AS)["reasons"]
    assert printed(0, "update", "--apply", "plan.json", *AS)["revision"]["number"] == 1
    assert printed(0, "update", "auth", *BETTER)["draft"] is None
    printed(2, "update", "auth", "--rename-requirement", "Nothing", "--to", "B")
    printed(5, "update", "auth", "--rename-requirement", "Sign in", "--to", "## B")


def test_propose(printed: Printed) -> None:
    """Shown, written, a duplicate, and open already."""
    assert printed(0, "propose", "Export orders", "--dry-run")["diff"]
    first = printed(0, "propose", "Export orders", *AS)
    assert first["written"]
    assert printed(1, "propose", "Export orders", "--id", "again", *AS)["overlaps"]
    printed(1, "propose", "Export orders", *AS)
    printed(2, "propose", "Export orders", "--id", "No Name")


def test_a_proposal_that_waits(printed: Printed, tree: Path) -> None:
    """A protected path is enough."""
    write(tree / "workflow.yaml", "policy:\n  protected: [openspec/changes/**]\n")
    waiting = printed(4, "propose", "Export orders", *AS)
    assert (waiting["written"], waiting["status"]) == (False, "waiting")


def test_review(printed: Printed, tree: Path) -> None:
    """Every way a draft can go; and no such draft."""
    assert printed(0, "review", "list")["drafts"] == []
    first = printed(4, "update", "auth", *WEAKER, *AS)["draft"]["id"]
    second = printed(4, "update", "auth", "--modify-requirement", "Sign in", "--text", "The shop MAY open it.", *AS)
    assert [d["state"] for d in printed(0, "review", "list")["drafts"]] == ["waiting"] * 2
    assert printed(0, "review", "reject", first, "--because", "No.", *AS)["revision"] is None
    assert printed(0, "review", "show", first)["draft"]["state"] == "rejected"
    printed(1, "update", "auth", *WEAKER, *AS)
    assert printed(0, "review", "approve", first, "--because", "Yes.", *AS)["revision"]["number"] == 3
    id = second["draft"]["id"]
    assert printed(0, "review", "show", id)["draft"]["stale"]
    printed(5, "review", "approve", id, "--because", "Yes.", *AS)
    assert printed(0, "review", "drop", id)["dropped"]
    printed(2, "review", "show", id)
    printed(2, "review")
    assert printed(0, "review", "--check")["base"] is None


def test_review_of_a_branch(printed: Printed, tree: Path) -> None:
    """With findings, with an approval of what is there, and with nothing left to approve."""
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "begin"]):
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run(["git", "-C", str(tree), *identity, *arguments], check=True)
    spec = tree / "openspec/specs/auth/spec.md"
    spec.write_text(spec.read_text().replace("SHALL", "SHOULD"))
    assert printed(1, "review", "--check", "--base", "HEAD")["findings"]
    assert printed(0, "review", "approve", "--base", "HEAD", "--because", "Yes.", *AS)["decision"] == "approved"
    assert printed(0, "review", "approve", "--base", "HEAD", "--because", "Yes.", *AS)["decision"] is None


def test_history(printed: Printed) -> None:
    """Listed, shown, blamed, undone, refused and checked."""
    assert printed(0, "history", "list")["revisions"] == []
    printed(3, "history", "verify")
    printed(0, "update", "auth", *BETTER, *AS)
    id = printed(4, "update", "auth", *WEAKER, *AS)["draft"]["id"]
    printed(0, "review", "approve", id, "--because", "Yes.", *AS)
    assert printed(0, "history", "list", "--limit", "1")["more"] == 2
    approved = printed(0, "history", "show", "3")["revision"]
    assert approved["approval"]["decision"] == "approved"
    printed(0, "history", "content", approved["files"][0]["after"])
    parts = printed(0, "history", "blame", "--requirement", "Sign in")["parts"]
    assert {line["revision"] for part in parts for line in part["lines"]} == {3, None}
    assert printed(5, "history", "undo", "1", *AS)["in_the_way"]
    assert printed(0, "history", "undo", "3", "--dry-run", *AS)["diff"]
    assert printed(0, "history", "undo", "3", *AS)["revision"]["provenance"]
    assert printed(4, "history", "undo", "1", *AS)["later"]
    assert printed(0, "history", "verify")["damage"] == []
    printed(2, "history", "show", "99")


def test_an_undo_that_waits_for_an_approval(printed: Printed) -> None:
    """A number changes back."""
    text = ("--modify-requirement", "Sign in", "--text", "The shop SHALL open the page after 2 seconds.")
    id = printed(4, "update", "auth", *text, *AS)["draft"]["id"]
    printed(0, "review", "approve", id, "--because", "Yes.", *AS)
    waiting = printed(4, "history", "undo", "2", *AS)
    assert waiting["reasons"]
    assert waiting["revision"] is None


def test_archive(printed: Printed, tree: Path) -> None:
    """Archived, waiting, refused, and no such change."""
    done = "## 1. Work\n- [x] 1.1 Send it\n"
    write(add_change(tree) / "tasks.md", done)
    add_change(tree, "unfinished", capability="orders")
    write(tree / "workflow.yaml", "policy:\n  protected: [openspec/specs/auth/**]\n")
    assert printed(1, "archive", "unfinished")["changes"][0]["outcome"] == "refused"
    assert printed(4, "archive", "add-receipts", *AS)["changes"][0]["outcome"] == "waiting"
    (tree / "workflow.yaml").unlink()
    assert printed(0, "archive", "--all", *AS)["changes"][0]["outcome"] == "archived"
    write(tree / "workflow.yaml", "policy:\n  protected: [openspec/specs/auth/**]\n")
    assert printed(4, "archive", "undo", "add-receipts", *AS)["approval_needed"]
    printed(2, "archive", "nothing")
