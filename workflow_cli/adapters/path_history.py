"""Which revisions concern a path, through every move."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.adapters.write_plan import place_after
from workflow_cli.domain.review.draft import DirectoryMove
from workflow_cli.domain.review.revision import Revision


def touching(revisions: Sequence[Revision], path: str) -> list[Revision]:
    """Those that changed or moved what is, or once was, at `path` or below it; `revisions` are oldest first."""
    numbers = _backwards(revisions, path) | _forwards(revisions, path)
    return [revision for revision in revisions if revision.number in numbers]


def _backwards(revisions: Sequence[Revision], path: str) -> set[int]:
    """From what is at `path` now, under the names it had before."""
    numbers: set[int] = set()
    for revision in reversed(revisions):
        earlier = path
        for move in reversed(revision.moves):
            earlier = place_after(earlier, [DirectoryMove(source=move.target, target=move.source)])
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
    places = [file.path for file in revision.files] + [move.source for move in revision.moves]
    return any(
        place == path or place.startswith(f"{path}/") or (path.startswith(f"{place}/") and place in _moved(revision))
        for place in places
    )


def _moved(revision: Revision) -> set[str]:
    return {move.source for move in revision.moves}
