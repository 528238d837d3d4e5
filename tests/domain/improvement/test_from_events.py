"""Events of the commands as the loop reads them; names of places, and knobs as settings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.e2e.loop_log import question, step, verdict
from workflow_cli.domain.improvement.from_events import Translation
from workflow_cli.domain.improvement.judgement import Verdict
from workflow_cli.domain.improvement.observation import Asked, Edited, Outcome, observation
from workflow_cli.domain.improvement.places import place_of
from workflow_cli.domain.improvement.real_settings import REAL, as_settings, knob_values, written
from workflow_cli.domain.improvement.window import Window
from workflow_cli.settings.keys import KEYS

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PLACE = "openspec/specs/auth/spec.md#auth > Requirements > Requirement: Lockout"
DEFAULTS = {
    name: tuple(value) if isinstance(value := key.kind.parse(key.default), list) else value
    for name, key in KEYS.items()
}


def _observed(*events: dict[str, object] | None) -> list[object]:
    translated = Translation().translated(events)
    return [None if record is None else observation(record) for record in translated]


def test_a_question_with_its_attempts() -> None:
    """Whoever was passed over did not try; tools are called by their protocol; what waits for a person has no answer."""
    route = [step("model", "skipped", 0.0), step("tools", "failed", 2000.0, "timeout"), step("person", "nothing", 0.1)]
    (asked,) = _observed(question(1, NOW, route=route, status="pending"))
    assert isinstance(asked, Asked)
    assert [(a.answerer, a.ok, a.failure) for a in asked.attempts] == [("mcp", False, "timeout")]
    assert asked.outcome is Outcome.ABSTAINED
    assert asked.client == "-"


def test_questions_about_the_same_in_other_words_are_one_cluster() -> None:
    """Answers out of the cache do not say what they are about, nor do old events."""
    events = [
        question(1, NOW, text="one", topic="t"),
        question(2, NOW, text="other", topic="t"),
        question(3, NOW, text="other", cached=True),
        question(4, NOW, text="another"),
        question(5, NOW, text="one", topic="moved by a new glossary"),
    ]
    clusters = [asked.cluster for asked in _observed(*events) if isinstance(asked, Asked)]
    assert clusters == ["t", "t", "t", events[3]["terms_hash"], "t"]


def test_a_verdict_is_about_the_question_it_names() -> None:
    about = question(1, NOW, status="answered", cites=[PLACE], asker="ada")
    said = verdict(1, about, NOW, accepted=False, client="x", places=["auth/Requirement:  Lockout"])
    asked, told = _observed(about, said)
    assert isinstance(asked, Asked)
    assert isinstance(told, Verdict)
    assert told.asked == asked.id
    assert told.reference == asked.cites == ("auth/Requirement: Lockout",)


def test_an_edited_section_shows_in_its_hash() -> None:
    first = question(1, NOW, status="answered", cites=[PLACE])
    second = {**first, "event_id": "two", "cites": [{"address": PLACE, "section_hash": "another"}]}
    _, edited, _ = _observed(first, second)
    assert isinstance(edited, Edited)
    assert edited.sections == ("auth/Requirement: Lockout",)


def test_what_was_interrupted_and_what_is_not_of_the_loop_is_left_out() -> None:
    interrupted = question(1, NOW, status="interrupted")
    assert _observed(interrupted, {"kind": "update"}, None) == [None]


@pytest.mark.parametrize(
    "spoilt", [{}, {"status": "nonsense"}, {"status": ["answered"]}, {"ts": "2031-01-01T00:00:00Z"}]
)
def test_a_question_that_is_none_is_counted_as_malformed(spoilt: dict[str, object]) -> None:
    (record,) = Translation().translated([{"kind": "question", **spoilt}])
    window = Window()
    window.add(record)
    assert (window.set_aside, window.asked) == ({"malformed": 1}, [])


def test_of_a_finding_the_last_word_of_a_person_counts() -> None:
    """What is only told again is the same word, of the moment it was said; another person's is another."""

    def said(number: int, accepted: bool, client: str = "ada") -> dict[str, object]:
        return {
            "kind": "finding.verdict",
            "event_id": f"v{number}",
            "ts": 1000.0 + number,
            "outcome": "accepted" if accepted else "rejected",
            "rule": "weak-modal",
            "finding": "f",
            "client": client,
        }

    window = Window()
    told = [said(1, False), said(2, False, "bob"), said(3, False), said(4, True), said(5, True)]
    for record in Translation().translated(told):
        window.add(record)
    assert [(one.id, one.client, one.accepted) for one in window.suggestions] == [
        ("v2", "bob", False),
        ("v4", "ada", True),
    ]
    assert not window.set_aside
    window.forget_before(1003.0)
    assert [one.id for one in window.suggestions] == ["v4"]


@given(st.text(max_size=60))
def test_naming_a_place_twice_changes_nothing(text: str) -> None:
    assert place_of(place_of(text)) == place_of(text)


def test_every_knob_is_read_back_as_it_was_written() -> None:
    """Turned as the settings are, the settings are as they were."""
    knobs = knob_values(DEFAULTS)
    assert set(knobs) == set(REAL)
    for name, value in knobs.items():
        given_settings = as_settings({name: value}, DEFAULTS)
        assert knob_values({**DEFAULTS, **given_settings})[name] == value


def test_a_knob_whose_setting_comes_from_elsewhere_is_not_there() -> None:
    found = knob_values(DEFAULTS, turnable=lambda name: name != "retrieval.passages")
    assert "retrieval.depth" not in found
    assert "retrieval.title_weight" in found


def test_a_person_stays_last_in_every_order() -> None:
    put = written({"route.tool": ["specs", "mcp"]}, DEFAULTS)
    assert put == {("answers", "order_tool"): ["specs", "tools", "person"]}
