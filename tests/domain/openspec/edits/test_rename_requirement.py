"""Giving a requirement another name."""

from __future__ import annotations

import pytest

from tests.domain.openspec.edits.edited import DELTA, SPEC, after, edit, refusal, unchanged

RENAME = {"op": "rename-requirement", "requirement": "Login", "to": "Sign in"}
ENTRY = "- FROM: `### Requirement: Login`\n- TO: `### Requirement: Sign in`\n"


def test_the_name_alone_changes() -> None:
    """Spacing and closing hashes of the heading stay."""
    text = SPEC.replace("### Requirement: Login", "###  requirement:  Login  ###")
    assert after("spec", text, RENAME) == text.replace("Login", "Sign in")
    assert [e.replacement for e in edit("spec", text, RENAME).edits] == [b"Sign in"]


def test_case_alone_may_change() -> None:
    """Though the two names are the same for a search."""
    assert after("spec", SPEC, RENAME | {"to": "LOGIN"}) == SPEC.replace("Requirement: Login", "Requirement: LOGIN")


def test_a_second_time_changes_nothing() -> None:
    """The old name is gone and the new one there."""
    assert unchanged("spec", SPEC.replace("Login", "Sign in"), RENAME)


@pytest.mark.parametrize("to", ["Logout", "logout", "LOG\tOUT".replace("\t", "")])
def test_a_taken_name_is_refused(to: str) -> None:
    """Also one that differs in case only."""
    assert "already" in refusal("spec", SPEC, RENAME | {"to": to}).message


@pytest.mark.parametrize("to", ["", "  ", "a\nb", "a\u2028b", "## a", "a\x07b"])
def test_what_is_no_name_is_refused(to: str) -> None:
    """Names have one line and no hashes before them."""
    assert refusal("spec", SPEC, RENAME | {"to": to}).exit_code == 5


def test_in_a_delta_it_is_an_entry_under_renamed() -> None:
    """FROM and TO as OpenSpec reads them."""
    added = DELTA[: DELTA.index("\n## MODIFIED")]
    assert after("delta", added, RENAME, main=SPEC) == f"{added}\n## RENAMED Requirements\n\n{ENTRY}"


def test_a_modified_block_follows_its_requirement() -> None:
    """MODIFIED must carry the new name."""
    expected = DELTA.replace("### Requirement: Login", "### Requirement: Sign in")
    assert after("delta", DELTA, RENAME, main=SPEC) == f"{expected}\n## RENAMED Requirements\n\n{ENTRY}"


def test_entries_look_like_the_ones_before() -> None:
    """Bullet and backticks."""
    text = "## RENAMED Requirements\n* FROM: ### Requirement: A\n* TO: ### Requirement: B\n"
    assert after("delta", text, RENAME, main=SPEC).endswith(
        "* FROM: ### Requirement: Login\n* TO: ### Requirement: Sign in\n"
    )


def test_what_a_delta_adds_itself_is_renamed_in_place() -> None:
    """There is nothing in the main spec to rename."""
    text = after("delta", DELTA, RENAME | {"requirement": "Reset"}, main=SPEC)
    assert text == DELTA.replace("### Requirement: Reset", "### Requirement: Sign in")


def test_what_a_delta_cannot_say_is_refused() -> None:
    """Two targets for one name, a target that exists, a name the main spec has not."""
    renamed = f"## RENAMED Requirements\n\n{ENTRY}"
    assert "renames" in refusal("delta", renamed, RENAME | {"to": "Other"}).message
    assert "renames" in refusal("delta", renamed, RENAME | {"requirement": "Logout"}).message
    assert "already" in refusal("delta", "", RENAME | {"to": "Logout"}, main=SPEC).message
    missing = refusal("delta", "", RENAME | {"requirement": "Logn"}, main=SPEC)
    assert missing.hint == "nearest: Requirement: Login; Requirement: Logout"
    removed = "## REMOVED Requirements\n\n### Requirement: Login\n**Reason**: x\n"
    assert "removes" in refusal("delta", removed, RENAME).message
