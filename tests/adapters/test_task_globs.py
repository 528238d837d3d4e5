"""Which files an artifact's pattern stands for."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_cli.adapters.task_globs import expand


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("tasks.md", ["tasks.md"]),
        ("work/**/*.md", ["work/a/t.md", "work/t.md"]),
        ("{tasks,todo}.md", ["tasks.md", "todo.md"]),
        ("{tasks}.md", []),
        ("{x,{tasks}}.md", []),
        ("@(tasks|todo).md", ["tasks.md", "todo.md"]),
        ("*.md", ["tasks.md", "todo.md"]),
        ("work\\*.md", ["work/t.md"]),
        ("work\\t.md", []),
        ("work/.hidden/*.md", ["work/.hidden/t.md"]),
        ("work/*", ["work/t.md"]),
        ("tasks.md/", []),
        ("work/t.md/.", []),
        ("./tasks.md", ["tasks.md"]),
    ],
)
def test_patterns(pattern: str, names: list[str], tmp_path: Path) -> None:
    """Hidden files only by name; a backslash separates in patterns alone; directories never."""
    for name in ("tasks.md", "todo.md", ".hid.md", "work/t.md", "work/a/t.md", "work/.hidden/t.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.relative_to(tmp_path).as_posix() for path in expand(tmp_path, pattern)] == names


def test_files_outside_are_left_out(tmp_path: Path) -> None:
    """A link may lead anywhere; what it leads to does not count."""
    (tmp_path / "outside.md").touch()
    change = tmp_path / "change"
    change.mkdir()
    (change / "tasks.md").symlink_to(tmp_path / "outside.md")
    assert expand(change, "tasks.md") == []
    assert expand(change, "*.md") == []
