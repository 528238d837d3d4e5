"""How many tokens a text takes, estimated on the safe side: every model cuts words its own way."""

from __future__ import annotations

import re
from math import ceil

_PIECE = re.compile(
    r"(?P<word>[A-Za-z]+)|(?P<digits>[0-9]+)|(?P<space>[ \t]+)|(?P<ascii>[\x00-\x7f])|(?P<other>[^\x00-\x7f]+)"
)

#: What the frame of one message of a conversation takes.
MESSAGE_FRAME = 8


def estimate_tokens(text: str) -> int:
    """At least as many tokens as the tokenizers of common models make of natural text and Markdown."""
    total = 0.0
    for piece in _PIECE.finditer(text):
        kind, length = piece.lastgroup, piece.end() - piece.start()
        if kind == "word":
            total += max(1.0, length / 3.5)
        elif kind == "digits":
            total += length
        elif kind == "space":
            total += 0 if length == 1 else length / 4
        elif kind == "ascii":
            total += 1
        else:
            total += sum(map(_weight, piece[0]))
    return ceil(total)


def _weight(character: str) -> float:
    """Tokens of one character outside ASCII."""
    point = ord(character)
    if point < 0x0800:  # Latin, Greek, Cyrillic, Hebrew, Arabic: two bytes in UTF-8
        return 0.8
    if 0x2000 <= point < 0x3000:  # dashes, quotation marks, arrows
        return 2.0
    if 0x3000 <= point < 0xA000 or 0xAC00 <= point < 0xD7B0 or 0xF900 <= point < 0xFB00 or 0xFF00 <= point < 0xFFF0:
        return 1.5  # Chinese, Japanese, Korean
    return 3.0 if point < 0x10000 else 4.0  # other scripts and emoji may fall apart into bytes
