"""Small trees written as one text."""

from __future__ import annotations

from workflow_cli.domain.openspec.rules.example import example_files, read_tree


def test_a_requirement_alone_becomes_a_spec() -> None:
    """Most rules need no more."""
    (spec,) = read_tree({p: t.encode() for p, t in example_files("### Requirement: A\nB\n").items()}).specs
    assert [r.name for r in spec.requirements] == ["A"]


def test_file_lines_open_files() -> None:
    """The path is given from the `openspec` folder."""
    assert example_files("==> specs/a/spec.md <==\none\n==> changes/b/tasks.md <==\ntwo\n") == {
        "specs/a/spec.md": "one\n",
        "changes/b/tasks.md": "two\n",
    }


def test_archived_changes_are_not_read() -> None:
    """They are history."""
    assert read_tree({"changes/archive/a/proposal.md": b"x", "changes/b/proposal.md": b"x"}).changes[0].name == "b"
