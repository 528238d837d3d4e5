"""Drafts and approvals kept in memory, beside documents kept in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tests.fakes.documents import DocumentsInMemory
from workflow_cli.adapters import approval_files
from workflow_cli.domain.review.approval_record import ApprovalRecord, is_approval_path
from workflow_cli.domain.review.draft import Draft


class DraftsInMemory:
    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}

    def save(self, draft: Draft, *, at: str) -> None:
        self.kept.setdefault(draft.id, draft)

    def load(self, id: str) -> Draft | None:
        return next((draft for draft in self.kept.values() if draft.hash.startswith(id)), None)

    def ids(self) -> Sequence[str]:
        return list(self.kept)

    def drop(self, id: str) -> None:
        self.kept.pop(id, None)


class ApprovalsInMemory:
    """The approvals among documents kept in memory, in their real form."""

    def __init__(self, documents: DocumentsInMemory) -> None:
        self._documents = documents

    def paths(self) -> Sequence[str]:
        return sorted(path for path in self._documents.files if is_approval_path(path))

    def parse(self, data: bytes, path: str) -> ApprovalRecord:
        return approval_files.parse(data, path)

    def render(self, record: ApprovalRecord) -> bytes:
        return approval_files.render(record)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC)

    def elapsed(self) -> float:
        return 0.0


class ReferenceInMemory:
    """`base` is the tree as the branch left it; `commits` are trees in between."""

    def __init__(
        self, documents: DocumentsInMemory, base: dict[str, bytes], commits: Sequence[dict[str, bytes]] = ()
    ) -> None:
        self._documents = documents
        self._base = base
        self._commits = commits

    def changed(self) -> Sequence[str]:
        now = self._documents.files
        return sorted(path for path in now.keys() | self._base.keys() if now.get(path) != self._base.get(path))

    def content(self, path: str) -> bytes | None:
        return self._base.get(path)

    def between(self, path: str) -> list[bytes]:
        return [tree[path] for tree in self._commits if path in tree]

    def authors(self, paths: Sequence[str]) -> list[str]:
        return []
