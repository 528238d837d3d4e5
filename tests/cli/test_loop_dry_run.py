"""`workflow loop --dry-run` writes nothing, whatever there would be to do, and says what that is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.e2e.loop_log import hanging_tool, stubborn_tree, write_log
from tests.faults.loop_scenarios import SCENARIOS, register_by_hand


def every_byte(root: Path) -> dict[str, str]:
    """Of every file and directory below, also of the state."""
    found = {}
    for path in sorted(root.rglob("*")):
        kind = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "directory"
        found[str(path.relative_to(root))] = kind
    return found


def _fresh(root: Path) -> None:
    stubborn_tree(root)


def _never_run(root: Path) -> None:
    """Not even a directory for the state."""
    (root / "openspec" / "specs").mkdir(parents=True, exist_ok=True)


def _measuring(root: Path) -> None:
    stubborn_tree(root, count=12)
    register_by_hand(root)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (_never_run, ""),
        (_fresh, "would: try breaker\n"),
        (_measuring, ""),
        (SCENARIOS["revert"].prepare, "would: abort: base_changed"),
        (SCENARIOS["roll-back"].prepare, "would: roll_back"),
        (SCENARIOS["document"].prepare, "would: follow a decision: loop-spec-gap-"),
        (SCENARIOS["document-not-committed"].prepare, "would: follow a decision: loop-spec-gap-"),
        (SCENARIOS["veto"].prepare, "would: follow a decision: loop-spec-gap-"),
    ],
)
def test_it_writes_nothing_at_all(workflow: Run, tree: Path, prepare: Callable[[Path], None], said: str) -> None:
    prepare(tree)
    before = every_byte(tree)
    for more in ((), ("--explain",), ("--format", "json"), ("--cycles", "2")):
        done = workflow("loop", "--dry-run", *more)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        if not more:
            assert done.stdout.startswith(said) if said else done.stdout == ""
            assert "follow" not in said or "taken back" not in done.stdout, "what will come of it cannot be known"
        assert every_byte(tree) == before, more


def test_it_does_not_finish_what_was_interrupted(workflow: Run, tree: Path) -> None:
    """But says that it would; the next real cycle does."""
    from workflow_cli.domain.improvement.record import RecordType
    from workflow_cli.wiring import settings_in_force
    from workflow_cli.wiring.loop import LoopRun

    stubborn_tree(tree, count=12)
    register_by_hand(tree)
    settings = settings_in_force(tree)
    with LoopRun(tree, settings, load=lambda: settings_in_force(tree)) as run, run.held():
        assert run.context.state.running is not None
        body = {"action": "promote", "experiment": run.context.state.running.id, "before": run.tuning.fingerprint()}
        run.context.record(RecordType.INTENT, {**body, "numbers": {}})
    before = every_byte(tree)
    would = workflow("loop", "--dry-run").stdout
    assert would.startswith("would: recovered: finished: loop-router-order-")
    assert "roll_back" not in would, "what it pretends to write is there for the rest of the cycle"
    assert every_byte(tree) == before
    assert f"would: {workflow('loop').stdout}" == would


def test_a_proposal_for_a_person_is_only_told(workflow: Run, tree: Path) -> None:
    from tests.e2e.test_loop_end_to_end import _a_day_ago

    (tree / "openspec/specs").mkdir(parents=True, exist_ok=True)
    for asker in ("ada", "bob", "cy"):
        workflow("ask", "How long is a gift card valid?", "--as", asker)
    _a_day_ago(tree)
    workflow("ask", "How long is a gift card valid?", "--as", "cy")
    id = workflow("questions", "list").stdout.split()[0]
    assert workflow("questions", "answer", id, "For 24 months.", "--as", "Ada <a@example.org>").returncode == 0
    before = every_byte(tree)
    done = workflow("loop", "--dry-run")
    assert (done.returncode, done.stdout) == (0, "would: propose spec-gap\n")
    assert every_byte(tree) == before
    assert workflow("loop").returncode == 4


def test_it_leaves_while_another_loop_is_at_it(workflow: Run, tree: Path) -> None:
    from workflow_cli.wiring import settings_in_force
    from workflow_cli.wiring.loop import LoopRun

    stubborn_tree(tree)
    settings = settings_in_force(tree)
    with LoopRun(tree, settings, load=lambda: settings_in_force(tree)) as run, run.held():
        assert workflow("loop", "--dry-run").stdout == ""


def test_explain_names_every_lever(workflow: Run, tree: Path) -> None:
    """Also those that see nothing, those that were not chosen, and why nothing is looked for."""
    from workflow_cli.domain.improvement.levers.registry import all_levers

    stubborn_tree(tree)
    said = workflow("loop", "--dry-run", "--explain").stdout
    for lever in all_levers():
        assert f"  {lever.id} (" in said
    said = workflow("loop", "--dry-run", "--explain", "--lever", "breaker").stdout
    assert "  cache-ttl (*): not_chosen" in said
    workflow("loop")
    said = workflow("loop", "--explain").stdout
    assert "nothing is looked for while a change is on probation" in said
    for lever in all_levers():
        assert f"  {lever.id} (" in said or lever.id == "breaker"


def test_explain_without_a_single_question(workflow: Run, tree: Path) -> None:
    write_log(tree, hanging_tool(5, end=datetime.now(UTC) - timedelta(days=300)))
    said = workflow("loop", "--explain").stdout
    assert "nothing is looked for: no question was asked within reach" in said
    assert "breaker (*): not_looked: questions" in said
