"""OpenSpec's rules for a change."""

from __future__ import annotations

import pytest

from tests.domain.openspec.reading import HEAD, block, change, document, removal, rename, section
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.metadata import Marker
from workflow_cli.domain.openspec.validate_change import validate_change

MAIN = HEAD + block("A") + block("B")


def found(subject: Change, main: str | None = MAIN) -> list[tuple[str, str, str, int | None]]:
    mains = {"auth": document(main)} if main is not None else {}
    return [(f.rule, str(f.level), f.path, f.line) for f in validate_change(subject, mains.get)]


def test_a_sound_change_has_no_finding() -> None:
    """All four operations at once."""
    text = section("RENAMED", rename("A", "A2")) + removal("B") + section("ADDED", block("C"))
    assert found(change(text)) == []


def test_a_delta_at_the_root_of_specs() -> None:
    """It belongs to no capability; the missing delta is then not reported too."""
    assert found(change(has_root_spec=True)) == [("delta-at-root", "ERROR", "spec.md", None)]


def test_a_folder_that_wraps_changes_has_this_one_finding() -> None:
    """Whatever else is in it."""
    assert found(change("x", nested_changes=("c/one",))) == [("nested-change", "ERROR", "file", None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (section("ADDED", "### Group\n", block("C")), ("header-ignored", "INFO", "auth/spec.md", 3)),
        (
            section("RENAMED", "FROM: ### Requirement: A\n", rename("A", "C")),
            ("rename-unpaired", "ERROR", "auth/spec.md", 3),
        ),
        (
            section("ADDED", block("C")) + "## Notes\n" + block("D"),
            ("requirement-outside-delta", "WARNING", "auth/spec.md", 11),
        ),
        (section("ADDED", block("C"), block("C")), ("delta-duplicate", "ERROR", "auth/spec.md", None)),
        (removal("A", "A"), ("delta-duplicate", "ERROR", "auth/spec.md", None)),
        (section("RENAMED", rename("A", "C"), rename("A", "D")), ("delta-duplicate", "ERROR", "auth/spec.md", None)),
        (section("RENAMED", rename("A", "C"), rename("B", "C")), ("delta-duplicate", "ERROR", "auth/spec.md", None)),
        (section("ADDED", block("C", "")), ("requirement-text-missing", "ERROR", "auth/spec.md", None)),
        (section("ADDED", block("C", "it does")), ("requirement-keyword", "WARNING", "auth/spec.md", None)),
        (
            section("ADDED", "### Requirement: C\nIt SHALL.\n\n#### Bare\n"),
            ("requirement-has-scenario", "ERROR", "auth/spec.md", None),
        ),
        (section("MODIFIED", block("A", scenario="other")), ("scenario-lost", "ERROR", "auth/spec.md", None)),
        (
            section("RENAMED", rename("A", "C")) + section("MODIFIED", block("C", scenario="other")),
            ("scenario-lost", "ERROR", "auth/spec.md", None),
        ),
        (section("MODIFIED", block("A")) + removal("A"), ("delta-conflict", "ERROR", "auth/spec.md", None)),
        (
            section("MODIFIED", block("A")) + section("ADDED", block("A")),
            ("delta-conflict", "ERROR", "auth/spec.md", None),
        ),
        (section("ADDED", block("C")) + removal("C"), ("delta-conflict", "ERROR", "auth/spec.md", None)),
        (section("RENAMED", rename("A", "C")) + removal("a"), ("delta-conflict", "ERROR", "auth/spec.md", None)),
        (
            section("RENAMED", rename("A", "C")) + section("ADDED", block("C")),
            ("delta-conflict", "ERROR", "auth/spec.md", None),
        ),
        (
            section("RENAMED", rename("A", "C")) + section("MODIFIED", block("A")),
            ("delta-conflict", "ERROR", "auth/spec.md", None),
        ),
        (section("MODIFIED", block("Missing")), ("archive-would-refuse", "INFO", "auth/spec.md", None)),
        (section("ADDED", block("A", "It SHALL differ.")), ("archive-would-refuse", "INFO", "auth/spec.md", None)),
    ],
)
def test_each_rule_alone(text: str, expected: tuple[str, str, str, int | None]) -> None:
    """The one finding it has, with its address."""
    assert found(change(text)) == [expected]


def test_a_modified_requirement_without_main_spec_is_only_remarked() -> None:
    """Scenario loss cannot be told; the merge says why archiving would stop."""
    assert [rule for rule, *_ in found(change(section("MODIFIED", block("A"))), main=None)] == ["archive-would-refuse"]


def test_an_unusable_main_spec_is_an_error() -> None:
    """MODIFIED must be compared with it."""
    fault = Fault(file="openspec/specs/auth/spec.md", code="EISDIR", message="is a directory")
    assert [f.rule for f in validate_change(change(section("MODIFIED", block("A"))), lambda _: fault)] == [
        "spec-unreadable"
    ]


@pytest.mark.parametrize("text", ["no section\n", section("ADDED")])
def test_an_empty_delta_is_two_errors(text: str) -> None:
    """Of the file, and of the change."""
    assert found(change(text)) == [
        ("delta-empty", "ERROR", "auth/spec.md", None),
        ("change-without-delta", "ERROR", "file", None),
    ]


def test_a_stray_delta_is_an_error_instead_of_the_missing_one() -> None:
    """Any other Markdown file with a delta section; without one it is nobody's business."""
    stray = (("auth.md", document(section("ADDED", block("C")))),)
    assert found(change(stray_documents=stray)) == [("delta-unread", "ERROR", "auth.md", None)]
    assert found(change(stray_documents=(("auth.md", document("notes")),))) == [
        ("change-without-delta", "ERROR", "file", None)
    ]


@pytest.mark.parametrize(
    ("deltas", "marker", "expected"),
    [
        ((), Marker(declared=True), [("skip-specs", "INFO")]),
        ((section("ADDED", block("C")),), Marker(declared=True), [("skip-specs-conflict", "ERROR")]),
        ((), Marker(problem="no schema"), [("skip-specs-invalid", "ERROR"), ("change-without-delta", "ERROR")]),
    ],
)
def test_skip_specs(deltas: tuple[str, ...], marker: Marker, expected: list[tuple[str, str]]) -> None:
    """Accepted without deltas, a conflict with them, an error where the metadata is not valid."""
    assert [(rule, level) for rule, level, _, _ in found(change(*deltas, skip_specs=marker))] == expected


def test_tasks_are_warned_about() -> None:
    """Numbers for the built-in schema, checkboxes where a schema tracks the file."""
    text = section("ADDED", block("C"))
    tasks = (("tasks.md", document("## 1. A\n- [ ] 2.1 a\n")),)
    assert found(change(text, task_documents=tasks)) == [("task-number", "WARNING", "tasks.md", 2)]
    assert found(change(text, task_documents=tasks, uses_builtin_schema=False)) == []
    plain = (("tasks.md", document("- a\n")),)
    assert found(change(text, task_documents=plain, tasks_are_tracked=True)) == [
        ("tasks-without-checkbox", "WARNING", "tasks.md", 1)
    ]
    assert found(change(text, task_documents=plain)) == []
