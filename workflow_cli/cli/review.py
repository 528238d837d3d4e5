"""`workflow review`: drafts that need a person, and whether any went without."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_cli.cli.idle_options import refuse_before_subcommand
from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.app.review_drafts import Decided
    from workflow_cli.wiring.review import ReviewRun

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="The reason, for the record.")]
Named = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who decides (default: whom git knows).", show_default=False)
]
Id = Annotated[str, typer.Argument(metavar="DRAFT", help="A draft's id, or the beginning of it.", show_default=False)]


@app.callback(invoke_without_command=True)
def review(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Check that nothing that needed an approval went without.")
    ] = False,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="REF",
            help="With --check: compare with where the branch left REF (default: the default branch).",
            show_default=False,
        ),
    ] = None,
) -> int | None:
    """Decide about drafts that need a person, and check in CI that somebody did.

    A draft needs a person where it weakens, deletes or changes the numbers of what specs say, where it touches a
    protected path, and where a model wrote it. Approvals are files under the change they are about. Each holds for
    exactly one text.

    \b
    Exit status:
      0 done, nothing uncovered   1 uncovered, or refused   2 usage   3 cannot be read or written
      5 a file changed since the draft was made

    \b
    Examples:
      workflow review list
      workflow review show 3f9c
      workflow review approve 3f9c --because "agreed with support"
      workflow review --check --base origin/main
    """
    if context.invoked_subcommand is not None:
        refuse_before_subcommand(context)
        return None
    if not check:
        raise UsageError("say what to do", hint="workflow review list, or workflow review --check")
    from workflow_cli.cli import review_text

    call = Invocation.of(context)
    with _run(call) as run:
        with run.recorded("review") as event:
            report = run.check(base).run()
            event |= {"outcome": "checked", "findings": len(report.findings), "covered": report.covered}
        return review_text.show_check(call, report, run=run)


@app.command("list")
def list_drafts(context: typer.Context) -> int:
    """List the drafts that were kept because they need a person.

    \b
    Examples:
      workflow review list
      workflow review list --format json
    """
    from workflow_cli.cli import review_text

    call = Invocation.of(context)
    with _run(call) as run:
        return review_text.show_list(call, run.waiting(), run=run)


@app.command()
def show(context: typer.Context, id: Id) -> int:
    """Show what a draft would write, who made it, and why it needs a person.

    \b
    Examples:
      workflow review show 3f9c
    """
    from workflow_cli.cli import review_text

    call = Invocation.of(context)
    with _run(call) as run:
        return review_text.show_draft(call, run.review.show(id), run=run)


@app.command()
def approve(
    context: typer.Context,
    because: Because,
    id: Annotated[
        str | None,
        typer.Argument(metavar="[DRAFT]", help="A draft's id, or the beginning of it.", show_default=False),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="REF",
            help="Approve what is uncovered in the tree, compared with where the branch left REF.",
            show_default=False,
        ),
    ] = None,
    no_commit: Annotated[bool, typer.Option("--no-commit", help="Only record the approval.")] = False,
    author: Named = None,
) -> int:
    """Approve a draft and commit it as it was shown.

    The approval is a file under the change. What was written already stays as it is, and that is said. With --base it covers edits that are in the tree already, such as those
    made by hand.

    \b
    Examples:
      workflow review approve 3f9c --because "agreed with support"
      workflow review approve 3f9c --because "agreed" --no-commit
      workflow review approve --base origin/main --because "read it all"
    """
    from workflow_cli import wiring
    from workflow_cli.app.review_drafts import Decided, Written
    from workflow_cli.cli import review_text

    call = Invocation.of(context)
    decided: Decided | Written
    if (id is None) == (base is None):
        raise UsageError("name one draft, or with --base the ref to compare the tree with", hint="workflow review list")
    with _run(call) as run:
        by = wiring.person(wiring.root_of_tree(call.options.root), author)
        with run.recorded("review") as event:
            if id is not None:
                decided = run.review.approve(id, by=by, because=because, commit=not no_commit)
            else:
                draft, reasons = run.check(base).uncovered_difference(by.name)
                if draft.is_empty:
                    event["outcome"] = "nothing_uncovered"
                    return review_text.show_nothing_uncovered(call, base or "", run=run)
                decided = run.review.approve_as_it_is(draft, reasons, by=by, because=because)
            if isinstance(decided, Written):
                event |= {"outcome": "written_already", "draft": decided.draft, "revision": decided.revision.number}
                return review_text.show_written(call, decided, run=run)
            event |= _decision(decided)
        return review_text.show_decided(call, decided, run=run)


@app.command()
def reject(context: typer.Context, id: Id, because: Because, author: Named = None) -> int:
    """Reject a draft; the reason is kept, and exactly this draft is not committed.

    \b
    Examples:
      workflow review reject 3f9c --because "support needs the old limit"
    """
    from workflow_cli import wiring
    from workflow_cli.cli import review_text

    call = Invocation.of(context)
    with _run(call) as run:
        by = wiring.person(wiring.root_of_tree(call.options.root), author)
        with run.recorded("review") as event:
            decided = run.review.reject(id, by=by, because=because)
            event |= _decision(decided)
        return review_text.show_decided(call, decided, run=run)


@app.command()
def drop(context: typer.Context, id: Id) -> int:
    """Forget a draft that is no longer wanted, or stale. Decisions about it stay on record.

    What the loop asks for is rejected instead, or it would ask again.

    \b
    Examples:
      workflow review drop 3f9c
    """
    from workflow_cli.cli import review_text

    call = Invocation.of(context)
    with _run(call) as run:
        with run.recorded("review") as event:
            draft = run.review.drop(id)
            event |= {"outcome": "dropped", "draft": draft.id}
        return review_text.show_dropped(call, draft, run=run)


def _decision(decided: "Decided") -> dict[str, object]:
    return {
        "outcome": decided.record.approval.decision.value,
        "draft": decided.draft.id,
        "reasons": [reason.rule for reason in decided.record.reasons],
        "revision": decided.revision.number if decided.revision else None,
    }


def _run(call: Invocation) -> "ReviewRun":
    from workflow_cli import wiring
    from workflow_cli.wiring.review import ReviewRun

    root: Path = wiring.root_of_tree(call.options.root)

    run = ReviewRun(root, wiring.settings_in_force(root, named_file=call.options.config))
    call.note_repaired(run.settle())
    return run
