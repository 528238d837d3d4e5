"""Changing what a requirement says."""

from __future__ import annotations

from tests.domain.openspec.edits.edited import DELTA, SPEC, after, edit, refusal, unchanged

FASTER = {"op": "modify-requirement", "requirement": "Login", "text": "The system SHALL let people in within 2 s."}


def test_the_statement_alone_changes() -> None:
    """Scenarios and everything else stay, byte for byte."""
    assert after("spec", SPEC, FASTER) == SPEC.replace("SHALL let people in.", "SHALL let people in within 2 s.")


def test_saying_the_same_changes_nothing() -> None:
    """Also with other spaces."""
    assert unchanged("spec", SPEC, FASTER | {"text": "The system  SHALL let people in."})


def test_metadata_and_code_of_the_statement_are_not_lost_unseen() -> None:
    """They go only where the new text repeats or drops them knowingly."""
    text = SPEC.replace("people in.\n", "people in.\n**Priority**: high\n")
    assert "metadata" in refusal("spec", text, FASTER).message
    kept = FASTER | {"text": "It SHALL.\n**Priority**: high"}
    assert "It SHALL.\n**Priority**: high\n" in after("spec", text, kept)


def test_a_statement_with_a_heading_is_refused() -> None:
    """Scenarios come with the whole block."""
    assert "heading" in refusal("spec", SPEC, FASTER | {"text": "It SHALL.\n\n#### Scenario: A\n- b"}).message


def test_a_whole_block_replaces_everything_below_the_heading() -> None:
    """Given with its heading or without."""
    block = "It SHALL.\n\n#### Scenario: Other\n- WHEN a\n- THEN b\n"
    expected = (
        SPEC[: SPEC.index("The system SHALL let people in.")]
        + ("It SHALL.\n\n#### Scenario: Other\n- **WHEN** a\n- **THEN** b\n\n")
        + SPEC[SPEC.index("### Requirement: Logout") :]
    )
    for text in (block, f"### Requirement: Login\n{block}"):
        operation = {"op": "modify-requirement", "requirement": "Login", "block": text}
        assert after("spec", SPEC, operation) == expected


def test_a_block_under_another_heading_is_refused() -> None:
    """Renaming is an operation of its own."""
    operation = {"op": "modify-requirement", "requirement": "Login", "block": "### Requirement: Sign in\nIt SHALL."}
    assert "rename" in (refusal("spec", SPEC, operation).hint or "")


def test_a_block_without_a_statement_is_refused() -> None:
    """A requirement must say something itself."""
    operation = {"op": "modify-requirement", "requirement": "Login", "block": "#### Scenario: A\n- b"}
    assert "no statement" in refusal("spec", SPEC, operation).message


def test_in_a_delta_the_requirement_is_copied_and_then_changed() -> None:
    """The copy goes under MODIFIED with all its scenarios."""
    operation = FASTER | {"requirement": "Logout"}
    text = after("delta", DELTA, operation, main=SPEC)
    block = SPEC[SPEC.index("### Requirement: Logout") : SPEC.index("\n## Notes")]
    assert text == DELTA + "\n" + block.replace("SHALL let people out.", "SHALL let people in within 2 s.")


def test_in_a_delta_scenarios_of_the_main_spec_must_be_kept() -> None:
    """Archiving refuses a MODIFIED that drops one."""
    operation = {"op": "modify-requirement", "requirement": "Logout", "block": "It SHALL.\n\n#### Scenario: A\n- b"}
    assert "'Leaving'" in refusal("delta", DELTA, operation, main=SPEC).message


def test_a_delta_cannot_modify_what_it_removes() -> None:
    """OpenSpec refuses a delta that says both."""
    removed = "## REMOVED Requirements\n\n### Requirement: Login\n**Reason**: x\n"
    assert "removes" in refusal("delta", removed, FASTER, main=SPEC).message


def test_a_renamed_requirement_is_modified_under_its_new_name() -> None:
    """That is the name OpenSpec looks for."""
    renamed = "## RENAMED Requirements\n\n- FROM: `### Requirement: Login`\n- TO: `### Requirement: Sign in`\n"
    text = after("delta", renamed, FASTER | {"requirement": "Sign in"}, main=SPEC)
    assert "## MODIFIED Requirements\n\n### Requirement: Sign in\nThe system SHALL let people in within 2 s.\n" in text
    assert "modify it as" in refusal("delta", renamed, FASTER, main=SPEC).message


def test_undecodable_bytes_elsewhere_survive() -> None:
    """Also on the lines right beside the statement."""
    data = SPEC.encode().replace(b"the door", b"the d\xff\xfeor")
    edited = edit("spec", data, FASTER)
    assert edited.data == data.replace(b"SHALL let people in.", b"SHALL let people in within 2 s.")
