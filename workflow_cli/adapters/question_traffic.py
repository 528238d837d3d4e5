"""The log of events as the loop's traffic: questions, verdicts on answers and findings, and what people answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow_cli.adapters.event_lines import EventLines
from workflow_cli.domain.improvement.from_events import Translation
from workflow_cli.domain.improvement.observation import ANSWER

TOOLS = "mcp"
#: Bytes of the log that are looked at in one go where all of it is: its records take ten times the memory.
_PORTION = 4 * 1024 * 1024
_WORDS = (b'"question', b'"verdict"', b'"finding.verdict"', b'"draft"', b'"process.item"')


class QuestionTraffic:
    """See Traffic. Of what was put aside before `since` nothing is read: it is out of reach.

    `most` tells how many of the last lines are looked at when the log is read for the first time; None for all, which are
    then read in portions.
    """

    def __init__(
        self,
        path: Path,
        *,
        since: float,
        text_of: Callable[[str], str | None],
        most: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._lines = EventLines(path, since=since, words=_WORDS)
        self._translation = Translation(text_of)
        self._tools: dict[str, Mapping[str, Any]] = {}
        self._most = most

    @property
    def end(self) -> int:
        """Where the log ends now."""
        return self._lines.end

    def read(self, position: int) -> tuple[Sequence[Mapping[str, Any] | None], int]:
        most = self._most()
        if most is None:
            records, end = self._lines.read_on(position, about=_PORTION)
        else:
            records, end = self._lines.read(position, most=most if position == 0 else None)
        translated = list(self._translation.translated(records))
        for record in translated:
            if record is not None and record["kind"] == ANSWER:
                for attempt in record.get("attempts", ()):  # a question that is none has no more than its kind
                    if attempt["answerer"] == TOOLS:
                        self._tools[str(record["question"])] = {**attempt, "cites": tuple(record["cites"])}
        return translated, end

    def last_tool_attempt(self, question: str) -> Mapping[str, Any] | None:
        """How the tools did when the question was last put to them; `cites` are those of the whole answer."""
        return self._tools.get(question)
