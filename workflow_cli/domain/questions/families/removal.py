"""A requirement removed without saying why, or what takes its place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workflow_cli.domain.openspec.delta import Delta, Operation, Removal
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import is_english, listed

IMPACT = 0.7

_REASON = re.compile(r"\b(?:reason|why|because|since|rationale|replaced|superseded|no longer|obsolete)\b", re.I)
_MIGRATION = re.compile(
    r"\b(?:migrat\w*|replace\w*|instead|superseded|use |moved?|see |none|not needed|no action|n/a|covered|"
    r"equivalent)",
    re.I,
)


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for delta in inquiry.change.deltas:
        bare = [r for r in delta.removed if _lacks(_body(delta, r))]
        if not bare:
            continue
        silent = all(not _body(delta, r).strip() for r in bare)
        yield Draft(
            family="removal",
            words=" ".join(r.name for r in bare),
            text=f"{listed([r.name for r in bare])} {'is' if len(bare) == 1 else 'are'} removed from `{delta.id}`. "
            f"What should those do who rely on {'it' if len(bare) == 1 else 'them'}?",
            why="The delta gives no reason and names nothing that takes its place, so a reader cannot tell a "
            "clean-up "
            "from a loss."
            if silent
            else "The delta says that it goes, but not what takes its place.",
            options=options(
                "Nothing: nobody relies on it, and the delta says so under Migration",
                "Another requirement takes over: the delta names it under Migration",
                "It stays for now: the removal is taken out of this change",
            ),
            place=delta.document.place(bare[0].line),
            address=delta_address(delta.id, bare[0].name),
            impact=IMPACT,
            uncertainty=0.7 if silent else 0.4,
        )


def _lacks(body: str) -> bool:
    """Whether neither a migration is given nor, in a few words or more, a reason that implies one."""
    if body.strip() and not is_english(body):
        return False
    return _MIGRATION.search(body) is None and not (_REASON.search(body) and len(body.split()) > 12)


def _body(delta: Delta, removal: Removal) -> str:
    """The lines below a removal, up to the next one or the end of the section."""
    section = next(s for s in delta.sections if s.operation is Operation.REMOVED and s.line < removal.line < s.end)
    stops = [r.line for r in delta.removed if r.line > removal.line]
    return "\n".join(delta.lines[removal.line + 1 : min([section.end, *stops])])


FAMILY = Family(
    id="removal",
    reason="REMOVED lists a requirement with neither a reason nor a migration. One question names all of a "
    "capability's; removals explained in another language than English are left alone.",
    ask=ask,
)
