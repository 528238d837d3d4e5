"""What `workflow loop report` tells: for somebody who comes back after days and wants to know what was done in the meantime."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.cli.formats.wording import counted
from workflow_cli.cli.loop_changes import changes_line
from workflow_cli.cli.loop_text import documents_line, experiment_json, insisted_line, moment
from workflow_cli.cli.loop_waiting import decided_json, held_json, waiting_lines
from workflow_cli.cli.loop_words import in_words
from workflow_cli.domain.improvement.change_text import change_name

if TYPE_CHECKING:
    from workflow_cli.app.improve.ports import HumanDecision
    from workflow_cli.cli.invocation import Invocation
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.muted import Silence
    from workflow_cli.domain.improvement.story import Kept, Refused, Story, Watched

_WAITING: Mapping[str, str] = {"waiting": "waits for a person"}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: Evidence beyond this is not more convincing.
_MOST_E = 1000
_CHECKS: Mapping[str, str] = {
    "aa": "experiments with equal arms that were not kept",
    "sabotage": "planted bad changes that were caught",
    "vault": "audits of all that was kept",
}


_InForce = Callable[["Experiment"], Mapping[str, Any]]


def show_report(
    call: Invocation,
    story: Story,
    *,
    in_force: _InForce = lambda _: {},
    decided: Mapping[str, HumanDecision] = MappingProxyType({}),
    put_off: Sequence[str] = (),
) -> int:
    """`in_force` gives what the settings that an experiment turned are now; `decided` is what the next cycle will follow, by
    experiment, and `put_off` what was in the way of the last."""
    if call.format == "json":
        return call.print_document({**_document(story, decided), "put_off": list(put_off)})
    if story.since is None:
        print("the loop has not run yet")
        return 0
    for line in (*_told(story, in_force), *_waiting(story, decided, put_off)):
        print(line)
    return 0


def _document(story: Story, decided: Mapping[str, HumanDecision]) -> dict[str, Any]:
    right, said = story.calibration
    return {
        "loop": "report",
        "since": moment(story.since),
        "experiments": story.experiments,
        **_net_json(story.net),
        "net_unknown": story.unknown,
        "kept": [_kept_json(kept) for kept in story.kept],
        "documents": [{"change": change_name(e), **dict(body)} for e, body in story.documents],
        "documents_taken_back": [{"change": change_name(e), **dict(body)} for e, body in story.withdrawn],
        "refused": [
            {"change": change_name(one.experiment), "by": one.by, "because": one.because} for one in story.refused
        ],
        "reverts": dict(story.reverts),
        "calibration": {"within": right, "of": said},
        "checks": {name: {"passed": good, "of": total} for name, (good, total) in story.checks.items()},
        "waiting": [change_name(experiment) for experiment in story.state.waiting.values()],
        "drafts": held_json(story.state),
        "decided": decided_json(story.state, decided),
    }


def _told(story: Story, in_force: _InForce) -> Iterator[str]:
    kept = [kept for kept in story.kept if kept.state != "rolled_back"]
    taken_back = [kept for kept in story.kept if kept.state == "rolled_back" and not kept.is_left]
    left = [kept for kept in story.kept if kept.is_left]
    counts = f"{len(kept)} kept, {len(taken_back)} taken back, {sum(story.reverts.values())} not kept"
    if left:
        counts += f", {len(left)} not put back"
    yield f"since {_day(story.since)}: {counted(story.experiments, 'experiment')}, {counts}{documents_line(story)}"
    if kept:
        net, low, high = story.net
        within = f" (95 %: {low:+.1f} to {high:+.1f})" if low < high else ""
        if any(one.net is not None for one in kept):
            yield f"gained by what is kept, while it was compared: {net:+.1f} answers{within}; one is a question answered right and in time"
    if story.unknown:
        yield f"not counted: {story.unknown} kept that nothing was compared with, or not to the end of its probation"
    yield from _part("kept", [line for one in kept for line in _kept_lines(one, in_force(one.experiment))])
    yield from _part("muted", [_silence_line(silence) for one in story.kept for silence in one.silences])
    yield from _part("taken back", [line for one in taken_back for line in _kept_lines(one)])
    yield from _part("not put back", [line for one in left for line in _kept_lines(one, in_force(one.experiment))])
    yield from _part("requirements", [_document_line(e, body) for e, body in story.documents if not e.is_code])
    yield from _part("branches", [_branch_line(e, body) for e, body in story.documents if e.is_code])
    yield from _part("requirements taken back", [_withdrawn_line(e, body) for e, body in story.withdrawn])
    yield from _part("refused", [_refused_line(one) for one in story.refused])
    yield from _part("not kept", [f"{count} × {in_words(name)}" for name, count in sorted(story.reverts.items())])
    right, said = story.calibration
    if said:
        yield f"predictions: {right} of {said} measured effects were within what was expected (80 % ought to be)"
    checks = ", ".join(
        f"{good} of {total} {_CHECKS.get(name, one_line(name))}" for name, (good, total) in sorted(story.checks.items())
    )
    if checks:
        yield f"checks of the loop itself: {checks}"


def _waiting(story: Story, decided: Mapping[str, HumanDecision], put_off: Sequence[str]) -> Iterator[str]:
    for word, line in waiting_lines(story.state, decided, put_off):
        yield f"{_WAITING.get(word, word)}: {line}"


def _part(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        for line in lines:
            yield f"  {line}"


def _kept_lines(kept: Kept, now: Mapping[str, Any] | None = None) -> Iterator[str]:
    experiment = kept.experiment
    where = " (on probation)" if kept.state == "probation" else ""
    turned = changes_line(experiment.before, experiment.changes, now)
    yield one_line(f"{_day(kept.at)}  {experiment.lever}: {turned}{where}")
    yield f"    measured: {_effect(kept)}"
    if kept.why is not None:
        when = "" if kept.until is None else f" {_day(kept.until)}"
        yield f"    {'to be ' if kept.is_left else ''}taken back{when}: {in_words(kept.why)}"
        if kept.is_left:
            yield "    nothing was put back, as somebody had set it otherwise meanwhile: see whether that is right"
    elif kept.against is not None:
        asked = f"to be taken back once a person agrees, as {in_words(kept.against)}"
        yield f"    {insisted_line(kept) if kept.insisted else asked}; nothing counts as gained by it"
    else:
        touched = "" if kept.touched is None else f", {kept.touched:.0f} of which it makes a difference to"
        if kept.watched is not None:
            yield f"    watched until {_day(kept.watched.until)}: {_watched(kept.watched)}"
        yield f"    since then: {counted(kept.requests, 'question')}{touched}"


def _watched(watched: Watched) -> str:
    low, high = watched.interval
    effect = f"{watched.mean:+.3f} a question (95 %: {low:+.3f} to {high:+.3f})"
    return f"{effect}, {watched.pairs} held back, of {counted(watched.requests, 'question')}"


def _effect(kept: Kept) -> str:
    if kept.mean is None:
        return "unknown"
    effect = f"{kept.mean:+.3f} a question"
    if kept.interval is not None:
        effect += f" (95 %: {kept.interval[0]:+.3f} to {kept.interval[1]:+.3f})"
    effect += f", {kept.pairs} pairs"
    if kept.e is None:
        return effect
    e = f"e > {_MOST_E}" if not math.isfinite(kept.e) or kept.e > _MOST_E else f"e = {kept.e:.3g}"
    needed = kept.experiment.rule.keep_e
    # The other way to be kept is that answers come sooner for sure and are as good.
    return f"{effect}, {e} ({needed:g} is enough)" if kept.e >= needed else f"{effect}, {e}, and sooner for sure"


def _day(at: float | None) -> str:
    """With the day of the week, to the minute."""
    text = moment(at)
    if text is None or at is None:
        return "an unknown time"
    day = _DAYS[datetime.fromtimestamp(at, UTC).weekday()]
    return f"{day} {text[:10]} {text[11:16]}Z"


def _silence_line(silence: Silence) -> str:
    """What it cost or saved that nobody was told."""
    said = f"{one_line(silence.rule)}: {silence.found} of {silence.checks} checks found it before"
    if silence.judged:
        said += f", {silence.rejected} of {silence.judged} verdicts on its findings were rejections"
    if silence.heard:
        return f"{said}; {silence.heard} of {silence.since} checks since found it: it is on again"
    if (unsaid := silence.unsaid) is None:
        return f"{said}; {silence.since} checks since: not enough data to say in how many it would have spoken"
    return f"{said}; of {silence.since} checks since, about {unsaid.low:.0f} to {unsaid.high:.0f} would have"


def _document_line(experiment: Experiment, body: Mapping[str, Any]) -> str:
    return (
        f"{change_name(experiment)}: {body.get('answered')} of {body.get('held_out')} held-out questions answered,"
        f" {body.get('displaced')} of {body.get('others')} others displaced"
    )


def _withdrawn_line(experiment: Experiment, body: Mapping[str, Any]) -> str:
    return f"{_document_line(experiment, body)}: {in_words(str(body.get('reason')))}"


def _refused_line(one: Refused) -> str:
    return one_line(f"{change_name(one.experiment)}: {one.by}" + (f": {one.because}" if one.because else ""))


def _branch_line(experiment: Experiment, body: Mapping[str, Any]) -> str:
    return one_line(
        f"{body.get('branch')}: {counted(len(body.get('files', ())), 'file')}, tests pass, not merged ({experiment.scope})"
    )


def _kept_json(kept: Kept) -> dict[str, Any]:
    return {
        **experiment_json(kept.experiment, None),
        "at": moment(kept.at),
        "state": kept.state,
        "mean": kept.mean,
        "interval": None if kept.interval is None else list(kept.interval),
        "e": kept.e,
        "pairs": kept.pairs,
        "requests_since": kept.requests,
        "requests_counted": None if kept.touched is None else round(kept.touched, 1),
        "compared": None if kept.watched is None else _watched_json(kept.watched),
        **_net_json(kept.net),
        "why": kept.why,
        "against": kept.against,
        "insisted": None if kept.insisted is None else dict(zip(("by", "because"), kept.insisted, strict=True)),
        "taken_back_at": moment(kept.until),
        "put_back": kept.restored,
        "muted": [_silence_json(silence) for silence in kept.silences],
    }


def _watched_json(watched: Watched) -> dict[str, Any]:
    return {
        "until": moment(watched.until),
        "requests": watched.requests,
        "mean": watched.mean,
        "interval": list(watched.interval),
        "pairs": watched.pairs,
    }


def _silence_json(silence: Silence) -> dict[str, Any]:
    unsaid = silence.unsaid
    return {
        "rule": silence.rule,
        "found_before": silence.found,
        "checks_before": silence.checks,
        "checks_since": silence.since,
        "found_since": silence.heard,
        "rejected": silence.rejected,
        "judged": silence.judged,
        "unsaid_interval": None if unsaid is None else [round(unsaid.low, 1), round(unsaid.high, 1)],
    }


def _net_json(net: tuple[float, float, float] | None) -> dict[str, Any]:
    if net is None:
        return {"net_utility": None, "net_utility_interval": None}
    value, low, high = (round(number, 3) for number in net)
    return {"net_utility": value, "net_utility_interval": [low, high]}
