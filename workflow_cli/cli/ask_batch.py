"""Many questions from a file: a question a line, or a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from workflow_cli.cli.given_file import given_name, read_given
from workflow_cli.domain.answering.asked import Asked
from workflow_cli.domain.answering.context import checked_question
from workflow_cli.errors import DocumentError, FaultyInput, UsageError

KEYS = ("id", "question", "change", "context")
#: Beyond this many faults the rest is not told.
_MOST_FAULTS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchQuestion:
    """`id` is what the file calls it; its line where it calls it nothing."""

    id: str
    asked: Asked


def read_batch(source: str, make: Callable[..., Asked], *, max_bytes: int) -> list[BatchQuestion]:
    """The questions of a file, `-` for stdin, in their order. Raises DocumentError, and FaultyInput with every fault
    there is, before anything was asked.

    `make` makes a question of its text, change and context, and raises UsageError for one that it cannot.
    """
    questions: list[BatchQuestion] = []
    faults: list[str] = []
    ids: dict[str, int] = {}
    # Not splitlines(), which ends lines at characters that a question may hold.
    for number, line in enumerate(_text(source, max_bytes).split("\n"), 1):
        if not line.strip():
            continue
        try:
            entry = _entry(line.strip())
            id = entry.get("id", str(number))
            if ids.setdefault(id, number) != number:
                raise UsageError(f"the id {id!r} is that of line {ids[id]} too")
            text = checked_question(entry["question"])
            asked = make(text, change=entry.get("change"), context=entry.get("context", {}))
            questions.append(BatchQuestion(id=id, asked=asked))
        except FaultyInput as error:
            faults += [f"line {number}: {fault}" for fault in error.faults]
        except UsageError as error:
            faults.append(f"line {number}: {error.message}")
    if faults:
        shown = tuple(faults[:_MOST_FAULTS])
        more = (f"and {len(faults) - _MOST_FAULTS} more",) if len(faults) > _MOST_FAULTS else ()
        hint = 'a line is a question, or {"id": ..., "question": ..., "change": ..., "context": {...}}'
        raise FaultyInput((*shown, *more), what="the questions", where=given_name(source), hint=hint)
    if not questions:
        raise UsageError("there is no question in it", where=given_name(source), hint="write a question a line")
    return questions


def _entry(line: str) -> Mapping[str, Any]:
    if not line.startswith("{"):
        return {"question": line}
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"it begins like JSON and is none: {error}") from error
    unknown = sorted(set(value) - set(KEYS))
    if unknown:
        raise UsageError(f"unknown key {unknown[0]!r}; there are {', '.join(KEYS)}")
    for key, kind in (("id", str), ("question", str), ("change", str), ("context", dict)):
        if key in value and not isinstance(value[key], kind):
            raise UsageError(f"{key}: expected {'an object' if kind is dict else 'a text'}")
    if "question" not in value:
        raise UsageError("it has no question")
    return dict(value)


def _text(source: str, max_bytes: int) -> str:
    data = read_given(source, max_bytes=max_bytes)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"not UTF-8 at byte {error.start}", where=given_name(source), hint="save it as UTF-8"
        ) from error
