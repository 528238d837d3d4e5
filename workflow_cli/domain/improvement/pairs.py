"""From events of two arms to pairs: what the rule is folded over.

Two requests of one kind, the i-th of each arm, are compared. Only those count whose quality is known, see `known_quality.py`.

Where a change makes no difference before a call has taken so long, only calls that do are compared with each other; any other
request went as it would have gone in the other arm, and is a pair without a difference by itself.

Answers out of the cache count as they are: their quality is that of who gave them first. The cache of a treatment is empty at
first, which speaks against it, and never for it.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence

from workflow_cli.domain.improvement.arms import Arm, Overlay
from workflow_cli.domain.improvement.experiment import Experiment
from workflow_cli.domain.improvement.known_quality import Known, KnownQuality
from workflow_cli.domain.improvement.observation import Asked, Outcome
from workflow_cli.domain.improvement.rule import Pair
from workflow_cli.domain.improvement.utility import Worth, quality
from workflow_cli.domain.improvement.window import Window

#: A window of a switchback counts with so many requests; the first are left out, for they met what the other arm left.
_LEAST_IN_WINDOW = 2
_WASH_OUT = 1
#: What every answer is taken to be worth where only its time is looked at.
_ALIKE = 0.7
#: Clocks differ: a call that was cut off at a limit took about so long.
_NEARLY = 0.98


def taking_part(window: Window, overlay: Overlay) -> tuple[list[tuple[Asked, Arm]], int]:
    """The requests of an experiment with their arms, in order, each unit once; and how many were forged."""
    found: list[tuple[Asked, Arm]] = []
    units: set[str] = set()
    forged = 0
    for asked in window.asked:
        if asked.experiment != overlay.experiment:
            continue
        arm = overlay.genuine(asked)
        if arm is None or (asked.unit in units and not asked.unit.startswith("@")):
            forged += 1
            continue
        units.add(asked.unit)
        found.append((asked, arm))
    return found, forged


def interleaved_pairs(window: Window, overlay: Overlay, experiment: Experiment, worth: Worth) -> Iterator[Pair]:
    requests, _ = taking_part(window, overlay)
    known_quality = KnownQuality(
        window, salt=overlay.salt, verdict_rate=experiment.verdict_rate, by_place=experiment.by_reference
    )
    waiting: dict[tuple[str, Arm], deque[Known]] = defaultdict(deque)
    slow: dict[tuple[str, Arm], deque[tuple[float, float]]] = defaultdict(deque)
    sooner: list[float] = []
    slow_differences: deque[float] = deque()
    kinds = len({asked.kind for asked, _ in requests}) > 1
    for asked, arm in requests:
        if not _touched(asked, experiment):
            continue
        ours = known_quality.of(asked)
        if not _could_differ(asked, experiment):
            if ours is not None and arm is Arm.TREATMENT:
                yield Pair(difference=0.0, guards={f"kind:{asked.kind}": 0.0} if kinds else {})
            continue
        other = Arm.BASE if arm is Arm.TREATMENT else Arm.TREATMENT
        if not asked.cached:
            # Who is late is known of every request; who never answers is as well.
            late = float(asked.outcome is Outcome.FAILED or asked.ms > worth.limit(asked.kind))
            known_now = quality(asked, None)
            alike = worth.utility(asked.kind, _ALIKE if known_now is None else known_now, asked.ms)
            if partners := slow[asked.kind, other]:
                their_late, theirs_alike = partners.popleft()
                forward = 1 if arm is Arm.TREATMENT else -1
                slow_differences.append(forward * (their_late - late))
                sooner.append(forward * (alike - theirs_alike))
            else:
                slow[asked.kind, arm].append((late, alike))
        if ours is None:
            continue
        if not (queue := waiting[asked.kind, other]):
            waiting[asked.kind, arm].append(ours)
            continue
        theirs = queue.popleft()
        base, treated = (theirs, ours) if arm is Arm.TREATMENT else (ours, theirs)
        yield _pair(base, treated, worth, kinds, slow_differences, sooner)


def _touched(asked: Asked, experiment: Experiment) -> bool:
    return experiment.touches is None or any(a.family == experiment.touches for a in asked.attempts)


def _could_differ(asked: Asked, experiment: Experiment) -> bool:
    if experiment.beyond_ms is None:
        return True
    return sum(a.ms for a in asked.attempts if a.family == experiment.touches) >= _NEARLY * experiment.beyond_ms


def _pair(base: Known, treated: Known, worth: Worth, kinds: bool, slow: deque[float], sooner: list[float]) -> Pair:
    kind = base.asked.kind
    values = [worth.utility(kind, known.quality, known.asked.ms) for known in (base, treated)]
    difference = values[1] - values[0]
    guards: dict[str, float] = {}
    if base.accepted is not None and treated.accepted is not None:
        guards["acceptance"] = treated.accepted - base.accepted
    if kinds:
        guards[f"kind:{kind}"] = difference
    if slow:
        guards["slow"] = sum(slow) / len(slow)
        slow.clear()
    since = tuple(sooner)
    sooner.clear()
    return Pair(
        difference=difference,
        sooner=since,
        guards=guards,
        base_failed=base.asked.outcome is Outcome.FAILED,
        treated_failed=treated.asked.outcome is Outcome.FAILED,
    )


def switchback_pairs(window: Window, overlay: Overlay, experiment: Experiment, worth: Worth) -> Iterator[Pair]:
    """The i-th window of each arm among those with about as many requests: how long they took, for their kinds.

    The settings measured this way cannot make an answer right or wrong, only late or missing.
    """
    requests, _ = taking_part(window, overlay)
    turns: dict[int, tuple[Arm, list[Asked]]] = {}
    for asked, arm in requests:
        if _touched(asked, experiment):
            turns.setdefault(int(asked.unit[1:]), (arm, []))[1].append(asked)
    usual = _usual_times([asked for _, part in turns.values() for asked in part])
    newest = max((int(asked.unit[1:]) for asked, _ in requests), default=0)
    waiting: dict[tuple[int, Arm], deque[list[Asked]]] = defaultdict(deque)
    for number in sorted(turns):
        arm, part = turns[number]
        part = part[_WASH_OUT:]
        if number >= newest or len(part) < _LEAST_IN_WINDOW:
            continue  # not over yet, or nothing to go by
        other = Arm.BASE if arm is Arm.TREATMENT else Arm.TREATMENT
        # Like is compared with like: a rush with a rush.
        size = len(part).bit_length()
        if not waiting[size, other]:
            waiting[size, arm].append(part)
            continue
        theirs = waiting[size, other].popleft()
        base, treated = (theirs, part) if arm is Arm.TREATMENT else (part, theirs)
        guards = {"slow": _share_late(base, worth) - _share_late(treated, worth)}
        judged = [_accepted(window, part) for part in (base, treated)]
        if judged[0] is not None and judged[1] is not None:
            guards["acceptance"] = judged[1] - judged[0]
        yield Pair(
            difference=math.tanh(_slowness(base, usual) - _slowness(treated, usual)),
            guards=guards,
            base_failed=_mostly_failed(base),
            treated_failed=_mostly_failed(treated),
        )


def _usual_times(requests: Sequence[Asked]) -> dict[str, float]:
    """The mean logarithm of the time, by kind, over both arms."""
    logs: dict[str, list[float]] = defaultdict(list)
    for asked in requests:
        logs[asked.kind].append(math.log(max(1.0, asked.ms)))
    return {kind: sum(values) / len(values) for kind, values in logs.items()}


def _slowness(part: Sequence[Asked], usual: Mapping[str, float]) -> float:
    """The mean of how much longer than usual for their kind requests took, as a logarithm; without an answer, twice that."""
    longer = [
        math.log(max(1.0, asked.ms)) - usual[asked.kind] + (0.0 if asked.outcome is Outcome.ANSWERED else math.log(2))
        for asked in part
    ]
    return sum(longer) / len(longer)


def _share_late(part: Sequence[Asked], worth: Worth) -> float:
    return sum(asked.ms > worth.limit(asked.kind) for asked in part) / len(part)


def _accepted(window: Window, part: Sequence[Asked]) -> float | None:
    said = [window.verdicts[asked.id].accepted for asked in part if asked.id in window.verdicts]
    return sum(said) / len(said) if said else None


def _mostly_failed(part: Sequence[Asked]) -> bool:
    return sum(asked.outcome is Outcome.FAILED for asked in part) * 2 > len(part)


def holdback_pairs(window: Window, overlay: Overlay, experiment: Experiment, worth: Worth) -> tuple[list[Pair], int]:
    """Each request of the hold-back against the mean of the kept change's since the last one; and how many took part.

    Differences are above 0 where the kept change does better, as in the experiment.
    """
    requests, _ = taking_part(window, overlay)
    known_quality = KnownQuality(window, salt=overlay.salt, verdict_rate=experiment.verdict_rate)
    kept: dict[str, list[float]] = defaultdict(list)
    held: dict[str, deque[float]] = defaultdict(deque)
    pairs: list[Pair] = []
    for asked, arm in requests:
        if (known := known_quality.of(asked)) is None:
            continue
        value = worth.utility(asked.kind, known.quality, asked.ms)
        if arm is Arm.HOLDBACK:
            held[asked.kind].append(value)
        else:
            kept[asked.kind].append(value)
        if held[asked.kind] and kept[asked.kind]:
            values = kept[asked.kind]
            difference = sum(values) / len(values) - held[asked.kind].popleft()
            pairs.append(Pair(difference=max(-1.0, min(1.0, difference))))
            values.clear()
    return pairs, len(requests)


def verdict_share(rate: float) -> float:
    """The share to which failures are thinned: the rate of verdicts, within [0.05, 1]."""
    return min(1.0, max(0.05, rate)) if math.isfinite(rate) else 0.05
