"""What the index keeps of a passage: the tables, and its row in them.

Texts are bytes as in the files: paths and documents need not be UTF-8.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workflow_cli.domain.answering.passage import Passage, PassageKind
from workflow_cli.domain.markdown.comments import without_commented_lines
from workflow_cli.domain.words.terms import indexed

if TYPE_CHECKING:
    from workflow_cli.domain.answering.passages import Cut

TABLES = """
CREATE TABLE IF NOT EXISTS passage_index (version TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS passage_file (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, stamp TEXT NOT NULL, hash TEXT NOT NULL, fault TEXT
);
CREATE TABLE IF NOT EXISTS passage (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    address BLOB NOT NULL, kind TEXT NOT NULL, name BLOB NOT NULL, text BLOB NOT NULL, section_hash TEXT NOT NULL,
    capability BLOB, change BLOB, archived INTEGER NOT NULL,
    title TEXT NOT NULL, around TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS passage_of_file ON passage (file);
CREATE INDEX IF NOT EXISTS passage_of_change ON passage (change);
"""
SEARCH_TABLES = """
CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5(
    title, around, body, content='passage', content_rowid='id',
    tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS passage_terms USING fts5vocab(passage_words, 'row');
"""
#: As they can be dropped.
TABLE_NAMES = ("passage_terms", "passage_words", "passage", "passage_file", "passage_index")
PASSAGE_COLUMNS = (
    "f.path, p.line, p.end_line, p.address, p.kind, p.name, p.text, p.section_hash, p.capability, p.change, p.archived"
)


def known_stamps(connection: sqlite3.Connection) -> dict[str, str]:
    """The stamp that each document had when it was last read, by its path; empty where that tells nothing."""
    return {text_of(path): stamp for path, stamp in connection.execute("SELECT path, stamp FROM passage_file")}


def row_of(one: Cut) -> tuple[object, ...]:
    """What the table keeps of a passage, and its words in their three fields."""
    passage = one.passage
    # What nobody sees who reads the document answers nothing.
    body = without_commented_lines(passage.text.partition("\n")[2]) if passage.kind is not PassageKind.TASK else ""
    return (
        passage.line,
        passage.end_line,
        blob_of(passage.address),
        passage.kind.value,
        blob_of(passage.title),
        blob_of(passage.text),
        passage.section_hash,
        None if passage.capability is None else blob_of(passage.capability),
        None if passage.change is None else blob_of(passage.change),
        passage.archived,
        indexed(passage.title),
        indexed(" ".join((passage.capability or passage.change or "", *one.around))),
        indexed(body),
    )


def passage_of(row: Sequence[object]) -> Passage:
    path, line, end_line, address, kind, name, text, section_hash, capability, change, archived = row
    return Passage(
        path=text_of(path),
        line=line,  # type: ignore[arg-type]  # as the table has it
        end_line=end_line,  # type: ignore[arg-type]
        address=text_of(address),
        kind=PassageKind(str(kind)),
        title=text_of(name),
        text=text_of(text),
        section_hash=str(section_hash),
        capability=None if capability is None else text_of(capability),
        change=None if change is None else text_of(change),
        archived=bool(archived),
    )


def blob_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def text_of(blob: object) -> str:
    assert isinstance(blob, bytes)
    return blob.decode("utf-8", "surrogateescape")
