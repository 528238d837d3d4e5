"""A MODIFIED that was written against an older text of its requirement than the main spec has now.

OpenSpec keeps no base: the second of two changes overwrites the first. Here the older text, where it is known,
makes three: what changed in the main spec since, and what the delta changes, are put together by lines. Where
both touch the same lines, nobody but a person can say what is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from workflow_cli.domain.markdown.line_merge import LineConflict, line_edits, merge_lines
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.merge import SpecLookup
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import read_spec

CONFLICT = "stale-requirement"
MERGED = "merged-requirement"
REMOVED = "removed-newer-text"


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenAgainst:
    """The main spec as it was when a requirement of a delta got its present text.

    `document` None: there was no such spec. `when` says in words how that is known, such as `commit 1a2b3c4`.
    """

    document: Document | None
    when: str


#: By capability and by the requirement's name in the delta; what is not in it is not known.
Bases = Mapping[tuple[str, str], WrittenAgainst]


class State(StrEnum):
    CURRENT = "current"
    MERGED = "merged"
    CONFLICT = "conflict"
    FORCED = "forced"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """How one MODIFIED stands to the main spec; `when` is None where nothing is known."""

    capability: str
    requirement: str
    state: State
    when: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rewritten:
    """Lines of a delta that a merge made longer or shorter."""

    line: int
    before: int
    after: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BroughtUpToDate:
    """The change with every older MODIFIED put together with the main spec's own edits, in memory.

    `findings` are placed in the documents as they are on disk; so is what `on_disk` returns.
    """

    change: Change
    bases: tuple[Basis, ...]
    findings: tuple[Finding, ...]
    rewritten: Mapping[str, tuple[_Rewritten, ...]]

    def on_disk(self, finding: Finding) -> Finding:
        """A finding about the change in memory, placed where a person can open it."""
        line = finding.place.line
        if line is None or finding.place.file not in self.rewritten:
            return finding
        there = self.line_on_disk(finding.place.file, line)
        return replace(finding, place=replace(finding.place, line=there), line=finding.line and there)

    def line_on_disk(self, file: str, line: int) -> int:
        """The line, counted from 1, of the file on disk that a line of the file in memory comes from."""
        at = line - 1
        for part in self.rewritten.get(file, ()):
            if at >= part.line + part.after:
                at += part.before - part.after
            elif at >= part.line:
                at = min(at, part.line + part.before - 1)
        return at + 1


def bring_up_to_date(
    change: Change, mains: SpecLookup, bases: Bases, *, accepts: Callable[[str], bool]
) -> BroughtUpToDate:
    """Put every MODIFIED that is older than the main spec together with it.

    `accepts` says of a requirement's name whether losing the main spec's newer text is meant; the delta's text
    is then taken as it stands.
    """
    found: list[Basis] = []
    findings: list[Finding] = []
    documents: list[tuple[str, Document]] = []
    rewritten: dict[str, tuple[_Rewritten, ...]] = {}
    for delta in change.deltas:
        main = mains(delta.id)
        document = delta.document
        if isinstance(main, Document):
            merges: list[tuple[Requirement, Sequence[str]]] = []
            for block in delta.modified:
                base = bases.get((delta.id, block.name))
                judged = _judge(delta, block, main, base, accepts)
                if judged is None:
                    continue
                when = base.when if base else None
                found.append(Basis(capability=delta.id, requirement=block.name, state=judged.state, when=when))
                findings.extend(judged.findings)
                if judged.merged:
                    merges.append((block, judged.merged))
            findings.extend(_removals(delta, main, bases))
            if merges:
                document, rewritten[document.file] = _with(document, merges)
        documents.append((delta.id, document))
    brought = replace(change, delta_documents=tuple(documents)) if rewritten else change
    return BroughtUpToDate(change=brought, bases=tuple(found), findings=tuple(findings), rewritten=rewritten)


def name_in_main(delta: Delta, name: str) -> str:
    """The name a requirement of the delta has in the main spec before the delta's own renames."""
    return next((r.source for r in delta.renamed if r.target == name), name)


def _block(document: Document | None, *names: str) -> Requirement | None:
    if document is None:
        return None
    by_name = {block.name: block for block in read_spec("", document).requirements}
    return next((by_name[name] for name in names if name in by_name), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    """What one MODIFIED is worth today; `merged` are its lines, header first, where they were put together."""

    state: State
    findings: tuple[Finding, ...] = ()
    merged: tuple[str, ...] = ()


def _judge(
    delta: Delta, block: Requirement, main: Document, base: WrittenAgainst | None, accepts: Callable[[str], bool]
) -> _Judged | None:
    """None where the main spec has no such requirement, which is for the merge to refuse."""
    names = (name_in_main(delta, block.name), block.name)
    current = _block(main, *names)
    if current is None:
        return None
    old = _block(base.document, *names) if base else None
    if base is None or old is None:
        return _Judged(state=State.UNKNOWN)
    if _same(old, current) or _same(block, current):
        return _Judged(state=State.CURRENT)
    place = delta.document.place(block.line)
    merged = merge_lines(old.lines[1:], current.lines[1:], block.lines[1:])
    if not isinstance(merged, LineConflict):
        message = (
            f'"{block.name}" changed in the main spec ({main.place(current.line)}) after it was written here '
            f"({base.when}); the two edits touch different lines and were put together"
        )
        finding = builtin(MERGED, Level.INFO, place, message)
        return _Judged(state=State.MERGED, findings=(finding,), merged=(block.header, *merged))
    if accepts(block.name):
        return _Judged(state=State.FORCED)
    message = (
        f'"{block.name}" changed in the main spec ({main.place(current.line + 1 + _line_in(current, old, merged))}) '
        f"after it was written here ({base.when}), and both edits touch the same lines"
    )
    hint = "write the MODIFIED against the main spec's text of today"
    return _Judged(
        state=State.CONFLICT, findings=(builtin(CONFLICT, Level.ERROR, place, message, hint=hint, refuses=True),)
    )


def _line_in(current: Requirement, old: Requirement, conflict: LineConflict) -> int:
    """The line of the current text's body at which its edit nearest to the conflict begins."""
    shift = 0
    for edit in line_edits(old.lines[1:], current.lines[1:]):
        if edit.end >= conflict.line:
            return edit.start + shift
        shift += len(edit.lines) - (edit.end - edit.start)
    return max(len(current.lines) - 2, 0)


def _removals(delta: Delta, main: Document, bases: Bases) -> list[Finding]:
    """Requirements that somebody changed after this change decided to remove them."""
    findings = []
    for removal in delta.removed:
        base = bases.get((delta.id, removal.name))
        old, current = (_block(base.document, removal.name) if base else None), _block(main, removal.name)
        if base and old and current and not _same(old, current):
            findings.append(
                builtin(
                    REMOVED,
                    Level.WARNING,
                    delta.document.place(removal.line),
                    f'"{removal.name}" changed in the main spec ({main.place(current.line)}) after its removal was '
                    f"written here ({base.when}); the newer text goes with it",
                )
            )
    return findings


def _same(left: Requirement, right: Requirement) -> bool:
    """Whether two blocks say the same, headers aside: a rename is no change of the text."""
    return left.lines[1:] == right.lines[1:]


def _with(
    document: Document, merges: list[tuple[Requirement, Sequence[str]]]
) -> tuple[Document, tuple[_Rewritten, ...]]:
    lines = list(document.lines)
    rewritten: list[_Rewritten] = []
    for block, merged in sorted(merges, key=lambda m: m[0].line, reverse=True):
        lines[block.line : block.line + len(block.lines)] = merged
        rewritten.append(_Rewritten(line=block.line, before=len(block.lines), after=len(merged)))
    text = ("\ufeff" if document.has_bom else "") + "\n".join(lines)
    return Document(file=document.file, data=text.encode("utf-8")), tuple(reversed(rewritten))
