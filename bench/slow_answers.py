"""`workflow mcp`, with one answerer that takes 50 ms a question and counts: `python bench/slow_answers.py ROOT REPORT`.

Everything else is the real command: the server, the router with its cache and leases, the limit from the settings.
At its end it writes what it counted, and its peak of memory, to REPORT as JSON.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from measure import _RSS_UNIT

SECONDS = 0.05


class Slow:
    """Answers each question with the question, and tells how many it had at once."""

    name = "tools"

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.at_once = self.most_at_once = 0

    async def answer(self, asked: Any, _evidence: Sequence[Any]) -> Any:
        from workflow_cli.app.answering.ports import Found

        self.asked[asked.text] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await anyio.sleep(SECONDS)
        finally:
            self.at_once -= 1
        return Found(text=f"answer to {asked.text}", confidence=1.0, unsourced=True)


def main(root: str, report: str) -> int:
    from workflow_cli.__main__ import main as command
    from workflow_cli.wiring import ask

    slow = Slow()

    def answerers(_run: Any) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        return {"tools": slow}, {"specs": "not measured", "model": "not measured"}

    ask.AskRun._answerers = answerers  # type: ignore[method-assign]
    status = command(["mcp", "--root", root])
    counted = {
        "questions": len(slow.asked),
        "most_for_one": max(slow.asked.values(), default=0),
        "most_at_once": slow.most_at_once,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT,
    }
    Path(report).write_text(json.dumps(counted), encoding="utf-8")
    return int(status or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
