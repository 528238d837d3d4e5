"""The model's review as a step of `process`: taken once for the same text, and never in the way of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.app.report import Step, StepOutcome
from workflow_cli.domain.digest import digest

if TYPE_CHECKING:
    from workflow_cli.app.evaluation import Evaluation
    from workflow_cli.app.fixes import Offer
    from workflow_cli.app.ports import Clock, ModelReviews
    from workflow_cli.app.steps import Steps
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.merge import SpecLookup
    from workflow_cli.domain.questions.question import Question

NAME = "model"


@dataclass(frozen=True, slots=True)
class Said:
    """What a model said of one change, as it is recorded: JSON values. `model` and `edits` are there for drafts."""

    questions: Sequence[Question] = ()
    edits: Sequence[str] = ()
    values: Mapping[str, Any] | None = None

    def offers(self, change: Change, mains: SpecLookup) -> list[Offer]:
        """The edits that can be carried out, each as a draft of its own."""
        if not self.values or not self.edits:
            return []
        from workflow_cli.app.model_review.offers import offers_of

        return offers_of(self.values["edits"], change, mains, model=self.values["model"])


class ModelStep:
    """`missing` holds why reviews are not there or not complete, each reason once."""

    def __init__(self, reviews: ModelReviews | None, steps: Steps, clock: Clock) -> None:
        self._reviews = reviews
        self._steps = steps
        self._clock = clock
        self._paused = False
        self.missing: dict[str, None] = {}

    def pause(self) -> None:
        self._paused = self._reviews is not None

    def resume(self) -> bool:
        """Whether it was paused."""
        was, self._paused = self._paused, False
        return was

    def take(self, item: str, key: str, read: Callable[[], Change], out: Evaluation) -> Said:
        """Adds what is new to the findings. An incomplete review is used, but not recorded: next time there may be
        a better one."""
        if self._reviews is None or self._paused:
            return Said()
        key = digest([key, self._reviews.label])
        values = self._steps.recorded(item, NAME, key)
        if values is not None:
            out.steps.append(Step(name=NAME, outcome=StepOutcome.REUSED))
        else:
            values = self._taken(item, key, read, out)
        return _heard(values, out) if values else Said()

    def _taken(self, item: str, key: str, read: Callable[[], Change], out: Evaluation) -> dict[str, Any] | None:
        assert self._reviews is not None
        if not self._reviews.is_wanted:
            return None
        started = self._clock.elapsed()
        done = self._reviews.review(read(), out.findings)
        from workflow_cli.app.model_review.recorded import review_to_json

        values = review_to_json(done)
        if done.missing is None:
            self._steps.keep(item, NAME, key, values)
        else:
            self.missing[done.missing] = None
        outcome = StepOutcome.DONE if done.missing is None else StepOutcome.FAILED
        milliseconds = round((self._clock.elapsed() - started) * 1000, 3)
        out.steps.append(Step(name=NAME, outcome=outcome, milliseconds=milliseconds))
        return values


def _heard(values: Mapping[str, Any], out: Evaluation) -> Said:
    from workflow_cli.app.item_json import finding_from_json, question_from_json
    from workflow_cli.domain.model_review.merge import new_findings

    out.findings.extend(new_findings([finding_from_json(f) for f in values["findings"]], out.findings))
    return Said(
        questions=[question_from_json(q) for q in values["questions"]],
        edits=[digest([edit["path"], repr(edit["operation"])]) for edit in values["edits"]],
        values=values,
    )
