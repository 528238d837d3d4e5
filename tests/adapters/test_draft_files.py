"""Drafts that wait, on disk."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.adapters.draft_files import DraftFiles, _from_json, _to_json
from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove, Draft, FileChange, draft_of
from workflow_cli.errors import DocumentError, UsageError

AT = "2026-03-01T12:00:00Z"
BYTES = st.one_of(st.none(), st.binary(max_size=30), st.text(max_size=30).map(lambda t: t.encode("utf-8", "replace")))
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def draft(after: bytes = b"b\n") -> Draft:
    return draft_of(
        [FileChange(path="openspec/specs/a/spec.md", before=b"\xff\r\n", after=after)],
        author=Author(kind=AuthorKind.MODEL, name="qwen"),
        operations=["one"],
        because="so",
        provenance={"question": "q1"},
        moves=[DirectoryMove(source="x", target="y")],
    )


def test_a_draft_comes_back_as_it_was(tmp_path: Path) -> None:
    """Whatever its bytes; readable by its owner only, and ignored by git."""
    files = DraftFiles(tmp_path)
    files.save(draft(), at=AT)
    assert files.load(draft().id) == draft()
    assert files.load(draft().hash) == draft()
    assert files.load(draft().id[:5]) == draft()
    assert files.ids() == [draft().id]
    place = tmp_path / ".workflow" / "drafts" / f"{draft().id}.json"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert (tmp_path / ".workflow" / ".gitignore").read_text() == "*\n"
    assert [p.name for p in place.parent.iterdir()] == [place.name]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.tuples(BYTES, BYTES), max_size=3), NAMES, st.one_of(st.none(), NAMES))
def test_every_draft_survives_its_json(
    files: dict[str, tuple[bytes | None, bytes | None]], name: str, because: str | None
) -> None:
    """Texts, bytes, files that come and go."""
    changes = [FileChange(path=path, before=before, after=after) for path, (before, after) in files.items()]
    one = draft_of(changes, author=Author(kind=AuthorKind.PERSON, name=name), because=because)
    assert _from_json(json.loads(_to_json(one, AT))) == one


def test_drafts_come_in_the_order_they_were_saved(tmp_path: Path) -> None:
    """And a dropped one is gone; dropping it twice does no harm."""
    files = DraftFiles(tmp_path)
    made = [draft(b"%d" % number) for number in range(3)]
    for number, one in enumerate(made):
        files.save(one, at=AT)
        os.utime(tmp_path / ".workflow" / "drafts" / f"{one.id}.json", (number, number))
    files.drop(made[1].id)
    files.drop(made[1].id)
    assert files.ids() == [made[0].id, made[2].id]
    assert files.load(made[1].id) is None


def test_a_short_id_that_fits_several_is_refused(tmp_path: Path) -> None:
    """With the ids it fits."""
    files = DraftFiles(tmp_path)
    for number in range(20):
        files.save(draft(b"%d" % number), at=AT)
    with pytest.raises(UsageError, match="fits"):
        files.load("")


@pytest.mark.parametrize(
    ("old", "new"),
    [('"b\\n"', '"c\\n"'), ('"schema": 1', '"schema": 2'), ("{", "["), ('"model"', '"king"'), ('"x"', "7")],
)
def test_a_damaged_draft_is_never_shown(tmp_path: Path, old: str, new: str) -> None:
    """Its texts must have the hash it is kept under."""
    files = DraftFiles(tmp_path)
    files.save(draft(), at=AT)
    place = tmp_path / ".workflow" / "drafts" / f"{draft().id}.json"
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new, 1))
    with pytest.raises(DocumentError, match="damaged") as raised:
        files.load(draft().id)
    assert raised.value.where == f".workflow/drafts/{draft().id}.json"


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Neither for a draft nor for the directory."""
    files = DraftFiles(tmp_path)
    files.save(draft(), at=AT)
    place = tmp_path / ".workflow" / "drafts" / f"{draft().id}.json"
    place.rename(tmp_path / "elsewhere.json")
    place.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(DocumentError):
        files.load(draft().id)
    place.unlink()
    place.parent.rmdir()
    place.parent.symlink_to(tmp_path)
    with pytest.raises(DocumentError):
        files.save(draft(), at=AT)
