"""A capability that the proposal says it changes, and no delta touches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workflow_cli.domain.openspec.change import Proposal, ProposalSection
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, options

IMPACT = 0.7
UNCERTAINTY = 0.7

_SECTION = re.compile(r"(?:new|modified|changed)?\s*capabilit(?:y|ies)\s*\Z", re.I)
_ENTRY = re.compile(
    r"\s{0,3}[-*+]\s+(?:\*\*)?`(?:specs/)?([a-z0-9][a-z0-9/_-]*?)(?:/spec\.md)?`(?:\*\*)?\s*(?:[:：—–(-]|\Z)"
)


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    change = inquiry.change
    deltas = {id for id, _ in change.delta_documents}
    # Without a single delta it is not forgotten but not yet written (or the change needs none).
    if change.proposal is None or not deltas or change.skip_specs.declared:
        return
    missing = [(name, line) for name, line in _promised(change.proposal) if name not in deltas]
    if not missing:
        return
    names = ", ".join(f"`{name}`" for name, _ in missing)
    several = len(missing) > 1
    unlisted = sorted(deltas - {name for name, _ in _promised(change.proposal)})
    meant = (
        f"{' and '.join(f'`{d}`' for d in unlisted[:2])} is meant, which the list lacks: the list is corrected"
        if 0 < len(unlisted) <= 2
        else "It is said in one of the other deltas: the proposal names that capability instead"
    )
    yield Draft(
        family="promised-capability",
        words=names,
        text=f"proposal.md lists {names} among the capabilities it touches, "
        f"but the change has no delta for "
        f"{'them' if several else 'it'}. What is to change there?",
        why="What no delta says never reaches the main specs when the change is archived. "
        + f"It has deltas for {', '.join(f'`{d}`' for d in sorted(deltas)[:4])}.",
        options=options(
            f"Something: {'each of them' if several else 'it'} gets its delta before the change is built",
            f"Nothing after all: the proposal no longer lists {'them' if several else 'it'}",
            meant,
        )
        if not (len(unlisted) == len(missing) == 1)
        else options(
            meant[:1].upper() + meant[1:],
            "Both: it gets a delta of its own before the change is built",
            "Nothing after all: the proposal no longer lists it",
        ),
        place=change.proposal.document.place(missing[0][1]),
        address="proposal.md#Capabilities",
        impact=IMPACT,
        uncertainty=UNCERTAINTY,
    )


def _promised(proposal: Proposal) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()
    for section in proposal.sections:
        match = _SECTION.match(section.title.strip())
        if match is None or not _is_lowest(proposal, section):
            continue
        for offset, line in enumerate(section.body):
            if (entry := _ENTRY.match(line)) and entry[1] not in seen:
                seen.add(entry[1])
                yield entry[1], section.line + 1 + offset


def _is_lowest(proposal: Proposal, section: ProposalSection) -> bool:
    """`Capabilities` above `New Capabilities` repeats what stands below it."""
    end = section.line + len(section.body)
    return not any(
        section.line < other.line <= end and _SECTION.match(other.title.strip()) for other in proposal.sections
    )


FAMILY = Family(
    id="promised-capability",
    reason="The proposal's list of new or modified capabilities names one (in code marks, at the start of the "
    "entry) for "
    "which the change has no delta, although it has deltas for others.",
    ask=ask,
)
