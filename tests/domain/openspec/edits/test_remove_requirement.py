"""Taking a requirement away."""

from __future__ import annotations

from tests.domain.openspec.edits.edited import DELTA, SPEC, after, edit, refusal, unchanged

REMOVE = {"op": "remove-requirement", "requirement": "Login", "reason": "Single sign-on.", "migration": "Use it."}
ENTRY = "### Requirement: Login\n**Reason**: Single sign-on.\n**Migration**: Use it.\n"


def test_the_block_goes_and_nothing_else() -> None:
    """First or last, the distances around it stay what they were."""
    first, last = SPEC.index("### Requirement: Login"), SPEC.index("### Requirement: Logout")
    assert after("spec", SPEC, REMOVE) == SPEC[:first] + SPEC[last:]
    gone = REMOVE | {"requirement": "Logout"}
    assert after("spec", SPEC, gone) == SPEC[:last] + SPEC[SPEC.index("## Notes") :]


def test_at_the_end_of_a_file_the_last_line_end_stays_as_it_was() -> None:
    """There or not there."""
    text = SPEC[: SPEC.index("\n## Notes")]
    gone = REMOVE | {"requirement": "Logout"}
    kept = text[: text.index("\n### Requirement: Logout")]
    assert after("spec", text, gone) == kept
    assert after("spec", text.rstrip("\n"), gone) == kept.rstrip("\n")


def test_what_is_not_there_cannot_be_removed() -> None:
    """The nearest are named."""
    assert "Requirement: Login" in (refusal("spec", SPEC, REMOVE | {"requirement": "Logn"}).hint or "")
    assert refusal("delta", DELTA, REMOVE | {"requirement": "Nothing"}, main=SPEC).exit_code == 2


def test_the_last_requirement_stays() -> None:
    """A spec without one is invalid."""
    text = SPEC[: SPEC.index("\n### Requirement: Logout")]
    assert "last requirement" in refusal("spec", text, REMOVE).message


def test_in_a_delta_it_is_an_entry_under_removed() -> None:
    """With the reason and what to do instead."""
    added = DELTA[: DELTA.index("\n## MODIFIED")]
    assert after("delta", added, REMOVE, main=SPEC) == f"{added}\n## REMOVED Requirements\n\n{ENTRY}"
    assert unchanged("delta", f"{added}\n## REMOVED Requirements\n\n{ENTRY}", REMOVE, main=SPEC)


def test_in_a_delta_a_reason_is_needed() -> None:
    """Readers of the change see it nowhere else."""
    error = refusal("delta", "", {"op": "remove-requirement", "requirement": "Login"}, main=SPEC)
    assert "--because" in (error.hint or "")


def test_what_the_delta_modifies_is_removed_instead() -> None:
    """OpenSpec refuses both; the emptied MODIFIED section goes with its block."""
    added = DELTA[: DELTA.index("\n## MODIFIED")]
    assert after("delta", DELTA, REMOVE, main=SPEC) == f"{added}\n## REMOVED Requirements\n\n{ENTRY}"


def test_what_the_delta_adds_itself_is_taken_out() -> None:
    """Nothing is left to say about it, and no reason is asked for."""
    operation = {"op": "remove-requirement", "requirement": "Reset"}
    assert after("delta", DELTA, operation, main=SPEC) == DELTA[DELTA.index("## MODIFIED") :]


def test_a_section_with_other_text_stays() -> None:
    """Only an empty one goes."""
    text = DELTA.replace("## ADDED Requirements\n", "## ADDED Requirements\n\nSome words.\n")
    assert "## ADDED Requirements\n\nSome words.\n" in after(
        "delta", text, {"op": "remove-requirement", "requirement": "Reset"}
    )


def test_entries_look_like_the_ones_before() -> None:
    """Bullets stay bullets, and the labels their writing."""
    bullets = "## REMOVED Requirements\n\n- `### Requirement: A`\n  **Reason:** old\n"
    assert after("delta", bullets, REMOVE, main=SPEC) == bullets + (
        "- `### Requirement: Login`\n  **Reason:** Single sign-on.\n  **Migration**: Use it.\n"
    )
    headings = "## REMOVED Requirements\n\n### Requirement: A\nReason: old\n"
    assert "### Requirement: Login\nReason: Single sign-on.\n" in after("delta", headings, REMOVE, main=SPEC)


def test_a_renamed_requirement_is_not_removed() -> None:
    """OpenSpec refuses both."""
    text = "## RENAMED Requirements\n\n- FROM: `### Requirement: Login`\n- TO: `### Requirement: B`\n"
    assert "renames" in refusal("delta", text, REMOVE).message


def test_the_edits_take_out_only_the_block() -> None:
    """One span, with the blank lines before it."""
    (only,) = edit("spec", SPEC, REMOVE).edits
    assert SPEC.encode()[only.span.start : only.span.end].strip().startswith(b"### Requirement: Login")
    assert only.replacement == b""
