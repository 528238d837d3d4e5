"""A proposal names what its deltas touch."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_a_delta_the_proposal_never_names_is_told(messages: Reported) -> None:
    """It slips in unseen."""
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
        "==> changes/c/specs/billing/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for billing\n"
        "The monitor SHALL send the billing mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("unannounced-capability", example)
    assert "billing" in message


def test_a_named_one_is_right(messages: Reported) -> None:
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
    assert messages("unannounced-capability", example) == []


def test_words_of_the_proposal_name_it_too(messages: Reported) -> None:
    """Ids need not be spelled out."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
        "\n"
        "The mail texts change.\n"
        "\n"
        "## Capabilities\n"
        "\n"
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
        "==> changes/c/specs/mail-text/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-text\n"
        "The monitor SHALL send the mail-text mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unannounced-capability", example) == []


def test_a_proposal_without_capabilities_is_left_alone(messages: Reported) -> None:
    """It has another form."""
    example = (
        "==> changes/c/proposal.md <==\n"
        "## Why\n"
        "People miss alerts.\n"
        "\n"
        "## What Changes\n"
        "- Alerts go out.\n"
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
    )
    assert messages("unannounced-capability", example) == []


def test_a_spanish_proposal_may_name_the_id(messages: Reported) -> None:
    """Ids are not translated."""
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
        "- `mail-alerts`: avisos\n"
        "- `billing`: cobros\n"
        "==> changes/c/specs/mail-alerts/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for mail-alerts\n"
        "The monitor SHALL send the mail-alerts mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/specs/billing/spec.md <==\n"
        "## ADDED Requirements\n"
        "\n"
        "### Requirement: Mail for billing\n"
        "The monitor SHALL send the billing mail.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unannounced-capability", example) == []
