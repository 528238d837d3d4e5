"""A change that calls itself breaking and does not say what those affected have to do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, options
from workflow_cli.domain.questions.wording import bare, passages, plain, quote

IMPACT = 0.8
UNCERTAINTY = 0.7

_BREAKING = re.compile(r"\*\*\s*BREAKING|\bBREAKING\b\s*(?:CHANGE|:|：|\))|\[BREAKING\]|💥")
_DENIED = re.compile(
    r"\b(?:no|not|non|without|zero|none|avoid\w*|isn't|any)[\s*_-]+(?:\w+[\s*_-]+){0,2}breaking|"
    r"breaking[\s*_]*(?:changes?)?[\s*_]*[:：]?[\s*_]*"
    r"(?:none|no\b|n/a|无|なし|нет)",
    re.I,
)
_MIGRATION = re.compile(
    r"migrat|upgrad|deprecat|backward|compatib|rollback|roll back|transition|cleanup|clean up|automatically|"
    r"existing (?:users?|clients?|callers?|consumers?|data|files?|projects?|installs?|config)|"
    r"must (?:now )?(?:update|change|rename|switch)|replace[sd]? (?:by|with)|instead of|"
    r"旧|迁移|兼容|升级|移行|互換|миграц|совместим|migraci|migrier",
    re.I,
)


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    proposal = inquiry.change.proposal
    if proposal is None:
        return
    document = proposal.document
    lines = ["" if masked else line for line, masked in zip(document.lines, document.openspec_mask, strict=True)]
    found = [
        p
        for p in passages(lines, 0, split=False)
        if _BREAKING.search(bare(p.text)) and not _DENIED.search(bare(p.text)) and not p.text.startswith("#")
    ]
    # The announcement itself may hold the advice; so may any document of the change but for mere remarks.
    said = [d.text for d in inquiry.change.documents if d is not document]
    if not found or any(_MIGRATION.search(text) for text in (*said, *(p.text for p in found))):
        return
    if _MIGRATION.search(_BREAKING.sub("", document.text)):
        return
    passage = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    yield Draft(
        family="breaking-change",
        words=" ".join(p.text for p in found),
        text=f"proposal.md announces a break: {quote(plain(passage.text), 240)}{more}. What must those do who "
        f"rely on "
        "what it breaks?",
        why="No document of the change says how existing users, data or callers get from the old to the new.",
        options=options(
            "They change over at once: the proposal says what to change, and old use fails with an error that says so",
            "Old and new work side by side for one release, and the old one warns",
            "Nobody relies on it yet: the proposal says so",
        ),
        place=document.place(passage.line),
        address="proposal.md",
        impact=IMPACT,
        uncertainty=UNCERTAINTY,
    )


FAMILY = Family(
    id="breaking-change",
    reason="proposal.md marks something as BREAKING, and no document of the change has a word about migration, "
    "compatibility, deprecation or existing users, in any of seven languages.",
    ask=ask,
)
