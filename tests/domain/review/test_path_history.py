"""Paths through moves."""

from __future__ import annotations

from workflow_cli.domain.review.draft import Author, AuthorKind, DirectoryMove
from workflow_cli.domain.review.path_history import place_after, place_before, touching, versions
from workflow_cli.domain.review.revision import FileRevision, Revision

ADA = Author(kind=AuthorKind.PERSON, name="Ada")
MOVES = [DirectoryMove(source="a", target="b/c"), DirectoryMove(source="b", target="d")]


def revision(number: int, *paths: str, moves: tuple[tuple[str, str], ...] = ()) -> Revision:
    return Revision(
        number=number,
        id="",
        at="",
        author=ADA,
        files=tuple(FileRevision(path=path, before=None, after=str(number)) for path in paths),
        moves=tuple(DirectoryMove(source=s, target=t) for s, t in moves),
        draft="",
    )


#: `x` is written, archived, and a new `x` begun; `xy` only looks alike.
HISTORY = [
    revision(1, "x/f", "xy/f"),
    revision(2, "x/f", moves=(("x", "old/x"),)),
    revision(3, "x/f"),
    revision(4, "old/x/f"),
    revision(5, "xy/f"),
]


def numbers(path: str) -> list[int]:
    return [r.number for r in touching(HISTORY, path)]


def test_moves_are_followed_in_order_and_back() -> None:
    assert place_after("a/f", MOVES) == "d/c/f"
    assert place_before("d/c/f", MOVES) == "a/f"
    assert place_before("a/f", MOVES) is None
    assert place_after("ab/f", MOVES) == place_before("ab/f", MOVES) == "ab/f"


def test_a_file_is_known_under_the_names_it_had() -> None:
    assert numbers("old/x/f") == [1, 2, 4]


def test_an_old_name_stands_for_all_that_had_it() -> None:
    assert numbers("x/f") == [1, 2, 3, 4]


def test_a_directory_stands_for_what_is_in_it() -> None:
    assert numbers("old/x") == [1, 2, 4]
    assert numbers("xy") == [1, 5]
    assert numbers("nowhere") == []


def test_the_versions_of_a_file_leave_its_namesakes_out() -> None:
    assert [r.number for r, _ in versions(reversed(HISTORY), "old/x/f")] == [4, 2, 1]
    assert [r.number for r, _ in versions(reversed(HISTORY), "x/f")] == [3]
