"""When a finding counts as the same finding."""

from __future__ import annotations

import pytest

from workflow_cli.app.finding_key import FindingKey, digests_of
from workflow_cli.app.report import Item, ItemKind
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place

ITEM = Item(kind=ItemKind.CHANGE, id="c", file="f", valid=False)


def key(message: str, path: str = "p") -> FindingKey:
    place = Place(file="f", line=1)
    return FindingKey.of(
        ITEM, Finding(rule="r", level=Level.ERROR, path=path, message=message, origin=Origin.OPENSPEC, place=place)
    )


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ("line 3: wrong", "line 14: wrong"),
        ("lines 3-5 repeat", "lines 9-11 repeat"),
        ("lines 3 and 5 clash", "lines 7 and 9 clash"),
        ("same as spec.md:3:1", "same as spec.md:40:9"),
        ("broken\n  over lines", "broken over lines"),
    ],
)
def test_line_numbers_and_spacing_do_not_count(then: str, now: str) -> None:
    """Text above the finding was edited; the finding is the same."""
    assert key(then) == key(now)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at least 1 delta", "at least 2 delta"),
        ("HTTP 404", "HTTP 500"),
        ("at 10:30", "at 10:45"),
        ("step 3 of outline 4", "step 3 of outline 5"),
        ('"Log in"', '"Log out"'),
    ],
)
def test_everything_else_counts(one: str, other: str) -> None:
    """Numbers that are no line numbers, and names."""
    assert key(one) != key(other)


def test_positions_in_lists_do_not_count() -> None:
    """A requirement added above shifts the ones below."""
    assert key("m", "requirements[0].scenarios[2]") == key("m", "requirements[7].scenarios[0]")
    assert key("m", "requirements[0]") != key("m", "scenarios[0]")


def test_a_digest_is_of_the_whole_key() -> None:
    """No two keys run together, and the occurrence makes another digest."""
    assert key("m", "p\0").digest() != key("\0m", "p").digest()
    assert key("m").digest() == key("m").digest() != key("m").digest(1)


def test_findings_of_one_key_are_counted_in_the_order_of_their_places() -> None:
    """Whatever order they come in; the first has the digest of the key."""

    def at(line: int, message: str = "m") -> Finding:
        place = Place(file="f", line=line)
        return Finding(rule="r", level=Level.ERROR, path="p", message=message, origin=Origin.OPENSPEC, place=place)

    same = key("m")
    assert digests_of(ITEM, [at(9), at(2, "other"), at(3)]) == [same.digest(1), key("other").digest(), same.digest()]
