"""Documents are cut into readings that fit, and nothing of them is lost or moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.model_review.reading import Excerpt, readings

LINES = st.lists(st.sampled_from(["# A", "## B", "text of a line", "", "- item", "x" * 30]), max_size=40)


@given(st.lists(LINES, max_size=4), st.integers(30, 200))
def test_readings_fit_and_join_up_to_the_documents(documents: list[list[str]], room: int) -> None:
    texts = ["\n".join(lines) for lines in documents]
    excerpts = [Excerpt(path=f"{n}.md", line=1, text=text) for n, text in enumerate(texts) if text.strip()]
    found = readings(excerpts, room=room, count=len, frame=4)
    for reading in found:
        assert sum(len(piece.text) + 4 for piece in reading) <= room
    for excerpt in excerpts:
        pieces = [piece for reading in found for piece in reading if piece.path == excerpt.path]
        lines = excerpt.text.split("\n")
        for piece in pieces:
            shown = piece.text.removesuffix("\n").split("\n")
            assert lines[piece.line - 1 : piece.line - 1 + len(shown)] == shown
        if all(len(line) + 1 <= room - 4 for line in lines):
            assert "".join(piece.text for piece in pieces) == excerpt.text
