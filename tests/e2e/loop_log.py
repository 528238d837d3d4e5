"""Logs of events as the commands write them, for tests of the loop: what was asked is made up, its form is not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Json = dict[str, Any]
#: Nobody gives up on the tools, and they are asked first.
STUBBORN = """\
# How questions are answered here
answers:
  order_lookup: [tools, specs, person]   # the tools know best
  budgets: {tools: 4}
  breaker_failures: 1000 # never give up
"""


def hex_of(text: str, length: int = 32) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def question(
    number: int,
    at: datetime,
    *,
    text: str = "",
    kind: str = "lookup",
    status: str = "not_in_specs",
    asker: str | None = None,
    route: Sequence[Json] = (),
    cites: Sequence[str] = (),
    ms: float = 3.0,
    **more: Any,
) -> Json:
    text = text or f"What is the state of service s{number}?"
    return {
        "schema": 1,
        "event_id": hex_of(f"event {number}"),
        "ts": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kind": "question",
        "answer_id": f"a{hex_of(f'answer {text} {status}', 16)}",
        "question_hash": hex_of(text),
        "terms_hash": hex_of(text, 16),
        "question_kind": kind,
        "asker": asker,
        "change": None,
        "status": status,
        "answerer": route[-1]["answerer"] if route else None,
        "confidence": 0.0,
        "unsourced": False,
        "cites": [{"address": cite, "section_hash": hex_of(cite, 64)} for cite in cites],
        "route": list(route),
        "retrieval": {"score": None, "coverage": 0.0, "k": 0},
        "unchecked": 0,
        "tokens": {"prompt": 0, "completion": 0, "calls": []},
        "model": None,
        "cached": False,
        "shared": False,
        "duration_ms": ms,
        "config_sha": None,
        **more,
    }


def step(answerer: str, outcome: str, ms: float, failure: str | None = None) -> Json:
    return {"answerer": answerer, "outcome": outcome, "failure": failure, "attempts": 1, "ms": ms}


def hanging_tool(count: int, *, end: datetime, first: int = 0, every: float = 60.0, hangs: int = 19) -> list[Json]:
    """Questions put to a tool that hangs `hangs` times out of twenty, and then to the documents, which do not know."""
    found = []
    for number in range(count):
        at = end - timedelta(seconds=every * (count - number))
        if number % 20 < hangs:
            route = [step("tools", "failed", 4000.0, "timeout"), step("specs", "nothing", 2.0)]
            found.append(question(first + number, at, route=route, ms=4003.0))
        else:
            found.append(
                question(first + number, at, route=[step("tools", "answered", 90.0)], status="answered", ms=92.0)
            )
    return found


def verdict(number: int, about: Json, at: datetime, *, accepted: bool, client: str, places: Sequence[str] = ()) -> Json:
    return {
        "schema": 1,
        "event_id": hex_of(f"verdict {number}"),
        "ts": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "kind": "verdict",
        "outcome": "accepted" if accepted else "rejected",
        "answer_id": about["answer_id"],
        "question_event": about["event_id"],
        "client": client,
        "because": "so",
        "places": list(places),
    }


def write_log(root: Path, events: Iterable[Json]) -> None:
    path = root / ".workflow" / "metrics.jsonl"
    path.parent.mkdir(exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        for event in events:
            file.write(json.dumps(event) + "\n")


def stubborn_tree(root: Path, *, count: int = 160, end: datetime | None = None) -> Path:
    """A tree in which the loop finds one thing to improve, by what the log shows alone; its `workflow.yaml`."""
    from tests.cli.asking import add_auth

    add_auth(root, STUBBORN)
    write_log(root, hanging_tool(count, end=end or datetime.now(UTC)))
    return root / "workflow.yaml"
