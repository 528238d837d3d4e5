"""A draft saved to be committed later: the plan file."""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflow_cli.domain.markdown.source import Source
from workflow_cli.domain.openspec.edits.parse import parse_operations, to_plain
from workflow_cli.domain.openspec.fence import fence_mask
from workflow_cli.domain.review.draft import content_hash
from workflow_cli.errors import FaultyInput, UsageError

if TYPE_CHECKING:
    from workflow_cli.app.update_documents import Prepared
    from workflow_cli.domain.markdown.edit import Edit
    from workflow_cli.domain.openspec.edits.operation import Operation

SCHEMA = 1
KIND = "workflow-update-plan"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The text an edit takes out and the text it puts in; `under` is the heading line above, or empty."""

    under: str
    old: bytes
    new: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedFile:
    """`base` is the hash of the document the plan was made against; None for a document that is new.

    `after` is the whole document as it would be then, for people to read.
    """

    path: str
    base: str | None
    operations: tuple[Operation, ...]
    changes: tuple[Change, ...]
    after: bytes

    def still_applies(self, data: bytes | None) -> bool:
        """Whether the document is the one the plan was made against."""
        return content_hash(data) == self.base


def changes_of(before: bytes, edits: Sequence[Edit]) -> tuple[Change, ...]:
    """What edits do to a document, without the places where they do it."""
    source = Source(before)
    lines = [source.line_text(line) for line in range(source.lines)] if edits else []
    mask = fence_mask(lines)
    return tuple(
        Change(
            under=_heading_above(lines, mask, source.line_of(edit.span.start)),
            old=before[edit.span.start : edit.span.end],
            new=edit.replacement,
        )
        for edit in edits
    )


def _heading_above(lines: Sequence[str], mask: Sequence[bool], line: int) -> str:
    # An edit that begins on a heading's own line may be about that heading.
    above = (lines[i] for i in range(min(line, len(lines)) - 1, -1, -1) if lines[i].startswith("#") and not mask[i])
    return next(above, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    files: tuple[PlannedFile, ...]
    because: str | None = None


def plan_of(prepared: Prepared) -> Plan:
    """The plan for what was prepared; documents that stay as they are leave no trace in it."""
    files = tuple(
        PlannedFile(
            path=file.request.path,
            base=content_hash(file.before),
            operations=file.request.operations,
            changes=changes_of(file.before or b"", file.edited.edits),
            after=file.edited.data,
        )
        for file in prepared.files
        if file.edited.edits
    )
    return Plan(files=files, because=prepared.draft.because)


def plan_to_json(plan: Plan) -> bytes:
    document = {
        "schema": SCHEMA,
        "kind": KIND,
        "because": plan.because,
        "files": [
            {
                "path": file.path,
                "base": file.base,
                "operations": [to_plain(operation) for operation in file.operations],
                "changes": [
                    {
                        "under": _plain(change.under.encode("utf-8", "surrogateescape")),
                        "old": _plain(change.old),
                        "new": _plain(change.new),
                    }
                    for change in file.changes
                ],
                "text": _plain(file.after),
            }
            for file in plan.files
        ],
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


def is_plan(data: bytes) -> bool:
    """Whether a file is a plan of any version, or empty, so that a new one may take its place."""
    try:
        document = json.loads(data or b'{"kind": "%s"}' % KIND.encode())
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("kind") == KIND


def plan_from_json(data: bytes, name: str) -> Plan:
    """Read a plan file; `name` is how errors call it. Raises UsageError, and FaultyInput for its operations."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"no plan: {error}", where=name, hint="make the plan again") from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise UsageError("no plan of workflow update", where=name, hint="workflow update PATH ... --plan FILE")
    if document.get("schema") != SCHEMA:
        raise UsageError(f"a plan of schema {document.get('schema')!r}, this version reads {SCHEMA}", where=name)
    try:
        files = tuple(_file(item) for item in document["files"])
        because = document.get("because")
        if because is not None and not isinstance(because, str):
            raise TypeError("because")
    except FaultyInput as error:
        raise FaultyInput(error.faults, what="the edits", where=name) from error
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise UsageError(f"a damaged plan: {error}", where=name, hint="make the plan again") from error
    if not files:
        raise UsageError("the plan has no files", where=name)
    if len({file.path for file in files}) < len(files):
        raise UsageError("a damaged plan: it names a document twice", where=name, hint="make the plan again")
    return Plan(files=files, because=because)


def _file(item: Mapping[str, Any]) -> PlannedFile:
    path, base = item["path"], item["base"]
    if not isinstance(path, str) or not path.endswith(".md") or not path.startswith("openspec/") or ".." in path:
        raise ValueError(f"path {path!r}")
    if base is not None and not isinstance(base, str):
        raise ValueError("base")
    return PlannedFile(
        path=path,
        base=base,
        operations=tuple(parse_operations(item["operations"])),
        changes=tuple(
            Change(
                under=_bytes(change["under"]).decode("utf-8", "surrogateescape"),
                old=_bytes(change["old"]),
                new=_bytes(change["new"]),
            )
            for change in item["changes"]
        ),
        after=_bytes(item["text"]),
    )


def _plain(data: bytes) -> str | dict[str, str]:
    """Text, or base64 where the bytes are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        import base64  # here, for the sake of plain updates

        return {"base64": base64.b64encode(data).decode("ascii")}


def _bytes(plain: object) -> bytes:
    if isinstance(plain, str):
        return plain.encode("utf-8")
    if isinstance(plain, dict) and isinstance(plain.get("base64"), str):
        import base64

        return base64.b64decode(plain["base64"], validate=True)
    raise TypeError(f"text was expected, not {plain!r}")
