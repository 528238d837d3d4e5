"""Names as people see them: what tells two of them apart for a computer alone does not count."""

from __future__ import annotations

import unicodedata

# Letters of other alphabets, small, beside the Latin one that they cannot be told from in one case or in both.
_CYRILLIC = ("авекмнорстхуіјѕһԁԛԝӏ", "abekmhopctxyijshdqwl")
_GREEK = ("αβεζηικμορτυχ", "abezhikmoptyx")
_OTHER = ("ıɡ‐‑‒–—−‘’′“”", "ig------'''\"\"")
_LIKE = {ord(a): b for letters, latin in (_CYRILLIC, _GREEK, _OTHER) for a, b in zip(letters, latin, strict=True)}
#: Fillers and selectors of other shapes; all else that is not seen is in the category of formats.
_UNSEEN = frozenset("\u034f\u115f\u1160\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}


def look(name: str) -> str:
    """The form in which two names look the same.

    Case, white space, the composition of letters, characters that are not seen, and letters of other alphabets that
    look alike do not count.
    """
    if not name.isascii():
        name = "".join(char for char in name if not _is_unseen(char))
        name = unicodedata.normalize("NFKC", name)
    name = name.casefold()
    return " ".join((name if name.isascii() else name.translate(_LIKE)).split())


def told_apart(name: str, other: str) -> str:
    """The characters of both names that are not seen, or stand in for a Latin letter, as ` (U+200B, U+0456)`.

    Empty where they differ in nothing of the kind: then people can see it, or a computer puts it together.
    """
    odd = {char for char in {*name} ^ {*other} if _is_unseen(char) or ord(char.casefold()[:1]) in _LIKE}
    return f" ({', '.join(f'U+{ord(char):04X}' for char in sorted(odd))})" if odd else ""


def _is_unseen(char: str) -> bool:
    return char in _UNSEEN or unicodedata.category(char) == "Cf"
