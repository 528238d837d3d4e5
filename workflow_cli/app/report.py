"""What a run of `process` found, item by item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from workflow_cli.domain.openspec.finding import Finding, Level, Origin

if TYPE_CHECKING:
    from workflow_cli.domain.questions.question import Question


class ItemKind(StrEnum):
    SPEC = "spec"
    CHANGE = "change"


class StepOutcome(StrEnum):
    DONE = "done"
    REUSED = "reused"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of one item; `milliseconds` is 0 for a reused one."""

    name: str
    outcome: StepOutcome
    milliseconds: float = 0.0


class DraftState(StrEnum):
    """OFFERED: nothing was written. WAITING: it was to be committed, and needs a person's approval first."""

    OFFERED = "offered"
    COMMITTED = "committed"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftOffer:
    """A draft that mends one finding. `id` names it for `review`; `rule` is the finding's, `path` the document.

    `revision` is what its commit left.
    """

    id: str
    rule: str
    path: str
    operations: tuple[str, ...]
    state: DraftState = DraftState.OFFERED
    revision: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemFault:
    """Why an item could not be evaluated, or what failed outside every item."""

    message: str
    where: str | None = None
    hint: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One spec or change. `file` is its document or directory, POSIX, relative to the root.

    `valid` is OpenSpec's verdict for the mode asked for, and false where text would be lost or misread; None
    where nobody validated.
    `fault` is set where the item could not be evaluated; it is then not valid. `tolerated` are findings that
    a baseline lets pass: they still count for `valid`, but do not end the run with status 1.
    """

    kind: ItemKind
    id: str
    file: str
    valid: bool | None
    findings: Sequence[Finding] = ()
    tolerated: Sequence[Finding] = ()
    questions: Sequence[Question] = ()
    drafts: Sequence[DraftOffer] = ()
    steps: Sequence[Step] = ()
    fault: ItemFault | None = None

    @property
    def open_blocking(self) -> list[Question]:
        return [q for q in self.questions if q.blocking and q.is_open]


@dataclass(frozen=True, kw_only=True, slots=True)
class Degraded:
    """Something that was skipped, and why; `what` is a short machine-readable word such as `model`."""

    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """`order` is a safe order to archive those open changes in whose order matters.

    `fail_level` is the least level of a finding that makes the run end with status 1. `faults` are failures
    that belong to no item, such as a result that could not be written. `nothing_to_do` says why no item was
    selected where that is a good answer (nothing changed); without it, a report of no items is not a success.
    """

    root: str
    items: Sequence[Item]
    strict: bool = False
    fail_level: Level = Level.ERROR
    order: Sequence[str] = ()
    degraded: Sequence[Degraded] = field(default_factory=tuple)
    faults: Sequence[ItemFault] = ()
    nothing_to_do: str | None = None

    @property
    def exit_code(self) -> int:
        """3 could not evaluate, 1 findings, 4 waiting for a person, 0 clean; the first that applies."""
        if self.faults or any(item.fault for item in self.items):
            return 3
        if not self.items and self.nothing_to_do is None:
            return 3
        if any(self.fails(finding) for item in self.items for finding in item.findings):
            return 1
        waiting = any(draft.state is DraftState.WAITING for item in self.items for draft in item.drafts)
        return 4 if waiting or any(item.open_blocking for item in self.items) else 0

    @property
    def status(self) -> str:
        return {0: "ok", 1: "findings", 3: "error", 4: "waiting"}[self.exit_code]

    def fails(self, finding: Finding) -> bool:
        """Whether this finding alone ends the run with status 1."""
        least = Level.WARNING if self.strict and finding.origin is Origin.OPENSPEC else self.fail_level
        return finding.refuses or finding.level.rank >= min(least.rank, self.fail_level.rank)
