"""Putting a main spec together again from its parts, with OpenSpec's blank lines and line ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.fence import text_mask
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import RequirementsSection
from workflow_cli.domain.openspec.text import trim, trim_end


def rebuild(target: Document, section: RequirementsSection | None, kept: Sequence[Requirement]) -> str:
    if section is None:
        before, header, preamble, after = trim_end(target.raw), "## Requirements", "", ""
    else:
        lines = target.lines
        before = trim_end("\n".join(lines[: section.line]))
        header = lines[section.line]
        preamble = trim_end("\n".join(section.preamble))
        after = trim("\n".join(lines[section.end :]))
    body = trim_end("\n\n".join([*([preamble] if preamble else []), *(block.raw for block in kept)]))
    parts = [part for part in (before, header, body, after) if part]
    return trim_end(_collapse_blank_lines("\n\n".join(parts))) + "\n"


def _collapse_blank_lines(text: str) -> str:
    if "\n\n\n" not in text:
        return text
    lines = text.split("\n")
    mask = text_mask(text, lines)

    def kept() -> Iterator[str]:
        blank_before = False
        for line, masked in zip(lines, mask, strict=True):
            blank = not masked and line == ""
            if not (blank and blank_before):
                yield line
            blank_before = blank

    return "\n".join(kept())


def with_line_ends_of(text: str, original: str) -> str:
    """`text` with the line ends that prevail in `original` (CRLF on a tie); unchanged where it has none."""
    crlf = original.count("\r\n")
    lf = original.count("\n") - crlf
    if crlf == 0 and lf == 0:
        return text
    unified = text.replace("\r\n", "\n")
    return unified.replace("\n", "\r\n") if crlf >= lf else unified
