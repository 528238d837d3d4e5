"""YAML front matter: found, never read."""

from __future__ import annotations

import re

# Atomic and possessive, so that text that never closes it is read once.
_FRONT_MATTER = re.compile(
    r"""
    ---[ \t]*(?>\r\n|\r|\n)                       # the very first line
    (?![ \t]*(?:\r|\n|\Z))                        # no blank line next: that is a thematic break
    (?:(?!(?:---|\.\.\.)[ \t]*(?:\r|\n|\Z))       # lines that do not close it
        [^\r\n]*(?>\r\n|\r|\n))*+
    (?:---|\.\.\.)[ \t]*(?>\r\n|\r|\n|\Z)         # the line that does
    """,
    re.VERBOSE,
)


def front_matter_length(text: str) -> int:
    """Characters of the front matter at the start of the text, closing line and its end included; else 0.

    CommonMark knows none of this. The convention followed: a first line `---`, a line `---` or `...` that
    closes it, and no blank line right after the first, which tells it from a thematic break. Unclosed, it is
    ordinary text. The text must not begin with a byte order mark.
    """
    if not text.startswith("---"):
        return 0
    match = _FRONT_MATTER.match(text)
    return match.end() if match else 0
