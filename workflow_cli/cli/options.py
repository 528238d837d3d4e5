"""The options every command takes, declared once for the root and for each command."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from workflow_cli.cli.invocation import Invocation


def _remember(context: typer.Context, parameter: typer.CallbackParam, value: Any) -> Any:
    if not context.resilient_parsing and parameter.name is not None:
        Invocation.of(context).remember(parameter.name, value)
    return value


def _print_version(context: typer.Context, value: bool) -> None:
    if value and not context.resilient_parsing:
        from workflow_cli import __version__

        typer.echo(f"workflow {__version__}")
        raise typer.Exit


def _shared(*names: str, help: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, callback=_remember, expose_value=False, show_default=False)


def root_options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            help="Print the version and exit.",
            is_eager=True,
            expose_value=False,
            callback=_print_version,
        ),
    ] = False,
    root: Annotated[
        Path | None,
        _shared("--root", metavar="DIR", help="The directory that holds openspec/ (default: search upward)."),
    ] = None,
    config: Annotated[
        Path | None,
        _shared("--config", metavar="FILE", help="Read this file instead of workflow.yaml."),
    ] = None,
    format: Annotated[
        str | None,
        _shared("--format", metavar="FORMAT", help="How to print the result: text, json, ... (see each command)."),
    ] = None,
    quiet: Annotated[bool | None, _shared("--quiet", "-q", help="Print the result and errors only.")] = None,
    verbose: Annotated[bool | None, _shared("--verbose", "-v", help="Say more on the way.")] = None,
    no_color: Annotated[bool | None, _shared("--no-color", help="No colour (as NO_COLOR=1).")] = None,
    offline: Annotated[bool | None, _shared("--offline", help="Use no server at all.")] = None,
) -> None:
    """Checks, asks, edits and improves OpenSpec trees.

    The options below work before and after the command's name.
    """


def add_shared_options(command: Any, shared: Sequence[Any], formats: tuple[str, ...]) -> None:
    """Give `command`, and its subcommands, every shared option that it does not declare itself."""
    taken = {name for parameter in command.params for name in parameter.opts}
    for parameter in shared:
        if not taken.intersection(parameter.opts):
            command.params.append(_with_formats(parameter, formats))
    if isinstance(command, TyperGroup):
        for subcommand in command.commands.values():
            add_shared_options(subcommand, shared, formats)


def _with_formats(parameter: Any, formats: tuple[str, ...]) -> Any:
    if parameter.name != "format":
        return parameter
    own = copy.copy(parameter)
    own.metavar = "|".join(formats)
    own.help = f"How to print the result (default: {formats[0]})."
    return own
