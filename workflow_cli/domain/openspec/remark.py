"""What archiving does without a word and without harm enough to refuse it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from difflib import get_close_matches

from workflow_cli.domain.markdown.parse import opaque_lines
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta, Operation
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.merge import Merged
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.text import trim

#: What people write into a section that they have nothing for; in scripts without spaces only when little follows.
_NOTHING = re.compile(
    r"\W*(?:(?:none|nothing|nil|n/?a|no(?! longer)|empty|nenhum[a]?|ningun[oa]|ningún|nessun[oa]?|keine?[srn]?|aucune?|"
    r"нет|yok|brak|không)\b.{0,100}|(?:无|無|没有|沒有|なし|ありません|없음|해당 없음).{0,8})\Z",
    re.I | re.S,
)
_READ_AS = {
    Operation.REMOVED: "`### Requirement: <name>`",
    Operation.RENAMED: "`- FROM: ### Requirement: <old>` and, on the next line, `- TO: ### Requirement: <new>`",
}


def delta_remarks(delta: Delta) -> Iterator[Finding]:
    """Text that nothing reads: above the first requirement of ADDED and MODIFIED, or all that REMOVED or RENAMED hold."""
    entries = sorted(
        [
            *(b.line for b in (*delta.added, *delta.modified)),
            *(r.line for r in delta.removed),
            *(r.line for r in delta.renamed),
        ]
    )
    for section in delta.sections:
        at = bisect_right(entries, section.line)
        first = entries[at] if at < len(entries) else section.end
        loose = [line for line in range(section.line + 1, min(first, section.end)) if _is_text(delta.lines[line])]
        if not loose or _NOTHING.match("\n".join(delta.lines[line] for line in loose)):
            continue
        if section.operation in (Operation.ADDED, Operation.MODIFIED):
            yield builtin(
                "delta-text-dropped",
                Level.INFO,
                delta.document.place(loose[0]),
                f"text above the first requirement of {section.title} does not reach the main spec",
                hint="move it into a requirement or into the proposal",
            )
        elif (
            section.operation in _READ_AS and first >= section.end and not delta.is_empty and not delta.unpaired_renames
        ):
            yield builtin(
                "section-without-entry",
                Level.WARNING,
                delta.document.place(loose[0]),
                f"nothing is read from {section.title}, so archiving would leave alone what it names",
                hint=f"write {_READ_AS[section.operation]}",
            )


def _is_text(line: str) -> bool:
    """Neither blank, nor a rule, nor a heading: other headings are reported by OpenSpec's own rule."""
    return bool(trim(line)) and not line.startswith("#") and trim(line).strip("-*_ ") != ""


def merge_remarks(delta: Delta, merged: Merged) -> Iterator[Finding]:
    yield from _removed_not_found(delta, merged)
    base = merged.base
    if base is None or merged.is_noop:
        return
    if base.has_bom or _has_mixed_ends(base.raw):
        yield builtin(
            "line-ends-unified",
            Level.INFO,
            base.place(),
            "archiving would give every line the same end and drop the byte-order mark",
        )
    for line in _blank_runs_in_code(base):
        yield builtin(
            "blank-lines-collapsed",
            Level.WARNING,
            base.place(line),
            "archiving would fold these blank lines of a code or HTML block into one",
            hint="put the code between ``` fences",
        )


def task_remarks(change: Change) -> Iterator[Finding]:
    for _, document in change.task_documents:
        if "\r" in trim(document.raw) and "\n" not in document.raw:
            yield builtin(
                "tasks-line-ends",
                Level.WARNING,
                document.place(),
                "the lines end in CR alone, so OpenSpec reads one line and at most one task",
                hint="save the file with LF or CRLF line ends",
            )


def _removed_not_found(delta: Delta, merged: Merged) -> Iterator[Finding]:
    missing = {r.name for r in delta.removed} if merged.base is None else set(merged.already_removed)
    if not missing:
        return
    there = [block.name for block in read_spec(delta.id, merged.base).requirements] if merged.base else []
    for removal in delta.removed:
        if removal.name not in missing:
            continue
        near = get_close_matches(removal.name, there, n=3)
        yield builtin(
            "removed-not-found",
            Level.WARNING,
            delta.document.place(removal.line),
            f'REMOVED: the main spec has no requirement "{removal.name}", so nothing would be removed',
            hint=f"did you mean {', '.join(repr(name) for name in near)}?" if near else None,
        )


def _has_mixed_ends(raw: str) -> bool:
    crlf = raw.count("\r\n")
    return sum(count > 0 for count in (crlf, raw.count("\n") - crlf, raw.count("\r") - crlf)) > 1


def _blank_runs_in_code(document: Document) -> Iterator[int]:
    """The first blank line, from 0, of each run of blank lines that a reader sees and OpenSpec folds."""
    if "\n\n\n" not in document.text:
        return
    lines, mask = document.lines, document.openspec_mask
    for first, end in opaque_lines(document.text):
        for line in range(first + 1, min(end, len(lines))):
            folded = lines[line] == "" == lines[line - 1] and not mask[line]
            if folded and line - 1 >= first and (line - 2 < first or lines[line - 2] != ""):
                yield line - 1
