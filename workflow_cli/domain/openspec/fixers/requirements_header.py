"""Requirements that stand below no `## Requirements`."""

from __future__ import annotations

from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.openspec.fixers.fixer import Fixer, Scene, replaced_lines
from workflow_cli.domain.openspec.requirement import read_blocks
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.unread_heading import REQUIREMENTS_TITLE, unread_heading

_ADDED = "ADDED Requirements"
_HEADER = "## Requirements"


def fix(_finding: Finding, scene: Scene) -> tuple[bytes, str] | None:
    if scene.capability is None or scene.is_delta:
        return None
    spec = read_spec(scene.capability, scene.document)
    document = scene.document
    blocks, first = read_blocks(spec.lines, spec.mask, 0, len(spec.lines))
    if not blocks or document.openspec_mask != document.commonmark_mask:
        return None
    sections = [h for h in spec.headings if h.level <= 2 and h.title is not None]
    above = [h for h in sections if h.line < first]
    if any(h.line > first for h in sections):
        return None
    if above and above[-1].is_titled(_ADDED):
        line = above[-1].line
        return replaced_lines(document, line, line + 1, [_HEADER]), f"`## {above[-1].title}` becomes `{_HEADER}`"
    if not above:
        return None
    meant = unread_heading(above[-1:], REQUIREMENTS_TITLE)
    if meant and meant.says_no_more:
        return replaced_lines(document, meant.line, meant.line + 1, [_HEADER]), f"`{meant.written}` becomes `{_HEADER}`"
    if not above[-1].is_titled("Purpose"):
        return None
    return replaced_lines(document, first, first, [_HEADER, ""]), f"`{_HEADER}` above the first requirement"


FIXER = Fixer(
    id="requirements-header",
    rules=frozenset(("spec-requirements-missing",)),
    reason=(
        "All requirements stand together below the Purpose, below an `## ADDED Requirements` that was copied with "
        "them from a change, or below the header in another language, and nothing else follows: the header can stand "
        "in one place only."
    ),
    fix=fix,
)
