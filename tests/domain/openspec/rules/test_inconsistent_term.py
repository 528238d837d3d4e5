"""One spelling for one thing."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_a_rare_spelling_is_told(messages: Reported) -> None:
    """With the usual one."""
    example = (
        "### Requirement: A\n"
        "The webhook SHALL call. A webhook SHALL end. The webhook SHALL stop.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "The web hook SHALL start.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("inconsistent-term", example)
    assert "webhook" in message


def test_other_capitals_in_a_name_are_told(messages: Reported) -> None:
    """Names are spelled one way."""
    example = (
        "### Requirement: A\n"
        "GitHub SHALL call. GitHub SHALL end. Then GitHub SHALL stop.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "The page SHALL name Github first.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("inconsistent-term", example)
    assert "GitHub" in message


def test_a_verb_beside_its_noun_is_left_alone(messages: Reported) -> None:
    """One logs in at the login."""
    example = (
        "### Requirement: A\n"
        "The login SHALL call. A login SHALL end. The login SHALL stop.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "People SHALL log in here.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("inconsistent-term", example) == []


def test_a_hyphen_against_a_space_is_left_alone(messages: Reported) -> None:
    """It is grammar."""
    example = (
        "### Requirement: A\n"
        "The real-time list SHALL call. A real-time list SHALL end. A real-time list SHALL stop.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "The list SHALL be in real time.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("inconsistent-term", example) == []


def test_code_is_left_alone(messages: Reported) -> None:
    """It has its own spelling."""
    example = (
        "### Requirement: A\n"
        "The webhook SHALL call. A webhook SHALL end. The webhook SHALL stop.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "The type SHALL be `web hook`.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("inconsistent-term", example) == []


def test_few_uses_make_no_usage(messages: Reported) -> None:
    """Nothing is usual yet."""
    example = (
        "### Requirement: A\n"
        "The webhook SHALL call.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "The web hook SHALL start.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("inconsistent-term", example) == []


def test_chinese_text_is_left_alone(messages: Reported) -> None:
    """Its terms are not written with spaces."""
    example = (
        "### Requirement: A\n"
        "数据库 SHALL 保存数据。数据库 SHALL 关闭。\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "数据 库 SHALL 打开。\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("inconsistent-term", example) == []
