"""Which verdicts count: one a person and answer that was given, or finding, the last; of clients that can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from workflow_cli.domain.feedback.tally import Said, Verdict
from workflow_cli.domain.improvement import judgement
from workflow_cli.domain.improvement.trust import distrusted


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRules:
    """`mutable` are the rules that can be muted, `repaired` those that have a repair."""

    mutable: Collection[str] = frozenset()
    repaired: Collection[str] = frozenset()

    def __contains__(self, rule: str) -> bool:
        return rule in self.mutable or rule in self.repaired


def judged(verdicts: Iterable[Verdict], *, given: Callable[[Verdict], bool]) -> tuple[Verdict, ...]:
    """In the order of time."""
    last: dict[tuple[str, str], Verdict] = {}
    for verdict in sorted(verdicts, key=lambda one: (one.at, one.event)):
        if given(verdict):
            last[verdict.client, verdict.answer_id] = verdict
    bad = distrusted(map(_observed, last.values()))
    return tuple(verdict for verdict in last.values() if verdict.client not in bad)


def _observed(verdict: Verdict) -> judgement.Verdict:
    return judgement.Verdict(
        id=verdict.event,
        at=float(verdict.at),
        client=verdict.client,
        asked=verdict.answer_id,
        accepted=verdict.accepted,
        reference=(),
        answer=None,
    )


def judged_findings(
    said: Mapping[tuple[str, str], Said],
    *,
    before: Mapping[tuple[str, str], Said],
    known: KnownRules,
) -> tuple[judgement.Suggestion, ...]:
    """In the order of time. What was said `before` and is only told again does not count; who thinks again does.

    Who decided about a draft is not in the log, and of drafts by rules only repairs are about findings.
    """
    new = [
        judgement.Suggestion(id=event, at=float(at), client=client, rule=rule, accepted=accepted, about=finding)
        for (finding, client), (at, event, rule, accepted) in said.items()
        if not _is_told_again(before.get((finding, client)), accepted) and (client or rule in known)
    ]
    bad = distrusted(new)
    return tuple(sorted((one for one in new if one.client not in bad), key=lambda one: (one.at, one.id)))


def _is_told_again(before: Said | None, accepted: bool) -> bool:
    return before is not None and before[3] == accepted
