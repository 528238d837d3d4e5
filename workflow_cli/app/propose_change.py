"""Writes a new change: from a title, from notes, from a question, fitted to the tree around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workflow_cli.app.ports import Clock, ProposalTree, QuestionFormat, Review
from workflow_cli.app.proposal_content import content_of
from workflow_cli.app.proposal_files import CheckedFiles, written_files
from workflow_cli.app.proposal_surroundings import Surroundings
from workflow_cli.domain.openspec.proposing.naming import (
    change_name,
    check_capability,
    check_change_name,
    is_partly_spelled,
    nearly_named,
)
from workflow_cli.domain.openspec.proposing.overlap import Overlap, Saying, overlaps
from workflow_cli.domain.openspec.proposing.plan import Gap, Plan
from workflow_cli.domain.openspec.proposing.title import clean_title
from workflow_cli.domain.review.draft import Author, AuthorKind, Draft, draft_of
from workflow_cli.errors import SaidAlready, UsageError

if TYPE_CHECKING:
    from workflow_cli.app.review_drafts import Submitted
    from workflow_cli.domain.review.policy import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalRequest:
    """`notes` with `notes_from`, where they came from. `question` is `ID` or `CHANGE:ID`. `id` names the change."""

    title: str | None = None
    capabilities: Sequence[str] = ()
    notes: bytes | None = None
    notes_from: str = "-"
    question: str | None = None
    because: str | None = None
    id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A change ready to be written. `rules` and `left` are what the project asks of a person beyond it.

    `partly_named`: its name was made from the title, and leaves out what has no spelling in a-z. `meant`: for a new capability
    that was asked for, the one that is there and named almost like it.
    """

    id: str
    title: str
    draft: Draft
    overlaps: Sequence[Overlap]
    gaps: Sequence[Gap]
    reasons: Sequence[Reason]
    rules: Mapping[str, Sequence[str]] = field(default_factory=dict)
    left: Sequence[tuple[str, str]] = ()
    partly_named: bool = False
    meant: Mapping[str, str] = field(default_factory=dict)

    @property
    def directory(self) -> str:
        return f"openspec/changes/{self.id}"

    @property
    def duplicates(self) -> list[Overlap]:
        return [overlap for overlap in self.overlaps if overlap.duplicate]


class ProposeChange:
    def __init__(
        self,
        tree: ProposalTree,
        questions: QuestionFormat,
        clock: Clock,
        *,
        review: Review,
        author: Callable[[], Author],
        drafting: Author | None = None,
    ) -> None:
        self._tree = tree
        self._questions = questions
        self._clock = clock
        self._author = author
        self._drafting = drafting or _NOBODY
        self._review = review

    def prepare(self, request: ProposalRequest) -> Proposed:
        """The change as it would be written; nothing is written.

        Raises UsageError for a request that says too little or too much, Refused where a change of that name
        is open and where the result would not be valid.
        """
        around = Surroundings(self._tree)
        content = content_of(request, around, self._questions)
        title = around.title = clean_title(content.title)
        name = self._name(request.id, title, around)
        for capability in request.capabilities:
            check_capability(capability, around.capabilities)
        plan = content.plan(name, title, around, tuple(dict.fromkeys(request.capabilities)))
        found = overlaps(title, name, _sayings(plan), around.known_changes, around.summary.requirements)
        # What a question asks is what its answer does; its own change is not a duplicate of it.
        found = [o for o in found if not (content.asked_in and o.change == content.asked_in)]
        plan = content.with_related(plan, [str(o.place) for o in found if not o.duplicate])
        checked: CheckedFiles = written_files(
            plan, around, self._questions, today=self._clock.now().date(), asked=content.asked
        )
        draft = draft_of(
            checked.changes,
            author=self._drafting,
            operations=[f"add change {name}", *_operations(plan)],
            because=request.because or content.because,
            provenance=content.provenance,
        )
        setup = around.setup
        return Proposed(
            id=name,
            title=title,
            draft=draft,
            overlaps=found,
            gaps=plan.gaps,
            reasons=self._review.needs_approval(draft),
            rules={artifact: rules for artifact, rules in setup.rules.items() if artifact in _ARTIFACTS},
            left=setup.left_to_write,
            partly_named=request.id is None and is_partly_spelled(title),
            meant={
                name: near
                for name in request.capabilities
                if (near := nearly_named(name, around.capabilities)) is not None
            },
        )

    def commit(self, proposed: Proposed) -> Submitted:
        """Write it, or keep it waiting where the policy wants a person.

        Raises StaleDocument where one of its files has come to be in the meantime, DocumentError, DraftRejected.
        """
        return self._review.submit(replace(proposed.draft, author=self._author()))

    def _name(self, wanted: str | None, title: str, around: Surroundings) -> str:
        if wanted is None:
            prefix = f"{self._clock.now().date().isoformat()}-" if around.habits.dates else ""
            name = change_name(title, with_verb=around.habits.verbs, date_prefix=prefix)
        else:
            check_change_name(wanted)
            name = wanted
        twin = next((known for known in around.open_names if known.lower() == name.lower()), None)
        if twin is not None:
            raise SaidAlready(
                f"the change {twin} is open already",
                where=f"openspec/changes/{twin}",
                hint=f"add to it, or give the new one another name: --id {name}-2",
            )
        if name == "archive":
            raise UsageError("a change cannot be named `archive`", hint="give another name: --id NAME")
        return name


#: Until something is written it does not matter who wrote it, and asking git takes a while.
_NOBODY = Author(kind=AuthorKind.PERSON, name="")
_ARTIFACTS = ("proposal", "specs", "design", "tasks")


def _sayings(plan: Plan) -> list[Saying]:
    return [
        Saying(capability=None if d.is_new else d.capability, name=r.name, text="\n".join(r.statement))
        for d in plan.deltas
        for r in d.requirements
    ]


def _operations(plan: Plan) -> list[str]:
    return [
        f'{"modify" if r.modifies else "add"} requirement "{r.name}" in {d.capability}'
        for d in plan.deltas
        for r in d.requirements
    ]
