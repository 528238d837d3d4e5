"""A path is touched that only people may release."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "protected-path"


def check(subject: Subject) -> Iterator[Reason]:
    moved = [path for move in subject.draft.moves for path in (move.source, move.target)]
    for path in dict.fromkeys([*(change.path for change in subject.draft.files), *moved]):
        if pattern := subject.policy.protects(path):
            yield Reason(
                rule=_ID, path=path, line=None, message=f'the path is protected by "{pattern}" in policy.protected'
            )


RULE = PolicyRule(
    id=_ID,
    title="A protected path is touched",
    why="Settings and approvals decide what all others may do; `policy.protected` adds paths of your own.",
    check=check,
    needs=("openspec/config.yaml is edited.", "An approval is edited by anything but `workflow review`."),
)
