"""Tests of files that must not be read or written, for root too, whom no mode stops."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator

import pytest

_VERSION = 0x20080522
#: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
_OVER_MODES = 1 << 1 | 1 << 2
_SET_SECUREBITS, _NOROOT = 28, 1
_given_up = False


@contextlib.contextmanager
def only_what_modes_allow() -> Iterator[None]:
    """Root may do no more than the mode of a file allows its owner: in this thread, and in programs that it starts.

    Skips the test where root cannot give up that much.
    """
    global _given_up
    if os.geteuid() != 0:
        yield
        return
    if not sys.platform.startswith("linux"):
        pytest.skip("root may do everything here")
    before = _effective()
    if not _set(_SET_SECUREBITS, _NOROOT):  # or a program started by root would be given everything again
        pytest.skip("root may not give up its rights here")
    try:
        _limit(before & ~_OVER_MODES)
        _given_up = True
        yield
    finally:
        _given_up = False
        _limit(before)
        _set(_SET_SECUREBITS, 0)


def are_given_up() -> bool:
    """Whether it is so now, which only processes that this one starts itself take over."""
    return _given_up


def _set(what: int, value: int) -> bool:
    return bool(ctypes.CDLL(None).prctl(what, value, 0, 0, 0) == 0)


def _effective() -> int:
    return int(_capabilities()[1][0])


def _limit(effective: int) -> None:
    header, data = _capabilities()
    data[0] = effective
    assert ctypes.CDLL(None).capset(header, data) == 0


def _capabilities() -> tuple[ctypes.Array[ctypes.c_uint32], ctypes.Array[ctypes.c_uint32]]:
    """What `capget` says of this thread: effective, permitted and inheritable, the lower half first."""
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    data = (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capget(header, data) == 0
    return header, data
