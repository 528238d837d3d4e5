"""Replace a section's own text."""

from __future__ import annotations

from workflow_cli.domain.markdown.tree import Node
from workflow_cli.domain.openspec.edits.body import body_lines, has_headings
from workflow_cli.domain.openspec.edits.layout import insert_after, replace_lines
from workflow_cli.domain.openspec.edits.operation import SetSection
from workflow_cli.domain.openspec.edits.page import Outcome, Page
from workflow_cli.domain.openspec.edits.section import (
    find_section,
    gap_after_heading,
    new_section,
    own_lines,
    refuse_lost_text,
)
from workflow_cli.errors import EditRefused


def carry_out(page: Page, operation: SetSection) -> Outcome:
    """Subsections stay, unless the text has headings itself: then it stands for all of the section.

    Raises EditRefused where subsections that the text does not repeat would be lost.
    """
    section = find_section(page, operation.section, optional=operation.create)
    if section is None:
        lines = body_lines(operation.text, above=2, what=f"the section {operation.section!r}")
        return Outcome(edits=(new_section(page, operation.section, lines),), says=f'add section "{operation.section}"')
    refuse_lost_text(page, section)
    name = f'the section "{section.title}"'
    lines = body_lines(operation.text, above=section.level or 1, what=name)
    first, end = own_lines(section)
    if has_headings(lines):
        _refuse_lost_subsections(page, section, lines)
        end = section.end_line
    first, end = page.content(first, end)
    if page.lines[first:end] == lines:
        return Outcome(says=f"{name} says so already")
    if first == end:
        heading = section.children[0]
        edit = insert_after(page, heading.end_line - 1, lines, gap=gap_after_heading(page))
        return Outcome(edits=(edit,), says=f"write {name}")
    return Outcome(edits=replace_lines(page, first, end, lines), says=f"set {name}")


def _refuse_lost_subsections(page: Page, section: Node, lines: list[str]) -> None:
    kept = {line.lstrip("# \t").rstrip("# \t") for line in lines if line.startswith("#")}
    lost = [inner.title or "" for inner in section.sections() if (inner.title or "").rstrip("# \t") not in kept]
    if lost:
        raise EditRefused(
            f"the text has headings, so it stands for all of the section, but leaves out {', '.join(map(repr, lost))}",
            where=f"{page.path}:{section.first_line + 1}",
            hint="repeat those subsections, or leave the headings out of the text",
        )
