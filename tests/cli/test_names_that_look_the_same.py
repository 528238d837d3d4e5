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


STATEMENT = "The shop SHALL answer.\n\n#### Scenario: Asked\n- **WHEN** a customer asks\n- **THEN** the shop answers"


@pytest.mark.parametrize(
    ("document", "edit", "says"),
    [
        (
            "auth",
            ("--add-requirement", "S\u0456gn in", "--text", STATEMENT),
            'requirement "S\u0456gn in" looks like "Sign in", but is another name (U+0456)',
        ),
        (
            "add-login/specs/auth/spec.md",
            ("--add-requirement", "Sign\u200b in", "--text", STATEMENT),
            'requirement "Sign\u200b in" looks like "Sign in", but is another name (U+200B)',
        ),
        (
            "add-login/specs/auth/spec.md",
            ("--rename-requirement", "Receipts", "--to", "Sign \u0456n"),
            'requirement "Sign \u0456n" looks like "Sign in", but is another name (U+0456)',
        ),
        (
            "auth",
            ("--add-scenario", "Sign in > Correct pa\u200dssword", "--text", "- **WHEN** a\n- **THEN** b"),
            'scenario "Correct pa\u200dssword" looks like "Correct password", but is another name (U+200D)',
        ),
    ],
)
def test_an_edit_that_brings_such_a_name_is_told_so_and_done(
    workflow: Run, tree: Path, document: str, edit: tuple[str, ...], says: str
) -> None:
    """A warning, for people may mean it: where they look before it is written, and where programs do."""
    add_spec(tree)
    add_change(tree, "add-login")
    shown = workflow("update", document, *edit, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "warning: openspec/" in shown.stderr
    assert says in shown.stderr
    printed = json.loads(workflow("update", document, *edit, "--format", "json").stdout)
    [warning] = printed["warnings"]
    assert warning.endswith(says)
    assert printed["revision"] is not None
    assert json.loads(workflow("update", document, *edit, "--format", "json").stdout)["warnings"] == []


def test_an_edit_that_mends_such_a_name_or_brings_another_is_not_warned_about(workflow: Run, tree: Path) -> None:
    add_spec(tree, "auth", SPEC.replace("Requirement: Sign in", "Requirement: S\u0456gn in"))
    renamed = workflow("update", "auth", "--rename-requirement", "S\u0456gn in", "--to", "Sign in")
    added = workflow("update", "auth", "--add-requirement", "Ask", "--text", STATEMENT)
    assert (renamed.returncode, added.returncode) == (0, 0), renamed.stderr + added.stderr
    assert "warning" not in renamed.stderr + added.stderr
