"""The files of a planned change, checked in memory as they will be checked on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from workflow_cli.app.ports import QuestionFormat
from workflow_cli.app.proposal_surroundings import Surroundings
from workflow_cli.domain.openspec.change import Change, Proposal
from workflow_cli.domain.openspec.check import check_change
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place
from workflow_cli.domain.openspec.metadata import FILENAME
from workflow_cli.domain.openspec.proposing import documents
from workflow_cli.domain.openspec.proposing.plan import Gap, Plan
from workflow_cli.domain.openspec.schema import SPEC_DRIVEN
from workflow_cli.domain.questions.question import Option, Question
from workflow_cli.domain.review.draft import FileChange
from workflow_cli.errors import Refused

QUESTIONS = "questions.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckedFiles:
    """New files by their paths from the root; together a change that is strictly valid."""

    changes: tuple[FileChange, ...]


def written_files(
    plan: Plan, around: Surroundings, format: QuestionFormat, *, today: date, asked: Question | None
) -> CheckedFiles:
    """Raises Refused, with the first finding, where the change would not be valid or could not be archived."""
    habits, setup = around.habits, around.setup
    directory = f"openspec/changes/{plan.name}"
    files: dict[str, bytes] = {}
    if setup.keeps_metadata:
        files[FILENAME] = f"schema: {setup.schema_name}\ncreated: {today.isoformat()}\n".encode()
    files["proposal.md"] = documents.proposal(plan, habits)
    if (design := documents.design(plan, habits)) is not None:
        files["design.md"] = design
    files[setup.tasks_path] = documents.tasks(plan, habits)
    for delta in plan.deltas:
        files[f"specs/{delta.capability}/spec.md"] = documents.delta(delta, plan, habits)
    questions = _questions(plan.gaps, asked, directory)
    if questions:
        files[QUESTIONS] = format.render(None, questions)
    _refuse_invalid(_change(plan, directory, files, around), around)
    return CheckedFiles(
        changes=tuple(FileChange(path=f"{directory}/{path}", before=None, after=data) for path, data in files.items())
    )


def _questions(gaps: Sequence[Gap], asked: Question | None, directory: str) -> list[Question]:
    """As questions of a person's, so that they stay until somebody answers them."""
    found = [_as_asked(asked, directory)] if asked else []
    for gap in gaps:
        found.append(
            Question(
                id=gap.id,
                text=gap.text,
                why=gap.why,
                options=tuple(Option(text=text, recommended=i == 0) for i, text in enumerate(gap.options)),
                place=Place(file=f"{directory}/{gap.document}"),
                impact=0.9 if gap.blocking else 0.5,
                uncertainty=1.0,
                blocking=gap.blocking,
                by_hand=True,
            )
        )
    return found


def _as_asked(question: Question, directory: str) -> Question:
    return Question(
        id=question.id,
        text=question.text,
        why=question.why,
        options=question.options,
        place=Place(file=f"{directory}/proposal.md"),
        impact=question.impact,
        uncertainty=question.uncertainty,
        blocking=True,
        by_hand=True,
    )


def _change(plan: Plan, directory: str, files: dict[str, bytes], around: Surroundings) -> Change:
    def document(path: str) -> Document:
        return Document(file=f"{directory}/{path}", data=files[path])

    tasks_path = around.setup.tasks_path
    return Change(
        name=plan.name,
        directory=directory,
        delta_documents=tuple(
            (d.capability, document(f"specs/{d.capability}/spec.md"))
            for d in sorted(plan.deltas, key=lambda d: d.capability)
        ),
        proposal=Proposal(document=document("proposal.md")),
        design=document("design.md") if "design.md" in files else None,
        task_documents=((tasks_path, document(tasks_path)),),
        tasks_are_tracked=True,
        uses_builtin_schema=around.setup.schema == SPEC_DRIVEN,
        specs_has_files=True,
    )


def _refuse_invalid(change: Change, around: Surroundings) -> None:
    found = next((f for f in check_change(change, around.main) if _is_bad(f)), None)
    if found is None:
        return
    fault = "do all that it says" if found.rule in _WITHOUT_EFFECT else "be valid"
    raise Refused(
        f"the change would not {fault}: {found.message}",
        where=str(found.place),
        hint=found.hint or "mend what it names, or choose another capability with --capability",
    )


#: Remarks about text of a delta that archiving would pass over.
_WITHOUT_EFFECT = frozenset({"removed-not-found", "section-without-entry"})


def _is_bad(finding: Finding) -> bool:
    strictly = finding.origin is Origin.OPENSPEC or finding.rule in _WITHOUT_EFFECT
    least = Level.WARNING if strictly else Level.ERROR
    return finding.refuses or finding.level.rank >= least.rank
