"""The questions of a change as a step of `process`: recorded like the others, and written to a file that people edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workflow_cli.app.item_json import question_from_json, question_to_json
from workflow_cli.app.report import ItemFault, Step, StepOutcome
from workflow_cli.domain.digest import digest
from workflow_cli.errors import DocumentError, StaleDocument, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.evaluation import Evaluation
    from workflow_cli.app.ports import Clock, Documents, QuestionFormat, SpecTree
    from workflow_cli.app.process_options import ProcessOptions
    from workflow_cli.app.steps import Steps
    from workflow_cli.app.surroundings import Surroundings
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.questions.question import Question

NAME = "ask"
#: How often a file is read again that somebody saved since it was read. Nobody saves as often for long.
_MOST_LOOKS = 20


class AskStep:
    """`unwritten` says why nothing may be written beside changes, each reason once; `faults` which file was not written."""

    def __init__(
        self,
        tree: SpecTree,
        steps: Steps,
        format: QuestionFormat,
        documents: Callable[[], Documents],
        clock: Clock,
        options: ProcessOptions,
    ) -> None:
        self._tree = tree
        self._steps = steps
        self._format = format
        self._documents = documents
        self._clock = clock
        self._options = options
        self.unwritten: dict[str, None] = {}
        self.faults: list[ItemFault] = []

    def take(
        self,
        name: str,
        key: str,
        around: Surroundings,
        read: Callable[[], Change],
        out: Evaluation,
        also: Sequence[Question],
    ) -> None:
        """The questions in force become part of `out`. Raises DocumentError for a file that cannot be understood."""
        options = self._options
        parts = [key, around.fingerprint, str(options.max_questions)]
        parts += [str(options.accept_recommended), ",".join(options.steps), *(q.id for q in also)]

        def key_with(data: bytes | None) -> str:
            return digest([*parts, "" if data is None else data.decode("utf-8", "surrogateescape")])

        item = f"change/{name}"
        existing = self._tree.read_questions(name)
        recorded = self._steps.recorded(item, NAME, key_with(existing))
        if recorded is not None:
            out.questions = [question_from_json(q) for q in recorded]
            out.steps.append(Step(name=NAME, outcome=StepOutcome.REUSED))
            return
        from workflow_cli.app.ask import elicited

        started = self._clock.elapsed()
        change = read()
        fresh = elicited(
            change,
            around.main,
            findings=out.findings,
            summary=around.summary(),
            contentions=around.contention_values(name),
            limit=options.max_questions,
            also=also,
        )
        outcome = StepOutcome.DONE
        try:
            data = self._agreed(change, fresh, existing, out)
        except _Unwritten as unwritten:
            error = unwritten.error
            # A checkout that can only be read is evaluated all the same; only who wants an answer written needs it.
            if not options.accept_recommended and isinstance(error, DocumentError) and error.is_forbidden:
                self.unwritten[f"not written beside the changes: {error}"] = None
            else:
                # What was found of the change holds, whatever became of this file.
                outcome = StepOutcome.FAILED
                message = f"the questions about {name} are not written: {error.message}"
                self.faults.append(ItemFault(message=message, where=error.where, hint=error.hint))
        else:
            if around.holds:
                self._steps.keep(item, NAME, key_with(data), [question_to_json(q) for q in out.questions])
        milliseconds = round((self._clock.elapsed() - started) * 1000, 3)
        out.steps.append(Step(name=NAME, outcome=outcome, milliseconds=milliseconds))

    def _agreed(self, change: Change, fresh: Sequence[Question], found: bytes | None, out: Evaluation) -> bytes | None:
        """The file's bytes, once they are what they are to be. `found` is what was read of it.

        Another run may have written the same in the meantime, and a person something else, which is then read.
        """
        from workflow_cli.app.ask import joined, write_questions

        file = change.file("questions.yaml")
        options = self._options
        stale: WorkflowError | None = None
        for _ in range(_MOST_LOOKS):
            try:
                out.questions, data = joined(
                    fresh,
                    self._format,
                    found,
                    file,
                    limit=options.max_questions,
                    accept_recommended=options.accept_recommended,
                )
            except DocumentError:
                # Some programs save in two goes, and between them the file is half of what it will be.
                now = self._tree.read_questions(change.name)
                if now == found:
                    raise
                found = now
                continue
            if data is None or data == found:
                return data
            try:
                documents = self._documents()
                with documents.lock():
                    now = self._tree.read_questions(change.name)
                    if now == found:
                        write_questions(documents, change, found, data)
                        return data
            except StaleDocument as error:
                stale = error
                now = self._tree.read_questions(change.name)
            except WorkflowError as error:
                raise _Unwritten(error) from error
            found = now
        raise _Unwritten(stale or StaleDocument("the file changed each time it was read", where=file))


class _Unwritten(Exception):
    def __init__(self, error: WorkflowError) -> None:
        super().__init__(str(error))
        self.error = error
