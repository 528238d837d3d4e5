"""`workflow propose`: a new change, strictly valid at once."""

# No `from __future__ import annotations`: Typer evaluates the annotations of a command at every start, and from text
# that takes five times as long.

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workflow_cli.cli.invocation import Invocation
from workflow_cli.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from workflow_cli.app.propose_change import Proposed
    from workflow_cli.app.review_drafts import Submitted
    from workflow_cli.domain.openspec.proposing.overlap import Overlap
    from workflow_cli.domain.review.revision import Revision
    from workflow_cli.settings import Settings

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def propose(
    context: typer.Context,
    title: Annotated[
        str | None, typer.Argument(metavar="[TITLE]", help="What the change is about, in a line.", show_default=False)
    ] = None,
    capability: Annotated[
        list[str] | None,
        typer.Option("--capability", metavar="ID", help="What it changes; may be given several times."),
    ] = None,
    from_file: Annotated[
        str | None, typer.Option("--from-file", metavar="FILE", help="Take over the notes in FILE; - is stdin.")
    ] = None,
    from_question: Annotated[
        str | None,
        typer.Option("--from-question", metavar="ID", help="Begin with a question, as ID or CHANGE:ID."),
    ] = None,
    from_insight: Annotated[
        str | None,
        typer.Option("--from-insight", metavar="ID", help="Take over what `workflow feedback` found, as the reason."),
    ] = None,
    ai: Annotated[
        bool, typer.Option("--ai", help="Have a model write it; what it writes waits for a person's approval.")
    ] = False,
    because: Annotated[
        str | None, typer.Option("--because", metavar="TEXT", help="Why; stands in the proposal and in the history.")
    ] = None,
    id: Annotated[
        str | None, typer.Option("--id", metavar="NAME", help="Name of the change (default: made from the title).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written; write nothing.")] = False,
    author: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who writes it (default: git's user).", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it even if the tree seems to say it already.")] = False,
) -> int:
    """Write a new change that passes `openspec validate --strict` at once.

    Proposal, tasks and deltas are made from the title, from notes whose words are taken over literally, from a
    question, or from what the events show; language, names and style follow the tree. What only a person can say is asked in the change's
    questions.yaml. Open changes and requirements that say it already are named first.

    \b
    Exit status:
      0 written   1 refused   2 usage   3 could not read or write   4 waiting for approval   5 it is there by now

    \b
    Examples:
      workflow propose "Add two-factor login"
      workflow propose "Add receipts" --capability billing --because "The tax office asks for them."
      workflow propose --from-file notes.md --dry-run
      pbpaste | workflow propose "Export to CSV" --from-file -
      workflow propose --from-question add-login:open-question-1b2c3d4e
      workflow propose "Answer questions about refunds" --from-insight unanswered
      workflow propose "Lock accounts after wrong passwords" --ai --dry-run
    """
    from workflow_cli import wiring
    from workflow_cli.app.propose_change import ProposalRequest
    from workflow_cli.wiring.propose import ProposeRun

    call = Invocation.of(context)
    root = wiring.root_of_tree(call.options.root)
    flags = {"network.offline": ("--offline", call.options.offline)}
    settings = wiring.settings_in_force(root, named_file=call.options.config, flags=flags)
    notes: bytes | None
    if from_insight is not None:
        notes = _of_insight(root, settings, from_insight, title, beside=from_file or from_question)
    else:
        notes = None if from_file is None else _notes(from_file, settings.limits.max_file_bytes)
    request = ProposalRequest(
        title=title,
        capabilities=capability or [],
        notes=notes,
        notes_from="stdin" if from_file == "-" else from_file or from_insight or "",
        question=from_question,
        because=because,
        id=id,
    )
    if ai and author is not None:
        raise UsageError("with --ai the model is the author; a person approves what it wrote", where="--as")
    with ProposeRun(root, settings, author=author) as run:
        call.note_repaired(run.settle(repair=not dry_run))
        if dry_run:
            request = run.by_model(request).request if ai else request
            proposed = run.use_case.prepare(request)
            _tell(call, proposed)
            return _report(call, proposed, dry_run=True)
        with run.recorded("propose") as event:
            request = run.by_model(request).request if ai else request
            proposed = run.use_case.prepare(request)
            event["change"] = proposed.id
            _tell(call, proposed)
            if proposed.duplicates and not (yes or _confirmed(proposed, from_file)):
                event["outcome"] = "refused"
                return _report(call, proposed, refused=True)
            submitted = run.commit(proposed, event)
        for notice in run.notices:
            call.note(notice)
        return _report(call, proposed, submitted=submitted, degraded=run.degraded)


def _notes(source: str, max_bytes: int) -> bytes:
    from workflow_cli.cli.given_file import read_given

    return read_given(source, max_bytes=max_bytes)


def _of_insight(root: "Path", settings: "Settings", id: str, title: str | None, *, beside: str | None) -> bytes:
    from workflow_cli.wiring.propose import insight_notes

    where = "--from-insight"
    if beside is not None:
        raise UsageError("one source at a time", where=where, hint="leave out --from-file and --from-question")
    if title is None:
        hint = f'workflow propose "Answer questions about refunds" {where} {id}'
        raise UsageError("an insight says what is, and not what is to be: say that in a title", where=where, hint=hint)
    return insight_notes(root, settings, id, title=title, where=where)


def _tell(call: Invocation, proposed: "Proposed") -> None:
    """What says the same already, and what may be a slip of the hand."""
    for name, near in proposed.meant.items():
        call.note(f"capability {name} is new; did you mean {near}?")
    for overlap in proposed.overlaps:
        level = "duplicate" if overlap.duplicate else "related"
        call.note(f"{level}: {_what(overlap)} ({overlap.likeness:.0%})\n  {overlap.place}: {overlap.quote}")


def _what(overlap: "Overlap") -> str:
    if overlap.capability is not None:
        where = f" (open change {overlap.change})" if overlap.change else ""
        return f'requirement "{overlap.name}" of {overlap.capability}{where}'
    return f"{overlap.kind.value.replace('-', ' ')} {overlap.name}"


def _confirmed(proposed: "Proposed", from_file: str | None) -> bool:
    if from_file == "-" or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"Write {proposed.id} all the same? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _report(
    call: Invocation,
    proposed: "Proposed",
    *,
    dry_run: bool = False,
    refused: bool = False,
    submitted: "Submitted | None" = None,
    degraded: Sequence[Mapping[str, str]] = (),
) -> int:
    waiting = submitted is not None and submitted.waiting
    status, exit_code = ("findings", 1) if refused else ("waiting", 4) if waiting else ("ok", 0)
    if call.format == "json":
        payload = _payload(proposed, dry_run=dry_run, revision=submitted.revision if submitted else None)
        return call.print_document(payload, status=status, exit_code=exit_code, degraded=degraded)  # type: ignore[arg-type]
    if dry_run:
        print(_diff(proposed), end="")
        call.note(f"nothing was written; without --dry-run this becomes {proposed.directory}")
        return 0
    if refused:
        call.note("nothing was written: the tree says it already\n  next: --yes writes it all the same")
        return exit_code
    if waiting:
        for reason in proposed.reasons:
            call.note(f"needs approval: {reason.path}: {reason.message} [{reason.rule}]")
        call.note(
            f"nothing was written: draft {proposed.draft.id} waits\n  next: workflow review show {proposed.draft.id}"
        )
        return exit_code
    for file in proposed.draft.files:
        print(f"wrote {file.path}")
    _tell_the_rest(call, proposed)
    return 0


def _tell_the_rest(call: Invocation, proposed: "Proposed") -> None:
    if proposed.partly_named:
        call.note(f"the name {proposed.id} leaves out what has no spelling in a-z; next time: --id NAME")
    for artifact, rules in proposed.rules.items():
        for rule in rules:
            call.note(f"openspec/config.yaml asks of {artifact}: {rule}")
    for artifact, path in proposed.left:
        call.note(f"left to write: {path} ({artifact})")
    if proposed.gaps:
        from workflow_cli.cli.formats.wording import counted

        need = "needs" if len(proposed.gaps) == 1 else "need"
        questions = counted(len(proposed.gaps), "question")
        call.note(f"{questions} in {proposed.directory}/questions.yaml {need} a person")
    call.note(f"next: workflow process {proposed.id} --strict")


def _diff(proposed: "Proposed") -> str:
    from workflow_cli.domain.markdown.diff import unified_diff

    return "".join(
        unified_diff(b"", file.after or b"", before_name="/dev/null", after_name=file.path)
        for file in proposed.draft.files
    )


def _payload(proposed: "Proposed", *, dry_run: bool, revision: "Revision | None") -> dict[str, Any]:
    draft = proposed.draft
    return {
        "change": proposed.id,
        "title": proposed.title,
        "path": proposed.directory,
        "written": revision is not None,
        "revision": revision.number if revision else None,
        "files": [{"path": file.path, "bytes": len(file.after or b"")} for file in draft.files],
        "draft": {
            "id": draft.id,
            "hash": draft.hash,
            "operations": list(draft.operations),
            "reasons": [
                {"rule": r.rule, "path": r.path, "line": r.line, "message": r.message} for r in proposed.reasons
            ],
        },
        "overlaps": [
            {
                "kind": o.kind.value,
                "name": o.name,
                "capability": o.capability,
                "change": o.change,
                "path": o.place.file,
                "line": o.place.line,
                "quote": o.quote,
                "likeness": round(o.likeness, 3),
                "duplicate": o.duplicate,
            }
            for o in proposed.overlaps
        ],
        "questions": [
            {"id": gap.id, "text": gap.text, "blocking": gap.blocking, "options": list(gap.options)}
            for gap in proposed.gaps
        ],
        "rules": {artifact: list(rules) for artifact, rules in proposed.rules.items()},
        "left": [{"artifact": artifact, "path": path} for artifact, path in proposed.left],
        "diff": _diff(proposed) if dry_run else None,
    }
