"""What `workflow history` prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workflow_cli.app.show_history import revision_diff, revision_to_json
from workflow_cli.cli.formats.neutral import lines_of, one_line
from workflow_cli.cli.misfit_text import misfit_lines, misfits_json
from workflow_cli.domain.review.draft import AuthorKind
from workflow_cli.domain.review.draft_diff import draft_diff
from workflow_cli.domain.review.revision import Revision

if TYPE_CHECKING:
    from workflow_cli.adapters.documents import DocumentsOnDisk
    from workflow_cli.app.misfits import Misfit
    from workflow_cli.app.show_history import Blamed
    from workflow_cli.app.undo import Undone, UndoPlan
    from workflow_cli.cli.invocation import Invocation
    from workflow_cli.domain.review.blame import Origin
    from workflow_cli.domain.review.draft import Author

_SHORT = 12
_NAME = 28


def show_list(call: Invocation, revisions: Sequence[Revision], *, more: int, documents: DocumentsOnDisk) -> int:
    """`revisions` are newest first; `more` older ones are not among them."""
    cut_off = [_cut_off(*row) for row in documents.interrupted()]
    if call.format == "json":
        return call.print_document(
            {"revisions": [revision_to_json(r) for r in revisions], "more": more, "interrupted": cut_off}
        )
    for revision in revisions:
        print(f"{revision.number:>5}  {_when(revision)}  {revision.id[:_SHORT]}  {_short(revision.author)}")
        print(f"       {_what(revision)}")
        if revision.because:
            print(f"       because: {one_line(revision.because)}")
    _notices(call, documents)
    if not revisions:
        call.note("no revision")
    if more:
        call.note(f"{more} older: --limit 0 shows all")
    for entry in cut_off:
        call.note(f"note: a commit was cut off before {_minute(entry['found_at'])} and could not be finished:")
        for line in entry["conflicts"]:
            call.note(f"  {one_line(line)}")
        for file in entry["files"]:
            if file["after"]:
                call.note(f"  it would have written {one_line(file['path'])}: workflow history content {file['after']}")
    return 0


def _cut_off(at: str, body: str, conflicts: str) -> dict[str, Any]:
    files = [{"path": path, "before": before, "after": after} for path, before, after in json.loads(body)["files"]]
    return {"found_at": at, "files": files, "conflicts": json.loads(conflicts)}


def show_revision(call: Invocation, revision: Revision, *, documents: DocumentsOnDisk) -> int:
    diff = revision_diff(documents, revision)
    if call.format == "json":
        return call.print_document({"revision": revision_to_json(revision), "diff": diff})
    facts = [
        ("revision", f"{revision.number}  {revision.id}"),
        ("who", _who(revision.author)),
        ("when", _when(revision)),
        ("why", revision.because),
        ("draft", revision.draft),
    ]
    if revision.approval:
        approval = revision.approval
        words = f"{approval.decision.value} by {approval.by}, {_minute(approval.at)}"
        facts.append(("approval", f"{words}: {approval.because}" if approval.because else words))
    if revision.reasons:
        facts.append(("needed for", ", ".join(revision.reasons)))
    facts += sorted(revision.provenance.items())
    for name, value in facts:
        if value:
            print(f"{name + ':':<12}{one_line(value)}")
    for operation in revision.operations:
        print(f"  {one_line(operation)}")
    for file in revision.files:
        print(f"  {one_line(file.path)}: {file.before or 'no file'} -> {file.after or 'no file'}")
    print()
    _print_diff(call, diff)
    _notices(call, documents)
    return 0


def show_blame(call: Invocation, blamed: Blamed, *, documents: DocumentsOnDisk) -> int:
    if call.format == "json":
        return call.print_document(_blame_json(blamed))
    labels = {id(line): _label(line.origin) for part in blamed.parts for line in part.lines}
    width = max(map(len, labels.values()))
    print(one_line(blamed.path))
    for part in blamed.parts:
        for line in part.lines:
            print(f"{labels[id(line)]:<{width}}  {line.number:>5}  {_shown(line.text)}".rstrip())
    told: dict[int, Revision] = {}
    for part in blamed.parts:
        told |= {line.origin.number: line.origin for line in part.lines if isinstance(line.origin, Revision)}
    print()
    for number in sorted(told):
        why = f": {one_line(told[number].because or '')}" if told[number].because else ""
        print(f"{number:>5}  {_what(told[number])}{why}")
    _notices(call, documents)
    return 0


def _blame_json(blamed: Blamed) -> dict[str, Any]:
    def origin(of: Origin) -> dict[str, Any]:
        if not isinstance(of, Revision):
            return {"revision": None, "origin": of.value}
        author = {"kind": of.author.kind.value, "name": of.author.name}
        return {"revision": of.number, "id": of.id, "at": of.at, "author": author, "because": of.because}

    return {
        "path": blamed.path,
        "requirement": blamed.requirement,
        "parts": [
            {
                "title": part.title,
                **origin(part.last),
                "lines": [{"line": line.number, "text": line.text, **origin(line.origin)} for line in part.lines],
            }
            for part in blamed.parts
        ],
    }


def _label(origin: Origin) -> str:
    if not isinstance(origin, Revision):
        return f"    -  {origin.value}"
    return f"{origin.number:>5}  {origin.at[:10]}  {_short(origin.author)}"


def confirm_undo(plan: UndoPlan) -> bool:
    """Say which later revisions stand on the one to undo, and ask."""
    _warn(plan)
    print("undo it all the same? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _warn(plan: UndoPlan) -> None:
    print(f"later revisions touched what revision {plan.of.number} wrote:", file=sys.stderr)
    for revision in plan.later:
        print(f"  {revision.number}  {_when(revision)}  {_who(revision.author)}  {_what(revision)}", file=sys.stderr)


def show_undone(
    call: Invocation,
    undone: Undone,
    *,
    documents: DocumentsOnDisk,
    misfits: Sequence[Misfit],
    degraded: Sequence[Mapping[str, str]] = (),
) -> int:
    plan, code = undone.plan, undone.exit_code
    if call.format == "json":
        status = "error" if code == 5 else "waiting" if undone.waiting else "ok"
        return call.print_document(_undone_json(undone, misfits), status=status, exit_code=code, degraded=degraded)  # type: ignore[arg-type]
    if plan.in_the_way:
        print(f"refused to undo revision {plan.of.number}; nothing was written")
        for obstacle in plan.in_the_way:
            place = f"{obstacle.path}:{obstacle.line}" if obstacle.line else obstacle.path
            print(f"  {one_line(place)}: {obstacle.message}")
        if plan.later:
            call.note(f"next: undo {', '.join(str(r.number) for r in reversed(plan.later))} first, or edit by hand")
    elif undone.dry_run:
        _print_diff(call, draft_diff(plan.draft))
    elif undone.unconfirmed:
        _warn(plan)
        call.note("nothing was written; next: --dry-run shows what would be, --yes writes it")
    elif undone.declined:
        call.note("nothing was written")
    elif undone.revision is None:
        for reason in undone.reasons:
            call.note(f"needs an approval: {one_line(reason.path)}: {one_line(reason.message)}  [{reason.rule}]")
        id = plan.draft.id
        call.note(f"waiting for an approval of draft {id}; nothing was written; next: workflow review show {id}")
    else:
        print(f"undid revision {plan.of.number} (revision {undone.revision.number})")
        for path in plan.merged:
            print(f"  {one_line(path)}: later edits of other lines stay")
    for line in misfit_lines(misfits):
        call.note(line)
    _notices(call, documents)
    return code


def _undone_json(undone: Undone, misfits: Sequence[Misfit]) -> dict[str, Any]:
    plan = undone.plan
    return {
        "undoes": {"number": plan.of.number, "id": plan.of.id},
        "revision": undone.revision and revision_to_json(undone.revision),
        "draft": None if plan.draft.is_empty else {"id": plan.draft.id, "hash": plan.draft.hash},
        "later": [revision.number for revision in plan.later],
        "merged": list(plan.merged),
        "in_the_way": [{"path": o.path, "line": o.line, "message": o.message} for o in plan.in_the_way],
        "reasons": [{"rule": r.rule, "path": r.path, "line": r.line, "message": r.message} for r in undone.reasons],
        "misfits": misfits_json(misfits),
        "diff": draft_diff(plan.draft),
    }


def show_damage(
    call: Invocation,
    damage: Sequence[str],
    *,
    documents: DocumentsOnDisk,
    degraded: Sequence[Mapping[str, str]] = (),
) -> int:
    code = 1 if damage else 0
    if call.format == "json":
        status = "findings" if damage else "ok"
        return call.print_document({"damage": list(damage)}, status=status, exit_code=code, degraded=degraded)  # type: ignore[arg-type]
    for line in damage:
        print(one_line(line))
    _notices(call, documents)
    if damage:
        call.note(f"next: put a copy of {documents.history_file} in its place, or move it away to begin a new history")
    else:
        count = len(documents.revisions())
        print(f"the history is whole: {count} revision{'s' if count != 1 else ''}")
    return code


def _print_diff(call: Invocation, diff: str) -> None:
    """Line by line, with every control character shown and not obeyed."""
    colours = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"} if call.coloured() else {}
    for line in lines_of(diff) if diff else []:
        colour = colours.get(line[:1], "")
        print(f"{colour}{line}\x1b[0m" if colour else line)


def _notices(call: Invocation, documents: DocumentsOnDisk) -> None:
    for notice in documents.notices:
        call.note(f"note: {one_line(notice)}")


def _who(author: Author) -> str:
    mark = "" if author.kind is AuthorKind.PERSON else f"[{author.kind.value}] "
    return mark + one_line(author.name)


def _short(author: Author) -> str:
    """Without the mail address, and not too long for a column."""
    name = _who(author).partition(" <")[0]
    return name if len(name) <= _NAME else name[: _NAME - 1] + "…"


def _what(revision: Revision) -> str:
    lines = list(revision.operations) or [f.path for f in revision.files] + [
        f"{m.source} => {m.target}" for m in revision.moves
    ]
    return one_line(lines[0]) + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else "")


def _when(revision: Revision) -> str:
    return _minute(revision.at)


def _minute(at: str) -> str:
    return one_line(at[:16].replace("T", " ")) + "Z"


def _shown(text: str) -> str:
    return lines_of(text)[0] if text.strip() else ""
