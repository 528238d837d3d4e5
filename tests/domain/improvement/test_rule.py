"""The rule: what is kept, what is stopped, and that the order of looking does not matter."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.improvement.experiment import Design, Experiment, experiment_from
from workflow_cli.domain.improvement.intervals import Interval
from workflow_cli.domain.improvement.knobs import ApprovalClass
from workflow_cli.domain.improvement.rule import (
    Decision,
    Pair,
    Progress,
    Rule,
    Ruling,
    Sequel,
    after_keeping,
    decide,
    keeps,
    way_back,
)
from workflow_cli.domain.improvement.setting_values import fingerprint
from workflow_cli.domain.improvement.split import USES, Part, may_decide, part_of

RULE = Rule()
_EXPERIMENT = Experiment(
    id="e1",
    lever="shorter-timeout",
    scope="*",
    design=Design.TRACE,
    approval=ApprovalClass.A,
    changes={"mcp.timeout": 1.6},
    before={"mcp.timeout": 10},
    base="b",
    hypothesis="nearly all are done by then",
    evidence=("q1",),
    predicted=Interval(0.1, 0.2),
    rule=RULE,
    policy="p",
    evaluation_set="s",
    salt="salt",
    verdict_rate=1.0,
    since=0.0,
    expires=1.0,
)


def progress(differences: list[float], rule: Rule = RULE, **more: object) -> Progress:
    folded = Progress(**more)  # type: ignore[arg-type]
    for difference in differences:
        folded = folded.after(Pair(difference=difference, sign=(difference > 0) - (difference < 0)), rule)
    return folded


def ruled(folded: Progress, rule: Rule = RULE, **more: object) -> Decision | None:
    return decide(rule, folded, elapsed=float(more.pop("elapsed", 0.0)), **more)  # type: ignore[arg-type]


def test_a_clear_gain_is_kept_from_the_twentieth_pair_on() -> None:
    assert ruled(progress([0.5] * 19)) is None
    decision = ruled(progress([0.5] * 20))
    assert decision is not None
    assert decision.ruling is Ruling.KEEP


def test_a_gain_too_small_to_matter_is_not_kept() -> None:
    """However sure it is."""
    folded = progress([0.019] * 239)
    assert not keeps(RULE, folded)


def test_the_way_back_needs_far_more_but_may_be_as_late_as_it_was() -> None:
    """What is to be undone may have been quick and wrong; a loss of acceptance ends it all the same."""

    def folded(rule: Rule, guard: str, pairs: int) -> Progress:
        found = Progress()
        for _ in range(pairs):
            found = found.after(Pair(difference=0.5, guards={guard: -0.6}), rule)
        return found

    back = way_back(RULE)
    forward, again = ruled(folded(RULE, "slow", 20)), ruled(folded(back, "slow", 20), back)
    assert forward is not None
    assert (forward.ruling, forward.reason) == (Ruling.ABORT, "guard: slow")
    assert again is not None
    assert again.ruling is Ruling.KEEP
    assert not keeps(back, progress([0.2] * 30, back))
    assert keeps(RULE, progress([0.2] * 30))
    worse = ruled(folded(back, "acceptance", 20), back)
    assert worse is not None
    assert worse.reason == "guard: acceptance"


def test_harm_ends_it() -> None:
    decision = ruled(progress([-0.5] * 8))
    assert decision is not None
    assert decision.ruling is Ruling.ABORT
    assert decision.reason.startswith("harm")


def test_three_failures_in_a_row_end_it_unless_the_base_fails_as_well() -> None:
    rule = RULE
    alone, both = Progress(), Progress()
    for _ in range(3):
        alone = alone.after(Pair(difference=0.0, treated_failed=True), rule)
        both = both.after(Pair(difference=0.0, treated_failed=True, base_failed=True), rule)
    decision = ruled(alone)
    assert decision is not None
    assert decision.reason == "failures_in_a_row: 3"
    assert ruled(both) is None


def test_a_guard_that_shows_a_loss_stops_what_is_otherwise_a_gain() -> None:
    folded = Progress()
    for _ in range(40):
        folded = folded.after(Pair(difference=0.5, guards={"acceptance": -0.6}), RULE)
    assert not keeps(RULE, folded)
    decision = ruled(folded)
    assert decision is not None
    assert decision.ruling is Ruling.ABORT
    assert decision.reason == "guard: acceptance"


def test_what_shows_no_gain_is_given_up() -> None:
    decision = ruled(progress([0.0] * RULE.futile_pairs))
    assert decision is not None
    assert decision.ruling is Ruling.EXPIRE


@pytest.mark.parametrize(
    ("elapsed", "broken", "ruling"),
    [(14 * 86400.0, None, Ruling.EXPIRE), (0.0, "base_changed", Ruling.ABORT), (1.0, None, None)],
)
def test_time_and_broken_invariants(elapsed: float, broken: str | None, ruling: Ruling | None) -> None:
    decision = ruled(progress([0.1] * 5), elapsed=elapsed, broken=broken)
    assert (None if decision is None else decision.ruling) == ruling


def test_a_head_start_from_replays_is_bounded() -> None:
    """A replay that looks wonderful does not keep anything without traffic that says so too."""
    folded = progress([0.03] * 30, head_start=1e9)
    assert folded.e_value(RULE) <= RULE.most_head_start * folded.gain.e_value
    assert not keeps(RULE, folded)


def test_by_sign_seven_to_nothing_is_enough_where_the_mean_stands_out() -> None:
    rule = Rule(evidence="sign")
    assert keeps(rule, progress([0.0] * 20 + [0.9] * 7, rule))
    assert not keeps(rule, progress([0.0] * 20 + [0.9] * 6, rule))
    assert not keeps(rule, progress([-0.9] * 4 + [0.1] * 30, rule)), "many small gains, a few large losses"


def test_the_hash_names_the_rule() -> None:
    assert Rule().hash == RULE.hash
    assert Rule(keep_e=19.0).hash != RULE.hash
    assert Rule(**RULE.as_json()) == RULE


def test_after_keeping() -> None:
    assert after_keeping(RULE, progress([]), requests=99, elapsed=0) is None
    assert after_keeping(RULE, progress([]), requests=100, elapsed=0) is Sequel.CONFIRMED
    assert after_keeping(RULE, progress([]), requests=0, elapsed=7 * 86400) is Sequel.CONFIRMED
    assert after_keeping(RULE, progress([-0.8] * 9), requests=10, elapsed=0) is Sequel.ROLL_BACK


def test_a_probation_goes_on_as_long_as_the_holdback_begins_to_show_harm() -> None:
    """Of 112 requests seven were held back: all of them were answered, and of the others none."""
    lost = -0.556  # an answer after 3 of 6 seconds, against "not known" after 1.6
    assert progress([lost] * 7).harm.e_value < RULE.rollback_e
    assert after_keeping(RULE, progress([lost] * 7), requests=112, elapsed=8 * 3600) is None
    assert after_keeping(RULE, progress([lost] * 2), requests=112, elapsed=8 * 3600) is None
    assert after_keeping(RULE, progress([lost] * 10), requests=160, elapsed=12 * 3600) is Sequel.ROLL_BACK
    # It has an end all the same, and is over where nothing speaks for harm any more.
    assert after_keeping(RULE, progress([lost] * 7), requests=112, elapsed=7 * 86400) is Sequel.CONFIRMED
    assert after_keeping(RULE, progress([lost] * 2 + [0.3] * 6), requests=180, elapsed=0) is Sequel.CONFIRMED


def test_a_rule_that_was_written_down_without_doubt_holds_as_it_was() -> None:
    registered = {name: value for name, value in RULE.as_json().items() if name != "doubt_e"}
    body = {**_EXPERIMENT.as_json(), "rule": registered, "rule_hash": fingerprint(registered)}
    rule = experiment_from(body).rule
    assert after_keeping(rule, progress([-0.556] * 7), requests=112, elapsed=0) is Sequel.CONFIRMED
    assert after_keeping(rule, progress([-0.8] * 9), requests=112, elapsed=0) is Sequel.ROLL_BACK


def test_nothing_is_kept_by_looking_again_and_again() -> None:
    """Noise, ruled on after every pair: far fewer than one run in twenty is kept."""
    kept = 0
    for seed in range(1500):
        random, folded = Random(seed), Progress()
        while (decision := ruled(folded)) is None:
            folded = folded.after(Pair(difference=random.choice((-0.7, -0.2, 0.2, 0.7))), RULE)
        kept += decision.ruling is Ruling.KEEP
    assert kept <= 0.05 * 1500


@given(st.text(min_size=1), st.integers(0, 9))
def test_a_cluster_is_on_one_side_and_its_items_retire(cluster: str, uses: int) -> None:
    assert may_decide(cluster, "item", {"item": uses}) == (part_of(cluster) is Part.CONFIRM and uses < USES)


def test_the_parts_have_their_shares() -> None:
    parts = [part_of(f"cluster {n}") for n in range(4000)]
    for part, share in ((Part.DEV, 0.5), (Part.CONFIRM, 0.3), (Part.VAULT, 0.2)):
        assert abs(parts.count(part) / 4000 - share) < 0.03
