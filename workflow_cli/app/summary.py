"""A report in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workflow_cli.app.report import ItemKind, Report, StepOutcome
from workflow_cli.domain.openspec.finding import Level

_VERDICTS = {True: "valid", False: "invalid", None: "unjudged"}


@dataclass(frozen=True, kw_only=True, slots=True)
class KindCount:
    """`items` is the sum of the others; an item with a fault, or that was not validated, is neither of the two."""

    items: int = 0
    valid: int = 0
    invalid: int = 0
    unjudged: int = 0
    faults: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """`levels` counts the findings that no baseline tolerates; `reused` the items whose documents did not change."""

    kinds: Mapping[ItemKind, KindCount]
    levels: Mapping[Level, int]
    tolerated: int
    open_questions: int
    blocking_questions: int
    reused: int

    @property
    def items(self) -> int:
        return sum(count.items for count in self.kinds.values())

    @property
    def valid(self) -> int:
        return sum(count.valid for count in self.kinds.values())

    @property
    def invalid(self) -> int:
        return sum(count.invalid for count in self.kinds.values())

    @property
    def unjudged(self) -> int:
        return sum(count.unjudged for count in self.kinds.values())

    @property
    def faults(self) -> int:
        return sum(count.faults for count in self.kinds.values())

    @classmethod
    def of(cls, report: Report) -> Summary:
        levels: Counter[Level] = Counter()
        kinds: dict[ItemKind, Counter[str]] = {kind: Counter() for kind in ItemKind}
        tolerated = open_questions = blocking = reused = 0
        for item in report.items:
            kinds[item.kind]["faults" if item.fault else _VERDICTS[item.valid]] += 1
            levels.update(finding.level for finding in item.findings)
            tolerated += len(item.tolerated)
            open_questions += sum(question.is_open for question in item.questions)
            blocking += len(item.open_blocking)
            # Comparing with the rest of the tree is done anew whenever anything in it changes.
            own = [step for step in item.steps if step.name != "compare"]
            reused += bool(own) and not item.fault and all(step.outcome is StepOutcome.REUSED for step in own)
        return cls(
            kinds={kind: KindCount(items=count.total(), **count) for kind, count in kinds.items()},
            levels={level: levels[level] for level in Level},
            tolerated=tolerated,
            open_questions=open_questions,
            blocking_questions=blocking,
            reused=reused,
        )
