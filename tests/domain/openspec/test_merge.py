"""Applying a delta to a main spec, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.openspec.reading import HEAD, PURPOSE, block, delta, document, merged, removal, rename, section
from workflow_cli.domain.openspec.merge import merge
from workflow_cli.domain.openspec.operations import MergeRefused
from workflow_cli.domain.openspec.rebuild import with_line_ends_of
from workflow_cli.domain.openspec.requirement import Requirement

AB = HEAD + block("A") + block("B")


def names(text: str) -> list[str]:
    return [line.removeprefix("### Requirement: ") for line in text.split("\n") if line.startswith("### Requirement:")]


def test_operations_keep_their_slots_and_additions_come_last() -> None:
    """Renamed in place, removed out, modified in place, added behind, even under a freed name."""
    text = section("ADDED", block("B", "New.")) + removal("B").replace("B", "C") + section("RENAMED", rename("A", "Z"))
    result = merged(HEAD + block("A") + block("C") + block("D"), text)
    assert names(result.text) == ["Z", "D", "B"]
    assert (result.added, result.modified, result.removed, result.renamed) == (1, 0, 1, 1)


def test_chains_of_renames() -> None:
    """A to B works once B is C; a change of case alone works too."""
    assert names(merged(AB, section("RENAMED", rename("B", "C"), rename("A", "B"))).text) == ["B", "C"]
    assert names(merged(AB, section("RENAMED", rename("A", "a"))).text) == ["a", "B"]


@pytest.mark.parametrize(
    "text",
    [
        section("RENAMED", rename("A", "B"), rename("B", "A")),
        section("RENAMED", rename("A", "B")) + removal("B"),
        section("RENAMED", rename("X", "Y")),
        section("RENAMED", rename("A", "b")),
        removal("a"),
        section("MODIFIED", block("X")),
        section("MODIFIED", block("A", scenario="other")),
        section("ADDED", block("A", "It SHALL differ.")),
        section("ADDED", block("a")),
        section("ADDED", block("X"), block("X")),
        section("RENAMED", "FROM: ### Requirement: A\n"),
        "nothing\n",
    ],
)
def test_refusals(text: str) -> None:
    """Swaps, targets taken or missing, near misses in case, lost scenarios, repetitions, unpaired, empty."""
    with pytest.raises(MergeRefused):
        merged(AB, text)


def test_what_was_carried_out_already_changes_nothing() -> None:
    """An identical ADDED, a REMOVED that is gone, a RENAMED whose target is there, an identical MODIFIED."""
    text = section("ADDED", block("A")) + removal("X") + section("RENAMED", rename("Y", "B"))
    result = merged(AB, text)
    assert result.is_noop
    assert result.already_removed == ("X",)
    assert merged(AB, section("MODIFIED", block("A"))).is_noop


def test_the_rest_of_the_file_stays() -> None:
    """Front matter, preamble, later sections; blank lines outside fences fold to one, the end is one newline."""
    fenced = block("A", "It SHALL.\n```\n\n\n\n```")
    main = f"---\nt: 1\n---\n{HEAD}Preamble.\n\n\n\n{fenced}\n\n## Notes\nkept\n\n\n"
    text = merged(main, section("ADDED", block("B"))).text
    assert text.startswith("---\nt: 1\n---\n# auth\n")
    assert "Preamble.\n\n### Requirement: A" in text
    assert "```\n\n\n\n```" in text
    assert text.endswith("- **THEN** it ends\n\n## Notes\nkept\n")


def test_a_new_spec() -> None:
    """Its Purpose from the delta, or the placeholder; a Purpose that would hide headings is not carried."""
    assert merged(None, f"## Purpose\n{PURPOSE}\n" + section("ADDED", block("A"))).text == (
        f"# auth Specification\n\n## Purpose\n{PURPOSE}\n\n## Requirements\n\n{block('A').rstrip()}\n"
    )
    assert "TBD - created by archiving change c." in merged(None, section("ADDED", block("A"))).text
    assert "TBD - created" in merged(None, "## Purpose\ntext <!-- x -->\n" + section("ADDED", block("A"))).text


@pytest.mark.parametrize("text", [section("MODIFIED", block("A")), section("RENAMED", rename("A", "B"))])
def test_a_new_spec_takes_additions_only(text: str) -> None:
    """A REMOVED is passed over with a note."""
    with pytest.raises(MergeRefused):
        merged(None, text)
    assert merged(None, section("ADDED", block("A")) + removal("B")).notes


def test_a_main_spec_with_structure_errors_is_refused() -> None:
    """It must be repaired first."""
    with pytest.raises(MergeRefused, match="repaired"):
        merged(HEAD + block("A") + block("A"), section("ADDED", block("B")))


def test_a_spec_without_the_section_gets_one_and_keeps_its_bytes() -> None:
    """Byte-order mark and line ends of the rest included."""
    assert merged("\ufeff# T\r\ntext\r\n\r\n", section("ADDED", block("A"))).text.startswith(
        "\ufeff# T\r\ntext\n\n## Requirements\n\n### "
    )


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("a\r\nb\r\nc\n", "x\r\ny\r\n"),
        ("a\r\nb\n", "x\r\ny\r\n"),
        ("a\nb\nc\r\n", "x\ny\n"),
        ("a\rb\r", "x\ny\n"),
        ("", "x\ny\n"),
    ],
)
def test_line_ends_follow_the_majority(original: str, expected: str) -> None:
    """CRLF on a tie; LF for CR alone and for a new file."""
    assert with_line_ends_of("x\ny\n", original) == expected


NAMES = st.lists(st.sampled_from(list("CDEFGHIJ")), min_size=1, max_size=5, unique=True)


@given(NAMES)
def test_additions_applied_twice_change_nothing_more(fresh: list[str]) -> None:
    """The second time every ADDED is found identical, and the bytes stay."""
    text = section("ADDED", *(block(name) for name in fresh))
    once = merged(AB, text)
    again = merge(delta(text), document(once.to_bytes()), "c")
    assert again is not None
    assert again.is_noop
    assert again.to_bytes() == once.to_bytes()


@given(NAMES)
def test_what_is_added_can_be_removed(fresh: list[str]) -> None:
    """Adding and then removing gives the tidied original."""
    added = merged(AB, section("ADDED", *(block(name) for name in fresh)))
    assert merged(added.to_bytes(), removal(*fresh)).to_bytes() == (AB.rstrip() + "\n").encode()


@given(NAMES, st.randoms(use_true_random=False))
def test_order_of_untouched_requirements_stays(fresh: list[str], random: object) -> None:
    """Whatever is added."""
    result = names(merged(AB, section("ADDED", *(block(name) for name in fresh))).text)
    assert result == ["A", "B", *fresh]


def test_work_grows_with_the_size_and_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """n additions to n requirements look at 2n blocks, however large n is."""
    counts: list[int] = []
    reads = 0
    original = Requirement.raw.func

    def counting(block: Requirement) -> str:
        nonlocal reads
        reads += 1
        return str(original(block))

    monkeypatch.setattr(Requirement, "raw", property(counting))
    for n in (50, 100):
        reads = 0
        merged(
            HEAD + "".join(block(f"Old {i}") for i in range(n)),
            section("ADDED", *(block(f"New {i}") for i in range(n))),
        )
        counts.append(reads)
    assert counts[1] <= 2 * counts[0]
