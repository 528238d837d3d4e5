"""Server-sent events out of bytes that come in any pieces."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

#: No event of a model server comes near it; whoever sends more floods.
LONGEST_EVENT = 4 * 1024 * 1024


class EventTooLong(ValueError):
    """An event grew beyond what is kept in memory."""


@dataclass(frozen=True, slots=True)
class Event:
    """`name` is `message` where the server gave none."""

    name: str
    data: str


class EventReader:
    """`feed` returns the events that are whole by now. Line ends may be LF, CRLF or CR; comments are passed over."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._name = ""
        self._data: list[str] = []
        self._size = 0
        self._after_cr = False
        self._first = True

    def feed(self, data: bytes) -> Iterator[Event]:
        text = self._decoder.decode(data)
        if self._first and text:
            text, self._first = text.removeprefix("\ufeff"), False
        if self._after_cr:
            text, self._after_cr = text.removeprefix("\n"), not text
        self._after_cr = self._after_cr or text.endswith("\r")
        *lines, self._rest = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if self._size + len(self._rest) > LONGEST_EVENT:
            raise EventTooLong("an event of the stream is longer than 4 MiB")
        for line in lines:
            yield from self._line(line)

    def end(self) -> Iterator[Event]:
        """What stands there when the stream ends, though no blank line followed."""
        yield from self._line(self._rest + self._decoder.decode(b"", final=True))
        yield from self._line("")

    def _line(self, line: str) -> Iterator[Event]:
        if line == "":
            if self._data:
                yield Event(self._name or "message", "\n".join(self._data))
            self._name, self._data, self._size = "", [], 0
            return
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
            self._size += len(value)
        elif field == "event":
            self._name = value
        elif field and not self._data and line[0] in "{<":
            # No event stream at all: a JSON or HTML body; kept, so that it can be told.
            self._data.append(line)
            self._size += len(line)
        if self._size > LONGEST_EVENT:
            raise EventTooLong("an event of the stream is longer than 4 MiB")
