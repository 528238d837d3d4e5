"""Two scenarios of one name."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_the_same_name_is_told_at_the_second(messages: Reported) -> None:
    """The first keeps its name."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("duplicate-scenario", example)
    assert "there twice, first on line 10" in message


def test_case_does_not_make_a_name(messages: Reported) -> None:
    """People do not hear capitals."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "#### Scenario: wrong  Password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert len(messages("duplicate-scenario", example)) == 1


def test_different_names_are_right(messages: Reported) -> None:
    """As it should be."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "#### Scenario: Empty password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("duplicate-scenario", example) == []


def test_another_requirement_may_use_the_name(messages: Reported) -> None:
    """Names are looked up within one requirement."""
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
    assert messages("duplicate-scenario", example) == []


def test_chinese_names_differ_by_one_letter(messages: Reported) -> None:
    """密码错误 and 密码为空 are two."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: 密码错误\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "#### Scenario: 密码为空\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("duplicate-scenario", example) == []
