"""Running rules over a spec or a change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.rule import (
    OWN_SCOPES,
    TREE_SCOPES,
    ChangeSubject,
    DocumentInTree,
    DocumentSubject,
    KnownRequirement,
    RequirementSubject,
    Rule,
    Scope,
    SpecSubject,
    TreeSummary,
)
from workflow_cli.domain.openspec.rules.documents import change_documents, spec_document
from workflow_cli.domain.openspec.spec import Spec
from workflow_cli.domain.openspec.written import written_delta, written_requirements

ALL_SCOPES = OWN_SCOPES | TREE_SCOPES


def analyse_spec(subject: SpecSubject, rules: Sequence[Rule], scopes: Collection[Scope] = ALL_SCOPES) -> list[Finding]:
    """The findings of those `rules` whose scope is among `scopes`, in document order, each once."""
    return _sorted(_findings([spec_document(subject.spec)], rules, scopes, subject.tree))


def analyse_change(
    subject: ChangeSubject, rules: Sequence[Rule], scopes: Collection[Scope] = ALL_SCOPES
) -> list[Finding]:
    """As `analyse_spec`, over every document of the change."""
    found = list(_findings(list(change_documents(subject.change)), rules, scopes, subject.tree))
    if Scope.CHANGE in scopes:
        found += [f for rule in rules if rule.scope is Scope.CHANGE for f in _check(rule, subject)]
    return _sorted(found)


def _findings(
    documents: Sequence[DocumentSubject], rules: Sequence[Rule], scopes: Collection[Scope], tree: TreeSummary
) -> Iterator[Finding]:
    wanted = [rule for rule in rules if rule.scope in scopes]
    per_requirement = [rule for rule in wanted if rule.scope is Scope.REQUIREMENT]
    for document in documents:
        for rule in wanted:
            if rule.scope is Scope.DOCUMENT:
                yield from _check(rule, document)
            elif rule.scope is Scope.DOCUMENT_IN_TREE:
                yield from _check(rule, DocumentInTree(subject=document, tree=tree))
        if per_requirement:
            for subject in _requirement_subjects(document):
                for rule in per_requirement:
                    yield from _check(rule, subject)


def _check(rule: Rule, subject: object) -> Iterator[Finding]:
    """The rule's findings at the level and from the score on that it is configured to, which its module does not know."""
    for finding in rule.check(subject):
        if rule.least is not None and finding.score is not None and finding.score < rule.least:
            continue
        yield finding if finding.level is rule.level else replace(finding, level=rule.level)


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        dict.fromkeys(findings), key=lambda f: (f.place.file, f.place.line or 0, f.place.column or 0, f.rule, f.message)
    )


def _requirement_subjects(document: DocumentSubject) -> Iterator[RequirementSubject]:
    for requirement in document.requirements:
        yield RequirementSubject(
            requirement=requirement,
            document=document.document,
            capability=document.capability or "",
            change=document.change,
        )


def summarise(specs: Iterable[Spec], changes: Iterable[Change]) -> TreeSummary:
    """What the tree scopes need to know of all the specs and all the open changes."""
    capabilities: set[str] = set()
    known: list[KnownRequirement] = []
    for spec in specs:
        capabilities.add(spec.id)
        known += (_known(spec.id, None, r, spec.document) for r in written_requirements(spec))
    for change in changes:
        for id, document in change.delta_documents:
            delta = written_delta(id, document)
            known += (_known(id, change.name, r, document) for r in delta.added + delta.modified)
    return TreeSummary(capabilities=frozenset(capabilities), requirements=tuple(known))


def _known(capability: str, change: str | None, requirement: Requirement, document: Document) -> KnownRequirement:
    return KnownRequirement(
        capability=capability,
        change=change,
        name=requirement.name,
        text=requirement.text,
        file=document.file,
        line=requirement.line + 1,
    )
