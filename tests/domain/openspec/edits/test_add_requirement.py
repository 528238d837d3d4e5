"""Adding a requirement to a spec or to a delta."""

from __future__ import annotations

import pytest

from tests.domain.openspec.edits.edited import DELTA, SPEC, after, edit, refusal, unchanged

RESET = {
    "op": "add-requirement",
    "name": "Lockout",
    "text": "The system SHALL lock out after five tries.",
    "scenarios": [{"name": "Sixth try", "when": "somebody tries again", "then": ["it is refused", "somebody is told"]}],
}
WRITTEN = """\
### Requirement: Lockout
The system SHALL lock out after five tries.

#### Scenario: Sixth try
- **WHEN** somebody tries again
- **THEN** it is refused
- **AND** somebody is told
"""


def test_a_new_requirement_goes_last_in_the_requirements_section() -> None:
    """The sections after it stay where and as they are."""
    assert after("spec", SPEC, RESET) == SPEC.replace("\n## Notes", f"\n{WRITTEN}\n## Notes")


def test_a_delta_takes_it_under_added() -> None:
    """MODIFIED, which follows, is untouched."""
    assert after("delta", DELTA, RESET) == DELTA.replace("\n## MODIFIED", f"\n{WRITTEN}\n## MODIFIED")


def test_a_delta_without_added_gets_the_section_first() -> None:
    """ADDED stands before MODIFIED, as OpenSpec's own documents have it."""
    modified = DELTA[DELTA.index("## MODIFIED") :]
    assert after("delta", modified, RESET) == f"## ADDED Requirements\n\n{WRITTEN}\n{modified}"


def test_an_empty_delta_begins_with_it() -> None:
    """A capability that a change has not touched so far."""
    assert after("delta", "", RESET) == f"## ADDED Requirements\n\n{WRITTEN}"


def test_it_is_added_once() -> None:
    """The same text a second time changes nothing, in whatever dress its steps come."""
    plain = RESET | {
        "scenarios": [
            {"name": "Sixth try", "text": "- WHEN somebody tries again\n- THEN it is refused\n- AND somebody is told"}
        ]
    }
    assert unchanged("spec", after("spec", SPEC, RESET), plain)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("- WHEN a\n- THEN b", "- WHEN somebody tries again\n- THEN it is refused\n- AND somebody is told"),
        (
            "* **When** a\n* **Then** b",
            "* **When** somebody tries again\n* **Then** it is refused\n* **And** somebody is told",
        ),
        ("- *when* a\n- *then* b", "- *when* somebody tries again\n- *then* it is refused\n- *and* somebody is told"),
        ("WHEN: a\nTHEN: b", "WHEN: somebody tries again\nTHEN: it is refused\nAND: somebody is told"),
        (
            "- **当** a\n- **那么** b",
            "- **当** somebody tries again\n- **那么** it is refused\n- **并且** somebody is told",
        ),
    ],
)
def test_steps_are_dressed_like_the_others(shown: str, expected: str) -> None:
    """Bullet, emphasis, capitals and language of WHEN and THEN."""
    spec = f"## Purpose\nP.\n\n## Requirements\n\n### Requirement: A\nIt SHALL.\n\n#### Scenario: S\n{shown}\n"
    assert after("spec", spec, RESET).endswith(f"#### Scenario: Sixth try\n{expected}\n")


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_line_ends_byte_order_mark_and_the_missing_last_line_end_stay(eol: str, final: bool, bom: str) -> None:
    """What the document is, the new text becomes."""
    text = bom + SPEC[: SPEC.index("\n## Notes")].replace("\n", eol)
    text = text if final else text.rstrip("\r\n")
    result = edit("spec", text.encode(), RESET)
    written = WRITTEN.replace("\n", eol)
    expected = text + eol + written if final else text + eol + eol + written.rstrip("\r\n")
    assert result.data == expected.encode()
    assert all(edit.span.len == 0 for edit in result.edits)


def test_a_dense_document_stays_dense() -> None:
    """No blank lines between requirements where there are none."""
    dense = SPEC.replace("opens\n\n### ", "opens\n### ")
    assert "opens\n### Requirement: Lockout\n" in after("spec", dense, RESET)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("## Requirements\nIt SHALL.", "heading of level 2"),
        ("It SHALL.\n### Requirement: Smuggled\nIt SHALL.", "heading of level 3"),
        ("It SHALL.\n###Requirement: Smuggled", "heading of level 3"),
        ("It SHALL.\n  # One", "heading of level 1"),
        ("Title\n===", "heading of level 1"),
        ("Title\n---", "heading of level 2"),
        ("```\nIt SHALL.", "nothing closes"),
        ("It SHALL.\n\n- ```json\n  {}\n  ```", "nothing closes"),
        ("<!-- It SHALL.", "nothing closes"),
        ("  \n\t\n", "is empty"),
        ("It\x00SHALL.", "control character"),
    ],
)
def test_text_that_would_break_the_document_is_refused(text: str, why: str) -> None:
    """Headings that end the section, and whatever would swallow what follows."""
    assert why in refusal("spec", SPEC, RESET | {"text": text}).message


@pytest.mark.parametrize(
    "text",
    [
        "It SHALL.\n\n```\n## no heading\n```",
        "It SHALL.\n\n| a | b |\n|---|---|\n| c | d |",
        "It SHALL.\n\n---\n\nAnd so on.",
        "It SHALL.\n\n<!-- ## no heading -->",
        "It SHALL use C# and #hashtags.",
        "It SHALL.\n\n- a\n- b\n\n#### Scenario: Own\n- WHEN x",
    ],
)
def test_text_that_only_looks_dangerous_is_taken(text: str) -> None:
    """Code, tables, rules, closed comments and scenarios of its own."""
    assert "### Requirement: Lockout\n" in after("spec", SPEC, RESET | {"text": text})


def test_a_taken_name_is_refused() -> None:
    """With the same name and another text, and with a name that differs in case only."""
    assert "another text" in refusal("spec", SPEC, RESET | {"name": "Login"}).message
    assert "but for case" in refusal("spec", SPEC, RESET | {"name": "LOGIN"}).message
    assert "modifies" in refusal("delta", DELTA, RESET | {"name": "Login"}).message
    assert "main spec has" in refusal("delta", DELTA, RESET | {"name": "Logout"}, main=SPEC).message


def test_a_removed_or_renamed_name_is_refused() -> None:
    """OpenSpec refuses a delta that says both."""
    removed = "## REMOVED Requirements\n\n### Requirement: Lockout\n**Reason**: x\n"
    renamed = "## RENAMED Requirements\n\n- FROM: `### Requirement: A`\n- TO: `### Requirement: Lockout`\n"
    assert "removes" in refusal("delta", removed, RESET).message
    assert "renames" in refusal("delta", renamed, RESET).message


def test_a_document_where_it_has_no_place_is_refused() -> None:
    """Specs without a Requirements section, proposals, and sections that run into an open fence."""
    assert 'no "## Requirements"' in refusal("spec", "# A\n", RESET).message
    assert "holds no requirements" in refusal("proposal", "# A\n", RESET).message
    assert refusal("spec", SPEC.replace("Leaving\n", "Leaving\n```\n"), RESET).exit_code == 5


def test_a_commented_requirement_is_no_place_for_another() -> None:
    """OpenSpec reads through comments and CommonMark does not; where they differ nothing is written."""
    text = SPEC.replace("### Requirement: Logout", "<!--\n### Requirement: Logout").replace("## Notes", "-->\n## Notes")
    assert (
        "agree"
        in refusal("spec", text, {"op": "add-scenario", "requirement": "Logout", "name": "x", "text": "- a"}).message
    )
