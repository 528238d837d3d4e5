"""The quick ways through ordinary text read what the long ways read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.fence import text_mask
from workflow_cli.domain.openspec.heading import headings
from workflow_cli.domain.openspec.requirement import read_blocks, statement
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.text import js, trim
from workflow_cli.domain.openspec.written import written_delta, written_requirements

pieces = st.sampled_from(
    [
        *(
            "#",
            "##",
            "### ",
            "#### ",
            "####### ",
            "## Requirements",
            "### Requirement: A",
            "#### Scenario: B",
            "# Title",
        ),
        *("###Requirement: C", "### Requirement: ", "## ADDED Requirements", "####", "a", "It SHALL.", "**Status**: x"),
        *(
            " ",
            "  ",
            "\t",
            "\u3000",
            "\u2028",
            "\x1c",
            "\ufeff",
            "\x85",
            "#\ta",
            "```",
            "~~~",
            "- ```",
            "<!--",
            "-->",
            "<pre>",
        ),
    ]
)
lines = st.lists(st.lists(pieces, max_size=3).map("".join), max_size=14)
documents = lines.map(lambda found: Document("openspec/specs/a/spec.md", "\n".join(found).encode()))

ANY = js(r"(#{1,6})\s+")
TITLED = js(r"(#{1,6})\s+(.+)$")


@given(documents)
def test_headings_are_what_the_patterns_say(document: Document) -> None:
    """Where a heading is written as usual, the patterns are not asked."""
    expected = []
    for index, line in enumerate(document.lines):
        if (boundary := ANY.match(line)) and not document.openspec_mask[index]:
            full = TITLED.match(line)
            expected.append((index, len(boundary[1]), trim(full[2]) if full else None))
    assert [tuple(h) for h in headings(document.lines, document.openspec_mask)] == expected
    assert [tuple(h) for h in headings(document.lines, document.openspec_mask, document.hash_lines)] == expected


@given(documents)
def test_outline_statements_are_those_of_each_section_by_itself(document: Document) -> None:
    """A section that holds no fence is not copied out and trimmed first."""
    spec = read_spec("a", document)
    for requirement in spec.outline:
        level = next(h.level for h in spec.headings if h.line == requirement.line)
        below = [h.line for h in spec.headings if h.line > requirement.line and h.level <= level]
        content = trim("\n".join(document.lines[requirement.line + 1 : min(below, default=len(document.lines))]))
        own = content.split("\n")
        assert requirement.text == (statement(own, text_mask(content, own)) or requirement.title)


@given(documents)
def test_blocks_are_found_among_header_lines(document: Document) -> None:
    """Beginning with `#` is all that a header needs."""
    for mask in (document.openspec_mask, document.commonmark_mask):
        whole = (document.lines, mask, 0, len(document.lines))
        assert read_blocks(*whole, document.hash_lines) == read_blocks(*whole)


@given(documents)
def test_where_both_readings_agree_people_read_openspecs_blocks(document: Document) -> None:
    """And those outside its section, as if the whole had been read for them alone."""
    found, _ = read_blocks(document.lines, document.commonmark_mask, 0, len(document.lines))
    assert list(written_requirements(read_spec("a", document))) == found
    assert written_delta("a", document).mask == document.commonmark_mask
