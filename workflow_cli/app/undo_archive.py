"""Takes an archive back: the change is open again, and the main specs say what they said before it.

Edits made since stay, as long as they touch other requirements than the archive did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from difflib import get_close_matches

from workflow_cli.app.ports import Documents, SpecTree
from workflow_cli.domain.markdown.line_merge import LineConflict, merge_lines
from workflow_cli.domain.markdown.source import split_lines
from workflow_cli.domain.openspec.archiving.place import ARCHIVE
from workflow_cli.domain.review.approval import Approval
from workflow_cli.domain.review.draft import UNDOES, Author, DirectoryMove, Draft, FileChange, content_hash, draft_of
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.put_back import put_back
from workflow_cli.domain.review.revision import FileRevision, Revision
from workflow_cli.domain.review.touched import REST, touched_requirements
from workflow_cli.errors import UsageError

CHANGES = "openspec/changes"


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoRefusal:
    """`revisions` are the numbers of the later revisions that stand in the way."""

    message: str
    where: str
    hint: str
    revisions: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Undone:
    """`of` is the archive's revision. `kept` are the specs in which later edits stay."""

    change: str
    of: Revision
    refusals: tuple[UndoRefusal, ...] = ()
    draft: Draft | None = None
    kept: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    revision: Revision | None = None
    dry_run: bool = False

    @property
    def outcome(self) -> str:
        """For the event log."""
        if self.refusals:
            return "refused"
        if self.revision is not None:
            return "undone"
        return "would_undo" if self.dry_run else "waiting"

    @property
    def exit_code(self) -> int:
        if self.refusals:
            return 1
        return 4 if self.reasons and self.revision is None and not self.dry_run else 0


class UndoArchive:
    def __init__(
        self,
        tree: SpecTree,
        documents: Documents,
        *,
        author: Author,
        because: str | None = None,
        dry_run: bool = False,
        needs_approval: Callable[[Draft], Sequence[Reason]] = lambda _draft: (),
        approval_of: Callable[[Draft], Approval | None] = lambda _draft: None,
    ) -> None:
        self._tree = tree
        self._documents = documents
        self._author = author
        self._because = because
        self._dry_run = dry_run
        self._needs_approval = needs_approval
        self._approval_of = approval_of

    def run(self, name: str) -> Undone:
        """Undo the last archive of a change, or the one that a revision's number or id names.

        Raises UsageError where the history holds no such archive.
        """
        with nullcontext() if self._dry_run else self._documents.lock():
            revision, move = self._archive_named(name)
            change = move.source.rpartition("/")[2]
            refusals = list(self._in_the_way(revision, move))
            files: list[FileChange] = []
            kept: list[str] = []
            for file in () if self._undone_by(revision) else revision.files:
                restored = self._restored(revision, file)
                if isinstance(restored, UndoRefusal):
                    refusals.append(restored)
                    continue
                files.append(restored)
                if content_hash(restored.before) != file.after:
                    kept.append(file.path)
            if refusals:
                return Undone(change=change, of=revision, refusals=tuple(refusals), dry_run=self._dry_run)
            draft = draft_of(
                files,
                author=self._author,
                operations=[f"undo the archive of {change}"],
                because=self._because,
                provenance={UNDOES: revision.id},
                moves=[DirectoryMove(source=move.target, target=move.source)],
            )
            reasons = tuple(self._needs_approval(draft))
            approval = self._approval_of(draft) if reasons else None
            committed = None
            if not self._dry_run and (approval or not reasons):
                committed = self._documents.commit(draft, approval=approval, reasons=[r.rule for r in reasons])
            return Undone(
                change=change,
                of=revision,
                draft=draft,
                kept=tuple(kept),
                reasons=reasons,
                revision=committed,
                dry_run=self._dry_run,
            )

    # -- which archive -------------------------------------------------------------------------------------

    def _archive_named(self, name: str) -> tuple[Revision, DirectoryMove]:
        archives = self._archives()
        bare = name.rstrip("/").rpartition("/")[2]
        for revision, move in reversed(archives):
            if bare in (move.source.rpartition("/")[2], move.target.rpartition("/")[2], str(revision.number)) or (
                len(bare) >= 4 and revision.id.startswith(bare)
            ):
                return revision, move
        unmade = self._unmade(archives)
        for _, move in archives:
            change = move.source.rpartition("/")[2]
            if bare in unmade and bare.endswith(f"-{change}"):
                raise UsageError(
                    f"no archive made {name!r}",
                    hint=f"if it is {move.target.rpartition('/')[2]} by another name: workflow archive undo {change}",
                )
        known = [move.source.rpartition("/")[2] for _, move in archives]
        near = get_close_matches(bare, known, n=3, cutoff=0.5)
        if bare in self._tree.archived_names() or any(a.endswith(f"-{bare}") for a in self._tree.archived_names()):
            raise UsageError(
                f"the history knows nothing of the archive of {name!r}",
                hint="it was archived by another program; take it back with version control",
            )
        raise UsageError(
            f"no archive of {name!r} is in the history",
            hint=f"nearest: {', '.join(near)}" if near else "name a change that was archived, or its revision",
        )

    # -- what stands in the way ----------------------------------------------------------------------------

    def _in_the_way(self, revision: Revision, move: DirectoryMove) -> Iterator[UndoRefusal]:
        if move.target.rpartition("/")[2] not in self._tree.archived_names():
            if undone := self._undone_by(revision):
                yield UndoRefusal(
                    message=f"revision {undone.number} undid it already",
                    where=move.source,
                    hint="nothing is left to undo",
                    revisions=(undone.number,),
                )
                return
            change = move.source.rpartition("/")[2]
            renamed = [name for name in self._unmade(self._archives()) if name.endswith(f"-{change}")]
            yield UndoRefusal(
                message="the archived directory is not there any more",
                where=move.target,
                hint=f"if {ARCHIVE}/{renamed[0]} is it, give it its name back"
                if len(renamed) == 1
                else "put it back first, or open the change anew",
            )
        if move.source.rpartition("/")[2] in self._tree.change_names():
            yield UndoRefusal(
                message="an open change has this name by now", where=move.source, hint="rename or archive it first"
            )

    def _undone_by(self, revision: Revision) -> Revision | None:
        return next((r for r in self._documents.revisions() if r.provenance.get(UNDOES) == revision.id), None)

    def _archives(self) -> list[tuple[Revision, DirectoryMove]]:
        return [(r, move) for r in self._documents.revisions() if (move := _archive_move(r))]

    def _unmade(self, archives: Sequence[tuple[Revision, DirectoryMove]]) -> list[str]:
        """Archived directories that none of these archives has made, or that were renamed since."""
        made = {move.target.rpartition("/")[2] for _, move in archives}
        return [name for name in self._tree.archived_names() if name not in made]

    def _restored(self, revision: Revision, file: FileRevision) -> FileChange | UndoRefusal:
        """The file as it was before the archive, with what was edited since in other requirements."""
        current = self._documents.read(file.path)
        before = self._documents.content(file.before) if file.before else None
        if content_hash(current) == file.after:
            return FileChange(path=file.path, before=current, after=before)
        after = self._documents.content(file.after) if file.after else None
        archived, since = touched_requirements(before, after), touched_requirements(after, current)
        both = archived & since
        if None in (before, after, current):
            both = archived | since  # A file that came or went as a whole leaves no room for edits beside it.
        if not both:
            merged = merge_lines(split_lines(after or b""), split_lines(current or b""), split_lines(before or b""))
            if not isinstance(merged, LineConflict):
                return FileChange(path=file.path, before=current, after=b"".join(merged))
            restored = put_back(before or b"", after or b"", current or b"")
            if restored is not None:
                return FileChange(path=file.path, before=current, after=restored)
            both = since
        names = ", ".join(f'"{name}"' if name != REST else "its introduction" for name in sorted(both))
        later = self._later(revision, file.path, both)
        by = f"revision {', '.join(map(str, later))}" if later else "an edit outside the history"
        return UndoRefusal(
            message=f"{names} changed again after the archive, by {by}",
            where=file.path,
            hint="undo that first, or write a change that says what should hold now",
            revisions=tuple(later),
        )

    def _later(self, revision: Revision, path: str, names: set[str]) -> list[int]:
        """The later revisions of a file that touched one of the requirements."""
        found = []
        for later in self._documents.revisions(path=path):
            file = next((f for f in later.files if f.path == path), None)
            if later.number <= revision.number or file is None:
                continue
            before, after = (self._documents.content(h) if h else None for h in (file.before, file.after))
            if touched_requirements(before, after) & names:
                found.append(later.number)
        return found


def _archive_move(revision: Revision) -> DirectoryMove | None:
    """The move of a change into the archive, if this revision made one."""
    for move in revision.moves:
        if move.target.startswith(f"{ARCHIVE}/") and move.source.startswith(f"{CHANGES}/"):
            return move
    return None
