"""The events within reach, joined and cleaned: what cannot be trusted is set aside and counted."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from workflow_cli.domain.events.progress import Progress
from workflow_cli.domain.improvement.judgement import Suggestion, Verdict
from workflow_cli.domain.improvement.observation import (
    Asked,
    Checked,
    Edited,
    NotAnObservation,
    Observation,
    observation,
)


class Window:
    """Accumulates events in the order of the log. `set_aside` counts what was not taken, by reason.

    Reasons: `unreadable` (no JSON object), `malformed`, `duplicate`, `out_of_order`, `ahead` (later than `latest`), `orphan` (a verdict on nothing known), `second_verdict`.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.verdicts: dict[str, Verdict] = {}
        self.edits: dict[str, list[float]] = {}
        self.checks: list[Checked] = []
        #: How often somebody thought again about a finding.
        self.thought_again = 0
        self.set_aside: Counter[str] = Counter()
        self._progress = Progress()
        self.latest = math.inf
        self._by_id: dict[str, Asked] = {}
        self._seen: set[str] = set()
        self._suggestions: dict[tuple[str, str], Suggestion] = {}

    def add(self, record: Mapping[str, Any] | None) -> None:
        """Take one line of the log; None stands for a line that is no JSON object."""
        if record is None:
            self.set_aside["unreadable"] += 1
            return
        try:
            value = observation(record)
        except NotAnObservation:
            self.set_aside["malformed"] += 1
            return
        if value is None:
            return
        if value.id in self._seen:
            self.set_aside["duplicate"] += 1
        elif self._progress.is_late(value.at):
            self.set_aside["out_of_order"] += 1
        elif value.at > self.latest:
            self.set_aside["ahead"] += 1
        else:
            self._take(value)

    def _take(self, value: Observation) -> None:
        self._seen.add(value.id)
        self._progress = self._progress.after(value.at)
        if isinstance(value, Asked):
            self.asked.append(value)
            self._by_id[value.id] = value
        elif isinstance(value, Verdict):
            if value.asked not in self._by_id:
                self.set_aside["orphan"] += 1
            elif (first := self.verdicts.get(value.asked)) is not None and first.client != value.client:
                self.set_aside["second_verdict"] += 1
            else:
                # Who thinks again is taken at the last word, as in `feedback`.
                self.verdicts[value.asked] = value
        elif isinstance(value, Edited):
            for section in value.sections:
                bisect.insort(self.edits.setdefault(section, []), value.at)
        elif isinstance(value, Checked):
            self.checks.append(value)
        else:
            # Of what one person says of one finding the last word, too, in its place in time.
            self.thought_again += self._suggestions.pop((value.about, value.client), None) is not None
            self._suggestions[value.about, value.client] = value

    @property
    def suggestions(self) -> list[Suggestion]:
        """In the order of the log, one of a person and finding."""
        return list(self._suggestions.values())

    def edited_between(self, sections: tuple[str, ...], start: float, end: float) -> bool:
        """Whether any of the sections was edited after `start` and not after `end`."""
        for section in sections:
            times = self.edits.get(section)
            if times:
                place = bisect.bisect_right(times, start)
                if place < len(times) and times[place] <= end:
                    return True
        return False

    def forget_before(self, moment: float) -> None:
        """Let go of questions, suggestions and checks that are too old to count."""
        if self.asked and self.asked[0].at < moment:
            gone = [asked for asked in self.asked if asked.at < moment]
            self.asked = [asked for asked in self.asked if asked.at >= moment]
            for asked in gone:
                del self._by_id[asked.id]
                self.verdicts.pop(asked.id, None)
        self._suggestions = {key: said for key, said in self._suggestions.items() if said.at >= moment}
        if self.checks and self.checks[0].at < moment:
            self.checks = [check for check in self.checks if check.at >= moment]
