"""`process` with its tree, record, documents and events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.errors import DocumentError, SettingsError, UsageError
from workflow_cli.wiring import STATE_DIRECTORY, event_log, read_file
from workflow_cli.wiring.documents import open_documents, review_drafts, settled

if TYPE_CHECKING:
    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.app.ports import Documents
    from workflow_cli.app.process import Progress
    from workflow_cli.app.process_options import ProcessOptions
    from workflow_cli.app.report import Report
    from workflow_cli.app.selection import Selection
    from workflow_cli.domain.questions.question import Question
    from workflow_cli.settings import Settings


class QuestionsFile:
    """`questions.yaml`, whose adapter is imported when a file is read or written: most runs do neither."""

    def parse(self, data: bytes, file: str) -> list[Question]:
        from workflow_cli.adapters.questions_file import parse

        return parse(data, file)

    def render(self, existing: bytes | None, questions: Sequence[Question]) -> bytes:
        from workflow_cli.adapters.questions_file import render

        return render(existing, questions)


def options_from(
    settings: Settings, root: Path, *, fresh: bool = False, accept_recommended: bool = False, fix: bool = False
) -> ProcessOptions:
    """Raises SettingsError for a rule that does not exist and for steps that would do nothing, before any work is done."""
    from workflow_cli import __version__
    from workflow_cli.app.process_options import ProcessOptions
    from workflow_cli.domain.openspec.finding import Level

    process, rules = settings.process, settings.rules
    if fix and "draft" not in process.steps:
        raise UsageError("--fix needs the step `draft`", hint="leave out --only, or add draft to it")
    if "draft" in process.steps and not {"validate", "analyse"} & set(process.steps):
        raise SettingsError(
            (f"{settings.origins['process.steps']}: process.steps: draft mends what validate and analyse find",),
            hint="add validate or analyse, or leave out draft",
        )
    levels = {rule: Level(level.upper()) for rule, level in rules.levels.items()}
    if rules.enable or rules.disable or levels or rules.thresholds:
        from workflow_cli.app.analyse import selected_rules

        selected_rules(rules.enable, rules.disable, levels, rules.thresholds)
    return ProcessOptions(
        version=__version__,
        root=str(root),
        steps=tuple(process.steps),
        strict=process.strict,
        fail_level=Level(process.fail_level.upper()),
        enabled_rules=tuple(rules.enable),
        disabled_rules=tuple(rules.disable),
        rule_levels=levels,
        rule_thresholds=rules.thresholds,
        max_questions=process.max_questions,
        accept_recommended=accept_recommended,
        fresh=fresh,
        fix=fix,
        fixed=frozenset(process.fix),
    )


class ProcessRun:
    """One run of `process`, with its state open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings, options: ProcessOptions) -> None:
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.adapters.openspec_files import OpenSpecFiles
        from workflow_cli.adapters.step_record import SqliteStepRecord

        self.tree: OpenSpecFiles = OpenSpecFiles(root, max_file_bytes=settings.limits.max_file_bytes)
        self._record = SqliteStepRecord(root / STATE_DIRECTORY / "state.db")
        self._events = event_log(settings, root)
        self._clock = SystemClock()
        self._started = self._clock.elapsed()
        self._ended = False
        self._options = options
        self._root = root
        self._settings = settings
        self._documents: DocumentsOnDisk | None = None

    def __enter__(self) -> ProcessRun:
        return self

    def settle(self) -> list[str]:
        """See `settled`; to be called before the tree is looked at."""
        return settled(self._root, self._settings)

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        if kind is not None and not self._ended:
            from workflow_cli.app.process_events import record_failure

            record_failure(self._events, kind.__name__, self._options.steps, self._clock.elapsed() - self._started)
        self._record.close()
        if self._documents is not None:
            self._documents.close()

    def _open_documents(self) -> Documents:
        """Opened when the first question is to be written: most runs write none."""
        if self._documents is None:
            self._documents = open_documents(self._root, self._settings, self._events)
        return self._documents

    def process(self, selection: Selection, progress: Progress, *, nothing_to_do: str | None = None) -> Report:
        """The report, with what could not be recorded among its `degraded`."""
        from dataclasses import replace

        from workflow_cli.app.process import Process
        from workflow_cli.wiring.model_review import reviews_by_model

        review = None
        if self._options.may_fix:
            review = review_drafts(self._root, self._settings, self._open_documents(), self._clock, self._events)
        run = Process(
            self.tree,
            self._record,
            QuestionsFile(),
            self._open_documents,
            self._events,
            self._clock,
            self._options,
            review=review,
            model=reviews_by_model(self._root, self._settings, self._events, self._clock),
        )
        return replace(run.run(selection, progress), nothing_to_do=nothing_to_do)

    def ended(self, report: Report) -> Report:
        """Record how the run ended; the report then also says what could not be recorded."""
        from dataclasses import replace

        from workflow_cli.app.process_events import record_run
        from workflow_cli.app.report import Degraded

        self._ended = True
        record_run(self._events, report, self._options.steps, self._clock.elapsed() - self._started)
        missing = tuple(Degraded(what="events", why=reason) for reason in self._events.degraded)
        return replace(report, degraded=(*report.degraded, *missing))

    def not_written(self, report: Report) -> None:
        """Record that results could not be written, which changed the exit status after `ended`."""
        from workflow_cli.app.process_events import record_lost_results

        record_lost_results(self._events, report)


def process_chosen(
    root: Path,
    settings: Settings,
    options: ProcessOptions,
    choose: Callable[[Sequence[str], Sequence[str]], Selection],
    progress: Progress,
) -> Report:
    """A whole run over what `choose` takes of the ids of all specs and open changes."""
    with ProcessRun(root, settings, options) as run:
        run.settle()
        selection = choose([spec.id for spec in run.tree.spec_files()], list(run.tree.change_names()))
        return run.ended(run.process(selection, progress))


def tolerating(report: Report, settings: Settings) -> Report:
    """The report with the findings tolerated that the settings' baseline lists; its file is left as it is.

    Raises DocumentError where it cannot be read.
    """
    path = settings.process.baseline
    if path is None:
        return report
    from workflow_cli.app.baseline import Baseline

    data = read_file(path)
    if data is None:
        raise DocumentError(
            "there is no such baseline",
            where=str(path),
            hint="`workflow process --all --write-baseline` writes it, or take process.baseline out of the settings",
        )
    return Baseline.from_bytes(data, where=str(path)).apply(report)[0]
