"""What the events show, in one pass: the ground on which levers stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from workflow_cli.domain.improvement.judgement import Suggestion, Verdict
from workflow_cli.domain.improvement.observation import Asked, Attempt, Outcome
from workflow_cli.domain.improvement.trust import Caps, clients_of, distrusted, fair
from workflow_cli.domain.improvement.utility import Worth
from workflow_cli.domain.improvement.window import Window

T = TypeVar("T")
_LEAST_RATE = 0.05
_LEAST_ANSWERED = 8
_LEAST_CALLS = 10
_OFTEN = 0.25
_PRIOR_ACCEPTED, _PRIOR_GIVEN = 1.4, 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A question whose place is known: from an accepted answer, or from a person. `id` is that of the question's event.

    `corrected`: a person named the place. `answer` is the person's text, where there is one.
    """

    id: str
    kind: str
    cluster: str
    question: str
    cites: tuple[str, ...]
    corrected: bool
    answer: str | None = None


@dataclass(slots=True)
class Tried:
    """How the attempts of one answerer at one kind of question went; `ms` of those that succeeded."""

    calls: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)
    accepted: int = 0
    judged: int = 0

    @property
    def ok(self) -> int:
        return len(self.ms)

    @property
    def failed(self) -> int:
        """Calls that were waited for in vain; saying that one does not know is none of them."""
        return sum(count for failure, count in self.failures.items() if failure != "abstained")

    @property
    def fails_often(self) -> bool:
        return self.calls >= _LEAST_CALLS and self.failed >= _OFTEN * self.calls

    @property
    def acceptance(self) -> float:
        """Shrunk towards 0.7, which is what nothing is known of."""
        return (self.accepted + _PRIOR_ACCEPTED) / (self.judged + _PRIOR_GIVEN)


@dataclass(kw_only=True, slots=True, eq=False)
class Summary:
    """`worth` is the utility in force; `requests` are in the order of the log; `reached` holds those of treatment arms as well, for what
    does not depend on the settings.

    `verdicts` are those that count: of trusted clients, and no client more than a quarter. `verdict_rate` is the share of
    answers that somebody judged. `sections` are the texts of the documents, by address; `shown` is the share of
    questions of a kind that the specs are tried for first. `wording` gives the words of a question, None where they are gone.
    """

    window: Window
    worth: Worth
    now: float
    requests: Sequence[Asked]
    reached: Sequence[Asked]
    verdicts: Mapping[str, Verdict]
    distrusted: frozenset[str]
    tried: Mapping[tuple[str, str], Tried]
    kinds: Mapping[str, int]
    references: Sequence[Reference]
    verdict_rate: float
    suggestions: Sequence[Suggestion]
    sections: Mapping[str, str]
    shown: Mapping[str, float]
    wording: Callable[[str], str | None] = str
    _made: dict[Callable[[Summary], Any], Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, make: Callable[[Summary], T]) -> T:
        """What `make` makes of it, made when it is first asked for: a summary stays as it is, and many candidates go by it."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(T, self._made[make])

    @property
    def rejections_a_correction(self) -> int:
        """How many rejected answers one stands for where a person named the right place: from 1 to 4."""
        rejected = sum(not verdict.accepted for verdict in self.verdicts.values())
        corrected = sum(reference.corrected for reference in self.references)
        return max(1, min(4, round(rejected / corrected))) if corrected else 1

    def weight(self, reference: Reference | None) -> int:
        """For how many judged answers a question counts."""
        return self.rejections_a_correction if reference is not None and reference.corrected else 1

    def calls(self, family: str) -> Sequence[tuple[Asked, Attempt]]:
        """Every attempt of a family of answerers, in the order of the log."""
        return self.once(_calls).get(family, ())

    def waits(self, family: str) -> tuple[list[str], list[float]]:
        """The questions for which an attempt was cut off, and the milliseconds of those that succeeded."""
        calls = self.calls(family)
        cut = [asked.id for asked, attempt in calls if attempt.failure == "timeout"]
        return cut, [attempt.ms for _, attempt in calls if attempt.ok and attempt.failure != "timeout"]

    def of(self, kind: str, answerer: str) -> Tried:
        return self.tried.get((kind, answerer)) or Tried()

    def acceptance(self, kind: str) -> float:
        """Of answers to questions of a kind, whoever gave them."""
        found = [tried for (of, _), tried in self.tried.items() if of == kind]
        return (sum(t.accepted for t in found) + _PRIOR_ACCEPTED) / (sum(t.judged for t in found) + _PRIOR_GIVEN)

    def answerers(self) -> frozenset[str]:
        return frozenset(answerer for _, answerer in self.tried)


def summarise(
    window: Window,
    worth: Worth,
    *,
    now: float,
    most: int,
    sections: Mapping[str, str] | None = None,
    wording: Callable[[str], str | None] = str,
) -> Summary:
    """Over the last `most` requests of the window; those of a treatment arm are left out, for they were not the settings."""
    reached = window.asked[-most:]
    recent = [asked for asked in reached if asked.arm in (None, "base")]
    judged = [(asked, window.verdicts[asked.id]) for asked in recent if asked.id in window.verdicts]
    bad = distrusted(verdict for _, verdict in judged)
    caps = Caps(clients_of(verdict for _, verdict in judged))
    counted = {
        asked.id: verdict for asked, verdict in judged if verdict.client not in bad and caps.takes(verdict.client)
    }
    tried: dict[tuple[str, str], Tried] = {}
    kinds: Counter[str] = Counter()
    answered = 0
    for asked in recent:
        kinds[asked.kind] += 1
        answered += asked.outcome is Outcome.ANSWERED
        for attempt in asked.attempts:
            entry = tried.get((asked.kind, attempt.answerer))
            if entry is None:
                entry = tried[asked.kind, attempt.answerer] = Tried()
            entry.calls += 1
            if attempt.ok:
                entry.ms.append(attempt.ms)
            else:
                entry.failures[attempt.failure or "error"] += 1
        said = counted.get(asked.id)
        if said is not None and asked.by is not None:
            entry = tried[asked.kind, asked.by]
            entry.judged += 1
            entry.accepted += said.accepted
    return Summary(
        window=window,
        worth=worth,
        now=now,
        requests=recent,
        reached=reached,
        verdicts=counted,
        distrusted=bad,
        tried=tried,
        kinds=kinds,
        references=_references(reached, window.verdicts, bad),
        verdict_rate=_verdict_rate(len(judged), answered),
        suggestions=_fair(window.suggestions, bad),
        sections={} if sections is None else sections,
        shown=_shown(recent),
        wording=wording,
    )


def _verdict_rate(judged: int, answered: int) -> float:
    """Where hardly anything was answered nobody knows. Taken too high, it only makes answers look rarer than failures."""
    return max(_LEAST_RATE, judged / answered) if answered >= _LEAST_ANSWERED else 1.0


def _calls(seen: Summary) -> Mapping[str, Sequence[tuple[Asked, Attempt]]]:
    found: dict[str, list[tuple[Asked, Attempt]]] = defaultdict(list)
    for asked in seen.requests:
        for attempt in asked.attempts:
            found[attempt.family].append((asked, attempt))
    return dict(found)


def _references(reached: Sequence[Asked], verdicts: Mapping[str, Verdict], bad: frozenset[str]) -> list[Reference]:
    """One for each verdict: what is asked often counts as often, for so it will be asked again.

    Also of the arms of experiments: where a question is answered has nothing to do with the settings.
    """
    caps = Caps(clients_of(verdict for asked in reached if (verdict := verdicts.get(asked.id)) is not None))
    found = []
    for asked in reached:
        verdict = verdicts.get(asked.id)
        if verdict is None or verdict.client in bad or not caps.takes(verdict.client):
            continue
        cites = verdict.reference or (asked.cites if verdict.accepted else ())
        if not cites and not verdict.answer:
            continue
        found.append(
            Reference(
                id=asked.id,
                kind=asked.kind,
                cluster=asked.cluster,
                question=asked.question,
                cites=cites,
                corrected=bool(verdict.reference),
                answer=verdict.answer,
            )
        )
    return found


def _shown(recent: Sequence[Asked]) -> dict[str, float]:
    first: Counter[str] = Counter()
    fresh: Counter[str] = Counter()
    for asked in recent:
        if asked.attempts:
            fresh[asked.kind] += 1
            first[asked.kind] += asked.attempts[0].family == "specs"
    return {kind: first[kind] / count for kind, count in fresh.items()}


def _fair(suggestions: Sequence[Suggestion], bad: frozenset[str]) -> list[Suggestion]:
    bad |= distrusted(suggestions)
    heard = [said for said in suggestions if said.client not in bad]
    clients, by_rule = clients_of(heard), defaultdict(list)
    for said in heard:
        by_rule[said.rule].append(said)
    # Of each rule by itself: what one client says of a rule that nobody else minds does not decide for all.
    counted = {said.id for of_rule in by_rule.values() for said in fair(of_rule, clients=clients)}
    return [said for said in heard if said.id in counted]
