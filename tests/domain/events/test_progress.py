"""How far a log has come: line by line and many at once the same, and not by what a clock says that is ahead."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.events.disorder import DISORDER_SECONDS
from workflow_cli.domain.events.progress import Progress

HOUR = 3600.0
DAYS = 20_000 * 24.0


def progress_of(*hours: float) -> Progress:
    return after(Progress(), [(DAYS + at) * HOUR for at in hours])


def after(progress: Progress, moments: list[float]) -> Progress:
    for at in moments:
        if not progress.is_late(at):
            progress = progress.after(at)
    return progress


@pytest.mark.parametrize(
    ("hours", "believed"),
    [
        ((0, 1, 2, 3), 3),
        ((0, 1, 2.5, 2), 2.5),
        # A night, and the day after it.
        ((0, 1, 2.5, 17), 2.5),
        ((0, 1, 2.5, 17, 18, 19.5), 19.5),
        # One line that is ahead, and what others write meanwhile.
        ((0, 1, 2.5, 70, 3, 70.1, 4), 4),
        # The first of all, or the first after a night.
        ((70, 0, 1, 2.5), 2.5),
        ((0, 1, 2.5, 70, 17, 18, 19.5), 19.5),
        # Many, with nothing between.
        ((0, 1, 2.5, 70, 71, 72.5, 3), 72.5),
        # One a day.
        ((0, 24, 48, 72), 48),
    ],
)
def test_how_far_it_is_believed_to_have_come(hours: tuple[float, ...], believed: float) -> None:
    assert progress_of(*hours).believed == (DAYS + believed) * HOUR


@given(
    before=st.lists(st.floats(-6, 6), max_size=6),
    steps=st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=8),
    leap=st.sampled_from([0.0, 1.9, 2.1, 9.0, 90.0, -1.0]),
)
def test_many_lines_at_once_are_as_one_by_one(before: list[float], steps: list[float], leap: float) -> None:
    progress = progress_of(*accumulate(before))
    moments = [progress.newest + (leap + step) * HOUR for step in accumulate(steps)]
    if min(moments) < 0:
        return
    at_once = progress.after_all(moments[0], min(moments), max(moments))
    if at_once is not None:
        assert at_once == after(progress, moments)
    elif max(moments) - min(moments) <= DISORDER_SECONDS and min(moments) > progress.believed:
        # Only where a leap is in it, or is believed by it.
        assert max(moments) > progress.believed + DISORDER_SECONDS
