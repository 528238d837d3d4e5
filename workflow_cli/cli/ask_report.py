"""What `ask` reports to programs, and the exit status of answers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.app.answering.answer_json import answer_json, route_json
from workflow_cli.cli.formats.neutral import json_text
from workflow_cli.cli.formats.wording import counted
from workflow_cli.cli.invocation import Invocation, Status
from workflow_cli.domain.answering.answer import AnswerStatus

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import Outcome
    from workflow_cli.app.report import Degraded
    from workflow_cli.cli.ask_batch import BatchQuestion
    from workflow_cli.errors import WorkflowError

_EXIT = {AnswerStatus.ANSWERED: 0, AnswerStatus.NOT_IN_SPECS: 1, AnswerStatus.REFUSED: 1, AnswerStatus.PENDING: 4}
_STATUS: Mapping[int, Status] = {0: "ok", 1: "findings", 4: "waiting", 3: "error"}


def exit_code_of(outcome: Outcome) -> int:
    return 3 if outcome.answer is None else _EXIT[outcome.answer.status]


def status_of(outcome: Outcome) -> Status:
    return _STATUS[exit_code_of(outcome)]


def degraded_json(degraded: Iterable[Degraded]) -> list[dict[str, str]]:
    return [{"what": entry.what, "why": entry.why} for entry in degraded]


def payload_of(outcome: Outcome) -> dict[str, Any]:
    """The question, and the answer or why there is none."""
    asked, fault = outcome.asked, outcome.fault
    return {
        "question": {
            "text": asked.text,
            "kind": asked.kind.value,
            "change": asked.change,
            "context": dict(asked.context),
            "asker": asked.asker,
        },
        "answer": None if outcome.answer is None else answer_json(outcome.answer),
        **({} if fault is None else {"error": _error(fault), "route": route_json(outcome.tried)}),
    }


def _error(fault: WorkflowError) -> dict[str, str | None]:
    return {"message": fault.message, "where": fault.where, "hint": fault.hint}


def print_line(value: Mapping[str, Any]) -> None:
    """One line of JSON, whole and at once."""
    text = json_text(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()


class BatchReport:
    """Tells outcomes in their order: lines and text as they come, JSON at the end."""

    def __init__(self, call: Invocation, questions: Sequence[BatchQuestion], *, explain: bool) -> None:
        self._call = call
        self._questions = questions
        self._explain = explain
        self._answers: list[dict[str, Any]] = []
        self._counts = dict.fromkeys((*(status.value for status in AnswerStatus), "failed"), 0)
        self._degraded: dict[tuple[str, str], None] = {}

    def tell(self, place: int, outcome: Outcome) -> None:
        self._counts[outcome.answer.status.value if outcome.answer else "failed"] += 1
        self._degraded.update({(entry.what, entry.why): None for entry in outcome.degraded})
        if self._call.format == "text":
            from workflow_cli.cli.ask_text import show

            show(outcome, explain=self._explain, quiet=self._call.quiet, number=place + 1)
            return
        entry = {"id": self._questions[place].id, **payload_of(outcome)}
        if self._call.format == "jsonl":
            print_line(entry)
        else:
            self._answers.append(entry)

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": what, "why": why} for what, why in self._degraded]

    @property
    def exit_code(self) -> int:
        """The first of 3, 1, 4 and 0 that applies to any of them."""
        counts = self._counts
        if counts["failed"]:
            return 3
        if counts["not_in_specs"] or counts["refused"]:
            return 1
        return 4 if counts["pending"] else 0

    def end(self, degraded: Sequence[Mapping[str, str]]) -> int:
        """Tell what there is to tell of all of them; returns the exit status."""
        code = self.exit_code
        summary = {"questions": len(self._questions), **self._counts}
        if self._call.format == "json":
            payload = {"answers": self._answers, "summary": summary}
            return self._call.print_document(payload, status=_STATUS[code], exit_code=code, degraded=degraded)
        if self._call.format == "jsonl":
            from workflow_cli.cli.invocation import SCHEMA_VERSION

            print_line(
                {
                    "schema_version": SCHEMA_VERSION,
                    "command": "ask",
                    "status": _STATUS[code],
                    "exit_code": code,
                    "degraded": list(degraded),
                    "summary": summary,
                }
            )
            return code
        told = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in self._counts.items() if number)
        self._call.note(f"{counted(len(self._questions), 'question')}: {told}")
        return code
