"""Which text of the main spec a change's requirements were written against.

Three records may tell when a requirement of a delta got its present text: a revision that wrote it, the commit
that brought it, and the archive of another change that saw it standing there. The earliest is the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from workflow_cli.app.ports import Commits, Documents
from workflow_cli.domain.openspec.archiving.older_text import WrittenAgainst
from workflow_cli.domain.openspec.archiving.place import main_file
from workflow_cli.domain.openspec.archiving.witness import WITNESS, Witnessed, read_witness, texts_against_main
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta, read_delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.review.revision import Revision
from workflow_cli.errors import DocumentError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """At `at`, some open texts were there and the main specs were what `before` gives by their file."""

    at: datetime
    when: str
    texts: Witnessed
    before: Callable[[str], bytes | None]


class BaseTexts:
    def __init__(self, documents: Documents, commits: Commits) -> None:
        self._documents = documents
        self._commits = commits

    def of(self, change: Change, more: Sequence[Sighting] = ()) -> dict[tuple[str, str], WrittenAgainst]:
        """By capability and requirement, for every MODIFIED and REMOVED of which it is known.

        `more` are sightings that are in no history yet.
        """
        found: dict[tuple[str, str], WrittenAgainst] = {}
        for delta in change.deltas:
            texts = texts_against_main(delta)
            if not texts:
                continue
            best: dict[str, tuple[datetime, WrittenAgainst]] = {}
            for name, at, base in self._candidates(delta, texts, more):
                if name not in best or at < best[name][0]:
                    best[name] = (at, base)
            found.update({(delta.id, name): base for name, (_, base) in best.items()})
        return found

    def _candidates(
        self, delta: Delta, texts: dict[str, str], more: Sequence[Sighting]
    ) -> Iterator[tuple[str, datetime, WrittenAgainst]]:
        yield from self._written(delta, texts)
        yield from self._committed(delta, texts)
        main = main_file(delta.id)
        for sighting in (*self._sightings(main), *more):
            seen = [name for name, hash in texts.items() if sighting.texts.get((delta.document.file, name)) == hash]
            if seen:
                base = _against(main, sighting.before(main), sighting.when)
                yield from ((name, sighting.at, base) for name in seen)

    def _written(self, delta: Delta, texts: dict[str, str]) -> Iterator[tuple[str, datetime, WrittenAgainst]]:
        """By the revisions of the delta."""
        file, main = delta.document.file, main_file(delta.id)
        revisions = [(r, hash) for r in reversed(self._documents.revisions(path=file)) if (hash := _after(r, file))]
        versions = ((r, self._content(hash)) for r, hash in revisions)
        for revision, names in _first_with(delta, texts, versions):
            known, data = self._main_at(main, revision)
            if known:
                base = _against(main, data, f"revision {revision.number}")
                yield from ((name, _time(revision), base) for name in names)

    def _main_at(self, main: str, revision: Revision) -> tuple[bool, bytes | None]:
        """Whether the history knows the main spec as it was at a revision of another file, and its bytes."""
        revisions = self._documents.revisions(path=main)
        earlier = [r for r in revisions if r.number <= revision.number]
        later = [r for r in revisions if r.number > revision.number]
        if not earlier and not later:
            return False, None
        nearest = earlier[-1] if earlier else later[0]
        hash = next((f.after if earlier else f.before for f in nearest.files if f.path == main), None)
        data = self._content(hash) if hash else None
        return hash is None or data is not None, data

    def _committed(self, delta: Delta, texts: dict[str, str]) -> Iterator[tuple[str, datetime, WrittenAgainst]]:
        main = main_file(delta.id)
        versions = ((c, c.data) for c in self._commits.touching(delta.document.file))
        for commit, names in _first_with(delta, texts, versions):
            base = _against(main, self._commits.content(commit.id, main), f"commit {commit.id[:7]}")
            yield from ((name, commit.at, base) for name in names)

    def _sightings(self, main: str) -> Iterator[Sighting]:
        for revision in self._documents.revisions(path=main):
            if value := revision.provenance.get(WITNESS):
                yield Sighting(
                    at=_time(revision),
                    when=f"before revision {revision.number}",
                    texts=read_witness(value),
                    before=lambda file, revision=revision: self._before(revision, file),  # type: ignore[misc]
                )

    def _before(self, revision: Revision, file: str) -> bytes | None:
        hash = next((f.before for f in revision.files if f.path == file), None)
        return self._content(hash) if hash else None

    def _content(self, hash: str) -> bytes | None:
        """What the history kept; a history that lost it knows nothing."""
        try:
            return self._documents.content(hash)
        except DocumentError:
            return None


def _first_with(
    delta: Delta, texts: dict[str, str], versions: Iterable[tuple[T, bytes | None]]
) -> Iterator[tuple[T, list[str]]]:
    """Which version, of those newest first, brought each text that has stood there ever since."""
    pending = set(texts)
    newest: T | None = None
    for version, data in versions:
        there = {} if data is None else texts_against_main(read_delta(delta.id, Document(file="", data=data)))
        came = [name for name in pending if there.get(name) != texts[name]]
        if came and newest is not None:
            yield newest, came
        pending.difference_update(came)
        if not pending:
            return
        newest = version
    if newest is not None:
        yield newest, sorted(pending)


def _after(revision: Revision, file: str) -> str | None:
    return next((f.after for f in revision.files if f.path == file), None)


def _against(file: str, data: bytes | None, when: str) -> WrittenAgainst:
    return WrittenAgainst(document=None if data is None else Document(file=file, data=data), when=when)


def _time(revision: Revision) -> datetime:
    return datetime.fromisoformat(revision.at)
