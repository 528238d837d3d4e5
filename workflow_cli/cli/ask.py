"""`workflow ask`: a question, answered with checked sources or queued."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.answering.answer_question import Outcome
    from workflow_cli.domain.answering.answer import Answer
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.settings import Settings
    from workflow_cli.wiring.ask import AskRun

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LONGEST_WAIT = 86_400.0
_MOST_TYPED = 64_000


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[
        str | None, typer.Argument(metavar="[QUESTION]", help="The question; - or none for stdin.", show_default=False)
    ] = None,
    change: Annotated[
        str | None, typer.Option("--change", metavar="ID", help="Ask about this change.", show_default=False)
    ] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option("--context", metavar="K=V", help="What else belongs to it; repeatable.", show_default=False),
    ] = None,
    answerers: Annotated[
        list[str] | None,
        typer.Option(
            "--answerer",
            metavar="NAME",
            help="Ask only specs, model, tools or person; repeatable.",
            show_default=False,
        ),
    ] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Show on stderr what comes, as it comes.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the route: who was asked, why, how long.")] = False,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="FILE|-", help="Ask every question of a file.", show_default=False),
    ] = None,
    wait: Annotated[
        float,
        typer.Option("--wait", metavar="SECONDS", help="Wait so long for a person.", show_default=False, min=0),
    ] = 0.0,
    no_queue: Annotated[bool, typer.Option("--no-queue", help="Do not queue what nobody can answer.")] = False,
    wrong: Annotated[
        str | None,
        typer.Option("--wrong", metavar="ID", help="Say that an answer is wrong; it is dropped.", show_default=False),
    ] = None,
    asker: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who asks (default: whom git knows).", show_default=False)
    ] = None,
) -> int:
    """Answer a question about the tree, or queue it for a person.

    The documents are asked first. What they say outright is the answer, in their own words; else a model reads the
    passages that were found, then tools are asked, and at last a person. Every quote is looked up in its file before it
    is shown. Which of them are asked, and in which order, is up to the settings of `answers`.

    \b
    Exit status:
      0 answered   1 not in the specs, or refused   2 usage   3 could not evaluate   4 waits for a person

    \b
    Examples:
      workflow ask "How long is a session?"
      workflow ask "May a card be split over two orders?" --change add-gift-cards --explain
      workflow ask "Who locks an account?" --context file=src/auth.py --format json
      workflow ask --batch questions.txt --format jsonl --no-queue
      workflow ask "How are orders exported?" --wait 600
      workflow ask --wrong a3f9c1d2e4b5a697
    """
    from workflow_cli import wiring
    from workflow_cli.wiring.ask import AskRun

    call = Invocation.of(context)
    _check_together(question, batch, wrong, wait, no_queue)
    root = wiring.root_of_tree(call.options.root)
    flags = {"network.offline": ("--offline", call.options.offline)}
    settings = wiring.settings_in_force(root, named_file=call.options.config, flags=flags)
    shown = _Shown(call, stream=stream and call.format == "text")
    with AskRun(root, settings, on_step=shown.step if stream else None, on_text=shown.text if stream else None) as run:
        for notice in run.notices:
            call.note(f"note: {notice}")
        if wrong is not None:
            return _wrong(call, run, wrong, by=asker)
        make = _maker(run, settings, answerers, asker)
        given = _pairs(pairs or [])
        if batch is not None:
            from workflow_cli.cli.ask_batch import read_batch

            def with_shared(text: str, *, change: str | None = change, context: Mapping[str, Any]) -> Asked:
                return make(text, change=change if change is not None else shared, context={**given, **context})

            shared = change
            questions = read_batch(batch, with_shared, max_bytes=settings.limits.max_file_bytes)
            return _ask_many(call, run, questions, settings, explain=explain, wait=wait, queue=not no_queue)
        asked = make(_question(question), change=change, context=given)
        outcome = _answered(run, asked, wait=wait, queue=not no_queue)
        return _report(call, run, outcome, explain=explain)


def _check_together(question: str | None, batch: str | None, wrong: str | None, wait: float, no_queue: bool) -> None:
    given = [name for name, value in (("QUESTION", question), ("--batch", batch), ("--wrong", wrong)) if value]
    if len(given) > 1:
        raise UsageError(f"{given[0]} and {given[1]} do not go together", hint="workflow ask --help")
    if wait > LONGEST_WAIT or wait != wait:
        raise UsageError("nobody waits longer than a day", where="--wait", hint="give seconds, at most 86400")
    if wait and no_queue:
        raise UsageError(
            "--wait waits for who answers from the queue, and --no-queue leaves it out", hint="leave one of them out"
        )


def _question(typed: str | None) -> str:
    """The question, from the argument or from stdin. Raises UsageError."""
    from workflow_cli.domain.answering.context import checked_question

    if typed is not None and typed != "-":
        return checked_question(typed)
    if typed is None and sys.stdin.isatty():
        raise UsageError("no question", hint='workflow ask "How long is a session?"')
    data = sys.stdin.buffer.read(_MOST_TYPED)
    try:
        return checked_question(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the question is not UTF-8 at byte {error.start}", where="stdin", hint="write it in UTF-8"
        ) from error


def _pairs(typed: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for pair in typed:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"{pair!r} is not KEY=VALUE", where="--context", hint="for example file=src/auth.py")
        if key in pairs:
            raise UsageError(f"{key} is given twice", where="--context", hint="give each key once")
        pairs[key] = value
    return pairs


def _maker(run: AskRun, settings: Settings, answerers: Sequence[str] | None, asker: str | None) -> Callable[..., Asked]:
    """What makes a question of its text, change and context, with everything checked. Raises UsageError."""
    from functools import cache, partial

    from workflow_cli.app.answering.checked_asked import checked_answerers, checked_asked

    return partial(
        checked_asked,
        changes=cache(run.change_names),
        more_keys=settings.questions.context_keys,
        asker=asker,
        answerers=checked_answerers(answerers),
    )


def _answered(run: AskRun, asked: Asked, *, wait: float, queue: bool) -> Outcome:
    begun = run.use_case.begin(asked, wait=wait > 0, queue=queue)
    if begun.outcome is not None:
        return begun.outcome
    from workflow_cli.cli.event_loop import run_async

    async def work() -> Outcome:
        try:
            return await run.use_case.finish(begun, wait=wait, queue=queue)
        finally:
            await _closed(run)

    return run_async(work)


async def _closed(run: AskRun) -> None:
    """Let go of every server, also where this was cancelled."""
    import anyio

    with anyio.CancelScope(shield=True):
        await run.aclose()


def _report(call: Invocation, run: AskRun, outcome: Outcome, *, explain: bool) -> int:
    from workflow_cli.cli.ask_report import degraded_json, exit_code_of, payload_of, print_line, status_of

    code = exit_code_of(outcome)
    degraded = [*degraded_json(outcome.degraded), *run.degraded]
    if call.format == "json":
        call.print_document(payload_of(outcome), status=status_of(outcome), exit_code=code, degraded=degraded)
    elif call.format == "jsonl":
        print_line({**payload_of(outcome), "degraded": degraded})
    elif outcome.answer is not None:
        from workflow_cli.cli.ask_text import show

        show(outcome, explain=explain, quiet=call.quiet)
        call.note_degraded(degraded)
        if not explain and not any(entry["what"] == "tools" for entry in degraded):
            _note_unused_tools(call, outcome.answer)
    elif explain:
        from workflow_cli.cli.ask_text import route_lines

        for line in route_lines(outcome.tried):
            call.note(line)
    if outcome.fault is not None:
        raise outcome.fault
    return code


def _note_unused_tools(call: Invocation, answer: Answer) -> None:
    """Where there is no answer, say that tools might have had one: nothing is missing, but something can be done."""
    from workflow_cli.cli.formats.neutral import one_line
    from workflow_cli.domain.answering.answer import AnswerStatus
    from workflow_cli.domain.answering.route import NO_TOOL_MAY_BE_USED

    if answer.status is not AnswerStatus.ANSWERED:
        for step in answer.route:
            if step.reason.startswith(NO_TOOL_MAY_BE_USED):
                call.note(f"{step.answerer}: {one_line(step.reason)}")


def _ask_many(
    call: Invocation, run: AskRun, questions: Any, settings: Settings, *, explain: bool, wait: float, queue: bool
) -> int:
    from workflow_cli.app.answering.answer_many import answer_many
    from workflow_cli.cli.ask_report import BatchReport
    from workflow_cli.cli.event_loop import run_async

    report = BatchReport(call, questions, explain=explain)

    async def work() -> None:
        try:
            await answer_many(
                run.use_case,
                [question.asked for question in questions],
                report.tell,
                at_once=settings.answers.batch_at_once,
                wait=wait,
                queue=queue,
            )
        finally:
            await _closed(run)

    run_async(work)
    degraded = [*report.degraded, *run.degraded]
    code = report.end(degraded)
    if call.format == "text":
        call.note_degraded(degraded)
    return code


def _wrong(call: Invocation, run: AskRun, id: str, *, by: str | None) -> int:
    called = run.call_wrong(id, by=by)
    if call.format != "text":
        payload = {
            "wrong": {"id": called.id, "question": called.question, "answer": called.answer, "file": called.file}
        }
        return call.print_document(payload, degraded=run.degraded)
    from workflow_cli.cli.formats.neutral import one_line

    print(f"dropped {called.id}: {one_line(called.question)}")
    call.note(f"kept as a case in {called.file}")
    return 0


class _Shown:
    """What `--stream` shows on the way, on stderr: the result itself stays whole, on stdout."""

    def __init__(self, call: Invocation, *, stream: bool) -> None:
        self._call = call
        self._stream = stream

    def step(self, step: Any) -> None:
        from workflow_cli.cli.ask_text import step_line

        if self._stream:
            self._call.note(step_line(step))

    def text(self, text: str) -> None:
        from workflow_cli.cli.formats.neutral import one_line

        if self._stream and text.strip():
            self._call.note(f"  {one_line(text.strip())}")
