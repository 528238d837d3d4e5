"""Stdin, stdout and stderr as everything else may rely on them, whatever this process was started with."""

from __future__ import annotations

import io
import os
import sys
from fcntl import F_GETFL, fcntl
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from typing_extensions import Buffer


class _Nowhere(io.FileIO):
    """Stands for a stream that is closed: there is nothing to read, and what is printed is lost, but not unnoticed."""

    took_something = False

    def write(self, data: Buffer, /) -> int:
        _Nowhere.took_something = True
        return super().write(data)


def make_safe() -> None:
    """Open what is closed: else what is opened next gets its number, and is printed into."""
    if sys.stdin is None or _is_only(os.O_WRONLY, sys.stdin):  # started with `<&-`, or with `0>FILE`
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_Nowhere(os.devnull)), encoding="utf-8")
    # With `1<FILE` writing would look like a fault of our own.
    if sys.stdout is None or _is_only(os.O_RDONLY, sys.stdout):
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Nowhere(os.devnull, "w")), encoding="utf-8")
    if sys.stderr is None:  # started with `2>&-`: what is printed to None goes to stdout, among the results
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Documents and file names come in every script; a narrow terminal must not end the run.
            stream.reconfigure(errors="backslashreplace")


def is_closed(stream: TextIO) -> bool:
    """Whether it was closed when this process was started, or open for the other direction."""
    return isinstance(getattr(getattr(stream, "buffer", None), "raw", None), _Nowhere)


def something_was_lost() -> bool:
    """Whether something was printed on a stdout that is closed."""
    return _Nowhere.took_something


def drop_stdout() -> None:
    """Python flushes stdout once more on exit; give it somewhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_only(mode: int, stream: TextIO) -> bool:
    try:
        return fcntl(stream.fileno(), F_GETFL) & os.O_ACCMODE == mode
    except (OSError, ValueError):  # one that has no number, as in tests
        return False
