"""Task numbers that occur twice or belong to another group."""

from __future__ import annotations

import re

from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.markdown.source import Source, Span
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers.fixer import Fixer, Scene
from workflow_cli.domain.openspec.tasks import ambiguous_numbers, read_task, read_task_file

_GROUP = re.compile(r" {0,3}##[ \t]+([0-9]+)\.(?:[ \t]|\Z)")
_LEVEL_TWO = re.compile(r" {0,3}##(?!#)(?:[ \t]|\Z)")
_TWO_LEVELS = re.compile(r"[0-9]+\.[0-9]+")
_ANY_NUMBER = re.compile(r"(?<![\w.])[0-9]+\.[0-9]+(?:\.[0-9]+)*(?![\w.])")


def fix(_finding: Finding, scene: Scene) -> tuple[bytes, str] | None:
    document = scene.document
    source = Source(document.data)
    # OpenSpec splits tasks at LF alone; where that is another count, lines would be mistaken.
    if scene.is_delta is not None or not document.is_utf8 or "\r" in document.raw.replace("\r\n", "\n"):
        return None
    lines = [source.line_text(line) for line in range(source.lines)]
    renumbered = _renumbered(lines)
    if not renumbered or _mentions(lines, {old for _, old, _ in renumbered}):
        return None
    edits = []
    for line, old, new in renumbered:
        text = lines[line]
        at = text.index("]") + 1
        at += text[at:].index(old)
        start = source.line_content(line).start + len(text[:at].encode())
        edits.append(Edit(span=Span(start, start + len(old)), replacement=new.encode()))
    changed = ", ".join(f"{old} → {new}" for _, old, new in renumbered[:5])
    data = apply(source, edits)
    if any(True for _ in ambiguous_numbers([read_task_file("tasks.md", data.decode("utf-8"))])):
        return None
    return data, f"tasks renumbered: {changed}{', ...' if len(renumbered) > 5 else ''}"


def _renumbered(lines: list[str]) -> list[tuple[int, str, str]]:
    """Line, old and new number of each task that changes; groups without a fault keep their numbers."""
    groups: list[tuple[str, list[tuple[int, str]]]] = []
    inside = False
    for index, line in enumerate(lines):
        if _LEVEL_TWO.match(line):
            header = _GROUP.match(line)
            inside = header is not None
            if header:
                groups.append((header[1], []))
        elif inside and (task := read_task(line, index)) and (number := task.number):
            groups[-1][1].append((index, number))
    if len({number for number, _ in groups}) < len(groups):
        return []
    found: list[tuple[int, str, str]] = []
    for group, tasks in groups:
        numbers = [number for _, number in tasks]
        if len(set(numbers)) == len(numbers) and all(n.split(".")[0].lstrip("0") == group.lstrip("0") for n in numbers):
            continue
        if not all(_TWO_LEVELS.fullmatch(number) for number in numbers):
            return []
        for position, (at, old) in enumerate(tasks, 1):
            new = f"{group}.{position}"
            if new != old:
                found.append((at, old, new))
    return found


def _mentions(lines: list[str], numbers: set[str]) -> bool:
    """Whether one of the numbers stands anywhere but in its task's own place: a reference would go wrong."""
    for index, line in enumerate(lines):
        task = read_task(line, index)
        rest = task.description.removeprefix(task.number or "") if task else line
        if numbers & set(_ANY_NUMBER.findall(rest)):
            return True
    return False


FIXER = Fixer(
    id="task-numbers",
    rules=frozenset(("task-number",)),
    reason=(
        "Tasks are numbered by their group and their order in it. Nothing is renumbered where the text refers to a task "
        "by its number, or where groups share one."
    ),
    fix=fix,
)
