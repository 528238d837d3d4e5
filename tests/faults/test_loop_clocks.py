"""The loop with clocks that jump: between two cycles, and between two lines of the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, environment, tree, workflow
from tests.e2e.loop_log import STUBBORN, hanging_tool, stubborn_tree, write_log
from tests.faults.loop_scenarios import KEPT, opened, register_by_hand

__all__ = ["environment", "tree", "workflow"]
YEAR = timedelta(days=366)


def did(root: Path, at: datetime, *levers: str) -> tuple[str, ...]:
    with opened(root, at=at, levers=levers) as run, run.held():
        return run.cycle().did


def status_of(workflow: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(workflow("loop", "status", "--format", "json").stdout)
    return document


def test_a_clock_a_year_ahead_for_one_cycle_blocks_nothing_afterwards(workflow: Run, tree: Path) -> None:
    """All events are old then, and nothing is found; set right, the loop does what it would have done."""
    now = datetime.now(UTC)
    settings = stubborn_tree(tree, end=now)
    assert did(tree, now + YEAR) == ()
    assert settings.read_text("utf-8") == STUBBORN
    assert did(tree, now)[0] == "registered: breaker"
    assert settings.read_text("utf-8") == KEPT
    assert status_of(workflow)["standing"] == "probation"


def test_what_was_kept_by_a_clock_a_year_ahead_is_taken_back(workflow: Run, tree: Path) -> None:
    """Its probation would never be over: revert is the verdict by default."""
    now = datetime.now(UTC)
    settings = stubborn_tree(tree, end=now + YEAR)
    assert did(tree, now + YEAR)[0] == "registered: breaker"
    assert settings.read_text("utf-8") == KEPT
    assert did(tree, now)[0] == "roll_back: clock"
    assert settings.read_text("utf-8") == STUBBORN
    status = status_of(workflow)
    assert (status["standing"], status["kept"], status["rolled_back"]) == ("idle", 0, 1)
    assert "the clock was wrong when it began (clock)" in workflow("loop", "report").stdout


def test_what_is_measured_since_next_year_is_given_up(workflow: Run, tree: Path) -> None:
    now = datetime.now(UTC)
    settings = stubborn_tree(tree, count=12)
    register_by_hand(tree, at=now + YEAR)
    assert status_of(workflow)["standing"] == "measuring"
    assert workflow("loop").stdout.startswith("abort: clock")
    assert settings.read_text("utf-8") == STUBBORN
    assert status_of(workflow)["standing"] == "idle"


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=23)])
def test_a_jump_back_of_hours_ends_nothing(workflow: Run, tree: Path, back: timedelta) -> None:
    now = datetime.now(UTC)
    stubborn_tree(tree, count=12, end=now)
    register_by_hand(tree, at=now)
    assert did(tree, now - back, "cache-ttl") == ()
    assert status_of(workflow)["standing"] == "measuring"


def test_lines_of_the_log_that_jump(tree: Path) -> None:
    """An hour back and on again counts; next year, and yesterday in between, are set aside; the rest is taken in."""
    now = datetime.now(UTC)
    stubborn_tree(tree, count=200, end=now - timedelta(hours=2))
    for first, end in (
        (1000, now - timedelta(hours=3)),  # an hour back
        (2000, now + YEAR),
        (3000, now - timedelta(days=1)),
        (4000, now - timedelta(minutes=1)),
    ):
        write_log(tree, hanging_tool(20, end=end, first=first))
    with opened(tree, at=now) as run, run.held():
        run.cycle()
        window = run.context.window
    assert dict(window.set_aside) == {"ahead": 20, "out_of_order": 20}
    assert len(window.asked) == 240


def test_a_line_of_a_clock_that_was_ahead_sets_nothing_aside_once_its_time_has_come(tree: Path) -> None:
    """It was of tomorrow, and is of today now: what was asked in between counts all the same."""
    now = datetime.now(UTC)
    stubborn_tree(tree, count=80, end=now - timedelta(days=1))
    write_log(tree, hanging_tool(1, end=now, first=1000))
    write_log(tree, hanging_tool(20, end=now - timedelta(hours=20), first=2000))
    with opened(tree, at=now) as run, run.held():
        run.cycle()
        window = run.context.window
    assert dict(window.set_aside) == {}
    assert len(window.asked) == 101


def test_the_memory_of_a_clock_ahead_makes_no_cycle_sleep(workflow: Run, tree: Path) -> None:
    """`nothing new` holds for hours, and not until next year."""
    now = datetime.now(UTC)
    stubborn_tree(tree, count=12, end=now)
    did(tree, now + YEAR)
    with opened(tree, at=now) as run:
        assert not run.nothing_new()
    did(tree, now)
    with opened(tree, at=now + timedelta(seconds=1)) as run:
        assert run.nothing_new()
