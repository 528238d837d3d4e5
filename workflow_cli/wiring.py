"""Chooses the concrete adapters: the only place that names them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.find_root import find_root, named_root
from workflow_cli.errors import DocumentError, NoTree, UsageError, WorkflowError

if TYPE_CHECKING:
    from datetime import datetime

    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.adapters.event_log import JsonlEventLog, NoEvents
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.app.archive_change import ArchiveChange, ArchiveOptions, Confirm
    from workflow_cli.app.check_approvals import CheckApprovals
    from workflow_cli.app.ports import Clock, Documents
    from workflow_cli.app.process import ProcessOptions, Progress
    from workflow_cli.app.propose_change import ProposeChange
    from workflow_cli.app.report import Report
    from workflow_cli.app.review_drafts import ReviewDrafts
    from workflow_cli.app.selection import Selection
    from workflow_cli.app.undo_archive import UndoArchive
    from workflow_cli.app.update_documents import ConfirmDraft, Prepared, Request, Updated, UpdateDocuments
    from workflow_cli.domain.review.draft import Author
    from workflow_cli.domain.review.policy import Policy
    from workflow_cli.settings import Settings


def root_of_tree(named: Path | None) -> Path:
    """The root of the tree: the directory that `--root` named, else the nearest upward. Raises NoTree."""
    return find_root(Path.cwd()) if named is None else named_root(named)


def settings_in_force(
    root: Path | None,
    *,
    named_file: Path | None = None,
    flags: Mapping[str, tuple[str, Any]] | None = None,
) -> Settings:
    """Settings of every source, for the tree at `root`. Raises SettingsError.

    `flags` holds what was typed: `{"process.strict": ("--strict", True)}`; a value of None was not typed.
    """
    from workflow_cli.settings import Sources, load_settings

    typed = {name: flag for name, flag in (flags or {}).items() if flag[1] is not None}
    return load_settings(
        Sources(
            root=root,
            here=Path.cwd(),
            user_file=user_file(),
            named_file=named_file,
            environment=os.environ,
            flags=typed,
        )
    )


def user_file() -> Path:
    """The person's own settings: `workflow/config.yaml` in the platform's configuration directory."""
    if sys.platform.startswith("linux"):
        # What platformdirs says, without the fifth of a short command's time that importing it takes.
        base = os.environ.get("XDG_CONFIG_HOME", "").strip() or os.path.expanduser("~/.config")
        return Path(base, "workflow", "config.yaml")
    from platformdirs import user_config_path

    return user_config_path("workflow", appauthor=False) / "config.yaml"


def root_if_any(named: Path | None) -> Path | None:
    """As `root_of_tree`, but None where no tree was named and none is near."""
    try:
        return root_of_tree(named)
    except NoTree:
        if named is not None:
            raise
        return None


def event_log(settings: Settings, root: Path) -> JsonlEventLog | NoEvents:
    """The log of events; what it could not write is in its `degraded`."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.event_log import JsonlEventLog, NoEvents

    if not settings.events.enabled:
        return NoEvents()
    path = settings.events.path
    token = settings.lm_studio.token
    return JsonlEventLog(
        path,
        clock=SystemClock(),
        max_bytes=settings.events.max_bytes,
        inside=root if path.is_relative_to(root) else None,
        secrets=(token.reveal(),) if token else (),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedProject:
    """What `workflow init` did: file names relative to `root`; `kept` is where the old file went."""

    root: Path
    written: tuple[str, ...]
    kept: str | None


def start_project(root: Path, *, force: bool) -> StartedProject:
    """Write the commented workflow.yaml and the line for git. Raises AlreadyThere without `force`."""
    from workflow_cli.adapters.project_files import ignore_state_in_git, put_aside, write_new
    from workflow_cli.settings import PROJECT_FILE
    from workflow_cli.settings.describe import commented_file

    path = root / PROJECT_FILE
    kept = put_aside(path) if force else None
    write_new(path, commented_file().encode())
    ignored = ignore_state_in_git(root)
    written = (PROJECT_FILE, *([ignored.name] if ignored else []))
    return StartedProject(root=root, written=written, kept=kept.name if kept else None)


STATE_DIRECTORY = ".workflow"


class ProcessRun:
    """One run of `process`, with its state open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings, options: ProcessOptions) -> None:
        from workflow_cli.adapters.openspec_files import OpenSpecFiles
        from workflow_cli.adapters.step_record import SqliteStepRecord

        self.tree: OpenSpecFiles = OpenSpecFiles(root, max_file_bytes=settings.limits.max_file_bytes)
        self._record = SqliteStepRecord(root / STATE_DIRECTORY / "state.db")
        self._events = event_log(settings, root)
        self._options = options
        self._root = root
        self._settings = settings

    def __enter__(self) -> ProcessRun:
        return self

    def __exit__(self, *raised: object) -> None:
        self._record.close()

    def process(self, selection: Selection, progress: Progress, *, nothing_to_do: str | None = None) -> Report:
        """The report, with what could not be recorded among its `degraded`."""
        from dataclasses import replace

        from workflow_cli.adapters import questions_file
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.app.process import Process
        from workflow_cli.app.report import Degraded

        clock = SystemClock()
        parts = (self.tree, self._record, questions_file, self._events, clock, self._options)
        if self._options.fix:
            documents = open_documents(self._root, self._settings)
            try:
                review = review_drafts(self._root, self._settings, documents, clock)
                report = Process(*parts, review=review).run(selection, progress)
            finally:
                documents.close()
        else:
            report = Process(*parts).run(selection, progress)
        missing = tuple(Degraded(what="events", why=reason) for reason in self._events.degraded)
        return replace(report, degraded=(*report.degraded, *missing), nothing_to_do=nothing_to_do)


def open_documents(root: Path, settings: Settings) -> DocumentsOnDisk:
    """The documents of a tree, written as the settings say. Close it when done."""
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.adapters.git_documents import GitCheckout

    chosen = settings.documents
    checkout = GitCheckout(root, refuse_dirty=chosen.dirty == "refuse", auto_commit=chosen.auto_commit)
    return DocumentsOnDisk(root, clock=SystemClock(), lock_timeout=chosen.lock_timeout, checkout=checkout)


def spec_tree(root: Path, settings: Settings) -> OpenSpecFiles:
    from workflow_cli.adapters.openspec_files import OpenSpecFiles

    return OpenSpecFiles(root, max_file_bytes=settings.limits.max_file_bytes)


class ProposeRun:
    """One run of `propose`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings, *, author: str | None) -> None:
        from workflow_cli.adapters import questions_file
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.adapters.proposal_tree import ProposalFiles
        from workflow_cli.app.propose_change import ProposeChange

        clock = SystemClock()
        self._documents = open_documents(root, settings)
        self._events = event_log(settings, root)
        self.use_case: ProposeChange = ProposeChange(
            ProposalFiles(root, max_file_bytes=settings.limits.max_file_bytes),
            questions_file,
            self._events,
            clock,
            review=review_drafts(root, settings, self._documents, clock),
            author=lambda: person(root, author),
        )

    def __enter__(self) -> ProposeRun:
        return self

    def __exit__(self, *raised: object) -> None:
        self._documents.close()

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": "events", "why": reason} for reason in self._events.degraded]

    @property
    def notices(self) -> list[str]:
        """What had to be repaired on the way, for people."""
        return self._documents.notices


class ArchiveRun:
    """One run of `archive`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.adapters.openspec_files import OpenSpecFiles

        self.tree: OpenSpecFiles = OpenSpecFiles(root, max_file_bytes=settings.limits.max_file_bytes)
        self._root = root
        self._clock = SystemClock()
        self._documents = open_documents(root, settings)
        self.review = review_drafts(root, settings, self._documents, self._clock)
        self._events = event_log(settings, root)

    def __enter__(self) -> ArchiveRun:
        return self

    def __exit__(self, *raised: object) -> None:
        self._documents.close()

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": "events", "why": reason} for reason in self._events.degraded]

    @property
    def notices(self) -> list[str]:
        """What had to be repaired on the way, for people."""
        return self._documents.notices

    def archive(self, options: ArchiveOptions, confirm: Confirm | None) -> ArchiveChange:
        from workflow_cli.adapters.git_history import GitHistory
        from workflow_cli.app.archive_change import ArchiveChange

        return ArchiveChange(
            self.tree,
            self._documents,
            GitHistory(self._root),
            self._clock,
            self._events,
            options,
            confirm=confirm,
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
        )

    def undo(self, *, author: Author, because: str | None, dry_run: bool) -> UndoArchive:
        from workflow_cli.app.undo_archive import UndoArchive

        return UndoArchive(
            self.tree,
            self._documents,
            author=author,
            because=because,
            dry_run=dry_run,
            needs_approval=self.review.needs_approval,
            approval_of=self.review.approval_of,
        )


class UpdateRun:
    """One run of `update`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from workflow_cli.adapters.clock import SystemClock

        self._root = root
        self._clock = SystemClock()
        self._started = self._clock.elapsed()
        self._on_disk = open_documents(root, settings)
        self.documents: Documents = self._on_disk
        self._review = review_drafts(root, settings, self._on_disk, self._clock)
        self._events = event_log(settings, root)

    def __enter__(self) -> UpdateRun:
        return self

    def __exit__(self, *raised: object) -> None:
        self._on_disk.close()

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": "events", "why": reason} for reason in self._events.degraded]

    @property
    def notices(self) -> list[str]:
        """What had to be repaired on the way, for people."""
        return self._on_disk.notices

    def prepare(
        self, requests: Sequence[Request], *, author: str | None, because: str | None, plan: Path | None
    ) -> Prepared:
        """The draft, saved to `plan` if that is named. Raises AlreadyThere for a file that is no plan."""
        from workflow_cli.app.update_plan import plan_of, plan_to_json
        from workflow_cli.domain.review.draft import Author, AuthorKind

        # Who it is matters to nobody before something is written, and asking git takes a while.
        nobody = Author(kind=AuthorKind.PERSON, name=author or "")
        prepared = self._use_case(nobody, because).prepare(requests)
        if plan is not None:
            replace_file(plan, plan_to_json(plan_of(prepared)), base=read_file(plan))
        return prepared

    def update(
        self, requests: Sequence[Request], *, author: str | None, because: str | None, confirm: ConfirmDraft | None
    ) -> Updated:
        use_case = self._use_case(person(self._root, author), because)
        return self._recorded(lambda: use_case.update(requests, confirm=confirm))

    def apply(self, file: Path, *, author: str | None, because: str | None) -> Updated:
        """Commit the plan in a file. Raises UsageError for a file that is none, StaleDocument where it is stale."""
        from workflow_cli.app.update_plan import plan_from_json

        data = read_file(file)
        if data is None:
            raise UsageError("there is no such file", where=str(file))
        plan = plan_from_json(data, str(file))
        use_case = self._use_case(person(self._root, author), because or plan.because)
        return self._recorded(lambda: use_case.apply(plan))

    def _use_case(self, author: Author, because: str | None) -> UpdateDocuments:
        from workflow_cli.app.update_documents import UpdateDocuments

        return UpdateDocuments(
            documents=self.documents,
            needs_approval=self._review.needs_approval,
            approval_of=self._review.approval_of,
            author=author,
            because=because,
        )

    def _recorded(self, run: Callable[[], Updated]) -> Updated:
        event: dict[str, object] = {"kind": "update", "outcome": "failed"}
        try:
            updated = run()
            draft = updated.prepared.draft
            if updated.waiting:
                self._review.keep_waiting(draft)
            event |= {
                "outcome": "waiting" if updated.waiting else "written" if updated.revision else "unchanged",
                "documents": len(draft.files),
                "operations": sum(len(file.request.operations) for file in updated.prepared.files),
                "revision": updated.revision.number if updated.revision else None,
            }
            return updated
        except WorkflowError as error:
            event["error"] = type(error).__name__
            raise
        finally:
            event["duration_ms"] = round((self._clock.elapsed() - self._started) * 1000, 3)
            self._events.append(event)


def policy_of(settings: Settings) -> Policy:
    from workflow_cli.domain.review.policy import Policy

    policy = settings.policy
    return Policy(
        off=frozenset(policy.off),
        protected=policy.protected,
        deltas=policy.deltas,
        other_person=policy.other_person,
    )


def review_drafts(root: Path, settings: Settings, documents: Documents, clock: Clock) -> ReviewDrafts:
    """What decides whether a draft may be committed, and keeps it where it may not."""
    from workflow_cli.adapters.approval_files import ApprovalFilesOnDisk
    from workflow_cli.adapters.draft_files import DraftFiles
    from workflow_cli.app.review_drafts import ReviewDrafts

    return ReviewDrafts(
        documents=documents,
        drafts=DraftFiles(root),
        approvals=ApprovalFilesOnDisk(root),
        policy=policy_of(settings),
        clock=clock,
    )


def review_of(root: Path, settings: Settings, documents: Documents) -> ReviewDrafts:
    """As `review_drafts`, by the clock of the machine."""
    from workflow_cli.adapters.clock import SystemClock

    return review_drafts(root, settings, documents, SystemClock())


class ReviewRun:
    """One run of `review`, with its documents open; use it as a context manager."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from workflow_cli.adapters.clock import SystemClock

        self._root = root
        self._settings = settings
        self._clock = SystemClock()
        self._documents = open_documents(root, settings)
        self._events = event_log(settings, root)
        self.review = review_drafts(root, settings, self._documents, self._clock)

    def __enter__(self) -> ReviewRun:
        return self

    def __exit__(self, *raised: object) -> None:
        self._documents.close()

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": "events", "why": reason} for reason in self._events.degraded]

    @property
    def notices(self) -> list[str]:
        """What had to be repaired on the way, for people."""
        return self._documents.notices

    def check(self, base: str | None) -> CheckApprovals:
        """With `base`, or in a checkout that has a default branch, compared with where the branch left it."""
        from workflow_cli.adapters.approval_files import ApprovalFilesOnDisk
        from workflow_cli.adapters.checkout import is_in_checkout
        from workflow_cli.adapters.git_reference import GitReference, default_branch
        from workflow_cli.app.check_approvals import CheckApprovals

        if base is None and is_in_checkout(self._root):
            base = default_branch(self._root)
        return CheckApprovals(
            documents=self._documents,
            approvals=ApprovalFilesOnDisk(self._root),
            policy=policy_of(self._settings),
            reference=None if base is None else GitReference(self._root, base),
            base=base,
        )

    def record(self, outcome: str, **values: object) -> None:
        self._events.append({"kind": "review", "outcome": outcome, **values})


def edit_list(data: bytes, name: str) -> object:
    """The value of a YAML or JSON file. Raises DocumentError."""
    from workflow_cli.adapters.yaml_files import load_yaml

    return load_yaml(data, name).value


def here_in(root: Path) -> str:
    """The working directory from the root, POSIX; empty at the root and outside of it."""
    here, top = Path.cwd().resolve(), root.resolve()
    return here.relative_to(top).as_posix().removeprefix(".") if here.is_relative_to(top) else ""


def person(root: Path, named: str | None) -> Author:
    """Who is at work: the one `--as` names, else the one git knows, else the account's name."""
    from workflow_cli.adapters.identity import person
    from workflow_cli.domain.review.draft import Author, AuthorKind

    return Author(kind=AuthorKind.PERSON, name=named or person(root))


def touched_since(root: Path, ref: str) -> list[str]:
    """Files of the tree, from `root`, that the branch touches since it left `ref`."""
    from workflow_cli.adapters.git_changes import touched_since

    return touched_since(root, ref, "openspec")


def read_file(path: Path) -> bytes | None:
    """A file that a person named; None where there is none. Raises DocumentError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DocumentError(f"cannot read: {error.strerror}", where=str(path)) from error


def replace_file(path: Path, data: bytes, *, base: bytes | None) -> None:
    """Replace a file whose bytes are still `base`. Raises StaleDocument or DocumentError."""
    from workflow_cli.adapters.atomic_write import replace_file

    replace_file(path, data, base=base)


def prefix_in_checkout(root: Path) -> str:
    """Where the root lies in its git checkout, such as `packages/api/`; empty at its top."""
    from workflow_cli.adapters.checkout import prefix_in_checkout

    return prefix_in_checkout(root)


def now() -> datetime:
    from workflow_cli.adapters.clock import SystemClock

    return SystemClock().now()
