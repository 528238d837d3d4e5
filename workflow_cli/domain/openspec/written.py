"""Specs and deltas as people read them: by CommonMark's view of code and comments, wherever OpenSpec looks."""

from __future__ import annotations

from functools import lru_cache

from workflow_cli.domain.openspec.delta import Delta, read_delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.requirement import Requirement, read_blocks
from workflow_cli.domain.openspec.spec import Spec


def written_requirements(spec: Spec) -> tuple[Requirement, ...]:
    """Every `### Requirement:` block of a main spec, also those that OpenSpec passes over for want of a section.

    Their text is read by people all the same, and a spec that fails validation is where help is wanted.
    """
    section = spec.section
    if section is None or not spec.document.readings_agree:
        return _blocks(spec.document)
    lines, mask, headers = spec.lines, spec.mask, spec.document.hash_lines
    # Blocks end at the section's own headers, so those above and below it can be read by themselves.
    above, _ = read_blocks(lines, mask, 0, section.line, headers)
    below, _ = read_blocks(lines, mask, section.end, len(lines), headers)
    return (*above, *section.blocks, *below)


# One spec is analysed twice in a row: by itself and within its tree.
@lru_cache(maxsize=4)
def _blocks(document: Document) -> tuple[Requirement, ...]:
    return tuple(read_blocks(document.lines, document.commonmark_mask, 0, len(document.lines), document.hash_lines)[0])


def written_delta(id: str, document: Document) -> Delta:
    return read_delta(id, document, None if document.readings_agree else document.commonmark_mask)
