"""A model wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.draft import AuthorKind
from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "model-written"


def check(subject: Subject) -> Iterator[Reason]:
    draft = subject.draft
    if draft.author.kind is AuthorKind.MODEL:
        paths = [*(change.path for change in draft.files), *(move.source for move in draft.moves)]
        for path in dict.fromkeys(paths):
            yield Reason(rule=_ID, path=path, line=None, message=f"written by the model {draft.author.name}")


RULE = PolicyRule(
    id=_ID,
    title="A model wrote it",
    why="A model answers for nothing; somebody who does has to read it first.",
    check=check,
    needs=("A model ticks a task.",),
)
