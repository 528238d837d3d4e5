"""Documents kept in memory: a working `Documents`, held to the same contract as the one on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workflow_cli.adapters.revision_json import NO_PREDECESSOR, body_of, id_of
from workflow_cli.domain.review.approval import Approval
from workflow_cli.domain.review.draft import Draft, content_hash
from workflow_cli.domain.review.path_history import place_after, touching
from workflow_cli.domain.review.revision import FileRevision, Revision
from workflow_cli.errors import DocumentError, StaleDocument


class DocumentsInMemory:
    """`files` may be changed at will, as if by somebody else."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files: dict[str, bytes] = dict(files or {})
        self.contents: dict[str, bytes] = {}
        self.history: list[Revision] = []

    def read(self, path: str) -> bytes | None:
        _check(path)
        return self.files.get(path)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        yield

    def check(self, draft: Draft) -> None:
        for change in draft.files:
            _check(change.path)
            if self.files.get(change.path) != change.before:
                raise StaleDocument("the file changed since it was read; nothing was written", where=change.path)
        for move in draft.moves:
            if not any(path.startswith(f"{move.source}/") for path in self.files):
                raise DocumentError("there is no such directory to move", where=move.source)
            if any(path == move.target or path.startswith(f"{move.target}/") for path in self.files):
                raise DocumentError("is there already, so nothing can be moved to it", where=move.target)

    def commit(self, draft: Draft, *, approval: Approval | None = None, reasons: Sequence[str] = ()) -> Revision:
        if draft.is_empty:
            raise ValueError("an empty draft has nothing to commit")
        if approval is not None and not approval.allows(draft):
            raise ValueError("the approval is not one of this draft")
        self.check(draft)
        for change in draft.files:
            self._keep(change.before)
            self._keep(change.after)
            if change.after is None:
                self.files.pop(change.path, None)
            else:
                self.files[change.path] = change.after
        self.files = {place_after(path, draft.moves): data for path, data in self.files.items()}
        number = len(self.history) + 1
        revision = Revision(
            number=number,
            id="",
            at=f"2026-01-01T00:00:00.{number:06d}Z",
            author=draft.author,
            files=tuple(
                FileRevision(path=c.path, before=content_hash(c.before), after=content_hash(c.after))
                for c in draft.files
                if c.before != c.after
            ),
            moves=draft.moves,
            operations=draft.operations,
            because=draft.because,
            draft=draft.hash,
            approval=approval,
            reasons=tuple(reasons),
            provenance=dict(draft.provenance),
        )
        predecessor = self.history[-1].id if self.history else NO_PREDECESSOR
        self.history.append(replace(revision, id=id_of(body_of(revision), predecessor)))
        return self.history[-1]

    def _keep(self, data: bytes | None) -> None:
        if data is not None:
            self.contents[str(content_hash(data))] = data

    def revisions(self, *, path: str | None = None) -> Sequence[Revision]:
        return list(self.history) if path is None else touching(self.history, path)

    def content(self, hash: str) -> bytes:
        try:
            return self.contents[hash]
        except KeyError:
            raise DocumentError(f"the history has no text {hash[:12]}") from None

    def verify(self) -> Sequence[str]:
        return []


def _check(path: str) -> None:
    if not path or any(part in ("", ".", "..") for part in path.split("/")) or "\0" in path:
        raise DocumentError("is no path from the root of the tree", where=path)
