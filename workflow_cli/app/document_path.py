"""Which document a person means: a path, or the short form of one."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workflow_cli.domain.openspec.edits.operation import AddTask, CheckTask, Operation, UncheckTask
from workflow_cli.domain.openspec.edits.page import PageKind
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents

_TASKS = (AddTask, CheckTask, UncheckTask)
_SIGNS_OF_A_CHANGE = ("proposal.md", "tasks.md", ".openspec.yaml", "design.md")
_OF_A_CHANGE = (PageKind.DELTA, PageKind.PROPOSAL, PageKind.DESIGN, PageKind.TASKS)


def locate(documents: Documents, named: str, operations: Sequence[Operation], *, here: str = "") -> str:
    """The POSIX path from the root that `named` means; `here` is the directory it was said in, from the root.

    Tried in turn: the path from here, from the root, below `openspec/` and below `openspec/changes/`; a change's
    name for its tasks.md, where all operations are about tasks; a capability's name for its main spec, and
    `change/specs/capability` for a delta. A document of a change that is there may be new.

    Raises UsageError where no such document is; documents are Markdown files below `openspec/`.
    """
    path = posixpath.normpath(named.strip()) if named.strip() else ""
    if not path or (path.startswith(("../", "/")) and not here) or path == "..":
        raise UsageError(f"{named!r} is no document of the tree", hint=_hint)
    tasks_only = bool(operations) and all(isinstance(operation, _TASKS) for operation in operations)
    tried = list(dict.fromkeys(_candidates(path, here, tasks_only=tasks_only)))
    for candidate in tried:
        if candidate.endswith(".md") and candidate.startswith("openspec/") and documents.read(candidate) is not None:
            return candidate
    for candidate in tried:
        if PageKind.of(candidate) in _OF_A_CHANGE and _is_in_a_change(documents, candidate):
            return candidate
    for candidate in tried:
        if files := _documents_of(documents, candidate):
            listed = ", ".join(f"{path.removesuffix('/')}/{file}" for file in files)
            raise UsageError(f"{named!r} is a change, which has several documents", hint=f"name one, such as {listed}")
    raise UsageError(f"no document {named!r}", hint=_hint)


_hint = "name a file, such as openspec/changes/add-login/tasks.md, or a short form: add-login/tasks.md, auth"


def _candidates(path: str, here: str, *, tasks_only: bool) -> Iterator[str]:
    from_here = posixpath.normpath(posixpath.join(here, path)) if here else path
    # A path that goes up makes sense from here only.
    rooted = [] if path.startswith(("../", "/")) else [path, f"openspec/{path}", f"openspec/changes/{path}"]
    wholes = [whole for whole in (from_here, *rooted) if not whole.startswith(("../", "/")) and whole != ".."]
    for whole in wholes:
        yield whole
        if tasks_only and not whole.endswith(".md"):
            yield f"{whole}/tasks.md"
    for whole in [*wholes, *([f"openspec/specs/{path}"] if rooted else [])]:
        yield whole if whole.endswith(".md") else f"{whole}/spec.md"


def _documents_of(documents: Documents, directory: str) -> list[str]:
    """The documents directly in a change; none where it is no change's directory."""
    if directory.endswith(".md") or change_of(f"{directory}/tasks.md") != directory:
        return []
    return [
        file
        for file in _SIGNS_OF_A_CHANGE
        if file.endswith(".md") and documents.read(f"{directory}/{file}") is not None
    ]


def _is_in_a_change(documents: Documents, path: str) -> bool:
    change = change_of(path)
    return change is not None and any(documents.read(f"{change}/{sign}") is not None for sign in _SIGNS_OF_A_CHANGE)


def main_spec_of(path: str) -> str | None:
    """The main spec that a delta changes; None for everything else."""
    parts = path.split("/")
    if PageKind.of(path) is not PageKind.DELTA:
        return None
    at = parts.index("changes")
    return "/".join([*parts[:at], *parts[parts.index("specs", at) :]])


def capability_of(path: str) -> str | None:
    """The capability whose main spec it is; None for everything else."""
    inner = path.removeprefix("openspec/specs/").removesuffix("/spec.md")
    return inner if path == f"openspec/specs/{inner}/spec.md" else None


def change_of(path: str) -> str | None:
    """The directory of the active change that a document belongs to."""
    parts = path.split("/")
    is_one = parts[:2] == ["openspec", "changes"] and len(parts) > 3 and parts[2] != "archive"
    return "/".join(parts[:3]) if is_one else None
