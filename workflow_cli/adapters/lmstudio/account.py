"""A request on its way, and the event that tells of it when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workflow_cli.adapters.lmstudio.forms import Form
from workflow_cli.app.answering.ports import Attempt, ChatReply, ChatRequest
from workflow_cli.domain.answering.failure import FailureKind


@dataclass(kw_only=True, slots=True)
class Call:
    """One request on its way, with everything that was tried for it. `shown` tells that text of it has been shown, `queued` for
    how many seconds it waited for its turn at a server."""

    request: ChatRequest
    attempts: list[Attempt]
    form: Form | None = None
    started: float = 0.0
    shown: bool = False
    queued: float = 0.0


def event_of(
    call: Call,
    outcome: str,
    *,
    seconds: float,
    reply: ChatReply | None = None,
    failure: FailureKind | None = None,
    host: str | None = None,
) -> dict[str, Any]:
    """The `model.call` event: no text of the request or the reply is in it."""
    last = call.attempts[-1] if call.attempts else None
    return {
        "kind": "model.call",
        "purpose": call.request.purpose,
        "prompt": call.request.prompt,
        "outcome": outcome,
        "failure": failure,
        "host": reply.host if reply else last.host if last else host,
        "model": reply.model if reply else last.model if last else None,
        "form": call.form,
        "attempts": len(call.attempts),
        "failures": [attempt.failure for attempt in call.attempts if attempt.failure],
        "tokens": _tokens(reply) if reply else None,
        "complete": reply.complete if reply else None,
        "first_token_ms": round(reply.first_token_ms, 3) if reply and reply.first_token_ms else None,
        "duration_ms": round(seconds * 1000, 3),
    }


def _tokens(reply: ChatReply) -> dict[str, Any]:
    return {
        "prompt": reply.prompt_tokens,
        "completion": reply.completion_tokens,
        "reasoning": reply.reasoning_tokens,
        "counted": reply.counted,
    }
