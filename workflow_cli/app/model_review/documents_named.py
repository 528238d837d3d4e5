"""The documents that a model is to work on, as a person named them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from workflow_cli.app.document_path import locate
from workflow_cli.domain.model_review.reading import Excerpt
from workflow_cli.domain.openspec.text import decode, drop_bom, normalize_line_ends
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import Documents

_OF_A_CHANGE = ("proposal.md", "design.md", "tasks.md")


def excerpts_named(
    documents: Documents, named: Sequence[str], *, here: str, deltas_of: Callable[[str], Sequence[str]]
) -> list[Excerpt]:
    """Each document once, whole. A change's name stands for its proposal, its deltas as `deltas_of` tells them by
    the change's directory, its design and its tasks.

    Raises UsageError where a name is no document, or the document is not there yet.
    """
    paths = dict.fromkeys(path for name in named for path in _paths(documents, name.partition("#")[0], here, deltas_of))
    found: list[Excerpt] = []
    for path in paths:
        data = documents.read(path)
        if data is None:
            raise UsageError(f"no document {path!r} to edit", hint="workflow propose writes new ones")
        found.append(Excerpt(path=path, line=1, text=normalize_line_ends(drop_bom(decode(data)))))
    return found


def _paths(documents: Documents, name: str, here: str, deltas_of: Callable[[str], Sequence[str]]) -> Iterator[str]:
    change = _change(documents, name, here)
    if change is None:
        yield locate(documents, name, (), here=here)
        return
    yield from deltas_of(change)
    yield from (path for each in _OF_A_CHANGE if documents.read(path := f"{change}/{each}") is not None)


def _change(documents: Documents, name: str, here: str) -> str | None:
    """The directory of the change that a name means, from here or from `openspec/changes`."""
    path = posixpath.normpath(name)
    for directory in (posixpath.normpath(posixpath.join(here, path)), path, f"openspec/changes/{path}"):
        parts = directory.split("/")
        is_change = parts[:2] == ["openspec", "changes"] and len(parts) == 3 and parts[2] != "archive"
        if is_change and any(documents.read(f"{directory}/{each}") is not None for each in _OF_A_CHANGE):
            return directory
    return None
