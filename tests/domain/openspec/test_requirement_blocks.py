"""Requirement blocks: header, name, text, scenarios."""

from __future__ import annotations

import pytest

from tests.domain.openspec.reading import HEAD, spec
from workflow_cli.domain.openspec.requirement import (
    Requirement,
    fold,
    has_keyword,
    lost_scenarios,
    requirement_name,
    scenario_name,
)


def only(body: str) -> Requirement:
    (found,) = spec(HEAD + body).requirements
    return found


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("### Requirement: A", "A"),
        ("###Requirement:A", "A"),
        ("### REQUIREMENT: A b  ", "A b"),
        ("### Requirement: A ###", "A"),
        ("### Requirement: C#", "C#"),
        ("### Requirement: A\u00a0#", "A\u00a0#"),
        ("###\u00a0Requirement:\u00a0A", "A"),
        ("### Requirement: Requirement: A", "Requirement: A"),
    ],
)
def test_headers_and_names(header: str, name: str) -> None:
    """Three hashes, optional space, any case; closing hashes only after a space or tab."""
    assert only(f"{header}\nIt SHALL.\n").name == name


@pytest.mark.parametrize(
    "line",
    [
        "### Requirement : A",
        "### Requirement:",
        "### Requirement：A",
        " ### Requirement: A",
        "## Requirement: A",
        "#### Requirement: A",
        "### Re\u017fquirement: A",
        "### Requirement\u2028: A",
        "- ### Requirement: A",
    ],
)
def test_no_headers(line: str) -> None:
    """Space before the colon, no name, another colon, indentation or another level."""
    assert spec(f"{HEAD}{line}\nIt SHALL.\n").requirements == ()


def test_a_block_ends_at_the_next_header_or_section() -> None:
    """A title of level 1 or 3 does not end it; white space at its end is no part of it."""
    found = spec(
        HEAD + "### Requirement: A\nIt SHALL.\n# H1\n### Group\ntext\n\n \n### Requirement: B\nB.\n## Notes\nkept\n"
    )
    assert [b.raw for b in found.requirements] == [
        "### Requirement: A\nIt SHALL.\n# H1\n### Group\ntext",
        "### Requirement: B\nB.",
    ]
    assert [(b.line, b.end) for b in found.requirements] == [(7, 14), (14, 16)]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("It SHALL.\nwrapped  ", "It SHALL.\nwrapped"),
        ("\n\n  It SHALL.\n\nmore", "It SHALL.\nmore"),
        ("**ID**: 1\nIt SHALL.", "It SHALL."),
        ("**ID**: 1\n**Rule**: it SHALL", "**ID**: 1\n**Rule**: it SHALL"),
        ("```\nSHALL\n```\nafter", "after"),
        ("one\n##### deep\ntwo", "one"),
        ("<!-- SHALL -->", "<!-- SHALL -->"),
        ("#### Scenario: s\ntext", ""),
    ],
)
def test_the_statement(body: str, text: str) -> None:
    """Lines up to the first heading, fences left out; metadata only where nothing else is."""
    assert only(f"### Requirement: A\n{body}\n").text == text


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("SHALL", True),
        ("it MUST.", True),
        ("MUSTя", True),
        ("SHALL_x", False),
        ("shall", False),
        ("MUSTARD", False),
        ("xSHALL", False),
        ("-MUST-", True),
    ],
)
def test_the_keyword(text: str, is_one: bool) -> None:
    """SHALL or MUST in capitals, between ASCII word boundaries."""
    assert has_keyword(text) is is_one


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("#### Scenario: S", "S"),
        ("#### S", "S"),
        ("####\tscenario:  S ##", "S"),
        ("#### Scenario: Scenario: S", "Scenario: S"),
        ("#### S#", "S#"),
    ],
)
def test_scenario_names(header: str, name: str) -> None:
    """Any level-4 title; `Scenario:` and closing hashes are no part of it."""
    assert scenario_name(header) == name
    assert [s.name for s in only(f"### Requirement: A\nIt SHALL.\n\n{header}\n- step\n").scenarios] == [name]


@pytest.mark.parametrize(
    "line", ["####Scenario: s", "**Scenario:** s", "##### Scenario: s", " #### Scenario: s", "- #### Scenario: s"]
)
def test_no_scenarios(line: str) -> None:
    """No space, no heading, another level, indentation."""
    assert only(f"### Requirement: A\nIt SHALL.\n\n{line}\n- step\n").scenarios == ()


def test_a_bare_marker_at_the_end_of_a_block_is_no_scenario() -> None:
    """The block is trimmed first, and takes the marker's space with it; the marker is then the text."""
    bare = only("### Requirement: A\n#### \n\n")
    assert bare.scenarios == ()
    assert bare.text == "####"


def test_a_scenario_in_a_fence_does_not_count() -> None:
    """And one with nothing below it is empty."""
    found = only("### Requirement: A\nIt.\n\n#### One\n\n#### Two\n```\n#### Three\n```\n")
    assert [(s.name, s.is_empty) for s in found.scenarios] == [("One", True), ("Two", False)]


def test_lost_scenarios_count_repetitions() -> None:
    """Two of one name in the old need two in the new."""
    old = only("### Requirement: A\n#### S\nx\n#### S\ny\n#### T\nz\n")
    new = only("### Requirement: A\n#### Scenario: S\nx\n#### U\nz\n")
    assert lost_scenarios(old, new) == ["S", "T"]


def test_folding_is_for_near_misses_only() -> None:
    """Case and runs of white space are folded, Unicode forms are not."""
    assert fold("Audit \t Trail ##") == fold("audit trail") == "audit trail"
    assert fold("\u00fc") != fold("u\u0308")
    assert requirement_name(" A  b ") == "A  b"
