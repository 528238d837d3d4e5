"""The loop proposes what documents are to say."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.of_the_loop import GAP, PART
from workflow_cli.domain.review.policy import Reason

_ID = "loop-proposed"


def check(subject: Subject) -> Iterator[Reason]:
    draft = subject.draft
    if draft.provenance.get(PART) == GAP and draft.files:
        message = "the loop proposes a requirement, and only a person can say whether it is one"
        yield Reason(rule=_ID, path=draft.files[0].path, line=None, message=message)


RULE = PolicyRule(
    id=_ID,
    title="The loop proposed it",
    why="What is asked often and answered nowhere may be missing, or may be nobody's business: a person knows which.",
    check=check,
    needs=("`workflow loop` makes a requirement of an answer that a person gave.",),
    needs_not=("`workflow loop` tunes a setting that it may tune by itself.",),
)
