"""Requirements put back as they were, beside what became of the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.review.put_back import put_back
from workflow_cli.domain.review.touched import touched_requirements

HEAD = "# a Specification\n\n## Purpose\nSays what a does.\n\n## Requirements\n\n"
NAMES = ("One", "Two", "Three", "Four", "Five")
Versions = dict[str, int]


def spec(versions: Versions, tail: str = "") -> bytes:
    blocks = [f"### Requirement: {name}\nIt SHALL do {number}.\n" for name, number in versions.items()]
    return (HEAD + "\n".join(blocks) + tail).encode()


def versions(*, least: int = 0) -> st.SearchStrategy[Versions]:
    return st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3), min_size=least)


@given(
    before=versions(least=1), archive=versions(), later=versions(), tail=st.sampled_from(["", "\n## Notes\nSome.\n"])
)
def test_what_the_edit_did_is_gone_and_what_came_later_stays(
    before: Versions, archive: Versions, later: Versions, tail: str
) -> None:
    """For any requirements added, changed and removed by one edit, and others added and changed after it."""
    # Three is removed by the edit wherever it stood.
    after = {name: number for name, number in {**before, **archive}.items() if name != "Three"}
    if not after:
        return
    old, new = spec(before, tail), spec(after, tail)
    undone = touched_requirements(old, new)
    since = {name: number for name, number in later.items() if name not in undone and name != "Three"}
    current = spec({**after, **since}, tail)
    result = put_back(old, new, current)
    expected = {
        **{n: v for n, v in after.items() if n not in undone},
        **{n: before[n] for n in undone & {*before}},
        **since,
    }
    if not expected:
        return
    assert result is not None
    assert touched_requirements(spec(expected, tail), result) == set()
    if not since:
        assert result == old


def test_the_text_around_the_requirements_is_not_guessed_at() -> None:
    """Nor are two of one name told apart."""
    old, new = spec({"One": 1}), spec({"One": 1, "Two": 1})
    assert put_back(old.replace(b"Says", b"Tells"), new, new) is None
    twice = spec({"One": 1}) + b"\n### Requirement: One\nIt SHALL do 2.\n"
    assert put_back(twice, twice + b"\n### Requirement: Two\nIt SHALL.\n", twice) is None
