"""`workflow doctor`: whether everything that the commands need is there and works."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import typer

from workflow_cli.cli.invocation import Invocation

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(context: typer.Context) -> int:
    """Look whether tree, settings, permissions, state, git, model and MCP servers are in order; say what to do.

    Every server that is configured is asked, approved MCP servers are started for it, and a model that is loaded gets
    one small request. Nothing is written and no model is loaded. --offline asks no server, --quiet prints only
    warnings and failures.

    \b
    Exit status:
      0 nothing failed   1 something failed   2 usage   3 something could not be looked at: there is no tree

    \b
    Examples:
      workflow doctor
      workflow doctor --offline --quiet
      workflow doctor --format json
    """
    from workflow_cli.adapters.clock import SystemClock
    from workflow_cli.app.doctor.examination import Examination
    from workflow_cli.cli import doctor_text
    from workflow_cli.wiring.doctor.catalogue import checks_for
    from workflow_cli.wiring.doctor.surroundings import look_around

    call = Invocation.of(context)
    options = call.options
    flags = {"network.offline": ("--offline", options.offline)}
    at = look_around(named_root=options.root, named_file=options.config, flags=flags)
    examination = Examination(checks_for(at), at, elapsed=SystemClock().elapsed)
    examination.look()
    if examination.probes:
        from workflow_cli.cli.event_loop import run_async

        doctor_text.tell_waiting(call, examination.probes)
        run_async(examination.wait)
    return doctor_text.show(call, at.root, examination.findings)
