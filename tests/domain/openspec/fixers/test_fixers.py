"""Each repair: what it writes, byte for byte, and what it leaves alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from fixing import PURPOSE, REQUIREMENT, SPEC, after, change, change_offers, spec_offers

from workflow_cli.domain.openspec.fixable import FIXABLE
from workflow_cli.domain.openspec.fixers.catalogue import FIXERS

PLACEHOLDER = "TBD - created by archiving change add-login. Update Purpose after archive."
PROPOSAL = f"## Capabilities\n\n### New Capabilities\n\n- `auth`: {PURPOSE}\n".encode()


def test_the_list_of_rules_is_that_of_the_fixers() -> None:
    assert frozenset().union(*(fixer.rules for fixer in FIXERS)) == FIXABLE


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_a_placeholder_purpose_gets_the_words_of_the_proposal(eol: str) -> None:
    """Those of the change that the placeholder names; nothing else of the file changes."""
    spec = SPEC.replace(PURPOSE, PLACEHOLDER).replace("\n", eol).encode()
    others = change(proposal=PROPOSAL.replace(b"nobody else", b"somebody"), name="other")
    assert (
        after(spec_offers(spec, [change(proposal=PROPOSAL), others]), "purpose-placeholder")
        == SPEC.replace("\n", eol).encode()
    )


def test_the_purpose_of_the_delta_goes_before_the_line_of_the_proposal() -> None:
    delta = f"## Purpose\n{PURPOSE}\n\n## ADDED Requirements\n\n{REQUIREMENT}".encode()
    creator = change(delta=delta, proposal=PROPOSAL.replace(b"nobody", b"somebody"))
    spec = SPEC.replace(PURPOSE, PLACEHOLDER).encode()
    assert after(spec_offers(spec, [creator]), "purpose-placeholder") == SPEC.encode()


@pytest.mark.parametrize(
    "creators",
    [
        [],
        [change(proposal=b"## Why\n\nBecause.\n")],
        [change(proposal=b"## Capabilities\n\n### New Capabilities\n\n- `auth`: short\n")],
        [change(proposal=PROPOSAL + PROPOSAL.split(b"\n")[-2] + b" And more.\n")],
    ],
    ids=["nobody", "nothing said", "too short", "said twice"],
)
def test_a_purpose_that_nobody_or_two_have_said_stays(creators: list[object]) -> None:
    spec = SPEC.replace(PURPOSE, PLACEHOLDER).encode()
    assert spec_offers(spec, creators) == []  # type: ignore[arg-type]


def test_a_missing_purpose_is_put_first() -> None:
    spec = SPEC.replace(f"## Purpose\n{PURPOSE}\n\n", "").encode()
    written = after(spec_offers(spec, [change(proposal=PROPOSAL)]), "spec-purpose-missing")
    assert written == SPEC.replace(f"## Purpose\n{PURPOSE}", f"## Purpose\n\n{PURPOSE}").encode()


def test_the_requirements_header_is_put_above_the_first_requirement() -> None:
    spec = SPEC.replace("## Requirements\n\n", "").encode()
    assert after(spec_offers(spec), "spec-requirements-missing") == SPEC.encode()


def test_a_delta_header_that_was_copied_becomes_the_requirements_header() -> None:
    spec = SPEC.replace("## Requirements", "## ADDED Requirements").encode()
    assert after(spec_offers(spec), "spec-requirements-missing") == SPEC.encode()


@pytest.mark.parametrize("title", ["## 要求", "## Requisitos", "# Требования:"])
def test_the_requirements_header_in_another_language_becomes_the_one_that_is_read(title: str) -> None:
    """Nothing else changes. One that says more than that is somebody's own words, and stays."""
    spec = SPEC.replace("## Requirements", title).encode()
    assert after(spec_offers(spec), "spec-requirements-missing") == SPEC.encode()
    assert spec_offers(SPEC.replace("## Requirements", "## Functional requirements").encode()) == []


def test_requirements_below_a_section_of_their_own_are_left_alone() -> None:
    """Whether that section is the Requirements section only a person knows."""
    spec = SPEC.replace("## Requirements", "## Behaviour").encode()
    assert spec_offers(spec) == []


@pytest.mark.parametrize("wrong", ["### ", "##### ", "####", "  #### "])
def test_a_scenario_gets_its_level(wrong: str) -> None:
    """Where that makes the finding go and brings no other."""
    spec = SPEC.replace("#### Scenario: Wrong", f"{wrong}Scenario: Wrong").encode()
    written = after(spec_offers(spec), "scenario-heading")
    assert written == SPEC.encode()


def test_bold_text_stays_bold() -> None:
    spec = SPEC.replace("#### Scenario: Wrong password", "**Scenario: Wrong password**").encode()
    assert after(spec_offers(spec), "scenario-heading") is None


def test_a_requirement_gets_its_space() -> None:
    spec = (SPEC + "\n" + REQUIREMENT.replace("Sign in", "Sign out").replace("page", "door")).encode()
    assert (
        after(
            spec_offers(spec.replace(b"### Requirement: Sign out", b"###Requirement: Sign out")), "hidden-requirement"
        )
        == spec
    )


def test_a_lost_scenario_comes_back_word_for_word() -> None:
    """At the end of its block, and before what follows."""
    block, scenario = REQUIREMENT.split("\n#### Scenario: Wrong password")
    delta = f"## MODIFIED Requirements\n\n{block}\n## ADDED Requirements\n\n" + REQUIREMENT.replace(
        "Sign in", "Sign on"
    )
    written = after(change_offers(change(delta=delta.encode()), SPEC.encode()), "scenario-lost")
    assert written == delta.replace(block, f"{block}\n#### Scenario: Wrong password{scenario}").encode()


def test_a_mark_that_hides_the_purpose_goes() -> None:
    delta = f"## Purpose\n{PURPOSE}\n\n## ADDED Requirements\n\n{REQUIREMENT}".encode()
    assert after(change_offers(change(delta=b"\xef\xbb\xbf" + delta)), "purpose-behind-bom") == delta


DELTA = f"## Purpose\n{PURPOSE}\n\n## ADDED Requirements\n\n{REQUIREMENT}".encode()


@pytest.mark.parametrize(
    ("before", "mended"),
    [
        ("## 1. A\n- [ ] 1.1 a\n- [x] 1.1 b\n", "## 1. A\n- [ ] 1.1 a\n- [x] 1.2 b\n"),
        (
            "## 1. A\n- [ ] 1.1 a\n## 2. B\n- [ ] 1.2 b\n* [ ] 1.3 c",
            "## 1. A\n- [ ] 1.1 a\n## 2. B\n- [ ] 2.1 b\n* [ ] 2.2 c",
        ),
        ("## 1. A\r\n- [ ] 1.1 a\r\n- [ ] 1.1 b\r\n", "## 1. A\r\n- [ ] 1.1 a\r\n- [ ] 1.2 b\r\n"),
    ],
)
def test_tasks_are_numbered_by_group_and_order(before: str, mended: str) -> None:
    assert after(change_offers(change(delta=DELTA, tasks=before.encode())), "task-number") == mended.encode()


@pytest.mark.parametrize(
    "tasks",
    [
        "## 1. A\n- [ ] 1.1 a\n- [ ] 1.1 b\n\nAfter 1.1 comes the rest.\n",
        "## 1. A\n- [ ] 1.1 a\n## 1. B\n- [ ] 1.1 b\n",
        "## 1. A\n- [ ] 1.1.1 a\n- [ ] 1.1.1 b\n",
    ],
    ids=["referred to", "two groups of one number", "three levels"],
)
def test_numbers_that_may_mean_something_stay(tasks: str) -> None:
    assert after(change_offers(change(delta=DELTA, tasks=tasks.encode())), "task-number") is None
