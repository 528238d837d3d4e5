"""What archiving a change would lose, damage or hide without a word.

Every finding here refuses but those that `remark` adds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from workflow_cli.domain.markdown.parse import parse
from workflow_cli.domain.markdown.source import Source
from workflow_cli.domain.markdown.tree import Kind
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.fence import unclosed_fence
from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.heading import headings
from workflow_cli.domain.openspec.merge import Merged
from workflow_cli.domain.openspec.misread import differing_lines, misread_delta, misread_spec
from workflow_cli.domain.openspec.purpose import purpose_section
from workflow_cli.domain.openspec.rehearse import Rehearsal
from workflow_cli.domain.openspec.remark import delta_remarks, merge_remarks, task_remarks
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.spec import Spec, read_spec
from workflow_cli.domain.openspec.text import trim


def spec_hazards(spec: Spec) -> Iterator[Finding]:
    """What in a main spec OpenSpec would misread, hide, or lose with the next change to it."""
    yield from misread_spec(spec)
    yield from _unclosed_fence(spec.document)
    yield from _separators_in_headings(spec.document)
    for block in hidden_blocks(spec):
        yield _refusal(
            "hidden-requirement",
            spec.document.place(block.line),
            f'"{block.name}" is applied by archiving but not seen by list and show',
            "write `### Requirement: <name>` with a space, and keep `# ` titles out of the Requirements section",
        )
    if not spec.document.is_utf8:
        yield builtin(
            "not-utf8",
            Level.WARNING,
            spec.document.place(_first_bad_line(spec.document)),
            "the file is not UTF-8; archiving a change to it would overwrite the bytes it cannot read",
            hint="save it as UTF-8",
        )


def delta_hazards(delta: Delta) -> Iterator[Finding]:
    """What in a delta OpenSpec would misread or drop, whatever it is applied to."""
    yield from misread_delta(delta)
    yield from _unclosed_fence(delta.document)
    yield from _separators_in_headings(delta.document)
    yield from _unfilled_templates(delta)
    yield from delta_remarks(delta)
    if not delta.document.is_utf8:
        yield _refusal(
            "not-utf8",
            delta.document.place(_first_bad_line(delta.document)),
            "the delta is not UTF-8; archiving it would write replacement characters",
            "save it as UTF-8",
        )


def merge_losses(change: Change, rehearsal: Rehearsal) -> Iterator[Finding]:
    """What the rehearsed archive of `change` would lose of the main specs, or of the change itself."""
    for link in change.linked_directories:
        yield _refusal(
            "linked-directory",
            Place(file=link),
            "this directory is a link: OpenSpec passes over it when it lists, and may write through it to archive",
            "put a real directory in its place",
        )
    yield from task_remarks(change)
    deltas = {delta.id: delta for delta in change.deltas}
    for id, merged in rehearsal.merged:
        delta = deltas[id]
        yield from merge_remarks(delta, merged)
        yield from _lost_tails(delta, merged)
        yield from _lost_purpose(delta, merged)
        base = None
        if merged.base is not None:
            if merged.is_noop:
                continue
            base = read_spec(id, merged.base)
            yield from _base_hazards(base)
        yield from _hidden_after(delta, read_spec(id, merged.rebuilt), base)


def hidden_blocks(spec: Spec) -> list[Requirement]:
    """Blocks that one of OpenSpec's two views has and the other has not."""
    section, heading = spec.section, spec.requirements_heading
    if section is None or heading is None or heading.line != section.line:
        return []
    seen = {requirement.line for requirement in spec.outline}
    return [block for block in section.blocks if block.line not in seen]


def _refusal(rule: str, place: Place, message: str, hint: str) -> Finding:
    return builtin(rule, Level.ERROR, place, message, hint=hint, refuses=True)


def _unclosed_fence(document: Document) -> Iterator[Finding]:
    """A fence that runs to the end of the file and has headings in it, by both readings."""
    if not document.openspec_mask[-1]:
        return
    start = unclosed_fence(document.lines)
    if start is None or differing_lines(document):
        return
    nothing_masked = [False] * len(document.lines)
    swallowed = sum(1 for h in headings(document.lines, nothing_masked) if h.line > start and h.level > 1)
    if swallowed:
        yield _refusal(
            "unclosed-fence",
            document.place(start),
            f"a code fence is opened here and never closed; {swallowed} headings after it are not seen",
            "close the fence",
        )


_SEPARATED = re.compile(r"#{1,6}[ \t].*[\u2028\u2029]")


def _separators_in_headings(document: Document) -> Iterator[Finding]:
    """Headings whose line ends early for OpenSpec, and so are none for one or both of its views."""
    if "\u2028" not in document.text and "\u2029" not in document.text:
        return
    for line, text in enumerate(document.lines):
        if document.openspec_mask[line] or document.commonmark_mask[line]:
            continue
        if _SEPARATED.match(text):
            yield _refusal(
                "separator-in-heading",
                document.place(line),
                "this heading holds a Unicode line separator (U+2028 or U+2029), so OpenSpec does not see it",
                "replace the separator by a space",
            )


_TEMPLATE = re.compile(r"<!--.*-->", re.S)


def _unfilled_templates(delta: Delta) -> Iterator[Finding]:
    for block in (*delta.added, *delta.modified):
        if _TEMPLATE.fullmatch(block.name):
            yield _refusal(
                "unfilled-template",
                delta.document.place(block.line),
                "the requirement's name is still the template's comment, which no reader sees",
                "write the name in place of the comment",
            )


def _lost_tails(delta: Delta, merged: Merged) -> Iterator[Finding]:
    base_file = merged.base.file if merged.base else delta.document.file
    for tail in merged.lost_tails:
        yield _refusal(
            "foreign-section-lost",
            Place(file=base_file, line=tail.line + 1),
            f'"{tail.heading}" stands inside requirement "{tail.requirement}" and would go with it',
            "move it above `## Requirements`, or repeat it in the MODIFIED block",
        )
    if merged.base is None:
        return
    replaced = {b.name: b.raw for b in delta.modified}
    gone = {r.name for r in delta.removed}
    for block in read_spec(delta.id, merged.base).requirements:
        if block.name not in replaced and block.name not in gone:
            continue
        for line, heading in _underlined_headings(block):
            if heading not in replaced.get(block.name, ""):
                yield _refusal(
                    "foreign-section-lost",
                    Place(file=base_file, line=line + 1),
                    f'the section "{heading}" stands inside requirement "{block.name}" and would go with it',
                    "move it above `## Requirements`, or repeat it in the MODIFIED block",
                )


def _underlined_headings(block: Requirement) -> Iterator[tuple[int, str]]:
    """Setext headings inside a block; line from 0 in the document."""
    if not any(line and not line.strip("=- \t") and len(line.strip()) > 0 for line in block.lines):
        return
    source = Source("\n".join(block.lines).encode("utf-8"))
    for node in parse(source).walk():
        if node.kind is Kind.HEADING and not block.lines[node.first_line].lstrip().startswith("#"):
            yield block.line + node.first_line, trim(block.lines[node.first_line])


def _lost_purpose(delta: Delta, merged: Merged) -> Iterator[Finding]:
    document = delta.document
    if merged.base is None and document.has_bom and purpose_section(document.raw) is None:
        lost = purpose_section(document.text)
        if lost is not None:
            yield _refusal(
                "purpose-behind-bom",
                document.place(0),
                "a byte-order mark hides the Purpose, so archiving would write a placeholder instead of it",
                "save the file without a byte-order mark",
            )


def _base_hazards(base: Spec) -> Iterator[Finding]:
    document = base.document
    if not document.is_utf8:
        yield _refusal(
            "not-utf8",
            document.place(_first_bad_line(document)),
            "the main spec is not UTF-8; archiving this change would overwrite the bytes it cannot read",
            "save it as UTF-8",
        )
    yield from misread_spec(base)
    yield from _unclosed_fence(document)
    for name, count in Counter(block.name for block in base.requirements).items():
        if count > 1:
            line = [b.line for b in base.requirements if b.name == name][-1]
            yield _refusal(
                "hidden-duplicate",
                document.place(line),
                f'"{name}" is there {count} times; archiving would keep one text in all their places',
                "rename or remove the repetition",
            )


def _hidden_after(delta: Delta, rebuilt: Spec, base: Spec | None) -> Iterator[Finding]:
    hidden = hidden_blocks(rebuilt)
    if hidden and len(hidden) > (len(hidden_blocks(base)) if base else 0):
        name = hidden[-1].name
        place = {b.name: delta.document.place(b.line) for b in (*delta.added, *delta.modified)}
        yield _refusal(
            "hidden-requirement",
            place.get(name, delta.document.place()),
            f'after archiving, "{name}" would be in the spec but not seen by list and show',
            "write `### Requirement: <name>` with a space, and keep `# ` titles out of delta sections",
        )
    readable = {block.name for block in rebuilt.requirements}
    for block in (*delta.added, *delta.modified):
        if block.name not in readable:
            yield _refusal(
                "hidden-requirement",
                delta.document.place(block.line),
                f'after archiving, "{block.name}" would stand inside an unclosed fence where nothing reads it',
                "close the fence in the main spec first",
            )
            return


def _first_bad_line(document: Document) -> int:
    try:
        document.data.decode("utf-8")
    except UnicodeDecodeError as error:
        return document.data.count(b"\n", 0, error.start)
    return 0
