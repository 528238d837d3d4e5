"""`workflow questions`: what nobody could answer yet, and answering it."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from workflow_cli.wiring.questions import QuestionsRun

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Id = Annotated[str, typer.Argument(metavar="ID", help="A question's id, or the beginning of it.", show_default=False)]
Named = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who answers (default: whom git knows).", show_default=False)
]
Answered = Annotated[bool, typer.Option("--answered", help="Those that are answered.")]
Every = Annotated[bool, typer.Option("--all", help="Open, answered and expired ones.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Also where there is another answer, which is kept on record.")
]


@app.callback(invoke_without_command=True)
def questions(context: typer.Context) -> int | None:
    """Show and answer the questions that people and agents asked and nobody could answer yet.

    A question is asked with `workflow ask` or by an agent, and comes here when neither documents nor models nor tools
    know. Whoever asked it gets the answer, and whoever asks it later. Without a command: the same as `questions list`.
    The clarifying questions of a change are in its questions.yaml; `--changes` lists them too.

    \b
    Exit status:
      0 done   1 refused   2 usage, or no such question   3 cannot be read or written   5 it has another answer

    \b
    Examples:
      workflow questions list
      workflow questions answer q3f9c "A session lasts 30 minutes."
      workflow questions export questions.yaml
      workflow questions import questions.yaml
    """
    if context.invoked_subcommand is not None:
        return None
    return list_(context)


@app.command("list")
def list_(
    context: typer.Context,
    answered: Answered = False,
    every: Every = False,
    changes: Annotated[bool, typer.Option("--changes", help="Also the open clarifying questions of changes.")] = False,
) -> int:
    """List questions that wait, the most urgent and oldest first.

    \b
    Examples:
      workflow questions list
      workflow questions list --answered
      workflow questions list --changes --format json
    """
    from workflow_cli.cli import questions_text

    call = Invocation.of(context)
    with _run(call) as run:
        which = _which(answered, every)
        found = run.queue.listed(answered=which)
        if changes:
            call.note_repaired(run.settle())
        listed = run.of_changes() if changes else None
        return questions_text.show_list(call, found, listed, answered=which, run=run)


@app.command()
def show(context: typer.Context, id: Id) -> int:
    """Show a question: who asked it, when, about what, and its answer with its sources.

    \b
    Examples:
      workflow questions show q3f9c
    """
    from workflow_cli.cli import questions_text

    call = Invocation.of(context)
    with _run(call) as run:
        return questions_text.show_question(call, run.use_case.named(id), run=run)


@app.command()
def answer(
    context: typer.Context,
    id: Id,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The answer, in your own words.", show_default=False)
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", metavar="FILE|-", help="Take the answer from a file.", show_default=False)
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source", metavar="PATH:LINE", help="A line of a document that says so; repeatable.", show_default=False
        ),
    ] = None,
    replace: Replace = False,
    author: Named = None,
) -> int:
    """Answer a question: everyone who asked it, or waits for it, gets the answer.

    Whoever asks the same question later gets it too. Without --source it is marked as unsourced: your word, and no
    document's.

    \b
    Examples:
      workflow questions answer q3f9c "A session lasts 30 minutes." --source openspec/specs/auth/spec.md:12
      workflow questions answer q3f9c --file answer.md --as "Mara <mara@example.org>"
    """
    from workflow_cli.cli import questions_text

    call = Invocation.of(context)
    if (text is None) == (file is None):
        raise UsageError("give the answer as TEXT, or as --file FILE", hint='workflow questions answer ID "..."')
    with _run(call) as run:
        said = _text(file or "", run.max_file_bytes) if text is None else text
        entry, new = run.use_case.answer(id, said, who=run.who(author), cited=source or (), replace=replace)
        return questions_text.show_answered(call, entry, new=new, run=run)


@app.command()
def export(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="YAML, or JSON for *.json (default: stdout).", show_default=False),
    ] = None,
    answered: Answered = False,
    every: Every = False,
) -> int:
    """Write the questions to a file in which they can be answered in bulk.

    \b
    Examples:
      workflow questions export questions.yaml
      workflow questions export --all > backup.yaml
    """
    from workflow_cli.cli import questions_text

    call = Invocation.of(context)
    with _run(call) as run:
        found = run.queue.listed(answered=_which(answered, every))
        return questions_text.show_exported(call, found, run.export(found, file), file, run=run)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A file of `questions export`.", show_default=False)],
    replace: Replace = False,
    author: Named = None,
) -> int:
    """Take the answers from a file: all of them, or none where anything in it is wrong.

    Questions without an answer stay open. `by:` of an entry says who gave its answer, where it is not you.

    \b
    Examples:
      workflow questions import questions.yaml
      workflow questions import - < questions.yaml
    """
    from workflow_cli.cli import questions_text

    call = Invocation.of(context)
    with _run(call) as run:
        sheet = run.sheet("stdin" if file == "-" else file, _read(file, run.max_file_bytes))
        return questions_text.show_imported(
            call, run.use_case.take(sheet, who=run.who(author), replace=replace), run=run
        )


@app.command()
def drop(context: typer.Context, id: Id) -> int:
    """Forget a question, and its answer if it has one: it is asked anew when somebody asks it.

    \b
    Examples:
      workflow questions drop q3f9c
    """
    from workflow_cli.cli import questions_text

    call = Invocation.of(context)
    with _run(call) as run:
        return questions_text.show_dropped(call, run.use_case.drop(id), run=run)


def _which(answered: bool, every: bool) -> bool | None:
    if answered and every:
        raise UsageError("--answered and --all exclude each other", hint="--all has the answered ones too")
    return None if every else answered


def _read(file: str, max_bytes: int) -> bytes:
    from workflow_cli.cli.given_file import read_given

    return read_given(file, max_bytes=max_bytes)


def _text(file: str, max_bytes: int) -> str:
    from workflow_cli.errors import DocumentError

    try:
        return _read(file, max_bytes).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("not UTF-8", where=file, hint="save it as UTF-8") from error


def _run(call: Invocation) -> "QuestionsRun":
    from workflow_cli import wiring
    from workflow_cli.wiring.questions import QuestionsRun

    root: Path = wiring.root_of_tree(call.options.root)
    run = QuestionsRun(root, wiring.settings_in_force(root, named_file=call.options.config))
    for notice in run.queue.notices:
        call.note(f"note: {notice}")
    return run
