"""Ticking tasks, and taking ticks away."""

from __future__ import annotations

import pytest

from tests.domain.openspec.edits.edited import TASKS, after, edit, refusal, unchanged


def check(task: str) -> dict[str, str]:
    return {"op": "check-task", "task": task}


def uncheck(task: str) -> dict[str, str]:
    return {"op": "uncheck-task", "task": task}


def test_one_character_changes() -> None:
    """The one between the brackets."""
    edited = edit("tasks", TASKS, check("1.2"))
    assert edited.data.decode() == TASKS.replace("[ ] 1.2", "[x] 1.2")
    assert [(e.span.len, e.replacement) for e in edited.edits] == [(1, b"x")]
    assert after("tasks", TASKS, uncheck("1.1")) == TASKS.replace("[x] 1.1", "[ ] 1.1")


@pytest.mark.parametrize("name", ["2.1", "2.1.", "Publish", "publish", "2.1 Publish"])
def test_tasks_are_named_by_number_or_words(name: str) -> None:
    """In any case."""
    assert after("tasks", TASKS, check(name)) == TASKS.replace("[ ] 2.1", "[x] 2.1")


def test_what_is_so_already_changes_nothing() -> None:
    """Done stays done, and every mark but x is open."""
    assert unchanged("tasks", TASKS, check("1.1"))
    assert unchanged("tasks", TASKS, uncheck("1.2"))
    assert unchanged("tasks", "- [~] a\n", uncheck("a"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [] a", "- [x] a"),
        ("- [~] a", "- [x] a"),
        ("  * [ ] a", "  * [x] a"),
        ("1) [ ] a", "1) [x] a"),
        ("\t+ [ ]a", "\t+ [x]a"),
        ("- [ ] **1.2** a", "- [x] **1.2** a"),
        ("- [ ] é 漢字 \ufffd", "- [x] é 漢字 \ufffd"),
    ],
)
def test_every_line_that_openspec_counts_can_be_ticked(line: str, expected: str) -> None:
    """Whatever bullet, mark or spacing it has."""
    name = "1.2" if "1.2" in line else line.partition("]")[2].strip()
    assert after("tasks", f"{line}\n", check(name)) == f"{expected}\n"


def test_a_capital_tick_is_continued() -> None:
    """Where all ticks are capital."""
    assert after("tasks", "- [X] a\n- [ ] b\n", check("b")) == "- [X] a\n- [X] b\n"
    assert after("tasks", "- [X] a\n- [x] c\n- [ ] b\n", check("b")) == "- [X] a\n- [x] c\n- [x] b\n"


def test_bytes_that_are_not_utf_8_survive() -> None:
    """On the same line and elsewhere."""
    assert edit("tasks", b"\xff\r\n- [ ] 1.1 \xfe\r\n", check("1.1")).data == b"\xff\r\n- [x] 1.1 \xfe\r\n"


def test_several_that_fit_must_be_told_apart() -> None:
    """Status 2 with the lines; a number in brackets says which."""
    text = "- [ ] 1.1 a\n- [ ] 1.1 b\n"
    error = refusal("tasks", text, check("1.1"))
    assert error.exit_code == 2
    assert "1.1 [2] on line 2" in (error.hint or "")
    assert after("tasks", text, check("1.1 [2]")) == "- [ ] 1.1 a\n- [x] 1.1 b\n"
    assert after("tasks", text, check("b")) == "- [ ] 1.1 a\n- [x] 1.1 b\n"


def test_a_task_in_an_example_does_not_stand_in_the_way() -> None:
    """The visible one is meant."""
    text = "```\n- [ ] 1.1 a\n```\n- [ ] 1.1 b\n"
    assert after("tasks", text, check("1.1")) == "```\n- [ ] 1.1 a\n```\n- [x] 1.1 b\n"


def test_a_task_that_is_not_there_is_refused_with_the_nearest() -> None:
    """Status 2."""
    error = refusal("tasks", TASKS, check("1.3"))
    assert error.exit_code == 2
    assert "tasks.md#1.2" in (error.hint or "")


@pytest.mark.parametrize("line", ["- [x](url)", "- [WIP] a", "[ ] a", "- a"])
def test_what_is_no_task_cannot_be_ticked(line: str) -> None:
    """Links, other brackets, plain items."""
    assert refusal("tasks", f"{line}\n", check("a")).exit_code == 2
