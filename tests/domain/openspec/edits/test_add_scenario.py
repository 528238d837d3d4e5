"""Adding a scenario to a requirement."""

from __future__ import annotations

from tests.domain.openspec.edits.edited import DELTA, SPEC, after, edit, refusal, unchanged

BAD = {
    "op": "add-scenario",
    "requirement": "Login",
    "name": "Bad password",
    "when": "it is wrong",
    "then": "nothing happens",
}
WRITTEN = "#### Scenario: Bad password\n- **WHEN** it is wrong\n- **THEN** nothing happens\n"


def test_it_goes_last_in_its_requirement() -> None:
    """The next requirement keeps its distance."""
    assert after("spec", SPEC, BAD) == SPEC.replace(
        "\n### Requirement: Logout", f"\n{WRITTEN}\n### Requirement: Logout"
    )


def test_the_requirement_may_be_named_in_several_ways() -> None:
    """With its label, as a heading, in other case."""
    for name in ("Requirement: Login", "### Requirement: Login", "login", " Login "):
        assert after("spec", SPEC, BAD | {"requirement": name}) == after("spec", SPEC, BAD)


def test_it_is_added_once() -> None:
    """With the same text nothing changes, with another one it is refused."""
    assert unchanged("spec", after("spec", SPEC, BAD), BAD)
    assert "another text" in refusal("spec", after("spec", SPEC, BAD), BAD | {"then": "the door opens"}).message


def test_the_label_of_scenarios_is_kept() -> None:
    """In a document whose scenarios are headed in another language."""
    text = SPEC.replace("#### Scenario: ", "#### 场景：")
    assert "#### 场景：Bad password\n" in after("spec", text, BAD)


def test_a_rule_between_requirements_stays_between_them() -> None:
    """The scenario belongs above it."""
    text = SPEC.replace("\n### Requirement: Logout", "\n---\n\n### Requirement: Logout")
    assert f"{WRITTEN}\n---\n\n### Requirement: Logout" in after("spec", text, BAD)


def test_in_a_delta_it_joins_the_block_that_is_there() -> None:
    """Under MODIFIED as under ADDED."""
    assert after("delta", DELTA, BAD) == f"{DELTA}\n{WRITTEN}"
    assert after("delta", DELTA, BAD | {"requirement": "Reset"}).count("Bad password") == 1


def test_in_a_delta_the_main_specs_requirement_is_copied_first() -> None:
    """MODIFIED must hold the whole requirement, or archiving would lose the rest."""
    edited = edit("delta", DELTA, BAD | {"requirement": "Logout"}, main=SPEC)
    block = SPEC[SPEC.index("### Requirement: Logout") : SPEC.index("\n## Notes")]
    assert edited.data.decode() == f"{DELTA}\n{block}\n{WRITTEN}"
    assert "copied from the main spec" in edited.done[0]


def test_a_requirement_that_is_nowhere_is_refused_with_the_nearest() -> None:
    """Status 2, as for every address that names nothing."""
    error = refusal("spec", SPEC, BAD | {"requirement": "Logn"})
    assert error.exit_code == 2
    assert "Requirement: Login" in (error.hint or "")


def test_a_body_with_a_scenario_heading_is_refused() -> None:
    """It would be a second scenario."""
    body = {"op": "add-scenario", "requirement": "Login", "name": "A", "text": "- WHEN x\n#### Scenario: B\n- THEN y"}
    assert "level 4" in refusal("spec", SPEC, body).message
