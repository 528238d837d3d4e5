"""The event log as the loop reads it: rotated files first, then the one being written."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from workflow_cli.adapters.state_file import names_in, unreadable


class EventLines:
    """`path` is the file events are appended to; rotated ones lie beside it as `<stem>-<time><suffix>`.

    The position counts bytes over all files, and starts again with every object: what a rotation moves stays in order.
    Of files that were put aside before `since`, seconds since 1970, nothing is read; of lines, those that have one of
    `words` in them. Raises DocumentError where a file that is there cannot be read.
    """

    def __init__(self, path: Path, *, since: float | None = None, words: Sequence[bytes] = ()) -> None:
        self._path = path
        self._words = tuple(words)
        self._oldest = None if since is None else time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(max(0.0, since)))

    def read(self, position: int, *, most: int | None = None) -> tuple[Sequence[Mapping[str, Any] | None], int]:
        """Lines that are not ended yet are left for the next time. `most`: only the last so many.

        Read from the end, so that it costs what is taken and not what there is.
        """
        # Whoever asks only for the end needs neither.
        from workflow_cli.adapters.event_records import EventRecords
        from workflow_cli.adapters.lines_backwards import end_of_last_line, lines_backwards

        lines: list[bytes] = []
        end = position
        for file, start, size in reversed(self._measured()):
            if start + size <= position:
                break
            if self._is_old(file):
                end = max(end, start + size)
                continue
            # One that is not there was put aside just now; it is read next time.
            with _passing_over_missing(file), open(file, "rb") as stream:
                first = max(0, position - start)
                last = end_of_last_line(stream, first, size)
                end = max(end, start + last)
                found = lines_backwards(stream, first, last)
                wanted = filter(self._wanted, found) if self._words else found
                lines += islice(wanted, None if most is None else most - len(lines))
            if len(lines) == most:
                break
        lines.reverse()
        return EventRecords(lines), end

    def read_on(self, position: int, *, about: int) -> tuple[Sequence[Mapping[str, Any] | None], int]:
        """The next lines, of about so many bytes and of one file; where the position does not move, there are none."""
        from workflow_cli.adapters.event_records import EventRecords

        end = position
        for file, start, size in self._measured():
            if start + size <= position:
                continue
            if self._is_old(file):
                end = start + size
                continue
            with _passing_over_missing(file), open(file, "rb") as stream:
                first = max(0, position - start)
                stream.seek(first)
                data = stream.read(about) + stream.readline()
                end = start + first
                if whole := data.rfind(b"\n") + 1:
                    found = data[:whole].split(b"\n")[:-1]
                    return EventRecords(list(filter(self._wanted, found)) if self._words else found), end + whole
        return EventRecords([]), end

    @property
    def end(self) -> int:
        """How many bytes there are in all files now."""
        return sum(size for _, _, size in self._measured())

    def _measured(self) -> list[tuple[Path, int, int]]:
        """Every file, with the position it begins at and its bytes."""
        found = []
        start = 0
        for file in self._files():
            with _passing_over_missing(file):
                size = file.stat().st_size
                found.append((file, start, size))
                start += size
        return found

    def _wanted(self, line: bytes) -> bool:
        return any(word in line for word in self._words)

    def _is_old(self, file: Path) -> bool:
        return self._oldest is not None and file != self._path and file.stem[len(self._path.stem) + 1 :] < self._oldest

    def _files(self) -> list[Path]:
        begins, ends = f"{self._path.stem}-", self._path.suffix
        names = names_in(self._path.parent)
        rotated = sorted(name for name in names if name.startswith(begins) and name.endswith(ends))
        return [*(self._path.with_name(name) for name in rotated), self._path]


@contextlib.contextmanager
def _passing_over_missing(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        pass
    except OSError as error:
        raise unreadable(error, file, what="cannot read the log of events: {}") from error
