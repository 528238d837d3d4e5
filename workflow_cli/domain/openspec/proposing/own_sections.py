"""Sections that nearly all proposals of a tree have beside OpenSpec's own, such as Risks or Rollback Plan.

A new proposal gets them too, with the lines that stand in nearly all of them and that state nothing: heads of tables,
subheadings, labels, comments. A sentence is never taken over, however often it stands there: it would say something of
the new change that nobody said.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from workflow_cli.domain.openspec.change import Proposal, ProposalSection
from workflow_cli.domain.openspec.proposing.section_names import TEMPLATE, role_of

#: Fewer proposals than these show no habit.
LEAST = 4
#: Of five proposals, so many have what counts as usual.
_USUAL, _OF = 4, 5
_CAPABILITIES = "capabilities"
_LABEL = re.compile(r"(?:[-*+] )?(?:\*\*|__)?[^\s*_|][^.!?。！？|]{0,60}?(?:[:：](?:\*\*|__)?|(?:\*\*|__)[:：])\Z")
_TABLE_RULE = re.compile(r"\|?(?:\s*:?-{2,}:?\s*\|)+(?:\s*:?-{2,}:?\s*)?\Z")


class OwnSection(NamedTuple):
    """`lines` is what stands in it nearly everywhere; mostly nothing."""

    title: str
    lines: tuple[str, ...]


def own_sections(proposals: Sequence[Proposal]) -> tuple[OwnSection, ...]:
    """In the order in which they mostly stand; none where there are too few proposals to tell."""
    if len(proposals) < LEAST:
        return ()
    found: dict[str, list[ProposalSection]] = defaultdict(list)
    places: Counter[str] = Counter()
    for proposal in proposals:
        seen: set[str] = set()
        for place, section in enumerate(proposal.sections):
            if section.level == 2 and _is_own(section.title) and section.title not in seen:
                seen.add(section.title)
                found[section.title].append(section)
                places[section.title] += place
    usual = [title for title, sections in found.items() if len(sections) * _OF >= len(proposals) * _USUAL]
    usual.sort(key=lambda title: places[title] / len(found[title]))
    return tuple(OwnSection(title, _scaffold([s.body for s in found[title]])) for title in usual)


def _is_own(title: str) -> bool:
    return role_of(title) not in TEMPLATE and title.lower() != _CAPABILITIES


def _scaffold(bodies: Sequence[Sequence[str]]) -> tuple[str, ...]:
    counted = Counter(line for body in bodies for line in {line.rstrip() for line in body if line.strip()})
    fullest = max(bodies, key=lambda body: sum(counted[line.rstrip()] * _OF >= len(bodies) * _USUAL for line in body))
    lines = [line.rstrip() for line in fullest]
    kept: list[str] = []
    for index, line in enumerate(lines):
        if not line or counted[line] * _OF < len(bodies) * _USUAL or not _states_nothing(lines, index):
            continue
        if kept and not (line.startswith("|") and kept[-1].startswith("|")):
            kept.append("")
        kept.append(line)
    return tuple(kept)


def _states_nothing(lines: Sequence[str], index: int) -> bool:
    line = lines[index]
    below = lines[index + 1] if index + 1 < len(lines) else ""
    return (
        line.startswith(("### ", "#### "))
        or (line.startswith("<!--") and line.endswith("-->"))
        or _TABLE_RULE.match(line) is not None
        or (line.startswith("|") and _TABLE_RULE.match(below) is not None)
        or _LABEL.match(line) is not None
    )
