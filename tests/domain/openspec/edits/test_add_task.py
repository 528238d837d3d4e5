"""Adding a task to a list."""

from __future__ import annotations

import pytest

from tests.domain.openspec.edits.edited import TASKS, after, edit, refusal, unchanged


def add(text: str = "New", **more: object) -> dict[str, object]:
    return {"op": "add-task", "text": text, **more}


def test_it_goes_last_and_is_numbered_on() -> None:
    """In the last group that has tasks."""
    assert after("tasks", TASKS, add()) == TASKS + "- [ ] 2.2 New\n"


@pytest.mark.parametrize("group", ["1", "1.", "1. Build", "Build", "build", "## 1. Build"])
def test_a_group_is_named_by_its_number_or_words(group: str) -> None:
    """The task goes after all that belongs to the last one there."""
    assert after("tasks", TASKS, add(group=group)) == TASKS.replace("  - with care\n", "  - with care\n- [ ] 1.3 New\n")


@pytest.mark.parametrize(
    ("shown", "added"),
    [
        ("- [ ] a", "- [ ] New"),
        ("* [x] a", "* [ ] New"),
        ("- [ ] 1.9 a", "- [ ] 1.10 New"),
        ("- [ ] 1.09 a", "- [ ] 1.10 New"),
        ("- [ ] 1.1. a", "- [ ] 1.2. New"),
        ("- [ ] **1.1** a", "- [ ] **1.2** New"),
        ("- [ ] **1.1 a**", "- [ ] **1.2 New**"),
        ("- [ ] `1.1` a", "- [ ] `1.2` New"),
        ("- [ ] 1. a", "- [ ] 2. New"),
        ("- [ ] T009: a", "- [ ] T010: New"),
        ("1. [ ] a", "2. [ ] New"),
        ("  - [ ] 1.1 a", "  - [ ] 1.2 New"),
        ("- [ ] 1.1 a\n  - [ ] 1.1.1 b", "- [ ] 1.2 New"),
        ("- [ ] 1.1 a\nthat runs on", "- [ ] 1.2 New"),
        ("- [ ] 1.2 a\n- [ ] 1.1 b", "- [ ] 1.3 New"),
    ],
)
def test_the_list_goes_on_as_it_is(shown: str, added: str) -> None:
    """Bullet, indentation and the way numbers are written."""
    text = f"## 1. One\n\n{shown}\n\nAn end.\n"
    assert after("tasks", text, add()) == f"## 1. One\n\n{shown}\n{added}\n\nAn end.\n"


def test_blank_lines_between_tasks_are_kept_up() -> None:
    """One where there is one."""
    assert after("tasks", "- [ ] a\n\n- [ ] b\n", add()) == "- [ ] a\n\n- [ ] b\n\n- [ ] New\n"


@pytest.mark.parametrize("text", ["Publish", "publish", "2.1 Publish", "- [ ] Publish", "9.9 Publish"])
def test_a_task_that_is_there_is_not_added_again(text: str) -> None:
    """By its words, whatever its number."""
    assert unchanged("tasks", TASKS, add(text))


def test_an_empty_group_begins_with_its_own_number() -> None:
    """As the other groups do."""
    text = TASKS + "\n## 3. After\n"
    assert after("tasks", text, add(group="After")) == text + "\n- [ ] 3.1 New\n"


def test_a_missing_group_is_made_only_when_asked_for() -> None:
    """With the next number."""
    assert "2. Ship" in (refusal("tasks", TASKS, add(group="Shop")).hint or "")
    made = after("tasks", TASKS, add(group="Learn", create=True))
    assert made == TASKS + "\n## 3. Learn\n\n- [ ] 3.1 New\n"


def test_an_empty_file_begins_with_a_group() -> None:
    """Numbered, as OpenSpec's template is."""
    assert after("tasks", "", add()) == "## 1. Tasks\n\n- [ ] 1.1 New\n"


@pytest.mark.parametrize("text", ["", "a\nb", "- [ ]", "1.1 "])
def test_what_is_no_task_is_refused(text: str) -> None:
    """A task has words, on one line."""
    assert refusal("tasks", TASKS, add(text)).exit_code == 5


def test_nothing_is_taken_out() -> None:
    """Also without a last line end, and with CRLF."""
    for text in (TASKS.rstrip("\n"), TASKS.replace("\n", "\r\n")):
        edited = edit("tasks", text.encode(), add())
        assert all(e.span.len == 0 for e in edited.edits)
        assert edited.data.endswith(b"\n") == text.endswith("\n")
        assert (b"\r\n" in edited.data) == ("\r\n" in text)
