"""The tree as the loop reads it, and the archive, which it writes as the command does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.wiring.documents import spec_tree

if TYPE_CHECKING:
    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.adapters.openspec_files import OpenSpecFiles
    from workflow_cli.app.archive_report import ArchivedChange
    from workflow_cli.app.improve.change_proposals import Tree
    from workflow_cli.app.improve.replay_repairs import ReplayRepairs
    from workflow_cli.app.ports import Clock, EventLog
    from workflow_cli.app.review_drafts import ReviewDrafts
    from workflow_cli.domain.improvement.repaired import Repaired
    from workflow_cli.settings import Settings

#: Old texts of the history in which a repair is tried out.
_MOST_TEXTS = 400
#: The capability of what people answered and no spec is near to.
_ANSWERS = "answers-by-people"


class LoopTree:
    """`near` gives the capability that a question is nearest to. `forget` is called before main specs change."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        documents: DocumentsOnDisk,
        review: ReviewDrafts,
        *,
        clock: Clock,
        events: EventLog,
        near: Callable[[str], str | None],
        forget: Callable[[], None],
    ) -> None:
        self._root = root
        self._settings = settings
        self._documents = documents
        self._review = review
        self._clock = clock
        self._events = events
        self._near = near
        self._forget = forget

    def _files(self) -> OpenSpecFiles:
        return spec_tree(self._root, self._settings)

    # -- for proposals -----------------------------------------------------------------------------------------

    @property
    def of_proposals(self) -> Tree:
        from workflow_cli.app.improve.change_proposals import Tree

        files = self._files()
        return Tree(
            open=files.change_names,
            archived=files.archived_names,
            requirements=self._requirements,
            addresses=self._addresses,
            place=lambda question: self._near(question) or _ANSWERS,
            files=self._files_in,
            obstacle=self._obstacle,
            archive=self._archive,
            undo_archive=self._undo_archive,
        )

    def _requirements(self, capability: str) -> Collection[str]:
        from workflow_cli.domain.openspec.document import Document
        from workflow_cli.domain.openspec.spec import read_spec

        found = self._files().read_main(capability)
        if not isinstance(found, Document):
            return ()
        return [requirement.name for requirement in read_spec(capability, found).requirements]

    def _addresses(self, capability: str, requirement: str) -> Collection[str]:
        from workflow_cli.domain.answering.passages import cut

        path = f"openspec/specs/{capability}/spec.md"
        data = self._documents.read(path) or b""
        return [
            one.passage.address
            for one in cut(path, data)
            if f"Requirement: {requirement}" in one.passage.address.split(" > ")
        ]

    def _files_in(self, directory: str) -> Collection[str]:
        found = (self._root / directory).rglob("*")
        return [path.relative_to(self._root).as_posix() for path in found if path.is_symlink() or not path.is_dir()]

    def _obstacle(self, name: str) -> str | None:
        from workflow_cli.adapters.event_log import NoEvents
        from workflow_cli.app.archive_report import Outcome
        from workflow_cli.errors import WorkflowError

        try:
            result = self._archived(name, skip_specs=False, dry_run=True, events=NoEvents())
            waits = bool(result.reasons) and result.draft is not None and self._review.approval_of(result.draft) is None
        except WorkflowError as error:
            return f"not archived: {error}"
        if result.outcome is Outcome.WOULD_ARCHIVE:
            return f"not archived: it waits for a person, workflow archive {name}" if waits else None
        return f"not archived: {'; '.join(refusal.message for refusal in result.refusals) or result.outcome.value}"

    def _archived(self, name: str, *, skip_specs: bool, dry_run: bool, events: EventLog) -> ArchivedChange:
        from workflow_cli.adapters.git_history import GitHistory
        from workflow_cli.app.archive_change import ArchiveChange, ArchiveOptions
        from workflow_cli.domain.review.of_the_loop import LOOP

        because = "decided by the rule of the loop"
        report = ArchiveChange(
            self._files(),
            self._documents,
            GitHistory(self._root),
            self._clock,
            events,
            ArchiveOptions(author=LOOP, yes=True, skip_specs=skip_specs, because=because, dry_run=dry_run),
            needs_approval=self._review.needs_approval,
            approval_of=self._review.approval_of,
        ).run([name])
        (result,) = report.changes
        return result

    def _archive(self, name: str, skip_specs: bool) -> None:
        from workflow_cli.app.archive_report import Outcome
        from workflow_cli.errors import EditRefused

        self._forget()
        result = self._archived(name, skip_specs=skip_specs, dry_run=False, events=self._events)
        if result.outcome is not Outcome.ARCHIVED:
            why = "; ".join(refusal.message for refusal in result.refusals) or result.outcome.value
            raise EditRefused(f"not archived: {why}", where=f"openspec/changes/{name}", hint=f"workflow archive {name}")

    def _undo_archive(self, name: str) -> None:
        from workflow_cli.app.undo_archive import UndoArchive
        from workflow_cli.domain.review.of_the_loop import LOOP
        from workflow_cli.errors import EditRefused

        self._forget()
        undone = UndoArchive(
            self._files(),
            self._documents,
            author=LOOP,
            because="taken back by the rule of the loop",
            needs_approval=self._review.needs_approval,
            approval_of=self._review.approval_of,
        ).run(name)
        if undone.revision is None:
            why = "; ".join(refusal.message for refusal in undone.refusals) or "it waits for a person"
            raise EditRefused(
                f"the archive was not taken back: {why}", where=name, hint=f"workflow archive undo {name}"
            )

    # -- for answers -------------------------------------------------------------------------------------------

    def texts(self) -> Mapping[str, str]:
        """What the main specs say at each place that an answer may cite."""
        from workflow_cli.domain.answering.passages import cut
        from workflow_cli.domain.improvement.places import place_of

        texts: dict[str, str] = {}
        for spec in self._files().spec_files():
            path = f"openspec/specs/{spec.id}/spec.md"
            for piece in cut(path, self._documents.read(path) or b""):
                texts[place_of(piece.passage.address)] = piece.passage.text
        return texts

    # -- for repairs -------------------------------------------------------------------------------------------

    def replay(self, rule: str) -> Sequence[Repaired]:
        """See Repairs."""
        return self._repairs.replay(rule)

    @cached_property
    def _repairs(self) -> ReplayRepairs:
        # Few cycles try a repair, and to load all rules and fixers takes as long as looking at thousands of questions.
        from workflow_cli.app.fixes import creators_in
        from workflow_cli.app.improve.replay_repairs import ReplayRepairs
        from workflow_cli.domain.openspec.rules.catalogue import rules_for

        files = self._files()
        chosen = self._settings.rules
        return ReplayRepairs(
            self._recorded_texts,
            rules=rules_for(chosen.enable, chosen.disable),
            mains=files.read_main,
            creators=creators_in(files),
        )

    def _recorded_texts(self) -> Iterator[tuple[str, bytes]]:
        """What documents are, and what they were in the history: before a revision as well as after it. The newest first."""
        from workflow_cli.domain.openspec.document import Document

        files = self._files()
        yield from (
            (document.file, document.data)
            for spec in files.spec_files()
            if isinstance(document := files.read_main(spec.id), Document)
        )
        for name in files.change_names():
            yield from ((document.file, document.data) for document in files.read_change(name).documents)
        left = _MOST_TEXTS
        for revision in reversed(self._documents.revisions()):
            for file in revision.files:
                for hash in (file.after, file.before):
                    if hash is not None and file.path.endswith(".md") and left > 0:
                        left -= 1
                        yield file.path, self._documents.content(hash)
