"""The log as the loop's traffic: all of it in portions is the same as all of it at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_cli.adapters import question_traffic
from workflow_cli.adapters.question_traffic import QuestionTraffic
from workflow_cli.app.improve.portions import portions

TS = "2026-01-31T12:00:00.000Z"


def question(number: int) -> dict[str, Any]:
    """The hash of what it cites changes in the middle; every third was answered by tools."""
    return {
        "kind": "question",
        "event_id": f"e{number}",
        "ts": TS,
        "status": "answered",
        "answer_id": f"a{number}",
        "asker": f"person-{number % 3}",
        "question_kind": "lookup",
        "question_hash": f"q{number % 5}",
        "cites": [{"address": "openspec/specs/a/spec.md#a", "section_hash": "old" if number < 20 else "new"}],
        "route": [{"answerer": "tools" if number % 3 == 0 else "specs", "outcome": "answered", "ms": 5}],
        "duration_ms": 5,
    }


def verdict(number: int) -> dict[str, Any]:
    """On an answer some lines before."""
    return {
        "kind": "verdict",
        "event_id": f"v{number}",
        "ts": TS,
        "answer_id": f"a{number - 3}",
        "client": f"person-{number % 3}",
        "outcome": "accepted",
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    lines = [json.dumps(one) for number in range(40) for one in (question(number), verdict(number), {"kind": "update"})]
    (tmp_path / "metrics-20260131T110000Z.jsonl").write_text("\n".join(lines[:50]) + '\n{"kind":"question"')
    (tmp_path / "metrics.jsonl").write_text('{"kind":"question",}\n' + "\n".join(lines[50:]) + '\n{"kind":"quest')
    return tmp_path / "metrics.jsonl"


def traffic(log: Path, most: int | None = None) -> QuestionTraffic:
    return QuestionTraffic(log, since=0.0, text_of=lambda _: None, most=lambda: most)


def read(log: Path, most: int | None = None) -> tuple[list[Any], int, int]:
    """The records, how many portions had any, and the end."""
    found = list(portions(traffic(log, most), 0))
    return [record for records, _ in found for record in records], sum(bool(r) for r, _ in found), found[-1][1]


@pytest.mark.parametrize("portion", [1, 100, 3000])
def test_portions_are_translated_as_one(log: Path, monkeypatch: pytest.MonkeyPatch, portion: int) -> None:
    """What a later line refers to may be in another portion: the answer that is judged, the section as it was."""
    at_once, _, end = read(log)
    monkeypatch.setattr(question_traffic, "_PORTION", portion)
    records, count, portioned_end = read(log)
    assert (records, portioned_end) == (at_once, end)
    assert count > 3
    assert {record["kind"] for record in records if record} == {"answer", "feedback", "edit"}
    assert records.count(None) == 1
    assert [r["answer_id"] for r in records if r and r["kind"] == "feedback"][-1] == "e36"


def test_only_the_last_lines_are_looked_at_where_they_are_enough(log: Path) -> None:
    records, count, end = read(log, most=6)
    assert [record["event_id"] for record in records] == ["e37", "v37", "e38", "v38", "e39", "v39"]
    assert (count, end) == (1, read(log)[2])


def test_how_the_tools_did_is_remembered_through_portions(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_traffic, "_PORTION", 500)
    read_on = traffic(log)
    list(portions(read_on, 0))
    assert read_on.last_tool_attempt("q0") is not None
    assert read_on.last_tool_attempt("nothing") is None
