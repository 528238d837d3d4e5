"""The documents of a tree on disk: the one place that writes them.

A commit locks the tree, compares every base, records what it is about to do, and only then touches a document.
Whatever a killed process left half done is finished or undone before anything else.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workflow_cli.adapters import journal
from workflow_cli.adapters.confined_read import is_within
from workflow_cli.adapters.history_store import HISTORY_FILE, HistoryStore, Pending
from workflow_cli.adapters.new_commit import NewCommit
from workflow_cli.adapters.private_file import emptied
from workflow_cli.adapters.state_directory import STATE_DIRECTORY, make_state_directory
from workflow_cli.adapters.stray_files import remove_strays
from workflow_cli.adapters.tree_files import TreeFiles, folded, parts_of, stale
from workflow_cli.adapters.tree_lock import TreeLock
from workflow_cli.domain.review.draft import Draft
from workflow_cli.domain.review.path_history import place_before, touching
from workflow_cli.domain.review.revision import FileRevision, Revision
from workflow_cli.errors import CutOff, DocumentError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Clock
    from workflow_cli.domain.review.approval import Approval


class Checkout(Protocol):
    """What a commit asks of the version control that the tree lies in."""

    def refuse_foreign_edits(self, draft: Draft, written_by_us: Mapping[str, str | None]) -> None:
        """Raises EditRefused where a file has uncommitted edits that did not come from here.

        `written_by_us` holds, for each path, the hash its last revision left, if there is one.
        """
        ...

    def record(self, revision: Revision) -> str | None:
        """Commit what the revision touched, where that is asked for; why it could not be done, in words."""
        ...


class DocumentsOnDisk:
    """`Documents` below `root`. `notices` say, for people, what had to be repaired or could not be done.

    `committed` is told of each commit when it is done and the tree is free again; `locked`, whenever this process begins to
    hold the tree and what was cut off has been seen to. `go_on` is called when the tree is held and nothing is written yet,
    and may raise: then nothing is.
    """

    def __init__(
        self,
        root: Path,
        *,
        clock: Clock,
        lock_timeout: float = 30.0,
        checkout: Checkout | None = None,
        committed: Callable[[Draft, Revision], None] | None = None,
        go_on: Callable[[], None] = lambda: None,
        locked: Callable[[], None] | None = None,
    ) -> None:
        self.root = root
        self.notices: list[str] = []
        self._clock = clock
        self._checkout = checkout
        self._committed = committed
        self._go_on = go_on
        self._locked = locked
        self._strays_are_found: bool | None = None
        self._store = HistoryStore(root / STATE_DIRECTORY / HISTORY_FILE)
        self.notices += emptied(
            self._store.path,
            consequence="a new history begins. To have an old one back, put a copy of the file in its place before "
            "anything is written",
        )
        self._lock = TreeLock(root / STATE_DIRECTORY, timeout=lock_timeout)

    def close(self) -> None:
        self._store.close()

    @property
    def history_file(self) -> str:
        return self._store.path.relative_to(self.root).as_posix()

    def has_history(self) -> bool:
        """Raises DocumentError where that cannot be told."""
        return self._store.exists()

    # -- reading ---------------------------------------------------------------------------------------------

    def read(self, path: str) -> bytes | None:
        """The bytes at a path from the root; None where there is no file. Links inside the tree are followed."""
        self.settle()
        place = self.root.joinpath(*parts_of(path))
        try:
            if not is_within(self.root, place):
                raise OSError(errno.EXDEV, "a link on its way leads out of the tree")
            descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:  # refuses a directory
                return stream.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise DocumentError(f"cannot read: {error.strerror}", where=path) from error

    def revisions(self, *, path: str | None = None) -> Sequence[Revision]:
        self.settle()
        every = self._store.revisions()
        return every if path is None else touching(every, path)

    def newest(self) -> Iterator[Revision]:
        """All revisions, the last one first, as they are asked for."""
        return self._store.revisions_backwards()

    def content(self, hash: str) -> bytes:
        return self._store.content(hash)

    def verify(self) -> Sequence[str]:
        from workflow_cli.adapters.verify_history import damage

        return damage(self._store)

    # -- writing -----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        make_state_directory(self.root)
        with self._lock.hold() as just_now:
            if just_now:
                self._recover()
                self._look_for_strays()
                if self._locked:
                    self._locked()
            yield

    def check(self, draft: Draft) -> None:
        with _Reported(), TreeFiles(self.root) as tree:
            self._checked(tree, draft)

    def commit(self, draft: Draft, *, approval: Approval | None = None, reasons: Sequence[str] = ()) -> Revision:
        if draft.is_empty:
            raise ValueError("an empty draft has nothing to commit")
        if approval is not None and not approval.allows(draft):
            raise ValueError("the approval is not one of this draft")
        with self.lock():
            self._go_on()
            with _Reported(), TreeFiles(self.root) as tree:
                modes = self._checked(tree, draft)
                revision = self._revision(draft, self._store.last[0] + 1, approval, reasons)
                commit = NewCommit(draft, revision, modes, tree=tree, store=self._store)
                try:
                    commit.carry_out(strays_are_found=bool(self._strays_are_found))
                except BaseException:
                    # Should this fail too, the commit stays under way, and the next start sees to it.
                    with contextlib.suppress(OSError, WorkflowError):
                        if (conflicts := commit.take_back()) is not None:
                            self._abandon(conflicts)
                    raise
            if self._checkout and (complaint := self._checkout.record(revision)):
                self.notices.append(complaint)
        if self._committed:
            self._committed(draft, revision)
        return revision

    def _checked(self, tree: TreeFiles, draft: Draft) -> dict[str, int | None]:
        modes = _checked(tree, draft)
        if self._checkout:
            self._checkout.refuse_foreign_edits(draft, self._written_by_us(draft))
        return modes

    def _revision(self, draft: Draft, number: int, approval: Approval | None, reasons: Sequence[str]) -> Revision:
        return Revision(
            number=number,
            id="",
            at=_time(self._clock),
            author=draft.author,
            files=tuple(
                FileRevision(path=path, before=before, after=after)
                for path, before, after in draft.file_hashes
                if before != after
            ),
            moves=draft.moves,
            operations=draft.operations,
            because=draft.because,
            draft=draft.hash,
            approval=approval,
            reasons=tuple(reasons),
            provenance=dict(draft.provenance),
        )

    def _written_by_us(self, draft: Draft) -> dict[str, str | None]:
        """For each file that is there, the hash that the last revision to touch it left."""
        wanted = {change.path: change.path for change in draft.files if change.before is not None}
        found: dict[str, str | None] = {}
        for revision in self._store.revisions_backwards():
            if not wanted:
                break
            earlier = ((place_before(name, revision.moves), path) for name, path in wanted.items())
            wanted = {name: path for name, path in earlier if name is not None}
            for file in revision.files:
                if file.path in wanted:
                    found[wanted.pop(file.path)] = file.after
        return found

    # -- what a killed process left ------------------------------------------------------------------------------

    def settle(self, *, repair: bool = True) -> None:
        """Wait for a commit under way, or see to one whose process died.

        Raises CutOff where that cannot be done, or must not, without `repair`; DocumentError where the one under way does
        not end.
        """
        if not self._store.is_pending():
            return
        if repair:
            try:
                with self.lock():
                    return
            except DocumentError as error:
                if not error.is_forbidden or (pending := self._store.pending()) is None:
                    raise
                raise _cut_off(pending, "as somebody who may write here") from error
        with self._lock.keep_writers_out():
            pending = self._store.pending()
        if pending is not None:
            raise _cut_off(pending, "finishes it or takes it back")

    def _recover(self) -> None:
        pending = self._store.pending() if self._store.is_pending() else None
        if pending is None:
            return
        with _Reported(), TreeFiles(self.root) as tree:
            found = journal.look(tree, pending.plan)
            if found.untouched or found.conflicts:
                conflicts = journal.undo(tree, pending.plan, self._store.content)
                self._abandon((*found.conflicts, *conflicts) if found.conflicts else ())
                if not found.conflicts:
                    self.notices.append(_taken_back(pending))
            else:
                journal.clean(tree, pending.plan)
                journal.carry_out(tree, pending.plan, self._store.content)
                self._store.finish(pending.revision)
                self.notices.append(_finished(pending))

    def _look_for_strays(self) -> None:
        if self._strays_are_found is None:
            self._strays_are_found = remove_strays(self.root)

    def _abandon(self, conflicts: Sequence[str]) -> None:
        if not conflicts:
            self._store.abandon()
            return
        said = list(dict.fromkeys(conflicts))
        self._store.abandon(conflicts=json.dumps(said), at=_time(self._clock))
        self.notices.append(
            "a commit was cut off and could not be finished, because "
            + "; ".join(said)
            + ". What it had written elsewhere was taken back; what it would have written is in the history"
        )

    def interrupted(self) -> list[tuple[str, str, str]]:
        """Commits that were cut off and met another's edits: when, the revision as JSON, the conflicts as JSON."""
        return self._store.interrupted()


def _checked(tree: TreeFiles, draft: Draft) -> dict[str, int | None]:
    """The mode of every file of the draft. Raises StaleDocument where a base is not what is there."""
    modes: dict[str, int | None] = {}
    spelled: dict[str, str] = {}
    for change in draft.files:
        if change.path in modes:
            raise ValueError(f"{change.path} is in the draft twice")
        found, modes[change.path] = tree.read(change.path)
        if found != change.before:
            raise stale(change.path, found)
        if change.before is None and change.after is not None:
            tree.refuse_clash(change.path)
        if len(draft.files) > 1:
            _refuse_other_spelling(change.path, spelled)
    for move in draft.moves:
        if f"{move.target}/".startswith(f"{move.source}/"):
            raise DocumentError("cannot be moved into itself", where=move.source)
        if not tree.is_directory(move.source):
            raise DocumentError("there is no such directory to move", where=move.source)
        if tree.exists(move.target):
            raise DocumentError("is there already, so nothing can be moved to it", where=move.target)
        tree.refuse_clash(move.target)
    return modes


def _refuse_other_spelling(path: str, spelled: dict[str, str]) -> None:
    """Raises DocumentError where a name on the path is in the draft in another spelling already."""
    parts = parts_of(path)
    for depth in range(1, len(parts) + 1):
        name = "/".join(parts[:depth])
        if spelled.setdefault(folded(name), name) != name:
            raise DocumentError(f"the draft also has {spelled[folded(name)]}, which differs only in case", where=path)


def _finished(pending: Pending) -> str:
    return f"a commit that had been cut off was finished: revision {pending.revision.number}"


def _taken_back(pending: Pending) -> str:
    said = "a commit that had been cut off was taken back, as none of it was written yet"
    return f"{said}: {_what(pending)}"


def _cut_off(pending: Pending, what_it_does: str) -> CutOff:
    return CutOff(
        f"a commit was cut off, and part of what it wrote is there: {_what(pending)}",
        hint=f"`workflow history list` {what_it_does}; then run this again",
    )


def _what(pending: Pending) -> str:
    revision = pending.revision
    return next(iter(revision.operations), None) or ", ".join(file.path for file in revision.files[:3])


def _time(clock: Clock) -> str:
    return clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")


class _Reported:
    """What the system raises inside, raised as DocumentError."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            where = error.filename if isinstance(error.filename, str) else None
            raise DocumentError(f"cannot write: {error.strerror}; nothing was changed", where=where) from error
