"""`workflow archive`: finished changes into the specs and out of the way, and back."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import gc
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.ports import SpecTree

app = typer.Typer(add_completion=False, rich_markup_mode=None)

UNDO = "undo"


@app.command()
def archive(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CHANGE]... | undo CHANGE|REVISION",
            help="Changes by name or path; or `undo` and the change or revision to take back.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every change whose tasks are done and which is valid.")] = False,
    keep_going: Annotated[bool, typer.Option("--keep-going", help="Go on after a change that is refused.")] = False,
    skip_specs: Annotated[bool, typer.Option("--skip-specs", help="Move the directory; merge nothing.")] = False,
    force_loss: Annotated[
        list[str] | None,
        typer.Option(
            "--force-loss",
            metavar="NAME",
            help="Accept that this requirement or section goes, or that this change is shut out; repeatable.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Archive although tasks are not done.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the diff of all specs; write nothing.")] = False,
    because: Annotated[
        str | None, typer.Option("--because", metavar="TEXT", help="The reason, for the history.")
    ] = None,
    author: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who does it (default: whom git knows).")
    ] = None,
) -> int:
    """Merge changes into the main specs and move them to the archive, as one step; or take that back.

    The specs get the bytes that `openspec archive` would write. Where that would lose or hide text, or where a
    MODIFIED was written against an older text of its requirement and cannot be put together with the newer one,
    the change is refused and nothing is written. So it is where another open change could not be archived any more.

    \b
    Exit status:
      0 archived   1 refused   2 usage   3 cannot be read or written   4 waiting for an approval
      5 a file changed meanwhile

    \b
    Examples:
      workflow archive add-login
      workflow archive add-login --dry-run
      workflow archive --all --keep-going
      workflow archive undo add-login --because "the release was called off"
    """
    from workflow_cli import wiring
    from workflow_cli.app.archive_change import ArchiveOptions
    from workflow_cli.app.archive_report import Outcome
    from workflow_cli.cli import archive_text
    from workflow_cli.wiring.archive import ArchiveRun

    call = Invocation.of(context)
    # All that is read of the specs stays until the end; a large one makes millions of objects.
    gc.set_threshold(1_000_000)
    root = wiring.root_of_tree(call.options.root)
    settings = wiring.settings_in_force(root, named_file=call.options.config)
    who = wiring.person(root, author)
    named = [wiring.item_in_tree(root, name) for name in names or []]
    with ArchiveRun(root, settings) as run:
        call.note_repaired(run.settle(repair=not dry_run))
        if named[:1] == [UNDO] and (len(named) > 1 or UNDO not in run.tree.change_names()):
            _refuse_with_undo(named, every, keep_going, skip_specs, force_loss)
            undone = run.undo(named[1], author=who, because=because, dry_run=dry_run)
            misfits = run.misfits(undone.draft) if undone.draft else []
            return archive_text.show_undone(call, undone, misfits=misfits, notices=run.notices, degraded=run.degraded)
        options = ArchiveOptions(
            author=who,
            yes=yes,
            skip_specs=skip_specs,
            force_loss=tuple(force_loss or ()),
            dry_run=dry_run,
            keep_going=keep_going,
            because=because,
        )
        interactive = sys.stdin.isatty() and sys.stderr.isatty() and not call.quiet and call.format == "text"
        use_case = run.archive(options, _confirm if interactive else None)
        if every:
            if named:
                raise UsageError("--all takes every finished change; leave out the names")
            report = use_case.run_all()
        else:
            report = use_case.run(_changes(run.tree, named))
        for item in report.changes:
            if item.outcome is Outcome.WAITING and item.draft:
                run.review.keep_waiting(item.draft, item.reasons)
        return archive_text.show_report(call, report, notices=run.notices, degraded=run.degraded)


def _refuse_with_undo(named: list[str], *others: object) -> None:
    if len(named) != 2:
        raise UsageError("undo takes one change or revision", hint="workflow archive undo add-login")
    if any(others):
        raise UsageError("undo goes with --dry-run, --because and --as only")


def _changes(tree: "SpecTree", named: list[str]) -> list[str]:
    """The changes named, in the order they were typed. Raises UsageError."""
    changes = list(tree.change_names())
    begins = '`workflow propose "Add two-factor login"` begins one'
    listed = ", ".join(changes[:20]) + (", ..." if len(changes) > 20 else "")
    if named:
        otherwise = f"active are {listed}" if changes else f"no change is active; {begins}"
        return list(dict.fromkeys(_change(tree, name, changes, otherwise) for name in named))
    if len(changes) == 1:
        return changes
    if not changes:
        raise UsageError("there is no active change", hint=begins)
    raise UsageError(
        f"say which of the {len(changes)} active changes", hint=f"--all for the finished, or name: {listed}"
    )


def _change(tree: "SpecTree", name: str, active: list[str], otherwise: str) -> str:
    """An active change, or one that is archived already."""
    from workflow_cli.app.selection import select
    from workflow_cli.domain.openspec.archiving.place import archived_place

    id = name.rstrip("/").rpartition("/")[2]
    if id not in active and archived_place(id, tree.archived_names()) is not None:
        return id
    return select([name], specs=(), changes=active, otherwise=otherwise).changes[0]


def _confirm(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
