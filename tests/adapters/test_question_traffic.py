"""The log as the loop's traffic: all of it in portions is the same as all of it at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters import question_traffic
from workflow_cli.adapters.question_traffic import QuestionTraffic
from workflow_cli.app.improve.portions import portions
from workflow_cli.domain.events.kinds import EVERY, KINDS
from workflow_cli.domain.improvement.window import Window

TS = "2026-01-31T12:00:00.000Z"
_FIELDS = sorted(
    {
        "event_id",
        "ts",
        "address",
        "section_hash",
        "k",
        "coverage",
        "places",
        "score",
        "outcome",
        "failure",
        "ms",
        *EVERY,
        *(field for fields in KINDS.values() for field in fields),
    }
)


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


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(TS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_FIELDS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    lines=st.lists(
        st.tuples(
            st.sampled_from(["question", "verdict", "finding.verdict", "draft", "process.item", "question.answered"]),
            st.dictionaries(st.sampled_from(_FIELDS), _JUNK, max_size=6),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_whatever_a_line_says_it_is_counted_or_set_aside(
    lines: list[tuple[str, dict[str, Any], bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Alone, or in the fields of an event that is one otherwise."""
    path = tmp_path_factory.mktemp("log") / "metrics.jsonl"
    events = [
        {**(question(number) if whole else {"ts": TS}), **junk, "kind": kind}
        for number, (kind, junk, whole) in enumerate(lines)
    ]
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    window = Window()
    for record in read(path)[0]:
        window.add(record)
