"""Which verdicts count: one a person and answer, the last; on an answer that was given; of clients that can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workflow_cli.domain.feedback.tally import Verdict
from workflow_cli.domain.improvement import observation
from workflow_cli.domain.improvement.trust import distrusted


def judged(verdicts: Iterable[Verdict], *, given: Callable[[Verdict], bool]) -> tuple[Verdict, ...]:
    """In the order of time."""
    last: dict[tuple[str, str], Verdict] = {}
    for verdict in sorted(verdicts, key=lambda one: (one.at, one.event)):
        if given(verdict):
            last[verdict.client, verdict.answer_id] = verdict
    bad = distrusted(map(_observed, last.values()))
    return tuple(verdict for verdict in last.values() if verdict.client not in bad)


def _observed(verdict: Verdict) -> observation.Verdict:
    return observation.Verdict(
        id=verdict.event,
        at=float(verdict.at),
        client=verdict.client,
        asked=verdict.answer_id,
        accepted=verdict.accepted,
        reference=(),
        answer=None,
    )
