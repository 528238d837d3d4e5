r"""Text of documents made harmless for terminals, logs and markup.

Document text is data. Printed as it is, an escape sequence could redraw the screen, a bidirectional override
could show a line in another order than it has, a bare CR could hide what stands before it, and a line that
starts with `::` would be a command to a CI runner. Each such character is shown as an escape (`\x1b`).
"""

from __future__ import annotations

import re

# Controls, line separators, bidirectional embeddings, overrides and isolates, halves of surrogate pairs,
# and the two characters that XML forbids beside them.
_HARMFUL = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff\\ufffe\\uffff]"
)
# GitHub's runner looks for `::` behind any white space, and for the older `##[` (elsewhere `##vso[`) anywhere.
_COMMAND_AT_START = re.compile(r"^(\s*):(?=:)")
_COMMAND_ANYWHERE = re.compile(r"#(?=#\w*\[)")


def one_line(text: str) -> str:
    """`text` without anything that could act; line breaks become `\\n`."""
    return _HARMFUL.sub(_shown, text)


def lines_of(text: str) -> list[str]:
    """The lines of `text`, each as from `one_line`, with tabs as spaces; blank ones at the end are dropped.

    CRLF and LF end a line.
    """
    return [one_line(line.expandtabs(4)) for line in text.rstrip().replace("\r\n", "\n").split("\n")]


def block(text: str) -> str:
    """`text` with its line breaks, and otherwise as from `one_line`."""
    return "\n".join(lines_of(text))


def log_line(line: str) -> str:
    """A whole line, already `one_line`, that no CI runner takes for a command."""
    return _COMMAND_ANYWHERE.sub("# ", _COMMAND_AT_START.sub(r"\1: ", line))


def json_text(text: str) -> str:
    """JSON text with every harmful character as a JSON escape: the same value, safe to print.

    Line feeds are left alone; in JSON text they stand between values only.
    """
    return _HARMFUL.sub(lambda match: match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}", text)


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    code = ord(character)
    return short or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
