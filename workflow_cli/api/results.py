"""What the methods return: frozen values, in the words of what the commands print as JSON.

Names that stand in `__all__` and are not defined here are what the commands themselves work with. Paths are POSIX, from the root;
lines count from 1; moments are UTC, ISO 8601.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workflow_cli.app.answering.ports import PendingQuestion
from workflow_cli.app.feedback.make_report import Report as FeedbackReport
from workflow_cli.app.misfits import Misfit
from workflow_cli.app.read_document import Excerpt
from workflow_cli.app.report import Degraded, DraftOffer, ItemKind
from workflow_cli.domain.answering.answer import Answer, AnswerStatus, RouteStep, Source
from workflow_cli.domain.feedback.insights import Insight
from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.proposing.overlap import Overlap
from workflow_cli.domain.openspec.proposing.plan import Gap
from workflow_cli.domain.questions.question import Question
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import Revision

__all__ = [
    "Answer",
    "AnswerStatus",
    "Answered",
    "Collected",
    "Degraded",
    "DraftOffer",
    "Excerpt",
    "FeedbackReport",
    "Finding",
    "Gap",
    "Insight",
    "ItemKind",
    "Level",
    "LoopCycle",
    "Misfit",
    "Overlap",
    "PendingQuestion",
    "Processed",
    "Proposal",
    "Question",
    "Reason",
    "Revision",
    "RouteStep",
    "Source",
    "Update",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered(Answer):
    """How a question ended: `status` is `answered`, `not_in_specs`, `pending` (it waits for a person) or `refused`.

    `str()` of it is its text. `question` is what was asked; `degraded` is what had to be done without, such as a model.
    """

    question: str
    degraded: tuple[Degraded, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class Processed:
    """One change or spec, checked. `status` is `ok`, `findings` where some are to be mended, `waiting` for a person.

    `valid` is OpenSpec's verdict, and false where text would be lost; None where the steps left validation out. `tolerated` are
    findings that the baseline lets pass. `questions` are those of the change, answered ones too; `drafts` are repairs.
    """

    kind: ItemKind
    id: str
    path: str
    valid: bool | None
    status: Literal["ok", "findings", "waiting"]
    findings: tuple[Finding, ...] = ()
    tolerated: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    drafts: tuple[DraftOffer, ...] = ()
    degraded: tuple[Degraded, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """What became of edits. Documents changed only where `state` is `written`; then `revision` is what that left.

    `waiting`: the policy, or that an agent wrote it, wants a person to approve `draft`, for `reasons`. `unchanged`: the documents
    say it already. `operations` say in a line each what the draft does, `diff` is that as a unified diff. `misfits` are open
    changes that fit no more once it is written.
    """

    state: Literal["written", "waiting", "unchanged"]
    draft: str | None
    files: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    diff: str = ""
    revision: Revision | None = None
    degraded: tuple[Degraded, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A new change. It is there where `state` is `written`; `waiting`, a person has to approve `draft` first.

    `change` is its id, `path` its directory. `related` is what the tree says that is close to it. `questions` are what only a
    person can say; they stand in the change's `questions.yaml`.
    """

    state: Literal["written", "waiting"]
    change: str
    title: str
    path: str
    draft: str
    files: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    related: tuple[Overlap, ...] = ()
    questions: tuple[Gap, ...] = ()
    diff: str = ""
    revision: Revision | None = None
    degraded: tuple[Degraded, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Collected:
    """The events of a window, from `begins` until before `ends`, by kind. `newest` is the last event's moment; None without any.

    `set_aside` counts lines of the log that could not be used, by reason.
    """

    begins: str
    ends: str
    newest: str | None
    events: Mapping[str, int] = field(default_factory=dict)
    set_aside: Mapping[str, int] = field(default_factory=dict)
    degraded: tuple[Degraded, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LoopCycle:
    """One cycle. `status` is `ok`, `waiting` for a person about something new, `frozen`, or `busy`: another loop was at it.

    `did` names its acts in order; a cycle that did nothing is a good one too. `events` were read, `set_aside` of them not taken.
    `running` is the experiment under way. `frozen` says why the loop does not trust itself. `waits_for` says why nothing was
    looked for. `ended` are changes about which something was decided, with what. `put_off` says what somebody has to see to.
    """

    status: Literal["ok", "waiting", "frozen", "busy"]
    did: tuple[str, ...] = ()
    events: int = 0
    set_aside: int = 0
    running: str | None = None
    frozen: str | None = None
    waits_for: str | None = None
    ended: tuple[tuple[str, str], ...] = ()
    put_off: tuple[str, ...] = ()
    degraded: tuple[Degraded, ...] = ()
