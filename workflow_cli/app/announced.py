"""What the deltas of an archived change say they do, so that it needs no second approval."""

from __future__ import annotations

import re
from collections.abc import Callable

from workflow_cli.domain.openspec.document import shared_document
from workflow_cli.domain.review.draft import Draft
from workflow_cli.domain.review.meaning.subject import SPEC_PATH, Announced, announced

_CHANGE = re.compile(r"openspec/changes/(?!archive/|archive\Z)[^/]+")
_ARCHIVED = re.compile(r"openspec/changes/archive/[^/]+")


def announced_by_moves(draft: Draft, read: Callable[[str], bytes | None]) -> Announced:
    """The requirements that the deltas of a change name which the draft moves into the archive, or out of it."""
    found: dict[str, frozenset[str]] = {}
    for move in draft.moves:
        into = _CHANGE.fullmatch(move.source) and _ARCHIVED.fullmatch(move.target)
        out = _ARCHIVED.fullmatch(move.source) and _CHANGE.fullmatch(move.target)
        if not into and not out:
            continue
        for file in draft.files:
            spec = SPEC_PATH.fullmatch(file.path)
            path = f"{move.source}/specs/{spec['id']}/spec.md" if spec else None
            data = read(path) if path else None
            if path is not None and data is not None:
                names = announced(file.path, [shared_document(path, data)])
                found[file.path] = found.get(file.path, frozenset()) | names
    return found
