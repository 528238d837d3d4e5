"""What `workflow review --check` finds uncovered."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.fakes.documents import DocumentsInMemory
from tests.fakes.review import ApprovalsInMemory, DraftsInMemory, FixedClock, ReferenceInMemory
from workflow_cli.app.check_approvals import CheckApprovals
from workflow_cli.app.review_drafts import ReviewDrafts
from workflow_cli.domain.review.draft import Author, AuthorKind, FileChange, draft_of
from workflow_cli.domain.review.policy import Policy

MARA = Author(kind=AuthorKind.PERSON, name="Mara <mara@example.org>")
MODEL = Author(kind=AuthorKind.MODEL, name="qwen")
SPEC = "openspec/specs/auth/spec.md"
TEXT = b"""\
# auth

## Requirements

### Requirement: Expiry
A session SHALL end after 30 minutes.

#### Scenario: Idle
- **WHEN** it idles
- **THEN** it ends
"""


class Branch:
    """A tree, the state it was left in by others, and what happens to it."""

    def __init__(self) -> None:
        self.documents = DocumentsInMemory({SPEC: TEXT})
        self.base = dict(self.documents.files)
        self.commits: list[dict[str, bytes]] = []
        self.review = ReviewDrafts(
            documents=self.documents,
            drafts=DraftsInMemory(),
            approvals=ApprovalsInMemory(self.documents),
            policy=Policy(),
            clock=FixedClock(),
        )

    def edit(self, old: bytes, new: bytes) -> None:
        """By hand."""
        self.documents.files[SPEC] = self.documents.files[SPEC].replace(old, new)

    def approved(self, old: bytes, new: bytes, author: Author = MARA) -> str:
        """Through draft and review; the approval's path."""
        before = self.documents.files[SPEC]
        draft = draft_of([FileChange(path=SPEC, before=before, after=before.replace(old, new))], author=author)
        assert self.review.submit(draft).waiting
        return self.review.approve(draft.id, by=MARA, because="agreed").path

    def commit(self) -> None:
        self.commits.append(dict(self.documents.files))

    def check(self, *, elsewhere: bool = False) -> Sequence[str]:
        """The rules of what is uncovered; `elsewhere` in a checkout without the history."""
        return [finding.rule for finding in self.checker(elsewhere=elsewhere).run().findings]

    def checker(self, *, elsewhere: bool = False, git: bool = True) -> CheckApprovals:
        documents = DocumentsInMemory(self.documents.files) if elsewhere else self.documents
        return CheckApprovals(
            documents=documents,
            approvals=ApprovalsInMemory(documents),
            policy=Policy(),
            reference=ReferenceInMemory(documents, self.base, self.commits) if git else None,
            base="main" if git else None,
        )


@pytest.fixture
def branch() -> Branch:
    return Branch()


def test_a_tree_as_it_was_is_covered(branch: Branch) -> None:
    """And one with edits that need nobody."""
    assert branch.check() == []
    branch.edit(b"it ends", b"it ends at once")
    assert branch.check() == []


def test_an_edit_by_hand_is_uncovered(branch: Branch) -> None:
    """At its line, with what to do."""
    branch.edit(b"30 minutes", b"60 minutes")
    (finding,) = branch.checker().run().findings
    assert (finding.rule, finding.path, finding.line) == ("number-changed", SPEC, 6)
    assert "after 30 minutes → after 60 minutes" in finding.message
    assert finding.hint == 'workflow review approve --base main --because "..."'


@pytest.mark.parametrize("elsewhere", [False, True])
def test_an_approved_edit_is_covered(branch: Branch, elsewhere: bool) -> None:
    """With the history, and from the approval's file alone."""
    branch.approved(b"30 minutes", b"60 minutes")
    assert branch.check(elsewhere=elsewhere) == []
    report = branch.checker(elsewhere=elsewhere).run()
    assert (report.approvals, report.covered) == (1, 1)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_another_edit_after_the_approval_voids_it(branch: Branch, elsewhere: bool) -> None:
    """If that edit needs an approval of its own."""
    branch.approved(b"30 minutes", b"60 minutes")
    branch.edit(b"60 minutes", b"90 minutes")
    branch.commit()
    assert branch.check(elsewhere=elsewhere) == ["number-changed", "approval-void"]


def test_a_harmless_edit_after_the_approval_leaves_it_valid(branch: Branch) -> None:
    """As long as the approved text is known, from the history or from a commit."""
    branch.approved(b"30 minutes", b"60 minutes")
    branch.commit()
    branch.edit(b"it ends", b"it ends at once")
    assert branch.check() == []
    assert branch.check(elsewhere=True) == []
    branch.commits.clear()
    assert branch.check(elsewhere=True) == ["number-changed", "approval-void"]


def test_approvals_follow_each_other(branch: Branch) -> None:
    """From what the branch left to what is there, with harmless edits between them."""
    branch.approved(b"30 minutes", b"60 minutes")
    branch.edit(b"it ends", b"it ends at once")
    branch.commit()
    branch.approved(b"SHALL end", b"SHOULD end")
    assert branch.check() == []


def test_an_unapproved_edit_under_an_approved_one_is_uncovered(branch: Branch) -> None:
    """The approval was about the second step only."""
    branch.edit(b"30 minutes", b"60 minutes")
    branch.commit()
    branch.approved(b"SHALL end", b"SHOULD end")
    assert set(branch.check(elsewhere=True)) == {"number-changed", "keyword-weakened"}


def test_approving_what_is_there_covers_it(branch: Branch) -> None:
    """For edits made by hand and read afterwards."""
    branch.edit(b"30 minutes", b"60 minutes")
    draft, reasons = branch.checker().uncovered_difference("Jo")
    branch.review.approve_as_it_is(draft, reasons, by=MARA, because="read it")
    assert branch.check() == []
    assert branch.check(elsewhere=True) == []
    assert branch.checker().uncovered_difference("Jo")[0].is_empty


def test_an_edited_approval_is_no_approval(branch: Branch) -> None:
    """Its hash binds it to the files and texts it names."""
    path = branch.approved(b"30 minutes", b"60 minutes")
    branch.edit(b"60 minutes", b"90 minutes")
    good = branch.documents.files[path]
    from workflow_cli.domain.review.draft import content_hash

    now = content_hash(branch.documents.files[SPEC])
    after = content_hash(TEXT.replace(b"30 minutes", b"60 minutes"))
    branch.documents.files[path] = good.replace(str(after).encode(), str(now).encode())
    assert branch.check(elsewhere=True) == ["approval-broken", "number-changed"]
    branch.documents.files[path] = b"decision: [approved\n"
    assert branch.check(elsewhere=True) == ["approval-broken", "number-changed"]


def test_old_approvals_stay_as_they_were(branch: Branch) -> None:
    """They may move with their change, but not be edited or taken away; later edits do not concern them."""
    path = branch.approved(b"30 minutes", b"60 minutes")
    branch.base = dict(branch.documents.files)
    assert branch.check() == []
    branch.edit(b"it ends", b"it is closed")
    assert "approval-void" not in branch.check(elsewhere=True)
    branch.documents.files[path] += b"# seen\n"
    assert "approval-altered" in branch.check(elsewhere=True)
    del branch.documents.files[path]
    assert "approval-altered" in branch.check(elsewhere=True)


def test_an_approval_moves_with_its_change_into_the_archive(branch: Branch) -> None:
    """The same file in another place."""
    here, there = "openspec/changes/a/approvals/x.yaml", "openspec/changes/archive/2026-03-01-a/approvals/x.yaml"
    branch.approved(b"30 minutes", b"60 minutes")
    (path,) = [p for p in branch.documents.files if "approvals" in p]
    data = branch.documents.files.pop(path)
    branch.base = {**branch.documents.files, here: data}
    branch.documents.files[there] = data
    assert branch.check() == []


def test_rejected_text_in_the_tree_is_found(branch: Branch) -> None:
    """Somebody wrote by hand what another had refused."""
    before = branch.documents.files[SPEC]
    draft = draft_of([FileChange(path=SPEC, before=before, after=before.replace(b"30", b"60"))], author=MARA)
    branch.review.submit(draft)
    branch.review.reject(draft.id, by=MARA, because="no")
    assert branch.check() == []
    branch.edit(b"30", b"60")
    assert branch.check() == ["number-changed", "rejected-text"]


def test_an_archived_change_covers_what_it_announces(branch: Branch) -> None:
    """Its deltas are new in the archive, and name the requirement."""
    branch.edit(b"30 minutes", b"60 minutes")
    delta = b"## MODIFIED Requirements\n\n" + TEXT[TEXT.index(b"### Requirement") :]
    branch.documents.files["openspec/changes/archive/2026-03-01-a/specs/auth/spec.md"] = delta
    assert branch.check() == []


def test_without_git_the_history_is_checked(branch: Branch) -> None:
    """Every revision that needed an approval must hold one for its own draft."""
    branch.approved(b"30 minutes", b"60 minutes", MODEL)
    assert branch.checker(git=False).run().findings == ()
    change = FileChange(path="openspec/changes/a/tasks.md", before=None, after=b"- [ ] a\n")
    branch.documents.commit(draft_of([change], author=MODEL))
    (finding,) = branch.checker(git=False).run().findings
    assert (finding.rule, finding.path) == ("model-written", "openspec/changes/a/tasks.md")
    assert "revision 3 by model qwen" in finding.message
