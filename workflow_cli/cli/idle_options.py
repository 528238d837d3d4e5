"""Options that stand where they can do nothing: said, and not passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    import typer


def typed(context: typer.Context) -> list[str]:
    """The options of a command that were typed, whatever their values."""
    return [
        parameter.opts[0]
        for parameter in context.command.params
        if (name := parameter.name) in context.params
        and (source := context.get_parameter_source(name)) is not None
        and source.name == "COMMANDLINE"
    ]


def refuse_before_subcommand(context: typer.Context) -> None:
    """Raises UsageError where options of a command stand before one of its subcommands, which knows nothing of them."""
    if options := typed(context):
        command = f"{context.info_name} {context.invoked_subcommand}"
        raise UsageError(
            f"does nothing before `{command}`",
            where=", ".join(options),
            hint=f"leave it out; workflow {command} --help lists what there is",
        )
