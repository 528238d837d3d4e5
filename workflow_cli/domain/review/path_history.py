"""Which revisions concern a path, through every move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from workflow_cli.domain.review.draft import DirectoryMove
from workflow_cli.domain.review.revision import FileRevision, Revision


def place_after(path: str, moves: Iterable[DirectoryMove]) -> str:
    """Where a path is once the moves are done."""
    for move in moves:
        if _is_in(path, move.source):
            path = move.target + path[len(move.source) :]
    return path


def place_before(path: str, moves: Sequence[DirectoryMove]) -> str | None:
    """Where what is at a path was before the moves; None where it cannot have been there yet.

    What bore a name below a move's source went away with it, so whoever has the name now is another.
    """
    for move in reversed(moves):
        if _is_in(path, move.target):
            path = move.source + path[len(move.target) :]
        elif _is_in(path, move.source):
            return None
    return path


def versions(backwards: Iterable[Revision], path: str) -> Iterator[tuple[Revision, FileRevision]]:
    """The revisions that changed the file now at `path`, under the names it had, newest first, as given."""
    for revision in backwards:
        earlier = place_before(path, revision.moves)
        if earlier is None:
            return
        path = earlier
        for file in revision.files:
            if file.path == path:
                yield revision, file


def touching(revisions: Sequence[Revision], path: str) -> list[Revision]:
    """Those that changed or moved what is, or once was, at `path` or below it; `revisions` are oldest first."""
    numbers = _backwards(revisions, path) | _forwards(revisions, path)
    return [revision for revision in revisions if revision.number in numbers]


def _backwards(revisions: Sequence[Revision], path: str) -> set[int]:
    """From what is at `path` now, under the names it had before."""
    numbers: set[int] = set()
    for revision in reversed(revisions):
        earlier = place_before(path, revision.moves)
        if earlier is None:
            break
        if earlier != path or _touches(revision, earlier):
            numbers.add(revision.number)
        path = earlier
    return numbers


def _forwards(revisions: Sequence[Revision], path: str) -> set[int]:
    """From what once was at `path`, under the names it has had since."""
    numbers: set[int] = set()
    names = {path}
    for revision in revisions:
        if any(_touches(revision, name) for name in names):
            numbers.add(revision.number)
        names |= {place_after(name, revision.moves) for name in names}
    return numbers


def _touches(revision: Revision, path: str) -> bool:
    """Whether it changed what is at the path or below it, or moved that, or moved it along."""
    return any(_is_in(file.path, path) for file in revision.files) or any(
        _is_in(move.source, path) or _is_in(path, move.source) for move in revision.moves
    )


def _is_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(f"{directory}/")
