"""The file in which questions are answered in bulk."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow_cli.adapters.question_sheet import parse, render
from workflow_cli.app.answering.ports import PendingQuestion
from workflow_cli.domain.answering.answer import Source
from workflow_cli.domain.answering.context import KNOWN_KEYS

_text = st.text(min_size=1, max_size=30).filter(str.strip) | st.sampled_from(
    [
        "yes",
        "no",
        "~",
        "null",
        "1.10",
        "007",
        "- a",
        "a: b",
        "a #b",
        "|",
        "'",
        '"',
        "? a",
        "\ta\nb\r\nc\n",
        "x" * 300,
        "a " * 99,
    ]
)
_entry = st.builds(
    PendingQuestion,
    id=st.just("q1") | st.from_regex(r"q[0-9a-f]{20}", fullmatch=True),
    text=_text,
    asker=st.none(),
    askers=st.lists(_text, max_size=2, unique=True).map(tuple),
    asked_at=st.just("2026-03-01T12:00:00.000Z"),
    change=st.none() | _text,
    context=st.dictionaries(st.sampled_from(sorted(KNOWN_KEYS)), _text, max_size=3),
    expires_at=st.none() | st.just("2026-04-01T12:00:00.000Z"),
    answer=st.none() | _text,
    answered_by=st.none() | _text,
    sources=st.lists(
        st.builds(Source, path=st.just("a.md"), line=st.integers(1, 99), address=st.just("a"), quote=st.just("b")),
        max_size=2,
    ).map(tuple),
)


@pytest.mark.parametrize("name", ["q.yaml", "q.json"])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_entry, max_size=3))
def test_what_is_exported_is_read_back(name: str, entries: list[PendingQuestion]) -> None:
    """Every character of it, in either form."""
    sheet = parse(render(entries, as_json=name.endswith("json")), name)
    assert sheet.faults == ()
    for entry, read in zip(entries, sheet.entries, strict=True):
        assert (read.id, read.text, read.change, dict(read.context)) == (
            entry.id, entry.text, entry.change, dict(entry.context),
        )  # fmt: skip
        assert (read.answer, read.by) == (entry.answer, entry.answered_by)
        assert read.cited == tuple(f"a.md:{source.line}" for source in entry.sources)
