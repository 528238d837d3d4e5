"""Refusing edits after which OpenSpec would find fault with what it passed before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.edits.page import PageKind
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.validate_change import validate_change
from workflow_cli.domain.openspec.validate_spec import validate_spec
from workflow_cli.errors import EditRefused


def refuse_worse(kind: PageKind, before: bytes, after: bytes, *, path: str, main: bytes | None) -> None:
    """Raises EditRefused with the first error or warning that only the edited document has.

    A document may stay as bad as it was: what counts is how often each rule speaks, before and after. That a
    requirement of a spec loses its SHALL is left to the policy, which asks a person.
    """
    if kind not in (PageKind.SPEC, PageKind.DELTA):
        return
    found = _findings(kind, after, path, main)
    if not found:
        return
    if kind is PageKind.SPEC and _names(after, path) <= _names(before, path):
        found = [f for f in found if f.rule != "requirement-keyword"]
    known = Counter(f.rule for f in _findings(kind, before, path, main))
    for finding in found:
        if known[finding.rule] > 0:
            known[finding.rule] -= 1
            continue
        raise EditRefused(
            f"openspec validate --strict would then say: {finding.message}",
            where=str(finding.place),
            hint=finding.hint or "make the edits that belong together in one call",
        )


def _names(data: bytes, path: str) -> frozenset[str]:
    return frozenset(r.name for r in read_spec("", Document(file=path, data=data)).requirements)


def _findings(kind: PageKind, data: bytes, path: str, main: bytes | None) -> Sequence[Finding]:
    document = Document(file=path, data=data)
    if kind is PageKind.SPEC:
        found = list(validate_spec(read_spec("", document)))
    else:
        change = Change(name="", directory="", delta_documents=(("capability", document),))
        base = None if main is None else Document(file="spec.md", data=main)
        found = [f for f in validate_change(change, lambda _: base) if f.rule not in _OF_THE_WHOLE_CHANGE]
    return [f for f in found if f.level is not Level.INFO]


#: What only all the files of a change together can tell.
_OF_THE_WHOLE_CHANGE = frozenset({"change-without-delta", "tasks-without-checkbox", "task-number"})
