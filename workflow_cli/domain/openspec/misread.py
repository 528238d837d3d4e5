"""Where OpenSpec's line-by-line reading and CommonMark's part ways, and it matters.

OpenSpec finds fences by a simple rule: it does not see list markers, HTML comments or indented code, and so
takes headings for code or code for headings in some documents. Nothing is reported where the two readings
come to the same requirements; where they do not, whatever OpenSpec does with the document is a guess.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from workflow_cli.domain.openspec.delta import Delta, read_delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.heading import headings
from workflow_cli.domain.openspec.spec import Spec, read_spec

RULE = "misread-structure"


def differing_lines(document: Document) -> list[int]:
    """Heading lines, counted from 0, that exactly one of the two readings sees."""
    ours, theirs = document.commonmark_mask, document.openspec_mask
    if document.readings_agree:
        return []
    nothing_masked = [False] * len(document.lines)
    found = headings(document.lines, nothing_masked, document.hash_lines)
    return [h.line for h in found if ours[h.line] != theirs[h.line]]


def misread_spec(spec: Spec) -> Iterator[Finding]:
    """At most one finding, at the first heading that the readings disagree about."""
    lines = differing_lines(spec.document)
    if lines and _spec_content(spec) != _spec_content(read_spec(spec.id, spec.document, spec.document.commonmark_mask)):
        yield _finding(spec.document, lines)


def misread_delta(delta: Delta) -> Iterator[Finding]:
    lines = differing_lines(delta.document)
    if lines and _delta_content(delta) != _delta_content(
        read_delta(delta.id, delta.document, delta.document.commonmark_mask)
    ):
        yield _finding(delta.document, lines)


def _finding(document: Document, lines: list[int]) -> Finding:
    first = lines[0]
    text = document.lines[first]
    if document.openspec_mask[first]:
        message = f'OpenSpec takes "{text}" for code, although Markdown shows it as a heading'
        hint = "look above for a fence in a list item, an indented fence or inline code that starts a line"
    else:
        message = f'OpenSpec takes "{text}" for a heading, although Markdown hides it'
        hint = "take it out of the HTML comment, HTML block or code it stands in"
    if len(lines) > 1:
        message += f" ({len(lines)} such lines)"
    return builtin(RULE, Level.ERROR, document.place(first), message, hint=hint, refuses=True)


def _spec_content(spec: Spec) -> Hashable:
    return (
        spec.purpose,
        spec.section is None,
        tuple(block.raw for block in spec.requirements),
        tuple((r.title, r.scenarios) for r in spec.outline),
        tuple(tuple(s.name for s in block.scenarios) for block in spec.requirements),
    )


def _delta_content(delta: Delta) -> Hashable:
    return (
        delta.operations_present,
        tuple((b.raw, tuple(s.name for s in b.scenarios)) for b in delta.added),
        tuple((b.raw, tuple(s.name for s in b.scenarios)) for b in delta.modified),
        tuple(r.name for r in delta.removed),
        tuple((r.source, r.target) for r in delta.renamed),
        tuple(o.name for o in delta.orphans),
    )
