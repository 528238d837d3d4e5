"""The last look before an edit is accepted: no heading elsewhere appeared, vanished or changed."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.openspec.edits.page import Page
from workflow_cli.errors import EditRefused


def refuse_moved_structure(before: Page, edits: Sequence[Edit], after: Page) -> None:
    """Raises EditRefused where a heading outside the edits is read in one version and not in the other.

    Both readings are compared, OpenSpec's and CommonMark's: text that opens a fence swallows what follows it
    in at least one of them.
    """
    for ours, theirs in zip(before.headings, after.headings, strict=True):
        expected = _outside(before, edits, {h.line for h in ours}, replaced=False)
        found = _outside(after, edits, {h.line for h in theirs}, replaced=True)
        if expected != found:
            line = min(set(expected) ^ set(found))
            raise EditRefused(
                "the edit would change what is a heading elsewhere in the document",
                where=f"{before.path}:{before.source.line_of(line) + 1}",
                hint="look for a code fence or comment there that is not closed",
            )


def _outside(page: Page, edits: Sequence[Edit], heading_lines: set[int], *, replaced: bool) -> list[int]:
    """Where headings begin that no edit touches, in bytes of the version before the edits."""
    ordered = sorted(edits, key=lambda e: (e.span.start, e.span.end))
    offsets = []
    for line in heading_lines:
        text = page.source.line_content(line)
        if replaced:
            offset = _before_edits(text.start, text.end, ordered)
        else:
            touched = any(edit.span.start < text.end and edit.span.end > text.start for edit in ordered)
            offset = None if touched else text.start
        if offset is not None:
            offsets.append(offset)
    return sorted(offsets)


def _before_edits(start: int, end: int, ordered: Sequence[Edit]) -> int | None:
    """Where bytes of the edited version were before; None where an edit made or touched them."""
    shift = 0
    for edit in ordered:
        new_start = edit.span.start + shift
        new_end = new_start + len(edit.replacement)
        if (new_start < end and new_end > start) or start < new_start < end:
            return None
        if new_end <= start:
            shift += len(edit.replacement) - edit.span.len
    return start - shift
