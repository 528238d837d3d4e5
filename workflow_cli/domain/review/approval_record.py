"""What an approval's file says: the decision, and enough about the draft to know it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.draft import Author, DirectoryMove, Draft, content_hash, hash_of
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import FileRevision

#: For drafts that touch no change, or several, or one that is not there yet.
COMMON_DIRECTORY = "openspec/approvals"

_CHANGE = re.compile(r"(openspec/changes/(?!archive(?:/|\Z))[^/]+)(?:/.*)?")
_APPROVAL = re.compile(r"openspec/(?:changes/(?:archive/)?[^/]+/)?approvals/[^/]+\.yaml")


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalRecord:
    """`files` and `moves` are the draft's; its hash is one over them, so that neither changes unseen."""

    approval: Approval
    author: Author
    operations: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    files: tuple[FileRevision, ...] = ()
    moves: tuple[DirectoryMove, ...] = ()

    @property
    def is_approved(self) -> bool:
        return self.approval.decision is Decision.APPROVED

    @property
    def is_whole(self) -> bool:
        """Whether the hash is that of the files and moves beside it."""
        hashes = [(file.path, file.before, file.after) for file in self.files]
        return self.approval.draft == hash_of(hashes, self.moves)


def record_of(draft: Draft, approval: Approval, reasons: Sequence[Reason]) -> ApprovalRecord:
    return ApprovalRecord(
        approval=approval,
        author=draft.author,
        operations=draft.operations,
        reasons=tuple(reasons),
        files=tuple(
            FileRevision(path=f.path, before=content_hash(f.before), after=content_hash(f.after)) for f in draft.files
        ),
        moves=draft.moves,
    )


def change_of(draft: Draft) -> str | None:
    """The directory of the one change that a draft is about; None where there is none, or several."""
    # A file that lies beside the directories of changes, such as a list of them, belongs to none.
    paths = [*(file.path.rpartition("/")[0] for file in draft.files), *(move.source for move in draft.moves)]
    directories = {match[1] for path in paths if (match := _CHANGE.fullmatch(path))}
    return directories.pop() if len(directories) == 1 else None


def approval_paths(draft: Draft) -> tuple[str, ...]:
    """Where the approval of a draft may lie, the place in its change first."""
    change = change_of(draft)
    directories = ([f"{change}/approvals"] if change else []) + [COMMON_DIRECTORY]
    return tuple(f"{directory}/{draft.id}.yaml" for directory in directories)


def is_approval_path(path: str) -> bool:
    return _APPROVAL.fullmatch(path) is not None
