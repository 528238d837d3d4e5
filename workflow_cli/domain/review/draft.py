"""A draft: what would be written, and the bytes it was made against."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

_encode = json.JSONEncoder(separators=(",", ":")).encode
#: So many digits of a hash name a draft.
ID_DIGITS = 12
#: Under which a draft's provenance names the id of the revision it takes back.
UNDOES = "undoes"


class AuthorKind(StrEnum):
    PERSON = "person"
    MODEL = "model"
    RULE = "rule"


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who wrote it: a person's `Name <address>`, a model's name, or the id of the rule or command."""

    kind: AuthorKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FileChange:
    """One file, by its POSIX path from the root: the bytes it must still have, and those it will have.

    `before` None: there must be no file. `after` None: the file goes. Both are whole files.
    """

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectoryMove:
    """A directory that changes its place as it is, such as a change on its way to the archive."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Files to write, and directories to move after that, as one step: all of it or nothing.

    `operations` say in a line each what the draft does, for people. `because` is the reason somebody gave.
    `provenance` names what is behind it, by kind: `question`, `answer`, `insight`, `finding`, `undoes`.
    Paths of `files` are those before any move.
    """

    files: tuple[FileChange, ...]
    moves: tuple[DirectoryMove, ...] = ()
    operations: tuple[str, ...] = ()
    author: Author
    because: str | None = None
    provenance: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over what is written where, and against what. Words about it do not count."""
        return hash_of(self.file_hashes, self.moves)

    @cached_property
    def file_hashes(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Of each file its path, and the content hashes before and after."""
        return tuple((f.path, content_hash(f.before), content_hash(f.after)) for f in self.files)

    @property
    def id(self) -> str:
        """The beginning of the hash, which is how people name a draft."""
        return self.hash[:ID_DIGITS]

    @property
    def is_empty(self) -> bool:
        return not self.moves and all(f.before == f.after for f in self.files)


def hash_of(files: Iterable[tuple[str, str | None, str | None]], moves: Iterable[DirectoryMove]) -> str:
    """The hash of a draft, from the paths of its files with the content hashes before and after, and its moves."""
    content = {"files": sorted(map(list, files)), "moves": [[m.source, m.target] for m in moves]}
    return hashlib.sha256(_encode(content).encode()).hexdigest()


def content_hash(data: bytes | None) -> str | None:
    """SHA-256 as hex; None for a file that is not there."""
    return None if data is None else hashlib.sha256(data).hexdigest()


def draft_of(
    changes: Iterable[FileChange],
    *,
    author: Author,
    operations: Iterable[str] = (),
    because: str | None = None,
    provenance: Mapping[str, str] | None = None,
    moves: Iterable[DirectoryMove] = (),
) -> Draft:
    """A draft of the changes that change something, in the order of their paths."""
    files = sorted((c for c in changes if c.before != c.after), key=lambda c: c.path)
    return Draft(
        files=tuple(files),
        moves=tuple(moves),
        operations=tuple(operations),
        author=author,
        because=because,
        provenance=dict(provenance or {}),
    )
