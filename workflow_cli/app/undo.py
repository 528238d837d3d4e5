"""Takes one revision back, by another revision. What was edited beside it since stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workflow_cli.app.ports import Documents
from workflow_cli.app.show_history import find_revision
from workflow_cli.domain.markdown.line_merge import LineConflict, merge_lines
from workflow_cli.domain.markdown.source import split_lines
from workflow_cli.domain.review.approval import Approval
from workflow_cli.domain.review.draft import UNDOES, Author, DirectoryMove, Draft, FileChange, content_hash, draft_of
from workflow_cli.domain.review.path_history import place_after
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import FileRevision, Revision

#: Asked before an undo that later revisions stand on; whether to go on.
ConfirmUndo = Callable[["UndoPlan"], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class InTheWay:
    """Why a file or directory cannot be put back; `line` counts from 1 in the text that the revision left."""

    path: str
    message: str
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoPlan:
    """`later` are the revisions since that touched the same files. `merged` are the files that keep their edits."""

    of: Revision
    draft: Draft
    later: tuple[Revision, ...] = ()
    merged: tuple[str, ...] = ()
    in_the_way: tuple[InTheWay, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """`revision` is None where nothing was written; then exactly one of the others says why."""

    plan: UndoPlan
    revision: Revision | None = None
    dry_run: bool = False
    declined: bool = False
    unconfirmed: bool = False
    reasons: tuple[Reason, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether a person has to say something first."""
        return self.unconfirmed or bool(self.reasons and self.revision is None and not self.dry_run)

    @property
    def outcome(self) -> str:
        """For the event log."""
        if self.plan.in_the_way:
            return "refused"
        if self.revision is not None:
            return "undone"
        return "would_undo" if self.dry_run else "declined" if self.declined else "waiting"

    @property
    def exit_code(self) -> int:
        if self.plan.in_the_way:
            return 5
        return 4 if self.waiting else 1 if self.declined else 0


@dataclass(frozen=True, kw_only=True)
class Undo:
    """`confirm` None: nobody is there to ask, and an undo that later revisions stand on waits."""

    documents: Documents
    author: Author
    because: str | None = None
    confirm: ConfirmUndo | None = None
    dry_run: bool = False
    needs_approval: Callable[[Draft], Sequence[Reason]] = lambda _draft: ()
    approval_of: Callable[[Draft], Approval | None] = lambda _draft: None

    def run(self, named: str) -> Undone:
        """Undo the revision of a number or id. Raises UsageError for one that there is not."""
        # Nothing is locked while a person thinks; a draft that has become stale is refused.
        plan = self.plan(find_revision(self.documents.revisions(), named))
        if plan.in_the_way or self.dry_run:
            return Undone(plan=plan, dry_run=self.dry_run)
        if plan.later:
            if self.confirm is None:
                return Undone(plan=plan, unconfirmed=True)
            if not self.confirm(plan):
                return Undone(plan=plan, declined=True)
        reasons = tuple(self.needs_approval(plan.draft))
        approval = self.approval_of(plan.draft) if reasons else None
        if reasons and approval is None:
            return Undone(plan=plan, reasons=reasons)
        revision = self.documents.commit(plan.draft, approval=approval, reasons=[r.rule for r in reasons])
        return Undone(plan=plan, revision=revision, reasons=reasons)

    def plan(self, of: Revision) -> UndoPlan:
        since = [r for r in self.documents.revisions() if r.number > of.number]
        changes: list[FileChange] = []
        merged: list[str] = []
        in_the_way: list[InTheWay] = []
        for file in of.files:
            restored = self._restored(file, _now(file.path, [of, *since]))
            if isinstance(restored, InTheWay):
                in_the_way.append(restored)
                continue
            changes.append(restored)
            if restored.before != restored.after and content_hash(restored.before) != file.after:
                merged.append(restored.path)
        moves = [DirectoryMove(source=_now(m.target, since), target=m.source) for m in reversed(of.moves)]
        draft = draft_of(
            changes,
            author=self.author,
            operations=[f"undo revision {of.number}"],
            because=self.because,
            provenance={UNDOES: of.id},
            moves=moves,
        )
        if draft.is_empty and not in_the_way:
            where = of.files[0].path if of.files else of.moves[0].source
            in_the_way.append(InTheWay(path=where, message="everything is as it was before; nothing is left to undo"))
        return UndoPlan(
            of=of, draft=draft, later=_standing_on(of, since), merged=tuple(merged), in_the_way=tuple(in_the_way)
        )

    def _restored(self, file: FileRevision, path: str) -> FileChange | InTheWay:
        current = self.documents.read(path)
        found = content_hash(current)
        if found == file.before:
            return FileChange(path=path, before=current, after=current)
        before = self.documents.content(file.before) if file.before else None
        if found == file.after:
            return FileChange(path=path, before=current, after=before)
        if current is None:
            return InTheWay(path=path, message="the file is gone since")
        if file.after is None:
            return InTheWay(path=path, message="another file is there since")
        if before is None:
            return InTheWay(path=path, message="the file was made by this revision and edited since")
        after = self.documents.content(file.after)
        merged = merge_lines(split_lines(after), split_lines(current), split_lines(before))
        if isinstance(merged, LineConflict):
            return InTheWay(path=path, message="the same lines were edited since", line=merged.line + 1)
        return FileChange(path=path, before=current, after=b"".join(merged))


def _standing_on(of: Revision, since: Sequence[Revision]) -> tuple[Revision, ...]:
    """The later revisions that touched a file of this one, under the name it had by then."""
    found = []
    names = {place_after(file.path, of.moves) for file in of.files}
    for revision in since:
        if any(file.path in names for file in revision.files):
            found.append(revision)
        names = {place_after(name, revision.moves) for name in names}
    return tuple(found)


def _now(path: str, revisions: Sequence[Revision]) -> str:
    for revision in revisions:
        path = place_after(path, revision.moves)
    return path
