"""What a proposal announces has to be in a delta."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_an_announced_capability_without_delta_is_told(messages: Reported) -> None:
    """It was agreed to and never specified."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Capabilities\n"
        "\n"
        "### New Capabilities\n"
        "- `mail-alerts`: a\n"
        "- `mail-texts`: b\n"
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
    (message,) = messages("capability-without-delta", example)
    assert "mail-texts" in message


def test_affected_specs_announce_too(messages: Reported) -> None:
    """The older form of proposals."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Impact\n"
        "- Affected specs: `mail-alerts`, `mail-texts`\n"
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
    (message,) = messages("capability-without-delta", example)
    assert "mail-texts" in message


def test_what_has_a_delta_is_right(messages: Reported) -> None:
    """As it should be."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Capabilities\n"
        "\n"
        "### New Capabilities\n"
        "- `mail-alerts`: a\n"
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
    assert messages("capability-without-delta", example) == []


def test_a_change_without_any_delta_is_left_to_openspec(messages: Reported) -> None:
    """It reports that itself."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Capabilities\n"
        "\n"
        "### New Capabilities\n"
        "- `mail-alerts`: a\n"
    )
    assert messages("capability-without-delta", example) == []


def test_code_outside_the_section_announces_nothing(messages: Reported) -> None:
    """It is a name like any other."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Impact\n"
        "- `mail-queue` gets longer\n"
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
    assert messages("capability-without-delta", example) == []


def test_a_comment_announces_nothing(messages: Reported) -> None:
    """It is the template."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Capabilities\n"
        "\n"
        "<!--\n"
        "- `mail-texts`: b\n"
        "-->\n"
        "- `mail-alerts`: a\n"
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
    assert messages("capability-without-delta", example) == []


def test_a_function_name_announces_nothing(messages: Reported) -> None:
    """Single words may be anything."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Capabilities\n"
        "\n"
        "### New Capabilities\n"
        "- `mail-alerts`: a\n"
        "- `max`: b\n"
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
    assert messages("capability-without-delta", example) == []


def test_nested_ids_are_found(messages: Reported) -> None:
    """A capability may lie deeper."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "## Capabilities\n"
        "\n"
        "- `mail-alerts`: 邮件提醒\n"
        "==> changes/c/specs/ops/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for ops/mail-alerts\n"
        "The monitor SHALL send the ops/mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("capability-without-delta", example) == []
