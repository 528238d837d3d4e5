"""Events out of bytes, however they are cut and whichever line ends they have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.lmstudio.sse import Event, EventReader

LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=12)


def events(pieces: list[bytes]) -> list[Event]:
    reader = EventReader()
    return [*(event for piece in pieces for event in reader.feed(piece)), *reader.end()]


@given(
    st.lists(st.tuples(st.sampled_from(["message", "error"]), st.lists(LINES, min_size=1, max_size=3)), max_size=4),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.data(),
)
def test_every_event_comes_whole(sent: list[tuple[str, list[str]]], end: str, last: bool, data: st.DataObject) -> None:
    text = ""
    for name, lines in sent:
        text += f": a comment{end}" + (f"event: {name}{end}" if name != "message" else "")
        text += "".join(f"data: {line}{end}" for line in lines) + end
    raw = text.encode()
    raw = raw if last else raw[: -len(end)]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=6)))
    pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    assert events(pieces) == [Event(name, "\n".join(lines)) for name, lines in sent]


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data:a\nid: 5\nretry: 10\n\n", ["a"]),
        (b"data\n\n", [""]),
        (b"\n\n\n", []),
        (b'{"error":"no stream"}', ['{"error":"no stream"}']),
    ],
)
def test_odd_ones(raw: bytes, data: list[str]) -> None:
    assert [event.data for event in events([raw])] == data
