"""A tool that takes longer since its time-out was shortened, so that nothing of it comes any more: taken back, or waited for longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from tests.cli.asking import add_auth
from tests.cli.conftest import Run, environment, tree, workflow
from tests.e2e.loop_log import Json, question, step, verdict, write_log
from tests.faults.loop_scenarios import opened
from workflow_cli.app.improve.cycle import Cycle
from workflow_cli.domain.improvement.arms import Overlay

__all__ = ["environment", "tree", "workflow"]

SETTINGS = """\
answers:
  order_tool: [tools, specs, person]
  budgets: {{tools: {limit}}}   # as long as it may take
  breaker_failures: 1000
loop:
  levers: [shorter-timeout, longer-timeout]
"""
NOW = datetime.now(UTC)
ANSWERED = step("tools", "answered", 3000.0)


def cut(seconds: float) -> Json:
    return step("tools", "failed", 1000.0 * seconds, "timeout")


def asked(number: int, at: datetime, call: Json, **more: Any) -> list[Json]:
    """A question to the tool, and the verdict on what it answered."""
    text = f"What is the latest commit of service {number}?"
    if call["outcome"] == "answered":
        event = question(number, at, text=text, kind="tool", status="answered", route=[call], ms=call["ms"], **more)
        return [event, verdict(number, event, at + timedelta(seconds=1), accepted=True, client=f"c{number % 7}")]
    return [
        question(number, at, text=text, kind="tool", route=[call, step("specs", "nothing", 2.0)], ms=call["ms"], **more)
    ]


def write_calls(root: Path, calls: list[Json], *, end: datetime) -> None:
    at = [end - timedelta(minutes=4 * (len(calls) - number)) for number in range(len(calls))]
    write_log(root, [event for number, call in enumerate(calls) for event in asked(number, at[number], call)])


def cycle(root: Path, at: datetime) -> Cycle:
    with opened(root, at=at) as run, run.held():
        return run.cycle()


def of_arms(root: Path, since: datetime, **counts: int) -> datetime:
    """So many questions of each arm, evenly mixed, of which those that may take long are answered; when the last was asked."""
    with opened(root, at=since) as run:
        overlay = run.tuning.staged()
    assert overlay is not None
    at, events = since, list[Json]()
    units = {arm: _units(overlay, arm) for arm in counts}
    order = sorted((turn / count, arm) for arm, count in counts.items() for turn in range(count))
    for _, arm in order:
        at += timedelta(minutes=2)
        of = {"experiment": overlay.experiment, "arm": arm, "unit": next(units[arm])}
        events += asked(next(_NUMBERS), at, cut(1.6) if arm == "base" else ANSWERED, **of)
    write_log(root, events)
    return at + timedelta(minutes=1)


def _units(overlay: Overlay, arm: str) -> Iterator[str]:
    """Never twice the same."""
    while True:
        unit = f"tool#{next(_NUMBERS)}"
        if overlay.arm(unit) == arm:
            yield unit


_NUMBERS = count(10_000)


def test_seven_held_back_and_answered_keep_a_harmful_change_from_being_confirmed(tree: Path) -> None:
    add_auth(tree, SETTINGS.format(limit=10))
    before = (tree / "workflow.yaml").read_bytes()
    since = NOW - timedelta(days=2)
    quick = [step("tools", "answered", 200.0 + 10 * (number % 80)) for number in range(200)]
    write_calls(tree, [one if number % 3 == 0 else cut(10) for number, one in enumerate(quick)], end=since)
    assert "keep: gain" in "; ".join(cycle(tree, since).did)
    # Of 112, as it happened: an answer after three seconds is worth 0.84, and none after less than two 0.28.
    until = of_arms(tree, since, base=105, holdback=7)
    assert cycle(tree, until).did == ()
    until = of_arms(tree, until, base=60, holdback=4)
    (did,) = cycle(tree, until).did
    assert did.startswith("roll_back: harm: e=")
    assert (tree / "workflow.yaml").read_bytes() == before


def test_where_every_call_is_cut_off_a_longer_timeout_is_tried_and_kept(workflow: Run, tree: Path) -> None:
    """Nothing is known of how long it takes: twice as long is tried, and it is enough."""
    add_auth(tree, SETTINGS.format(limit=1.6))
    since = NOW - timedelta(days=1)
    write_calls(tree, [cut(1.6)] * 246, end=since)
    assert "would: try longer-timeout" in workflow("loop", "--dry-run", "--explain").stdout
    assert cycle(tree, since).did == ("registered: longer-timeout",)
    until = of_arms(tree, since, base=60, treatment=60)
    (did,) = cycle(tree, until).did
    assert did.startswith("keep: gain")
    assert "{tools: 3.2}   # as long as it may take" in (tree / "workflow.yaml").read_text("utf-8")


def test_what_answers_took_before_says_how_long_to_wait(tree: Path) -> None:
    add_auth(tree, SETTINGS.format(limit=1.6))
    write_calls(tree, [*[ANSWERED] * 3, *[cut(1.6)] * 60], end=NOW)
    cycle(tree, NOW)
    with opened(tree) as run:
        running = run.story().state.running
    assert running is not None
    assert running.changes == {"mcp.timeout": 4.5}


def test_a_tool_that_is_dead_is_not_waited_for_longer_and_longer(tree: Path) -> None:
    """Where it was given longer, it answered no more."""
    add_auth(tree, SETTINGS.format(limit=1.6))
    write_calls(tree, [cut(12.8)] * 20 + [cut(1.6)] * 60, end=NOW)
    did = cycle(tree, NOW)
    assert did.did == ()
    assert did.reasons["longer-timeout", "*"] == "no_headroom"


def test_the_figure_is_that_of_what_is_missing(tree: Path, workflow: Run) -> None:
    add_auth(tree, SETTINGS.format(limit=10))
    write_calls(tree, [*[ANSWERED] * 3, *[cut(10)] * 152], end=NOW)
    told = workflow("loop", "--dry-run", "--explain").stdout
    assert "shorter-timeout (tools): insufficient_answered: 3/20" in told.replace("answers.budgets: ", "").replace(
        "answers.budgets.", ""
    )
