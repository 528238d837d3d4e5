"""An item while its steps are taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflow_cli.app.report import DraftOffer, Item, ItemFault, ItemKind, Step
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.verdict import verdict

if TYPE_CHECKING:
    from workflow_cli.domain.questions.question import Question


@dataclass
class Evaluation:
    """What the steps found so far; a fault makes the item invalid whatever else was found."""

    kind: ItemKind
    id: str
    file: str
    findings: list[Finding] = field(default_factory=list)
    questions: Sequence[Question] = ()
    drafts: list[DraftOffer] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    fault: ItemFault | None = None

    def item(self, *, strict: bool) -> Item:
        return Item(
            kind=self.kind,
            id=self.id,
            file=self.file,
            valid=self._valid(strict=strict),
            findings=tuple(dict.fromkeys(self.findings)),
            questions=tuple(self.questions),
            drafts=tuple(self.drafts),
            steps=tuple(self.steps),
            fault=self.fault,
        )

    def _valid(self, *, strict: bool) -> bool | None:
        if self.fault is not None:
            return False
        validated = any(step.name == "validate" for step in self.steps)
        return verdict(self.findings, strict=strict) if validated else None
