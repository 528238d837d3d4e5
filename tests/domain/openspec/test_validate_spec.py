"""OpenSpec's rules for a main spec, and how it finds Purpose and Requirements."""

from __future__ import annotations

import pytest

from tests.domain.openspec.reading import HEAD, PURPOSE, block, spec
from workflow_cli.domain.openspec.purpose import purpose_section
from workflow_cli.domain.openspec.validate_spec import validate_spec


def found(text: str | bytes) -> list[tuple[str, str, str, int | None]]:
    return [(f.rule, str(f.level), f.path, f.line) for f in validate_spec(spec(text))]


def with_purpose(purpose: str) -> str:
    return f"## Purpose\n{purpose}\n\n## Requirements\n{block('A')}"


def test_a_sound_spec_has_no_finding() -> None:
    """Nor with CRLF, a byte-order mark, or titles in other cases and levels."""
    assert found(HEAD + block("A")) == []
    assert found("\ufeff" + (HEAD + block("A")).replace("\n", "\r\n")) == []
    assert found((HEAD + block("A")).replace("## Purpose", "# purpose")) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"## Requirements\n{block('A')}",
        f"## Purpose\n\n## Requirements\n{block('A')}",
        f"Purpose\n---\n{PURPOSE}\n",
    ],
)
def test_no_purpose_stops_everything(text: str) -> None:
    """Missing, empty or underlined."""
    assert found(text) == [("spec-purpose-missing", "ERROR", "file", None)]


@pytest.mark.parametrize("header", ["## Requirements ##", " ## Requirements", "Requirements\n---", "##Requirements"])
def test_no_requirements_section_stops_everything(header: str) -> None:
    """These are other titles, or none."""
    assert found(f"## Purpose\n{PURPOSE}\n\n{header}\n{block('A')}") == [
        ("spec-requirements-missing", "ERROR", "file", None)
    ]


def test_an_empty_section() -> None:
    """No requirement at all."""
    assert found(HEAD) == [("spec-empty", "ERROR", "requirements", None)]


def test_a_requirement_without_scenario_is_reported_twice() -> None:
    """As an ERROR with dots and a WARNING with brackets; a header without body is no scenario."""
    twice = [
        ("requirement-has-scenario", "ERROR", "requirements.1.scenarios", None),
        ("requirement-has-scenario", "WARNING", "requirements[1].scenarios", None),
    ]
    assert found(HEAD + block("A") + "### Requirement: B\nIt SHALL.\n") == twice
    assert found(HEAD + block("A") + "### Requirement: B\nIt SHALL.\n\n#### Scenario: bare\n") == twice


def test_any_subsection_is_a_requirement_of_the_outline() -> None:
    """Its level and title do not matter, nor the level of its scenarios."""
    assert found(HEAD + "### Anything\nIt.\n##### Deep\nstep\n") == []


def test_structure() -> None:
    """Delta headers, requirements outside, exact duplicates: each with its line."""
    text = HEAD + block("A") + block("A") + "## ADDED Requirements\n" + block("B")
    assert [(rule, line) for rule, level, path, line in found(text) if path == "file"] == [
        ("duplicate-requirement", 15),
        ("delta-header-in-spec", 22),
        ("requirement-outside-section", 23),
    ]


def test_a_mark_before_the_section_on_line_one_hides_it() -> None:
    """From the structure rule alone, so every requirement is outside."""
    text = f"\ufeff## Requirements\n{block('A')}## Purpose\n{PURPOSE}\n"
    assert found(text) == [("requirement-outside-section", "ERROR", "file", 2)]


@pytest.mark.parametrize(
    "purpose",
    [
        "TBD",
        "TODO: later",
        "tbd.",
        "todo - x",
        "TBD and a long sentence that goes on and on and on and on.",
        "```\ncode\n```\nTBD",
        "Text.\nTBD - created by archiving change x. Update Purpose after archive.",
    ],
)
def test_placeholders(purpose: str) -> None:
    """Capitals as a word; other case before punctuation; the sentence that archiving writes."""
    assert [(rule, level) for rule, level, _, _ in found(with_purpose(purpose))] == [("purpose-placeholder", "WARNING")]


@pytest.mark.parametrize(
    "purpose",
    ["TBDx " + PURPOSE, "todo lists " + PURPOSE, "TODO_ " + PURPOSE, "- TBD " + PURPOSE, "TODO\u0301 " + PURPOSE],
)
def test_no_placeholders(purpose: str) -> None:
    """Part of a longer word, or somewhere else."""
    assert found(with_purpose(purpose)) == []


@pytest.mark.parametrize(
    ("purpose", "brief"), [("x" * 49, True), ("x" * 50, False), ("🙂" * 24, True), ("🙂" * 25, False)]
)
def test_a_brief_purpose(purpose: str, brief: bool) -> None:
    """Fewer than fifty UTF-16 units."""
    assert found(with_purpose(purpose)) == ([("purpose-too-brief", "WARNING", "overview", None)] if brief else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SHALL" + "x" * 500, [("requirement-too-long", "INFO"), ("requirement-keyword", "WARNING")]),
        ("it does", [("requirement-keyword", "WARNING")]),
        ("", [("requirement-text-missing", "ERROR")]),
        ("```\nSHALL\n```", [("requirement-text-missing", "ERROR")]),
    ],
)
def test_the_statement(text: str, expected: list[tuple[str, str]]) -> None:
    """Too long, without keyword, or missing."""
    assert [(rule, level) for rule, level, _, _ in found(HEAD + block("A", text))] == expected


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("## Purpose\n text \n## Next", "text"),
        ("##  purpose \ntext <!-- c -->", "text <!-- c -->"),
        ("<!--\n## Purpose\nno\n-->\n## Purpose\nyes", "yes"),
        ("```\n## Purpose\nno\n```", None),
        ("## Purpose\n<!-- only -->", None),
        ("## Purpose\n```\nonly\n```", None),
        ("<!-- open\n## Purpose\nno", None),
        ("\ufeff## Purpose\nno", None),
    ],
)
def test_the_purpose_that_a_delta_carries(text: str, section: str | None) -> None:
    """Comments and fences are seen; without prose there is none; a byte-order mark hides it."""
    assert purpose_section(text) == section
