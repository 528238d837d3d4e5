"""Repairs for the findings of one item, each tried out in memory before it is offered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from workflow_cli.app.analyse import analyse_one_change, analyse_one_spec
from workflow_cli.app.ports import SpecTree
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.check import check_change, check_spec
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixable import FIXABLE
from workflow_cli.domain.openspec.fixers.catalogue import fix
from workflow_cli.domain.openspec.fixers.fixer import Creators, Fix, Scene
from workflow_cli.domain.openspec.merge import SpecLookup
from workflow_cli.domain.openspec.rule import Rule, TreeSummary
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.text import without_start
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft, FileChange, draft_of

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A draft that mends one finding, and nothing but makes it go."""

    rule: str
    path: str
    draft: Draft


#: What is found in an item once one of its documents has other bytes.
Recheck = Callable[[Document | None], Sequence[Finding]]


def offers_for_spec(
    id: str, document: Document, findings: Sequence[Finding], rules: Sequence[Rule], creators: Creators
) -> list[Offer]:
    def recheck(changed: Document | None) -> list[Finding]:
        seen = changed or document
        return [
            *check_spec(read_spec(id, seen)),
            *analyse_one_spec(id, seen, TreeSummary(), rules, own=True),
        ]

    scene = Scene(document=document, capability=id, is_delta=False, creators=creators)
    return list(_offers(findings, {document.file: scene}, recheck))


def offers_for_change(
    change: Change, mains: SpecLookup, findings: Sequence[Finding], rules: Sequence[Rule], tree: TreeSummary
) -> list[Offer]:
    scenes = {}
    for id, document in change.delta_documents:
        main = mains(id)
        scenes[document.file] = Scene(
            document=document, capability=id, is_delta=True, main=main if isinstance(main, Document) else None
        )
    for _, document in change.task_documents:
        scenes[document.file] = Scene(document=document)

    def recheck(changed: Document | None) -> list[Finding]:
        seen = change if changed is None else _with(change, changed)
        return [*check_change(seen, mains), *analyse_one_change(seen, mains, tree, rules, own=True)]

    return list(_offers(findings, scenes, recheck))


def creators_in(tree: SpecTree) -> Creators:
    """The archived and open changes that may have created a capability; read only when a fixer asks."""

    def creators(name: str | None) -> list[Change]:
        archived = [n for n in tree.archived_names() if name is None or without_start(_DATED, n) == name or n == name]
        opened = [n for n in tree.change_names() if name is None]
        return [*map(tree.read_archived, archived), *map(tree.read_change, opened)]

    return creators


def _with(change: Change, changed: Document) -> Change:
    def swapped(documents: tuple[tuple[str, Document], ...]) -> tuple[tuple[str, Document], ...]:
        return tuple((key, changed if d.file == changed.file else d) for key, d in documents)

    return replace(
        change,
        delta_documents=swapped(change.delta_documents),
        task_documents=swapped(change.task_documents),
    )


def _offers(findings: Sequence[Finding], scenes: dict[str, Scene], recheck: Recheck) -> Iterator[Offer]:
    fixable = [f for f in findings if f.rule in FIXABLE and f.place.file in scenes]
    if not fixable:
        return
    before = counted(recheck(None))
    seen: set[tuple[str, bytes]] = set()
    for finding in fixable:
        mended = fix(finding, scenes[finding.place.file])
        if mended is None or (mended.path, mended.after) in seen:
            continue
        seen.add((mended.path, mended.after))
        after = counted(recheck(Document(mended.path, mended.after)))
        if _only_mends(finding.rule, before, after):
            yield Offer(rule=finding.rule, path=mended.path, draft=_draft(mended, finding))


def counted(findings: Iterable[Finding]) -> Counter[tuple[str, str, str]]:
    """Lines move, and messages name lines; rule, level and address are what stays the same."""
    return Counter((f.rule, f.level.value, f.path) for f in findings)


def _only_mends(rule: str, before: Counter[tuple[str, str, str]], after: Counter[tuple[str, str, str]]) -> bool:
    gone, new = before - after, after - before
    return not new and any(key[0] == rule for key in gone)


def _draft(mended: Fix, finding: Finding) -> Draft:
    return draft_of(
        [FileChange(path=mended.path, before=mended.before, after=mended.after)],
        author=Author(kind=AuthorKind.RULE, name=mended.rule),
        operations=[mended.operation],
        because=finding.message,
        provenance={"finding": f"{finding.rule} {finding.place}"},
    )
