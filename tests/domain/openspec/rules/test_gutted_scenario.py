"""A scenario that keeps only its name."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_a_lost_then_is_told(messages: Reported) -> None:
    """Nothing is promised any more."""
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
    )
    (message,) = messages("gutted-scenario", example)
    assert "THEN is gone" in message


def test_an_empty_scenario_is_told(messages: Reported) -> None:
    """OpenSpec compares names alone."""
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
        "\n"
        "#### Scenario: Right\n"
        "- **WHEN** a\n"
        "- **THEN** b\n"
    )
    (message,) = messages("gutted-scenario", example)
    assert "empty" in message


def test_a_changed_then_is_left_alone(messages: Reported) -> None:
    """That is what MODIFIED is for."""
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
        "- **THEN** the answer is 403\n"
    )
    assert messages("gutted-scenario", example) == []


def test_a_scenario_that_never_had_a_then_is_left_alone(messages: Reported) -> None:
    """Nothing was lost."""
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
        "- **WHEN** it is wrong\n"
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords at once.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** it is wrong\n"
    )
    assert messages("gutted-scenario", example) == []


def test_a_new_scenario_is_left_alone(messages: Reported) -> None:
    """It is compared with nothing."""
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
        "#### Scenario: Other\n"
        "- **WHEN** it is wrong\n"
    )
    assert messages("gutted-scenario", example) == []


def test_a_chinese_then_counts(messages: Reported) -> None:
    """那么 is THEN."""
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
        "- **当** 密码错误\n"
        "- **那么** 返回 401\n"
    )
    assert messages("gutted-scenario", example) == []
