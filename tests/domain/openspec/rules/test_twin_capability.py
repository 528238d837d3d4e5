"""Ids that look the same."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_an_underscore_makes_a_twin(messages: Reported) -> None:
    """One of them is a slip."""
    example = (
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> specs/mail_alerts/spec.md <==\n"
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
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("twin-capability", example)
    assert "mail_alerts" in message


def test_different_ids_are_right(messages: Reported) -> None:
    """As they should be."""
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
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("twin-capability", example) == []


def test_the_same_id_is_right(messages: Reported) -> None:
    """A change aims at its spec."""
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
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/specs/login/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for login\n"
        "The monitor SHALL send the login mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("twin-capability", example) == []


def test_chinese_ids_are_compared_too(messages: Reported) -> None:
    """登录 and 登出 are two."""
    example = (
        "==> specs/登录/spec.md <==\n"
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
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> specs/登出/spec.md <==\n"
        "# login\n"
        "\n"
        "## Purpose\n"
        "Let people in who may come in, and nobody else at all.\n"
        "\n"
        "## Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The server SHALL drop passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("twin-capability", example) == []
