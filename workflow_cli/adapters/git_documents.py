"""The git checkout that the documents lie in: edits that are not committed, and commits of what was written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.adapters.checkout import is_in_checkout
from workflow_cli.adapters.git_environment import git_environment
from workflow_cli.domain.markdown.line_merge import LineConflict, merge_lines
from workflow_cli.domain.markdown.source import split_lines
from workflow_cli.domain.review.draft import AuthorKind, Draft, FileChange, content_hash
from workflow_cli.domain.review.path_history import place_after
from workflow_cli.domain.review.revision import Revision
from workflow_cli.errors import EditRefused

if TYPE_CHECKING:
    import subprocess


class GitCheckout:
    """Outside a checkout, and where git is not installed, it asks for nothing and records nothing."""

    def __init__(self, root: Path, *, refuse_dirty: bool, auto_commit: bool) -> None:
        self._root = root
        self._refuse_dirty = refuse_dirty
        self._auto_commit = auto_commit
        self._there = is_in_checkout(root)
        #: What git said where it would not tell whether there are edits that are not committed.
        self._untold = ""

    def refuse_foreign_edits(self, draft: Draft, written_by_us: Mapping[str, str | None]) -> None:
        """Raises EditRefused where the draft conflicts with edits of a tracked file that are not committed in git.

        It conflicts where it touches the very lines that somebody edited; where the revision is to be committed,
        any such edit does, because the commit would take it along. What a revision left is nobody else's edit,
        and a file that is new to git has nothing to differ from.
        """
        if not (self._there and self._refuse_dirty):
            return
        foreign = [
            change
            for change in draft.files
            if change.before not in (None, change.after)
            and written_by_us.get(change.path) != content_hash(change.before)
        ]
        if not foreign:
            return
        dirty = [change.path for change in foreign if self._conflicts(change)]
        if dirty:
            raise EditRefused(
                "has edits at the same place that are neither committed nor in the history; nothing was written",
                where=", ".join(dirty),
                hint="commit or stash them, or set documents.dirty to allow",
            )

    def _conflicts(self, change: FileChange) -> bool:
        asked = self._git("status", "--porcelain", "-z", "--untracked-files=no", "--no-renames", "--", change.path)
        said, self._untold = asked.stdout, _first_line(asked.stderr) if asked.returncode != 0 else ""
        if not said or said.startswith(b"A"):  # one that is staged, or moved, is as new as one that git never saw
            return False
        # As git would write it here: with the line ends of this checkout.
        committed = self._git("cat-file", "--filters", f"HEAD:./{change.path}")
        if self._auto_commit or committed.returncode != 0 or change.before is None or change.after is None:
            return True
        theirs, now, ours = map(split_lines, (committed.stdout, change.before, change.after))
        return isinstance(merge_lines(now, theirs, ours), LineConflict)

    def record(self, revision: Revision) -> str | None:
        """Commit exactly what the revision touched, with trailers that name it; why not, in words. Or that edits of others
        may have been written over, because git did not tell of them: the history has what was there before.

        What is staged of other files stays staged and uncommitted. Hooks run as for every commit.
        """
        if not (self._there and self._auto_commit):
            return f"git did not tell whether somebody had edited it: {self._untold}" if self._untold else None
        paths = sorted(
            {file.path for file in revision.files}
            | {place_after(file.path, revision.moves) for file in revision.files}
            | {place for move in revision.moves for place in (move.source, move.target)}
        )
        fresh = self._names("ls-files", "--others", "--exclude-standard", "-z", "--", *paths)
        if fresh:
            self._git("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul", fed=fresh)
        listed = self._git("ls-files", "-z", "--", *paths)
        if listed.returncode != 0 and self._there:
            return _uncommitted(revision, _first_line(listed.stderr))
        known = _names_in(listed.stdout)
        if not known:
            return None
        done = self._git(
            "commit",
            "--only",
            "--quiet",
            "--cleanup=whitespace",
            *message(revision),
            "--pathspec-from-file=-",
            "--pathspec-file-nul",
            fed=known,
        )
        if done.returncode == 0:
            return None
        if fresh:
            self._git("reset", "--quiet", "--pathspec-from-file=-", "--pathspec-file-nul", fed=fresh)
        return _uncommitted(revision, _first_line(done.stderr or done.stdout) or f"status {done.returncode}")

    def _names(self, *arguments: str) -> list[str]:
        return _names_in(self._git(*arguments).stdout)

    def _git(self, *arguments: str, fed: Iterable[str] = ()) -> subprocess.CompletedProcess[bytes]:
        import subprocess  # here, because most commits ask git nothing

        try:
            return subprocess.run(
                ["git", "--literal-pathspecs", "--no-optional-locks", "-C", str(self._root), *arguments],
                input=b"".join(os.fsencode(name) + b"\0" for name in fed),
                capture_output=True,
                check=False,
                env=git_environment(),
            )
        except OSError as error:
            self._there = False
            return subprocess.CompletedProcess(arguments, 127, b"", str(error).encode())


def _names_in(listed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]


def _first_line(said: bytes) -> str:
    return next(iter(said.decode("utf-8", "replace").strip().splitlines()), "")


def _uncommitted(revision: Revision, reason: str) -> str:
    return f"revision {revision.number} is written, but git did not commit it: {reason}"


def message(revision: Revision) -> Sequence[str]:
    """The arguments that give git the commit message: what, why, and the trailers."""
    what = [one_line(operation) for operation in revision.operations]
    if not what:
        what = [f"Change {file.path}" for file in revision.files] + [f"Move {m.source}" for m in revision.moves]
    subject = what[0] if len(what) == 1 else f"{what[0]} (and {len(what) - 1} more)"
    paragraphs = [subject]
    if revision.because:
        paragraphs.append(one_line(revision.because))
    if len(what) > 1:
        paragraphs.append("\n".join(f"- {line}" for line in what))
    trailers = [f"Workflow-Revision: {revision.id[:12]}", f"Workflow-Draft: {revision.draft[:12]}"]
    if revision.author.kind is not AuthorKind.PERSON:
        trailers.append(f"Workflow-Author: {one_line(str(revision.author))}")
    trailers += [
        f"Workflow-{kind.capitalize()}: {one_line(name)}"
        for kind, name in sorted(revision.provenance.items())
        if kind.isalnum()
    ]
    if revision.approval:
        trailers.append(f"Approved-by: {one_line(revision.approval.by)}")
    paragraphs.append("\n".join(trailers))
    return [argument for paragraph in paragraphs for argument in ("-m", paragraph)]


def one_line(text: str) -> str:
    """Words of others on one line, without anything a terminal would obey."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split()) or "-"
