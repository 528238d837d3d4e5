"""Events of the past for tests of `workflow feedback`, and its report as a program reads it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema

from tests.cli.conftest import REPOSITORY, Run

PUBLISHED = jsonschema.Draft202012Validator(
    json.loads((REPOSITORY / "workflow_cli/schemas/feedback-report.schema.json").read_text("utf-8"))
)


def report(workflow: Run, *arguments: str, status: int = 0) -> dict[str, Any]:
    done = workflow("feedback", *arguments, "--format", "json")
    assert done.returncode == status, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    PUBLISHED.validate(document)
    assert document["exit_code"] == status
    return document


def metric(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["metrics"] if one["name"] == name)
    return found


def log_of(tree: Path) -> Path:
    path = tree / ".workflow" / "metrics.jsonl"
    path.parent.mkdir(exist_ok=True)
    return path


class Log:
    """Writes events of the past, one after the other."""

    def __init__(self, tree: Path) -> None:
        self._path = log_of(tree)
        self._number = 0
        self.moments: dict[str, str] = {}
        self.answers: dict[str, str] = {}

    def add(self, *, ago: float, **event: Any) -> str:
        """`ago` in hours."""
        self._number += 1
        moment = datetime.now(UTC) - timedelta(hours=ago)
        id = f"{int(moment.timestamp() * 1000):012x}{self._number:020x}"
        line = {
            "schema": 1,
            "event_id": id,
            "ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **event,
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.moments[id] = line["ts"]
        self.answers[id] = event.get("answer_id", "")
        return id

    def question(self, *, ago: float, ms: float = 100.0, **words: Any) -> str:
        event = {
            "kind": "question",
            "answer_id": f"a{self._number:015x}",
            "question_kind": "lookup",
            "terms_hash": f"{self._number:016x}",
            "status": "answered",
            "answerer": "specs",
            "route": [],
            "duration_ms": ms,
            **words,
        }
        return self.add(ago=ago, **event)
