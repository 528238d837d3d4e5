"""What `--only` and the settings of rules do to a run of `workflow process`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from trees import ADDED, add_change, add_spec, write

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def vague(tree: Path) -> Path:
    """A valid change that promises something quickly, and leaves something to be decided."""
    add_spec(tree)
    delta = ADDED.replace("SHALL send", "SHALL quickly send").replace("each payment.", "each payment of TBD euros.")
    add_change(tree, "add-receipts", delta)
    return tree


def the_item(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout, done.stderr
    (item,) = json.loads(done.stdout)["items"]
    return item


def test_validation_alone_neither_analyses_nor_asks(vague: Path, workflow: Run) -> None:
    """No finding about wording, no question, and no file written beside the change."""
    item = the_item(workflow("process", "add-receipts", "--only", "validate", "--format", "json"))
    assert [step["name"] for step in item["steps"]] == ["validate"]
    assert (item["findings"], item["questions"]) == ([], [])
    assert not (vague / "openspec/changes/add-receipts/questions.yaml").exists()


def test_an_unknown_step_is_a_usage_error(vague: Path, workflow: Run) -> None:
    """Misspelled, it must not pass for a step that found nothing."""
    done = workflow("process", "add-receipts", "--only", "validat")
    assert done.returncode == 2
    assert "validat" in done.stderr


def test_a_finding_of_the_analysis_leaves_the_verdict(vague: Path, workflow: Run) -> None:
    """A vague word is a warning; OpenSpec's verdict stays, in strict mode too."""
    done = workflow("process", "add-receipts", "--strict", "--only", "validate,analyse", "--format", "json")
    item = the_item(done)
    assert item["valid"]
    assert "untestable-adjective" in {finding["rule"] for finding in item["findings"]}
    assert done.returncode == 0


def test_a_raised_level_ends_the_run_with_1(vague: Path, workflow: Run) -> None:
    """A project may make a rule of the analysis count."""
    write(vague / "workflow.yaml", "rules:\n  levels: {untestable-adjective: error}\n")
    done = workflow("process", "add-receipts", "--only", "validate,analyse")
    assert done.returncode == 1


def test_a_rule_that_is_switched_off_says_nothing(vague: Path, workflow: Run) -> None:
    """Also where it is switched on as well."""
    write(vague / "workflow.yaml", "rules:\n  enable: [untestable-adjective]\n  disable: [untestable-adjective]\n")
    item = the_item(workflow("process", "add-receipts", "--only", "validate,analyse", "--format", "json"))
    assert "untestable-adjective" not in {finding["rule"] for finding in item["findings"]}
