"""What changed between two versions of a document, as a unified diff."""

from __future__ import annotations

import difflib

from workflow_cli.domain.markdown.source import split_lines


def unified_diff(before: bytes, after: bytes, *, before_name: str, after_name: str, context: int = 3) -> str:
    """A unified diff, empty where nothing changed; lines are the lines of `Source`.

    Every line of the diff ends with LF. As in git, a CRLF line shows its CR, and a line without an end is
    followed by `\\ No newline at end of file`; a line that ends with CR alone is followed by a note of the
    same form. Undecodable bytes become lone surrogates (`surrogateescape`).
    """
    diff: list[str] = []
    lines = difflib.unified_diff(_text(before), _text(after), before_name, after_name, n=context)
    for number, line in enumerate(lines):
        if number < 2 or line.endswith("\n"):
            diff.append(line)
        elif line.endswith("\r"):
            diff.append(f"{line}\n\\ Only a carriage return at end of line\n")
        else:
            diff.append(f"{line}\n\\ No newline at end of file\n")
    return "".join(diff)


def _text(data: bytes) -> list[str]:
    return [line.decode("utf-8", "surrogateescape") for line in split_lines(data)]
