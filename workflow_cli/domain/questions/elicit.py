"""The few questions worth a person's time, out of everything a change leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.openspec.spec import Spec
from workflow_cli.domain.questions.catalogue import FAMILIES
from workflow_cli.domain.questions.inquiry import Contention, Draft, Inquiry
from workflow_cli.domain.questions.question import Question

LIMIT = 5

#: Below this rank the answer would not be worth the asking.
LEAST_RANK = 0.2

#: What a warning about the very same line adds to the uncertainty: two readers stumbled there.
CORROBORATION = 0.1

#: What remains of the uncertainty about the building once every task is ticked.
AFTER_BUILDING = 0.5


def elicit(
    change: Change,
    mains: Mapping[str, Spec],
    findings: Sequence[Finding],
    tree: TreeSummary,
    limit: int = LIMIT,
    contentions: Sequence[Contention] = (),
) -> list[Question]:
    """At most `limit` questions, highest impact × uncertainty first.

    `mains` are the main specs the change's deltas aim at, by capability. The impact of a question is what a
    wrong guess would cost, on one scale for all families (1 text is lost or the change cannot be archived, 0.8
    another behaviour is built, 0.6 work is forgotten, 0.4 a limit is guessed, 0.2 wording); its uncertainty is how
    likely a guess would be wrong (0.9 the author says it is undecided, 0.7 the text is silent or contradicts
    itself, 0.5 it hints, 0.3 it nearly says it). Ties are broken by blocking first, then by file, line and id,
    so the same change always yields the same list.
    """
    questions = [d.question() for d in inquire(change, mains, findings, tree, contentions)]
    asked = [q for q in questions if q.rank >= LEAST_RANK]
    return sorted(asked, key=order)[: max(limit, 0)]


def order(question: Question) -> tuple[float, bool, str, int, str]:
    return (-round(question.rank, 6), not question.blocking, question.place.file, question.place.line or 0, question.id)


def inquire(
    change: Change,
    mains: Mapping[str, Spec],
    findings: Sequence[Finding],
    tree: TreeSummary,
    contentions: Sequence[Contention] = (),
) -> Iterator[Draft]:
    """Everything the families would ask, each question once, weighed but neither ranked nor cut."""
    inquiry = Inquiry(change=change, mains=mains, findings=findings, tree=tree, contentions=contentions)
    stumbled = {(f.place.file, f.place.line) for f in findings if f.level is not Level.INFO}
    seen: set[str] = set()
    for family in FAMILIES:
        for draft in family.ask(inquiry):
            if draft.id in seen:
                continue
            seen.add(draft.id)
            yield _weighed(draft, inquiry, stumbled)


def _weighed(draft: Draft, inquiry: Inquiry, stumbled: set[tuple[str, int | None]]) -> Draft:
    uncertainty, blocking = draft.uncertainty, draft.blocking
    if (draft.place.file, draft.place.line) in stumbled:
        uncertainty = min(1.0, uncertainty + CORROBORATION)
    if draft.about_building and inquiry.is_built:
        uncertainty, blocking = uncertainty * AFTER_BUILDING, False
    return replace(draft, uncertainty=uncertainty, blocking=blocking)
