"""Documents in a git checkout: other people's edits are respected, and commits hold what they should."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scenarios import ADA
from workflow_cli.adapters.clock import SystemClock
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.adapters.git_documents import GitCheckout, message
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, FileChange, draft_of
from workflow_cli.domain.review.revision import Revision
from workflow_cli.errors import EditRefused

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

SPEC, OTHER = "openspec/specs/auth/spec.md", "openspec/specs/mail/spec.md"
CHANGE, ARCHIVED = "openspec/changes/add-login", "openspec/changes/archive/2026-01-01-add-login"


class Checkout:
    def __init__(self, top: Path, root: Path) -> None:
        self.top, self.root = top, root

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(self.top), *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def documents(self, *, dirty: str = "refuse", auto_commit: bool = False) -> DocumentsOnDisk:
        git = GitCheckout(self.root, refuse_dirty=dirty == "refuse", auto_commit=auto_commit)
        return DocumentsOnDisk(self.root, clock=SystemClock(), checkout=git)

    def write(self, path: str, data: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(data)

    def commit(self, documents: DocumentsOnDisk, path: str, after: bytes | None, **words: Any) -> Revision:
        change = FileChange(path=path, before=documents.read(path), after=after)
        return documents.commit(draft_of([change], **{"author": ADA, "operations": [f"edit {path}"], **words}))

    def staged(self) -> list[str]:
        return self.git("diff", "--cached", "--name-only").split()

    def in_last_commit(self) -> list[str]:
        return sorted(self.git("show", "--format=", "--name-only", "--no-renames").split())


@pytest.fixture(params=["", "packages/shop"])
def checkout(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A tree at the top of a checkout, or further down, with everything committed."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    top = tmp_path / "checkout"
    checkout = Checkout(top, top / request.param)
    for path in (SPEC, OTHER, f"{CHANGE}/proposal.md", f"{CHANGE}/tasks.md"):
        checkout.write(path, b"committed\n")
    checkout.git("init", "--quiet", "--initial-branch=main")
    checkout.git("config", "user.name", "Ada")
    checkout.git("config", "user.email", "ada@example.org")
    (checkout.root / ".gitignore").write_text(".workflow/\n")
    checkout.git("add", "-A")
    checkout.git("commit", "--quiet", "-m", "begin")
    return checkout


class TestForeignEdits:
    def test_uncommitted_edits_of_somebody_else_are_refused(self, checkout: Checkout) -> None:
        checkout.write(SPEC, b"by hand\n")
        documents = checkout.documents()
        with pytest.raises(EditRefused, match="neither committed nor in the history") as refused:
            checkout.commit(documents, SPEC, b"ours\n")
        assert refused.value.exit_code == 5
        assert refused.value.where == SPEC
        assert (checkout.root / SPEC).read_bytes() == b"by hand\n"

    def test_uncommitted_edits_elsewhere_in_the_file_are_kept(self, checkout: Checkout) -> None:
        checkout.write(SPEC, b"committed\n\nby hand\n")
        checkout.commit(checkout.documents(), SPEC, b"ours\n\nby hand\n")
        assert (checkout.root / SPEC).read_bytes() == b"ours\n\nby hand\n"

    def test_they_are_refused_where_a_commit_would_take_them_along(self, checkout: Checkout) -> None:
        checkout.write(SPEC, b"committed\n\nby hand\n")
        with pytest.raises(EditRefused):
            checkout.commit(checkout.documents(auto_commit=True), SPEC, b"ours\n\nby hand\n")

    def test_edits_of_files_that_are_not_written_do_not_matter(self, checkout: Checkout) -> None:
        checkout.write(OTHER, b"by hand\n")
        checkout.commit(checkout.documents(), SPEC, b"ours\n")
        assert (checkout.root / OTHER).read_bytes() == b"by hand\n"

    def test_what_the_last_revision_left_is_no_foreign_edit(self, checkout: Checkout) -> None:
        documents = checkout.documents()
        checkout.commit(documents, SPEC, b"ours\n")
        checkout.commit(documents, SPEC, b"ours again\n")
        assert (checkout.root / SPEC).read_bytes() == b"ours again\n"

    def test_nor_is_it_where_the_directory_has_moved_since(self, checkout: Checkout) -> None:
        documents = checkout.documents()
        checkout.commit(documents, f"{CHANGE}/tasks.md", b"ours\n")
        move = DirectoryMove(source=CHANGE, target=ARCHIVED)
        documents.commit(draft_of([], author=ADA, moves=[move]))
        checkout.git("add", "-A")
        checkout.commit(documents, f"{ARCHIVED}/tasks.md", b"ours again\n")
        assert (checkout.root / ARCHIVED / "tasks.md").read_bytes() == b"ours again\n"

    def test_an_edit_on_top_of_our_own_is_foreign_again(self, checkout: Checkout) -> None:
        documents = checkout.documents()
        checkout.commit(documents, SPEC, b"ours\n")
        checkout.write(SPEC, b"ours\nby hand\n")
        with pytest.raises(EditRefused):
            checkout.commit(documents, SPEC, b"ours again\n")

    def test_a_file_that_is_new_to_git_is_written(self, checkout: Checkout) -> None:
        checkout.write("openspec/specs/new/spec.md", b"by hand\n")
        checkout.commit(checkout.documents(), "openspec/specs/new/spec.md", b"ours\n")

    def test_the_setting_allows_it(self, checkout: Checkout) -> None:
        checkout.write(SPEC, b"by hand\n")
        documents = checkout.documents(dirty="allow")
        revision = checkout.commit(documents, SPEC, b"ours\n")
        assert documents.content(str(revision.files[0].before)) == b"by hand\n"

    def test_without_a_checkout_everything_works_the_same(self, tmp_path: Path) -> None:
        lone = Checkout(tmp_path, tmp_path)
        lone.write(SPEC, b"by hand\n")
        documents = lone.documents(auto_commit=True)
        lone.commit(documents, SPEC, b"ours\n")
        assert documents.notices == []
        assert len(documents.revisions()) == 1


class TestAutoCommit:
    def test_exactly_what_was_touched_is_committed(self, checkout: Checkout) -> None:
        checkout.write(OTHER, b"staged by hand\n")
        checkout.git("add", "-A")
        checkout.write("openspec/specs/loose.md", b"untracked\n")
        documents = checkout.documents(auto_commit=True)
        revision = checkout.commit(documents, SPEC, b"ours\n", because="customers asked")
        assert documents.notices == []
        assert [name.removeprefix("packages/shop/") for name in checkout.in_last_commit()] == [SPEC]
        assert [name.removeprefix("packages/shop/") for name in checkout.staged()] == [OTHER]
        text = checkout.git("log", "-1", "--format=%B")
        assert text.startswith(f"edit {SPEC}\n\ncustomers asked\n")
        trailers = checkout.git("log", "-1", "--format=%(trailers:only)").split("\n")
        assert f"Workflow-Revision: {revision.id[:12]}" in trailers
        assert f"Workflow-Draft: {revision.draft[:12]}" in trailers

    def test_new_and_removed_files_and_moves_too(self, checkout: Checkout) -> None:
        documents = checkout.documents(auto_commit=True)
        changes = [
            FileChange(path="openspec/specs/new/spec.md", before=None, after=b"new\n"),
            FileChange(path=OTHER, before=b"committed\n", after=None),
            FileChange(path=f"{CHANGE}/tasks.md", before=b"committed\n", after=b"done\n"),
        ]
        move = DirectoryMove(source=CHANGE, target=ARCHIVED)
        documents.commit(draft_of(changes, author=ADA, moves=[move]))
        assert documents.notices == []
        assert checkout.git("status", "--porcelain") == ""
        assert len(checkout.in_last_commit()) == 6

    def test_a_commit_that_a_hook_refuses_is_told_and_the_revision_stays(self, checkout: Checkout) -> None:
        hook = checkout.top / ".git" / "hooks" / "pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
        hook.chmod(0o755)
        documents = checkout.documents(auto_commit=True)
        checkout.commit(documents, "openspec/specs/new/spec.md", b"new\n")
        assert documents.notices == ["revision 1 is written, but git did not commit it: not today"]
        assert checkout.staged() == []
        assert "??" in checkout.git("status", "--porcelain")

    def test_a_file_that_git_ignores_is_written_and_not_committed(self, checkout: Checkout) -> None:
        (checkout.root / ".gitignore").write_text(".workflow/\nopenspec/specs/private/\n")
        checkout.git("commit", "--quiet", "-am", "ignore")
        documents = checkout.documents(auto_commit=True)
        checkout.commit(documents, "openspec/specs/private/spec.md", b"new\n")
        assert documents.notices == []
        assert checkout.git("log", "-1", "--format=%s") == "ignore\n"

    def test_a_message_cannot_be_made_to_say_more(self) -> None:
        """Line breaks and control characters of reasons, names and operations are gone; trailers come last."""
        yes = Approval(draft="d", decision=Decision.APPROVED, by="Bob\nApproved-by: Eve", because="", at="")
        revision = Revision(
            number=1,
            id="a" * 64,
            at="",
            author=Author(kind=AuthorKind.MODEL, name="m\x1b[2J"),
            files=(),
            operations=("add\nApproved-by: Eve", "b"),
            because="x\n\nApproved-by: Eve",
            draft="d" * 64,
            approval=yes,
        )
        text = "\n\n".join(message(revision)[1::2])
        lines = text.splitlines()
        assert [line for line in lines if line.startswith("Approved-by:")] == ["Approved-by: Bob Approved-by: Eve"]
        assert "Workflow-Author: model m [2J" in lines
        assert "\x1b" not in text
