"""Approvals as files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rights import only_what_modes_allow
from workflow_cli.adapters.approval_files import ApprovalFilesOnDisk, parse, render
from workflow_cli.domain.review.approval import Approval, Decision
from workflow_cli.domain.review.approval_record import approval_paths, is_approval_path, record_of
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, FileChange, draft_of
from workflow_cli.domain.review.policy import Reason
from workflow_cli.errors import DocumentError

DRAFT = draft_of(
    [
        FileChange(path="openspec/changes/add-login/tasks.md", before=b"a", after=b"b"),
        FileChange(path="openspec/changes/add-login/new.md", before=None, after=b"b"),
    ],
    author=Author(kind=AuthorKind.MODEL, name="qwen"),
    operations=["tick 1.1", "write: new"],
    moves=[DirectoryMove(source="openspec/changes/add-login", target="openspec/changes/archive/x")],
)
RECORD = record_of(
    DRAFT,
    Approval(
        draft=DRAFT.hash, decision=Decision.APPROVED, by="Jo <jo@x>", because="yes: it is", at="2026-03-01T12:00:00Z"
    ),
    [Reason(rule="model-written", path="a", line=None, message="written by qwen")],
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def test_a_record_comes_back_as_it_was() -> None:
    """And knows its draft again."""
    assert parse(render(RECORD), "a.yaml") == RECORD
    assert RECORD.is_whole
    assert not replace(RECORD, files=RECORD.files[:1]).is_whole
    assert not replace(RECORD, moves=()).is_whole


@settings(max_examples=80, deadline=None)
@given(TEXT, TEXT, st.lists(TEXT, max_size=3), st.sampled_from(Decision), st.one_of(st.none(), st.integers(1, 99)))
def test_every_text_survives(by: str, because: str, what: list[str], decision: Decision, line: int | None) -> None:
    """Colons, quotes, line ends, every script."""
    record = replace(
        RECORD,
        approval=replace(RECORD.approval, by=by, because=because, decision=decision),
        operations=tuple(what),
        reasons=(Reason(rule="r", path=by, line=line, message=because),),
    )
    assert parse(render(record), "a.yaml") == record


def test_people_can_read_it() -> None:
    """Decision and reason first, hashes last."""
    lines = render(RECORD).decode().splitlines()
    assert lines[:8] == [
        "# Written by `workflow review`. It holds for exactly this draft: edit neither this file nor, without a new approval,",
        "# the files it names.",
        "schema: 1",
        f"draft: {DRAFT.hash}" if DRAFT.hash[0].isalpha() else f'draft: "{DRAFT.hash}"',
        "decision: approved",
        "by: Jo <jo@x>",
        'at: "2026-03-01T12:00:00Z"',
        'because: "yes: it is"',
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("decision: approved", "decision: maybe", 5),
        ("schema: 1", "schema: 9", 3),
        ("by: Jo <jo@x>", "by: [Jo]", 6),
        ("by: Jo <jo@x>\n", "", None),
        ("kind: model", "kind: king", 10),
        ("line: null", "line: many", 18),
    ],
)
def test_a_broken_approval_is_named_with_its_line(old: str, new: str, line: int | None) -> None:
    """It never counts for a yes."""
    text = render(RECORD).decode()
    assert old in text
    with pytest.raises(DocumentError, match="not an approval") as raised:
        parse(text.replace(old, new).encode(), "a.yaml")
    assert raised.value.where == ("a.yaml" if line is None else f"a.yaml:{line}")


@pytest.mark.parametrize("data", [b"", b"- a\n", b"a: [\n", b"\xff", b"schema: 1\nfiles: 3\n"])
def test_other_yaml_is_no_approval(data: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(DocumentError):
        parse(data, "a.yaml")


def test_all_approvals_are_found(tmp_path: Path) -> None:
    """Those of open and archived changes, and the common ones; nothing else."""
    wanted = [
        "openspec/approvals/a.yaml",
        "openspec/changes/add-login/approvals/b.yaml",
        "openspec/changes/archive/2026-01-01-old/approvals/c.yaml",
    ]
    for path in [*wanted, "openspec/changes/add-login/approvals/notes.md", "openspec/specs/approvals/d.yaml"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
    assert ApprovalFilesOnDisk(tmp_path).paths() == wanted
    assert all(is_approval_path(path) for path in wanted)
    assert not is_approval_path("openspec/specs/approvals/d.yaml")
    assert ApprovalFilesOnDisk(tmp_path / "nowhere").paths() == []


def test_changes_that_may_not_be_looked_at_are_told(tmp_path: Path) -> None:
    """Their names can be had, and nothing else: whether an approval is among them nobody knows."""
    changes = tmp_path / "openspec/changes"
    (changes / "add-login").mkdir(parents=True)
    changes.chmod(0o400)
    with only_what_modes_allow(), pytest.raises(DocumentError, match="cannot read: Permission denied"):
        ApprovalFilesOnDisk(tmp_path).paths()
    changes.chmod(0o700)


def test_where_an_approval_lies() -> None:
    """In the change; in the common directory for a draft that is about none, or about several."""

    def paths(*names: str) -> tuple[str, ...]:
        draft = draft_of(
            [FileChange(path=name, before=b"", after=b"x") for name in names],
            author=Author(kind=AuthorKind.PERSON, name="Jo"),
        )
        return tuple(path.replace(draft.id, "ID") for path in approval_paths(draft))

    assert paths("openspec/changes/a/tasks.md") == (
        "openspec/changes/a/approvals/ID.yaml",
        "openspec/approvals/ID.yaml",
    )
    assert paths("openspec/changes/a/tasks.md", "openspec/specs/b/spec.md")[0] == "openspec/changes/a/approvals/ID.yaml"
    assert paths("openspec/changes/a/tasks.md", "openspec/changes/b/tasks.md") == ("openspec/approvals/ID.yaml",)
    assert paths("openspec/specs/b/spec.md") == ("openspec/approvals/ID.yaml",)
    assert paths("openspec/changes/archive/2026-01-01-a/tasks.md") == ("openspec/approvals/ID.yaml",)
