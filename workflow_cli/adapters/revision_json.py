"""A revision as the text that the history keeps, and the hash that chains it to the one before."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove
from workflow_cli.domain.review.revision import FileRevision, Revision

#: What stands for the predecessor of the first revision.
NO_PREDECESSOR = "0" * 64

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def body_of(revision: Revision) -> str:
    """Everything but the id, as JSON that is always the same for the same revision."""
    approval = revision.approval
    body = {
        "number": revision.number,
        "at": revision.at,
        "author": [revision.author.kind.value, revision.author.name],
        "files": [[f.path, f.before, f.after] for f in revision.files],
        "moves": [[m.source, m.target] for m in revision.moves],
        "operations": list(revision.operations),
        "because": revision.because,
        "draft": revision.draft,
        "approval": approval and [approval.draft, approval.decision.value, approval.by, approval.because, approval.at],
        "reasons": list(revision.reasons),
        "provenance": dict(revision.provenance),
    }
    return _encode(body)


def id_of(body: str, predecessor: str) -> str:
    """SHA-256 over the predecessor's id and the revision's text, as hex."""
    return hashlib.sha256(f"{predecessor}\n{body}".encode()).hexdigest()


def revision_from(id: str, text: str) -> Revision:
    """The revision again. Raises ValueError where the text is none."""
    try:
        body: dict[str, Any] = json.loads(text)
        approval = body["approval"]
        kind, name = body["author"]
        return Revision(
            number=body["number"],
            id=id,
            at=body["at"],
            author=Author(kind=AuthorKind(kind), name=name),
            files=tuple(FileRevision(path=path, before=before, after=after) for path, before, after in body["files"]),
            moves=tuple(DirectoryMove(source=source, target=target) for source, target in body["moves"]),
            operations=tuple(body["operations"]),
            because=body["because"],
            draft=body["draft"],
            approval=approval and _approval_from(*approval),
            reasons=tuple(body["reasons"]),
            provenance=body["provenance"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a revision: {error!r}") from error


def _approval_from(draft: str, decision: str, by: str, because: str, at: str) -> Approval:
    return Approval(draft=draft, decision=Decision(decision), by=by, because=because, at=at)
