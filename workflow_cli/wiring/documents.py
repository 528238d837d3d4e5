"""Documents that can be written, and the review every draft of them goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from workflow_cli.errors import SaidAlready, UsageError
from workflow_cli.wiring import commits_made, event_log

if TYPE_CHECKING:
    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.app.draft_events import DraftEvents
    from workflow_cli.app.misfits import Misfit
    from workflow_cli.app.ports import Clock, Documents, EventLog
    from workflow_cli.app.review_drafts import ReviewDrafts
    from workflow_cli.domain.review.draft import Draft
    from workflow_cli.domain.review.policy import Policy
    from workflow_cli.domain.review.revision import Revision
    from workflow_cli.settings import Settings


def open_documents(
    root: Path, settings: Settings, events: EventLog, *, go_on: Callable[[], None] = lambda: None
) -> DocumentsOnDisk:
    """The documents of a tree, written as the settings say; commits are told to `events`. Close it when done.

    `go_on` is called before each commit, and may raise.
    """
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.adapters.git_documents import GitCheckout

    chosen = settings.documents
    checkout = GitCheckout(root, refuse_dirty=chosen.dirty == "refuse", auto_commit=chosen.auto_commit)

    def committed(draft: Draft, revision: Revision) -> None:
        commits_made.numbers.append(revision.number)
        draft_events(events, documents).committed(draft, revision)

    def locked() -> None:
        _forget_written(root, settings, documents, events)

    documents = DocumentsOnDisk(
        root,
        clock=SystemClock(),
        lock_timeout=chosen.lock_timeout,
        checkout=checkout,
        committed=committed,
        locked=locked,
        go_on=go_on,
    )
    return documents


def _forget_written(root: Path, settings: Settings, documents: DocumentsOnDisk, events: EventLog) -> None:
    """Drafts that a killed process wrote and could not forget. Until they are gone they are told of as written, so that
    failing here is no reason not to write."""
    from contextlib import suppress

    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.adapters.draft_files import DIRECTORY
    from workflow_cli.errors import WorkflowError
    from workflow_cli.wiring import STATE_DIRECTORY

    if (root / STATE_DIRECTORY / DIRECTORY).exists():
        with suppress(OSError, WorkflowError):
            review_drafts(root, settings, documents, SystemClock(), events).forget_written(documents.newest())


def settled(root: Path, settings: Settings, *, repair: bool = True) -> list[str]:
    """Wait for a commit under way, or see to one that was cut off; what was done about it, for people.

    For those who read the tree past its documents. Raises CutOff where it cannot be repaired, or must not be, without
    `repair`; DocumentError where one under way does not end.
    """
    from workflow_cli.adapters.unfinished_commit import is_unfinished

    if not is_unfinished(root):
        return []
    from contextlib import closing

    from workflow_cli.adapters.event_log import NoEvents

    with closing(open_documents(root, settings, NoEvents())) as documents:
        documents.settle(repair=repair)
        return documents.notices


def draft_events(events: EventLog, documents: Documents) -> DraftEvents:
    from workflow_cli.app.draft_events import DraftEvents

    return DraftEvents(events=events, revisions=documents.revisions)


def spec_tree(root: Path, settings: Settings) -> OpenSpecFiles:
    from workflow_cli.adapters.openspec_files import OpenSpecFiles

    return OpenSpecFiles(root, max_file_bytes=settings.limits.max_file_bytes)


def change_names(root: Path, settings: Settings) -> list[str]:
    """The names of all changes, archived ones last."""
    tree = spec_tree(root, settings)
    return [*tree.change_names(), *tree.archived_names()]


def policy_of(settings: Settings) -> Policy:
    from workflow_cli.domain.review.policy import Policy

    policy = settings.policy
    return Policy(
        off=frozenset(policy.off),
        protected=policy.protected,
        deltas=policy.deltas,
        other_person=policy.other_person,
        settings_in=_settings_in,
    )


def _settings_in(data: bytes) -> object:
    from workflow_cli.adapters.yaml_files import load_yaml

    return load_yaml(data, "workflow.yaml").value


def review_drafts(root: Path, settings: Settings, documents: Documents, clock: Clock, events: EventLog) -> ReviewDrafts:
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
        happened=draft_events(events, documents).happened,
    )


def ended_by(error: BaseException) -> dict[str, object]:
    """The fields of an event that tell which error ended it; what the tree says already has not failed."""
    if isinstance(error, SaidAlready):
        return {"outcome": "refused"}
    return {"outcome": "failed", "error": type(error).__name__}


class DocumentsRun:
    """One run of a command that writes documents; use it as a context manager. They are opened when they are first asked for.

    `go_on` is called before each commit, and may raise: then nothing is written.
    """

    def __init__(self, root: Path, settings: Settings, *, go_on: Callable[[], None] = lambda: None) -> None:
        from workflow_cli.adapters.clock import SystemClock

        self._root = root
        self._settings = settings
        self._clock = SystemClock()
        self._started = self._clock.elapsed()
        self._events = event_log(settings, root)
        self._go_on = go_on

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._close_documents()

    @cached_property
    def _documents(self) -> DocumentsOnDisk:
        return open_documents(self._root, self._settings, self._events, go_on=self._go_on)

    @property
    def documents(self) -> Documents:
        return self._documents

    def settle(self, *, repair: bool = True) -> list[str]:
        """See `settled`; to be called before the tree is looked at."""
        return settled(self._root, self._settings, repair=repair)

    @cached_property
    def review(self) -> ReviewDrafts:
        return review_drafts(self._root, self._settings, self._documents, self._clock, self._events)

    def _close_documents(self) -> None:
        if "_documents" in vars(self):
            self._documents.close()

    @contextmanager
    def recorded(self, kind: str) -> Iterator[dict[str, object]]:
        """One event for what is done inside, which names its `outcome`; without one it has failed.

        Also where it raises, see `ended_by`; but none where the command was called in a way it cannot follow.
        """
        event: dict[str, object] = {"kind": kind, "outcome": "failed"}
        with self.failure_recorded(event):
            yield event
        self._append(event)

    @contextmanager
    def failure_recorded(self, event: dict[str, object]) -> Iterator[None]:
        """The event, where what is done inside raises; nothing where it goes on."""
        try:
            yield
        except UsageError:
            raise
        except BaseException as error:
            self._append(event | ended_by(error))
            raise

    def _append(self, event: dict[str, object]) -> None:
        milliseconds = round((self._clock.elapsed() - self._started) * 1000, 3)
        self._events.append({**event, "duration_ms": milliseconds})

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": "events", "why": reason} for reason in self._events.degraded]

    def misfits(self, draft: Draft) -> list[Misfit]:
        """Open changes that do not fit main specs any more once the draft is committed."""
        if not any(file.path.startswith("openspec/specs/") for file in draft.files):
            return []
        from workflow_cli.app.misfits import misfits

        return misfits(draft, spec_tree(self._root, self._settings), self.documents)

    @property
    def notices(self) -> list[str]:
        """What had to be repaired on the way, for people."""
        return self._documents.notices
