"""Delta files: sections, removals, renames, and what is passed over."""

from __future__ import annotations

import pytest

from tests.domain.openspec.reading import block, delta, section
from workflow_cli.domain.openspec.delta import Operation, is_nameless


@pytest.mark.parametrize(
    "header",
    ["## ADDED Requirements", "##  added requirements  ", "##\tAdded Requirements", "##\u00a0ADDED Requirements"],
)
def test_section_headers(header: str) -> None:
    """Two hashes, white space, the title in any case."""
    assert [b.name for b in delta(f"{header}\n{block('A')}").added] == ["A"]


@pytest.mark.parametrize(
    "header",
    [
        "## ADDED  Requirements",
        "## ADDED Requirements ##",
        "## ADDED Requirements (new)",
        "# ADDED Requirements",
        "### ADDED Requirements",
        "## ADDED Requirement",
        " ## ADDED Requirements",
        "##ADDED Requirements",
    ],
)
def test_no_section_headers(header: str) -> None:
    """Any other spelling is another section, or none."""
    found = delta(f"{header}\n{block('A')}")
    assert found.is_empty
    assert [o.name for o in found.orphans] == ["A"]


def test_a_file_without_any_section() -> None:
    """Nothing is read from it, and nothing fails."""
    found = delta("just text\n")
    assert found.sections == ()
    assert found.operations_present == ()
    assert found.is_empty


def test_repeated_sections_are_merged() -> None:
    """In file order."""
    text = section("ADDED", block("A")) + section("REMOVED") + section("added", block("B"))
    assert [b.name for b in delta(text).added] == ["A", "B"]
    assert delta(text).operations_present == (Operation.ADDED, Operation.REMOVED)


@pytest.mark.parametrize(
    "line",
    [
        "### Requirement: A",
        "###requirement:A",
        "- `### Requirement: A`",
        "* ### Requirement: A",
        "+ `###Requirement: A`",
        "  - ### Requirement: A ##",
        "-### Requirement: A",
        "- ### Requirement: A`",
    ],
)
def test_removals(line: str) -> None:
    """Headers, or bullets of any kind that carry one."""
    assert [r.name for r in delta(f"## REMOVED Requirements\n{line}\n").removed] == ["A"]


@pytest.mark.parametrize(
    "line", ["- A", "- Requirement: A", "1. ### Requirement: A", "- ### requirement: A", "```\n### Requirement: A\n```"]
)
def test_no_removals(line: str) -> None:
    """Plain names, numbers, a bullet in lower case, a fence."""
    found = delta(f"## REMOVED Requirements\n{line}\n")
    assert found.removed == ()
    assert found.operations_present == (Operation.REMOVED,)


@pytest.mark.parametrize(
    "line",
    [
        "- {}: `### Requirement: {}`",
        "{}: ### Requirement: {}",
        "* {}:###Requirement: {}",
        "  + {}: `### Requirement: {}",
    ],
)
def test_renames(line: str) -> None:
    """Optional bullet and backtick; FROM, then its TO."""
    text = f"## RENAMED Requirements\n{line.format('FROM', 'A')}\ntext\n{line.format('TO', 'B')}\n"
    (found,) = delta(text).renamed
    assert (found.source, found.target, found.line, found.target_line) == ("A", "B", 1, 3)


@pytest.mark.parametrize("line", ["- {}: A", "- **{}:** `### Requirement: A`", "- {} : ### Requirement: A"])
def test_no_renames(line: str) -> None:
    """Names without a header, or markers in bold."""
    found = delta(f"## RENAMED Requirements\n{line.format('FROM')}\n{line.format('TO')}\n")
    assert (found.renamed, found.unpaired_renames) == ((), ())


def test_unpaired_renames() -> None:
    """A FROM before another FROM, a TO without FROM, a FROM at the section's end."""
    lines = [
        "FROM: ### Requirement: A",
        "FROM: ### Requirement: B",
        "TO: ### Requirement: C",
        "TO: ### Requirement: D",
        "FROM: ### Requirement: E",
    ]
    found = delta(
        "## RENAMED Requirements\n" + "\n".join(lines) + "\n## RENAMED Requirements\nTO: ### Requirement: F\n"
    )
    assert [(r.source, r.target) for r in found.renamed] == [("B", "C")]
    assert [(u.side, u.name) for u in found.unpaired_renames] == [
        ("FROM", "A"),
        ("TO", "D"),
        ("FROM", "E"),
        ("TO", "F"),
    ]


def test_orphans_stand_outside_the_delta_sections() -> None:
    """Above the first section, or in another one."""
    found = delta("### Requirement: A\n## Notes\n### Requirement: B\n" + section("ADDED", block("C")))
    assert [(o.name, o.section, o.line) for o in found.orphans] == [("A", None, 0), ("B", "Notes", 2)]


def test_other_headers_are_skipped_and_stay_in_their_block() -> None:
    """In ADDED and MODIFIED; also one whose name was forgotten."""
    found = delta(section("ADDED", "### Group\n", "### Requirement: A\nIt SHALL.\n### Requirement:\nrest\n"))
    assert [(s.header, s.line) for s in found.skipped_headers] == [("Group", 2), ("Requirement:", 5)]
    assert found.added[0].raw.endswith("### Requirement:\nrest")
    assert [is_nameless(s.header) for s in found.skipped_headers] == [False, True]
