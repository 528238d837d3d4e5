"""What is known of how good an answer was: by a verdict, by the place it names, or because it was none.

Answers are judged by people for a share of them alone, while a failure needs no judge: so failures and abstentions are
thinned to that same share, by hash, or the mean of the differences would not be that of the utilities.

By place: where a question is answered is what people said of its cluster before. An answer that names that place counts as right.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.improvement.judgement import Verdict
from workflow_cli.domain.improvement.observation import Asked, Outcome
from workflow_cli.domain.improvement.trust import Caps, clients_of, distrusted
from workflow_cli.domain.improvement.utility import quality
from workflow_cli.domain.improvement.window import Window

#: An answer or a verdict that names more places than these does not say which of them it stands on.
EXACT = 2
#: What passages are worth that hold the place, for they need not say what was asked. At least: they are more often what
#: there is without a change than what there is with it.
FITTING_AT_LEAST = 0.7


def says_where(cites: Sequence[str]) -> bool:
    """Whether places are named, and so few that each is meant."""
    return 0 < len(cites) <= EXACT


@dataclass(frozen=True, slots=True)
class Known:
    """`accepted` is in [0, 1], and None where only the place tells: how good an answer was goes by that, but not what people accept."""

    asked: Asked
    quality: float
    accepted: float | None


class KnownQuality:
    """Reads requests in the order of the log, each once. `verdict_rate` is the share of answers that people judge."""

    def __init__(self, window: Window, *, salt: str, verdict_rate: float, by_place: bool = False) -> None:
        self._verdicts = window.verdicts
        self._bad = distrusted(window.verdicts.values())
        self._caps = Caps(clients_of(window.verdicts.values()))
        self._salt = salt
        self._rate = verdict_rate
        self._places = _Places(window, self._bad) if by_place else None

    def of(self, asked: Asked) -> Known | None:
        """None where nobody can say, or where it is thinned out."""
        verdict = self._verdicts.get(asked.id)
        if verdict is not None and (verdict.client in self._bad or not self._caps.takes(verdict.client)):
            verdict = None
        place = None if self._places is None else self._places.before(asked)
        known = quality(asked, verdict)
        if known is None:
            return None if place is None else Known(asked, _agreement(asked, place), None)
        if asked.outcome is Outcome.ANSWERED:
            return Known(asked, known, known)
        thinned_in = thinned(self._salt, asked.id, self._rate)
        if place is None and not thinned_in:
            return None
        failed = asked.outcome is Outcome.FAILED
        return Known(asked, known, 0.0 if failed and thinned_in else None)


def _agreement(asked: Asked, place: frozenset[str]) -> float:
    named = not place.isdisjoint(asked.cites)
    return float(named) if len(asked.cites) <= EXACT else FITTING_AT_LEAST * named


class _Places:
    """What people said so far about where the questions of a cluster are answered; read along with the requests, in order.

    Every accepted answer names a place, but not every rejection: accepted ones are thinned to the same share, or questions
    that were answered well before would be known of more often.
    """

    def __init__(self, window: Window, bad: frozenset[str]) -> None:
        by_id = {asked.id: asked for asked in window.asked}
        said = sorted(window.verdicts.values(), key=lambda verdict: verdict.at)
        self._said: deque[tuple[Verdict, Asked]] = deque(
            (v, by_id[v.asked]) for v in said if v.client not in bad and v.asked in by_id
        )
        self._known: dict[str, frozenset[str]] = {}
        rejected = sum(not verdict.accepted for verdict, _ in self._said)
        named = sum(not verdict.accepted and bool(verdict.reference) for verdict, _ in self._said)
        self._share = named / rejected if rejected else 1.0

    def before(self, asked: Asked) -> frozenset[str] | None:
        while self._said and self._said[0][0].at < asked.at:
            verdict, about = self._said.popleft()
            cites = verdict.reference
            if not cites and verdict.accepted and thinned("place", verdict.id, self._share):
                cites = about.cites
            if says_where(cites):
                self._known[about.cluster] = frozenset(cites)
        return self._known.get(asked.cluster)


def thinned(salt: str, id: str, share: float) -> bool:
    """Whether one of what needs no judge is among the share that is taken."""
    digest = hashlib.sha256(f"{salt}\0thin\0{id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6]) / 2**48 < share
