"""`questions` with its queue, and the documents that answers cite."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from workflow_cli.errors import DocumentError, UsageError
from workflow_cli.wiring import event_log, file_in_place, person, replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workflow_cli.adapters.question_store import SqliteQuestionStore
    from workflow_cli.app.answering.pending import PendingQuestions, Sheet, Who
    from workflow_cli.app.answering.ports import PendingQuestion
    from workflow_cli.domain.answering.answer import Source
    from workflow_cli.domain.questions.question import Question
    from workflow_cli.settings import Settings


def question_queue(root: Path, settings: Settings) -> SqliteQuestionStore:
    """The queue of the tree. Close it when done."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.question_store import SqliteQuestionStore

    return SqliteQuestionStore(root, clock=SystemClock(), most_open=settings.questions.most_open)


@dataclass(frozen=True, kw_only=True, slots=True)
class OfChange:
    """An open clarifying question of a change, which lives in the change's own file."""

    change: str
    path: str
    question: Question


class QuestionsRun:
    """One run of `questions`; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.app.answering.pending import PendingQuestions

        self._root = root
        self._settings = settings
        self.queue: SqliteQuestionStore = question_queue(root, settings)
        self._events = event_log(settings, root)
        self._unread: list[dict[str, str]] = []
        self.use_case: PendingQuestions = PendingQuestions(
            queue=self.queue, events=self._events, clock=SystemClock(), cite=self._cite, instead=self._instead_of
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.queue.close()

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [*self._unread, *({"what": "events", "why": reason} for reason in self._events.degraded)]

    def who(self, named: str | None) -> Who:
        from workflow_cli.app.answering.pending import Who

        return Who(name=person(self._root, named).name)

    def is_expired(self, entry: PendingQuestion) -> bool:
        return self.use_case.is_expired(entry)

    @property
    def max_file_bytes(self) -> int:
        return self._settings.limits.max_file_bytes

    def sheet(self, name: str, data: bytes) -> Sheet:
        """The questions of a file of that name. Raises DocumentError."""
        from workflow_cli.adapters.question_sheet import parse

        return parse(data, name)

    def export(self, entries: Sequence[PendingQuestion], file: Path | None) -> bytes:
        """The file's bytes, which were also written to `file` where that is given. Raises DocumentError."""
        from workflow_cli.adapters.question_sheet import render

        data = render(entries, as_json=file is not None and file.suffix.lower() == ".json")
        if file is not None:
            if file_in_place(file) is not None:
                raise UsageError("this file is there, and may hold answers", where=str(file), hint="name another one")
            replace_file(file, data, base=None)
        return data

    def exported_plain(self, entries: Sequence[PendingQuestion]) -> dict[str, object]:
        """What the file says, as JSON has it."""
        from workflow_cli.adapters.question_sheet import SCHEMA, to_plain

        return {"schema": SCHEMA, "questions": [to_plain(entry) for entry in entries]}

    def settle(self) -> list[str]:
        """See `settled`; to be called before the questions of changes are looked at."""
        from workflow_cli.wiring.documents import settled

        return settled(self._root, self._settings)

    def of_changes(self) -> list[OfChange]:
        """The open clarifying questions of all changes; files that cannot be read are told of in `degraded`."""
        from workflow_cli.adapters.questions_file import parse
        from workflow_cli.wiring.documents import spec_tree

        tree = spec_tree(self._root, self._settings)
        found: list[OfChange] = []
        for change in tree.change_names():
            path = f"openspec/changes/{change}/questions.yaml"
            try:
                data = tree.read_questions(change)
                questions = [] if data is None else parse(data, path)
            except DocumentError as error:
                self._unread.append({"what": error.where or path, "why": error.message})
                continue
            found += [OfChange(change=change, path=path, question=one) for one in questions if one.is_open]
        return found

    def _instead_of(self, id: str) -> str:
        """What to try where no question has this id: those of changes have theirs, and lie elsewhere."""
        place = next((one.path for one in self.of_changes() if one.question.id == id), None)
        if place is not None:
            return f"it is one of a change: write the answer behind `answer:` in {place}"
        if not self.queue.listed(answered=None):
            return "none was asked yet; those of changes: workflow questions list --changes"
        return "workflow questions list --all --changes names every one"

    def _cite(self, path: str, line: int) -> Source:
        from workflow_cli.app.document_path import locate
        from workflow_cli.domain.answering.citation import cite
        from workflow_cli.wiring.documents import open_documents

        documents = open_documents(self._root, self._settings, self._events)
        try:
            place = locate(documents, path, ())
            data = documents.read(place)
        finally:
            documents.close()
        source = None if data is None else cite(place, data, line)
        if source is None:
            raise UsageError(f"line {line} of {place} says nothing that could be cited")
        return source
