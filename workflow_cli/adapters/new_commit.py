"""A commit on its way from a draft to a revision.

What it will do is on record before any file is made, so that whoever comes after a process that died knows of it. Only the
disk may have the files before it has the record: both are flushed at once where that is found after a new start of the
machine.
"""

from __future__ import annotations

from collections.abc import Mapping

from workflow_cli.adapters import journal
from workflow_cli.adapters.history_store import HistoryStore, chained
from workflow_cli.adapters.side_by_side import side_by_side
from workflow_cli.adapters.stray_files import is_swept, temporary_name
from workflow_cli.adapters.tree_files import TreeFiles, parts_of
from workflow_cli.adapters.write_plan import PlannedFile, WritePlan
from workflow_cli.domain.review.draft import Draft
from workflow_cli.domain.review.revision import Revision


class NewCommit:
    """Wants the lock to be held and the draft's bases to have been compared; `modes` are those of its files, by path.

    `revision` is what it is to become, but for its id.
    """

    def __init__(
        self, draft: Draft, revision: Revision, modes: Mapping[str, int | None], *, tree: TreeFiles, store: HistoryStore
    ) -> None:
        self._tree, self._store, self._revision = tree, store, revision
        self._changed = [change for change in draft.files if change.before != change.after]
        self._contents: dict[str, bytes] = {}
        _, predecessor = store.last
        self._body = chained(revision, predecessor)
        self._plan = self._planned(draft, modes)

    def carry_out(self, *, strays_are_found: bool) -> None:
        """Do it all; it is on the disk and in the history when this returns.

        With `strays_are_found`, temporary files that no plan names are removed after the next start of the machine.
        """
        self._store.begin(self._revision, self._body, self._plan, self._changed)
        at_once = strays_are_found and self._may_flush_at_once()
        if at_once:
            side_by_side(self._store.flush, self._stage)
        else:
            self._store.flush()
            self._stage()
        journal.switch(self._tree, self._plan, self._contents.__getitem__)
        self._store.finish(self._revision)

    def _stage(self) -> None:
        """Have the new bytes on the disk, under temporary names."""
        journal.stage(self._tree, self._plan, self._plan.files, self._contents.__getitem__)
        self._tree.flush_staged()

    def take_back(self) -> tuple[str, ...] | None:
        """After a failure put everything back, and say what `journal.undo` says; None where nothing is on record."""
        if self._store.is_pending():  # an interrupt may come when all is done
            return journal.undo(self._tree, self._plan, self._contents.__getitem__)
        return None

    def _may_flush_at_once(self) -> bool:
        """Whether temporary files are all it makes before its plan is on the disk, and all of them where one looks."""
        writes = [file.path for file in self._plan.files if file.after is not None]
        return bool(writes) and not self._plan.made and all(map(is_swept, writes))

    def _planned(self, draft: Draft, modes: Mapping[str, int | None]) -> WritePlan:
        files: list[PlannedFile] = []
        for number, (change, hashes) in enumerate(zip(self._changed, self._revision.files, strict=True)):
            if hashes.before is not None and change.before is not None:
                self._contents[hashes.before] = change.before
            if hashes.after is not None and change.after is not None:
                self._contents[hashes.after] = change.after
            files.append(
                PlannedFile(
                    path=change.path,
                    before=hashes.before,
                    after=hashes.after,
                    mode=modes[change.path],
                    temporary=temporary_name(self._revision.id, number),
                )
            )
        return WritePlan(files=tuple(files), moves=draft.moves, made=_missing_directories(self._tree, draft))


def _missing_directories(tree: TreeFiles, draft: Draft) -> tuple[str, ...]:
    """Those to be made, each after the one it lies in."""
    wanted = [change.path for change in draft.files if change.before is None and change.after is not None]
    wanted += [move.target for move in draft.moves]
    made: list[str] = []
    for path in wanted:
        above = parts_of(path)[:-1]
        for depth in range(1, len(above) + 1):
            directory = "/".join(above[:depth])
            if directory not in made and not tree.is_directory(directory):
                made.append(directory)
    return tuple(made)
