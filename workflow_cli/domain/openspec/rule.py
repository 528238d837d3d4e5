"""What a built-in analysis rule is, and what it may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import Spec


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementSubject:
    """One requirement of a main spec, or of a change's ADDED or MODIFIED section."""

    requirement: Requirement
    document: Document
    capability: str
    change: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRequirement:
    """A requirement as the whole tree knows it: enough to compare and to point at, no more.

    `change` is None for one of a main spec; `line` counts from 1.
    """

    capability: str
    change: str | None
    name: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, kw_only=True, eq=False)
class TreeSummary:
    """What rules may know of the rest of the tree: ids and requirements, not documents.

    Compared by identity, so that indexes over it can be built once and remembered.
    """

    capabilities: frozenset[str] = frozenset()
    requirements: Sequence[KnownRequirement] = ()


@dataclass(frozen=True, kw_only=True)
class ChangeSubject:
    """A change with the main specs its deltas aim at (those that exist), and the tree around it."""

    change: Change
    mains: dict[str, Spec]
    tree: TreeSummary


@dataclass(frozen=True, kw_only=True)
class SpecSubject:
    """A main spec and the tree around it."""

    spec: Spec
    tree: TreeSummary


class DocumentKind(StrEnum):
    SPEC = "spec"
    DELTA = "delta"
    PROPOSAL = "proposal"
    DESIGN = "design"
    TASKS = "tasks"


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentSubject:
    """One document of a spec or a change, with the requirements read from it.

    `capability` is set for specs and deltas. `requirements` holds what is in force or will be: the blocks of
    a spec, or those under ADDED and MODIFIED of a delta. `own_capabilities` are those the change has deltas for.
    """

    document: Document
    kind: DocumentKind
    capability: str | None = None
    change: str | None = None
    requirements: tuple[Requirement, ...] = ()
    own_capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentInTree:
    """A document and the tree around it."""

    subject: DocumentSubject
    tree: TreeSummary


class Scope(StrEnum):
    """What a rule is shown, which also decides when its result may be reused.

    REQUIREMENT (a `RequirementSubject`), DOCUMENT (a `DocumentSubject`) and CHANGE (a `ChangeSubject`) depend on
    the item's own documents alone (a CHANGE also on the main specs it aims at); DOCUMENT_IN_TREE (a
    `DocumentInTree`) depends on the whole tree.
    """

    REQUIREMENT = "requirement"
    DOCUMENT = "document"
    CHANGE = "change"
    DOCUMENT_IN_TREE = "document-in-tree"


OWN_SCOPES = frozenset({Scope.REQUIREMENT, Scope.DOCUMENT, Scope.CHANGE})
TREE_SCOPES = frozenset({Scope.DOCUMENT_IN_TREE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Precision:
    """Findings that readers agreed with, out of those they labelled; `source` says which sample."""

    agreed: int
    labelled: int
    source: str

    @property
    def share(self) -> float:
        return self.agreed / self.labelled


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """`check` takes the subject of the rule's scope and yields findings whose `rule` is this `id`.

    `least` is the least score of a finding that is reported; None where findings have none. `measure` says what a score is.

    `reason`, `bad` and `good` are Markdown; the rule's page in the reference is made from them, and the
    tests hold that `bad` is reported and `good` is not.
    """

    id: str
    title: str
    level: Level
    scope: Scope
    reason: str
    bad: str
    good: str
    check: Callable[..., Iterable[Finding]]
    on_by_default: bool = True
    precision: Precision | None = None
    least: float | None = None
    measure: str = ""
