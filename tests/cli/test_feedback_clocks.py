"""`workflow feedback` where a clock was ahead, of who wrote or of who reads: as if all were read now, and little set aside."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.feedback_log import Log, metric, report

#: The command by a clock that is so many hours ahead.
PROGRAM = """
import sys
from datetime import timedelta
from workflow_cli import wiring
from workflow_cli.__main__ import main
hours, right = float(sys.argv.pop(1)), wiring.now
wiring.now = lambda: right() + timedelta(hours=hours)
sys.exit(main())
"""


@pytest.fixture
def log(tree: Path) -> Log:
    return Log(tree)


def report_at(tree: Path, environment: Mapping[str, str], hours: float, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-c", PROGRAM, str(hours), "feedback", *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("lines", [1, 40])
@pytest.mark.parametrize("ahead", [3, 72])
def test_lines_of_a_clock_that_is_ahead_set_nothing_aside(
    tree: Path, log: Log, environment: dict[str, str], ahead: float, lines: int
) -> None:
    """They are from the future at first, and later are lines like others; so it is whether what was read is kept or not."""
    for number in range(20):
        log.question(ago=12 - number / 2)
    for number in range(lines):
        log.question(ago=-ahead - number / 100)
    for number in range(20):
        log.question(ago=1.9 - number / 20)
    for hours, aside in ((0, {"from_the_future": lines}), (ahead - 1, {}), (ahead + 1, {}), (ahead + 1, {})):
        kept = report_at(tree, environment, hours)
        assert kept == report_at(tree, environment, hours, "--fresh")
        assert kept["set_aside"] == aside
    assert metric(kept, "answer.count")["value"] == 40 + lines
    log.question(ago=0.5)
    kept = report_at(tree, environment, ahead + 1)
    assert kept == report_at(tree, environment, ahead + 1, "--fresh")
    assert metric(kept, "answer.count")["value"] == 41 + lines


def test_a_line_stops_being_from_the_future_without_a_new_one(
    tree: Path, log: Log, environment: dict[str, str]
) -> None:
    log.question(ago=1)
    log.question(ago=-5)
    assert report_at(tree, environment, 0)["set_aside"] == {"from_the_future": 1}
    assert report_at(tree, environment, 2)["set_aside"] == {"from_the_future": 1}
    assert metric(report_at(tree, environment, 4), "answer.count")["value"] == 2
    # The clock of who reads was wrong, and is put right.
    assert report_at(tree, environment, 0)["set_aside"] == {"from_the_future": 1}


def test_a_reader_whose_clock_was_days_ahead_leaves_no_coarse_hours_behind(
    workflow: Run, tree: Path, log: Log, environment: dict[str, str]
) -> None:
    """By that clock the hours of today are those of a day that is long over."""
    for number in range(60):
        log.question(ago=30 - number / 2, ms=100.0 + number)
    report_at(tree, environment, 24 * 4)
    first = report(workflow, "--since", "12h")
    assert metric(first, "answer.count")["value"] in range(22, 26)
    assert first == report(workflow, "--since", "12h", "--fresh")


def test_a_clock_that_was_ahead_for_hours_is_believed(workflow: Run, log: Log) -> None:
    """Nothing tells it from one that is right: what others write afterwards is out of order."""
    for number in range(10):
        log.question(ago=30 - number / 2)
    for number in range(10):
        log.question(ago=12 - number / 2)
    for number in range(5):
        log.question(ago=24 - number / 2)
    assert report(workflow)["set_aside"] == {"out_of_order": 5}
