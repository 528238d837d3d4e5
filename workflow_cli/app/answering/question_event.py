"""The event that a question leaves: how it was answered, how long that took, and enough to tell that it is asked again.

No text of questions, answers or documents is in it; questions are told apart by hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workflow_cli.domain.answering.question_key import terms_hash

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import Drawn
    from workflow_cli.app.answering.ports import Spent
    from workflow_cli.app.ports import EventLog
    from workflow_cli.domain.answering.answer import Answer
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.answering.passage import Evidence


def record_question(
    events: EventLog,
    asked: Asked,
    key: str,
    answer: Answer | None,
    *,
    seconds: float,
    evidence: Sequence[Evidence] = (),
    cached: bool = False,
    shared: bool = False,
    unchecked: int = 0,
    spent: Sequence[tuple[str, int, Spent]] = (),
    outcome: str | None = None,
    drawn: Drawn | None = None,
    config: str | None = None,
) -> None:
    """One event. `spent` are the calls of models, each with the answerer and the number of its attempt. `drawn` is the
    arm of an experiment it was answered in, `config` the hash of the settings. `outcome` stands in for the answer's
    status where there is no answer: `failed`, `interrupted`.
    """
    events.append(
        {
            "kind": "question",
            "answer_id": answer.id if answer else None,
            "question_hash": key[:32],
            "terms_hash": terms_hash(asked.text),
            "question_kind": asked.kind.value,
            "asker": asked.asker,
            "change": asked.change,
            "status": answer.status.value if answer else outcome,
            "answerer": answer.answerer if answer else None,
            "confidence": round(answer.confidence, 3) if answer else None,
            "unsourced": bool(answer and answer.unsourced),
            "cites": [{"address": source.address, "section_hash": source.section_hash} for source in answer.sources]
            if answer
            else [],
            "route": [
                {
                    "answerer": step.answerer,
                    "outcome": step.outcome.value,
                    "failure": step.failure,
                    "attempts": step.attempts,
                    "ms": round(step.milliseconds, 3),
                }
                for step in (answer.route if answer else ())
            ],
            "retrieval": {
                "score": round(evidence[0].score, 4) if evidence else None,
                "coverage": round(max((one.coverage for one in evidence), default=0.0), 3),
                "k": len(evidence),
            },
            "unchecked": unchecked,
            "tokens": _tokens(spent),
            "model": answer.model if answer else None,
            "cached": cached,
            "shared": shared,
            "duration_ms": round(seconds * 1000, 3),
            "config_sha": config,
            **({"experiment": drawn.experiment, "arm": drawn.arm, "unit": drawn.unit} if drawn else {}),
        }
    )


def _tokens(spent: Sequence[tuple[str, int, Spent]]) -> dict[str, object]:
    return {
        "prompt": sum(one.prompt for _, _, one in spent),
        "completion": sum(one.completion for _, _, one in spent),
        "calls": [
            {"answerer": name, "attempt": attempt, "prompt": one.prompt, "completion": one.completion}
            for name, attempt, one in spent
        ],
    }
