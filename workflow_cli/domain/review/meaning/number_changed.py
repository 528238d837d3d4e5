"""A number, its unit or its bound changes in a requirement or a step."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.comparison import TextPair
from workflow_cli.domain.review.meaning.mark import Mark, MarkKind
from workflow_cli.domain.review.meaning.rule import PolicyRule, quoted, sentence_reasons
from workflow_cli.domain.review.meaning.sentences import Sentence
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "number-changed"


def check(subject: Subject) -> Iterator[Reason]:
    return sentence_reasons(_ID, subject, _changed)


def _changed(text: TextPair) -> Iterator[tuple[Sentence, str]]:
    rewordings, gone, _ = text.rewordings
    for before, after in rewordings:
        old, new = before.marks_of(MarkKind.QUANTITY), after.marks_of(MarkKind.QUANTITY)
        if old != new:
            yield before, _difference(old, new, after)
    for sentence in gone:
        numbers = sentence.marks_of(MarkKind.QUANTITY)
        # A sentence that binds and goes is another rule's.
        if numbers and not sentence.marks_of(MarkKind.BINDING):
            yield sentence, f"{quoted(numbers[0].shown)} is gone with {quoted(sentence.text)}"


def _difference(old: tuple[Mark, ...], new: tuple[Mark, ...], after: Sentence) -> str:
    lost = [mark.shown for mark in old if mark not in new]
    came = [mark.shown for mark in new if mark not in old]
    where = f"in {quoted(after.text)}"
    if lost and came:
        return f"{', '.join(lost)} → {', '.join(came)} {where}"
    if lost:
        return f"{', '.join(lost)} is gone {where}"
    return f"{', '.join(came)} is new {where}" if came else f"numbers changed places {where}"


RULE = PolicyRule(
    id=_ID,
    title="A number changes in a requirement or its steps",
    why="A limit, a time or a count is the part that tests and users feel; its unit and “at least” belong to it.",
    check=check,
    needs=(
        "A session SHALL end after 30 minutes. → A session SHALL end after 60 minutes.",
        "A session SHALL end after 30 minutes. → A session SHALL end after 30 hours.",
        "The shop SHALL keep at least 3 copies. → The shop SHALL keep at most 3 copies.",
        "The shop SHALL try again. → The shop SHALL try again 3 times.",
    ),
    needs_not=(
        "A session SHALL end after 30 minutes. → A session SHALL end after 30 min.",
        "The shop SHALL keep 1,000 orders. → The shop SHALL keep 1000 orders.",
    ),
)
