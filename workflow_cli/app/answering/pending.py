"""Questions that wait: queued with an end, looked up, and answered by whoever knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from workflow_cli.app.answering.ports import GivenAnswer, PendingQuestion, QuestionQueue
from workflow_cli.domain.answering.context import MOST_ANSWER, checked_answer, fault_of_text
from workflow_cli.domain.answering.question_key import key_of, normalised
from workflow_cli.errors import AlreadyThere, FaultyInput, UsageError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock, EventLog
    from workflow_cli.domain.answering.answer import Source
    from workflow_cli.domain.answering.asked import Asked

_LEAST_OF_AN_ID = 4
_CITED = re.compile(r"(?P<path>.+):(?P<line>[0-9]{1,9})\Z")


def as_pending(asked: Asked, *, now: datetime, expire_days: int, priority: int = 5) -> PendingQuestion:
    """The question as it is put into the queue; 0 days never end."""
    ends = None if expire_days == 0 else _stamp(now + timedelta(days=expire_days))
    return PendingQuestion(
        id="",
        text=asked.text,
        asker=asked.asker,
        asked_at=_stamp(now),
        priority=priority,
        change=asked.change,
        context=dict(asked.context),
        expires_at=ends,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """Who answers."""

    name: str | None
    agent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetEntry:
    """A question with its answer as a file has it; `where` is its place in the file, for messages."""

    id: str
    where: str
    text: str | None = None
    change: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None
    by: str | None = None
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A file of questions as it was read; `faults` is what in it could not be read."""

    name: str
    entries: tuple[SheetEntry, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """`unchanged` had that very answer already; `left` have none in the file."""

    answered: tuple[PendingQuestion, ...]
    unchanged: tuple[PendingQuestion, ...]
    left: int


@dataclass(frozen=True, kw_only=True)
class PendingQuestions:
    """`cite` finds a line of a document, as `PATH:LINE`; it raises UsageError where there is none.

    `instead` says what to try where no question has an id.
    """

    queue: QuestionQueue
    events: EventLog
    clock: Clock
    cite: Callable[[str, int], Source]
    instead: Callable[[str], str]

    def named(self, id: str) -> PendingQuestion:
        """The question whose id begins so. Raises UsageError where there is none, or several."""
        if (exact := self.queue.get(id)) is not None:
            return exact
        fitting = [entry for entry in self.queue.listed(answered=None) if entry.id.startswith(id)]
        if len(id) < _LEAST_OF_AN_ID or not fitting:
            raise UsageError(f"no question {id!r}", hint=self.instead(id))
        if len(fitting) > 1:
            listed = ", ".join(entry.id for entry in fitting[:10])
            raise UsageError(f"{id!r} fits {len(fitting)} questions", hint=f"say more of it: {listed}")
        return fitting[0]

    def is_expired(self, entry: PendingQuestion) -> bool:
        """Whether it is open and its time is over."""
        ends = entry.expires_at
        return entry.answer is None and ends is not None and datetime.fromisoformat(ends) <= self.clock.now()

    def answer(
        self, id: str, text: str, *, who: Who, cited: Sequence[str] = (), replace: bool = False
    ) -> tuple[PendingQuestion, bool]:
        """The question with its answer, and whether that is new.

        Raises UsageError, FaultyInput for an answer of a wrong size or a source that is not there, AlreadyThere
        where it has another answer.
        """
        before = self.named(id)
        faults: list[str] = []
        sources = tuple(source for one in cited if (source := self._source(one, faults)))
        if faults:
            raise FaultyInput(tuple(faults), what="the sources", hint="name a line of a document, as PATH:LINE")
        given = GivenAnswer(
            id=before.id,
            text=checked_answer(text),
            by=who.name,
            by_agent=who.agent,
            sources=sources,
            replace=replace,
        )
        return self._give([given])[0]

    def drop(self, id: str) -> PendingQuestion:
        entry = self.queue.drop(self.named(id).id)
        self.events.append({"kind": "question.dropped", **_about(entry), "answered": entry.answer is not None})
        return entry

    def take(self, sheet: Sheet, *, who: Who, replace: bool = False) -> Imported:
        """Answer all that the sheet answers, or nothing.

        Raises FaultyInput with every fault of the sheet: what could not be read, ids that are not there, questions
        that are other ones than were asked, sources that are not there; AlreadyThere with every question that has
        another answer.
        """
        faults, others = list(sheet.faults), list[str]()
        given: list[GivenAnswer] = []
        seen: set[str] = set()
        for entry in sheet.entries:
            known = self.queue.get(entry.id)
            if known is None:
                faults.append(f"{entry.where}: there is no question {entry.id!r}")
                continue
            if entry.id in seen:
                faults.append(f"{entry.where}: {entry.id} stands there twice")
                continue
            seen.add(entry.id)
            here = list(_differences(entry, known))
            if entry.answer is not None:
                sources = tuple(source for one in entry.cited if (source := self._source(one, here)))
                by, agent = (entry.by, False) if entry.by else (who.name, who.agent)
                answer = entry.answer.strip()
                if known.answer is not None and known.answer != answer and not replace:
                    others.append(f"{entry.where}: {entry.id} has another answer, by {known.answered_by or 'somebody'}")
                given.append(
                    GivenAnswer(id=entry.id, text=answer, by=by, by_agent=agent, sources=sources, replace=replace)
                )
            faults += [f"{entry.where}: {fault}" for fault in here]
        if faults:
            raise FaultyInput(
                (*faults, *others),
                what=sheet.name,
                where=sheet.name,
                hint="nothing was imported; mend them, or export anew",
            )
        if others:
            raise AlreadyThere(
                "; ".join(others),
                where=sheet.name,
                hint="nothing was imported; --replace puts the file's in their place",
            )
        results = self._give(given)
        return Imported(
            answered=tuple(entry for entry, new in results if new),
            unchanged=tuple(entry for entry, new in results if not new),
            left=len(sheet.entries) - len(given),
        )

    # -- inside ------------------------------------------------------------------------------------------------

    def _give(self, given: Sequence[GivenAnswer]) -> list[tuple[PendingQuestion, bool]]:
        before = [self.queue.get(one.id) for one in given]
        # Replacing an answer by itself would only change who is said to have given it.
        new = [entry is None or entry.answer != one.text for entry, one in zip(before, given, strict=True)]
        written = iter(self.queue.answer_all([one for one, is_new in zip(given, new, strict=True) if is_new]))
        results: list[tuple[PendingQuestion, bool]] = []
        for entry, is_new in zip(before, new, strict=True):
            if is_new:
                answered = next(written)
                self._record(answered, replaced=entry is not None and entry.answer is not None)
                results.append((answered, True))
            elif entry is not None:
                results.append((entry, False))
        return results

    def _record(self, entry: PendingQuestion, *, replaced: bool) -> None:
        asked, answered = datetime.fromisoformat(entry.asked_at), datetime.fromisoformat(entry.answered_at or "")
        self.events.append(
            {
                "kind": "question.answered",
                **_about(entry),
                "by": "agent" if entry.answered_by_agent else "person",
                "askers": len(entry.askers),
                "sources": len(entry.sources),
                "replaced": replaced,
                "waited_ms": max(0, round((answered - asked).total_seconds() * 1000)),
            }
        )

    def _source(self, cited: str, faults: list[str]) -> Source | None:
        match = _CITED.match(cited.strip())
        if match is None:
            faults.append(f"source {cited!r}: PATH:LINE was expected")
            return None
        try:
            return self.cite(match["path"], int(match["line"]))
        except WorkflowError as error:
            faults.append(f"source {cited!r}: {error.message}")
            return None


def _differences(entry: SheetEntry, known: PendingQuestion) -> Sequence[str]:
    """Why the entry of a file is no answer to the question that is known."""
    found = []
    if entry.text is not None and normalised(entry.text) != normalised(known.text):
        found.append("the question is another one than was asked; ask it anew")
    if entry.text is not None and (entry.change, dict(entry.context)) != (known.change, dict(known.context)):
        found.append("it was asked about another change, or with another context")
    if entry.answer is not None and (fault := fault_of_text(entry.answer.strip(), MOST_ANSWER)):
        found.append(f"answer: {fault}")
    return found


def _about(entry: PendingQuestion) -> dict[str, object]:
    return {
        "question": entry.id,
        "question_hash": key_of(entry.text, change=entry.change, context=entry.context)[:32],
        "change": entry.change,
    }


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
