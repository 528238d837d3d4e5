"""Which revision stands behind a line."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.review.blame import Unrecorded, Version, blame
from workflow_cli.domain.review.draft import Author, AuthorKind
from workflow_cli.domain.review.revision import Revision

texts = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n"]), max_size=8)


def revision(number: int) -> Revision:
    author = Author(kind=AuthorKind.PERSON, name="Ada")
    return Revision(number=number, id="", at="", author=author, files=(), draft="")


def version(number: int, before: str, after: str) -> Version:
    return Version(
        revision=revision(number),
        before=before.encode().splitlines(keepends=True),
        after=after.encode().splitlines(keepends=True),
    )


def told(versions: list[Version], current: str) -> list[int | str]:
    origins = blame(versions, current.encode().splitlines(keepends=True))
    return [o.number if isinstance(o, Revision) else o.value for o in origins]


def test_each_line_has_the_last_revision_that_changed_it() -> None:
    versions = [version(1, "a\nb\n", "a\nB\nc\n"), version(2, "a\nB\nc\n", "a\nB\nC\n")]
    assert told(versions, "a\nB\nC\n") == ["before the history", 1, 2]


def test_edits_by_other_hands_are_told_apart() -> None:
    """Between two revisions, and after the last."""
    versions = [version(1, "", "a\nb\nc\n"), version(2, "a\nX\nc\n", "a\nX\nC\n")]
    assert told(versions, "a\nX\nC\nY\n") == [1, "outside the history", 2, "outside the history"]


def test_without_a_revision_everything_was_there_before() -> None:
    assert blame([], [b"a\n", b"b\n"]) == [Unrecorded.BEFORE] * 2


@given(st.lists(texts, min_size=1, max_size=6))
def test_every_line_has_exactly_one_origin(states: list[list[bytes]]) -> None:
    """However often the text changes; and a line none of the revisions touched is nobody's."""
    versions = [
        Version(revision=revision(n), before=before, after=after)
        for n, (before, after) in enumerate(pairwise(states), 1)
    ]
    origins = blame(versions, states[-1])
    assert len(origins) == len(states[-1])
    if all(state == states[0] for state in states):
        assert set(origins) <= {Unrecorded.BEFORE}
