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

#: The body of a character class that matches what JavaScript's `\s` matches.
S = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
#: What JavaScript's `.` matches: anything that does not end a line there.
DOT = r"[^\n\r\u2028\u2029]"

_WHITE_SPACE_RUN = re.compile(rf"[{S}]+")
_LINE_END = re.compile(r"\r\n?")


def js(pattern: str, flags: int = 0) -> re.Pattern[str]:
    r"""Compile a pattern written in JavaScript's terms: `\s`, `\S`, `.` and `$` mean what they mean there.

    Write a literal dot as `\.` and keep `.` out of character classes.
    """
    out: list[str] = []
    index = 0
    in_class = False
    while index < len(pattern):
        pair = pattern[index : index + 2]
        char = pattern[index]
        if char == "\\":
            if pair == r"\s":
                out.append(S if in_class else f"[{S}]")
            elif pair == r"\S":
                out.append(f"[^{S}]")
            else:
                out.append(pair)
            index += 2
            continue
        if char == "[":
            in_class = True
        elif char == "]":
            in_class = False
        if char == "." and not in_class:
            out.append(DOT)
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
