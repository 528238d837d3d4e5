"""What of the loop waits for a person, or was decided and is followed by the next cycle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.cli.loop_words import in_words
from workflow_cli.domain.improvement.change_text import change_name

if TYPE_CHECKING:
    from workflow_cli.app.improve.ports import HumanDecision
    from workflow_cli.domain.improvement.experiment import Experiment
    from workflow_cli.domain.improvement.state import Held, State


def waiting_lines(
    state: State, decided: Mapping[str, HumanDecision], put_off: Sequence[str] = ()
) -> Iterator[tuple[str, str]]:
    """Each with the word for it: `waiting`, `decided` or `put off`."""
    for id, experiment in state.waiting.items():
        name = change_name(experiment)
        if id in decided:
            is_followed = not any(one.startswith(f"{name}: ") for one in put_off)
            yield _decided(experiment, decided[id], is_followed=is_followed)
        else:
            yield "waiting", f"{name}: workflow review list"
    for id, held in state.held.items():
        yield _decided(held.experiment, decided[id]) if id in decided else ("waiting", _held(held))
    yield from (("put off", one_line(one)) for one in put_off)


def _decided(experiment: Experiment, said: HumanDecision, *, is_followed: bool = True) -> tuple[str, str]:
    word = "approved" if said.agreed else "rejected"
    then = "the next cycle follows" if is_followed else "put off, see below"
    return "decided", one_line(f"{change_name(experiment)}: {word} by {said.by}; {then}")


def _held(held: Held) -> str:
    what = "to be put in force" if held.is_promotion else f"to be taken back, as {in_words(str(held.reason))}"
    return f"{change_name(held.experiment)}, {what}: workflow review show {held.draft}"


def decided_json(state: State, decided: Mapping[str, HumanDecision]) -> list[dict[str, Any]]:
    experiments = {**state.waiting, **{id: held.experiment for id, held in state.held.items()}}
    return [
        {"change": change_name(experiment), "agreed": decided[id].agreed, "by": decided[id].by}
        for id, experiment in experiments.items()
        if id in decided
    ]


def held_json(state: State) -> list[dict[str, Any]]:
    return [
        {
            "change": change_name(held.experiment),
            "for": "promotion" if held.is_promotion else "rollback",
            "draft": held.draft,
            "reason": held.reason,
        }
        for held in state.held.values()
    ]
