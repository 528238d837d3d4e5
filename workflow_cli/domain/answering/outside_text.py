"""Text that a server, tool or model sent, made harmless to show: it may be wrong or hostile, and it is always data."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

#: What joins letters in Persian, Indic scripts and emoji is kept; what only hides or reorders text is not.
_JOINERS = "\u200c\u200d"
_CUT = " [...]"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`truncated` where the text was longer than allowed."""

    text: str
    truncated: bool


def cleaned(text: str, *, max_bytes: int) -> Cleaned:
    """The text without control, bidirectional and invisible characters, cut to `max_bytes` of UTF-8.

    Line ends become `\\n`, tabs stay. Terminal escapes lose their first character, so that their rest is readable.
    """
    # A cleaned text is never longer than the raw one, and what is beyond some slack is not even looked at.
    cut = len(text) > max_bytes * 4
    plain = text[: max_bytes * 4].replace("\r\n", "\n").replace("\r", "\n")
    visible = "".join(character for character in plain if _is_visible(character))
    data = visible.encode("utf-8", "replace")
    if len(data) <= max_bytes:
        return Cleaned(visible if data.isascii() else data.decode("utf-8"), cut)
    room = max(0, max_bytes - len(_CUT))
    return Cleaned(data[:room].decode("utf-8", "ignore") + _CUT, True)


def one_line(text: str, *, max_bytes: int) -> str:
    """As `cleaned`, on one line, with single spaces."""
    return cleaned(" ".join(cleaned(text, max_bytes=max_bytes * 2).text.split()), max_bytes=max_bytes).text


def all_visible(text: str) -> str:
    """The text with every character that hides, reorders or controls shown as its code: nothing is left out.

    For what a person has to judge exactly, such as a command. Line ends are shown too.
    """
    return "".join(
        character if _is_visible(character) and character not in "\n\t" + _JOINERS else f"\\u{ord(character):04x}"
        for character in text
    )


def _is_visible(character: str) -> bool:
    if " " <= character <= "~" or character in "\n\t":
        return True
    # Cc: controls. Cf: format characters, which hold the bidirectional and zero-width ones and the tags. Co, Cn, Cs:
    # private, unassigned and half characters. U+2028 and U+2029 are line ends to some readers and not to others.
    return character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
