"""Approvals as YAML files that people read in a pull request."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_cli.adapters.yaml_text import Value, in_block
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.approval_record import COMMON_DIRECTORY, ApprovalRecord
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove
from workflow_cli.domain.review.policy import Reason
from workflow_cli.domain.review.revision import FileRevision
from workflow_cli.errors import DocumentError

if TYPE_CHECKING:
    from workflow_cli.adapters.yaml_files import YamlDocument

SCHEMA = 1
_HEADER = """\
# Written by `workflow review`. It holds for exactly this draft: edit neither this file nor, without a new approval,
# the files it names.
"""
_CHANGES = "openspec/changes"


class ApprovalFilesOnDisk:
    def __init__(self, root: Path) -> None:
        self._root = root

    def paths(self) -> Sequence[str]:
        directories = [COMMON_DIRECTORY]
        for parent in (_CHANGES, f"{_CHANGES}/archive"):
            directories += [f"{parent}/{name}/approvals" for name in self._directories(parent)]
        found = []
        for directory in directories:
            with_names = self._names(directory)
            found += [f"{directory}/{name}" for name in with_names if name.endswith(".yaml")]
        return sorted(found)

    def parse(self, data: bytes, path: str) -> ApprovalRecord:
        return parse(data, path)

    def render(self, record: ApprovalRecord) -> bytes:
        return render(record)

    def _names(self, directory: str) -> list[str]:
        try:
            return os.listdir(self._root / directory)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise DocumentError(f"cannot read: {error.strerror}", where=directory) from error

    def _directories(self, parent: str) -> list[str]:
        return [name for name in self._names(parent) if stat.S_ISDIR(self._mode(f"{parent}/{name}"))]

    def _mode(self, path: str) -> int:
        try:
            return os.stat(self._root / path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return 0
        except OSError as error:
            raise DocumentError(f"cannot read: {error.strerror}", where=path) from error


def render(record: ApprovalRecord) -> bytes:
    approval = record.approval
    lines = [
        *_fields(
            {
                "schema": SCHEMA,
                "draft": approval.draft,
                "decision": approval.decision.value,
                "by": approval.by,
                "at": approval.at,
                "because": approval.because,
            }
        ),
        "author:",
        *_fields({"kind": record.author.kind.value, "name": record.author.name}, indent=2),
        f"what:{in_block(list(record.operations), 0)}",
        *_items(
            "reasons",
            ({"rule": r.rule, "path": r.path, "line": r.line, "message": r.message} for r in record.reasons),
        ),
        *_items("files", ({"path": f.path, "before": f.before, "after": f.after} for f in record.files)),
    ]
    if record.moves:
        lines += _items("moves", ({"source": m.source, "target": m.target} for m in record.moves))
    return (_HEADER + "\n".join(lines) + "\n").encode("utf-8")


def _fields(values: Mapping[str, Value], indent: int = 0) -> list[str]:
    pad = " " * indent
    return [f"{pad}{key}:{' null' if value is None else in_block(value, indent)}" for key, value in values.items()]


def _items(key: str, items: Iterable[Mapping[str, Value]]) -> list[str]:
    lines = [f"{key}:"]
    for item in items:
        first, *rest = _fields(item, indent=4)
        lines += [f"  - {first.lstrip()}", *rest]
    return lines if len(lines) > 1 else [f"{key}: []"]


def parse(data: bytes, path: str) -> ApprovalRecord:
    """Raises DocumentError, with the line, for a file that is no approval."""
    from workflow_cli.adapters.yaml_files import load_yaml

    document = load_yaml(data, path)
    value = document.value
    if not isinstance(value, dict):
        raise _broken("an approval is a mapping", path)
    if value.get("schema") != SCHEMA:
        raise _broken(f"of schema {value.get('schema')!r}; this version reads {SCHEMA}", document.where(("schema",)))
    read = _Reader(document)
    decision = read.text("decision")
    if decision not in list(Decision):
        raise _broken(f"a decision is approved or rejected, not {decision!r}", document.where(("decision",)))
    kind = read.text("author", "kind")
    if kind not in list(AuthorKind):
        raise _broken(f"no kind of author: {kind!r}", document.where(("author", "kind")))
    return ApprovalRecord(
        approval=Approval(
            draft=read.text("draft"),
            decision=Decision(decision),
            by=read.text("by"),
            because=read.text("because"),
            at=read.text("at"),
        ),
        author=Author(kind=AuthorKind(kind), name=read.text("author", "name")),
        operations=tuple(read.text("what", i) for i in read.each("what")),
        reasons=tuple(
            Reason(
                rule=read.text("reasons", i, "rule"),
                path=read.text("reasons", i, "path"),
                line=read.line("reasons", i, "line"),
                message=read.text("reasons", i, "message"),
            )
            for i in read.each("reasons")
        ),
        files=tuple(
            FileRevision(
                path=read.text("files", i, "path"),
                before=read.text_or_none("files", i, "before"),
                after=read.text_or_none("files", i, "after"),
            )
            for i in read.each("files")
        ),
        moves=tuple(
            DirectoryMove(source=read.text("moves", i, "source"), target=read.text("moves", i, "target"))
            for i in read.each("moves")
        ),
    )


class _Reader:
    """Takes values out of a document, each of the type it must have."""

    def __init__(self, document: YamlDocument) -> None:
        self._document = document

    def text(self, *path: str | int) -> str:
        value = self._value(path)
        if not isinstance(value, str) or not value:
            raise self._wrong(path, "a text")
        return value

    def text_or_none(self, *path: str | int) -> str | None:
        return None if self._value(path) is None else self.text(*path)

    def line(self, *path: str | int) -> int | None:
        value = self._value(path)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise self._wrong(path, "a line number or null")
        return value

    def each(self, key: str) -> range:
        value = self._document.value.get(key) or []
        if not isinstance(value, list):
            raise self._wrong((key,), "a list")
        return range(len(value))

    def _value(self, path: tuple[str | int, ...]) -> Any:
        value: Any = self._document.value
        for part in path:
            try:
                value = value[part]
            except (KeyError, TypeError, IndexError):
                return None
        return value

    def _wrong(self, path: tuple[str | int, ...], expected: str) -> DocumentError:
        name = ".".join(str(part) for part in path)
        return _broken(f"{name}: {expected} was expected", self._document.where(path))


def _broken(message: str, where: str) -> DocumentError:
    return DocumentError(
        f"not an approval: {message}", where=where, hint="take the file from the history, or delete it"
    )
