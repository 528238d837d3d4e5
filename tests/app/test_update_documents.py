"""Documents updated through the one write path."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.fakes.documents import DocumentsInMemory
from workflow_cli.app.update_documents import Prepared, Request, UpdateDocuments
from workflow_cli.app.update_plan import plan_from_json, plan_of, plan_to_json
from workflow_cli.domain.openspec.edits.parse import parse_operations
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft
from workflow_cli.domain.review.policy import Reason
from workflow_cli.errors import AddressNotFound, EditRefused, StaleDocument, UsageError

TASKS = "openspec/changes/add-login/tasks.md"
DELTA = "openspec/changes/add-login/specs/auth/spec.md"
MAIN = "openspec/specs/auth/spec.md"
SPEC = b"""\
# auth

## Purpose
Lets people in.

## Requirements

### Requirement: Login
The system SHALL let people in.

#### Scenario: Good
- WHEN a
- THEN b
"""
LIST = b"## 1. One\n\n- [ ] 1.1 a\n- [ ] 1.2 b\n\n## 2. Two\n\n- [ ] 2.1 c\n"


@pytest.fixture
def documents() -> DocumentsInMemory:
    return DocumentsInMemory({TASKS: LIST, MAIN: SPEC})


def someone(documents: DocumentsInMemory, **more: object) -> UpdateDocuments:
    author = Author(kind=AuthorKind.PERSON, name="Ada <ada@example.org>")
    return UpdateDocuments(documents=documents, author=author, because="it is time", **more)  # type: ignore[arg-type]


def request(path: str, *items: dict[str, object]) -> Request:
    return Request(path=path, operations=tuple(parse_operations(list(items))))


def check(task: str) -> dict[str, object]:
    return {"op": "check-task", "task": task}


def test_an_update_is_one_revision_over_all_its_documents(documents: DocumentsInMemory) -> None:
    """Who, why and what are in it."""
    updated = someone(documents).update(
        [
            request(TASKS, check("1.1")),
            request(MAIN, {"op": "set-section", "section": "Purpose", "text": "Lets them in."}),
        ]
    )
    assert updated.revision is not None
    assert [file.path for file in updated.revision.files] == [TASKS, MAIN]
    assert updated.revision.author.name == "Ada <ada@example.org>"
    assert updated.revision.because == "it is time"
    assert updated.revision.operations == ("check task 1.1", 'set the section "Purpose"')
    assert documents.files[TASKS] == LIST.replace(b"[ ] 1.1", b"[x] 1.1")
    assert documents.files[MAIN] == SPEC.replace(b"people in.\n\n## R", b"them in.\n\n## R")


def test_two_requests_for_one_document_are_one_edit_of_it(documents: DocumentsInMemory) -> None:
    """The second sees what the first did."""
    someone(documents).update([request(TASKS, check("1.1")), request(TASKS, check("1.2"))])
    assert documents.files[TASKS] == LIST.replace(b"[ ] 1.", b"[x] 1.")
    assert len(documents.history) == 1


def test_nothing_to_do_leaves_no_revision(documents: DocumentsInMemory) -> None:
    """The history tells what changed."""
    someone(documents).update([request(TASKS, check("1.1"))])
    again = someone(documents).update([request(TASKS, check("1.1"))])
    assert again.revision is None
    assert not again.waiting
    assert again.prepared.unchanged == [f"{TASKS}: task 1.1 is done already"]
    assert len(documents.history) == 1


def test_one_refusal_writes_nothing_at_all(documents: DocumentsInMemory) -> None:
    """Not even the documents that could have been changed."""
    before = dict(documents.files)
    with pytest.raises(AddressNotFound):
        someone(documents).update([request(TASKS, check("1.1")), request(TASKS, check("9.9"))])
    assert documents.files == before
    assert documents.history == []


def test_a_document_of_a_change_may_be_new_and_a_main_spec_may_not(documents: DocumentsInMemory) -> None:
    """New capabilities come with changes."""
    item = {"op": "add-requirement", "name": "Reset", "text": "It SHALL."}
    someone(documents).update([request(DELTA, item)])
    assert documents.files[DELTA] == b"## ADDED Requirements\n\n### Requirement: Reset\nIt SHALL.\n"
    with pytest.raises(EditRefused, match="no such document"):
        someone(documents).update([request("openspec/specs/new/spec.md", item)])


def test_a_delta_is_written_with_its_main_spec_in_view(documents: DocumentsInMemory) -> None:
    """So that MODIFIED holds the whole requirement."""
    item = {"op": "modify-requirement", "requirement": "Login", "text": "The system MUST let people in."}
    someone(documents).update([request(DELTA, item)])
    block = SPEC[SPEC.index(b"### Requirement") :].replace(b"SHALL", b"MUST")
    assert documents.files[DELTA] == b"## MODIFIED Requirements\n\n" + block


def reasons(draft: Draft) -> Sequence[Reason]:
    return [Reason(rule="any", path=draft.files[0].path, line=1, message="a person must look")]


def test_what_needs_an_approval_waits_for_it(documents: DocumentsInMemory) -> None:
    """Nothing is written, and the reasons are told."""
    waiting = someone(documents, needs_approval=reasons).update([request(TASKS, check("1.1"))])
    assert waiting.waiting
    assert [reason.rule for reason in waiting.prepared.reasons] == ["any"]
    assert documents.files[TASKS] == LIST


def test_what_is_approved_is_written_with_its_approval(documents: DocumentsInMemory) -> None:
    """The revision keeps who said yes, and to which rules."""

    def approved(draft: Draft) -> Approval:
        return Approval(
            draft=draft.hash, decision=Decision.APPROVED, by="Bo", because="fine", at="2026-01-01T00:00:00Z"
        )

    updated = someone(documents, needs_approval=reasons, approval_of=approved).update([request(TASKS, check("1.1"))])
    assert updated.revision is not None
    assert updated.revision.reasons == ("any",)
    assert updated.revision.approval is not None
    assert updated.revision.approval.by == "Bo"


def test_a_no_writes_nothing(documents: DocumentsInMemory) -> None:
    """Whoever looks at the draft first may decline it."""
    declined = someone(documents).update([request(TASKS, check("1.1"))], confirm=lambda _: False)
    assert declined.declined
    assert documents.files[TASKS] == LIST


def test_a_document_that_changes_while_it_is_looked_at_is_not_written(documents: DocumentsInMemory) -> None:
    """The yes was to another text."""

    def meanwhile(_: Prepared) -> bool:
        documents.files[TASKS] += b"- [ ] 2.2 d\n"
        return True

    with pytest.raises(StaleDocument):
        someone(documents).update([request(TASKS, check("1.1"))], confirm=meanwhile)
    assert b"[x]" not in documents.files[TASKS]


# --- plans ------------------------------------------------------------------------------------------------


def planned(documents: DocumentsInMemory, *requests: Request) -> bytes:
    return plan_to_json(plan_of(someone(documents).prepare(requests)))


def apply(documents: DocumentsInMemory, plan: bytes) -> bool:
    return someone(documents).apply(plan_from_json(plan, "plan.json")).revision is not None


def test_a_plan_is_committed_as_it_was_made(documents: DocumentsInMemory) -> None:
    """Making it writes nothing; applying it writes it all, and a second time nothing."""
    before = dict(documents.files)
    plan = planned(documents, request(TASKS, check("1.1"), {"op": "add-task", "text": "New"}))
    assert documents.files == before
    assert apply(documents, plan)
    assert documents.files[TASKS] == LIST.replace(b"[ ] 1.1", b"[x] 1.1") + b"- [ ] 2.2 New\n"
    assert not apply(documents, plan)


@pytest.mark.parametrize(
    ("other", "instead"),
    [(b"1.2 b", b"1.2 better"), (b"## 1. One", b"An opening.\n\n## 1. One"), (b"[ ] 2.1", b"[x] 2.1")],
)
def test_a_change_elsewhere_in_the_document_does_no_harm(
    documents: DocumentsInMemory, other: bytes, instead: bytes
) -> None:
    """Both edits are in the document afterwards."""
    plan = planned(documents, request(TASKS, check("1.1"), {"op": "add-task", "text": "New"}))
    documents.files[TASKS] = LIST.replace(other, instead)
    assert apply(documents, plan)
    expected = LIST.replace(other, instead).replace(b"[ ] 1.1", b"[x] 1.1") + b"- [ ] 2.2 New\n"
    assert documents.files[TASKS] == expected


@pytest.mark.parametrize(
    ("other", "instead"),
    [
        (b"- [ ] 2.1 c\n", b"- [ ] 2.1 c\n- [ ] 2.2 d\n"),
        (b"- [ ] 1.1 a\n", b""),
        (b"- [ ] 1.1 a\n", b"- [x] 1.1 a\n"),
        (b"- [ ] 1.1 a\n", b"- [ ] 1.1 a\n- [ ] 1.1 z\n"),
        (b"## 2. Two", b"## 2. Second"),
    ],
)
def test_a_change_of_the_same_text_makes_a_plan_stale(
    documents: DocumentsInMemory, other: bytes, instead: bytes
) -> None:
    """Status 5, and nothing is written."""
    plan = planned(documents, request(TASKS, check("1.1"), {"op": "add-task", "text": "New"}))
    documents.files[TASKS] = LIST.replace(other, instead)
    with pytest.raises(StaleDocument) as caught:
        apply(documents, plan)
    assert caught.value.exit_code == 5
    assert documents.files[TASKS] == LIST.replace(other, instead)


def test_the_same_insertion_under_another_heading_is_not_the_same_edit(documents: DocumentsInMemory) -> None:
    """What was reviewed there is not committed here."""
    documents.files[TASKS] = b"## One\n\n- [ ] a\n"
    plan = planned(documents, request(TASKS, {"op": "add-task", "text": "New"}))
    documents.files[TASKS] += b"\n## Two\n\n- [ ] b\n"
    with pytest.raises(StaleDocument):
        apply(documents, plan)


def test_a_plan_for_a_new_document_is_stale_once_there_is_one(documents: DocumentsInMemory) -> None:
    """Unless the edit is the same there."""
    item = {"op": "add-requirement", "name": "Reset", "text": "It SHALL."}
    plan = planned(documents, request(DELTA, item))
    documents.files[DELTA] = b"## ADDED Requirements\n\n### Requirement: Other\nIt SHALL.\n"
    with pytest.raises(StaleDocument):
        apply(documents, plan)


def test_a_plan_that_somebody_wrote_into_is_refused(documents: DocumentsInMemory) -> None:
    """Its text must be what its operations make."""
    plan = planned(documents, request(TASKS, check("1.1")))
    with pytest.raises(EditRefused, match="not what its operations make"):
        apply(documents, plan.replace(b"[ ] 1.2 b\\n\\n## 2", b"[x] 1.2 b\\n\\n## 2"))
    assert documents.files[TASKS] == LIST


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"kind": "workflow-update-plan", "schema": 2}',
        b'{"kind": "workflow-update-plan", "schema": 1, "files": []}',
        b'{"kind": "workflow-update-plan", "schema": 1, "files": [{"path": "openspec/../x.md"}]}',
        b'{"kind": "workflow-update-plan", "schema": 1, "files": [{"path": "openspec/x.md", "base": null,'
        b' "operations": [], "changes": [{}], "text": ""}]}',
    ],
)
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    """Status 2 with what is wrong."""
    with pytest.raises(UsageError):
        plan_from_json(data, "plan.json")


def test_a_plan_keeps_bytes_that_are_not_utf_8(documents: DocumentsInMemory) -> None:
    """In base64."""
    documents.files[TASKS] = b"- [ ] 1.1 \xff\n"
    plan = planned(documents, request(TASKS, check("1.1")))
    assert apply(documents, plan)
    assert documents.files[TASKS] == b"- [x] 1.1 \xff\n"
