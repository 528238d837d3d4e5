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


@pytest.mark.parametrize("steps", ["", " , "])
def test_no_step_at_all_is_a_usage_error(vague: Path, workflow: Run, steps: str) -> None:
    """As from a variable that is not set: nothing would be evaluated, which is no success."""
    done = workflow("process", "--all", "--only", steps)
    assert (done.returncode, done.stdout) == (2, "")
    assert "flag --only: process.steps: expected at least one item" in done.stderr
    assert "validate, analyse, ask, draft" in done.stderr
    assert "next: " in done.stderr


@pytest.mark.parametrize("text", ["process:\n  steps: []\n", "process:\n  steps:\n    []\n"])
def test_no_step_in_the_settings_is_told_with_its_line(vague: Path, workflow: Run, text: str) -> None:
    """One word in the file must not turn every check of a project off; what `--only` names is taken all the same."""
    write(vague / "workflow.yaml", text)
    done = workflow("process", "--all", "--format", "json")
    error = json.loads(done.stdout)
    assert (done.returncode, error["status"], error["exit_code"]) == (2, "error", 2)
    assert "workflow.yaml:2:" in error["error"]["message"]
    assert "process.steps: expected at least one item" in error["error"]["message"]


def test_no_step_in_a_variable_is_a_usage_error(vague: Path, workflow: Run) -> None:
    """A comma alone is a list of nothing."""
    done = workflow("process", "--all", env={"WORKFLOW_PROCESS__STEPS": ","})
    assert done.returncode == 2
    assert "environment WORKFLOW_PROCESS__STEPS: process.steps: expected at least one item" in done.stderr


@pytest.mark.parametrize("steps", ["draft", "ask,draft"])
def test_drafts_without_what_finds_are_a_usage_error(vague: Path, workflow: Run, steps: str) -> None:
    """They mend findings, so that alone they look at nothing, and what they would say of a tree is that all is well."""
    write(vague / "openspec/specs/bad/spec.md", "nonsense\n")
    for more in ((), ("--fix",)):
        done = workflow("process", "--all", "--only", steps, *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert "flag --only: process.steps: draft mends what validate and analyse find" in done.stderr
        assert "next: add validate or analyse, or leave out draft" in done.stderr


def test_drafts_alone_in_the_settings_are_told_with_their_line(vague: Path, workflow: Run) -> None:
    """Where `--only` names other steps, what the file says does not count."""
    write(vague / "workflow.yaml", "process:\n  steps: [draft]\n")
    done = workflow("process", "--all")
    assert done.returncode == 2
    assert "error: workflow.yaml:2:" in done.stderr
    assert workflow("process", "--all", "--only", "validate").returncode == 0


@pytest.mark.parametrize("steps", ["validate,draft", "analyse,draft", "draft,validate"])
def test_drafts_with_one_that_finds_are_taken(vague: Path, workflow: Run, steps: str) -> None:
    """Either will do, in any order."""
    assert workflow("process", "--all", "--only", steps).returncode == 0
