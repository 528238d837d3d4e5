"""The loose form: `{"performance_improvements": ["caching"], "add_x": True}` as operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workflow_cli.domain.openspec.edits.layout import can_be_encoded
from workflow_cli.domain.openspec.edits.operation import AddTask, AppendSection, Operation
from workflow_cli.errors import FaultyInput


def loose_operations(changes: Mapping[object, object]) -> list[Operation]:
    """A name with texts makes sure that the section of that name has them as list items; with True, a task.

    `add_x` is the task *Add x*, `performance_improvements` the section *Performance Improvements*; both are made
    where they are missing. False and None ask for nothing.

    Raises FaultyInput with every fault at once.
    """
    faults: list[str] = []
    found: list[Operation] = []
    for key, value in changes.items():
        words = str(key).replace("_", " ").split()
        if not isinstance(key, str) or not words or not can_be_encoded(key):
            faults.append(f"{key!r}: a name was expected")
        elif value is True:
            found.append(AddTask(text=_task(words), create=True))
        elif value is None or value is False:
            continue
        else:
            section = _title(words)
            for index, item in enumerate([value] if isinstance(value, str) else _listed(value)):
                if isinstance(item, str) and item.strip() and can_be_encoded(item):
                    found.append(AppendSection(section=section, bullet=item, create=True))
                else:
                    faults.append(f"{key}: item {index} is no text: {item!r}")
            if not isinstance(value, str | Sequence):
                faults.append(f"{key}: a list of texts, or true, was expected, not {value!r}")
    if faults:
        raise FaultyInput(tuple(faults), what="the edits")
    return found


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, bytes) else ()


def _task(words: Sequence[str]) -> str:
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _title(words: Sequence[str]) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in words)
