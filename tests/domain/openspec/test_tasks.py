"""Task lists, as OpenSpec counts them."""

from __future__ import annotations

import pytest

from workflow_cli.domain.openspec.tasks import (
    TaskFile,
    ambiguous_numbers,
    missing_checkboxes,
    read_task,
    read_task_file,
)


def files(*texts: str) -> list[TaskFile]:
    return [read_task_file(f"{number}.md", text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("line", "done"),
    [
        ("- [ ] a", False),
        ("* [x] a", True),
        ("+ [X] a", True),
        ("1. [ ] a", False),
        ("1) [x] a", True),
        ("    - [ ] a", False),
        ("- [] a", False),
        ("- [~] a", False),
        ("- [✓] a", False),
        ("- [ x ] a", True),
        ("-[ ] a", False),
        ("- [ ]a", False),
        ("- [1] a", False),
        ("- [ ](url)", False),
        ("- [\u00a0] a", False),
        ("123456789. [ ] a", False),
    ],
)
def test_tasks(line: str, done: bool) -> None:
    """Any bullet or number up to nine digits, at most one character in the box; x or X is done."""
    task = read_task(line)
    assert task is not None
    assert task.done is done


@pytest.mark.parametrize(
    "line",
    [
        "- [xx] a",
        "- [WIP] a",
        "- [x](url)",
        "- [x][ref]",
        "> - [ ] a",
        "[ ] a",
        "- - [ ] a",
        "– [ ] a",
        "- [✔️] a",
        "1234567890. [ ] a",
        "- [x",
        "- [🙂] a",
    ],
)
def test_no_tasks(line: str) -> None:
    """Two units in the box, links, quotes, no bullet."""
    assert read_task(line) is None


def test_lines_end_at_lf_only() -> None:
    """With CR alone the whole file is one line."""
    assert len(list(files("- [ ] a\r- [ ] b\r")[0].tasks)) == 1
    assert len(list(files("- [ ] a\r\n- [ ] b\r\n")[0].tasks)) == 2


def test_no_checkbox_in_the_whole_set_is_reported_once_a_file() -> None:
    """At the first visible list item; a single checkbox anywhere silences it."""
    assert [(i.path, i.line) for i in missing_checkboxes(files("text\n- item\n- item\n", "none\n", "* item\n"))] == [
        ("0.md", 1),
        ("2.md", 0),
    ]
    assert list(missing_checkboxes(files("- item\n", "- [ ] a\n"))) == []


@pytest.mark.parametrize(
    "hidden", ["```\n- item\n```", "<!--\n- item\n-->", "    - item", "\t- item", "---\n- item\n---", "-item"]
)
def test_hidden_list_items_do_not_count(hidden: str) -> None:
    """Fences, comments, indented code, front matter."""
    assert list(missing_checkboxes(files(f"{hidden}\n"))) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("## 1. A\n- [ ] 1.1 a\n- [ ] 2.1 b\n", [2]),
        ("## 1. A\n- [ ] 1.1 a\n- [x] 1.1 b\n", [2]),
        ("## 01. A\n- [ ] 1.1 a\n", []),
        ("## 1 A\n- [ ] 2.1 a\n", []),
        ("## 1. A\n## Notes\n- [ ] 2.1 a\n", []),
        ("## 1. A\n### 2. B\n- [ ] 2.1 a\n", [2]),
        ("## 1. A\n- [ ] 2 a\n- [ ] 2.x b\n- [ ] 2.1: c\n", []),
        ("## 1. A\n- [ ] 1.2a a\n- [ ] 1.2a b\n- [ ] 1.2.3 c\n", [2]),
    ],
)
def test_numbers_in_groups(text: str, lines: list[int]) -> None:
    """A number of another group or a repeated one; leading zeros do not count; level 3 stays in the group."""
    assert [issue.line for issue in ambiguous_numbers(files(text))] == lines


def test_numbers_repeat_across_files() -> None:
    """The second place is the one reported."""
    assert [i.path for i in ambiguous_numbers(files("## 1. A\n- [ ] 1.1 a\n", "## 1. A\n- [ ] 1.1 a\n"))] == ["1.md"]
