"""Names that look the same."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_case_makes_a_twin(messages: Reported) -> None:
    """Two to OpenSpec, one to readers."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: LogIn\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("twin-requirement", example)
    assert "look the same" in message


def test_composition_makes_a_twin(messages: Reported) -> None:
    """é can be one letter or two."""
    example = (
        "### Requirement: Café\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: Café\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("twin-requirement", example)
    assert "look the same" in message


def test_the_same_name_is_left_to_openspec(messages: Reported) -> None:
    """It reports that itself."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("twin-requirement", example) == []


def test_different_names_are_right(messages: Reported) -> None:
    """As they should be."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: Logout\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("twin-requirement", example) == []


def test_another_capability_may_use_the_name(messages: Reported) -> None:
    """Names are looked up within one spec."""
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
        "==> specs/logout/spec.md <==\n"
        "# login\n"
        "\n"
        "## Purpose\n"
        "Let people in who may come in, and nobody else at all.\n"
        "\n"
        "## Requirements\n"
        "\n"
        "### Requirement: LogIn\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("twin-requirement", example) == []


def test_chinese_names_differ_by_one_letter(messages: Reported) -> None:
    """登录 and 登出 are two."""
    example = (
        "### Requirement: 登录\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: 登出\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("twin-requirement", example) == []
