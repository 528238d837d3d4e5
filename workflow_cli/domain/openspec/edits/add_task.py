"""Add a task to a group, numbered on where the group is numbered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.edits.body import one_line
from workflow_cli.domain.openspec.edits.layout import insert_after
from workflow_cli.domain.openspec.edits.operation import CREATE, AddTask
from workflow_cli.domain.openspec.edits.page import Outcome, Page, PageKind
from workflow_cli.domain.openspec.edits.task_line import TaskLine, TaskNumber, task_lines
from workflow_cli.domain.openspec.heading import Heading
from workflow_cli.domain.openspec.text import without_start
from workflow_cli.errors import AddressNotFound, EditRefused

_TYPED = re.compile(r"(?:[-*+]\s+)?\[[ xX]?\]\s*")
_GROUP_NUMBER = re.compile(r"(?P<number>\d{1,4})(?P<dot>[.)])\s+")
_TYPED_NUMBER = re.compile(r"\d+(?:\.\d+)+\.?(?:\s+|\Z)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A heading (None: no heading at all) with the tasks right below it, up to the next heading."""

    heading: Heading | None
    first: int
    end: int
    tasks: tuple[TaskLine, ...]

    @property
    def title(self) -> str:
        return (self.heading.title or "") if self.heading else ""

    @property
    def number(self) -> str | None:
        match = _GROUP_NUMBER.match(self.title)
        return match["number"] if match else None


def carry_out(page: Page, operation: AddTask) -> Outcome:
    """Raises AddressNotFound for a group that is not there and was not to be made."""
    words = _words(operation.text)
    tasks = [task for task in task_lines(page.lines) if not task.in_code]
    for task in tasks:
        if _folded(task.words) == _folded(words):
            return Outcome(says=f'task "{words}" is there already, on line {task.line + 1}')
    groups = _groups(page, tasks)
    group = _chosen(page, groups, operation.group, create=operation.create)
    if group is None:
        return _in_new_group(page, groups, operation.group, words)
    line, after, gap = _next_line(page, groups, group, words)
    edit = insert_after(page, after, [line], gap=gap)
    return Outcome(edits=(edit,), says=f'add task "{line.strip()}"')


def _words(text: str) -> str:
    line = one_line(text, what="the task")
    words = without_start(_TYPED_NUMBER, without_start(_TYPED, line)).strip()
    if not words:
        raise EditRefused("the task is empty", hint="say in a line what is to be done")
    return words


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _groups(page: Page, tasks: Sequence[TaskLine]) -> list[Group]:
    """Stretches between headings; those before the first heading too, if there are tasks."""
    openspec = page.headings[0]
    found = []
    starts: list[Heading | None] = [None, *openspec]
    for heading, following in zip(starts, [*openspec, None], strict=True):
        first = heading.line + 1 if heading else 0
        end = following.line if following else page.source.lines
        own = tuple(task for task in tasks if first <= task.line < end)
        if heading or own:
            found.append(Group(heading=heading, first=first, end=min(end, page.source.lines), tasks=own))
    return found


def _chosen(page: Page, groups: Sequence[Group], wanted: str | None, *, create: bool) -> Group | None:
    if wanted is None:
        with_tasks = [group for group in groups if group.tasks]
        if with_tasks:
            return with_tasks[-1]
        sections = [group for group in groups if group.heading and group.heading.level > 1]
        return sections[-1] if sections and page.kind is PageKind.TASKS else None
    name = one_line(wanted, what="the group").lstrip("# ")
    for fits in (
        lambda group: group.title == name,
        lambda group: group.number is not None and group.number == name.rstrip(".)"),
        lambda group: _folded(_bare(group.title)) == _folded(_bare(name)),
    ):
        found = [group for group in groups if group.heading and fits(group)]
        if len(found) == 1:
            return found[0]
        if found:
            raise EditRefused(f"there are {len(found)} groups {name!r}", where=page.path)
    if create:
        return None
    import difflib

    titles = [group.title for group in groups if group.heading]
    nearest = difflib.get_close_matches(name, titles, n=5, cutoff=0.3) or titles[:5]
    raise AddressNotFound(f"{page.path}#{name}", tuple(f"{page.path}#{title}" for title in nearest), otherwise=CREATE)


def _bare(title: str) -> str:
    return without_start(_GROUP_NUMBER, title)


def _next_line(page: Page, groups: Sequence[Group], group: Group, words: str) -> tuple[str, int, int]:
    """The line, the line it stands after, and the blank lines between."""
    if not group.tasks:
        model = next((task for other in reversed(groups) for task in other.tasks[:1]), None)
        number = _first_number(model, group)
        last = page.content(group.first, group.end)[1] - 1
        has_text = last >= group.first
        heading_gap = 1 if has_text else _gap_below_headings(page, groups)
        after = last if has_text else group.first - 1
        return _line(model, number, words), after, heading_gap
    level = min(len(task.indent.expandtabs(4)) for task in group.tasks)
    top = [task for task in group.tasks if len(task.indent.expandtabs(4)) == level]
    model = top[-1]
    number = _following(top)
    gap = page.blanks_before(top[-1].line) if len(top) > 1 else 0
    return _line(model, number, words), _last_line_of(page, model, group.end), min(gap, 1)


def _following(tasks: Sequence[TaskLine]) -> TaskNumber | None:
    """One more than the highest number of the stem the last numbered task has; None where the last has none."""
    last = tasks[-1].numbered
    if last is None:
        return None
    counts = [task.numbered.count for task in tasks if task.numbered and task.numbered.stem == last.stem]
    highest = max(counts, key=int)
    return _count(last, str(int(highest) + 1).zfill(len(highest)))


def _count(number: TaskNumber, count: str) -> TaskNumber:
    return TaskNumber(lead=number.lead, stem=number.stem, count=count, trail=number.trail)


def _first_number(model: TaskLine | None, group: Group) -> TaskNumber | None:
    if model is None:
        return TaskNumber(lead="", stem=f"{group.number}.", count="1", trail=" ") if group.number else None
    if model.numbered is None or group.number is None or not model.numbered.stem[:1].isdigit():
        return None
    return TaskNumber(lead=model.numbered.lead, stem=f"{group.number}.", count="1", trail=model.numbered.trail)


def _line(model: TaskLine | None, number: TaskNumber | None, words: str) -> str:
    shown = ""
    if number:
        # Bold that runs over number and words is closed at the end of the words.
        closing = number.lead if number.lead and number.lead not in number.trail else ""
        shown = number.lead + number.plain + number.trail
        words += closing
    if model is None:
        return f"- [ ] {shown}{words}"
    mark = model.mark
    if mark[0].isdigit():
        mark = f"{int(mark[:-1]) + 1}{mark[-1]}"
    return f"{model.indent}{mark}{model.before_box or ' '}[ ]{model.after_box or ' '}{shown}{words}"


def _last_line_of(page: Page, task: TaskLine, end: int) -> int:
    """The last line that belongs to a task: what is indented further, and text that runs on."""
    width = len(task.indent.expandtabs(4))
    last = task.line
    for line in range(task.line + 1, end):
        if page.is_blank(line):
            continue
        text = page.lines[line].expandtabs(4)
        deeper = len(text) - len(text.lstrip()) > width
        runs_on = last == line - 1 and not re.match(r"\s*(?:[-*+#>|]|\d+[.)]|```|~~~)", text)
        if not deeper and not runs_on:
            break
        last = line
    return last


def _gap_below_headings(page: Page, groups: Sequence[Group]) -> int:
    gaps = [page.content(g.first, g.end)[0] - g.first for g in groups if g.heading and g.tasks]
    return max(sorted(set(gaps)), key=gaps.count) if gaps else 1


def _in_new_group(page: Page, groups: Sequence[Group], name: str | None, words: str) -> Outcome:
    title = one_line(name or "Tasks", what="the group").lstrip("# ")
    numbers = [int(group.number) for group in groups if group.number]
    numbered = bool(numbers) or (page.kind is PageKind.TASKS and not any(group.tasks for group in groups))
    if numbered and not _GROUP_NUMBER.match(title):
        title = f"{max(numbers, default=0) + 1}. {title}"
    model = next((task for other in reversed(groups) for task in other.tasks[:1]), None)
    heading = Heading(0, 2, title)
    group = Group(heading=heading, first=0, end=0, tasks=())
    written = [
        f"## {title}",
        *[""] * _gap_below_headings(page, groups),
        _line(model, _first_number(model, group), words),
    ]
    last = page.content(0, page.source.lines)[1] - 1
    edit = insert_after(page, last, written, gap=1) if last >= 0 else insert_after(page, page.source.lines - 1, written)
    return Outcome(edits=(edit,), says=f'add task "{words}" in a new group "{title}"')
