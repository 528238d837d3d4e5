"""Documents are read, edited and proposed by the one write path: what needs a person waits."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import PERSON, events_of
from tests.faults.dying_command import dies
from workflow_cli import DocumentManager, WorkflowOrchestrator, wiring
from workflow_cli.domain.review.draft import Author, AuthorKind
from workflow_cli.errors import (
    AddressNotFound,
    DocumentError,
    DraftRejected,
    EditRefused,
    FaultyInput,
    SaidAlready,
    UsageError,
)
from workflow_cli.wiring.review import ReviewRun

SPEC = "openspec/specs/auth/spec.md"
DESIGN = "openspec/changes/add-receipts/design.md"
TASKS = "openspec/changes/add-receipts/tasks.md"
LOOSE = {"performance_improvements": ["caching", "async_operations"], "add_parallel_processing": True, "add_x": False}
REMOVAL = [{"op": "remove-requirement", "requirement": "Lockout"}]


def test_the_loose_form_is_carried_out_once(root: Path) -> None:
    """As in the example of the original system; a second time changes nothing."""
    orchestrator = WorkflowOrchestrator()

    async def main() -> None:
        update = await orchestrator.update_document(DESIGN, LOOSE, because="measured")
        assert (update.state, update.files, update.reasons) == ("written", (DESIGN, TASKS), ())
        assert "+- async_operations\n" in update.diff
        before = {path: (root / path).read_bytes() for path in (DESIGN, TASKS)}
        assert b"- caching\n- async_operations\n" in before[DESIGN]
        assert b"- [ ] 1.2 Add parallel processing\n" in before[TASKS]
        again = await orchestrator.update_document(DESIGN, LOOSE)
        assert (again.state, again.draft, again.revision, len(again.unchanged)) == ("unchanged", None, None, 3)
        assert before == {path: (root / path).read_bytes() for path in (DESIGN, TASKS)}
        (revision,) = await orchestrator.documents.get_change_history(DESIGN)
        assert revision == update.revision
        assert (revision.author.kind, revision.author.name, revision.because) == ("person", PERSON, "measured")

    asyncio.run(main())
    assert [event["outcome"] for event in events_of(root, "update")] == ["written", "unchanged"]


def test_what_the_policy_wants_a_person_for_waits(root: Path) -> None:
    """The document stays as it is until somebody approves exactly that draft."""
    documents, before = DocumentManager(), (root / SPEC).read_bytes()
    update = asyncio.run(documents.update_openspec("auth", REMOVAL, author="Mara"))
    assert (update.state, update.revision) == ("waiting", None)
    assert [reason.rule for reason in update.reasons] == ["requirement-deleted"]
    assert (root / SPEC).read_bytes() == before
    assert update.draft is not None
    assert list((root / ".workflow" / "drafts").glob(f"{update.draft}*"))

    decide(root, update.draft, yes=True)
    (revision, *_) = asyncio.run(documents.get_change_history("auth"))
    assert (revision.author.name, revision.approval is not None) == ("Mara", True)
    assert b"Lockout" not in (root / SPEC).read_bytes()


def test_what_a_person_said_no_to_is_refused(root: Path) -> None:
    documents = DocumentManager()
    update = asyncio.run(documents.update_openspec("auth", REMOVAL))
    decide(root, update.draft or "", yes=False)
    with pytest.raises(DraftRejected, match="the law wants it"):
        asyncio.run(documents.update_openspec("auth", REMOVAL))


def decide(root: Path, draft: str, *, yes: bool) -> None:
    """As `workflow review` does."""
    ann = Author(kind=AuthorKind.PERSON, name="Ann")
    with ReviewRun(root, wiring.settings_in_force(root)) as run:
        if yes:
            run.review.approve(draft, by=ann, because="agreed")
        else:
            run.review.reject(draft, by=ann, because="the law wants it")


def test_what_an_agent_writes_always_waits(root: Path) -> None:
    """Also where a person may do the same without being asked."""
    documents, before = DocumentManager(), (root / TASKS).read_bytes()

    async def main() -> None:
        tick = {"op": "check-task", "task": "1.1"}
        update = await documents.update_openspec("add-receipts", tick, agent="builder")
        assert (update.state, update.files, len(update.operations)) == ("waiting", (TASKS,), 1)
        assert {reason.rule for reason in update.reasons} == {"model-written"}
        proposal = await documents.create_proposal("Add a newsletter", "Customers want news.", agent="builder")
        assert (proposal.state, proposal.revision) == ("waiting", None)
        assert not (root / proposal.path).exists()
        assert (root / TASKS).read_bytes() == before
        written = await documents.update_openspec("add-receipts", tick)
        assert written.state == "written"
        assert (await documents.update_openspec("add-receipts", tick, agent="builder")).state == "unchanged"

    asyncio.run(main())
    told = [(event["outcome"], event.get("by")) for event in events_of(root, "update")]
    assert told == [("waiting", "agent"), ("written", None), ("unchanged", "agent")]


def test_a_proposal_is_a_valid_change_at_once(root: Path) -> None:
    orchestrator = WorkflowOrchestrator(offline=True)

    async def main() -> None:
        notes = "Customers cannot see their invoices.\n\n- The shop SHALL list the invoices of the last year."
        proposal = await orchestrator.documents.create_proposal("List invoices", notes, because="asked for weekly")
        assert (proposal.state, proposal.path) == ("written", f"openspec/changes/{proposal.change}")
        assert "The shop SHALL list the invoices of the last year." in proposal.diff
        report = await orchestrator.process_openspec_change(proposal.path, strict=True, steps=["validate"])
        assert (report.valid, report.findings) == (True, ())
        (revision,) = await orchestrator.documents.get_change_history(proposal.path)
        assert (revision.author.name, revision.because) == (PERSON, "asked for weekly")
        with pytest.raises(SaidAlready, match="is open already"):
            await orchestrator.documents.create_proposal("List invoices", notes)

    asyncio.run(main())
    assert [event["outcome"] for event in events_of(root, "propose")] == ["written", "refused"]


def test_a_document_or_a_place_in_it_is_read(root: Path) -> None:
    documents = DocumentManager()

    async def main() -> None:
        whole = await documents.read_openspec(root / SPEC)
        assert (whole.path, whole.line, whole.end_line) == (SPEC, 1, whole.lines)
        assert whole.text.encode() == (root / SPEC).read_bytes()
        part = await documents.read_openspec("auth#Requirement: Lockout")
        assert part.text.startswith("### Requirement: Lockout\n")
        assert part.text.encode() in (root / SPEC).read_bytes()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("no-such-change/design.md", UsageError),
        ("no-such-change", UsageError),
        ("../other/openspec/specs/auth/spec.md", UsageError),
        ("/etc/passwd", UsageError),
        ("workflow.yaml", UsageError),
        ("auth#Requirement: Lockot", AddressNotFound),
    ],
)
def test_a_wrong_path_is_refused_with_the_next_step(root: Path, path: str, error: type[Any]) -> None:
    documents = DocumentManager()
    with pytest.raises(error) as raised:
        asyncio.run(documents.read_openspec(path))
    assert raised.value.hint
    if "#" not in path:
        with pytest.raises(UsageError) as unwritten:
            asyncio.run(documents.update_openspec(path, {"risks": ["one"]}))
        assert repr(path) in unwritten.value.message
        with pytest.raises(UsageError):
            asyncio.run(documents.get_change_history(path))
    assert not (root / ".workflow" / "history.db").exists()


@pytest.mark.parametrize(
    ("edits", "error"),
    [
        ([], UsageError),
        ({}, UsageError),
        ({"risks": 7}, FaultyInput),
        ([{"op": "no-such-edit"}], FaultyInput),
        ([{"op": "check-task", "task": "1.1"}, {"op": "check-task", "task": "9.9"}], (AddressNotFound, EditRefused)),
        ("text", FaultyInput),
    ],
    ids=str,
)
def test_edits_that_are_none_change_nothing(root: Path, edits: Any, error: type[Exception]) -> None:
    before = (root / TASKS).read_bytes()
    with pytest.raises(error):
        asyncio.run(DocumentManager().update_openspec("add-receipts/tasks.md", edits))
    assert (root / TASKS).read_bytes() == before


def test_a_tree_that_may_not_be_written_is_an_error_of_its_own(root: Path) -> None:
    """Errors of the machine are no bare OSError, and nothing is left half done."""
    (root / ".workflow").write_text("in the way")
    with pytest.raises(DocumentError) as raised:
        asyncio.run(DocumentManager().update_openspec(DESIGN, {"risks": ["one"]}))
    assert raised.value.hint
    assert not (root / DESIGN).exists()


def test_a_proposal_that_was_cut_off_is_made_again(root: Path) -> None:
    """What is half written is no change that is open already."""
    arguments = (
        "propose",
        "Lock accounts",
        "--id",
        "lock-accounts",
        "--capability",
        "auth",
        "--because",
        "Robots guess.",
    )
    assert dies("rename", 1, *arguments, cwd=root, env=os.environ)
    assert (root / "openspec/changes/lock-accounts").is_dir()
    made = asyncio.run(DocumentManager().create_proposal("Lock accounts", id="lock-accounts", capabilities=["auth"]))
    assert (made.state, made.change) == ("written", "lock-accounts")
