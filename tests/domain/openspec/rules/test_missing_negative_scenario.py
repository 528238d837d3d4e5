"""Outside input goes wrong."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_input_without_a_failure_is_told(messages: Reported) -> None:
    """Each builder will invent something."""
    example = (
        "### Requirement: Import\n"
        "The server SHALL accept uploaded CSV files and store the rows.\n"
        "\n"
        "#### Scenario: Rows\n"
        "- **WHEN** a person uploads a file\n"
        "- **THEN** the rows are stored\n"
    )
    (message,) = messages("missing-negative-scenario", example)
    assert "uploaded CSV files" in message


def test_a_failure_scenario_is_enough(messages: Reported) -> None:
    """It says what happens."""
    example = (
        "### Requirement: Import\n"
        "The server SHALL accept uploaded CSV files and store the rows.\n"
        "\n"
        "#### Scenario: Image\n"
        "- **WHEN** a person uploads an image\n"
        "- **THEN** the upload is rejected\n"
    )
    assert messages("missing-negative-scenario", example) == []


def test_a_neighbour_about_errors_is_enough(messages: Reported) -> None:
    """It may cover both."""
    example = (
        "### Requirement: Import\n"
        "The server SHALL accept uploaded CSV files and store the rows.\n"
        "\n"
        "#### Scenario: Rows\n"
        "- **WHEN** a person uploads a file\n"
        "- **THEN** the rows are stored\n"
        "\n"
        "### Requirement: Import errors\n"
        "The server SHALL say what is wrong.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("missing-negative-scenario", example) == []


def test_no_outside_input_is_left_alone(messages: Reported) -> None:
    """Nothing can be wrong."""
    example = (
        "### Requirement: Total\n"
        "The server SHALL show the total.\n"
        "\n"
        "#### Scenario: Total\n"
        "- **WHEN** a row is stored\n"
        "- **THEN** the total grows\n"
    )
    assert messages("missing-negative-scenario", example) == []


def test_a_requirement_without_scenarios_is_left_to_openspec(messages: Reported) -> None:
    """It reports that itself."""
    example = "### Requirement: Import\nThe server SHALL accept uploaded CSV files and store the rows.\n"
    assert messages("missing-negative-scenario", example) == []


def test_other_languages_are_left_alone(messages: Reported) -> None:
    """The words are English."""
    example = (
        "### Requirement: 导入\n"
        "服务器 SHALL 接收 uploaded files 并且保存所有的数据行。\n"
        "\n"
        "#### Scenario: 行\n"
        "- **当** 上传文件\n"
        "- **那么** 保存数据\n"
    )
    assert messages("missing-negative-scenario", example) == []
