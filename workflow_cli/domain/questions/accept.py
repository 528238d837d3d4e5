"""Going on without anybody's decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workflow_cli.domain.questions.question import Answer, AnswerSource, Question


def accept_recommended(questions: Iterable[Question]) -> list[Question]:
    """Every open question answered with its recommended option, marked as decided by no person.

    A question without a recommended option (only a person can have added one) stays open.
    """
    return [_accepted(q) if q.is_open else q for q in questions]


def _accepted(question: Question) -> Question:
    option = question.recommended
    if option is None:
        return question
    return replace(question, answer=Answer(text=option.text, source=AnswerSource.RECOMMENDATION))
