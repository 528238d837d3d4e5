"""What has to be named before it may be lost."""

from __future__ import annotations

import pytest

from workflow_cli.domain.openspec.archiving.accepted_loss import CAN_BE_ACCEPTED, AcceptedLoss, at_stake
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, builtin

HEAD = "# auth\n\n## Purpose\nLets people in.\n\n## Requirements\n\n"


def stake(rule: str, text: str, line: int) -> tuple[str, ...]:
    document = Document(file="spec.md", data=text.encode())
    finding = builtin(rule, Level.ERROR, document.place(line), "m", refuses=True)
    return tuple(at_stake(finding, lambda file: document if file == "spec.md" else None))


@pytest.mark.parametrize("name", ["Sign in", "sign  in", "Requirement: Sign in", "### Requirement: Sign in"])
def test_a_name_may_be_written_as_in_the_document(name: str) -> None:
    """Case and spacing do not count, and neither does the heading's mark."""
    assert AcceptedLoss([name]).accepts("Sign in")


def test_other_names_are_not_accepted() -> None:
    """Not even part of the name is."""
    assert not AcceptedLoss(["Sign"]).accepts("Sign in")


def test_names_that_nothing_asked_for_are_unused() -> None:
    """As they were typed."""
    accepted = AcceptedLoss(["Sign in", "Backgruond"])
    accepted.accepts("Sign in")
    assert accepted.unused == ["Backgruond"]


def test_every_section_behind_the_first_goes_with_it() -> None:
    """OpenSpec names the first alone; all of them must be."""
    text = HEAD + "### Requirement: A\nIt SHALL.\n\n### Notes\nx\n\n### History\ny\n\n### Requirement: B\nIt SHALL.\n"
    assert stake("foreign-section-lost", text, text.split("\n").index("### Notes")) == ("Notes", "History")


def test_an_underlined_section_is_named_by_its_text() -> None:
    """The underline is no name."""
    text = HEAD + "### Requirement: A\nIt SHALL.\n\nBackground\n------\nx\n"
    assert stake("foreign-section-lost", text, text.split("\n").index("Background")) == ("Background",)


def test_all_that_an_open_fence_swallows_is_at_stake() -> None:
    """Every requirement after it."""
    text = HEAD + "### Requirement: A\n```\n\n### Requirement: B\nx\n\n### Requirement: C\ny\n"
    assert stake("unclosed-fence", text, text.split("\n").index("```")) == ("B", "C")


def test_all_that_is_read_differently_is_at_stake() -> None:
    """A fence on a list item hides what follows from OpenSpec."""
    fence = "- ```json\n  {}\n  ```\n\n"
    text = HEAD + f"### Requirement: A\nIt SHALL:\n{fence}#### Scenario: s\n\n### Requirement: B\nIt SHALL.\n"
    assert stake("misread-structure", text, text.split("\n").index("### Requirement: B")) == ("B",)


@pytest.mark.parametrize("rule", ["linked-directory", "not-utf8", "hidden-requirement", "unfilled-template"])
def test_what_is_hidden_or_garbled_is_never_accepted(rule: str) -> None:
    """It is no loss that somebody could want."""
    assert rule not in CAN_BE_ACCEPTED
    assert stake(rule, HEAD + "### Requirement: A\nIt SHALL.\n", 7) == ()


def test_a_place_that_cannot_be_read_puts_nothing_up() -> None:
    """Without the text nobody can tell what goes."""
    finding: Finding = builtin("hidden-duplicate", Level.ERROR, Document(file="x.md", data=b"").place(0), "m")
    assert at_stake(finding, lambda _file: None) == ()
