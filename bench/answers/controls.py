"""What retrieval is compared with: the simplest things one could do with the same passages."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from workflow_cli.domain.answering.passage import Passage

_WORD = re.compile(r"\w+")


class PlainBm25:
    """SQLite's full text search as it comes: one column, no weights, every word of the question, in any order."""

    def __init__(self, passages: Sequence[Passage], tokenizer: str = "unicode61") -> None:
        self._passages = passages
        self._db = sqlite3.connect(":memory:")
        self._db.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, tokenize='{tokenizer}')")
        texts = [(p.text.replace("\0", " "),) for p in passages]
        self._db.executemany("INSERT INTO words (text) VALUES (?)", texts)
        self._pieces = tokenizer == "trigram"

    def search(self, question: str, limit: int) -> list[Passage]:
        words = list(dict.fromkeys(_WORD.findall(question)))
        if self._pieces:
            words = [word[i : i + 3] for word in words for i in range(max(len(word) - 2, 0))]
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words)
        rows = self._db.execute(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT ?", (match, limit)
        )
        return [self._passages[rowid - 1] for (rowid,) in rows]


class WordCount:
    """As one would with ripgrep: the passages that hold most of the question's words, letter case aside."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages
        self._texts = [p.text.lower() for p in passages]

    def search(self, question: str, limit: int) -> list[Passage]:
        words = {word for word in _WORD.findall(question.lower()) if len(word) > 2 or not word.isascii()}
        counts = [sum(word in text for word in words) for text in self._texts]
        best = sorted((i for i, count in enumerate(counts) if count), key=lambda i: (-counts[i], i))
        return [self._passages[i] for i in best[:limit]]
