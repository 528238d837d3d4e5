"""Text as OpenSpec sees it: JavaScript's notion of white space, lines and length.

OpenSpec is a JavaScript program, and its verdicts follow JavaScript's rules. Python's `str.strip` and `\\s`
differ from them in both directions (U+001C to U+001F and U+0085 are white space to Python only, U+FEFF to
JavaScript only), so everything that decides a verdict goes through this module.
"""

from __future__ import annotations

import re

WHITE_SPACE = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

# Python's own `\\s`, less what only Python counts, plus what only JavaScript counts. A character class that
# lists the members would say the same, but takes milliseconds to compile, in every pattern.
_SPACE = r"(?:(?![\x1c-\x1f\x85])(?u:\s)|\ufeff)"
_NOT_SPACE = r"(?:(?!\ufeff)(?u:\S)|[\x1c-\x1f\x85])"
_ANY = r"[^\n\u2028\u2029]"

_WHITE_SPACE_RUN = re.compile(rf"{_SPACE}+")
_LINE_END = re.compile(r"\r\n?")


def js(pattern: str, flags: int = 0) -> re.Pattern[str]:
    r"""Compile a pattern written in JavaScript's terms: `\s`, `\S`, `.` and `$` mean what they mean there.

    For single lines without CR. Inside character classes only escapes that both languages share are allowed.
    """
    out: list[str] = []
    index = 0
    in_class = False
    while index < len(pattern):
        pair = pattern[index : index + 2]
        char = pattern[index]
        if char == "\\":
            assert not (in_class and pair in (r"\s", r"\S")), pattern
            out.append({r"\s": _SPACE, r"\S": _NOT_SPACE}.get(pair, pair))
            index += 2
            continue
        if char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        if char == "." and not in_class:
            out.append(_ANY)
        elif char == "$" and not in_class:
            out.append(r"\Z")
        else:
            out.append(char)
        index += 1
    return re.compile("".join(out), flags)


def trim(text: str) -> str:
    return text.strip(WHITE_SPACE)


def trim_end(text: str) -> str:
    return text.rstrip(WHITE_SPACE)


def without_start(pattern: re.Pattern[str], text: str) -> str:
    """The text without what the pattern matches where it begins. `sub` takes it out of the middle as well."""
    match = pattern.match(text)
    return text[match.end() :] if match else text


def one_space(text: str) -> str:
    """Runs of white space folded to one space."""
    return _WHITE_SPACE_RUN.sub(" ", text)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units, which is what OpenSpec's limits count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def decode(data: bytes) -> str:
    """Bytes as OpenSpec reads them: UTF-8, every bad sequence replaced by U+FFFD."""
    return data.decode("utf-8", "replace")


def normalize_line_ends(text: str) -> str:
    return _LINE_END.sub("\n", text) if "\r" in text else text


def drop_bom(text: str) -> str:
    return text.removeprefix("\ufeff")
