"""What to do when an answerer or a tool failed: ask it once more, with less to read, or go on to the next."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_cli.domain.answering.failure import AnswererFailed, FailureKind

#: Passing by themselves, where nothing of a reply had come. A server that is not there is not there a moment later.
_PASSING = {FailureKind.OVERLOADED: 0.5, FailureKind.LOADING: 1.0}
#: Of calls of tools that only read, whatever had come of a reply. One that was there may be back in a moment.
_PASSING_FOR_TOOLS = {FailureKind.OVERLOADED: 0.5, FailureKind.UNREACHABLE: 1.0}

#: What a person has to put right, and how. The others are the machine's own business.
NEXT_STEP = {
    FailureKind.UNREACHABLE: "start the server, or use --offline",
    FailureKind.UNAUTHORIZED: "set LM_API_TOKEN to a token that the server accepts",
    FailureKind.NO_MODEL: "load a model in the server",
    FailureKind.LOADING: "wait until the model is loaded, then ask again",
}


def with_next_step(failure: AnswererFailed) -> str:
    """Where and why it failed, and what to do, for a line that tells what was done without."""
    hint = failure.hint or NEXT_STEP.get(failure.kind)
    return f"{failure}; next: {hint}" if hint else str(failure)


@dataclass(frozen=True, slots=True)
class Again:
    """Ask once more after `wait` seconds, with `passages` of the evidence."""

    wait: float
    passages: int


def after(
    kind: FailureKind,
    *,
    before_reply: bool,
    retry_after: float | None,
    attempt: int,
    attempts: int,
    passages: int,
    left: float,
) -> Again | None:
    """None: go on to the next answerer. `attempt` counts from 1, `left` is what remains of the time, in seconds.

    Asking again is safe only where nothing of a reply had come. A context overflow is no repetition: less is asked.
    """
    if attempt >= attempts:
        return None
    if kind is FailureKind.CONTEXT_OVERFLOW:
        return Again(0.0, passages // 2) if passages > 1 else None
    if not before_reply or kind not in _PASSING:
        return None
    wait = retry_after if retry_after is not None else _PASSING[kind] * 2 ** (attempt - 1)
    return Again(max(wait, 0.0), passages) if wait < left else None


def tool_after(
    kind: FailureKind, *, reads: bool, was_there: bool, attempt: int, attempts: int, left: float
) -> float | None:
    """Seconds to wait before a tool is called once more; None where it is not.

    Calling again is safe only where a tool `reads`. `was_there`: its server was connected when it was called.
    """
    if attempt >= attempts or not reads or not was_there or kind not in _PASSING_FOR_TOOLS:
        return None
    wait = _PASSING_FOR_TOOLS[kind] * 2 ** (attempt - 1)
    return wait if wait < left else None
