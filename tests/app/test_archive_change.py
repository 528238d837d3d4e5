"""The use case of `archive`, where the command cannot show it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.adapters.event_log import NoEvents
from workflow_cli.adapters.git_history import GitHistory
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.app.archive_change import ArchiveChange, ArchiveOptions, Confirm
from workflow_cli.app.archive_report import Outcome
from workflow_cli.app.undo import Undo
from workflow_cli.app.undo_archive import UndoArchive
from workflow_cli.domain.openspec.archiving.witness import WITNESS
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import Revision
from workflow_cli.errors import UsageError

ADA = Author(kind=AuthorKind.PERSON, name="Ada")
REQUIREMENT = "### Requirement: {name}\nThe shop SHALL {what}.\n\n#### Scenario: s\n- **WHEN** a\n- **THEN** b\n"
SPEC = (
    "# auth\n\n## Purpose\nSays how the shop lets people in and keeps everybody else out of it.\n\n## Requirements\n\n"
)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 7, 12, tzinfo=UTC)

    def elapsed(self) -> float:
        return 0.0


def requirement(name: str, what: str = "do it") -> str:
    return REQUIREMENT.replace("{name}", name).replace("{what}", what)


def put(root: Path, file: str, text: str) -> None:
    path = root / "openspec" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A spec, and a change that adds a requirement and has one task left."""
    put(tmp_path, "specs/auth/spec.md", SPEC + requirement("A"))
    put(tmp_path, "changes/c/proposal.md", "## Why\nx\n\n## What Changes\n- x\n")
    put(tmp_path, "changes/c/tasks.md", "- [x] 1.1 a\n- [ ] 1.2 b\n")
    put(tmp_path, "changes/c/specs/auth/spec.md", "## ADDED Requirements\n\n" + requirement("B"))
    return tmp_path


def use_case(
    root: Path,
    *,
    yes: bool = True,
    confirm: Confirm | None = None,
    reasons: Sequence[Reason] = (),
    approval_of: Callable[[Draft], Approval | None] = lambda _draft: None,
) -> ArchiveChange:
    return ArchiveChange(
        OpenSpecFiles(root, max_file_bytes=1_000_000),
        DocumentsOnDisk(root, clock=FixedClock()),
        GitHistory(root),
        FixedClock(),
        NoEvents(),
        ArchiveOptions(author=ADA, yes=yes),
        confirm=confirm,
        needs_approval=lambda _draft: reasons,
        approval_of=approval_of,
    )


REASONS = [Reason(rule="capability-retired", path="openspec/specs/auth/spec.md", line=None, message="m")]


def test_a_person_is_asked_about_unfinished_tasks(root: Path) -> None:
    """The question says how many; a no refuses."""
    asked: list[str] = []
    report = use_case(root, yes=False, confirm=lambda question: bool(asked.append(question))).run(["c"])
    assert report.exit_code == 1
    assert asked == ["c: 1 task not done. Archive it anyway?"]
    assert use_case(root, yes=False, confirm=lambda _question: True).run(["c"]).exit_code == 0


def test_what_needs_an_approval_waits_for_it(root: Path) -> None:
    """Nothing is written until somebody approved exactly this draft."""
    report = use_case(root, reasons=REASONS).run(["c"])
    assert report.exit_code == 4
    assert [item.outcome for item in report.changes] == [Outcome.WAITING]
    assert (root / "openspec/changes/c").is_dir()


def test_an_approved_draft_is_committed_with_its_approval(root: Path) -> None:
    """The history keeps who approved, and for which rule it was needed."""

    def approval_of(draft: Draft) -> Approval:
        return Approval(
            draft=draft.hash, decision=Decision.APPROVED, by="Bo", because="fine", at="2026-03-07T12:00:00Z"
        )

    (item,) = use_case(root, reasons=REASONS, approval_of=approval_of).run(["c"]).changes
    assert item.revision is not None
    assert item.revision.approval is not None
    assert (item.revision.approval.by, item.revision.reasons) == ("Bo", ("capability-retired",))


def test_undo_waits_for_an_approval_too(root: Path) -> None:
    """Taking back writes specs as well."""
    assert use_case(root).run(["c"]).exit_code == 0
    documents = DocumentsOnDisk(root, clock=FixedClock())
    tree = OpenSpecFiles(root, max_file_bytes=1_000_000)
    undo = UndoArchive(tree, documents, author=ADA, needs_approval=lambda _draft: REASONS)
    assert undo.run("c").exit_code == 4
    assert not (root / "openspec/changes/c").exists()


def test_an_archive_remembers_which_open_texts_it_saw(root: Path) -> None:
    """By hash: that is how an older MODIFIED is known for one later."""
    delta = "## MODIFIED Requirements\n\n" + requirement("A", "do more")
    put(root, "changes/d/specs/auth/spec.md", delta)
    (item,) = use_case(root).run(["c"]).changes
    assert item.revision is not None
    seen = json.loads(item.revision.provenance[WITNESS])
    assert list(seen) == ["openspec/changes/d/specs/auth/spec.md"]
    assert list(seen["openspec/changes/d/specs/auth/spec.md"]) == ["A"]


def test_an_unknown_name_is_looked_for_in_one_reading_of_the_history(root: Path) -> None:
    """However many archives it holds."""
    for name in ("d", "e"):
        put(root, f"changes/{name}/proposal.md", "## Why\nx\n\n## What Changes\n- x\n")
        put(root, f"changes/{name}/specs/auth/spec.md", "## ADDED Requirements\n\n" + requirement(name.upper()))
    assert [use_case(root).run([name]).exit_code for name in ("c", "d", "e")] == [0, 0, 0]

    class Counted(DocumentsOnDisk):
        readings = 0

        def revisions(self, *, path: str | None = None) -> Sequence[Revision]:
            self.readings += 1
            return super().revisions(path=path)

    documents = Counted(root, clock=FixedClock())
    with pytest.raises(UsageError, match="no archive of 'zzz'"):
        UndoArchive(OpenSpecFiles(root, max_file_bytes=1_000_000), documents, author=ADA).run("zzz")
    assert documents.readings == 1


def test_what_was_archived_again_can_be_undone_again(root: Path) -> None:
    """Undoing the undo by the history puts the archive back, and then it is there to be undone."""
    before = {p: p.read_bytes() for p in (root / "openspec").rglob("*") if p.is_file()}
    assert use_case(root).run(["c"]).exit_code == 0
    documents = DocumentsOnDisk(root, clock=FixedClock())
    tree = OpenSpecFiles(root, max_file_bytes=1_000_000)
    undo = UndoArchive(tree, documents, author=ADA)
    assert undo.run("c").exit_code == 0
    assert Undo(documents=documents, author=ADA, confirm=lambda _plan: True).run("2").exit_code == 0
    assert undo.run("c").exit_code == 0
    assert {p: p.read_bytes() for p in (root / "openspec").rglob("*") if p.is_file()} == before
