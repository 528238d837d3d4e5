"""The loop proposes what documents are to say."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "loop-proposed"
#: What the provenance of a draft says that adds a requirement which nobody but the loop asked for.
KEY, GAP = "loop", "gap"


def check(subject: Subject) -> Iterator[Reason]:
    draft = subject.draft
    if draft.provenance.get(KEY) == GAP and draft.files:
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
