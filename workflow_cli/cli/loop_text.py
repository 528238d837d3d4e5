"""What `workflow loop` shows: cycles, where it stands, and its history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.cli.formats.wording import counted
from workflow_cli.cli.loop_changes import changes_json, changes_line, name_shown
from workflow_cli.cli.loop_waiting import decided_json, held_json, waiting_lines
from workflow_cli.cli.loop_words import in_words
from workflow_cli.domain.improvement.change_text import VETO, change_name
from workflow_cli.domain.improvement.real_settings import setting_of
from workflow_cli.domain.improvement.record import Record, RecordType
from workflow_cli.domain.improvement.state import WAITS

if TYPE_CHECKING:
    from workflow_cli.app.improve.cycle import Cycle
    from workflow_cli.app.improve.ports import HumanDecision
    from workflow_cli.cli.invocation import Invocation, Status
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.story import Kept, Story
    from workflow_cli.wiring.loop import LoopRun

# -- cycles -----------------------------------------------------------------------------------------------------------


def exit_code_of(cycle: Cycle, story: Story) -> int:
    if cycle.waits_for_a_person:
        return 4
    return 1 if story.standing == "frozen" else 0


def tell_cycle(call: Invocation, cycle: Cycle, run: LoopRun, *, explain: bool) -> None:
    """One line where something happened, none where nothing did; with `explain` also why nothing more."""
    story = run.story()
    if cycle.did or cycle.ended:
        did = "; ".join(cycle.did) or "by a cycle that was cut off"
        print(one_line(did) + "".join(f" [{one}]" for one in _concerned(cycle, story, run)))
    if cycle.waits_for_a_person:
        call.note("waits for a person: workflow review list")
    if any(did.startswith(_FREEZE) for did in cycle.did):
        call.note(f"{in_words(str(cycle.frozen))}: nothing is tried until `workflow loop resume`")
    for problem in (*cycle.put_off, *run.new_problems):
        call.note(f"put off: {one_line(problem)}")
    if not explain:
        return
    if not cycle.did:
        print("nothing to do")
    print(f"  {cycle.events} events read, {cycle.set_aside} set aside")
    if cycle.frozen is not None:
        print(f"  {in_words(cycle.frozen)}: nothing is tried until `workflow loop resume`")
    if cycle.waits_for is not None:
        print(f"  {_WAITS[cycle.waits_for]}")
    for one in _explained(story, cycle, run.levers):
        reason = ": ".join(map(name_shown, one["reason"].split(": ")))
        print(one_line(f"  {one['lever']} ({name_shown(one['scope'])}): {reason}"))


def _concerned(cycle: Cycle, story: Story, run: LoopRun) -> Iterator[str]:
    """The changes that something was decided about, or that are measured now, with what each turns."""
    for word, experiment in cycle.ended:
        told = _about(experiment, run.in_force(experiment) if word in _IN_FORCE else None, is_back=word == "taken back")
        yield told if word == "confirmed" else f"{word}: {told}"
    running = story.state.running
    if running is not None and not running.same:
        yield _about(running)


#: Said of changes that were not written just now: somebody may have set some of it otherwise.
_IN_FORCE = ("confirmed", "taken back")
_FREEZE = "freeze: "
_WAITS = {
    "questions": "nothing is looked for: no question was asked within reach",
    "measuring": "a change is being measured: nothing else is begun unless it can be decided at once",
    "probation": "nothing is looked for while a change is on probation; the reasons below are older",
}


def _explained(story: Story, cycle: Cycle, levers: Mapping[str, bool]) -> list[dict[str, str]]:
    """Why each lever did nothing, also those that see nothing at all; `levers` tells which of them are chosen."""
    # The ledger has figures of when the word last changed.
    said, waits_for = _deferred({**story.deferred, **cycle.reasons}), cycle.waits_for
    known = {one["lever"] for one in said} | {e.lever for e in story.state.experiments.values()}
    silent = "no_symptom" if waits_for is None else f"not_looked: {waits_for}"
    for lever, chosen in levers.items():
        if not chosen:
            said = [one for one in said if one["lever"] != lever]
            said.append({"lever": lever, "scope": "*", "reason": "not_chosen"})
        elif lever not in known:
            said.append({"lever": lever, "scope": "*", "reason": silent})
    return sorted(said, key=lambda one: (one["lever"], one["scope"]))


def show_cycles(call: Invocation, cycles: Sequence[Cycle], *, run: LoopRun, busy: bool) -> int:
    """`busy`: another loop was at it before these were all."""
    story = run.story()
    code = max([exit_code_of(cycle, story) for cycle in cycles], default=0)
    payload = {
        "loop": "cycles",
        "busy": busy,
        "cycles": [
            {
                "did": list(cycle.did),
                "events": cycle.events,
                "set_aside": cycle.set_aside,
                "running": cycle.running,
                "frozen": cycle.frozen,
                "waits_for": cycle.waits_for,
                "ended": [{"change": change_name(experiment), "how": word} for word, experiment in cycle.ended],
            }
            for cycle in cycles
        ],
        "deferred": _explained(story, cycles[-1], run.levers) if cycles else [],
        "put_off": [*dict.fromkeys(one for cycle in cycles for one in cycle.put_off), *run.problems],
    }
    word: Status = "waiting" if code == 4 else "findings" if code == 1 else "ok"
    return call.print_document(payload, status=word, exit_code=code, degraded=run.degraded)


# -- status -----------------------------------------------------------------------------------------------------------


def show_status(
    call: Invocation,
    story: Story,
    *,
    running: bool,
    muted: Sequence[str],
    decided: Mapping[str, HumanDecision],
    in_force: Callable[[Experiment], Mapping[str, Any]],
    put_off: Sequence[str] = (),
) -> int:
    """`muted` are the rules that the loop keeps silent, `decided` is what the next cycle will follow, by experiment, and `put_off`
    what was in the way of the last."""
    state, standing = story.state, story.standing_while(under_way=running)
    code = 1 if standing == "frozen" else 0
    if call.format == "json":
        payload = {
            "loop": "status",
            "standing": standing,
            "cycle_under_way": running,
            "since": moment(story.since),
            "experiment": None if state.running is None else experiment_json(state.running, state.observed),
            "probation": None if state.probation is None else experiment_json(state.probation, None),
            "waiting": [experiment_json(experiment, None) for experiment in state.waiting.values()],
            "drafts": held_json(state),
            "decided": decided_json(state, decided),
            "put_off": list(put_off),
            "frozen": state.frozen,
            "experiments": story.experiments,
            "kept": len(story.kept) - story.rolled_back,
            "rolled_back": story.rolled_back,
            "documents": {
                "kept": len(story.documents),
                "taken_back": len(story.withdrawn),
                "refused": len(story.refused),
            },
            "muted": list(muted),
            "ledger": {"unread": dict(story.unread), "gaps": story.gaps},
            "deferred": _deferred(story.deferred),
        }
        return call.print_document(payload, status="findings" if code else "ok", exit_code=code)
    print(_STANDINGS[standing] + (f": {in_words(state.frozen)}" if state.frozen else ""))
    if running:
        print("a cycle is under way")
    if state.running is not None:
        print(f"measuring  {_about(state.running)}")
        observed = state.observed or {}
        if observed.get("experiment") == state.running.id:
            print(
                f"           {observed.get('pairs', 0)} pairs, e = {observed.get('e', 1):g}, harm {observed.get('harm_e', 1):g}"
            )
    if state.probation is not None:
        print(f"probation  {_about(state.probation, in_force(state.probation))}, since {moment(state.probation_since)}")
    for word, line in waiting_lines(state, decided, put_off):
        print(f"{word:<10} {line}")
    for kept in story.kept:
        if kept.insisted is not None:
            print(f"stays      {change_name(kept.experiment)}: {insisted_line(kept)}")
    left = [kept for kept in story.kept if kept.is_left]
    for kept in left:
        print(
            f"left       {_about(kept.experiment, in_force(kept.experiment))}; nothing was put back: see what is to be in force"
        )
    print(
        f"{counted(story.experiments, 'experiment')}, {len(story.kept) - story.rolled_back} kept, "
        f"{story.rolled_back - len(left)} taken back"
        + (f", {len(left)} not put back" if left else "")
        + documents_line(story)
        + (f", since {moment(story.since)}" if story.since else "")
    )
    if muted:
        print(f"muted      {', '.join(map(one_line, muted))}: workflow loop report says what that costs")
    for reason, count in sorted(story.unread.items()):
        call.note(f"the ledger has {count} lines that do not count: {reason}")
    if story.gaps:
        gone = f"records are missing from the ledger in {story.gaps} places"
        call.note(f"{gone}; workflow loop resume goes on without them" if code else gone)
    return code


def insisted_line(kept: Kept) -> str:
    """That a person would not have it taken back, and what spoke for that."""
    by, because = kept.insisted or ("", "")
    return one_line(f"not taken back, although {in_words(str(kept.against))}; {by}: {because}")


def documents_line(story: Story) -> str:
    """How many of the documents that people decided about are there; nothing where there were none."""
    counts = (
        (len(story.documents), "kept"),
        (len(story.withdrawn), "taken back"),
        (len(story.refused), "refused"),
    )
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"; of what people decided on: {told}" if told else ""


_STANDINGS = {
    "idle": "idle: nothing is being tried",
    "measuring": "measuring a change",
    "probation": "a change was kept, and is watched",
    "interrupted": "a cycle was interrupted; the next one finishes or undoes it",
    "frozen": "frozen: nothing is tried",
    "stopped": "stopped: nothing is tried until `workflow loop resume`",
}


# -- history ----------------------------------------------------------------------------------------------------------


def show_history(call: Invocation, records: Sequence[Record], *, of: Sequence[Record]) -> int:
    """`records` are those to show, of all there are."""
    before = {str(r.body.get("id")): r.body.get("from") for r in of if r.type is RecordType.REGISTER}
    if call.format == "json":
        shown = [_record_json(record, before) for record in records]
        return call.print_document({"loop": "history", "records": shown})
    for record in records:
        print(f"{moment(record.at)}  {record.type.value:<13} {one_line(_line(record, before))}")
    if not records:
        call.note("the loop has done nothing yet")
    return 0


def _record_json(record: Record, before: Mapping[str, Any]) -> dict[str, Any]:
    body = record.body
    shown = {"seq": record.seq, "at": moment(record.at), "type": record.type.value, "body": _without_salt(body)}
    if record.type in (RecordType.REGISTER, RecordType.PROMOTE):
        id = body.get("id" if record.type is RecordType.REGISTER else "experiment")
        shown["settings"] = changes_json(before.get(str(id)), body.get("to"))
    return shown


def _line(record: Record, before: Mapping[str, Any]) -> str:
    body = record.body
    match record.type:
        case RecordType.REGISTER:
            what = changes_line(body.get("from"), body.get("to")) or body.get("hypothesis")
            return f"{body.get('id')} {body.get('lever')} ({body.get('scope')}): {what}"
        case RecordType.DECIDE:
            return f"{body.get('experiment')} {': '.join(_ruling(body))}{_numbers(body)}"
        case RecordType.AA_CHECK:
            return f"{body.get('check')} {'passed' if body.get('passed') else 'failed'}"
        case RecordType.PROMOTE:
            id = str(body.get("experiment"))
            return f"{id} {changes_line(before.get(id), body.get('to'))}"
        case RecordType.DEFERRED:
            return f"{body.get('lever')} ({name_shown(str(body.get('scope')))}): {body.get('reason')}"
        case RecordType.RECOVER if body.get("did") == WAITS:
            return f"{body.get('experiment')} {body.get('action')} waits for a person: draft {body.get('draft')}"
        case RecordType.VETO if "against" in body:
            return f"{body.get('experiment')} not taken back, although {body['against']}: {body.get('by')}: {body.get('because')}"
        case RecordType.OBSERVE:
            return f"{body.get('experiment')}{_numbers(body)}"
        case _:
            return " ".join(
                str(body[name]) for name in ("experiment", "reason", "by", "did", "because") if name in body
            )


def _ruling(body: Mapping[str, Any]) -> list[str]:
    said = ("by", "because") if body.get("ruling") == VETO and "by" in body else ("reason",)
    return [str(body[name]) for name in ("ruling", *said) if body.get(name)]


def _numbers(body: Mapping[str, Any]) -> str:
    if "held_out" in body and "answered" in body:
        return f" (found by {body['answered']} of {body['held_out']} held-out questions, {body.get('displaced')} of {body.get('others')} others displaced)"
    if "mean" not in body or "e" not in body:
        return ""
    return f" ({body.get('pairs')} pairs, mean {body['mean']:+.3f}, e = {body['e']:g})"


# -- for all of them ---------------------------------------------------------------------------------------------------


def experiment_json(experiment: Experiment, observed: Mapping[str, Any] | None) -> dict[str, Any]:
    seen = observed if observed is not None and observed.get("experiment") == experiment.id else {}
    return {
        "id": experiment.id,
        "change": change_name(experiment),
        "lever": experiment.lever,
        "scope": experiment.scope,
        "design": experiment.design.value,
        "class": experiment.approval.value,
        "from": dict(experiment.before),
        "to": dict(experiment.changes),
        "settings": changes_json(experiment.before, experiment.changes),
        "predicted": [experiment.predicted.low, experiment.predicted.high],
        "expires": moment(experiment.expires),
        **(
            {"observed": {name: seen[name] for name in ("pairs", "mean", "e", "harm_e") if name in seen}}
            if seen
            else {}
        ),
    }


def _about(experiment: Experiment, now: Mapping[str, Any] | None = None, *, is_back: bool = False) -> str:
    if experiment.same:
        return "nothing: both arms are the same, as a check of the loop itself"
    turned = changes_line(experiment.before, experiment.changes, now, is_back=is_back)
    return one_line(": ".join(filter(None, (change_name(experiment), turned))))


def _deferred(deferred: Mapping[tuple[str, str], str]) -> list[dict[str, str]]:
    return [
        {"lever": lever, "scope": scope, "reason": reason}
        | ({} if (setting := setting_of(scope)) is None else {"setting": setting})
        for (lever, scope), reason in sorted(deferred.items())
    ]


def _without_salt(body: Mapping[str, Any]) -> dict[str, Any]:
    """Who knew what draws the arms could choose an arm."""
    shown = {name: value for name, value in body.items() if name != "salt"}
    overlay = shown.get("overlay")
    if isinstance(overlay, Mapping):
        shown["overlay"] = _without_salt(overlay)
    return shown


def moment(at: float | None) -> str | None:
    if at is None:
        return None
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return None
