"""What `workflow questions` prints."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.cli.formats.neutral import lines_of, one_line
from workflow_cli.cli.formats.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_cli.app.answering.pending import Imported
    from workflow_cli.app.answering.ports import PendingQuestion
    from workflow_cli.cli.invocation import Invocation
    from workflow_cli.wiring.questions import OfChange, QuestionsRun


#: What is said where the list is empty, by which ones were asked for.
_NONE = {
    False: "no question waits here",
    True: "no question was answered yet; those that wait: workflow questions list",
    None: "no question was asked yet",
}


def show_list(
    call: Invocation,
    entries: Sequence[PendingQuestion],
    of_changes: Sequence[OfChange] | None,
    *,
    answered: bool | None,
    run: QuestionsRun,
) -> int:
    if call.format == "json":
        listed = None if of_changes is None else [_of_change_json(one) for one in of_changes]
        return call.print_document(
            {"questions": [question_json(entry) for entry in entries], "of_changes": listed}, degraded=run.degraded
        )
    for entry in entries:
        _write(f"{entry.id}  {_state(entry, run)}  {_asked(entry)}: {one_line(entry.text)}\n")
    for one in of_changes or ():
        blocking = "  blocking" if one.question.blocking else ""
        _write(f"{one_line(one.path)}  {one_line(one.question.id)}{blocking}: {one_line(one.question.text)}\n")
    call.note_degraded(run.degraded)
    if any(entry.answer is None for entry in entries):
        call.note('next: workflow questions answer ID "..."')
    elif not entries:
        call.note(_NONE[answered] + ("" if of_changes is not None else "; those of changes: --changes"))
    if of_changes:
        call.note("next: answer those of changes behind `answer:` in their files")
    return 0


def show_question(call: Invocation, entry: PendingQuestion, *, run: QuestionsRun) -> int:
    if call.format == "json":
        return call.print_document({"question": question_json(entry)}, degraded=run.degraded)
    facts = [
        ("question", entry.id),
        ("state", _state(entry, run)),
        ("asked by", ", ".join(entry.askers)),
        ("asked at", _minute(entry.asked_at)),
        ("priority", str(entry.priority)),
        ("change", entry.change),
        ("expires", _minute(entry.expires_at) if entry.expires_at and entry.answer is None else None),
        *((f"context {key}", value) for key, value in entry.context.items()),
    ]
    for name, value in facts:
        if value:
            _write(f"{name + ':':<12} {one_line(value)}\n")
    _write("\n" + "".join(f"{line}\n" for line in lines_of(entry.text)))
    if entry.answer is not None:
        unsourced = "" if entry.sources else " (unsourced)"
        _write(f"\nanswered by {_answerer(entry)}, {_minute(entry.answered_at)}{unsourced}:\n")
        _write("".join(f"{line}\n" for line in lines_of(entry.answer)))
        for source in entry.sources:
            _write(f"  {one_line(source.path)}:{source.line}  “{one_line(source.quote)}”\n")
    call.note_degraded(run.degraded)
    return 0


def show_answered(call: Invocation, entry: PendingQuestion, *, new: bool, run: QuestionsRun) -> int:
    if call.format == "json":
        return call.print_document({"question": question_json(entry), "changed": new}, degraded=run.degraded)
    for_whom = f" for {', '.join(map(one_line, entry.askers))}" if entry.askers else ""
    _write(f"answered {entry.id}{for_whom}\n" if new else f"{entry.id} has that answer already\n")
    if new and not entry.sources:
        call.note("unsourced: no document is cited; --source PATH:LINE names one")
    call.note_degraded(run.degraded)
    return 0


def show_exported(
    call: Invocation, entries: Sequence[PendingQuestion], data: bytes, file: Path | None, *, run: QuestionsRun
) -> int:
    if call.format == "json":
        named = None if file is None else str(file)
        return call.print_document({**run.exported_plain(entries), "file": named}, degraded=run.degraded)
    if file is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        _write(f"wrote {counted(len(entries), 'question')} to {one_line(str(file))}\n")
        call.note(f"next: write behind `answer:`, then workflow questions import {file}")
    call.note_degraded(run.degraded)
    return 0


def show_imported(call: Invocation, imported: Imported, *, run: QuestionsRun) -> int:
    if call.format == "json":
        return call.print_document(
            {
                "answered": [question_json(entry) for entry in imported.answered],
                "unchanged": [question_json(entry) for entry in imported.unchanged],
                "left": imported.left,
            },
            degraded=run.degraded,
        )
    for entry in imported.answered:
        _write(f"answered {entry.id}: {one_line(entry.text)}\n")
    call.note(
        f"{counted(len(imported.answered), 'answer')} taken, {len(imported.unchanged)} there already, "
        f"{imported.left} left open"
    )
    call.note_degraded(run.degraded)
    return 0


def show_dropped(call: Invocation, entry: PendingQuestion, *, run: QuestionsRun) -> int:
    if call.format == "json":
        return call.print_document({"question": question_json(entry), "dropped": True}, degraded=run.degraded)
    _write(f"dropped {entry.id}: {one_line(entry.text)}\n")
    call.note_degraded(run.degraded)
    return 0


def question_json(entry: PendingQuestion) -> dict[str, Any]:
    given = None
    if entry.answer is not None:
        given = {
            "text": entry.answer,
            "by": entry.answered_by,
            "by_agent": entry.answered_by_agent,
            "at": entry.answered_at,
            "unsourced": not entry.sources,
            "sources": [
                {"path": s.path, "line": s.line, "address": s.address, "quote": s.quote} for s in entry.sources
            ],
        }
    return {
        "id": entry.id,
        "text": entry.text,
        "change": entry.change,
        "context": dict(entry.context),
        "askers": list(entry.askers),
        "asked_at": entry.asked_at,
        "priority": entry.priority,
        "expires_at": entry.expires_at,
        "answer": given,
    }


def _of_change_json(one: OfChange) -> dict[str, Any]:
    question = one.question
    return {
        "change": one.change,
        "path": one.path,
        "id": question.id,
        "text": question.text,
        "blocking": question.blocking,
        "options": [option.text for option in question.options],
    }


def _state(entry: PendingQuestion, run: QuestionsRun) -> str:
    if entry.answer is not None:
        return f"answered by {_answerer(entry)}"
    if run.is_expired(entry):
        return "expired"
    return f"open, priority {entry.priority}" if entry.priority != _USUAL else "open"


_USUAL = 5


def _answerer(entry: PendingQuestion) -> str:
    name = one_line(entry.answered_by or "somebody")
    return f"the agent {name}" if entry.answered_by_agent else name


def _asked(entry: PendingQuestion) -> str:
    first, others = (entry.askers[0] if entry.askers else "somebody"), len(entry.askers) - 1
    more = f" and {counted(others, 'other')}" if others > 0 else ""
    about = f" about {one_line(entry.change)}" if entry.change else ""
    return f"{_minute(entry.asked_at)}, {one_line(first)}{more}{about}"


def _minute(at: str | None) -> str:
    """`2026-01-31 12:00Z`"""
    return f"{at[:10]} {at[11:16]}Z" if at else ""


def _write(text: str) -> None:
    """What people and agents wrote reaches this, neutralised; a terminal of another encoding shows escapes."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
