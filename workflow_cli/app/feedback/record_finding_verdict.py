"""What people think of findings, as events: said outright, or shown by how they answered a question about one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow_cli.app.feedback.record_verdict import clean_reason, client_of
from workflow_cli.app.finding_key import digests_of
from workflow_cli.domain.events.kinds import FINDING_VERDICT
from workflow_cli.domain.questions.about_rules import verdict_of
from workflow_cli.domain.questions.question import AnswerSource
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import EventLog
    from workflow_cli.app.report import Item
    from workflow_cli.domain.openspec.finding import Finding

_TARGET = re.compile(
    r"(?P<rule>[a-z][a-z0-9-]*)@(?P<path>[^:]+)(?::(?P<line>[1-9][0-9]{0,8}))?(?::(?P<column>[1-9][0-9]{0,8}))?"
)

#: How many findings are named to choose from.
_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A finding as a person names it: its rule, its file, and its line and column where there are several."""

    rule: str
    path: str
    line: int | None
    column: int | None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (f"{self.rule}@{self.path}", self.line, self.column) if part is not None)


def target_of(text: str) -> Target | None:
    """None for what is no finding's name; ids of answers are none."""
    match = _TARGET.fullmatch(text)
    if match is None:
        return None
    line, column = (int(match[part]) if match[part] else None for part in ("line", "column"))
    return Target(rule=match["rule"], path=match["path"], line=line, column=column)


def record_finding_verdict(
    target: Target, items: Sequence[Item], *, accepted: bool, because: str, by: str, events: EventLog
) -> Finding:
    """The finding that is meant. Raises UsageError where there is none, or more than one."""
    reason = clean_reason(because)
    item, finding, digest = _found(target, items)
    _append(
        events,
        rule=finding.rule,
        finding=digest,
        item=item,
        accepted=accepted,
        client=client_of(by),
        via="feedback",
        because=reason,
        score=finding.score,
    )
    return finding


def record_answers(events: EventLog, item: Item) -> None:
    """What a change's answered questions say of the findings they are about, where a person answered.

    Told whenever the questions are looked at anew: what was said of a finding counts once.
    """
    for question in item.questions:
        answer = question.answer
        if answer is None or answer.source is not AnswerSource.PERSON or question.by_hand:
            continue
        said = verdict_of(question)
        if said is not None:
            rule, accepted = said
            client = client_of(answer.by or "")
            _append(events, rule=rule, finding=question.id, item=item, accepted=accepted, client=client, via="question")


def _found(target: Target, items: Sequence[Item]) -> tuple[Item, Finding, str]:
    """With its digest."""
    found = [
        (item, finding, digest)
        for item in items
        for finding, digest in zip(item.findings, digests_of(item, item.findings), strict=True)
        if finding.rule == target.rule
        and finding.place.file == target.path
        and target.line in (None, finding.place.line)
        and target.column in (None, finding.place.column)
    ]
    if not found:
        raise UsageError(
            f"there is no finding {target}",
            where="ANSWER_ID",
            hint=_nearest(target, items) or "name it as `workflow process` shows it: RULE@PATH:LINE",
        )
    names = list(dict.fromkeys(_name_of(finding) for _, finding, _ in found))
    if len(names) > 1:
        place = target.path if target.line is None else f"{target.path}:{target.line}"
        raise UsageError(
            f"{place} has several findings of {target.rule}",
            where="ANSWER_ID",
            hint=f"name one of them: {', '.join(names[:_MOST_NAMED])}",
        )
    return found[0]


def _nearest(target: Target, items: Sequence[Item]) -> str | None:
    """Those in the same file, of the same rule first, and then the nearest; None where there are none."""
    there = [finding for item in items for finding in item.findings if finding.place.file == target.path]
    there.sort(key=lambda one: (one.rule != target.rule, abs((one.place.line or 0) - (target.line or 0))))
    names = dict.fromkeys(_name_of(finding) for finding in there)
    return f"nearest: {', '.join(list(names)[:_MOST_NAMED])}" if names else None


def _name_of(finding: Finding) -> str:
    """As a person names it here."""
    return f"{finding.rule}@{finding.place}"


def _append(
    events: EventLog,
    *,
    rule: str,
    finding: str,
    item: Item,
    accepted: bool,
    client: str,
    via: str,
    because: str | None = None,
    score: float | None = None,
) -> None:
    events.append(
        {
            "kind": FINDING_VERDICT,
            "outcome": "accepted" if accepted else "rejected",
            "rule": rule,
            "finding": finding,
            "score": score,
            "item": f"{item.kind}/{item.id}",
            "client": client,
            "via": via,
            "because": because,
        }
    )
