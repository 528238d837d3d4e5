"""Open changes that an edit of a main spec leaves behind: they were written against what it says no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_cli.app.document_path import capability_of
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents, SpecTree
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.review.draft import Draft


@dataclass(frozen=True, kw_only=True, slots=True)
class Misfit:
    """What is wrong with an open change once a draft is committed, and was not before."""

    change: str
    finding: Finding


def misfits(draft: Draft, tree: SpecTree, documents: Documents) -> list[Misfit]:
    """Of all open changes but those that the draft archives or edits itself: whoever writes it is at work on them.

    It may be committed already: what the specs said before stands in the draft.
    """
    before: dict[str, bytes | None] = {}
    after: dict[str, bytes | None] = {}
    for file in draft.files:
        if id := capability_of(file.path):
            before[id], after[id] = file.before, file.after
    if not before:
        return []
    edited = {file.path for file in draft.files}
    moved = {move.source for move in draft.moves}
    found = []
    for name in tree.change_names():
        directory = f"openspec/changes/{name}"
        if not any(documents.read(f"{directory}/specs/{id}/spec.md") is not None for id in before):
            continue
        if directory in moved or any(path.startswith(f"{directory}/") for path in edited):
            continue
        change = tree.read_change(name)
        known = {(old.rule, old.message) for old in _wrong(change, before, tree)}
        new = (finding for finding in _wrong(change, after, tree) if (finding.rule, finding.message) not in known)
        found += [Misfit(change=name, finding=finding) for finding in new]
    return found


def _wrong(change: Change, specs: Mapping[str, bytes | None], tree: SpecTree) -> Iterator[Finding]:
    """What makes the change invalid, or archiving it impossible, against these main specs."""
    from workflow_cli.domain.openspec.archiving.place import main_file
    from workflow_cli.domain.openspec.check import check_change
    from workflow_cli.domain.openspec.discovered import Fault

    def main(id: str) -> Document | Fault | None:
        if id not in specs:
            return tree.read_main(id)
        data = specs[id]
        return None if data is None else Document(main_file(id), data)

    return (finding for finding in check_change(change, main) if finding.refuses or finding.level is Level.ERROR)
