"""Task lines with the places of their boxes and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflow_cli.domain.openspec.fence import fence_mask
from workflow_cli.domain.openspec.tasks import read_task

_BOX = re.compile(r"(?P<indent>\s*)(?P<mark>[-*+]|\d{1,9}[.)])(?P<space>\s*)\[(?P<box>[^\]]*)\](?P<after>\s*)")
# `1.2`, `1.2.`, `**1.2**`, `1.`, `T012`, `TASK-3:`; bold may run on over the words.
_NUMBER = re.compile(
    r"(?P<open>\*\*|`|)(?P<stem>(?:\d+\.)*|[A-Z]{1,6}-?)(?P<count>\d+)(?P<tail>[a-z]?)(?P<dot>[.):]?)(?P<close>\*\*|`|)"
    r"(?P<space>[ \t]+|\Z)"
)


@dataclass(frozen=True, slots=True)
class TaskNumber:
    """The parts of `1.2`: `stem` is `1.`, `count` the 2, `lead` and `trail` what stands around it."""

    lead: str
    stem: str
    count: str
    trail: str

    @property
    def plain(self) -> str:
        return self.stem + self.count


@dataclass(frozen=True, slots=True)
class TaskLine:
    """`description` is all after the box, `words` what remains without the number.

    `box_start` and `box_end` are where the text between the brackets is, in characters of the line.
    """

    line: int
    text: str
    indent: str
    mark: str
    before_box: str
    after_box: str
    box_start: int
    box_end: int
    done: bool
    description: str
    words: str
    numbered: TaskNumber | None
    number: str | None
    in_code: bool

    @property
    def name(self) -> str:
        return self.number or f'"{self.words}"'


def task_lines(lines: Sequence[str]) -> list[TaskLine]:
    """Every line that OpenSpec counts as a task."""
    masks: list[bool] | None = None
    found = []
    for index, line in enumerate(lines):
        if "[" not in line or (task := read_task(line, index)) is None or (box := _BOX.match(line)) is None:
            continue
        if masks is None:
            masks = fence_mask(lines)
        shown = _NUMBER.match(task.description)
        numbered, words, number = None, task.description, None
        if shown and (shown["stem"] or shown["dot"]):
            numbered = TaskNumber(
                lead=shown["open"],
                stem=shown["stem"],
                count=shown["count"],
                trail=shown["dot"] + shown["close"] + (shown["space"] or " "),
            )
            words = task.description[shown.end() :]
            number = shown["stem"] + shown["count"] + shown["tail"]
            if shown["open"] and not shown["close"]:
                words = words.replace(shown["open"], "", 1)
        found.append(
            TaskLine(
                line=index,
                text=line,
                indent=box["indent"],
                mark=box["mark"],
                before_box=box["space"],
                after_box=box["after"],
                box_start=box.start("box"),
                box_end=box.end("box"),
                done=task.done,
                description=task.description,
                words=words,
                numbered=numbered,
                number=number,
                in_code=masks[index],
            )
        )
    return found
