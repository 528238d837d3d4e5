"""Specs change through deltas."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_a_task_that_writes_to_another_spec_is_told(messages: Reported) -> None:
    """It goes around the review."""
    example = (
        "==> specs/login/spec.md <==\n"
        "# login\n"
        "\n"
        "## Purpose\n"
        "Let people in who may come in, and nobody else at all.\n"
        "\n"
        "## Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "- **AND** the attempt is written to the audit log\n"
        "\n"
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/tasks.md <==\n"
        "- [ ] 1.1 Update `openspec/specs/login/spec.md`\n"
    )
    (message,) = messages("task-outside-change", example)
    assert "login" in message


def test_its_own_capability_is_right(messages: Reported) -> None:
    """There is a delta for it."""
    example = (
        "==> specs/login/spec.md <==\n"
        "# login\n"
        "\n"
        "## Purpose\n"
        "Let people in who may come in, and nobody else at all.\n"
        "\n"
        "## Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "- **AND** the attempt is written to the audit log\n"
        "\n"
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/tasks.md <==\n"
        "- [ ] 1.1 Update `specs/mail-alerts/spec.md`\n"
    )
    assert messages("task-outside-change", example) == []


def test_reading_is_left_alone(messages: Reported) -> None:
    """Nothing is written."""
    example = (
        "==> specs/login/spec.md <==\n"
        "# login\n"
        "\n"
        "## Purpose\n"
        "Let people in who may come in, and nobody else at all.\n"
        "\n"
        "## Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "- **AND** the attempt is written to the audit log\n"
        "\n"
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/tasks.md <==\n"
        "- [ ] 1.1 Check the change against `specs/login/spec.md`\n"
    )
    assert messages("task-outside-change", example) == []


def test_a_spec_that_is_not_there_is_left_to_another_rule(messages: Reported) -> None:
    """One fault, one finding."""
    example = (
        "==> specs/login/spec.md <==\n"
        "# login\n"
        "\n"
        "## Purpose\n"
        "Let people in who may come in, and nobody else at all.\n"
        "\n"
        "## Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "- **AND** the attempt is written to the audit log\n"
        "\n"
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/tasks.md <==\n"
        "- [ ] 1.1 Update `specs/nothing/spec.md`\n"
    )
    assert messages("task-outside-change", example) == []


def test_a_source_path_is_left_alone(messages: Reported) -> None:
    """Not every specs folder is OpenSpec."""
    example = (
        "==> specs/login/spec.md <==\n"
        "# login\n"
        "\n"
        "## Purpose\n"
        "Let people in who may come in, and nobody else at all.\n"
        "\n"
        "## Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "- **AND** the attempt is written to the audit log\n"
        "\n"
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/tasks.md <==\n"
        "- [ ] 1.1 更新 `src/specs/login/spec.md` 文件\n"
    )
    assert messages("task-outside-change", example) == []
