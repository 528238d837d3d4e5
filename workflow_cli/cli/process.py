"""`workflow process`: specs and changes, checked and reported."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import sys
from pathlib import Path
from typing import Annotated

import typer

from workflow_cli.cli.invocation import Invocation

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def process(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CHANGE]...", help="Changes or specs, by id or path.", show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every spec and every active change.")] = False,
    specs: Annotated[bool, typer.Option("--specs", help="Every spec.")] = False,
    changes: Annotated[bool, typer.Option("--changes", help="Every active change.")] = False,
    changed_since: Annotated[
        str | None,
        typer.Option("--changed-since", metavar="REF", help="Only what the branch touches since it left REF."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="STEPS", help="Only these steps, e.g. validate,analyse (default: all)."),
    ] = None,
    strict: Annotated[
        bool | None, typer.Option("--strict", help="OpenSpec's warnings make an item invalid, too.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Take every step again, whatever is recorded.")] = False,
    accept_recommended: Annotated[
        bool,
        typer.Option("--accept-recommended", help="Answer open questions as recommended, and write that down."),
    ] = False,
    fix: Annotated[
        bool, typer.Option("--fix", help="Commit the drafts that mend findings, where the policy allows it.")
    ] = False,
    model: Annotated[
        bool | None,
        typer.Option("--model/--no-model", help="Have a model read the changes too (default: where there is one)."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="FORMAT:PATH", help="Write a result to a file; may be given several times."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Tolerate the findings listed there; the list only shrinks."),
    ] = None,
    write_baseline: Annotated[
        bool, typer.Option("--write-baseline", help="Write the baseline file, where there is none yet.")
    ] = False,
    fail_level: Annotated[
        str | None,
        typer.Option(
            "--fail-level", metavar="LEVEL", help="End with status 1 from this level on: error, warning, info."
        ),
    ] = None,
) -> int:
    """Check changes and specs: validate, analyse, ask, draft, report.

    Validation gives OpenSpec's own verdict and rehearses archiving in memory; analysis looks for what a reader
    would stumble over; questions that a person must decide are written to the change's questions.yaml; for
    findings with one right answer there is a draft, which --fix commits. Where a model server is reachable, a model
    reads the changes too; what it says stands beside the rest, and never decides a verdict. What did not change
    since the last run is not done again.

    \b
    Exit status:
      0 nothing to report   1 findings   2 usage   3 could not evaluate   4 waiting for a person
      5 the baseline file exists already, or changed meanwhile

    \b
    Examples:
      workflow process                        the one active change
      workflow process add-login --strict
      workflow process --all --output sarif:report.sarif --output markdown:summary.md
      workflow process --changed-since origin/main --format github
      workflow process --all --fix
      workflow process --all --baseline findings.json --write-baseline
    """
    from workflow_cli import __version__, wiring
    from workflow_cli.cli.formats.rendering import Rendering
    from workflow_cli.cli.output import parse_outputs, refuse_to_replace, write_outputs
    from workflow_cli.cli.process_notes import notes
    from workflow_cli.cli.process_options import baseline_file, having_steps, selection_from
    from workflow_cli.cli.progress import progress_bar
    from workflow_cli.cli.rule_notes import rule_notes
    from workflow_cli.wiring.process import ProcessRun, options_from

    call = Invocation.of(context)
    started = wiring.now()
    outputs = parse_outputs(output or [], format=call.options.format)
    root = wiring.root_of_tree(call.options.root)
    settings = wiring.settings_in_force(
        root,
        named_file=call.options.config,
        flags={
            "process.steps": ("--only", None if only is None else [s.strip() for s in only.split(",") if s.strip()]),
            "process.strict": ("--strict", strict),
            "process.fail_level": ("--fail-level", fail_level),
            "process.baseline": ("--baseline", baseline),
            "process.model": ("--model", None if model is None else "on" if model else "off"),
            "network.offline": ("--offline", call.options.offline),
        },
    )
    refuse_to_replace(outputs, wiring.own_files(root, settings, named_file=call.options.config))
    tolerated = baseline_file(settings, write=write_baseline)
    run = ProcessRun(
        root, settings, options_from(settings, root, fresh=fresh, accept_recommended=accept_recommended, fix=fix)
    )
    with run:
        call.note_repaired(run.settle())
        selection, nothing = selection_from(
            run.tree,
            root,
            names or [],
            every_spec=every or specs,
            every_change=every or changes,
            changed_since=changed_since,
            interactive=sys.stdin.isatty() and sys.stderr.isatty() and not call.quiet,
        )
        selection = having_steps(selection, settings.process.steps)
        with progress_bar(len(selection.specs) + len(selection.changes), shown=not call.quiet) as progress:
            report = run.process(selection, progress, nothing_to_do=nothing)
        if tolerated:
            report = tolerated.apply(report, whole=every)
        report = run.ended(report)
        for note in notes(report, verbose=call.verbose, accepted=accept_recommended, baseline=tolerated):
            call.note(note)
        written = write_outputs(
            report,
            outputs,
            Rendering(
                version=__version__,
                quiet=call.quiet,
                colour=call.coloured(),
                rules=rule_notes() if any(o.format == "sarif" for o in outputs) else {},
                prefix=wiring.prefix_in_checkout(root),
                started=started,
            ),
            stdout=sys.stdout.buffer,
            encoding=sys.stdout.encoding,
        )
        if written.exit_code != report.exit_code:
            run.not_written(written)
    call.document_printed = True
    if outputs[-1].format != "text":
        for fault in written.faults:
            print(f"error: {fault.message}\n  {fault.where}\n  next: {fault.hint}", file=sys.stderr)
    return written.exit_code
