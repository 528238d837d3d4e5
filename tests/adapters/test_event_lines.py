"""The log from its end: the same lines as where it is read as a whole, and no more of it than is wanted."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.event_lines import EventLines
from workflow_cli.adapters.lines_backwards import end_of_last_line, lines_backwards

LINES = st.lists(
    st.sampled_from((b"", b'{"n":1}', b'{"n":"long enough for several blocks"}', b"no json", b"[1]", b"\r"))
)
#: What a file holds: whole lines, and perhaps the beginning of another.
FILES = st.tuples(LINES, st.sampled_from((b"", b"", b'{"n":'))).map(
    lambda parts: b"".join(line + b"\n" for line in parts[0]) + parts[1]
)


class CountedReads(io.BytesIO):
    """How many bytes were asked for in all."""

    read_bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.read_bytes += len(data)
        return data


@given(content=FILES, first=st.integers(0, 40), block=st.integers(1, 50))
def test_blocks_of_any_size_give_the_lines_of_the_whole(content: bytes, first: int, block: int) -> None:
    rest = content[first:]
    whole = rest.rfind(b"\n") + 1
    stream = io.BytesIO(content)
    last = end_of_last_line(stream, first, max(first, len(content)), block=block)
    assert last == first + whole
    assert list(lines_backwards(stream, first, last, block=block))[::-1] == rest[:whole].split(b"\n")[:-1]


def test_a_line_longer_than_many_blocks_is_put_together_once() -> None:
    line = b"x" * 10_000
    stream = CountedReads(line + b"\n" + line + b"\n")
    assert list(lines_backwards(stream, 0, 20_002, block=64)) == [line, line]
    assert stream.read_bytes <= 20_002


def test_of_a_long_file_only_the_end_is_read() -> None:
    stream = CountedReads(b"a line\n" * 100_000)
    lines = lines_backwards(stream, 0, 700_000, block=1000)
    assert [next(lines) for _ in range(10)] == [b"a line"] * 10
    assert stream.read_bytes == 1000


def log_of(files: list[bytes], directory: Path) -> Path:
    """A log of these files, the last of which is written now."""
    path = directory / "metrics.jsonl"
    for number, content in enumerate(files[:-1]):
        path.with_name(f"metrics-2026013{number}T120000Z.jsonl").write_bytes(content)
    path.write_bytes(files[-1])
    return path


def read_as_a_whole(files: list[bytes], position: int, words: tuple[bytes, ...]) -> tuple[list[bytes], int]:
    """The lines after a position, and the position after them, without any care for memory."""
    lines: list[bytes] = []
    start, end = 0, position
    for content in files:
        if start + len(content) > position:
            rest = content[max(0, position - start) :]
            whole = rest.rfind(b"\n") + 1
            lines += rest[:whole].split(b"\n")[:-1]
            end = max(position, start) + whole
        start += len(content)
    return [line for line in lines if not words or any(word in line for word in words)], end


@given(
    files=st.lists(FILES, min_size=1, max_size=4),
    position=st.integers(0, 100),
    most=st.none() | st.integers(1, 8),
    words=st.sampled_from(
        ((), (b'"n"',), (b'"n":1', b"[")),
    ),
)
def test_the_same_is_read_as_where_all_files_are_read_as_a_whole(
    files: list[bytes], position: int, most: int | None, words: tuple[bytes, ...]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = log_of(files, Path(directory))
        records, end = EventLines(path, words=words).read(position, most=most)
        assert EventLines(path).end == sum(map(len, files))
        kept = Path(directory) / "kept.jsonl"
        lines, wanted_end = read_as_a_whole(files, position, words)
        lines = lines if most is None else lines[-most:]
        kept.write_bytes(b"".join(line + b"\n" for line in lines))
        assert list(records) == list(EventLines(kept).read(0)[0])
        assert len(records) == len(lines)
        assert end == wanted_end


def test_the_last_lines_are_sought_through_the_files(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    (tmp_path / "metrics-20260101T000000Z.jsonl").write_bytes(b'{"n":0}\n')
    (tmp_path / "metrics-20260131T120000Z.jsonl").write_bytes(b'{"n":1}\n{"other":0}\n{"n":2}\n')
    path.write_bytes(b'{"other":0}\n{"n":3}\n{"n":')
    events = EventLines(path, since=1769000000.0, words=(b'"n"',))
    records, end = events.read(0, most=2)
    assert list(records) == [{"n": 2}, {"n": 3}]
    assert end == events.end - len(b'{"n":')
    assert list(events.read(0, most=9)[0]) == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert list(events.read(end, most=9)[0]) == []


@pytest.mark.parametrize("most", [None, 3])
def test_where_all_was_put_aside_too_long_ago_the_position_moves_over_it(tmp_path: Path, most: int | None) -> None:
    (tmp_path / "metrics-20260101T000000Z.jsonl").write_bytes(b'{"n":0}\n')
    events = EventLines(tmp_path / "metrics.jsonl", since=1769000000.0)
    assert [list(events.read(0, most=most)[0]), events.read(0, most=most)[1]] == [[], 8]


@given(
    files=st.lists(FILES, min_size=1, max_size=4),
    position=st.integers(0, 100),
    about=st.integers(1, 60),
    words=st.sampled_from(((), (b'"n"',))),
)
def test_portions_of_any_size_are_together_what_is_read_as_a_whole(
    files: list[bytes], position: int, about: int, words: tuple[bytes, ...]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = log_of(files, Path(directory))
        events = EventLines(path, words=words)
        whole, end = events.read(position)
        found = []
        before = -1
        while position != before:
            before = position
            records, position = events.read_on(position, about=about)
            found += records
        assert (found, position) == (list(whole), end)


def test_a_rotation_between_two_portions_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"n":1}\n{"n":2}\n{"n":3}\n')
    events = EventLines(path)
    first, position = events.read_on(0, about=1)
    path.rename(tmp_path / "metrics-20260131T120000Z.jsonl")
    path.write_bytes(b'{"n":4}\n')
    second, position = events.read_on(position, about=100)
    third, position = events.read_on(position, about=100)
    assert [list(first), list(second), list(third)] == [[{"n": 1}], [{"n": 2}, {"n": 3}], [{"n": 4}]]
    assert (position, list(events.read_on(position, about=100)[0])) == (events.end, [])
