"""What a run of `process` tells beside its result, on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workflow_cli.app.report import Item, Report, StepOutcome
from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.cli.formats.wording import counted

if TYPE_CHECKING:
    from workflow_cli.cli.process_options import BaselineFile


def notes(report: Report, *, verbose: bool, accepted: bool, baseline: BaselineFile | None) -> Iterator[str]:
    if baseline and baseline.data is None:
        tolerated = sum(len(item.tolerated) for item in report.items)
        yield f"wrote {baseline.path} with {counted(tolerated, 'finding')} to tolerate"
    if baseline and baseline.gone:
        yield f"took {counted(baseline.gone, 'finding')} off {baseline.path}, as not found any more; commit it"
    if accepted:
        from workflow_cli.domain.questions.question import AnswerSource

        undecided = sum(
            q.answer is not None and q.answer.source is AnswerSource.RECOMMENDATION
            for item in report.items
            for q in item.questions
        )
        yield f"{counted(undecided, 'question')} answered as recommended; no person decided"
    if verbose:
        yield from map(_steps, report.items)


def _steps(item: Item) -> str:
    taken = ", ".join(
        f"{step.name} {step.milliseconds:.0f} ms" if step.outcome is StepOutcome.DONE else f"{step.name} {step.outcome}"
        for step in item.steps
    )
    return f"{item.kind} {one_line(item.id)}: {taken or 'no step'}"
