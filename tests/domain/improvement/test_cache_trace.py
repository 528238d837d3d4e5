"""What a cache would have done with the questions of a log, and which of them it has anything to do with."""

from __future__ import annotations

import pytest

from tests.domain.improvement.test_placed import DAY, START, Log
from workflow_cli.domain.improvement.cache_trace import CacheTrace, Caching

HOUR = 1 / 24
WEEK = Caching(ttl=7 * DAY, on_change=False)
NONE = Caching(ttl=0.0, on_change=False)


def edit(log: Log, *, day: float, section: str = "a") -> None:
    log.window.add(
        {"event_id": f"edit {day}", "ts": START + day * DAY, "kind": "edit", "sections": [section], "client": "c"}
    )


def differences(log: Log, base: Caching, treated: Caching) -> dict[str, float]:
    return {cluster: round(d, 6) for cluster, d, _ in CacheTrace(log.seen()).differences(base, treated)}


def test_what_is_asked_once_is_no_pair() -> None:
    log = Log()
    for number in range(5):
        log.ask(day=0, question="often", cluster="often")
        log.ask(day=0, question=f"once {number}", cluster=f"once {number}")
    assert differences(log, NONE, WEEK).keys() == {"often"}
    # Both would have it in the cache: a pair without a difference.
    assert differences(log, WEEK, Caching(ttl=DAY, on_change=True)) == {"often": 0.0}


def test_a_stale_answer_is_worth_nothing_and_goes_where_edits_are_seen() -> None:
    log = Log()
    log.ask(day=0, cluster="edited")
    edit(log, day=HOUR)
    log.ask(day=2 * HOUR, cluster="edited")
    (gain,) = differences(log, WEEK, Caching(ttl=7 * DAY, on_change=True)).values()
    assert gain > 0.1
    assert differences(log, NONE, WEEK)["edited"] == pytest.approx(-gain, abs=1e-6)


@pytest.mark.parametrize("section", ["a", "b"])
def test_only_an_edit_of_what_is_cited_counts(section: str) -> None:
    log = Log()
    log.ask(day=0, cites=("a",))
    edit(log, day=HOUR, section=section)
    log.ask(day=2 * HOUR, cites=("a",))
    (gain,) = differences(log, WEEK, Caching(ttl=7 * DAY, on_change=True)).values()
    assert (gain > 0) is (section == "a")


def test_what_is_remembered_of_a_summary_is_what_would_be_reckoned_anew() -> None:
    log = Log()
    for number in range(12):
        log.ask(day=number * HOUR, cluster=f"c{number % 3}")
    edit(log, day=5 * HOUR)
    seen = log.seen()
    treated = [
        Caching(ttl=ttl * HOUR * DAY, on_change=on_change) for ttl in (0, 1, 4, 9) for on_change in (True, False)
    ]
    for caching in [*treated, *reversed(treated)]:
        assert seen.once(CacheTrace) is seen.once(CacheTrace)
        assert list(seen.once(CacheTrace).differences(WEEK, caching)) == list(
            CacheTrace(log.seen()).differences(WEEK, caching)
        )
