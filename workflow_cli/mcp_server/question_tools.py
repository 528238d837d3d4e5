"""Tools that ask, wait, list and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import anyio
from mcp.server.mcpserver import Context
from pydantic import Field

from workflow_cli.app.answering.answer_question import Outcome
from workflow_cli.app.answering.ports import PendingQuestion
from workflow_cli.domain.answering.answer import Answer, AnswerStatus
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.domain.answering.context import MOST_ANSWER, MOST_QUESTION, checked_question
from workflow_cli.domain.answering.kind import kind_of
from workflow_cli.errors import UsageError, WorkflowError
from workflow_cli.mcp_server.results import MOST_LISTED, Answered, Cited, Questions, Waiting, cut
from workflow_cli.mcp_server.state import State, asker_of, bound_to, in_thread, said, state_of, tool

#: Seconds between two signs of life while a call waits.
_SIGN = 10.0
_MOST_SOURCES = 10

Agent = Annotated[str | None, Field(max_length=80, description="Your name, for the people who see it.")]
Seconds = Annotated[float, Field(ge=0, le=300)]


@tool
async def ask_question(
    question: Annotated[str, Field(min_length=1, max_length=MOST_QUESTION)],
    ctx: Context[Any, Any],
    kind: Annotated[
        Literal["lookup", "howto", "code", "tool"] | None, Field(description="Told from its words by default.")
    ] = None,
    change: Annotated[str | None, Field(max_length=200, description="The change it is about.")] = None,
    context: Annotated[
        dict[str, str | int | float | bool] | None,
        Field(description="Facts by key: file, code, error, goal, tried, capability, requirement, task, branch."),
    ] = None,
    agent: Agent = None,
    wait_seconds: Annotated[float, Field(ge=0, le=60)] = 2.0,
) -> Answered:
    """Ask about the project's specs. Gives the answer if it comes soon, else an id for get_answer.

    What nobody can answer from documents waits for a person.
    """
    state = state_of(ctx)
    text = checked_question(question)
    asked = Asked(
        text=text,
        kind=kind_of(text) if kind is None else QuestionKind(kind),
        change=await _change(ctx, change),
        context=state.work.checked_context(context or {}),
        asker=asker_of(ctx, agent),
    )
    ticket = state.tickets.open(asked, caller=bound_to())
    try:
        await state.tickets.wait(ticket, wait_seconds)
    except anyio.get_cancelled_exc_class():
        state.tickets.cancel(ticket)
        raise
    return _of_outcome(ticket.id, ticket.outcome)


@tool
async def get_answer(
    id: Annotated[str, Field(min_length=1, max_length=64)], ctx: Context[Any, Any], wait_seconds: Seconds = 0.0
) -> Answered:
    """Read the answer to a question, by the id ask_question gave; waits for it up to wait_seconds."""
    state = state_of(ctx)
    if id.startswith("q"):
        return await _waited(ctx, state, id, id, wait_seconds)
    ticket = state.tickets.get(id, caller=bound_to())
    started = anyio.current_time()
    with anyio.move_on_after(wait_seconds):
        while not ticket.over.is_set():
            await ctx.report_progress(anyio.current_time() - started, wait_seconds, "being answered")
            await state.tickets.wait(ticket, _SIGN)
    answer = ticket.outcome.answer if ticket.outcome is not None else None
    if answer is not None and answer.status is AnswerStatus.PENDING:
        left = max(0.0, wait_seconds - (anyio.current_time() - started))
        return await _waited(ctx, state, ticket.id, answer.id, left)
    return _of_outcome(ticket.id, ticket.outcome)


@tool
async def list_questions(
    ctx: Context[Any, Any],
    status: Literal["open", "answered", "all"] = "open",
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 20,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> Questions:
    """List questions that wait for a person or agent, the most urgent and oldest first."""
    work = state_of(ctx).work
    wanted = {"open": False, "answered": True, "all": None}[status]
    found = await in_thread(ctx, lambda: list(work.questions.queue.listed(answered=wanted)))
    shown = found[offset : offset + limit]
    more = len(found) - offset - len(shown)
    return Questions(
        questions=[_waiting(entry, expired=work.questions.is_expired(entry)) for entry in shown],
        total=len(found),
        next=f"{more} more: offset={offset + len(shown)}" if more > 0 else None,
    )


@tool
async def submit_answer(
    id: Annotated[str, Field(min_length=1, max_length=64, description="From list_questions.")],
    answer: Annotated[str, Field(min_length=1, max_length=MOST_ANSWER)],
    ctx: Context[Any, Any],
    sources: Annotated[
        list[str] | None, Field(max_length=_MOST_SOURCES, description="Lines of documents that say so: PATH:LINE.")
    ] = None,
    agent: Agent = None,
) -> Waiting:
    """Answer a question that waits. Everyone who asked gets it, marked as given by an agent."""
    work, name = state_of(ctx).work, asker_of(ctx, agent)
    if not id.startswith("q"):
        raise UsageError("only questions that wait can be answered", hint="list_questions names them")
    entry = await in_thread(ctx, lambda: work.answer(id, answer, sources=sources or [], agent=name))
    return _waiting(entry, expired=False)


async def _change(ctx: Context[Any, Any], named: str | None) -> str | None:
    if named is None:
        return None
    work = state_of(ctx).work
    changes = await in_thread(ctx, lambda: work.changes())
    if named not in changes:
        listed = ", ".join(changes[:20]) or "there is none"
        raise UsageError(f"there is no open change {named[:80]!r}", hint=f"open changes: {listed}")
    return named


async def _waited(ctx: Context[Any, Any], state: State, shown: str, id: str, seconds: float) -> Answered:
    """The entry of the queue, once it is answered or the time is up; `shown` is the id that was asked for."""
    questions = state.work.questions
    entry = questions.queue.get(id)
    if entry is None:
        raise UsageError("this id is unknown", hint="ask the question again, or see list_questions")
    started = anyio.current_time()
    while entry is not None and entry.answer is None and (left := seconds - (anyio.current_time() - started)) > 0:
        await ctx.report_progress(anyio.current_time() - started, seconds, "waiting for a person or agent")
        entry = await questions.queue.wait(id, seconds=min(left, _SIGN)) or questions.queue.get(id)
    if entry is None:
        raise UsageError("somebody dropped the question", hint="ask it again if it still matters")
    return _of_entry(shown, entry, expired=questions.is_expired(entry))


def _of_outcome(id: str, outcome: Outcome | None) -> Answered:
    if outcome is None:
        return Answered(id=id, status="working", next="call get_answer with this id and wait_seconds")
    if outcome.answer is None:
        problem = outcome.fault or WorkflowError("nobody could be asked")
        return Answered(id=id, status="failed", next=cut(said(problem), 2_000))
    return _of_answer(id, outcome.answer)


def _of_answer(id: str, answer: Answer) -> Answered:
    pending = answer.status is AnswerStatus.PENDING
    text = answer.text if answer.status in (AnswerStatus.ANSWERED, AnswerStatus.REFUSED) else None
    return Answered(
        id=answer.id if pending else id,
        status=answer.status.value,
        answer=None if text is None else cut(text),
        by=answer.by or answer.model or answer.answerer,
        unsourced=answer.unsourced,
        confidence=answer.confidence if answer.status is AnswerStatus.ANSWERED else None,
        sources=[Cited(path=s.path, line=s.line, quote=cut(s.quote, 2_000)) for s in answer.sources[:MOST_LISTED]],
        next=_NEXT.get(answer.status),
    )


_NEXT = {
    AnswerStatus.PENDING: "it waits for a person; call get_answer with this id and wait_seconds, now or later",
    AnswerStatus.NOT_IN_SPECS: "the documents do not say; ask otherwise, or ask a person",
}


def _of_entry(id: str, entry: PendingQuestion, *, expired: bool) -> Answered:
    if entry.answer is None:
        status: Literal["expired", "pending"] = "expired" if expired else "pending"
        again = "ask it again if it still matters" if expired else "it still waits; call get_answer again later"
        return Answered(id=id, status=status, next=again)
    return Answered(
        id=id,
        status="answered",
        answer=cut(entry.answer),
        by=entry.answered_by,
        by_agent=entry.answered_by_agent,
        unsourced=not entry.sources,
        sources=[Cited(path=s.path, line=s.line, quote=cut(s.quote, 2_000)) for s in entry.sources[:MOST_LISTED]],
    )


def _waiting(entry: PendingQuestion, *, expired: bool) -> Waiting:
    return Waiting(
        id=entry.id,
        question=cut(entry.text, 2_000),
        status="answered" if entry.answer is not None else "expired" if expired else "open",
        change=entry.change,
        context={key: cut(value, 500) for key, value in entry.context.items()},
        askers=list(entry.askers[:20]),
        asked_at=entry.asked_at,
        priority=entry.priority,
        answer=None if entry.answer is None else cut(entry.answer, 2_000),
        by=entry.answered_by,
    )
