"""The threshold that a rule's findings choose, and what it hides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.experiment import Candidate, Deferred
from workflow_cli.domain.improvement.levers.suggestion_threshold import SuggestionThreshold
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Summary, summarise
from workflow_cli.domain.improvement.utility import Worth
from workflow_cli.domain.improvement.window import Window

RULE = "near-duplicate-requirement"
SETTINGS = {"rules.thresholds": {}, "rules.muted": [], "rules.known": [RULE]}


def seen(said: list[tuple[float | None, bool]], *, rule: str = RULE) -> Summary:
    window = Window()
    for number, (score, accepted) in enumerate(said):
        window.add(
            {
                "kind": "suggestion",
                "event_id": f"{rule} {number}",
                "ts": 1_000_000.0 + number,
                "client": f"c{number % 6}",
                "rule": rule,
                "score": score,
                "accepted": accepted,
                "about": f"{rule} {number}",
            }
        )
    return summarise(window, Worth(), now=2_000_000.0, most=4000)


def proposed(said: list[tuple[float | None, bool]], **settings: object) -> Candidate | Deferred:
    (found,) = SuggestionThreshold().propose(seen(said), {**SETTINGS, **settings})
    return found


def threshold(found: Candidate | Deferred) -> float | None:
    return found.changes["rules.thresholds"][RULE] if isinstance(found, Candidate) else None


def test_it_lies_just_above_what_is_rejected() -> None:
    found = proposed([(0.9 + n % 10 / 100, n % 10 >= 4) for n in range(200)])
    assert threshold(found) == 0.94
    assert isinstance(found, Candidate)
    assert found.hypothesis == f"people rejected findings of {RULE} with a score below 0.94 in 80 of 80 verdicts"


def test_what_has_no_score_or_too_few_verdicts_or_is_muted_is_left_alone() -> None:
    weak = [(0.9 + n % 10 / 100, n % 10 >= 4) for n in range(200)]
    assert threshold(proposed([(None, False)] * 50)) is None
    assert threshold(proposed(weak[:9])) is None
    assert threshold(proposed(weak, **{"rules.muted": [RULE]})) is None
    assert threshold(proposed(weak, **{"rules.known": []})) is None


def test_others_keep_their_thresholds_and_what_is_hidden_already_is_no_gain() -> None:
    now = {"another": 0.5, RULE: 0.94}
    assert (
        threshold(proposed([(0.9 + n % 10 / 100, n % 10 >= 4) for n in range(200)], **{"rules.thresholds": now}))
        is None
    )
    found = proposed([(0.9 + n % 10 / 100, n % 10 >= 6) for n in range(200)], **{"rules.thresholds": now})
    assert isinstance(found, Candidate)
    assert found.changes["rules.thresholds"] == {"another": 0.5, RULE: 0.96}


said = st.lists(st.tuples(st.none() | st.floats(0.0, 1.0), st.booleans()), max_size=60)


@given(said)
def test_it_gains_on_what_chose_it_and_leaves_something_to_say(said: list[tuple[float | None, bool]]) -> None:
    found = proposed(said)
    if not isinstance(found, Candidate):
        return
    lever = SuggestionThreshold()
    traced = list(lever.trace(seen(said), SETTINGS, found.changes))
    assert sum(t.difference for t in traced if part_of(t.cluster) is Part.DEV) > 0
    scored = [s for s in seen(said).suggestions if s.score is not None]
    least = threshold(found)
    assert least is not None
    assert 0 < least <= 1
    assert len(traced) == sum(s.score is not None and s.score < least for s in scored)
    assert any(s.score is not None and s.score >= least for s in scored if part_of(s.id) is Part.DEV)
