"""Titles as people type them, and the one line a document can carry of them."""

from __future__ import annotations

import re
import unicodedata

from workflow_cli.errors import UsageError

#: Longer than this it is a text, not a title. Unicode characters.
LONGEST = 200

_VISIBLE_SPACE = {"\u2028", "\u2029", "\ufeff", "\u0085"}
_BREAKS = {"Cc", "Zl", "Zp", "Zs"}


def clean_title(text: str) -> str:
    """The title on one line, white space and control characters folded, every other character as it was typed.

    Raises UsageError where no word is in it, where it is too long, and where it is not Unicode text.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError("the title is not valid UTF-8", hint="type it in the encoding of the terminal")
    title = one_line(text)
    if not has_word(title):
        raise UsageError("the title holds no word", hint='say what shall change, such as "Add two-factor login"')
    if len(title) > LONGEST:
        raise UsageError(
            f"the title has {len(title)} characters, and at most {LONGEST} fit",
            hint="shorten it and put the rest in a file: --from-file FILE",
        )
    return title


def one_line(text: str) -> str:
    return " ".join(
        "".join(" " if c in _VISIBLE_SPACE or unicodedata.category(c) in _BREAKS else c for c in text).split()
    )


def has_word(text: str) -> bool:
    return any(unicodedata.category(c)[0] in "LN" for c in text)


def sentence(text: str) -> str:
    """Without the punctuation that would double with ours at its end."""
    bare = text.rstrip(" .。．!！;；,，、:：")
    return bare if has_word(bare) else text


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


_FIRST_WORD = re.compile(r"([^\W\d_]+)\s+(\S.*)", re.S)


def split_verb(title: str) -> tuple[str | None, str]:
    """The first word, folded, and what follows it; None and the title where it is one word only."""
    match = _FIRST_WORD.match(title)
    return (match[1].lower(), match[2]) if match and has_word(match[2]) else (None, title)
