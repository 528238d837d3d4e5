"""Paths in a document that point at a capability: `specs/<capability>/...`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.rules.prose import blank

_PATH = re.compile(
    r"(?<![\w./{}<>*-])(?P<root>openspec/|\.\./\.\./|\./)?specs/(?P<id>[a-z0-9][a-z0-9_-]*(?:/[a-z0-9][a-z0-9_-]*)*)"
    r"(?P<file>/spec\.md|/design\.md|/)?(?![\w/{}<>*$.\[-])"
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)


@dataclass(frozen=True, slots=True)
class CapabilityPath:
    """`line` and `column` count from 0."""

    id: str
    line: int
    column: int
    from_root: bool


def capability_paths(document: Document) -> Iterator[CapabilityPath]:
    """Fenced code and comments are passed over; code spans are where such paths are mostly written."""
    if "specs/" not in document.text:
        return
    mask = document.openspec_mask
    visible = ["" if masked else line for line, masked in zip(document.lines, mask, strict=True)]
    for index, line in enumerate(_COMMENT.sub(blank, "\n".join(visible)).split("\n")):
        if "specs/" not in line:
            continue
        for match in _PATH.finditer(line):
            yield CapabilityPath(
                match["id"],
                index,
                match.start(),
                from_root=match["root"] == "openspec/",
            )


def is_known(id: str, capabilities: Sequence[frozenset[str]]) -> bool:
    """Whether a capability has this id, lies below it, or ends in it."""
    return any(
        id in group or any(known.startswith(id + "/") or known.endswith("/" + id) for known in group)
        for group in capabilities
    )
