"""The index of passages in the state database: SQLite's full text search, kept up to date by content.

Only files whose stamp changed are read, and only those whose bytes changed are cut again. Where the database cannot
be used the index is made in memory, which takes longer and gives the same answers; where SQLite has no full text
search, passages are ranked by the same formula in Python.
"""

from __future__ import annotations

import contextlib
import copy
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from workflow_cli.adapters import passage_vectors
from workflow_cli.adapters.passage_database import (
    has_full_text_search,
    kept_in_memory,
    open_tables,
    tables_in_memory,
)
from workflow_cli.adapters.passage_files import PassageFiles
from workflow_cli.adapters.passage_rows import PASSAGE_COLUMNS, blob_of, known_stamps, passage_of, text_of
from workflow_cli.adapters.state_database import is_damage, put_aside, transaction
from workflow_cli.domain.answering.agreement import agrees
from workflow_cli.domain.answering.glossary import Glossary
from workflow_cli.domain.answering.query import Thing, read_question
from workflow_cli.domain.answering.rank import WEIGHTS, Candidate, rank, telling

if TYPE_CHECKING:
    from workflow_cli.domain.answering.bm25 import WordIndex
    from workflow_cli.domain.answering.passage import Evidence

Result = TypeVar("Result")

#: How many passages are looked at closely; what BM25 puts behind these is not the best of them.
_CANDIDATES = 80
#: A term that more than this share of the passages has is not searched for where there are better ones.
_COMMON = 0.25
_FEW_TERMS = 3
#: How many of the best passages by words are looked at to tell whether vectors agree with them.
_COMPARED = 30


class SqlitePassageIndex:
    """Passages of the tree at `root`. Safe to use from several threads, and by several processes at once.

    `path` is the state database; None keeps the index in memory. `full_text_search` False does without SQLite's.
    `title_weight` is how much more a word counts in a passage's own title than in its text.
    """

    def __init__(
        self,
        root: Path,
        path: Path | None,
        *,
        max_file_bytes: int,
        glossary: Glossary | None = None,
        full_text_search: bool = True,
        title_weight: float = WEIGHTS[0],
    ) -> None:
        self._files = PassageFiles(root, max_file_bytes)
        self._path = path
        self.glossary = glossary or Glossary()
        self._lock = RLock()
        self._full_text = full_text_search and has_full_text_search()
        self._words: WordIndex | None = None
        self._weights = (title_weight, *WEIGHTS[1:])
        self._connection, self._degraded = open_tables(path, full_text=self._full_text)

    def weighing(self, title_weight: float, glossary: Glossary | None = None) -> SqlitePassageIndex:
        """The same index with another weight of titles, and other words that mean the same where they are given, on the
        same connection: this one is the one to close."""
        other = copy.copy(self)
        if glossary is not None:
            other.glossary = glossary
        other._weights = (title_weight, *WEIGHTS[1:])
        other._words = None
        return other

    def supposing(self, path: str, data: bytes) -> SqlitePassageIndex:
        """A copy in memory, as it would be were these the bytes of the document at `path`. It is to be closed, and not
        to be brought up to date."""
        from workflow_cli.adapters.passage_intake import PassageIntake

        other = copy.copy(self)
        other._connection = tables_in_memory(full_text=self._full_text)
        with self._lock:
            self._in_any_case(lambda: self._connection.backup(other._connection))
        other._lock, other._words = RLock(), None
        PassageIntake(other._connection, self._files, full_text=self._full_text).take(path, data)
        return other

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    # -- keeping up ----------------------------------------------------------------------------------------

    def refresh(self) -> Sequence[str]:
        """See PassageIndex."""
        with self._lock:
            faults = self._in_any_case(self._refresh)
            return [*([self._degraded] if self._degraded else []), *faults]

    def _in_any_case(self, work: Callable[[], Result]) -> Result:
        """The result of some work on the database; where that fails, on an index in memory."""
        with self._lock:
            try:
                return work()
            except sqlite3.Error as error:
                self._fall_back(error)
                return work()

    def _refresh(self) -> list[str]:
        there = self._files.stamps()
        if there != known_stamps(self._connection):
            from workflow_cli.adapters.passage_intake import PassageIntake

            with transaction(self._connection):
                # What another process has done meanwhile is not done again.
                PassageIntake(self._connection, self._files, full_text=self._full_text).take_up(there)
            self._words = None
        rows = self._connection.execute("SELECT path, fault FROM passage_file WHERE fault IS NOT NULL ORDER BY path")
        return [f"{text_of(path)}: {fault}" for path, fault in rows]

    def _fall_back(self, error: sqlite3.Error) -> None:
        """Go on in memory. A damaged database is put aside, so that the next run has a whole one."""
        self._connection.close()
        if is_damage(error) and self._path is not None:
            with contextlib.suppress(OSError):
                put_aside(self._path)
        self._words = None
        self._connection = tables_in_memory(full_text=self._full_text)
        self._degraded = kept_in_memory(error, self._path)
        self._refresh()

    # -- searching -----------------------------------------------------------------------------------------

    def search(self, question: str, *, limit: int, change: str | None = None) -> Sequence[Evidence]:
        """See PassageIndex."""
        things = read_question(question, self.glossary)
        if not things or limit < 1:
            return []
        return self._in_any_case(lambda: self._search(things, change)[:limit])

    def _search(self, things: Sequence[Thing], change: str | None) -> list[Evidence]:
        wanted = _terms_of(things)
        total = self._connection.execute("SELECT count(*) FROM passage").fetchone()[0]
        counts = self._counts(wanted)
        searched = [term for term in wanted if 0 < counts[term] <= max(_COMMON * total, 1)]
        if len(searched) < _FEW_TERMS:
            searched = [term for term in wanted if counts[term]]
        if not searched:
            return []
        scores = self._scores(searched)
        touched: list[str] = []
        if change is not None:
            own, touched = self._of_change(change)
            scores |= self._scores(searched, among=own)
        return rank(self._candidates(scores), things, telling(things, counts, total), change=change, touched=touched)

    # -- by meaning ----------------------------------------------------------------------------------------

    def model_like(self, probe: Sequence[float]) -> int:
        """See VectorIndex."""
        return self._in_any_case(lambda: passage_vectors.model_like(self._connection, probe))

    def without_vector(self, model: int, *, limit: int) -> Sequence[tuple[str, str]]:
        """See VectorIndex."""
        return self._in_any_case(lambda: passage_vectors.without_vector(self._connection, model, limit))

    def keep_vectors(self, model: int, vectors: Mapping[str, Sequence[float]]) -> None:
        """See VectorIndex."""

        def keep() -> None:
            with transaction(self._connection):
                passage_vectors.keep_vectors(self._connection, model, vectors)

        self._in_any_case(keep)

    def nearest(
        self, question: str, vector: Sequence[float], *, model: int, limit: int, change: str | None = None
    ) -> Sequence[Evidence]:
        """See VectorIndex."""
        things = read_question(question, self.glossary)
        return self._in_any_case(lambda: self._nearest(things, vector, model, change)[:limit])

    def _nearest(
        self, things: Sequence[Thing], vector: Sequence[float], model: int, change: str | None
    ) -> list[Evidence]:
        near = passage_vectors.nearness(self._connection, model, vector)
        counts = self._counts(_terms_of(things))
        if not agrees(near, self._by_words(counts)):
            return []
        best = dict(sorted(near.items(), key=lambda pair: -pair[1])[:_CANDIDATES])
        touched: list[str] = []
        if change is not None:
            own, touched = self._of_change(change)
            best |= passage_vectors.nearness(self._connection, model, vector, own)
        total = self._connection.execute("SELECT count(*) FROM passage").fetchone()[0]
        weighed = telling(things, counts, total)
        return rank(self._candidates(best), things, weighed, change=change, touched=touched)

    def _by_words(self, counts: Mapping[str, int]) -> set[int]:
        searched = [term for term, count in counts.items() if count]
        scores = self._scores(searched) if searched else {}
        return set(sorted(scores, key=lambda id: -scores[id])[:_COMPARED])

    # -- how both search -----------------------------------------------------------------------------------

    def _counts(self, wanted: Sequence[str]) -> dict[str, int]:
        if not self._full_text:
            return {term: self._word_index().count(term) for term in wanted}
        query = "SELECT doc FROM passage_terms WHERE term = ?"
        rows = {term: self._connection.execute(query, (term,)).fetchone() for term in wanted}
        return {term: row[0] if row else 0 for term, row in rows.items()}

    def _scores(self, wanted: Sequence[str], *, among: Sequence[int] | None = None) -> dict[int, float]:
        """The best passages with their scores; `among` limits them to those of these files."""
        if not self._full_text:
            return dict(self._word_index().search(wanted, _CANDIDATES))
        match = " OR ".join(f'"{term}"' for term in wanted)
        weights = ", ".join(map(str, self._weights))
        inside = ""
        if among is not None:
            files = ", ".join(map(str, among))
            inside = f" AND rowid IN (SELECT id FROM passage WHERE file IN ({files}))"
        rows = self._connection.execute(
            f"SELECT rowid, bm25(passage_words, {weights}) AS score FROM passage_words"
            f" WHERE passage_words MATCH ?{inside} ORDER BY score LIMIT ?",
            (match, _CANDIDATES),
        )
        return {id: -score for id, score in rows}

    def _of_change(self, change: str) -> tuple[list[int], list[str]]:
        """The files of a change and of the specs it touches, and the capabilities of these."""
        query = "SELECT DISTINCT capability FROM passage WHERE change = ? AND capability IS NOT NULL"
        touched = [row[0] for row in self._connection.execute(query, (blob_of(change),))]
        marks = ", ".join("?" * len(touched))
        rows = self._connection.execute(
            f"SELECT DISTINCT file FROM passage WHERE change = ? OR (change IS NULL AND capability IN ({marks}))",
            (blob_of(change), *touched),
        )
        return [row[0] for row in rows], list(map(text_of, touched))

    def _candidates(self, scores: Mapping[int, float]) -> list[Candidate]:
        ids = ", ".join(map(str, scores))
        rows = self._connection.execute(
            f"SELECT p.id, p.title || ' ' || p.around || ' ' || p.body, {PASSAGE_COLUMNS}"
            f" FROM passage p JOIN passage_file f ON f.id = p.file WHERE p.id IN ({ids})"
        )
        return [
            Candidate(passage=passage_of(rest), score=scores[id], terms=frozenset(words.split()))
            for id, words, *rest in rows
        ]

    def _word_index(self) -> WordIndex:
        if self._words is None:
            from workflow_cli.domain.answering.bm25 import WordIndex

            rows = self._connection.execute("SELECT id, title, around, body FROM passage ORDER BY id")
            self._words = WordIndex(self._weights, ((id, fields) for id, *fields in rows))
        return self._words

    # -- one place -----------------------------------------------------------------------------------------

    def current_hash(self, path: str, address: str) -> str | None:
        """See PassageIndex. The file is read where it changed since the index saw it."""
        with self._lock:
            try:
                row = self._connection.execute(
                    "SELECT id, stamp FROM passage_file WHERE path = ?", (blob_of(path),)
                ).fetchone()
                if row is not None and row[1] == self._files.stamp(path):
                    found = self._connection.execute(
                        "SELECT section_hash FROM passage WHERE file = ? AND address = ?", (row[0], blob_of(address))
                    ).fetchone()
                    return found[0] if found else None
            except sqlite3.Error:
                pass  # the file itself knows
        try:
            data = self._files.read(path)
        except OSError:
            return None
        from workflow_cli.domain.answering.passages import cut

        return next((c.passage.section_hash for c in cut(path, data) if c.passage.address == address), None)


def _terms_of(things: Sequence[Thing]) -> list[str]:
    return list(dict.fromkeys(term for thing in things for form in thing.forms for term in form))
