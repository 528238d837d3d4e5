"""What the ledger tells, with what the log has to say of it."""

from __future__ import annotations

from pathlib import Path

from workflow_cli.adapters.question_traffic import QuestionTraffic
from workflow_cli.app.improve.portions import portions
from workflow_cli.domain.improvement.muted import Silence, silence_of
from workflow_cli.domain.improvement.record import Reading
from workflow_cli.domain.improvement.story import Story, story_of
from workflow_cli.domain.improvement.window import Window


def story_with_requests(reading: Reading, log: Path) -> Story:
    """The story, with how often what was changed was asked for since, and what rules that were muted would have said."""
    window = _whole(log)

    def requests(scope: str, since: float) -> int:
        return sum(asked.at >= since and scope in ("*", asked.kind) for asked in window.asked)

    def silence(rule: str, at: float) -> Silence:
        return silence_of(rule, at, checks=window.checks, suggestions=window.suggestions)

    return story_of(reading, requests=requests, silence=silence)


def _whole(log: Path) -> Window:
    """All that the log has, however old."""
    window = Window()
    for records, _ in portions(QuestionTraffic(log, since=0.0, text_of=lambda _: None), 0):
        for record in records:
            window.add(record)
    return window
