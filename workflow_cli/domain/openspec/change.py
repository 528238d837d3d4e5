"""A change directory as it was found on disk: its documents, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from workflow_cli.domain.openspec.delta import Delta, read_delta
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.heading import headings
from workflow_cli.domain.openspec.metadata import Marker
from workflow_cli.domain.openspec.tasks import Task, TaskFile, read_task_file
from workflow_cli.domain.openspec.text import trim


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalSection:
    """One section of a proposal; `line` counts from 0, `body` excludes deeper headings' lines never."""

    title: str
    level: int
    line: int
    body: tuple[str, ...]

    @property
    def text(self) -> str:
        return trim("\n".join(self.body))


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A change's `proposal.md`."""

    document: Document

    @cached_property
    def sections(self) -> tuple[ProposalSection, ...]:
        """Every headed section in document order; a section's body runs to the next heading of its level or above."""
        found = [h for h in headings(self.document.lines, self.document.commonmark_mask) if h.title is not None]
        lines = self.document.lines
        sections = []
        for index, heading in enumerate(found):
            end = next((h.line for h in found[index + 1 :] if h.level <= heading.level), len(lines))
            sections.append(
                ProposalSection(
                    title=heading.title or "",
                    level=heading.level,
                    line=heading.line,
                    body=tuple(lines[heading.line + 1 : end]),
                )
            )
        return tuple(sections)

    def section(self, title: str) -> ProposalSection | None:
        return next((s for s in self.sections if s.title.lower() == title.lower()), None)

    @property
    def title(self) -> str | None:
        first = next((s for s in self.sections if s.level == 1), None)
        return re.sub(r"^(?:Change|Proposal):\s*", "", first.title, flags=re.I) if first else None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change: `directory` is POSIX and relative to the root.

    `delta_documents` are the `spec.md` files OpenSpec discovers below `specs/`, by capability id, in its
    order; `stray_documents` are other Markdown files there. `linked_directories` are links to directories on
    the way to its deltas or to their main specs, which OpenSpec's discovery does not follow.
    """

    name: str
    directory: str
    delta_documents: tuple[tuple[str, Document], ...] = ()
    stray_documents: tuple[tuple[str, Document], ...] = ()
    proposal: Proposal | None = None
    design: Document | None = None
    task_documents: tuple[tuple[str, Document], ...] = ()
    tasks_are_tracked: bool = False
    uses_builtin_schema: bool = True
    has_root_spec: bool = False
    specs_has_files: bool = False
    skip_specs: Marker = field(default_factory=Marker)
    retire_capabilities: Marker = field(default_factory=Marker)
    nested_changes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    unreadable_tasks: int = 0
    linked_directories: tuple[str, ...] = ()

    @cached_property
    def deltas(self) -> tuple[Delta, ...]:
        return tuple(read_delta(id, document) for id, document in self.delta_documents)

    @cached_property
    def task_files(self) -> tuple[TaskFile, ...]:
        return tuple(read_task_file(path, document.raw) for path, document in self.task_documents)

    @property
    def tasks(self) -> Iterator[tuple[TaskFile, Task]]:
        for file in self.task_files:
            for task in file.tasks:
                yield file, task

    @property
    def documents(self) -> Iterator[Document]:
        """Every document that was read, deltas first."""
        yield from (document for _, document in self.delta_documents)
        yield from (document for _, document in self.stray_documents)
        if self.proposal:
            yield self.proposal.document
        if self.design:
            yield self.design
        yield from (document for _, document in self.task_documents)

    def file(self, path: str) -> str:
        """A path inside the change as a path from the root."""
        return f"{self.directory}/{path}"
