"""Texts stored small: as what differs from an earlier text, compressed.

A delta says how many bytes at the start and the end are those of its base; what is between them is compressed
with the base's own middle as its dictionary. An edit of one requirement in a long document takes a hundred bytes.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal

_LEVEL = 6
#: From this many bytes on, two thirds of the time are worth more than a fifth of the room.
_LARGE = 256 * 1024
_LEVEL_OF_LARGE = 1
_WINDOW = 32_768
#: So many bytes are compared as one number, which finds the first that differs in a step.
_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Delta:
    """`prefix` and `suffix` count bytes of the base; without a base both are 0."""

    prefix: int
    suffix: int
    packed: bytes


def make_delta(data: bytes, base: bytes = b"") -> Delta:
    shorter = min(len(data), len(base))
    prefix = _common_start(data, base, shorter)
    suffix = _common_end(data, base, shorter - prefix)
    middle = data[prefix : len(data) - suffix]
    packer = _packer(len(middle), base[prefix : len(base) - suffix])
    return Delta(prefix, suffix, packer.compress(middle) + packer.flush())


def expand(delta: Delta, base: bytes = b"", *, size: int) -> bytes:
    """The text again, of exactly `size` bytes. Raises ValueError where it cannot be had."""
    middle = base[delta.prefix : len(base) - delta.suffix]
    missing = size - delta.prefix - delta.suffix
    if delta.prefix < 0 or delta.suffix < 0 or delta.prefix + delta.suffix > len(base) or missing < 0:
        raise ValueError("the delta does not fit its base")
    unpacker = zlib.decompressobj(zdict=middle[-_WINDOW:]) if middle else zlib.decompressobj()
    try:
        # Bounded, so that damage cannot swell.
        data = unpacker.decompress(delta.packed, missing + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(data) != missing or not unpacker.eof:
        raise ValueError("the length is wrong")
    return base[: delta.prefix] + data + base[len(base) - delta.suffix :]


def _packer(size: int, dictionary: bytes) -> zlib._Compress:
    # Setting up a large window takes longer than everything else about a small edit.
    window, memory = (9, 1) if size + len(dictionary) < 512 else (zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
    level = _LEVEL if size < _LARGE else _LEVEL_OF_LARGE
    if dictionary:
        return zlib.compressobj(level, zlib.DEFLATED, window, memory, zdict=dictionary[-_WINDOW:])
    return zlib.compressobj(level, zlib.DEFLATED, window, memory)


def _common_start(one: bytes, other: bytes, most: int) -> int:
    """How many bytes are equal from the start on, up to `most`."""
    low, high = 0, most
    while high - low > _AT_ONCE:
        half = (low + high) // 2
        if one[low:half] == other[low:half]:
            low = half
        else:
            high = half
    return low + _equal(one[low:high], other[low:high], "little")


def _common_end(one: bytes, other: bytes, most: int) -> int:
    """How many bytes are equal from the end backwards, up to `most`."""
    end, other_end = len(one), len(other)
    low, high = 0, most
    while high - low > _AT_ONCE:
        half = (low + high) // 2
        if one[end - half : end - low] == other[other_end - half : other_end - low]:
            low = half
        else:
            high = half
    return low + _equal(one[end - high : end - low], other[other_end - high : other_end - low], "big")


def _equal(one: bytes, other: bytes, order: Literal["little", "big"]) -> int:
    """How many bytes of two equally long texts are equal, up to the first that is not; from the end on for "big"."""
    different = int.from_bytes(one, order) ^ int.from_bytes(other, order)
    return ((different & -different).bit_length() - 1) // 8 if different else len(one)
