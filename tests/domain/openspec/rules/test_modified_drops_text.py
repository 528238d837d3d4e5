"""MODIFIED replaces everything."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_a_lost_step_is_told(messages: Reported) -> None:
    """The scenario keeps its name and loses a promise."""
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
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("modified-drops-text", example)
    assert "loses the step" in message


def test_a_lost_table_row_is_told(messages: Reported) -> None:
    """Tables are part of the requirement."""
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
        "| code | meaning |\n"
        "|---|---|\n"
        "| 401 | wrong password |\n"
        "| 429 | too many attempts |\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "| code | meaning |\n"
        "|---|---|\n"
        "| 401 | wrong password |\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("modified-drops-text", example)
    assert "table row" in message


def test_a_lost_note_is_told(messages: Reported) -> None:
    """Notes were written for a reason."""
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
        "**Note**: attempts are counted by address.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("modified-drops-text", example)
    assert "note" in message


def test_a_reworded_step_is_left_alone(messages: Reported) -> None:
    """It is still there."""
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
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "- **AND** every attempt is put into the audit log\n"
    )
    assert messages("modified-drops-text", example) == []


def test_steps_in_another_order_are_left_alone(messages: Reported) -> None:
    """Nothing is lost."""
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
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the attempt is written to the audit log\n"
        "- **AND** the answer is 401\n"
    )
    assert messages("modified-drops-text", example) == []


def test_a_lost_scenario_is_left_to_openspec(messages: Reported) -> None:
    """It reports that itself."""
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
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: Right\n"
        "- **WHEN** the password is right\n"
        "- **THEN** the answer is 200\n"
    )
    assert messages("modified-drops-text", example) == []


def test_an_added_requirement_is_left_alone(messages: Reported) -> None:
    """There is nothing to lose."""
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
        "==> changes/c/specs/login/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Logout\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("modified-drops-text", example) == []


def test_chinese_steps_are_compared_too(messages: Reported) -> None:
    """重写 is not 丢失."""
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
        "#### Scenario: 错误\n"
        "- **WHEN** 密码错误\n"
        "- **THEN** 返回 401 并且记录日志\n"
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: 错误\n"
        "- **WHEN** 密码错误\n"
        "- **THEN** 返回 401 并且写入日志\n"
    )
    assert messages("modified-drops-text", example) == []
