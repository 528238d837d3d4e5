"""Reading the history: which revision a person means, what it changed, and who wrote a requirement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.domain.markdown.diff import unified_diff
from workflow_cli.domain.markdown.source import split_lines
from workflow_cli.domain.review.blame import Origin, Version, blame
from workflow_cli.domain.review.path_history import versions
from workflow_cli.errors import AddressNotFound, DocumentError, UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents, SpecTree
    from workflow_cli.domain.review.revision import Revision

_SHORTEST_ID = 4


def find_revision(revisions: Sequence[Revision], named: str) -> Revision:
    """The revision of a number, or of an id or the beginning of one. Raises UsageError."""
    if named.isascii() and named.isdigit() and 0 < int(named) <= len(revisions):
        return revisions[int(named) - 1]
    wanted = named.lower()
    found = [r for r in revisions if len(wanted) >= _SHORTEST_ID and r.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{named!r} fits several revisions", hint="one of " + ", ".join(f"{r.number} ({r.id[:12]})" for r in found)
        )
    last = f"they are numbered 1 to {len(revisions)}" if revisions else "there are none yet"
    raise UsageError(f"no revision {named!r}", hint=f"{last}; `workflow history list` shows them")


def revision_diff(documents: Documents, revision: Revision) -> str:
    """What the revision changed, as a unified diff; a file whose text is lost says so instead."""
    parts = []
    for file in revision.files:
        try:
            before, after = (documents.content(h) if h else b"" for h in (file.before, file.after))
        except DocumentError as error:
            parts.append(f"--- a/{file.path}\n+++ b/{file.path}\n({error.message})\n")
            continue
        parts.append(
            unified_diff(
                before,
                after,
                before_name=f"a/{file.path}" if file.before else "/dev/null",
                after_name=f"b/{file.path}" if file.after else "/dev/null",
            )
        )
    return "".join(parts) + "".join(f"move {move.source} => {move.target}\n" for move in revision.moves)


def revision_to_json(revision: Revision) -> dict[str, Any]:
    approval = revision.approval
    return {
        "number": revision.number,
        "id": revision.id,
        "at": revision.at,
        "author": {"kind": revision.author.kind.value, "name": revision.author.name},
        "because": revision.because,
        "operations": list(revision.operations),
        "files": [{"path": f.path, "before": f.before, "after": f.after} for f in revision.files],
        "moves": [{"source": m.source, "target": m.target} for m in revision.moves],
        "draft": revision.draft,
        "approval": approval
        and {
            "decision": approval.decision.value,
            "by": approval.by,
            "because": approval.because,
            "at": approval.at,
        },
        "reasons": list(revision.reasons),
        "provenance": dict(revision.provenance),
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class BlamedLine:
    """`number` counts from 1 in the document."""

    number: int
    text: str
    origin: Origin


@dataclass(frozen=True, kw_only=True, slots=True)
class BlamedPart:
    """A heading of the requirement with the lines under it; the first part is the requirement's own text."""

    title: str
    lines: tuple[BlamedLine, ...]

    @property
    def last(self) -> Origin:
        """The newest revision among its lines, else why there is none."""
        from workflow_cli.domain.review.revision import Revision

        revisions = [line.origin for line in self.lines if isinstance(line.origin, Revision)]
        return max(revisions, key=lambda r: r.number) if revisions else self.lines[0].origin


@dataclass(frozen=True, kw_only=True, slots=True)
class Blamed:
    path: str
    requirement: str
    parts: tuple[BlamedPart, ...]


def blame_requirement(documents: Documents, path: str, name: str) -> Blamed:
    """Where each line of a requirement comes from. Raises AddressNotFound or AddressAmbiguous."""
    from workflow_cli.domain.markdown.address import Address, Step, resolve
    from workflow_cli.domain.markdown.parse import parse
    from workflow_cli.domain.markdown.source import Source

    data = documents.read(path)
    if data is None:
        raise DocumentError("there is no such file", where=path)
    source = Source(data)
    tree = parse(source)
    node = resolve(tree, str(Address(path=path, steps=(Step(name=f"Requirement: {name}"),))))
    found = [
        Version(revision=revision, before=_lines(documents, file.before), after=_lines(documents, file.after))
        for revision, file in versions(reversed(documents.revisions()), path)
    ]
    origins = blame(reversed(found), split_lines(data))
    starts = [node.first_line, *(section.first_line for section in node.sections()), node.end_line]
    titles = [node.title or "", *(section.title or "" for section in node.sections())]
    parts = [
        BlamedPart(
            title=title,
            lines=tuple(
                BlamedLine(number=n + 1, text=source.line_text(n), origin=origins[n]) for n in range(first, end)
            ),
        )
        for title, first, end in zip(titles, starts, starts[1:], strict=False)
    ]
    return Blamed(path=path, requirement=name, parts=tuple(parts))


def spec_of_requirement(tree: SpecTree, name: str) -> str:
    """The main spec that has a requirement of this name. Raises UsageError where none has, or several have."""
    from workflow_cli.domain.openspec.discovered import Fault
    from workflow_cli.domain.openspec.requirement import fold
    from workflow_cli.domain.openspec.spec import read_spec

    names: dict[str, str] = {}
    found: list[str] = []
    for spec in tree.spec_files():
        document = tree.read_spec_file(spec)
        if isinstance(document, Fault):
            continue
        for requirement in read_spec(spec.id, document).requirements:
            names[requirement.name] = spec.file
            if fold(requirement.name) == fold(name):
                found.append(spec.file)
    if len(set(found)) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(set(found))} specs have a requirement {name!r}", hint="say which: " + ", ".join(found))
    from difflib import get_close_matches

    near = get_close_matches(name, names, n=3, cutoff=0.5)
    raise AddressNotFound(
        f"Requirement: {name}", tuple(f"{names[n]}#Requirement: {n}" for n in near), otherwise=_every_name(names)
    )


def _every_name(names: Mapping[str, str]) -> str:
    """How a person gets to see what requirements there are."""
    if not names:
        return "no spec has a requirement yet: `workflow archive` merges those of a finished change into the specs"
    return "every name: grep -rn '### Requirement:' openspec/specs"


def _lines(documents: Documents, hash: str | None) -> list[bytes]:
    return split_lines(documents.content(hash)) if hash else []
