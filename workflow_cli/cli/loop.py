"""`workflow loop`: one cycle or many, what it stands at, what it did, and stopping it."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_cli.cli.formats.neutral import one_line
from workflow_cli.cli.idle_options import refuse_before_subcommand
from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import DocumentError, UsageError, WorkflowError

if TYPE_CHECKING:
    from workflow_cli.app.improve.cycle import Cycle
    from workflow_cli.settings import Settings
    from workflow_cli.wiring.loop import LoopRun

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SHORTEST = 1.0
#: A cycle takes about a second: whoever wants the lock waits that long for it.
_PATIENCE = 30.0

Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="The reason, for the ledger.")]
Named = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who it is (default: whom git knows).", show_default=False)
]


@app.callback(invoke_without_command=True)
def loop(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="One cycle; this is the default.")] = False,
    cycles: Annotated[
        int | None, typer.Option("--cycles", metavar="N", help="So many cycles.", min=1, max=10_000, show_default=False)
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            "--every", metavar="TIME", help="A cycle each 30s, 15m, 1h or 1d, until stopped.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be tried; try nothing new.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Also say why nothing was tried, lever by lever.")] = False,
    lever: Annotated[
        list[str] | None,
        typer.Option("--lever", metavar="NAME", help="Only this lever; repeatable.", show_default=False),
    ] = None,
) -> int | None:
    """Improve what can be measured: try one change of settings at a time, keep it only if it is better.

    A cycle reads the log of events, looks for a change worth trying, and writes it down as an OpenSpec change with its
    prediction and decision rule before anything is measured. What is better by that rule is kept, as one revision of
    workflow.yaml; all else is put back. What a person must decide waits in `workflow review`. Prints nothing when nothing
    happened, so that it can be run by cron; a second loop on the same tree ends at once. With --dry-run nothing is
    written at all, and what would be done is said instead.

    \b
    Exit status:
      0 done, or nothing to do   1 the loop does not trust itself and is frozen   2 usage or configuration
      3 cannot be read or written   4 something new waits for a person   5 a file was edited meanwhile

    \b
    Examples:
      workflow loop                                  one cycle
      workflow loop --dry-run --explain              what it would try, and why not the rest
      0 * * * *  workflow loop --root /srv/project   in a crontab
      workflow loop --every 1h
      workflow loop --lever retrieval-depth
      workflow loop report
    """
    if context.invoked_subcommand is not None:
        refuse_before_subcommand(context)
        return None
    call = Invocation.of(context)
    if sum((once, cycles is not None, every is not None)) > 1:
        raise UsageError("--once, --cycles and --every do not go together", hint="choose one of them")
    wanted = _Wanted(dry=dry_run, explain=explain, levers=lever or [])
    if every is not None:
        return _every(call, wanted, _seconds(every))
    return _cycles(call, wanted, 1 if cycles is None else cycles)


@app.command()
def status(context: typer.Context) -> int:
    """Say where the loop stands: what is measured, what is on probation, what waits for a person.

    \b
    Exit status:
      0 all is well   1 frozen: it does not trust itself, or its ledger is damaged   2 usage or configuration
      3 cannot be read

    \b
    Examples:
      workflow loop status
      workflow loop status --format json
    """
    from workflow_cli.cli import loop_text
    from workflow_cli.wiring.loop import check_levers

    call = Invocation.of(context)
    settings = _settings(call)
    check_levers(settings.loop.levers or (), where="loop.levers")
    with _run(call, settings) as run:
        story, running = run.observed()
        return loop_text.show_status(
            call,
            story,
            running=running,
            muted=run.muted(story),
            decided=run.decided(story),
            put_off=run.put_off(),
            in_force=run.in_force,
        )


@app.command()
def history(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Every record, bookkeeping too.")] = False,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="The last so many.", min=1)] = 50,
) -> int:
    """List what the loop did, newest last: what it tried, decided, kept and took back.

    \b
    Examples:
      workflow loop history
      workflow loop history --all --limit 500 --format json
    """
    from workflow_cli.cli import loop_text
    from workflow_cli.domain.improvement.story import told

    call = Invocation.of(context)
    with _run(call, _settings(call)) as run:
        records = run.reading().records
        return loop_text.show_history(call, (list(records) if every else told(records))[-limit:], of=records)


@app.command()
def report(context: typer.Context) -> int:
    """Tell the story: what was kept and its effect, what was not, how good the predictions were, and the net gain.

    \b
    Examples:
      workflow loop report
      workflow loop report --format json
    """
    from workflow_cli.cli.loop_report import show_report

    call = Invocation.of(context)
    with _run(call, _settings(call)) as run:
        story = run.story(with_requests=True)
        return show_report(call, story, in_force=run.in_force, decided=run.decided(story), put_off=run.put_off())


@app.command()
def stop(context: typer.Context, because: Because = "stopped by a person", named: Named = None) -> int:
    """Stop the loop: the experiment under way ends, and nothing new is tried until `loop resume`.

    What was kept stays, and is still taken back where it turns out to do harm. A loop that runs with --every ends.

    \b
    Examples:
      workflow loop stop
      workflow loop stop --because "release week"
    """
    from workflow_cli import wiring
    from workflow_cli.app.feedback.record_verdict import clean_reason

    call, because = Invocation.of(context), clean_reason(because)
    with _run(call, _settings(call)) as run, _patiently(run):
        by = wiring.person(run.root, named).name
        if not (run.story().state.frozen or "").startswith("stopped"):
            run.freeze(f"stopped by {by}: {because}")
        try:
            cycle = run.cycle()
        except WorkflowError as error:
            # It is stopped, whatever keeps the cycle from clearing up: the next one does that.
            call.note(f"put off: {one_line(str(error))}")
        else:
            if call.format == "text":
                from workflow_cli.cli import loop_text

                loop_text.tell_cycle(call, cycle, run, explain=False)
            _told(run)
        return _said(call, "stopped", "the loop tries nothing until `workflow loop resume`")


@app.command()
def resume(context: typer.Context, because: Because = "resumed by a person", named: Named = None) -> int:
    """Let the loop try things again, after `loop stop` or after it froze because it no longer trusted itself.

    \b
    Examples:
      workflow loop resume --because "the release is out"
    """
    from workflow_cli import wiring
    from workflow_cli.app.feedback.record_verdict import clean_reason

    call, because = Invocation.of(context), clean_reason(because)
    with _run(call, _settings(call)) as run, _patiently(run):
        run.unfreeze(wiring.person(run.root, named).name, because)
        return _said(call, "resumed", "the loop goes on with its next cycle")


def _said(call: Invocation, what: str, text: str) -> int:
    if call.format == "json":
        return call.print_document({"loop": what})
    call.note(text)
    return 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """What was asked for of each cycle."""

    dry: bool
    explain: bool
    levers: list[str]


def _cycles(call: Invocation, wanted: _Wanted, count: int) -> int:
    """So many cycles. The status of the worst of them."""
    worst = 0
    cycles: list[Cycle] = []
    for number in range(count):
        with _opened(call, wanted) as run, run.held() as held:
            cycle, code = _cycle(call, wanted, run) if held else (None, 0)
            if cycle is not None:
                cycles.append(cycle)
            worst = max(worst, code)
            if call.format == "json" and (not held or number == count - 1):
                from workflow_cli.cli import loop_text

                worst = loop_text.show_cycles(call, cycles, run=run, busy=not held)
                if held:
                    _told(run)
                return worst
            if held and cycle is not None:
                _told(run)
            if not held:
                break
    return worst


def _every(call: Invocation, wanted: _Wanted, pause: float) -> int:
    from workflow_cli.cli.loop_resident import Beat, beat_until_stopped
    from workflow_cli.wiring.feedback import LEDGER

    if call.format == "json":
        raise UsageError(
            "--every has no end at which one document could be printed",
            where="--format",
            hint="workflow loop --cycles 1 --format json, or workflow loop history --format json",
        )

    def beat() -> Beat:
        with _opened(call, wanted) as run, run.held() as held:
            cycle, code = _cycle(call, wanted, run) if held else (None, 0)
            if cycle is not None:
                _told(run)
            return Beat(held=held, code=code)

    def stopped() -> str | None:
        with _run(call, _settings(call)) as run:
            frozen = run.story().state.frozen
        return frozen if frozen is not None and frozen.startswith("stopped") else None

    with _opened(call, wanted) as run, run.resident() as alone:
        if not alone:
            call.note("another `workflow loop --every` is at work on this tree")
            return 0
        return beat_until_stopped(call, pause, beat, ledger=run.state_directory / LEDGER, stopped=stopped)


def _opened(call: Invocation, wanted: _Wanted) -> "LoopRun":
    settings = _settings(call)
    from workflow_cli.wiring.loop import check_levers

    if wanted.levers:
        check_levers(wanted.levers, where="--lever")
    else:
        check_levers(settings.loop.levers or (), where="loop.levers")
    return _run(call, settings, wanted.levers, dry=wanted.dry)


def _cycle(call: Invocation, wanted: _Wanted, run: "LoopRun") -> "tuple[Cycle | None, int]":
    """A cycle, said as it is to be, and its status; None where there is nothing new to look at."""
    if not (wanted.dry or wanted.explain or call.format == "json") and run.nothing_new():
        return None, int(run.was_frozen())
    # What tells of a cycle takes a fifth of the time of a run that has nothing to tell.
    from workflow_cli.cli import loop_text

    cycle = run.cycle()
    if call.format == "text":
        loop_text.tell_cycle(call, cycle, run, explain=wanted.explain)
    return cycle, loop_text.exit_code_of(cycle, run.story())


def _told(run: "LoopRun") -> None:
    """What is still in a buffer is told when it is out of it."""
    sys.stdout.flush()
    run.tell()


def _seconds(text: str) -> float:
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text)
    if match is None or (seconds := int(match[1]) * _UNITS[match[2]]) < _SHORTEST:
        raise UsageError(f"{text!r} is no time", where="--every", hint="for example 15m, 1h or 1d")
    return seconds


def _settings(call: Invocation) -> "Settings":
    from workflow_cli import wiring

    options = call.options
    flags = {"network.offline": ("--offline", options.offline)}
    return wiring.settings_in_force(wiring.root_of_tree(options.root), named_file=options.config, flags=flags)


def _run(call: Invocation, settings: "Settings", levers: list[str] | None = None, *, dry: bool = False) -> "LoopRun":
    from workflow_cli import wiring
    from workflow_cli.wiring.loop import LoopRun

    root = wiring.root_of_tree(call.options.root)
    return LoopRun(root, settings, load=lambda: _settings(call), levers=levers or (), dry=dry)


class _patiently:
    """Holds the loop's lock, after waiting for the cycle under way."""

    def __init__(self, run: "LoopRun") -> None:
        self._run = run

    def __enter__(self) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            self._held = self._run.held()
            if self._held.__enter__():
                return
            self._held.__exit__(None, None, None)
            if time.monotonic() > until:
                raise DocumentError("a cycle is under way", hint="try again when it is over")
            time.sleep(0.05)

    def __exit__(self, *raised: object) -> None:
        self._held.__exit__(None, None, None)
