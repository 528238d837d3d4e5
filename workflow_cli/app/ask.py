"""The clarifying questions of one change: elicited, joined with what its file holds, and written back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workflow_cli.app.analyse import main_specs
from workflow_cli.app.ports import Documents, QuestionFormat
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding, Place
from workflow_cli.domain.openspec.merge import SpecLookup
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.questions.accept import accept_recommended as accept
from workflow_cli.domain.questions.elicit import elicit, order
from workflow_cli.domain.questions.inquiry import Contention
from workflow_cli.domain.questions.merge import merge
from workflow_cli.domain.questions.question import Question
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft, FileChange, draft_of


def elicited(
    change: Change,
    mains: SpecLookup,
    *,
    findings: Sequence[Finding],
    summary: TreeSummary,
    contentions: Sequence[dict[str, Any]],
    limit: int,
    also: Sequence[Question] = (),
) -> list[Question]:
    """What there is to ask, whatever its file holds.

    Those in `also`, which somebody else than the rules would ask, are ranked with the others.
    """
    fresh = elicit(
        change,
        main_specs(change, mains),
        findings,
        summary,
        limit,
        [
            Contention(
                requirement=c["requirement"],
                capability=c["capability"],
                other_change=c["other_change"],
                place=Place(file=c["file"], line=c["line"]),
                first=c["first"],
                every_order_loses=c["every_order_loses"],
            )
            for c in contentions
            if _is_asked_here(change.name, c)
        ],
    )
    if also:
        from workflow_cli.domain.model_review.merge import new_questions

        fresh = sorted([*fresh, *new_questions(also, fresh)], key=order)[:limit]
    return fresh


def joined(
    fresh: Sequence[Question],
    format: QuestionFormat,
    existing: bytes | None,
    file: str,
    *,
    limit: int,
    accept_recommended: bool,
) -> tuple[list[Question], bytes | None]:
    """The questions in force and the bytes their file is to have; `write_questions` writes them.

    Raises DocumentError for a file that cannot be understood.
    """
    known = format.parse(existing, file) if existing is not None else []
    questions = merge(fresh, known, limit)
    if accept_recommended:
        questions = accept(questions)
    if not questions and existing is None:
        return [], None
    return questions, format.render(existing, questions)


def write_questions(documents: Documents, change: Change, existing: bytes | None, data: bytes) -> None:
    """Write the file of the questions.

    Raises DocumentError where it cannot be written, StaleDocument where somebody wrote it in the meantime; then it
    is left as it is.
    """
    documents.commit(_draft(change.file("questions.yaml"), existing, data, change.name))


def _draft(file: str, before: bytes | None, after: bytes, change: str) -> Draft:
    what = "ask about" if before is None else "bring up to date the questions about"
    return draft_of(
        [FileChange(path=file, before=before, after=after)],
        author=Author(kind=AuthorKind.RULE, name="clarifying-questions"),
        operations=[f"{what} change {change}"],
    )


def _is_asked_here(change: str, contention: dict[str, Any]) -> bool:
    """One of the two changes asks which goes first: the one that has to wait, or else the first by name."""
    first, other = contention["first"], contention["other_change"]
    return bool(first == other) if first is not None else change < str(other)
