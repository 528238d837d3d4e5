"""Drafts that need a person: kept, approved, rejected, committed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.documents import DocumentsInMemory
from tests.fakes.review import ApprovalsInMemory, DraftsInMemory, FixedClock
from workflow_cli.adapters import approval_files
from workflow_cli.app.review_drafts import ReviewDrafts
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, Draft, FileChange, draft_of
from workflow_cli.domain.review.policy import Policy
from workflow_cli.errors import DraftRejected, StaleDocument, UsageError

MARA = Author(kind=AuthorKind.PERSON, name="Mara <mara@example.org>")
JO = Author(kind=AuthorKind.PERSON, name="Jo <jo@example.org>")
MODEL = Author(kind=AuthorKind.MODEL, name="qwen")
SPEC = "openspec/specs/auth/spec.md"
TASKS = "openspec/changes/add-login/tasks.md"
TEXT = """\
# auth

## Purpose
Says who comes in.

## Requirements

### Requirement: Expiry
A session SHALL end after 30 minutes.

#### Scenario: Idle
- **WHEN** it idles
- **THEN** it ends
"""


@pytest.fixture
def documents() -> DocumentsInMemory:
    return DocumentsInMemory(
        {
            SPEC: TEXT.encode(),
            TASKS: b"- [ ] 1.1 a\n",
            "openspec/changes/add-login/proposal.md": b"# Change: x\n",
        }
    )


@pytest.fixture
def review(documents: DocumentsInMemory) -> ReviewDrafts:
    return ReviewDrafts(
        documents=documents,
        drafts=DraftsInMemory(),
        approvals=ApprovalsInMemory(documents),
        policy=Policy(),
        clock=FixedClock(),
    )


def longer(documents: DocumentsInMemory, author: Author = MARA) -> Draft:
    before = documents.files[SPEC]
    change = FileChange(path=SPEC, before=before, after=before.replace(b"30 minutes", b"60 minutes"))
    return draft_of([change], author=author, operations=["change the statement of Expiry"])


def ticked(author: Author = MARA) -> Draft:
    return draft_of([FileChange(path=TASKS, before=b"- [ ] 1.1 a\n", after=b"- [x] 1.1 a\n")], author=author)


def test_what_needs_nobody_is_committed_at_once(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """No draft is kept, no approval written."""
    submitted = review.submit(ticked())
    assert not submitted.waiting
    assert submitted.revision is not None
    assert submitted.revision.approval is None
    assert documents.files[TASKS] == b"- [x] 1.1 a\n"
    assert review.waiting() == []


def test_what_needs_a_person_waits_and_nothing_is_written(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """It is kept once, however often it is submitted."""
    draft = longer(documents)
    for _ in range(2):
        submitted = review.submit(draft)
        assert submitted.waiting
        assert [reason.rule for reason in submitted.reasons] == ["number-changed"]
    assert documents.files[SPEC] == TEXT.encode()
    assert documents.history == []
    assert [(w.draft, w.state) for w in review.waiting()] == [(draft, "waiting")]


def test_an_approved_draft_is_committed_with_its_approval(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """The approval is a document with a revision of its own; the draft's revision holds it and the reasons."""
    draft = longer(documents)
    review.submit(draft)
    decided = review.approve(draft.id, by=JO, because="agreed with support")
    assert decided.path == f"openspec/approvals/{draft.id}.yaml"
    assert documents.files[SPEC].count(b"60 minutes") == 1
    recorded, committed = documents.history
    assert recorded.author == JO
    assert recorded.provenance == {"approves": draft.hash}
    assert committed.author == MARA
    assert committed.reasons == ("number-changed",)
    assert committed.approval == decided.record.approval
    assert (committed.approval.draft, committed.approval.by) == (draft.hash, JO.name)
    assert review.waiting() == []


def test_the_approval_of_a_draft_in_a_change_lies_in_the_change(
    review: ReviewDrafts, documents: DocumentsInMemory
) -> None:
    """And says in words what it is about."""
    draft = ticked(MODEL)
    review.submit(draft)
    path = f"openspec/changes/add-login/approvals/{draft.id}.yaml"
    assert review.approve(draft.id, by=JO, because="right").path == path
    record = approval_files.parse(documents.files[path], path)
    assert record.is_whole
    assert record.author == MODEL
    assert [(r.rule, r.message) for r in record.reasons] == [("model-written", "written by the model qwen")]


def test_the_approval_of_a_change_that_is_not_there_yet_lies_elsewhere(
    review: ReviewDrafts, documents: DocumentsInMemory
) -> None:
    """A directory with an approval and nothing else would look like a change, above all after a no."""
    path = "openspec/changes/new/proposal.md"
    draft = draft_of([FileChange(path=path, before=None, after=b"# Change: n\n")], author=MODEL)
    review.submit(draft)
    assert review.reject(draft.id, by=JO, because="not now").path == f"openspec/approvals/{draft.id}.yaml"
    assert not any(name.startswith("openspec/changes/new/") for name in documents.files)


def test_an_approval_may_come_before_the_commit(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """Recorded only; the same draft is then committed whenever it is submitted again."""
    draft = longer(documents)
    review.submit(draft)
    assert review.approve(draft.id, by=JO, because="yes", commit=False).revision is None
    assert documents.files[SPEC] == TEXT.encode()
    assert review.show(draft.id).state == "approved"
    submitted = review.submit(longer(documents))
    assert submitted.revision is not None
    assert submitted.revision.approval is not None


def test_an_approval_is_void_for_any_other_text(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """One letter more, and it is another draft."""
    draft = longer(documents)
    review.submit(draft)
    review.approve(draft.id, by=JO, because="yes", commit=False)
    (file,) = draft.files
    assert file.after is not None
    other = draft_of([replace(file, after=file.after + b" ")], author=MARA)
    assert review.submit(other).waiting
    path = f"openspec/approvals/{draft.id}.yaml"
    documents.files[f"openspec/approvals/{other.id}.yaml"] = documents.files[path].replace(
        draft.hash.encode(), other.hash.encode()
    )
    assert review.submit(other).waiting, "a copied approval with another hash is none"


def test_an_approval_is_void_once_the_base_moved(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """Nothing is written, the approval neither."""
    draft = longer(documents)
    review.submit(draft)
    documents.files[SPEC] += b"\n"
    assert review.show(draft.id).state == "stale"
    with pytest.raises(StaleDocument):
        review.approve(draft.id, by=JO, because="yes")
    assert documents.history == []


def test_a_rejected_draft_is_refused_with_the_reason(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """Until somebody approves it after all."""
    draft = longer(documents)
    review.submit(draft)
    review.reject(draft.id, by=JO, because="support needs 30")
    assert review.show(draft.id).state == "rejected"
    with pytest.raises(DraftRejected, match=r"Jo .* rejected .* support needs 30"):
        review.submit(draft)
    assert review.approve(draft.id, by=JO, because="they changed their mind").revision is not None


def test_models_and_rules_approve_nothing(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """Whoever wrote the draft."""
    draft = longer(documents)
    review.submit(draft)
    for kind in (AuthorKind.MODEL, AuthorKind.RULE):
        with pytest.raises(UsageError, match="only people"):
            review.approve(draft.id, by=Author(kind=kind, name="qwen"), because="fine")
    assert documents.history == []


def test_a_model_does_not_approve_its_own_draft_under_its_name(
    review: ReviewDrafts, documents: DocumentsInMemory
) -> None:
    """Not with `--as` either, and not by an approval file that it wrote by other means."""
    draft = longer(documents, MODEL)
    review.submit(draft)
    with pytest.raises(UsageError, match="wrote the draft"):
        review.approve(draft.id, by=Author(kind=AuthorKind.PERSON, name=" Qwen"), because="fine")
    review.approve(draft.id, by=JO, because="fine", commit=False)
    path = f"openspec/approvals/{draft.id}.yaml"
    documents.files[path] = documents.files[path].replace(b"Jo <jo@example.org>", b"qwen")
    assert review.submit(draft).waiting


def test_a_person_may_approve_their_own_draft_unless_the_policy_says_otherwise(
    review: ReviewDrafts, documents: DocumentsInMemory
) -> None:
    """By address, where there is one."""
    draft = longer(documents)
    review.submit(draft)
    strict = replace(review, policy=Policy(other_person=True))
    same = Author(kind=AuthorKind.PERSON, name="M. <MARA@example.org>")
    with pytest.raises(UsageError, match="somebody else"):
        strict.approve(draft.id, by=same, because="mine")
    assert review.approve(draft.id, by=same, because="mine").revision is not None


@pytest.mark.parametrize("id", ["", "zz", "..", "*", "0000", "../../etc"])
def test_an_unknown_draft_is_named(review: ReviewDrafts, id: str) -> None:
    """And nothing but the beginning of a hash is looked for."""
    with pytest.raises(UsageError, match="no draft"):
        review.show(id)


def test_a_decision_needs_a_reason(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """White space is none."""
    draft = longer(documents)
    review.submit(draft)
    with pytest.raises(UsageError, match="need a reason"):
        review.approve(draft.id, by=JO, because="  ")


def test_archiving_needs_none_for_what_the_change_announces(review: ReviewDrafts, documents: DocumentsInMemory) -> None:
    """What its delta names was decided with it; what it does not name was not. The same holds on the way back."""
    delta = "## MODIFIED Requirements\n\n" + TEXT[TEXT.index("### Requirement") :].replace("30", "60")
    documents.files["openspec/changes/add-login/specs/auth/spec.md"] = delta.encode()
    move = DirectoryMove(source="openspec/changes/add-login", target="openspec/changes/archive/2026-03-01-add-login")
    (file,) = longer(documents).files
    assert review.needs_approval(draft_of([file], author=MARA)) != ()
    archive = draft_of([file], author=MARA, moves=[move])
    assert review.needs_approval(archive) == ()
    documents.commit(archive)
    back = draft_of(
        [FileChange(path=SPEC, before=file.after, after=file.before)],
        author=MARA,
        moves=[DirectoryMove(source=move.target, target=move.source)],
    )
    assert review.needs_approval(back) == ()
    elsewhere = replace(file, path="openspec/specs/other/spec.md")
    assert review.needs_approval(draft_of([elsewhere], author=MARA, moves=[move])) != ()
