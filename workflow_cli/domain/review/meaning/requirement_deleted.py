"""A requirement goes out of a main spec."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.subject import Subject
from workflow_cli.domain.review.policy import Reason

_ID = "requirement-deleted"


def check(subject: Subject) -> Iterator[Reason]:
    for file in subject.files:
        # A delta only proposes: taking a proposal back changes nothing that holds.
        if file.is_delta or file.change.after is None:
            continue
        for requirement in file.comparison.lost:
            yield Reason(
                rule=_ID,
                path=file.path,
                line=requirement.line + 1,
                message=f'requirement "{requirement.name}" is deleted',
            )


RULE = PolicyRule(
    id=_ID,
    title="A requirement is deleted from a spec",
    why="What was promised is no longer promised. The usual way is a change that says so and why.",
    check=check,
    needs=("A requirement is taken out of a spec.", "The heading `## Requirements` goes, so that none is read."),
    needs_not=(
        "A requirement gets another name and keeps its text.",
        "A requirement moves to another spec in the same draft.",
        "A change is archived that names the requirement under REMOVED.",
        "A requirement is taken out of a delta: a proposal is taken back.",
    ),
)
