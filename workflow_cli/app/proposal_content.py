"""What a request to propose says, from whichever source, and the plan that follows from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workflow_cli.app.asked_question import AskedQuestion, find_question
from workflow_cli.app.ports import QuestionFormat
from workflow_cli.app.proposal_surroundings import Surroundings
from workflow_cli.domain.openspec.edits.body import body_lines
from workflow_cli.domain.openspec.proposing.capability import Choice, choose
from workflow_cli.domain.openspec.proposing.gaps import gaps_of
from workflow_cli.domain.openspec.proposing.notes import NotedRequirement, Notes, read_notes
from workflow_cli.domain.openspec.proposing.plan import Plan, PlannedDelta, PlannedRequirement
from workflow_cli.domain.openspec.proposing.planned_notes import planned
from workflow_cli.domain.openspec.proposing.replacing import replacing
from workflow_cli.domain.openspec.proposing.statement import requirement_from_title
from workflow_cli.domain.openspec.proposing.title import one_line
from workflow_cli.domain.openspec.proposing.wording import wording
from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.domain.questions.question import Question
from workflow_cli.errors import EditRefused, UsageError

if TYPE_CHECKING:
    from workflow_cli.app.propose_change import ProposalRequest

_CAPABILITY = re.compile(r"(?:.*/)?specs/(?P<id>.+)/spec\.md")


def content_of(request: ProposalRequest, around: Surroundings, format: QuestionFormat) -> Content:
    """Raises UsageError where nothing is said, or a question that is named is not there."""
    if request.notes is not None and request.question is not None:
        raise UsageError("notes and a question cannot be taken together", hint="give one of them")
    if request.question is not None:
        return _from_question(request, find_question(request.question, around.tree, format))
    notes = Notes() if request.notes is None else read_notes(request.notes, request.notes_from)
    title = request.title if request.title is not None else notes.title
    if title is None:
        raise _no_title(request)
    if notes.title and one_line(notes.title) != one_line(title):
        notes.other.insert(0, (notes.title, []))
    if request.because is not None:
        notes.why = [*_reason(request.because), *([""] if notes.why else []), *notes.why]
    return Content(title=title, notes=notes, because=request.because, has_notes=request.notes is not None)


def _no_title(request: ProposalRequest) -> UsageError:
    if request.notes is None:
        return UsageError("say what the change is about", hint='workflow propose "Add two-factor login"')
    return UsageError(
        "nothing in the notes says what the change is about",
        where=request.notes_from,
        hint='begin them with a heading such as "# Add two-factor login", or put the title before --from-file',
    )


def _reason(because: str) -> list[str]:
    """Its lines, which are to stand below `## Why` and stay there."""
    if not because.strip():
        return []
    try:
        return body_lines(because, above=2, what="the reason")
    except EditRefused as refused:
        raise UsageError(refused.message, where="--because", hint=refused.hint) from refused


def _from_question(request: ProposalRequest, asked: AskedQuestion) -> Content:
    question = asked.question
    notes = Notes()
    because = request.because
    notes.why = [*([*_reason(because), ""] if because else []), *([question.why, ""] if question.why else [])]
    notes.why += [f"- `{asked.change}`, `{question.id}`: {one_line(question.text)}"]
    provenance = {"question": f"{asked.change}:{question.id}"}
    if question.answer is not None:
        answer = question.answer.text
        notes.why.append(f"- {one_line(answer)}")
        notes.requirements.append(NotedRequirement(name=None, under=None, statement=answer.split("\n")))
        provenance["answer"] = answer
    address = _CAPABILITY.match((question.address or question.place.file).split("#")[0])
    return Content(
        title=request.title or question.text,
        notes=notes,
        because=because,
        has_notes=question.answer is not None,
        asked_in=asked.change,
        asked=question if question.answer is None else None,
        capability=address["id"] if address else None,
        provenance=provenance,
    )


@dataclass(frozen=True, kw_only=True)
class Content:
    """`asked` is the open question a change is proposed for; `asked_in` the change that it stands in."""

    title: str
    notes: Notes
    because: str | None = None
    has_notes: bool = False
    asked: Question | None = None
    asked_in: str | None = None
    capability: str | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)

    def plan(self, name: str, title: str, around: Surroundings, wanted: Sequence[str]) -> Plan:
        """`wanted` are the capabilities that were named."""
        notes = self.notes
        named = wanted or ((self.capability,) if self.capability else ())
        choice = choose(title, name, named, around.summary.requirements, around.capabilities, around.takes_deltas)
        deltas = self._deltas(title, name, choice, around)
        plan = Plan(
            name=name,
            title=title,
            deltas=deltas,
            why=_written(notes.why),
            what=_written([*self._title_bullet(title, notes), *notes.what]),
            impact=_written(notes.impact),
            design=tuple(notes.design),
            tasks=_written(notes.tasks),
            other=tuple((heading, _written(lines)) for heading, lines in notes.other),
        )
        gaps = gaps_of(
            plan,
            from_notes=self.has_notes,
            choice=choice,
            asked=notes.questions,
            setup=around.setup,
            habits=around.habits,
        )
        return replace(plan, gaps=tuple(gaps))

    def with_related(self, plan: Plan, places: Sequence[str]) -> Plan:
        return replace(plan, related=tuple(places[:5]))

    def _title_bullet(self, title: str, notes: Notes) -> list[str]:
        return [] if any(line.strip() for line in notes.what) else [f"- {title}"]

    def _deltas(self, title: str, name: str, choice: Choice, around: Surroundings) -> tuple[PlannedDelta, ...]:
        words = wording(around.habits.specs)
        by_capability: dict[str, list[PlannedRequirement]] = {id: [] for id in choice.capabilities}
        first = choice.capabilities[0]
        for noted in self.notes.requirements:
            under = noted.under.strip("` ") if noted.under else None
            where = under if under in by_capability else first
            by_capability[where].append(planned(noted, title, words))
        if not self.notes.requirements and not self.notes.operations:
            english = around.habits.specs in (None, "en")
            stated = requirement_from_title(title, words, english=english)
            for id in choice.capabilities:
                by_capability[id].append(_told_apart(stated, id) if len(choice.capabilities) > 1 else stated)
        deltas = []
        for id, requirements in by_capability.items():
            literal = tuple(tuple(section) for section in self.notes.operations) if id == first else ()
            if not requirements and not literal:
                raise UsageError(
                    f"nothing in the notes is for the capability {id}",
                    where="--capability",
                    hint=f"put its requirements below a heading `## {id}`",
                )
            fitted = self._fitted(requirements, id, name, around)
            deltas.append(
                PlannedDelta(
                    capability=id,
                    is_new=id not in around.capabilities,
                    requirements=tuple(fitted),
                    literal=literal,
                )
            )
        return tuple(deltas)

    def _fitted(
        self, requirements: Sequence[PlannedRequirement], id: str, name: str, around: Surroundings
    ) -> list[PlannedRequirement]:
        """Names made unique; one that the capability has already takes its place where somebody wrote its text."""
        spec = around.spec(id)
        current = {fold(r.name): r for r in spec.requirements} if spec else {}
        taken = {fold(other) for other in around.requirement_names(id)}
        fitted: list[PlannedRequirement] = []
        seen: set[str] = set()
        for requirement in requirements:
            key = fold(requirement.name)
            if self.has_notes and key in current and key not in seen:
                fitted.append(replacing(current[key], requirement))
            elif key in seen or (key in taken and (key in current or not self.has_notes)):
                number = 2
                apart = f"{requirement.name} ({name})" if key in taken else f"{requirement.name} ({number})"
                while fold(apart) in seen | taken:
                    number += 1
                    apart = f"{requirement.name} ({number})"
                fitted.append(replace(requirement, name=apart))
            else:
                fitted.append(requirement)
            seen.add(fold(fitted[-1].name))
        return fitted


def _told_apart(requirement: PlannedRequirement, capability: str) -> PlannedRequirement:
    *before, last = requirement.statement
    return replace(
        requirement, name=f"{requirement.name} ({capability})", statement=(*before, f"{last} (`{capability}`)")
    )


def _written(lines: Sequence[str]) -> tuple[str, ...]:
    found = [i for i, line in enumerate(lines) if line.strip()]
    return tuple(lines[found[0] : found[-1] + 1]) if found else ()
