"""Where a proposal says which capabilities it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflow_cli.domain.openspec.change import Proposal

_ID = r"[a-z0-9]+(?:[-_][a-z0-9]+)*(?:/[a-z0-9]+(?:[-_][a-z0-9]+)*)*"
_BULLET = re.compile(rf"\s*[-*+]\s+(?:\*\*)?`(?P<id>{_ID})`")
_AFFECTED = re.compile(
    r"\s*(?:[-*+]\s+)?(?:\*\*)?(?:Affected|Impacted)\s+(?:specs?|capabilit(?:y|ies))(?:\*\*)?\s*[:：](?:\*\*)?(?P<rest>.*)",
    re.I,
)
_QUOTED_ID = re.compile(rf"`(?:openspec/)?(?:specs/)?(?P<id>{_ID})(?:/(?:spec\.md)?)?`")
_CAPABILITIES = re.compile(r"(?:(?:new|modified|added|affected|impacted)\s+)?(?:capabilities|specs)\b", re.I)
_REMOVED = re.compile(r"removed|retired|deleted|unchanged|related|existing|unaffected", re.I)


@dataclass(frozen=True, slots=True)
class Mention:
    """`line` and `column` count from 0."""

    id: str
    line: int
    column: int


def announced(proposal: Proposal) -> list[Mention]:
    """The capability ids a proposal announces: bullets under a Capabilities heading, and `Affected specs` lines.

    A mention elsewhere is not an announcement.
    """
    found = {(m.line, m.column): m for m in _announced(proposal)}
    return [found[key] for key in sorted(found)]


def _announced(proposal: Proposal) -> Iterator[Mention]:
    document = proposal.document
    mask = document.commonmark_mask
    for section in proposal.sections:
        if not _CAPABILITIES.match(section.title) or _REMOVED.search(section.title):
            continue
        skipped = False
        for offset, line in enumerate(section.body):
            index = section.line + 1 + offset
            if line.startswith("#"):
                skipped = _REMOVED.search(line) is not None
            elif not skipped and not mask[index] and (match := _BULLET.match(line)):
                yield Mention(match["id"], index, match.start("id"))
    for index, line in enumerate(document.lines):
        if not mask[index] and (affected := _AFFECTED.match(line)):
            rest = affected["rest"]
            for match in _QUOTED_ID.finditer(re.sub(r"\([^)]*\)", lambda m: " " * len(m[0]), rest)):
                yield Mention(match["id"], index, affected.start("rest") + match.start("id"))
