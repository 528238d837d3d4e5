"""Names that only a computer can tell apart, as `process` tells of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trees import SPEC, add_change, add_spec

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("name", "code"), [("Sign\u200b in", "U+200B"), ("S\u0456gn in", "U+0456"), ("Sign in\u00ad", "U+00AD")]
)
def test_a_delta_that_means_another_name_is_told_which(workflow: Run, tree: Path, name: str, code: str) -> None:
    """Beside the error that there is no such requirement, which nobody could make sense of."""
    add_spec(tree)
    delta = SPEC[SPEC.index("### Requirement") :].replace("Requirement: Sign in", f"Requirement: {name}")
    add_change(tree, "add-login", f"## MODIFIED Requirements\n\n{delta}")
    run = workflow("process", "add-login", "--only", "validate,analyse", "--format", "json")
    assert run.returncode == 1
    (item,) = json.loads(run.stdout)["items"]
    (twin,) = [finding for finding in item["findings"] if finding["rule"] == "twin-requirement"]
    assert "(openspec/specs/auth/spec.md:8) look the same but are two names" in twin["message"]
    assert code in twin["message"]


def test_scenarios_that_look_the_same_are_told(workflow: Run, tree: Path) -> None:
    """Case and spaces are left to what OpenSpec compares by."""
    twin = "\n#### Scenario: Correct pa\u200dssword\n- **WHEN** a\n- **THEN** b\n"
    add_spec(tree, "auth", SPEC + twin)
    run = workflow("process", "--specs", "--format", "json")
    (item,) = json.loads(run.stdout)["items"]
    (finding,) = [finding for finding in item["findings"] if finding["rule"] == "duplicate-scenario"]
    assert "looks like the one on line 11, but is another name (U+200D)" in finding["message"]
