import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def config() -> None:
    "Config."


@app.command()
def show(ctx: typer.Context) -> int:
    "Show."
    from workflow_cli.cli.invocation import Invocation

    call = Invocation.of(ctx)
    print(call.options, call.format, call.command)
    return 0
