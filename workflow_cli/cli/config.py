"""`workflow config`: the settings in force, and what they may be."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workflow_cli.cli.invocation import Invocation

if TYPE_CHECKING:
    from workflow_cli.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def config() -> None:
    """Show the settings in force, or what they may be.

    \b
    Examples:
      workflow config show --origin
      workflow config schema > workflow.schema.json
    """


@app.command()
def show(
    context: typer.Context,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each value came from.")] = False,
) -> int:
    """Print every setting with the value in force; secrets are shown as ***.

    \b
    Examples:
      workflow config show --origin
      workflow config show --format json
      WORKFLOW_PROCESS__STRICT=true workflow config show --origin
    """
    from workflow_cli import wiring

    call = Invocation.of(context)
    options = call.options
    flags = {"network.offline": ("--offline", options.offline)}
    root = wiring.root_if_any(options.root)
    settings = wiring.settings_in_force(root, named_file=options.config, flags=flags)
    if call.format == "json":
        return call.print_document(_payload(settings, with_origins=origin))
    for line in _lines(settings, with_origins=origin):
        print(line)
    return 0


@app.command()
def schema(context: typer.Context) -> int:
    """Print the JSON Schema of workflow.yaml, for editors and checks.

    \b
    Examples:
      workflow config schema > workflow.schema.json
    """
    import json

    from workflow_cli.settings.describe import json_schema

    call = Invocation.of(context)
    if call.format == "json":
        return call.print_document({"schema": json_schema()})
    print(json.dumps(json_schema(), indent=2))
    return 0


def _payload(settings: "Settings", *, with_origins: bool) -> dict[str, Any]:
    from workflow_cli.settings import KEYS, plain

    values = {name: plain(settings[name]) for name in KEYS}
    return {"settings": values, **({"origins": dict(settings.origins)} if with_origins else {})}


def _lines(settings: "Settings", *, with_origins: bool) -> list[str]:
    import json

    from workflow_cli.settings import KEYS, plain

    shown = {name: json.dumps(plain(settings[name]), ensure_ascii=False) for name in KEYS}
    if not with_origins:
        return [f"{name} = {value}" for name, value in shown.items()]
    width = max(len(f"{name} = {value}") for name, value in shown.items() if len(value) < 40)
    return [f"{f'{name} = {value}'.ljust(width)}  # {settings.origins[name]}" for name, value in shown.items()]
