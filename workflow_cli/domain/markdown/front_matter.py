"""YAML front matter: found, never read."""

from __future__ import annotations

import re

# A blank line next tells a thematic break from it.
_FIRST_LINE = re.compile(r"---[ \t]*(?:\r\n|\r|\n)(?![ \t]*(?:\r|\n|\Z))")
_CLOSING_LINE = re.compile(r"[\r\n](?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)")


def front_matter_length(text: str) -> int:
    """Characters of the front matter at the start of the text, closing line and its end included; else 0.

    CommonMark knows none of this. The convention followed: a first line `---`, a line `---` or `...` that
    closes it, and no blank line right after the first, which tells it from a thematic break. Unclosed, it is
    ordinary text. The text must not begin with a byte order mark.
    """
    if not text.startswith("---"):
        return 0
    first = _FIRST_LINE.match(text)
    closing = _CLOSING_LINE.search(text, first.end() - 1) if first else None
    return closing.end() if closing else 0
