"""The same thing said twice."""

from __future__ import annotations

from collections.abc import Callable

Reported = Callable[[str, str], list[str]]


def test_the_same_text_is_told_at_the_second(messages: Reported) -> None:
    """The first keeps its place."""
    example = (
        "### Requirement: Mail\n"
        "The monitor SHALL send a mail to the owner of a check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: Owner\n"
        "The monitor SHALL send a mail to the owner of a check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("near-duplicate-requirement", example)
    assert "100 %" in message


def test_a_small_word_makes_no_difference(messages: Reported) -> None:
    """Articles are no meaning."""
    example = (
        "### Requirement: Mail\n"
        "The monitor SHALL send a mail to the owner of a check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: Owner\n"
        "The monitor SHALL send a mail to the owner of each check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    (message,) = messages("near-duplicate-requirement", example)
    assert "says nearly the same" in message


def test_chinese_texts_are_compared_too(messages: Reported) -> None:
    """By their pairs of letters."""
    example = (
        "### Requirement: 邮件\n"
        "系统 SHALL 在检查连续失败两次之后给检查的负责人发送一封邮件。\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: 负责人\n"
        "系统 SHALL 在检查连续失败两次之后给检查的负责人发送一封邮件。\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert len(messages("near-duplicate-requirement", example)) == 1


def test_another_verb_makes_another_requirement(messages: Reported) -> None:
    """Get is not delete."""
    example = (
        "### Requirement: Get\n"
        "The monitor SHALL get a mail to the owner of a check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: Delete\n"
        "The monitor SHALL delete a mail to the owner of a check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("near-duplicate-requirement", example) == []


def test_another_number_makes_another_requirement(messages: Reported) -> None:
    """Limits differ on purpose."""
    example = (
        "### Requirement: Two\n"
        "The monitor SHALL send a mail to the owner of a check whenever the check fails 2 times in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: Nine\n"
        "The monitor SHALL send a mail to the owner of a check whenever the check fails 9 times in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("near-duplicate-requirement", example) == []


def test_another_name_in_code_makes_another_requirement(messages: Reported) -> None:
    """Options differ on purpose."""
    example = (
        "### Requirement: A\n"
        "The monitor SHALL send a mail to the owner of a check if the check fails twice in a row. Its name is `a`.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "The monitor SHALL send a mail to the owner of a check if the check fails twice in a row. Its name is `b`.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("near-duplicate-requirement", example) == []


def test_short_formulas_are_left_alone(messages: Reported) -> None:
    """They say little anyway."""
    example = (
        "### Requirement: A\n"
        "The tool SHALL print JSON.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "The tool SHALL print JSON.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("near-duplicate-requirement", example) == []


def test_a_modified_requirement_may_repeat_its_main(messages: Reported) -> None:
    """It replaces it."""
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
        "The monitor SHALL send a mail to the owner of a check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "==> changes/c/specs/login/spec.md <==\n"
        "## MODIFIED Requirements\n"
        "\n"
        "### Requirement: Login\n"
        "The monitor SHALL send a mail to the owner of a check if the check fails twice in a row.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("near-duplicate-requirement", example) == []


def test_a_reference_repeats_nothing(messages: Reported) -> None:
    """It says where the behaviour is."""
    example = (
        "### Requirement: A\n"
        "Roots follow the shared behaviour written in `root/spec.md` for every command of the tool.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
        "\n"
        "### Requirement: B\n"
        "Roots follow the shared behaviour written in `root/spec.md` for every command of the tool.\n"
        "\n"
        "#### Scenario: Wrong password\n"
        "- **WHEN** the password is wrong\n"
        "- **THEN** the answer is 401\n"
    )
    assert messages("near-duplicate-requirement", example) == []
