"""Tick a task off, or take the tick away."""

from __future__ import annotations

import re

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.markdown.source import Span
from workflow_cli.domain.openspec.edits.operation import CheckTask, UncheckTask
from workflow_cli.domain.openspec.edits.page import Outcome, Page
from workflow_cli.domain.openspec.edits.task_line import TaskLine, task_lines
from workflow_cli.errors import AddressAmbiguous, AddressNotFound, EditRefused

_NTH = re.compile(r"(?P<task>.*\S)\s*\[(?P<nth>[1-9]\d{0,5})\]\Z", re.S)
_NEAREST = 5


def carry_out(page: Page, operation: CheckTask | UncheckTask) -> Outcome:
    """Raises AddressNotFound with the nearest tasks, or AddressAmbiguous where several fit."""
    task = _find(page, operation.task)
    wanted = isinstance(operation, CheckTask)
    if task.done == wanted:
        return Outcome(says=f"task {task.name} is {'done' if wanted else 'open'} already")
    mark = _mark(page) if wanted else " "
    start = page.source.line_content(task.line).start
    before, box = task.text[: task.box_start], task.text[task.box_start : task.box_end]
    at = start + len(before.encode("utf-8", "surrogateescape"))
    span = Span(at, at + len(box.encode("utf-8", "surrogateescape")))
    return Outcome(
        edits=(Edit(span=span, replacement=mark.encode()),),
        says=f"{'check' if wanted else 'uncheck'} task {task.name}",
    )


def _mark(page: Page) -> str:
    """`x`, or `X` in a document that ticks with nothing else."""
    marks = {task.text[task.box_start : task.box_end].strip() for task in task_lines(page.lines) if task.done}
    return "X" if marks == {"X"} else "x"


def _find(page: Page, wanted: str) -> TaskLine:
    tasks = task_lines(page.lines)
    nth = _NTH.match(wanted)
    fitting = _fitting(tasks, wanted)
    if not fitting and nth:
        fitting = _fitting(tasks, nth["task"])
        if int(nth["nth"]) <= len(fitting):
            return fitting[int(nth["nth"]) - 1]
        fitting = []
    if not fitting:
        raise AddressNotFound(f"{page.path}#{wanted}", _nearest(page, tasks, wanted))
    if len(fitting) > 1:
        raise AddressAmbiguous(
            f"{page.path}#{wanted}",
            tuple(f"{wanted} [{i + 1}] on line {task.line + 1}" for i, task in enumerate(fitting)),
        )
    return fitting[0]


def _fitting(tasks: list[TaskLine], wanted: str) -> list[TaskLine]:
    """By number, else by words exactly, else by words but for case and spaces; visible lines before code."""
    number = wanted.strip().removesuffix(".")
    if not number:
        raise EditRefused("no task was named")
    folded = _folded(wanted)
    for fits in (
        lambda task: task.number == number,
        lambda task: wanted.strip() in (task.description, task.words),
        lambda task: folded in (_folded(task.description), _folded(task.words)),
    ):
        found = [task for task in tasks if fits(task)]
        if len(found) > 1:
            found = [task for task in found if not task.in_code] or found
        if found:
            return found
    return []


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _nearest(page: Page, tasks: list[TaskLine], wanted: str) -> tuple[str, ...]:
    import difflib

    by_name = {_folded(name): task for task in tasks for name in (task.number or "", task.words) if name}
    close = difflib.get_close_matches(_folded(wanted), by_name, n=_NEAREST, cutoff=0.4)
    near = dict.fromkeys(by_name[name] for name in close) or dict.fromkeys(tasks[:_NEAREST])
    return tuple(f"{page.path}#{task.number or task.words}" for task in near)
