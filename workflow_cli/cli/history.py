"""`workflow history`: what was changed, by whom and why, and the way back."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_cli.cli.idle_options import refuse_before_subcommand
from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)

LIMIT = 50
NamedRevision = Annotated[str, typer.Argument(metavar="ID|NUMBER", help="The revision.", show_default=False)]


@app.callback(invoke_without_command=True)
def history(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--verify", help="The same as `history verify`.")] = False,
) -> int | None:
    """Show what was changed, by whom, when and why; and go back.

    Without a command: the same as `history list`.

    \b
    Examples:
      workflow history list openspec/specs/auth/spec.md
      workflow history show 12
      workflow history blame --requirement "Login"
      workflow history undo 12 --because "agreed otherwise"
      workflow history verify
    """
    if context.invoked_subcommand is not None:
        refuse_before_subcommand(context)
        return None
    return _verify(context) if check else _list(context, None, LIMIT)


@app.command("list")
def list_(
    context: typer.Context,
    path: Annotated[
        str | None,
        typer.Argument(metavar="[PATH]", help="Only what touched this file or directory.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="At most so many; 0 for all.")] = LIMIT,
) -> int:
    """List revisions, newest first; those of a PATH under every name it had.

    \b
    Examples:
      workflow history list
      workflow history list openspec/changes/add-login --limit 5
    """
    return _list(context, path, limit)


def _list(context: typer.Context, path: str | None, limit: int) -> int:
    from workflow_cli.cli import history_text

    call = Invocation.of(context)
    with _documents(call) as (documents, root):
        named = None if path is None else _from_root(root, path)
        found = list(documents.revisions(path=named))
        if named is not None and not found and not (root / named).exists():
            raise UsageError(
                "nothing is there, and no revision touched it", where=named, hint="workflow history list names what was"
            )
        shown = list(reversed(found))[: limit or None]
        return history_text.show_list(call, shown, more=len(found) - len(shown), documents=documents)


@app.command()
def show(context: typer.Context, revision: NamedRevision) -> int:
    """Show one revision: who, when, why, on whose approval, and its diff.

    \b
    Examples:
      workflow history show 12
      workflow history show 9f3a11 --format json
    """
    from workflow_cli.app.show_history import find_revision
    from workflow_cli.cli import history_text

    call = Invocation.of(context)
    with _documents(call) as (documents, _):
        return history_text.show_revision(call, find_revision(documents.revisions(), revision), documents=documents)


@app.command()
def content(
    context: typer.Context,
    hash: Annotated[str, typer.Argument(metavar="HASH", help="A whole content hash, as `show` prints it.")],
) -> int:
    """Print a text that a revision found or wrote, byte for byte.

    \b
    Examples:
      workflow history content 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 > old.md
    """
    call = Invocation.of(context)
    with _documents(call) as (documents, _):
        data = documents.content(hash.lower())
        if call.format == "json":
            text = data.decode("utf-8", "surrogateescape")
            return call.print_document({"hash": hash.lower(), "bytes": len(data), "text": text})
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    return 0


@app.command()
def blame(
    context: typer.Context,
    requirement: Annotated[
        str, typer.Option("--requirement", metavar="NAME", help="The requirement.", show_default=False)
    ],
    spec: Annotated[
        str | None,
        typer.Argument(metavar="[SPEC]", help="Its document, where several have one of the name.", show_default=False),
    ] = None,
) -> int:
    """Show which revision last changed each line of a requirement, and each of its scenarios.

    \b
    Examples:
      workflow history blame --requirement "Login"
      workflow history blame --requirement "Login" add-login/specs/auth
    """
    from workflow_cli import wiring
    from workflow_cli.app.document_path import locate
    from workflow_cli.app.show_history import blame_requirement, spec_of_requirement
    from workflow_cli.cli import history_text
    from workflow_cli.wiring.documents import spec_tree

    call = Invocation.of(context)
    with _documents(call) as (documents, root):
        if spec is None:
            path = spec_of_requirement(spec_tree(root, _settings(call, root)), requirement)
        else:
            path = locate(documents, wiring.in_tree(root, spec), (), here=wiring.here_in(root))
        return history_text.show_blame(call, blame_requirement(documents, path, requirement), documents=documents)


@app.command()
def undo(
    context: typer.Context,
    revision: NamedRevision,
    because: Annotated[
        str | None, typer.Option("--because", metavar="TEXT", help="The reason, for the history.", show_default=False)
    ] = None,
    author: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who does it (default: whom git knows).", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the diff; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask where later revisions stand on it.")] = False,
) -> int:
    """Take one revision back, by another revision; later edits of other lines stay.

    Asks first where later revisions touched the same files. Where they touched the same lines, it is refused,
    and nothing is written.

    \b
    Exit status:
      0 undone   1 declined   2 no such revision   3 cannot be read or written
      4 later revisions stand on it: --yes; or waiting for an approval   5 refused

    \b
    Examples:
      workflow history undo 12 --dry-run
      workflow history undo 12 --because "agreed otherwise"
    """
    from workflow_cli import wiring
    from workflow_cli.cli import history_text
    from workflow_cli.wiring.history import HistoryRun

    call = Invocation.of(context)
    interactive = sys.stdin.isatty() and sys.stderr.isatty() and not call.quiet and call.format == "text"
    root = wiring.root_of_tree(call.options.root)
    with HistoryRun(root, _settings(call, root)) as run:
        call.note_repaired(run.settle(repair=not dry_run))
        undone = run.undo(
            revision,
            author=author,
            because=because,
            confirm=(lambda _plan: True) if yes else history_text.confirm_undo if interactive else None,
            dry_run=dry_run,
        )
        misfits = [] if undone.plan.in_the_way else run.misfits(undone.plan.draft)
        return history_text.show_undone(call, undone, documents=run.documents, misfits=misfits, degraded=run.degraded)


@app.command()
def verify(context: typer.Context) -> int:
    """Look for damage: in texts, in revisions, in their chain, in the file.

    \b
    Exit status:
      0 whole   1 damaged   3 cannot be read

    \b
    Examples:
      workflow history verify
    """
    return _verify(context)


def _verify(context: typer.Context) -> int:
    from workflow_cli import wiring
    from workflow_cli.cli import history_text
    from workflow_cli.wiring.history import HistoryRun

    call = Invocation.of(context)
    root = wiring.root_of_tree(call.options.root)
    with HistoryRun(root, _settings(call, root)) as run:
        call.note_repaired(run.settle())
        damage = run.verify()
        return history_text.show_damage(call, damage, documents=run.documents, degraded=run.degraded)


@contextmanager
def _documents(call: Invocation) -> "Iterator[tuple[DocumentsOnDisk, Path]]":
    from workflow_cli import wiring
    from workflow_cli.wiring.history import HistoryRun

    root = wiring.root_of_tree(call.options.root)
    with HistoryRun(root, _settings(call, root)) as run:
        call.note_repaired(run.settle())
        yield run.documents, root


def _settings(call: Invocation, root: "Path") -> "Settings":
    from workflow_cli import wiring

    return wiring.settings_in_force(root, named_file=call.options.config)


def _from_root(root: "Path", path: str) -> str:
    """The path from the root, whether it was typed from there or from here; it need not exist any more."""
    import posixpath

    from workflow_cli import wiring

    here = wiring.here_in(root)
    typed = posixpath.normpath(wiring.in_tree(root, path))
    from_here = posixpath.normpath(posixpath.join(here, typed))
    return from_here if here and (root / from_here).exists() else typed
