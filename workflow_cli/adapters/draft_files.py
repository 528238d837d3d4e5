"""Drafts that wait for a person, one JSON file each, below the state directory.

A file holds a draft's whole texts and is readable by its owner only. A draft whose texts do not have the hash it is
kept under is damaged, and is not shown to anybody as something to approve.
"""

from __future__ import annotations

import binascii
import json
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workflow_cli.adapters.state_directory import STATE_DIRECTORY, make_state_directory
from workflow_cli.adapters.state_file import is_there, names_in, unreadable
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, Draft, FileChange
from workflow_cli.errors import DocumentError, UsageError

DIRECTORY = "drafts"
SCHEMA = 1
#: A draft is read whole, and a state directory may be shared.
MAX_BYTES = 64 * 1024 * 1024


class DraftFiles:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._directory = root / STATE_DIRECTORY / DIRECTORY

    def save(self, draft: Draft, *, at: str) -> None:
        data = _to_json(draft, at)
        place = self._directory / f"{draft.id}.json"
        if len(data) > MAX_BYTES:
            raise DocumentError(f"the draft is larger than {MAX_BYTES} bytes", hint="make several smaller drafts")
        if is_there(place, where=self._name(place)):
            return
        temporary = self._directory / f".{draft.id}.{os.urandom(6).hex()}.tmp"
        try:
            make_state_directory(self._root)
            self._directory.mkdir(mode=0o700, exist_ok=True)
            self._refuse_link()
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(temporary, place)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise DocumentError(f"cannot keep the draft: {error.strerror}", where=self._name(place)) from error

    def ids(self) -> Sequence[str]:
        found = []
        for place in self._places():
            try:
                found.append((place.stat().st_mtime_ns, place.stem))
            except FileNotFoundError:  # dropped by somebody else meanwhile
                continue
            except OSError as error:
                raise unreadable(error, place, where=self._name(place)) from error
        return [id for _, id in sorted(found)]

    def load(self, id: str) -> Draft | None:
        places = [place for place in self._places() if place.stem == id[: len(place.stem)] or place.stem.startswith(id)]
        if len(places) > 1:
            raise UsageError(f"{id!r} fits {len(places)} drafts", hint=", ".join(place.stem for place in places[:10]))
        if not places:
            return None
        draft = self._read(places[0])
        return draft if draft is not None and draft.hash.startswith(id) else None

    def drop(self, id: str) -> None:
        place = self._directory / f"{id}.json"
        try:
            place.unlink(missing_ok=True)
        except OSError as error:
            raise DocumentError(f"cannot remove the draft: {error.strerror}", where=self._name(place)) from error

    def _places(self) -> list[Path]:
        self._refuse_link()
        names = names_in(self._directory, where=self._name(self._directory))
        return [self._directory / name for name in names if name.endswith(".json") and not name.startswith(".")]

    def _refuse_link(self) -> None:
        if is_there(self._directory, where=self._name(self._directory)) and self._directory.is_symlink():
            raise DocumentError("must be a directory and no link", where=self._name(self._directory))

    def _read(self, place: Path) -> Draft | None:
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as stream:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                    raise self._damaged(place, "not a file of a size that drafts have")
                data = stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(error, place, where=self._name(place)) from error
        try:
            draft = _from_json(json.loads(data))
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
            raise self._damaged(place, str(error)) from error
        if draft.id != place.stem:
            raise self._damaged(place, "its texts are not those that were saved")
        return draft

    def _damaged(self, place: Path, why: str) -> DocumentError:
        return DocumentError(f"a damaged draft: {why}", where=self._name(place), hint="delete the file, draft again")

    def _name(self, place: Path) -> str:
        return place.relative_to(self._root).as_posix()


def _to_json(draft: Draft, at: str) -> bytes:
    document = {
        "schema": SCHEMA,
        "hash": draft.hash,
        "at": at,
        "author": {"kind": draft.author.kind.value, "name": draft.author.name},
        "because": draft.because,
        "operations": list(draft.operations),
        "provenance": dict(draft.provenance),
        "files": [{"path": f.path, "before": _plain(f.before), "after": _plain(f.after)} for f in draft.files],
        "moves": [{"source": m.source, "target": m.target} for m in draft.moves],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _from_json(document: Any) -> Draft:
    if document["schema"] != SCHEMA:
        raise ValueError(f"of schema {document['schema']!r}; this version reads {SCHEMA}")
    author = document["author"]
    return Draft(
        files=tuple(
            FileChange(path=_text(f["path"]), before=_bytes(f["before"]), after=_bytes(f["after"]))
            for f in document["files"]
        ),
        moves=tuple(DirectoryMove(source=_text(m["source"]), target=_text(m["target"])) for m in document["moves"]),
        operations=tuple(_text(line) for line in document["operations"]),
        author=Author(kind=AuthorKind(author["kind"]), name=_text(author["name"])),
        because=None if document["because"] is None else _text(document["because"]),
        provenance={_text(name): _text(value) for name, value in document["provenance"].items()},
    )


def _plain(data: bytes | None) -> str | dict[str, str] | None:
    """Text, or base64 where the bytes are not UTF-8."""
    if data is None:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        import base64  # here, for the sake of commands that keep no draft

        return {"base64": base64.b64encode(data).decode("ascii")}


def _bytes(plain: Any) -> bytes | None:
    if plain is None:
        return None
    if isinstance(plain, str):
        return plain.encode("utf-8")
    import base64

    return base64.b64decode(plain["base64"], validate=True)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {value!r}")
    return value
