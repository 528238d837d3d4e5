"""Scenarios need a trigger and an outcome, in any language."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_a_scenario_without_then_is_told(messages: Reported) -> None:
    """It cannot fail."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **WHEN** the password is wrong\n"
    )
    (message,) = messages("incomplete-scenario", example)
    assert "has no THEN" in message


def test_a_scenario_without_when_is_told(messages: Reported) -> None:
    """It cannot be run."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("incomplete-scenario", example)
    assert "has no WHEN" in message


def test_prose_alone_is_told(messages: Reported) -> None:
    """A scenario is more than a remark."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "The password is wrong and so it is not let in.\n"
    )
    (message,) = messages("incomplete-scenario", example)
    assert "no WHEN and no THEN" in message


def test_given_may_stand_for_when(messages: Reported) -> None:
    """A state can be the trigger."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Split\n"
        "- **GIVEN** the text is there\n"
        "- **THEN** there are two words\n"
    )
    assert messages("incomplete-scenario", example) == []


def test_chinese_keywords_are_understood(messages: Reported) -> None:
    """当 and 那么 are WHEN and THEN."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: 密码错误\n"
        "- **当** 密码错误\n"
        "- **那么** 返回 401\n"
    )
    assert messages("incomplete-scenario", example) == []


def test_japanese_keywords_are_understood(messages: Reported) -> None:
    """もし and ならば, without bold."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: 失敗\n"
        "- もし パスワードが違う\n"
        "- ならば 401 を返す\n"
    )
    assert messages("incomplete-scenario", example) == []


def test_russian_keywords_are_understood(messages: Reported) -> None:
    """КОГДА and ТОГДА in capitals."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Ошибка\n"
        "- **КОГДА** пароль неверен\n"
        "- **ТОГДА** ответ 401\n"
    )
    assert messages("incomplete-scenario", example) == []


def test_spanish_keywords_are_understood(messages: Reported) -> None:
    """CUANDO and ENTONCES."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Error\n"
        "- CUANDO la clave es mala\n"
        "- ENTONCES responde 401\n"
    )
    assert messages("incomplete-scenario", example) == []


def test_running_text_with_capital_keywords_is_understood(messages: Reported) -> None:
    """Steps need not be list items."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "GIVEN a person WHEN the password is wrong THEN the answer is 401.\n"
    )
    assert messages("incomplete-scenario", example) == []


def test_an_empty_scenario_is_left_to_openspec(messages: Reported) -> None:
    """It reports that itself."""
    example = "### Requirement: Login\nThe server SHALL check passwords.\n\n#### Scenario: Wrong\n"
    assert messages("incomplete-scenario", example) == []


def test_a_colon_inside_the_bold_is_understood(messages: Reported) -> None:
    """**WHEN:** is as good as **WHEN**."""
    example = (
        "### Requirement: Login\n"
        "The server SHALL check passwords.\n"
        "\n"
        "#### Scenario: Wrong\n"
        "**When:** it is wrong\n"
        "**Then:** it is 401\n"
    )
    assert messages("incomplete-scenario", example) == []
