"""What is still to be filled in."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_tbd_is_told(messages: Reported) -> None:
    """A decision nobody made."""
    example = (
        "### Requirement: A\n"
        "The server SHALL keep logs for TBD days.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("unresolved-marker", example)
    assert "TBD" in message


def test_a_request_for_clarification_is_told(messages: Reported) -> None:
    """As some templates write it."""
    example = (
        "### Requirement: A\n"
        "The server SHALL keep logs [NEEDS CLARIFICATION: how long?].\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("unresolved-marker", example)
    assert "NEEDS CLARIFICATION" in message


def test_three_question_marks_are_told(messages: Reported) -> None:
    """So do people in a hurry."""
    example = (
        "### Requirement: A\n"
        "The server SHALL keep logs for ??? days.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("unresolved-marker", example)
    assert "???" in message


def test_a_templates_comment_is_told(messages: Reported) -> None:
    """The template was never filled in."""
    example = (
        "### Requirement: A\n"
        "The server SHALL keep logs.\n"
        "\n"
        "#### Scenario: B\n"
        "- **WHEN** <!-- condition -->\n"
        "- **THEN** it is kept\n"
    )
    (message,) = messages("unresolved-marker", example)
    assert "condition" in message


def test_a_templates_name_is_told(messages: Reported) -> None:
    """In angle brackets."""
    example = (
        "### Requirement: <name>\n"
        "The server SHALL keep logs.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("unresolved-marker", example)
    assert "<name>" in message


def test_code_is_left_alone(messages: Reported) -> None:
    """The marker is the subject."""
    example = (
        "### Requirement: A\n"
        "The server SHALL list `TODO` and `???`.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unresolved-marker", example) == []


def test_a_quotation_is_left_alone(messages: Reported) -> None:
    """The marker is the subject."""
    example = (
        "### Requirement: A\n"
        'The server SHALL print "TBD" at the end.\n'
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unresolved-marker", example) == []


def test_a_fence_is_left_alone(messages: Reported) -> None:
    """It is an example."""
    example = (
        "### Requirement: A\n"
        "The server SHALL keep logs.\n"
        "\n"
        "```\n"
        "TBD <!-- x -->\n"
        "```\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unresolved-marker", example) == []


def test_speaking_of_todo_comments_is_left_alone(messages: Reported) -> None:
    """They are a thing of their own."""
    example = (
        "### Requirement: A\n"
        "The server SHALL count TODO comments and every TBD placeholder.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unresolved-marker", example) == []


def test_spanish_todo_means_all(messages: Reported) -> None:
    """TODO el contrato is all of the contract."""
    example = (
        "### Requirement: A\n"
        "El servidor SHALL guardar TODO el contrato de los datos.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unresolved-marker", example) == []


def test_a_comment_beside_text_is_left_alone(messages: Reported) -> None:
    """Comments have their uses."""
    example = (
        "### Requirement: A\n"
        "The server SHALL keep logs. <!-- agreed in May -->\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unresolved-marker", example) == []


def test_one_question_mark_is_left_alone(messages: Reported) -> None:
    """It ends a question."""
    example = (
        "### Requirement: A\n"
        "The server SHALL ask: again?\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("unresolved-marker", example) == []
