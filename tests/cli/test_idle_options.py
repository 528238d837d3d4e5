"""Options that cannot act where they are typed: each is told, none is passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.asking import PLAIN, add_auth
from tests.cli.conftest import Run
from tests.cli.feedback_log import Log, log_of


@pytest.mark.parametrize(
    ("option", "named"),
    [
        (["--since", "7d"], "--since"),
        (["--by", "kind"], "--by"),
        (["--by", "zzz"], "--by"),
        (["--fail-on", "error.count>0"], "--fail-on"),
        (["--ai"], "--ai"),
        (["--fresh"], "--fresh"),
        (["--metrics"], "--metrics"),
        (["--fresh", "--since", "1d"], "--since, --fresh"),
    ],
)
def test_an_option_of_the_report_does_nothing_for_a_verdict(
    workflow: Run, tree: Path, option: list[str], named: str
) -> None:
    """It is refused before anything is recorded."""
    id = Log(tree).question(ago=1)
    before = log_of(tree).read_text()
    for command in ("accept", "reject"):
        done = workflow("feedback", *option, command, id, "--because", "Just so.")
        assert done.returncode == 2
        assert done.stderr.splitlines() == [
            f"error: does nothing before `feedback {command}`",
            f"  {named}",
            f"  next: leave it out; workflow feedback {command} --help lists what there is",
        ]
    assert log_of(tree).read_text() == before


@pytest.mark.parametrize(
    ("option", "named"),
    [
        (["--by", "zzz"], "--by"),
        (["--since", "7d"], "--since"),
        (["--fail-on", "error.count>0", "--ai"], "--fail-on, --ai"),
        (["--fresh"], "--fresh"),
    ],
)
def test_the_list_of_metrics_stands_alone(workflow: Run, tree: Path, option: list[str], named: str) -> None:
    done = workflow("feedback", "--metrics", *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[:2] == [
        "error: does nothing beside --metrics",
        f"  {named}",
    ]


def test_options_of_every_command_may_stand_before_its_name(workflow: Run, tree: Path) -> None:
    """They act wherever they stand."""
    add_auth(tree)
    id = json.loads(workflow("ask", PLAIN, "--format", "json", "--offline", "--no-queue").stdout)["answer"]["id"]
    done = workflow("feedback", "--format", "json", "--root", str(tree), "accept", id, "--because", "Just so.")
    assert done.returncode == 0, done.stderr
    assert workflow("feedback", "--format", "json", "--metrics").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["loop", "--dry-run", "status"], "--dry-run"),
        (["loop", "--lever", "breaker", "--explain", "stop"], "--explain, --lever"),
        (["history", "--verify", "list"], "--verify"),
        (["review", "--check", "list"], "--check"),
    ],
)
def test_so_it_is_with_every_command_that_has_others(
    workflow: Run, tree: Path, arguments: list[str], named: str
) -> None:
    done = workflow(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[:2] == [
        f"error: does nothing before `{arguments[0]} {arguments[-1]}`",
        f"  {named}",
    ]
    assert workflow(arguments[0], "--format", "json", "list" if arguments[0] != "loop" else "status").returncode == 0
