"""`workflow update`: edits by meaning, drafted, shown and committed."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workflow_cli.cli.invocation import Invocation

if TYPE_CHECKING:
    from workflow_cli.app.update_documents import ConfirmDraft

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _edit(name: str, metavar: str, help: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help, show_default=False)


@app.command()
def update(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Documents: a path, `change/tasks.md`, a change (for its tasks), a capability (for its spec).",
            show_default=False,
        ),
    ] = None,
    check_task: Annotated[
        list[str] | None, _edit("--check-task", "TASK", "Tick off a task, by number or words.")
    ] = None,
    uncheck_task: Annotated[list[str] | None, _edit("--uncheck-task", "TASK", "Take a task's tick away.")] = None,
    add_task: Annotated[list[str] | None, _edit("--add-task", "TEXT", "Add a task, numbered on.")] = None,
    add_requirement: Annotated[str | None, _edit("--add-requirement", "NAME", "Add a requirement.")] = None,
    add_scenario: Annotated[
        str | None, _edit("--add-scenario", "REQUIREMENT > NAME", "Add a scenario to a requirement.")
    ] = None,
    modify_requirement: Annotated[
        str | None, _edit("--modify-requirement", "NAME", "Set its statement, or with headings all of it.")
    ] = None,
    rename_requirement: Annotated[str | None, _edit("--rename-requirement", "NAME", "Rename it --to NEW.")] = None,
    remove_requirement: Annotated[
        list[str] | None, _edit("--remove-requirement", "NAME", "Remove it; in a delta, --because is its Reason.")
    ] = None,
    set_section: Annotated[str | None, _edit("--set-section", "SECTION", "Replace a section's own text.")] = None,
    append_section: Annotated[str | None, _edit("--append-section", "SECTION", "Add to a section's own text.")] = None,
    ai: Annotated[
        str | None, _edit("--ai", "INSTRUCTION", "Have a model draft the edits of the named documents.")
    ] = None,
    edits: Annotated[str | None, _edit("--edits", "FILE|-", "Take edits from a YAML or JSON list.")] = None,
    text: Annotated[str | None, _edit("--text", "TEXT", "The text of the edit.")] = None,
    file: Annotated[str | None, _edit("--file", "FILE|-", "The text of the edit, from a file.")] = None,
    bullet: Annotated[
        list[str] | None, _edit("--bullet", "TEXT", "With --append-section: a list item; repeatable.")
    ] = None,
    to: Annotated[str | None, _edit("--to", "NEW", "With --rename-requirement: the new name.")] = None,
    group: Annotated[str | None, _edit("--group", "NAME", "With --add-task: the heading it goes under.")] = None,
    migration: Annotated[
        str | None, _edit("--migration", "TEXT", "With --remove-requirement in a delta: what to use instead.")
    ] = None,
    create: Annotated[bool, typer.Option("--create", help="Make a section or group that is not there.")] = False,
    because: Annotated[str | None, _edit("--because", "TEXT", "The reason, for the history.")] = None,
    author: Annotated[str | None, _edit("--as", "NAME", "Who does it (default: whom git knows).")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the diff; write nothing.")] = False,
    plan: Annotated[Path | None, _edit("--plan", "FILE", "Save the draft to FILE; change no document.")] = None,
    apply: Annotated[Path | None, _edit("--apply", "FILE", "Commit a saved draft; status 5 if stale.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before a requirement is removed.")] = False,
) -> int:
    """Edit documents by structure: the bytes that an edit does not name stay as they are.

    With --ai a model drafts the edits; a person approves them.
    The style around is kept: bullets, numbering, emphasis of WHEN and THEN, blank lines, line ends. An edit that
    the document says already changes nothing. `.` as a name stands for the place that PATH#ADDRESS names.

    \b
    Exit status:
      0 written, or nothing to do   2 usage, or nothing at an address   3 cannot be read or written
      4 waiting for an approval     5 refused, or changed meanwhile

    \b
    Examples:
      workflow update add-login --check-task 1.2
      workflow update auth --add-scenario "Login > Bad password" --file steps.md --dry-run
      workflow update add-login/specs/auth --remove-requirement Login --because "single sign-on"
      workflow update add-login/design.md --append-section Risks --bullet "Lock-out" --create
      workflow update --edits edits.yaml --plan plan.json
      workflow update add-login --ai "say what happens after five wrong passwords" --dry-run
      workflow update --apply plan.json
    """
    from workflow_cli import wiring
    from workflow_cli.cli import update_text
    from workflow_cli.cli.update_options import Typed
    from workflow_cli.wiring.update import UpdateRun

    call = Invocation.of(context)
    typed = Typed(
        paths=tuple(paths or ()),
        check_task=tuple(check_task or ()),
        uncheck_task=tuple(uncheck_task or ()),
        add_task=tuple(add_task or ()),
        add_requirement=add_requirement,
        add_scenario=add_scenario,
        modify_requirement=modify_requirement,
        rename_requirement=rename_requirement,
        remove_requirement=tuple(remove_requirement or ()),
        set_section=set_section,
        append_section=append_section,
        edits=edits,
        text=text,
        file=file,
        bullet=tuple(bullet or ()),
        to=to,
        group=group,
        migration=migration,
        create=create,
        because=because,
    )
    root = wiring.root_of_tree(call.options.root)
    flags = {"network.offline": ("--offline", call.options.offline)}
    settings = wiring.settings_in_force(root, named_file=call.options.config, flags=flags)
    typed.paths = tuple(wiring.in_tree(root, path) for path in typed.paths)
    with UpdateRun(root, settings) as run:
        call.note_repaired(run.settle(repair=not dry_run))
        if apply is not None:
            typed.refuse_beside_apply(plan=plan, dry_run=dry_run)
            result = run.apply(apply, author=author, because=because)
        else:
            here = wiring.here_in(root)
            if ai is None:
                requests = typed.requests(run.documents, here=here, max_bytes=settings.limits.max_file_bytes)
            else:
                typed.refuse_beside_ai(author=author)
                requests, because = run.drafted_by_model(
                    ai, typed.paths, here=here, because=because, dry=dry_run or plan is not None
                )
            if dry_run or plan is not None:
                prepared = run.prepare(requests, author=author, because=because, plan=plan)
                return update_text.show_prepared(call, prepared, plan=plan, dry_run=dry_run, run=run)
            result = run.update(requests, author=author, because=because, confirm=_confirm_if_asked(call, yes))
    return update_text.show_updated(call, result, run=run)


def _confirm_if_asked(call: Invocation, yes: bool) -> "ConfirmDraft | None":
    """Ask where somebody is there to answer, and a requirement goes."""
    if yes or call.quiet or call.format != "text" or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    from workflow_cli.cli.update_text import confirm_removal

    return confirm_removal
