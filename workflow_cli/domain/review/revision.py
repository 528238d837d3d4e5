"""What one commit left in the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflow_cli.domain.review.approval import Approval
from workflow_cli.domain.review.draft import Author, DirectoryMove


@dataclass(frozen=True, kw_only=True, slots=True)
class FileRevision:
    """`before` and `after` are content hashes; None means no file. `path` is the one before any move."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """`number` counts from 1 without gaps. `id` is a hash over the revision and its predecessor's id, so that
    nothing in the history can be changed unseen. `at` is RFC 3339, UTC. `draft` is the hash of the draft, and
    `reasons` are the rules for which it needed approval.
    """

    number: int
    id: str
    at: str
    author: Author
    files: tuple[FileRevision, ...]
    moves: tuple[DirectoryMove, ...] = ()
    operations: tuple[str, ...] = ()
    because: str | None = None
    draft: str
    approval: Approval | None = None
    reasons: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
