"""Looking for damage in the history."""

from __future__ import annotations

from workflow_cli.adapters.history_store import HistoryStore
from workflow_cli.adapters.revision_json import NO_PREDECESSOR, id_of, revision_from
from workflow_cli.domain.review.draft import content_hash
from workflow_cli.errors import DocumentError

_REMEMBERED = 64


def damage(store: HistoryStore) -> list[str]:
    """Every damage in words: of the file, of single texts, and of the chain of revisions.

    Raises DocumentError for a history that cannot be looked at: that says nothing of it.
    """
    found: list[str] = []
    for look in (_of_file, _of_texts, _of_chain):
        try:
            found += look(store)
        except DocumentError as error:
            if error.is_of_the_machine:
                raise
            found.append(error.message)
    return list(dict.fromkeys(found))


def _of_file(store: HistoryStore) -> list[str]:
    said = [row[0] for row in store.rows("PRAGMA integrity_check(20)")]
    return [f"the file itself is damaged: {line}" for line in said if line != "ok"]


def _of_texts(store: HistoryStore) -> list[str]:
    found: list[str] = []
    known: dict[int, bytes] = {}
    for number, hash in store.rows("SELECT number, hash FROM blob ORDER BY number"):
        try:
            if content_hash(store.expanded(number, known)) != hash:
                found.append(f"text {hash[:12]} is not what was recorded")
        except ValueError as error:
            found.append(f"text {hash[:12]} cannot be read: {error}")
        while len(known) > _REMEMBERED:
            del known[next(iter(known))]
    return found


def _of_chain(store: HistoryStore) -> list[str]:
    found: list[str] = []
    there = {row[0] for row in store.rows("SELECT hash FROM blob")}
    predecessor, number = NO_PREDECESSOR, 0
    for row, id, body in store.rows("SELECT number, id, body FROM revision WHERE plan IS NULL ORDER BY number"):
        if row != number + 1:
            missing = f"revision {number + 1}" if row == number + 2 else f"revisions {number + 1} to {row - 1}"
            found.append(f"{missing} missing")
        elif id != id_of(body, predecessor):
            found.append(f"revision {row} is not what was recorded, or not what followed revision {number}")
        number, predecessor = row, id
        try:
            revision = revision_from(id, body)
        except ValueError as error:
            found.append(f"revision {row} cannot be read: {error}")
            continue
        if revision.number != row:
            found.append(f"revision {row} calls itself {revision.number}")
        for file in revision.files:
            for hash in (file.before, file.after):
                if hash is not None and hash not in there:
                    found.append(f"text {hash[:12]} of {file.path} is missing (revision {row})")
    last, id = store.head()
    if (last, id) != (number, predecessor):
        found.append(f"the history ends with revision {number}, but revision {last} was the last one recorded")
    return found
