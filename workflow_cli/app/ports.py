"""What the use cases need from the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from workflow_cli.app.model_review.review_change import Reviewed
    from workflow_cli.app.review_drafts import Submitted
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.discovered import Fault, SpecFile
    from workflow_cli.domain.openspec.document import Document
    from workflow_cli.domain.openspec.finding import Finding
    from workflow_cli.domain.openspec.proposing.setup import ProjectSetup
    from workflow_cli.domain.questions.question import Question
    from workflow_cli.domain.review.approval import Approval
    from workflow_cli.domain.review.approval_record import ApprovalRecord
    from workflow_cli.domain.review.draft import Draft
    from workflow_cli.domain.review.policy import Reason
    from workflow_cli.domain.review.revision import Revision


class Clock(Protocol):
    """The time, so that tests and replays can set it."""

    def now(self) -> datetime:
        """The time of day, in UTC and aware of it."""
        ...

    def elapsed(self) -> float:
        """Seconds since some fixed moment; never runs backwards."""
        ...


class EventLog(Protocol):
    """The record of what was done, how long it took and how it ended."""

    def append(self, event: Mapping[str, object]) -> None:
        """Record one event; `kind` names it, the other values are what JSON can hold.

        Never raises for a place that cannot be written: a record that is missing must not stop the work.
        """
        ...


class SpecTree(Protocol):
    """An `openspec/` directory. Methods that list raise DocumentError; what cannot be read is a Fault."""

    def spec_files(self) -> Sequence[SpecFile]: ...
    def change_names(self) -> Sequence[str]: ...
    def archived_names(self) -> Sequence[str]: ...
    def read_spec_file(self, spec: SpecFile) -> Document | Fault: ...
    def read_main(self, id: str) -> Document | Fault | None: ...
    def read_change(self, name: str) -> Change: ...
    def read_archived(self, name: str) -> Change: ...
    def read_questions(self, change: str) -> bytes | None: ...
    def common_fingerprint(self) -> str: ...
    def spec_fingerprint(self, spec: SpecFile) -> str: ...
    def change_fingerprint(self, name: str) -> str: ...


class ProposalTree(SpecTree, Protocol):
    """A tree with what a new change is fitted to."""

    def setup(self) -> ProjectSetup: ...


class StepRecord(Protocol):
    """Results of finished steps as JSON values, by item, step and the key of their inputs."""

    @property
    def degraded(self) -> str | None: ...
    def get(self, item: str, step: str, key: str) -> Any | None: ...
    def put(self, item: str, step: str, key: str, result: Any) -> None: ...


class QuestionFormat(Protocol):
    """The form questions have in a change's `questions.yaml`."""

    def parse(self, data: bytes, file: str) -> list[Question]: ...
    def render(self, existing: bytes | None, questions: Sequence[Question]) -> bytes: ...


class Review(Protocol):
    """What decides whether a draft is committed at once, or waits for a person."""

    def needs_approval(self, draft: Draft) -> Sequence[Reason]: ...
    def submit(self, draft: Draft) -> Submitted: ...


class ModelReviews(Protocol):
    """A model that reads changes, where there is one."""

    @property
    def label(self) -> str:
        """What a review depends on beside the documents: the prompt, and the model if one was chosen."""
        ...

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is to be asked: not where no server was named and none listens."""
        ...

    def review(self, change: Change, known: Sequence[Finding]) -> Reviewed:
        """What it says about a change beside what is known. Never raises for a model that fails."""
        ...


class Documents(Protocol):
    """The one way in which files of the tree are written, and the record of every time they were.

    Whatever a run that was killed left half done is finished or undone before anything else.
    """

    def read(self, path: str) -> bytes | None:
        """The bytes at a POSIX path from the root; None where there is no file. Raises DocumentError."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Hold the tree against other writers, across reading, drafting and committing.

        Waits its turn; raises DocumentError after the time set for it.
        """
        ...

    def check(self, draft: Draft) -> None:
        """Raises what `commit` would, of files that changed or that others are editing. Nothing is written."""
        ...

    def commit(self, draft: Draft, *, approval: Approval | None = None, reasons: Sequence[str] = ()) -> Revision:
        """Write all of the draft or nothing, and record it. Takes the lock if it is not held.

        Raises StaleDocument where a file is no longer what the draft was made against, DocumentError where it
        cannot be written; then nothing has changed. An empty draft, and an approval that does not allow just this
        draft, are refused with ValueError.
        """
        ...

    def revisions(self, *, path: str | None = None) -> Sequence[Revision]:
        """All revisions, or those that touched a file under any name it had, oldest first."""
        ...

    def content(self, hash: str) -> bytes:
        """Bytes that some revision wrote or found. Raises DocumentError where the history lost them."""
        ...

    def verify(self) -> Sequence[str]:
        """Every damage to the history, in words; empty where there is none."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """One commit that touched a file, and the file's bytes after it; None where it deleted the file."""

    id: str
    at: datetime
    data: bytes | None


class Commits(Protocol):
    """The version control the tree lies in; without one, nothing is known. Paths are POSIX, from the root."""

    def touching(self, path: str) -> Iterator[Commit]:
        """The commits that touched a file, newest first. Never raises: what cannot be read is not known."""
        ...

    def content(self, commit: str, path: str) -> bytes | None:
        """A file's bytes as of a commit; None where it was not there."""
        ...


class Drafts(Protocol):
    """Drafts that wait for a person. They are state, not documents, and are lost with the state directory."""

    def save(self, draft: Draft, *, at: str) -> None:
        """Keep a draft; one that is kept already stays as it is. Raises DocumentError."""
        ...

    def load(self, id: str) -> Draft | None:
        """The draft whose id or hash begins so. Raises UsageError where several do, DocumentError for damage."""
        ...

    def ids(self) -> Sequence[str]:
        """The ids of all drafts, in the order in which they were saved."""
        ...

    def drop(self, id: str) -> None: ...


class ApprovalFiles(Protocol):
    """Approvals as files of the tree; they are written through `Documents` like everything else."""

    def paths(self) -> Sequence[str]:
        """Every approval file, those of archived changes included, from the root."""
        ...

    def parse(self, data: bytes, path: str) -> ApprovalRecord:
        """Raises DocumentError for a file that is no approval."""
        ...

    def render(self, record: ApprovalRecord) -> bytes: ...


class Reference(Protocol):
    """The state of the tree that a branch left, to compare with. Paths are POSIX, from the root."""

    def changed(self) -> Sequence[str]:
        """Files that are not what they were there, new and deleted ones included."""
        ...

    def content(self, path: str) -> bytes | None:
        """A file as it was there; None where it was not."""
        ...

    def between(self, path: str) -> Iterator[bytes]:
        """What the file was in the commits since."""
        ...

    def authors(self, paths: Sequence[str]) -> Sequence[str]:
        """Who edited one of the files since; of what is not committed, the person whose checkout this is."""
        ...
