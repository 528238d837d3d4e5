"""A whole spec goes."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_cli.domain.review.meaning.rule import PolicyRule
from workflow_cli.domain.review.meaning.subject import SPEC_PATH, Subject
from workflow_cli.domain.review.policy import Reason

_ID = "capability-retired"
_SPECS = "openspec/specs"


def check(subject: Subject) -> Iterator[Reason]:
    for file in subject.files:
        found = SPEC_PATH.fullmatch(file.path)
        if found and file.change.after is None and file.comparison.lost:
            count = len(file.comparison.lost)
            requirements = "1 requirement" if count == 1 else f"{count} requirements"
            yield Reason(
                rule=_ID,
                path=file.path,
                line=None,
                message=f'capability "{found["id"]}" is retired with {requirements}',
            )
    for move in subject.draft.moves:
        if _holds_specs(move.source) and not _holds_specs(move.target):
            yield Reason(rule=_ID, path=move.source, line=None, message=f"the specs of {move.source} are moved away")


def _holds_specs(path: str) -> bool:
    return path == _SPECS or path.startswith(f"{_SPECS}/") or path == "openspec"


RULE = PolicyRule(
    id=_ID,
    title="A capability is retired",
    why="Every requirement of it goes at once.",
    check=check,
    needs=("A spec file with requirements is deleted.",),
    needs_not=(
        "All requirements of the spec move to other specs in the same draft.",
        "A change is archived that names every requirement of it under REMOVED.",
    ),
)
