"""A scenario is a level-4 heading."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_bold_text_is_told(messages: Reported) -> None:
    """It looks right and is passed over."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "**Scenario: Wrong password**\n"
        "- **WHEN** a\n"
        "- **THEN** b\n"
    )
    (message,) = messages("scenario-heading", example)
    assert "bold" in message


def test_bold_text_with_the_colon_outside_is_told(messages: Reported) -> None:
    """The colon may stand behind the bold."""
    example = "### Requirement: Login\nThe server SHALL check passwords.\n\n- **Scenario**: Wrong password\n"
    (message,) = messages("scenario-heading", example)
    assert "bold" in message


def test_level_five_is_told(messages: Reported) -> None:
    """One hash too many."""
    example = (
        "### Requirement: Login\nThe server SHALL check passwords.\n\n##### Scenario: Wrong password\n- **WHEN** a\n"
    )
    (message,) = messages("scenario-heading", example)
    assert "level 5" in message


def test_level_three_is_told(messages: Reported) -> None:
    """One hash too few."""
    example = (
        "### Requirement: Login\nThe server SHALL check passwords.\n\n### Scenario: Wrong password\n- **WHEN** a\n"
    )
    (message,) = messages("scenario-heading", example)
    assert "level 3" in message


def test_a_chinese_word_for_it_is_known(messages: Reported) -> None:
    """场景 is scenario."""
    example = "### Requirement: Login\nThe server SHALL check passwords.\n\n##### 场景：密码错误\n- **当** a\n"
    (message,) = messages("scenario-heading", example)
    assert "level 5" in message


def test_a_missing_space_is_told(messages: Reported) -> None:
    """It is no heading then."""
    example = (
        "### Requirement: Login\nThe server SHALL check passwords.\n\n####Scenario: Wrong password\n- **WHEN** a\n"
    )
    (message,) = messages("scenario-heading", example)
    assert "space" in message


def test_level_four_is_right(messages: Reported) -> None:
    """As OpenSpec wants it."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("scenario-heading", example) == []


def test_a_chinese_title_at_level_four_is_right(messages: Reported) -> None:
    """Any level-4 heading is a scenario."""
    example = (
        "### Requirement: Login\nThe server SHALL check passwords.\n\n#### 场景：密码错误\n- **当** a\n- **那么** b\n"
    )
    assert messages("scenario-heading", example) == []


def test_fenced_text_is_left_alone(messages: Reported) -> None:
    """It is an example."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "```markdown\n"
        "##### Scenario: Wrong\n"
        "**Scenario:** Wrong\n"
        "```\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("scenario-heading", example) == []


def test_a_comment_is_left_alone(messages: Reported) -> None:
    """Nobody reads it as a scenario."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "<!--\n"
        "##### Scenario: Wrong\n"
        "-->\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("scenario-heading", example) == []


def test_the_word_in_running_text_is_left_alone(messages: Reported) -> None:
    """Speaking of scenarios makes none."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords. In this scenario: nothing.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("scenario-heading", example) == []


def test_a_code_span_is_left_alone(messages: Reported) -> None:
    """It names the heading."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords. It has `##### Scenario: x` in it.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("scenario-heading", example) == []


def test_other_bold_labels_are_left_alone(messages: Reported) -> None:
    """Only scenarios are meant."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "**Note:** nothing\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("scenario-heading", example) == []
