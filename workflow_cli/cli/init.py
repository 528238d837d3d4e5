"""`workflow init`: a commented workflow.yaml beside openspec/."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

from typing import Annotated

import typer

from workflow_cli.cli.invocation import Invocation

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def init(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Write a new file; the old one is kept as workflow.yaml.bak.")
    ] = False,
) -> int:
    """Write a commented workflow.yaml beside openspec/.

    Every setting is in it as a comment, so the file changes nothing until a line of it is uncommented.
    In a git checkout, .workflow/ is added to .gitignore. An existing workflow.yaml is left alone: status 5.

    \b
    Examples:
      workflow init
      workflow init --force
      workflow --root ../other init
    """
    from workflow_cli import wiring
    from workflow_cli.wiring.init import start_project

    call = Invocation.of(context)
    written = start_project(wiring.root_of_tree(call.options.root), force=force)
    if call.format == "json":
        return call.print_document(
            {
                "root": str(written.root),
                "written": list(written.written),
                "kept": written.kept,
            }
        )
    for name in written.written:
        print(f"wrote {name}")
    if written.kept:
        print(f"kept the old one as {written.kept}")
    call.note("next: workflow process --all")
    return 0
