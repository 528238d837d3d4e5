"""Damage to the history: every kind is named."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.scenarios import ADA, AUTH, MAIL, open_documents
from workflow_cli.adapters.documents import DocumentsOnDisk
from workflow_cli.domain.review.draft import FileChange, draft_of
from workflow_cli.errors import DocumentError

UPDATES = 60


@pytest.fixture
def documents(tmp_path: Path) -> DocumentsOnDisk:
    """Sixty revisions of one document, so that texts build on each other, and one of another."""
    documents = open_documents(tmp_path)
    before = None
    for number in range(UPDATES):
        after = os.urandom(500).hex().encode() if number % 20 == 19 else (before or b"start\n") + b"%d\n" % number
        documents.commit(draft_of([FileChange(path=AUTH, before=before, after=after)], author=ADA))
        before = after
    documents.commit(draft_of([FileChange(path=MAIL, before=None, after=b"mail\n")], author=ADA))
    documents.close()
    return documents


def damaged(documents: DocumentsOnDisk, change: str, *values: object) -> list[str]:
    with closing(sqlite3.connect(documents.root / ".workflow" / "history.db")) as database, database:
        assert database.execute(change, values).rowcount == 1
    database.close()
    found = list(documents.verify())
    documents.close()
    return found


def test_a_whole_history_has_none(documents: DocumentsOnDisk) -> None:
    assert documents.verify() == []
    for revision in documents.revisions():
        assert all(documents.content(file.after) for file in revision.files if file.after)
    documents.close()


def test_updates_of_a_long_document_take_little_room(tmp_path: Path) -> None:
    """A hundred updates of 24,000 bytes, each kept whole, in less room than ten of them."""
    documents = open_documents(tmp_path)
    before, after = None, os.urandom(12_000).hex().encode()
    for number in range(100):
        documents.commit(draft_of([FileChange(path=AUTH, before=before, after=after)], author=ADA))
        before, after = after, after[: 200 * number] + b"edit %d" % number + after[200 * number + 6 :]
    documents.close()
    assert (tmp_path / ".workflow" / "history.db").stat().st_size < 10 * 24_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE blob SET packed = zeroblob(length(packed)) WHERE number = 5", "cannot be read"),
        ("UPDATE blob SET size = size + 1 WHERE number = 61", "cannot be read"),
        ("UPDATE blob SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE number = 61", "is not what was recorded"),
        ("DELETE FROM blob WHERE number = 61", "of openspec/specs/mail/spec.md is missing (revision 61)"),
        ("UPDATE revision SET body = replace(body, 'Ada', 'Bob') WHERE number = 7", "revision 7 is not what was"),
        ("UPDATE revision SET body = 'x' WHERE number = 7", "revision 7 cannot be read"),
        (
            "UPDATE revision SET id = substr(id, 2) || substr(id, 1, 1) WHERE number = 7",
            "revision 7 is not what was recorded",
        ),
        ("DELETE FROM revision WHERE number = 7", "revision 7 missing"),
        ("DELETE FROM revision WHERE number = 61", "ends with revision 60, but revision 61 was the last"),
    ],
)
def test_what_was_changed_behind_its_back_is_named(documents: DocumentsOnDisk, change: str, said: str) -> None:
    assert any(said in line for line in damaged(documents, change))


def test_a_damaged_text_is_never_handed_out(documents: DocumentsOnDisk) -> None:
    wanted = documents.revisions()[4].files[0].after
    documents.close()
    damaged(documents, "UPDATE blob SET packed = ? WHERE hash = ?", b"x\x9c", wanted)
    with pytest.raises(DocumentError, match="damaged"):
        documents.content(str(wanted))
    documents.close()


def test_a_flipped_byte_anywhere_is_found_or_harmless(documents: DocumentsOnDisk) -> None:
    """No flipped byte passes unseen and changes what the history says."""
    path = documents.root / ".workflow" / "history.db"
    sound, said = path.read_bytes(), everything(documents)
    found = 0
    for at in range(0, len(sound), 997):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 0x55]) + sound[at + 1 :])
        complaints = outcome(lambda: list(documents.verify()))
        if complaints != []:
            found += 1
        else:
            assert everything(documents) == said
        documents.close()
    assert found > 10


def everything(documents: DocumentsOnDisk) -> object:
    seen = [(r, [documents.content(f.after) for f in r.files if f.after]) for r in documents.revisions()]
    documents.close()
    return seen


def outcome(work: Callable[[], object]) -> object:
    try:
        return work()
    except DocumentError as error:
        return error
