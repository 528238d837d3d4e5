"""What a fixer is: it sees one finding in one document, and gives the document's new bytes or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.markdown.source import Source
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding

#: Changes that may have created a capability: those of a name as archiving wrote it, or all of them.
Creators = Callable[[str | None], Sequence[Change]]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One document with what a repair may draw on.

    `capability` is set for specs and deltas; `main` is the main spec a delta aims at. `is_delta` is None for
    documents that are neither.
    """

    document: Document
    capability: str | None = None
    is_delta: bool | None = None
    main: Document | None = None
    creators: Creators = lambda _name: ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fix:
    """Whole files, before and after. `operation` says in a line what was done; `rule` is the finding's."""

    rule: str
    path: str
    before: bytes
    after: bytes
    operation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixer:
    """`reason` says why there is only one right answer. `fix` gives new bytes and what was done, or None."""

    id: str
    rules: frozenset[str]
    reason: str
    fix: Callable[[Finding, Scene], tuple[bytes, str] | None]


def replaced_lines(document: Document, first: int, end: int, new: Sequence[str]) -> bytes:
    """The document with the lines `first` up to `end` (from 0) replaced; every other byte stays.

    Line ends are those of the lines nearby. An empty range inserts.
    """
    source = Source(document.data)
    eol = source.eol_near(min(first, source.lines))
    span = source.lines_span(min(first, source.lines), min(end, source.lines))
    text = b"".join(line.encode("utf-8") + eol for line in new)
    if span.end == len(source.data) and new:
        if end > first and not source.data.endswith((b"\n", b"\r")):
            text = text.removesuffix(eol)
        elif span.start == len(source.data) and source.data and not source.data.endswith((b"\n", b"\r")):
            text = eol + text.removesuffix(eol)
    return apply(source, [Edit(span=span, replacement=text)])
