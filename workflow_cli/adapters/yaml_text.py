"""Values as YAML text that people like to read, and reads back as exactly the same value."""

from __future__ import annotations

import json
import re
import textwrap

WIDTH = 110

#: What YAML would fold, refuse or lose outside double quotes.
_ODD = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff"
#: Plain scalars that cannot be mistaken for anything else: a letter or an opening mark first, no structure inside.
_PLAIN = re.compile(rf"[“«„(]?[^\W\d_][^{_ODD}]*")
_STRUCTURE = re.compile(r": |:\Z| #|\s\Z|  ")
_RESOLVED = re.compile(r"(?:null|true|false|yes|no|on|off|y|n|inf|nan)\Z", re.I)
_FOLDABLE = re.compile(rf"[^\s{_ODD}]+(?: [^\s{_ODD}]+)*")
_LITERAL_LINE = re.compile(rf"[^{_ODD}]*[^\s{_ODD}]|")
_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

Value = str | bool | int | float | list[str] | None


def in_block(value: Value, indent: int) -> str:
    """What follows `key:` in block style, its leading space included; lines end with LF. None leaves it empty.

    `indent` is the column of the key; the lines of longer texts stand two further in.
    """
    if value is None:
        return ""
    if isinstance(value, list):
        pad = " " * (indent + 2)
        return "".join(f"\n{pad}-{in_block(item, indent + 2)}" for item in value) if value else " []"
    return f" {_scalar(value, indent)}"


def in_flow(value: Value) -> str:
    """The value on one line, as it may stand between braces."""
    if isinstance(value, list):
        return "[" + ", ".join(in_flow(item) for item in value) + "]"
    return quoted(value) if isinstance(value, str) else _scalar(value, 0)


def quoted(text: str) -> str:
    """In double quotes, with everything escaped that YAML would not keep."""
    return _ESCAPED.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(text, ensure_ascii=False))


def _scalar(value: str | bool | int | float | None, indent: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if value is None:
        return "null"
    pad = " " * (indent + 2)
    if len(value) <= WIDTH and _PLAIN.fullmatch(value) and not _STRUCTURE.search(value) and not _RESOLVED.match(value):
        return value
    if len(value) > WIDTH and _FOLDABLE.fullmatch(value):
        return ">-\n" + textwrap.indent("\n".join(_folded(value, WIDTH - indent)), pad)
    lines = value.split("\n")
    starts_flush = bool(lines[0]) and not lines[0][0].isspace()
    if len(lines) > 1 and starts_flush and lines[-1] and all(_LITERAL_LINE.fullmatch(line) for line in lines):
        return "|-\n" + "\n".join(pad + line if line else "" for line in lines)
    return quoted(value)


def _folded(text: str, width: int) -> list[str]:
    """Lines that joined with single spaces give the text again."""
    lines, current = [], ""
    for word in text.split(" "):
        if current and len(current) + 1 + len(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]
