"""Spans of time, conditions, and the forms of messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.feedback.insights import _lever_of
from workflow_cli.domain.feedback.limits import BadLimit, limit_of
from workflow_cli.domain.feedback.measured import Measured
from workflow_cli.domain.feedback.metrics import METRICS
from workflow_cli.domain.feedback.patterns import pattern_of
from workflow_cli.domain.feedback.window import window_of
from workflow_cli.domain.improvement.levers.registry import all_levers

NOW = 1_795_640_000.0


@pytest.mark.parametrize(
    ("since", "step", "length"),
    [
        ("1h", 3600, 3600),
        ("36h", 3600, 36 * 3600),
        ("37h", 86400, 2 * 86400),
        ("7d", 86400, 7 * 86400),
        ("2w", 86400, 14 * 86400),
    ],
)
def test_spans(since: str, step: int, length: int) -> None:
    window = window_of(since, now=NOW)
    assert (window.step, window.ends - window.begins) == (step, length)
    assert window.begins < NOW < window.ends <= NOW + step
    assert window.ends % step == 0
    assert (window.before.ends, window.before.ends - window.before.begins) == (window.begins, length)


@pytest.mark.parametrize("since", ["", "7", "d", "0d", "-1d", "7 d", "7m", "9999w", "1e3d"])
def test_what_is_no_span(since: str) -> None:
    with pytest.raises(ValueError, match=r"^.{0,5}$"):
        window_of(since, now=NOW)


@pytest.mark.parametrize(
    ("text", "value", "broken"),
    [
        ("answer.p95_ms>2000", 2000.1, True),
        ("answer.p95_ms > 2s", 2000.0, False),
        ("answer.p95_ms>=2000ms", 2000.0, True),
        ("update.success_share<95%", 0.949, True),
        ("update.success_share<=0.95", 0.95, True),
        ("error.count>0", None, False),
    ],
)
def test_conditions(text: str, value: float | None, broken: bool) -> None:
    assert limit_of(text).broken(Measured(value=value, low=0.0, high=1.0, n=1)) is broken


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_clear_error(text: str) -> None:
    try:
        limit = limit_of(text)
    except BadLimit:
        return
    assert limit.metric in {metric.name for metric in METRICS}


@pytest.mark.parametrize("text", ["nope>1", "nope.x>1", "answer.p95_ms", "nope"])
def test_who_names_no_metric_is_told_where_they_are_listed(text: str) -> None:
    with pytest.raises(BadLimit) as told:
        limit_of(text)
    assert "workflow feedback --metrics" in told.value.hint


@given(st.text(max_size=400))
def test_forms_of_messages_are_short_and_can_be_printed(text: str) -> None:
    form = pattern_of(text)
    assert len(form) <= 160
    assert form.isprintable()


@pytest.mark.parametrize(
    ("message", "form"),
    [
        ("read timed out after 30.5 s", "read timed out after <number> s"),
        ('no change "add-it"', "no change <text>"),
        ("cannot write /tmp/a b/c.md: full", "cannot write <path>: full"),
        ("draft 680052b848a5 is gone", "draft <id> is gone"),
        ("a facade", "a facade"),
    ],
)
def test_forms(message: str, form: str) -> None:
    assert pattern_of(message) == form


def test_every_lever_that_is_named_is_there() -> None:
    known = {lever.id for lever in all_levers()}
    for answerer in ("specs", "model", "tools", "mcp:tracker"):
        for failure in ("timeout", "overloaded", "bad_reply", "unreachable", "context_overflow", "x"):
            assert _lever_of(answerer, failure)[0] in known
