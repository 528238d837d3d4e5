"""Task lists: checkbox lines, their numbers, and what is wrong with either."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.text import WHITE_SPACE, drop_bom, js, trim, trim_end, utf16_length

_MARKER = js(r"\s*(?:[-*+]|[0-9]{1,9}[.)])\s*\[")
_LINE_END = re.compile(r"[\r\u2028]|\u2029")
_TASK_NUMBER = js(r"([0-9]+(?:\.[0-9]+)+(?:[A-Za-z]+)?)(?=\s|$)")
_LEVEL_TWO = re.compile(r" {0,3}##(?!#)(?:[ \t]+|[ \t]*\r?\Z)")
_NUMBERED_GROUP = re.compile(r" {0,3}##[ \t]+([0-9]+)\.(?:[ \t]|\r?\Z)")
_LIST_ITEM = js(r"\s*(?:[-*+]|[0-9]{1,9}[.)])\s+\S")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)", re.S)
_FRONT_MATTER = js(r"-{3}\s*$")
_TAB = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A checkbox line. `line` counts from 0; `number` is its leading `1.2`, if it has one."""

    line: int
    done: bool
    description: str

    @property
    def number(self) -> str | None:
        match = _TASK_NUMBER.match(self.description)
        return match[1] if match else None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskFile:
    """`path` is relative to the change; `lines` are split at LF only, as OpenSpec splits them."""

    path: str
    lines: Sequence[str]

    @property
    def tasks(self) -> Iterator[Task]:
        for index, line in enumerate(self.lines):
            if task := read_task(line, index):
                yield task


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskIssue:
    """What is wrong with a line of a task list; `line` counts from 0."""

    path: str
    line: int
    message: str


def read_task(line: str, index: int = 0) -> Task | None:
    """The task a line states, wherever it stands: nesting, fences and comments all count for OpenSpec."""
    if "[" not in line or not (start := _MARKER.match(line)):
        return None
    mark, bracket, rest = line[start.end() :].partition("]")
    marker = trim(mark)
    if not bracket or utf16_length(marker) > 1:
        return None
    # `[x](url)` and `[x][ref]` are links; a box of nothing but white space cannot be one.
    if rest[:1] in ("(", "[") and not (mark and not marker):
        return None
    description = trim(_LINE_END.split(rest.lstrip(WHITE_SPACE), 1)[0])
    return Task(line=index, done=marker in ("x", "X"), description=description)


def read_task_file(path: str, raw: str) -> TaskFile:
    return TaskFile(path=path, lines=raw.split("\n"))


def missing_checkboxes(files: Sequence[TaskFile]) -> Iterator[TaskIssue]:
    """Files that list work without checkboxes, reported only where no file of the set has any."""
    if any(True for file in files for _ in file.tasks):
        return
    for file in files:
        line = _first_list_item(file.lines)
        if line is not None:
            yield TaskIssue(
                path=file.path,
                line=line,
                message="no line is a checkbox, so OpenSpec counts no task at all; "
                'write each task as "- [ ] 1.1 Description"',
            )


def ambiguous_numbers(files: Sequence[TaskFile]) -> Iterator[TaskIssue]:
    """Inside `## N.` groups: task numbers that belong to another group, or that occur twice."""
    first_seen: dict[str, tuple[str, int]] = {}
    for file in files:
        if not any("##" in line and _NUMBERED_GROUP.match(line) for line in file.lines):
            continue
        group: str | None = None
        for index, line in enumerate(file.lines):
            if "##" in line and _LEVEL_TWO.match(line):
                numbered = _NUMBERED_GROUP.match(line)
                group = numbered[1] if numbered else None
            if group is None or (task := read_task(line, index)) is None or (number := task.number) is None:
                continue
            leading = number.split(".")[0]
            if _plain(leading) != _plain(group):
                yield TaskIssue(
                    path=file.path,
                    line=index,
                    message=f"task {number} stands in group {group} but is numbered for group {leading}",
                )
            if number in first_seen:
                path, line_before = first_seen[number]
                where = f"line {line_before + 1}" if path == file.path else f"{path}, line {line_before + 1}"
                yield TaskIssue(path=file.path, line=index, message=f"task {number} is there twice, first on {where}")
            else:
                first_seen[number] = (file.path, index)


def _plain(number: str) -> str:
    return number.lstrip("0") or number[-1:]


def _first_list_item(lines: Sequence[str]) -> int | None:
    """The first list item a reader would see; fences, comments, front matter and indented code are passed over."""
    fence: tuple[str, int] | None = None
    in_comment = False
    for index in range(_after_front_matter(lines), len(lines)):
        line = lines[index]
        if in_comment:
            in_comment = "-->" not in line
            continue
        if match := _FENCE.match(line):
            run = match[1]
            if fence is None:
                fence = (run[0], len(run))
            elif run[0] == fence[0] and len(run) >= fence[1] and not trim(match[2]):
                fence = None
            continue
        if fence is not None:
            continue
        if line.lstrip(WHITE_SPACE).startswith("<!--"):
            in_comment = "-->" not in line[line.index("<!--") + 4 :]
            continue
        if _LIST_ITEM.match(line) and _indent(line) < _TAB:
            return index
    return None


def _after_front_matter(lines: Sequence[str]) -> int:
    if not _FRONT_MATTER.match(trim_end(drop_bom(lines[0]))):
        return 0
    for index in range(1, len(lines)):
        if lines[index][:3] == "---" and _FRONT_MATTER.match(lines[index]):
            return index + 1
    return 0


def _indent(line: str) -> int:
    column = 0
    for char in line:
        if char == " ":
            column += 1
        elif char == "\t":
            column += _TAB - column % _TAB
        else:
            break
    return column
