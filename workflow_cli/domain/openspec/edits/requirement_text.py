"""Requirements written the way the document around them writes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from workflow_cli.domain.markdown.edit import Edit
from workflow_cli.domain.openspec.edits.blocks import Block, Part, blocks, delta_section, requirements_section
from workflow_cli.domain.openspec.edits.layout import insert_after
from workflow_cli.domain.openspec.edits.page import Page, PageKind
from workflow_cli.domain.openspec.edits.scenario_style import ScenarioStyle, style_of
from workflow_cli.domain.openspec.requirement import Requirement

_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_ORDER = tuple(Part)


def scenario_style(page: Page, extra: Sequence[Requirement] = ()) -> ScenarioStyle:
    return style_of(page, [*(block.requirement for block in blocks(page)), *extra])


def usual(counts: Iterable[int], default: int = 1) -> int:
    """The most common of them, the first one on a tie."""
    counted = Counter(counts).most_common(1)
    return counted[0][0] if counted else default


def gap_before_requirement(page: Page) -> int:
    """Blank lines between requirements; the first below a section's heading does not count."""
    gaps = ((page.blanks_before(block.line), block.line) for block in blocks(page))
    return usual(gap for gap, line in gaps if line > gap and not page.lines[line - gap - 1].startswith("## "))


def gap_after_header(page: Page) -> int:
    """Blank lines between a requirement's heading and its statement."""
    found = blocks(page)
    inner = (page.content(block.line + 1, block.end) for block in found)
    return usual((first - block.line - 1 for block, (first, end) in zip(found, inner, strict=True) if end > first), 0)


def gap_before_scenario(page: Page) -> int:
    return usual(page.blanks_before(s.line) for block in blocks(page) for s in block.requirement.scenarios)


def content_of(page: Page, block: Block) -> tuple[int, int]:
    """The lines from the block's heading to its last one; a rule (`---`) that parts it from the next is not its own."""
    first, end = page.content(block.line, block.end)
    openspec, _ = page.masks
    if end - first > 1 and not openspec[end - 1] and _RULE.match(page.lines[end - 1]) and page.is_blank(end - 2):
        end = page.content(first, end - 1)[1]
    return first, end


def without_rule(lines: Sequence[str]) -> list[str]:
    """The lines without a rule at their end."""
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept[:-1] if len(kept) > 1 and not kept[-2].strip() and _RULE.match(kept[-1]) else kept


def append_requirement(page: Page, part: Part | None, lines: Sequence[str], *, gap: int | None = None) -> Edit:
    """The lines as the last block of the section they belong to; a delta gets the section if it lacks it.

    `gap` is how many blank lines stand between entries, by default as many as stand between requirements.
    """
    gap = gap_before_requirement(page) if gap is None else gap
    if page.kind is PageKind.SPEC:
        section = requirements_section(page)
        first, end = section.line, section.end
    else:
        assert part is not None
        there = delta_section(page, part)
        if there is None:
            return _with_new_section(page, part, lines)
        first, end = there.line, there.end
    last = page.content(first, end)[1] - 1
    if last == first:
        return insert_after(page, last, lines, gap=1)
    return insert_after(page, last, lines, gap=gap)


def _with_new_section(page: Page, part: Part, lines: Sequence[str]) -> Edit:
    """Sections stand in the order ADDED, MODIFIED, REMOVED, RENAMED unless the document has its own order."""
    written = [f"## {part.value} Requirements", "", *lines]
    earlier = [s for p in _ORDER[: _ORDER.index(part)] if (s := delta_section(page, p))]
    later = [s for p in _ORDER[_ORDER.index(part) + 1 :] if (s := delta_section(page, p))]
    if later and not earlier:
        return insert_after(page, min(s.line for s in later) - 1, [*written, ""])
    end = max(s.end for s in earlier) if earlier else page.source.lines
    last = page.content(0, min(end, page.source.lines))[1] - 1
    if last < 0:
        return insert_after(page, page.source.lines - 1, written)
    return insert_after(page, last, written, gap=1)
