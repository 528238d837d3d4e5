"""`workflow feedback`: what the events tell, and a person's verdict on an answer."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_cli.cli.idle_options import refuse_before_subcommand, typed
from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_cli.app.feedback.make_report import Report
    from workflow_cli.app.feedback.record_finding_verdict import Target
    from workflow_cli.domain.feedback.limits import Limit
    from workflow_cli.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Because = Annotated[
    str, typer.Option("--because", metavar="TEXT", help="The reason, in a sentence.", show_default=False)
]
AnswerId = Annotated[
    str,
    typer.Argument(
        metavar="ANSWER_ID",
        help="As `ask` shows it; or a finding as `process` does: RULE@PATH:LINE.",
        show_default=False,
    ),
]
Places = Annotated[
    list[str] | None,
    typer.Option("--place", metavar="ADDRESS", help="Where the answer stands; repeatable.", show_default=False),
]
By = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who says so (default: whom git knows).", show_default=False)
]


@app.callback(invoke_without_command=True)
def feedback(
    context: typer.Context,
    since: Annotated[
        str, typer.Option("--since", metavar="SPAN", help="How far back: 12h, 7d, 4w; compared with as long before.")
    ] = "7d",
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="WHAT", help="Also by kind, answerer, model or change.", show_default=False),
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CONDITION",
            help="End with status 1 where it holds: 'answer.p95_ms>2000'; repeatable.",
            show_default=False,
        ),
    ] = None,
    ai: Annotated[bool, typer.Option("--ai", help="Have a model tell it too; its numbers are checked.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Read the whole log again.")] = False,
    metrics: Annotated[bool, typer.Option("--metrics", help="List all metrics, and end.")] = False,
) -> int | None:
    """Show what the events tell: times, success, quality, errors, and what is worth changing.

    Every value comes with the interval it lies in, and is compared with the window before. What there is too little
    data for is said to be so. Nothing is sent anywhere, unless --ai asks a model.

    \b
    Exit status:
      0 shown, or recorded   1 a condition of --fail-on holds, or refused   2 usage   3 cannot be read

    \b
    Examples:
      workflow feedback
      workflow feedback --since 24h --by answerer
      workflow feedback --format html > feedback.html
      workflow feedback --fail-on 'answer.p95_ms>2000' --fail-on 'update.success_share<95%'
      workflow feedback reject a3f9c1d2e4b5a697 --because "That was true before May."
    """
    if context.invoked_subcommand is not None:
        refuse_before_subcommand(context)
        return None
    call = Invocation.of(context)
    if metrics:
        if idle := [option for option in typed(context) if option != "--metrics"]:
            raise UsageError("does nothing beside --metrics", where=", ".join(idle), hint="leave it out")
        return _list_metrics(call)
    from workflow_cli.wiring.feedback import check_grouping, feedback_report, window_back

    window, limits = window_back(since, where="--since"), _limits(fail_on or [])
    if by is not None:
        check_grouping(by, where="--by")
    root, settings = _tree(call)
    report = feedback_report(root, settings, window, by=by, limits=limits, fresh=fresh)
    if report.is_blind:
        raise DocumentError(
            f"no line of the log can be used, so nobody knows whether {report.undecided[0].text}",
            where=str(settings.events.path),
            hint="workflow feedback says why they were set aside",
        )
    if ai:
        report = _with_narrative(root, settings, report)
    return _show(call, report, name=root.resolve().name)


@app.command()
def accept(context: typer.Context, answer: AnswerId, because: Because, place: Places = None, author: By = None) -> int:
    """Say that an answer was right, or that a finding was.

    \b
    Examples:
      workflow feedback accept a3f9c1d2e4b5a697 --because "Just what I needed."
      workflow feedback accept weak-modal@openspec/specs/cart/spec.md:12 --because "It is required."
    """
    return _verdict(context, answer, because, place, author, accepted=True)


@app.command()
def reject(context: typer.Context, answer: AnswerId, because: Because, place: Places = None, author: By = None) -> int:
    """Say that an answer or a finding was wrong or of no use; --place says where the right answer stands.

    The answer itself is kept: `workflow ask --wrong ID` drops it. A finding is shown again; a rule whose findings are
    rejected more often than not is muted by `workflow loop`.

    \b
    Examples:
      workflow feedback reject a3f9c1d2e4b5a697 --because "That is the old limit."
      workflow feedback reject a3f9c1d2e4b5a697 --because "Wrong spec." --place "cart/Requirement: Limits"
      workflow feedback reject vague-quantity@openspec/specs/cart/spec.md:12 --because "Everybody here knows."
    """
    return _verdict(context, answer, because, place, author, accepted=False)


def _verdict(
    context: typer.Context, answer: str, because: str, places: list[str] | None, by: str | None, *, accepted: bool
) -> int:
    from workflow_cli.app.feedback.record_finding_verdict import target_of
    from workflow_cli.wiring.feedback import record_verdict

    call = Invocation.of(context)
    if call.format not in ("text", "json"):
        raise UsageError(f"a verdict cannot be shown as {call.format}", where="--format", hint="text or json")
    root, settings = _tree(call)
    target = target_of(answer)
    if target is not None:
        if places:
            raise UsageError("a finding has its place already", where="--place")
        return _about_finding(call, root, settings, target, because, by, accepted=accepted)
    given, degraded = record_verdict(
        root, settings, answer, accepted=accepted, because=because, by=by, places=places or ()
    )
    _refuse_lost(degraded)
    if call.format == "json":
        verdict = {
            "answer_id": given.answer_id,
            "accepted": given.accepted,
            "because": given.because,
            "answerer": given.answerer,
            "model": given.model,
            "question_kind": given.question_kind,
        }
        return call.print_document({"verdict": verdict})
    print(f"{'accepted' if accepted else 'rejected'} {given.answer_id}")
    return 0


def _about_finding(
    call: Invocation,
    root: "Path",
    settings: "Settings",
    target: "Target",
    because: str,
    by: str | None,
    *,
    accepted: bool,
) -> int:
    from workflow_cli.wiring.feedback import record_finding_verdict

    finding, degraded = record_finding_verdict(root, settings, target, accepted=accepted, because=because, by=by)
    _refuse_lost(degraded)
    if call.format == "json":
        said = {"rule": finding.rule, "place": str(finding.place), "accepted": accepted}
        return call.print_document({"finding_verdict": said})
    print(f"{'accepted' if accepted else 'rejected'} {finding.rule} {finding.place}")
    return 0


def _refuse_lost(degraded: list[str]) -> None:
    if degraded:
        raise DocumentError(
            "the verdict could not be recorded", where=degraded[0], hint="make room or repair the place"
        )


def _tree(call: Invocation) -> "tuple[Path, Settings]":
    from workflow_cli import wiring

    root = wiring.root_of_tree(call.options.root)
    flags = {"network.offline": ("--offline", call.options.offline)}
    return root, wiring.settings_in_force(root, named_file=call.options.config, flags=flags)


def _limits(typed: list[str]) -> "list[Limit]":
    if not typed:
        return []
    from workflow_cli.domain.feedback.limits import BadLimit, limit_of

    try:
        return [limit_of(text) for text in typed]
    except BadLimit as error:
        raise UsageError(str(error), where="--fail-on", hint=error.hint) from None


def _with_narrative(root: "Path", settings: "Settings", report: "Report") -> "Report":
    from workflow_cli.cli.event_loop import run_async
    from workflow_cli.wiring.feedback import narrated

    return run_async(lambda: narrated(root, settings, report))


def _show(call: Invocation, report: "Report", *, name: str) -> int:
    code = 1 if report.broken else 0
    degraded = [{"what": what, "why": why} for what, _, why in (reason.partition(": ") for reason in report.degraded)]
    if call.format == "json":
        from workflow_cli.app.feedback.report_json import report_to_json

        status = "findings" if code else "ok"
        return call.print_document(report_to_json(report), status=status, exit_code=code, degraded=degraded)  # type: ignore[arg-type]
    if call.format == "html":
        from workflow_cli.cli.feedback_html import as_html

        text = as_html(report, name=name)
    elif call.format == "markdown":
        from workflow_cli.cli.feedback_markdown import as_markdown

        text = as_markdown(report, name=name)
    else:
        from workflow_cli.cli.feedback_text import as_text

        text = as_text(report, name=name, colour=call.coloured(), width=_width())
    sys.stdout.flush()
    encoding = "utf-8" if call.format != "text" else sys.stdout.encoding or "utf-8"
    sys.stdout.buffer.write(text.encode(encoding, "backslashreplace"))
    sys.stdout.buffer.flush()
    for reason in report.degraded:
        call.note(f"note: {reason}")
    for limit in report.undecided:
        call.note(f"note: {limit.text}: there are no cases, so it does not hold")
    for limit in report.broken:
        call.note(f"holds: {limit.text}")
    return code


def _width() -> int:
    """Of the terminal, or what COLUMNS says; a file has room for everything."""
    import os
    import shutil

    from workflow_cli.cli.feedback_text import OF_A_FILE

    return shutil.get_terminal_size().columns if sys.stdout.isatty() or os.environ.get("COLUMNS") else OF_A_FILE


def _list_metrics(call: Invocation) -> int:
    from workflow_cli.domain.feedback.metrics import METRICS

    if call.format == "json":
        listed = [{"name": m.name, "unit": m.unit, "better": m.better, "says": m.says} for m in METRICS]
        return call.print_document({"known_metrics": listed})
    for metric in METRICS:
        print(f"{metric.name:<26}{metric.unit:<7}{metric.says}")
    return 0
