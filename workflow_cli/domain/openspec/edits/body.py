"""Text that is about to go into a document, and why some of it may not."""

from __future__ import annotations

import re
from typing import NamedTuple

from workflow_cli.domain.openspec.fence import fence_mask, unclosed_fence
from workflow_cli.domain.openspec.text import WHITE_SPACE, js, trim, without_start
from workflow_cli.errors import EditRefused

_LINE_END = re.compile(r"\r\n?")
# OpenSpec's requirement header needs no space after its hashes.
_HEADING = js(r" {0,3}(#{1,6})(?:\s+(.*)$|$)")
_GLUED_REQUIREMENT = js(r"###Requirement:\s*\S", re.A | re.I)
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_NO_PARAGRAPH = re.compile(r"\s*(?:[-*+>]|\d{1,9}[.)]|\#{1,6})(?:\s|\Z)|\s*\||\s*(?:```|~~~)| {4}|\t")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_SEPARATORS = re.compile(r"[\n\r\u2028\u2029]")
_SENTINEL = "\n\n# workflow\n"


def body_lines(text: str, *, above: int, what: str) -> list[str]:
    """The text's lines, blank ones at either end left out, ready to stand below a heading of level `above`.

    Raises EditRefused for a text that is empty, that would open a fence or comment and not close it, and that
    holds a heading of level `above` or higher up: it would end the section it is meant for. 0 lets any heading pass.
    """
    if control := _CONTROL.search(_LINE_END.sub("\n", text)):
        raise EditRefused(f"the text of {what} holds the control character U+{ord(control[0]):04X}")
    lines = [line.rstrip() if not line.strip() else line for line in _LINE_END.sub("\n", text).split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise EditRefused(f"the text of {what} is empty", hint="say what is to stand there")
    if left := left_open(lines):
        raise EditRefused(f"line {left.line} of the text of {what} opens {left.what} that nothing closes")
    masks = _masks(lines)
    for index, level in _headings(lines, masks):
        if level <= above:
            raise EditRefused(
                f"line {index + 1} of the text of {what} is a heading of level {level}, "
                f"which would end what stands under a heading of level {above}",
                hint=f"use level {above + 1} or more hashes" if above < 6 else None,
            )
    return lines


def has_headings(lines: list[str]) -> bool:
    return any(True for _ in _headings(lines, _masks(lines)))


class LeftOpen(NamedTuple):
    """`line` of a text, from 1, opens `what`, which would swallow whatever comes after the text."""

    line: int
    what: str


def left_open(lines: list[str]) -> LeftOpen | None:
    """What the text opens and does not close, for OpenSpec or for CommonMark."""
    opened = unclosed_fence(lines)
    if opened is not None:
        return LeftOpen(opened + 1, "a code fence")
    # A heading after the text shows whether anything in it is still open.
    return next(
        (LeftOpen(first, "a fence, comment or HTML block") for first, end in _opaque(lines) if end > len(lines) + 2),
        None,
    )


def _opaque(lines: list[str]) -> list[tuple[int, int]]:
    """First and last line, from 1 and a heading after the text included, of what CommonMark does not read in it."""
    text = "\n".join(lines)
    if "```" not in text and "~~~" not in text and "<" not in text:
        return []
    from workflow_cli.domain.markdown.parse import opaque_lines

    # A blank line first: the text may begin with `---`, which is front matter at the top of a file only.
    return list(opaque_lines("\n" + text + _SENTINEL))


def _masks(lines: list[str]) -> tuple[list[bool], list[bool]]:
    commonmark = [False] * len(lines)
    for first, end in _opaque(lines):
        commonmark[max(first - 1, 0) : end - 1] = [True] * (min(end - 1, len(lines)) - max(first - 1, 0))
    return fence_mask(lines), commonmark


def _headings(lines: list[str], masks: tuple[list[bool], list[bool]]) -> list[tuple[int, int]]:
    """Lines that either reading takes for a heading, with their level."""
    found = []
    openspec, commonmark = masks
    for index, line in enumerate(lines):
        if openspec[index] and commonmark[index]:
            continue
        if heading := _HEADING.match(line):
            found.append((index, len(heading[1])))
        elif _GLUED_REQUIREMENT.match(line):
            found.append((index, 3))
        elif (underline := _UNDERLINE.match(line)) and index and _continues(lines[index - 1]):
            found.append((index, 1 if underline[1][0] == "=" else 2))
    return found


def _continues(line: str) -> bool:
    """Whether an underline below this line would make it a heading."""
    return bool(line.strip()) and not _NO_PARAGRAPH.match(line)


def one_line(text: str, *, what: str) -> str:
    """A name or other text of one line, trimmed. Raises EditRefused for more lines, for none, and for controls."""
    trimmed = trim(text)
    if not trimmed:
        raise EditRefused(f"{what} is empty", hint="say it in a line of text")
    if _LINE_SEPARATORS.search(trimmed):
        raise EditRefused(f"{what} has more than one line: {trimmed.split(chr(10), 1)[0]!r}")
    if control := _CONTROL.search(trimmed.replace("\t", "")):
        raise EditRefused(f"{what} holds the control character U+{ord(control[0]):04X}")
    return trimmed.strip(WHITE_SPACE)


_REQUIREMENT = re.compile(r"(?:###\s*)?Requirement:\s*", re.A | re.I)
_SCENARIO = re.compile(r"(?:####\s*)?Scenario:\s*", re.A | re.I)


def requirement_title(text: str) -> str:
    """A requirement's name, however it was written: `Login`, `Requirement: Login`, `### Requirement: Login`."""
    from workflow_cli.domain.openspec.requirement import requirement_name

    name = requirement_name(without_start(_REQUIREMENT, one_line(text, what="the requirement's name")))
    if not name or name.startswith("#"):
        raise EditRefused(f"{text!r} is no name for a requirement")
    return name


def scenario_title(text: str) -> str:
    """A scenario's name, with or without `Scenario:`."""
    from workflow_cli.domain.openspec.requirement import without_closing_hashes

    title = without_start(_SCENARIO, one_line(text, what="the scenario's name"))
    name = trim(without_closing_hashes(title))
    if not name or name.startswith("#"):
        raise EditRefused(f"{text!r} is no name for a scenario")
    return name
