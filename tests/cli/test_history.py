"""`workflow history` as people run it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.trees import MODIFIED, SPEC, add_change, add_spec
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, FileChange, draft_of
from workflow_cli.domain.review.revision import Revision

AUTH = "openspec/specs/auth/spec.md"
ADA = Author(kind=AuthorKind.PERSON, name="Ada <ada@example.org>")
MODEL = Author(kind=AuthorKind.MODEL, name="some-model")
TEXT = SPEC.replace("{id}", "auth").encode()


class Shop:
    """A tree with one spec, and a way to write revisions."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.documents = DocumentsOnDisk(root, clock=SystemClock())

    def replace(self, old: bytes, new: bytes, **words: Any) -> Revision:
        before = self.documents.read(AUTH) or b""
        assert old in before
        return self.write(AUTH, before.replace(old, new), **words)

    def write(self, path: str, after: bytes | None, **words: Any) -> Revision:
        approved_by = words.pop("approved_by", None)
        change = FileChange(path=path, before=self.documents.read(path), after=after)
        draft = draft_of([change], **{"author": ADA, **words})
        yes = Approval(
            draft=draft.hash, decision=Decision.APPROVED, by=approved_by, because="fine", at="2026-01-31T12:00:00Z"
        )
        return self.documents.commit(draft, approval=yes if approved_by else None)

    def spec(self) -> bytes:
        return (self.root / AUTH).read_bytes()


@pytest.fixture
def shop(tree: Path) -> Shop:
    add_spec(tree)
    return Shop(tree)


@pytest.fixture
def three(shop: Shop) -> Shop:
    """Three revisions: two of different lines, the third by a model."""
    shop.replace(b"account page", b"start page", operations=["reword Sign in"], because="agreed on Monday")
    shop.replace(b"every day", b"all year", operations=["reword Purpose"])
    shop.replace(b"is wrong\n", b"is wrong, and which\n", author=MODEL, provenance={"question": "q-7"})
    return shop


def payload(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["exit_code"] == done.returncode
    return document


class TestList:
    def test_newest_first_with_who_when_and_why(self, three: Shop, workflow: Run) -> None:
        done = workflow("history", "list")
        assert done.returncode == 0
        lines = done.stdout.splitlines()
        assert [line.split()[0] for line in lines if line[:5].strip().isdigit()] == ["3", "2", "1"]
        assert "[model] some-model" in lines[0]
        assert "because: agreed on Monday" in done.stdout

    def test_without_a_command_it_is_the_same(self, three: Shop, workflow: Run) -> None:
        assert workflow("history").stdout == workflow("history", "list").stdout

    def test_a_limit_says_what_is_left_out(self, three: Shop, workflow: Run) -> None:
        done = workflow("history", "list", "--limit", "1")
        assert "2 older" in done.stderr
        assert payload(workflow("history", "list", "-n", "1", "--format", "json"))["more"] == 2

    def test_of_a_path_under_every_name_it_had(self, three: Shop, workflow: Run, tree: Path) -> None:
        three.write("openspec/changes/add-login/tasks.md", b"- [ ] 1\n")
        move = DirectoryMove(source="openspec/changes/add-login", target="openspec/changes/archive/x-add-login")
        three.documents.commit(draft_of([], author=ADA, moves=[move]))
        for name in ("openspec/changes/add-login", "openspec/changes/archive/x-add-login/tasks.md"):
            found = payload(workflow("history", "list", name, "--format", "json"))["revisions"]
            assert [r["number"] for r in found] == [5, 4]
        inside = workflow("history", "list", "auth", "--format", "json", cwd=tree / "openspec" / "specs")
        assert [r["number"] for r in payload(inside)["revisions"]] == [3, 2, 1]

    def test_an_empty_history_is_said(self, shop: Shop, workflow: Run, tree: Path) -> None:
        done = workflow("history", "list")
        assert (done.returncode, done.stdout) == (0, "")
        assert "no revision" in done.stderr
        assert not (tree / ".workflow").exists()

    def test_a_path_that_never_was_is_no_empty_history(self, shop: Shop, workflow: Run) -> None:
        done = workflow("history", "list", "openspec/specs/authh/spec.md")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(
            "error: nothing is there, and no revision touched it\n  openspec/specs/authh/spec.md\n"
        )

    def test_words_of_others_cannot_act_on_the_terminal(self, shop: Shop, workflow: Run) -> None:
        shop.replace(b"every day", b"\x1b[2Jall year", because="\x1b]0;x\x07", operations=["\u202eevil"])
        for command in (["list"], ["show", "1"], ["blame", "--requirement", "Sign in"]):
            done = workflow("history", *command)
            assert done.returncode == 0
            assert not set(done.stdout + done.stderr) & set("\x1b\x07\u202e")


class TestShow:
    def test_everything_about_a_revision(self, shop: Shop, workflow: Run) -> None:
        revision = shop.replace(
            b"account page",
            b"start page",
            author=MODEL,
            because="asked",
            provenance={"question": "q-7"},
            approved_by="Bob",
        )
        text = workflow("history", "show", "1").stdout
        for words in (revision.id, "[model] some-model", "approved by Bob, 2026-01-31 12:00Z: fine", "q-7", "asked"):
            assert words in text
        assert "-The shop SHALL open the account page" in text
        assert "+The shop SHALL open the start page" in text
        shown = payload(workflow("history", "show", revision.id[:8], "--format", "json"))
        assert shown["revision"]["approval"]["by"] == "Bob"
        assert shown["revision"]["author"] == {"kind": "model", "name": "some-model"}
        assert shown["diff"].startswith(f"--- a/{AUTH}\n+++ b/{AUTH}\n")

    @pytest.mark.parametrize("name", ["0", "9", "zzz", "abc", "-"])
    def test_a_revision_that_there_is_not(self, three: Shop, workflow: Run, name: str) -> None:
        done = workflow("history", "show", name)
        assert done.returncode == 2
        assert "numbered 1 to 3" in done.stderr

    def test_the_bytes_of_any_time_can_be_had(self, three: Shop, workflow: Run) -> None:
        before = three.documents.revisions()[0].files[0].before
        assert workflow("history", "content", str(before)).stdout.encode() == TEXT
        assert workflow("history", "content", "0" * 64).returncode == 3


class TestBlame:
    def test_each_line_and_scenario_of_a_requirement(self, three: Shop, workflow: Run) -> None:
        done = workflow("history", "blame", "--requirement", "sign in")
        lines = done.stdout.splitlines()
        assert any(line.startswith("    1  ") and "start page after" in line for line in lines)
        assert any("[model] some-model" in line and "and which" in line for line in lines)
        assert any("before the history" in line and "enters a wrong password" in line for line in lines)
        found = payload(workflow("history", "blame", "--requirement", "Sign in", "auth", "--format", "json"))
        assert [(p["title"], p["revision"]) for p in found["parts"]] == [
            ("Requirement: Sign in", 1),
            ("Scenario: Correct password", 1),
            ("Scenario: Wrong password", 3),
        ]

    def test_lines_edited_outside_are_nobodys(self, three: Shop, workflow: Run, tree: Path) -> None:
        (tree / AUTH).write_bytes(three.spec().replace(b"right password", b"correct password"))
        assert "outside the history" in workflow("history", "blame", "--requirement", "Sign in").stdout

    def test_a_requirement_that_there_is_not_names_the_nearest(self, three: Shop, workflow: Run) -> None:
        done = workflow("history", "blame", "--requirement", "Sign inn")
        assert done.returncode == 2
        assert "Requirement: Sign in" in done.stderr


class TestUndo:
    def test_the_last_revision_is_taken_back_by_a_new_one(self, three: Shop, workflow: Run) -> None:
        found = payload(workflow("history", "undo", "3", "--because", "wrong", "--as", "Bob", "--format", "json"))
        assert found["revision"]["number"] == 4
        assert found["revision"]["author"] == {"kind": "person", "name": "Bob"}
        assert found["revision"]["because"] == "wrong"
        assert found["revision"]["provenance"] == {"undoes": three.documents.revisions()[2].id}
        assert b"and which" not in three.spec()

    def test_later_revisions_of_the_same_file_must_be_confirmed(self, three: Shop, workflow: Run) -> None:
        """And then their edits of other lines stay."""
        seen = three.spec()
        done = workflow("history", "undo", "1")
        assert done.returncode == 4
        assert "reword Purpose" in done.stderr
        assert three.spec() == seen
        assert workflow("history", "undo", "1", "--yes").returncode == 0
        assert three.spec() == seen.replace(b"start page", b"account page")

    def test_the_same_lines_edited_since_are_refused(self, three: Shop, workflow: Run) -> None:
        three.replace(b"open the start page", b"show the start page")
        seen = three.spec()
        done = workflow("history", "undo", "1", "--yes", "--format", "json")
        assert done.returncode == 5
        (obstacle,) = payload(done)["in_the_way"]
        assert (obstacle["path"], obstacle["line"]) == (AUTH, 9)
        assert three.spec() == seen
        assert len(three.documents.revisions()) == 4

    def test_undoing_everything_last_first_restores_every_byte(self, three: Shop, workflow: Run) -> None:
        for number in ("3", "2", "1"):
            assert workflow("history", "undo", number, "--yes").returncode == 0
        assert three.spec() == TEXT

    def test_an_undo_can_be_undone(self, three: Shop, workflow: Run) -> None:
        seen = three.spec()
        workflow("history", "undo", "3")
        assert workflow("history", "undo", "4").returncode == 0
        assert three.spec() == seen

    def test_what_is_undone_already_is_said(self, three: Shop, workflow: Run) -> None:
        workflow("history", "undo", "3")
        done = workflow("history", "undo", "3", "--yes")
        assert done.returncode == 5
        assert "nothing is left to undo" in done.stdout

    def test_a_dry_run_prints_the_diff_and_writes_nothing(self, three: Shop, workflow: Run) -> None:
        done = workflow("history", "undo", "1", "--dry-run")
        assert "+The shop SHALL open the account page" in done.stdout
        assert len(three.documents.revisions()) == 3

    @pytest.mark.parametrize(
        ("added_by", "status"), [("Ada <ada@example.org>", 0), ("ADA L. <ada@example.org>", 0), ("Bob", 4)]
    )
    def test_who_added_to_a_delta_may_take_it_back(self, workflow: Run, tree: Path, added_by: str, status: int) -> None:
        """It was in no spec; what somebody else added may have been agreed on."""
        delta = add_change(tree) / "specs/auth/spec.md"
        before = delta.read_bytes()
        scenario = ("--add-scenario", "Receipts > Lost", "--text", "- **WHEN** it is lost\n- **THEN** another is sent")
        added = workflow("update", "add-receipts/specs/auth", *scenario, "--as", added_by)
        assert added.returncode == 0, added.stderr
        assert workflow("update", "add-receipts", "--check-task", "1.1").returncode == 0
        undone = workflow("history", "undo", "1", "--as", "Ada <ada@example.org>")
        assert undone.returncode == status, undone.stderr
        assert (delta.read_bytes() == before) is (status == 0)

    def test_what_needed_an_approval_is_not_taken_back_without_one(self, workflow: Run, tree: Path) -> None:
        """Others had a say in it; and an undone undo may take away what somebody else wrote."""
        delta = add_change(tree) / "specs/auth/spec.md"
        reworded = ("--modify-requirement", "Receipts", "--text", "The shop SHALL send 2 receipts after each payment.")
        ada = ("--as", "Ada")
        assert workflow("update", "add-receipts/specs/auth", *reworded, *ada).returncode == 4
        (draft,) = json.loads(workflow("review", "list", "--format", "json").stdout)["drafts"]
        assert workflow("review", "approve", draft["id"], "--because", "Agreed.", "--as", "Bob").returncode == 0
        undone = workflow("history", "undo", "2", *ada)
        assert undone.returncode == 4, undone.stderr
        assert b"2 receipts" in delta.read_bytes()

    def test_files_that_came_or_went_and_moves(self, shop: Shop, workflow: Run, tree: Path) -> None:
        tasks = "openspec/changes/add-login/tasks.md"
        shop.write(tasks, b"- [ ] 1\n")
        changes = [
            FileChange(path=AUTH, before=TEXT, after=None),
            FileChange(path=tasks, before=b"- [ ] 1\n", after=b"- [x] 1\n"),
        ]
        move = DirectoryMove(source="openspec/changes/add-login", target="openspec/changes/archive/x-add-login")
        shop.documents.commit(draft_of(changes, author=ADA, moves=[move]))
        assert workflow("history", "undo", "2").returncode == 0
        assert shop.spec() == TEXT
        assert (tree / tasks).read_bytes() == b"- [ ] 1\n"
        assert workflow("history", "undo", "1", "--yes").returncode == 0
        assert not (tree / "openspec" / "changes" / "add-login").exists()


class TestVerify:
    def test_a_whole_history(self, three: Shop, workflow: Run) -> None:
        for words in (["verify"], ["--verify"]):
            done = workflow("history", *words)
            assert (done.returncode, done.stdout) == (0, "the history is whole: 3 revisions\n")

    def test_damage_is_a_finding(self, three: Shop, workflow: Run, tree: Path) -> None:
        three.documents.close()
        with closing(sqlite3.connect(tree / ".workflow" / "history.db")) as database, database:
            database.execute("UPDATE revision SET body = replace(body, 'Ada', 'Bob') WHERE number = 2")
        database.close()
        done = workflow("history", "verify", "--format", "json")
        assert done.returncode == 1
        assert "revision 2" in payload(done)["damage"][0]

    def test_no_history_is_no_success(self, shop: Shop, workflow: Run) -> None:
        assert workflow("history", "verify").returncode == 3


def test_an_undo_names_the_open_changes_that_it_leaves_behind(workflow: Run, tree: Path) -> None:
    """Before it is written, and after, as an edit of the same spec does."""
    add_spec(tree, "auth")
    renamed = ("update", "auth", "--rename-requirement", "Sign in", "--to", "Log in")
    assert workflow(*renamed).returncode == 0
    text = MODIFIED.format(page="order").replace("Requirement: Sign in", "Requirement: Log in")
    add_change(tree, "add-login", text)
    shown = workflow("history", "undo", "1", "--dry-run")
    (misfit,) = json.loads(workflow("history", "undo", "1", "--dry-run", "--format", "json").stdout)["misfits"]
    assert (misfit["change"], misfit["path"]) == ("add-login", "openspec/changes/add-login/specs/auth/spec.md")
    done = workflow("history", "undo", "1")
    assert done.returncode == 0
    for run in (shown, done):
        assert "add-login does not fit that: openspec/changes/add-login/specs/auth/spec.md" in run.stderr
        assert "workflow process add-login" in run.stderr
