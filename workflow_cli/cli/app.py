"""The root command, whose commands are imported only when they are called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from workflow_cli.cli.commands import COMMANDS
from workflow_cli.cli.invocation import GlobalOptions, Invocation
from workflow_cli.cli.options import add_shared_options, root_options

HELP_NAMES = {"help_option_names": ["-h", "--help"]}


class LazyGroup(TyperGroup):
    """Lists commands from the table and imports one when it is dispatched, completed or asked for help."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # A stub is enough for the root's help, for completion of names and for "did you mean".
        for name, entry in COMMANDS.items():
            self.commands[name] = TyperCommand(name, help=entry.help, rich_markup_mode=None)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        # get_command() would be the wrong place: the root's help calls it for every command.
        name, stub, rest = super().resolve_command(ctx, args)
        if name is None or stub is None:
            return name, stub, rest
        if not ctx.resilient_parsing:
            Invocation.of(ctx).enter(name, COMMANDS[name].formats)
        return name, self._load(name), rest

    def _load(self, name: str) -> Any:
        entry = COMMANDS[name]
        command = get_command(import_module(entry.module).app)
        command.name = name
        command.context_settings = {**HELP_NAMES, **command.context_settings}
        shared = [parameter for parameter in self.params if parameter.name in GlobalOptions._fields]
        add_shared_options(command, shared, entry.formats)
        return command


def root_command() -> Any:
    """The root command; call its `main` with `standalone_mode=False` and `obj=Invocation()`."""
    app = typer.Typer(
        cls=LazyGroup,
        # Rich doubles the time of every help page.
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=HELP_NAMES,
    )
    app.callback()(root_options)
    return get_command(app)
