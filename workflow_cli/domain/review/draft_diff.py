"""A draft as a unified diff."""

from __future__ import annotations

from workflow_cli.domain.markdown.diff import unified_diff
from workflow_cli.domain.review.draft import Draft


def draft_diff(draft: Draft) -> str:
    """All files in their order, then a line for each directory that moves; empty for an empty draft.

    Undecodable bytes become lone surrogates (`surrogateescape`).
    """
    parts = [
        unified_diff(
            file.before or b"",
            file.after or b"",
            before_name="/dev/null" if file.before is None else f"a/{file.path}",
            after_name="/dev/null" if file.after is None else f"b/{file.path}",
        )
        for file in draft.files
    ]
    parts += [f"move {move.source} => {move.target}\n" for move in draft.moves]
    return "".join(parts)
