"""Paths lead somewhere."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_a_path_to_no_capability_is_told(messages: Reported) -> None:
    """The reader is sent nowhere."""
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
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "See `openspec/specs/logins/spec.md`.\n"
    )
    (message,) = messages("unknown-capability", example)
    assert "logins" in message


def test_a_path_to_a_spec_is_right(messages: Reported) -> None:
    """It is there."""
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
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "See `openspec/specs/login/spec.md`.\n"
    )
    assert messages("unknown-capability", example) == []


def test_a_path_to_an_open_changes_capability_is_right(messages: Reported) -> None:
    """It will be there."""
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
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "See `specs/mail-alerts/spec.md`.\n"
    )
    assert messages("unknown-capability", example) == []


def test_placeholders_are_left_alone(messages: Reported) -> None:
    """They stand for any capability."""
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
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "See `openspec/specs/<capability>/spec.md` and `specs/*/spec.md`.\n"
    )
    assert messages("unknown-capability", example) == []


def test_fenced_paths_are_left_alone(messages: Reported) -> None:
    """They are examples."""
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
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "```\n"
        "openspec/specs/logins/spec.md\n"
        "```\n"
    )
    assert messages("unknown-capability", example) == []


def test_other_specs_folders_are_left_alone(messages: Reported) -> None:
    """They belong to the source."""
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
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "参见 `src/specs/logins/spec.md` 和测试。\n"
    )
    assert messages("unknown-capability", example) == []
