"""What is asked now, set against what the change's `questions.yaml` holds already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from workflow_cli.domain.questions.elicit import LIMIT, order
from workflow_cli.domain.questions.question import Question


def merge(fresh: Sequence[Question], kept: Sequence[Question], limit: int = LIMIT) -> list[Question]:
    """The questions the file should hold, in its own order, new ones last and best first.

    - Answered: stays as it was answered; resolved once the text no longer raises it, asked no more either way.
    - Added or reworded by a person (`by_hand`): stays as it is, and open until answered.
    - Elicited, unanswered, still raised: takes over its new wording and place.
    - Elicited, unanswered, no longer raised: goes.

    Of the open elicited ones only the `limit` best stay; those by hand do not count. Answered ones that are still
    raised keep their place among `fresh`, so that answering five questions does not bring five more: pass what
    `elicit` returns.
    """
    raised = {question.id: question for question in fresh}
    wanted = {q.id for q in _best(fresh, kept, limit)}
    merged: list[Question] = []
    for question in kept:
        now = raised.pop(question.id, None)
        if question.by_hand:
            merged.append(question if now is None else replace(question, place=now.place))
        elif question.answer is not None:
            place = question.place if now is None else now.place
            merged.append(replace(question, place=place, resolved=now is None))
        elif now is not None and question.id in wanted:
            merged.append(now)
    return merged + sorted((q for q in raised.values() if q.id in wanted), key=order)


def _best(fresh: Sequence[Question], kept: Sequence[Question], limit: int) -> list[Question]:
    settled = {q.id for q in kept if q.by_hand or q.answer is not None}
    return sorted((q for q in fresh if q.id not in settled), key=order)[: max(limit, 0)]
