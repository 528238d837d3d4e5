"""What archiving would do: the gates before the merge, the check after it, and retiring a capability."""

from __future__ import annotations

import pytest

from tests.domain.openspec.reading import HEAD, block, change, document, removal, section
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.metadata import Marker
from workflow_cli.domain.openspec.rehearse import Rehearsal, rehearse
from workflow_cli.domain.openspec.validate_change import validate_change

A = HEAD + block("A")


def rehearsed(subject: Change, main: str | None = A) -> Rehearsal:
    mains = {"auth": document(main)} if main is not None else {}
    return rehearse(subject, mains.get, validate_change(subject, mains.get))


def test_what_would_be_written() -> None:
    """The bytes of every spec that really changes."""
    result = rehearsed(change(section("ADDED", block("B"))))
    assert result.refusal is None
    assert result.written == (("auth", (A + block("B")).rstrip().encode() + b"\n"),)


def test_a_change_that_is_in_sync_writes_nothing() -> None:
    """It is merged all the same."""
    result = rehearsed(change(section("ADDED", block("A"))))
    assert (result.refusal, result.written, len(result.merged)) == (None, (), 1)


def test_a_change_without_operations_passes() -> None:
    """Validation fails it; archiving moves it and touches nothing."""
    assert rehearsed(change()).refusal is None


@pytest.mark.parametrize(
    "subject",
    [
        change(section("ADDED", "### Requirement: B\nIt SHALL.\n")),
        change(section("MODIFIED", block("Missing"))),
        change("no delta section\n"),
        change(has_root_spec=True),
        change(skip_specs=Marker(problem="no schema")),
        change("notes\n", skip_specs=Marker(declared=True)),
        change(stray_documents=(("x.md", document(section("ADDED", block("B")))),)),
        change(nested_changes=("c/one",)),
        change(removal("A")),
    ],
)
def test_refusals(subject: Change) -> None:
    """Delta errors, merge errors, nothing to merge, strays, bad markers, folders, and an empty result."""
    assert rehearsed(subject).refusal is not None


def test_the_merged_spec_must_be_valid() -> None:
    """An error that was there before stops the archive as well."""
    result = rehearsed(change(section("ADDED", block("B"))), HEAD + "### Requirement: Bare\nIt SHALL.\n")
    assert result.refusal is not None


def test_one_refusal_stops_every_spec() -> None:
    """Nothing is written where one of two deltas cannot be merged."""
    result = rehearsed(change(section("ADDED", block("B")), section("MODIFIED", block("X"))))
    assert result.refusal is not None
    assert result.written == ()


RETIRING = Marker(declared=True)


def test_a_capability_retires_with_its_last_requirement() -> None:
    """When the metadata says so, and the file holds nothing else."""
    assert rehearsed(change(removal("A"), retire_capabilities=RETIRING)).retired == ("auth",)


@pytest.mark.parametrize(
    "main",
    [
        HEAD + "A preamble.\n\n" + block("A"),
        A + "## Notes\nkept\n",
        "Before the title.\n" + A,
        A + "- a bullet after the scenario\n",
        A + "Underlined\n---\n",
        A.replace("It SHALL", "| a |\n|---|\nIt SHALL").replace("The system", "| a |\n|---|\n\nThe system"),
        A.replace("## Purpose\n", "## Purpose\n<h2>Hidden</h2>\n"),
        A + "### Group\ntext\n",
    ],
)
def test_other_text_keeps_it(main: str) -> None:
    """Preamble, other sections, loose bullets, underlined headings, tables, HTML headings."""
    result = rehearsed(change(removal("A"), retire_capabilities=RETIRING), main)
    assert result.retired == ()
    assert result.refusal is not None


def test_a_spec_that_had_no_requirement_is_not_retired() -> None:
    """Nothing was removed from it in this change."""
    assert rehearsed(change(removal("A"), retire_capabilities=RETIRING), HEAD).retired == ()
