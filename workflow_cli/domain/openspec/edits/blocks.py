"""Requirement blocks of specs and deltas, found by name and only where both readings agree on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from workflow_cli.domain.openspec import delta as deltas
from workflow_cli.domain.openspec.delta import Delta, read_delta
from workflow_cli.domain.openspec.edits.body import requirement_title
from workflow_cli.domain.openspec.edits.page import Page, PageKind
from workflow_cli.domain.openspec.requirement import Requirement, fold, read_blocks
from workflow_cli.domain.openspec.spec import RequirementsSection, Spec, read_spec
from workflow_cli.errors import EditRefused

Part = deltas.Operation


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """`part` is the delta section it stands in; None in a main spec."""

    requirement: Requirement
    part: Part | None = None

    @property
    def name(self) -> str:
        return self.requirement.name

    @property
    def line(self) -> int:
        return self.requirement.line

    @property
    def end(self) -> int:
        return self.requirement.end


def refuse_other_kinds(page: Page, what: str) -> None:
    if page.kind not in (PageKind.SPEC, PageKind.DELTA):
        raise EditRefused(
            f"{what}: this document holds no requirements",
            where=page.path,
            hint="name a spec.md below openspec/specs/, or below a change's specs/",
        )


# Pages never change and are compared by identity; one operation asks for its readings a dozen times.
@lru_cache(maxsize=8)
def spec_of(page: Page) -> tuple[Spec, Spec]:
    openspec, commonmark = page.masks
    return read_spec("", page.document, openspec), read_spec("", page.document, commonmark)


@lru_cache(maxsize=8)
def delta_of(page: Page) -> tuple[Delta, Delta]:
    openspec, commonmark = page.masks
    return read_delta("", page.document, openspec), read_delta("", page.document, commonmark)


def blocks(page: Page) -> list[Block]:
    """The blocks as OpenSpec reads them; of a delta, those under ADDED and MODIFIED."""
    return _blocks(page, 0)


@lru_cache(maxsize=16)
def _blocks(page: Page, reading: int) -> list[Block]:
    if page.kind is PageKind.SPEC:
        return [Block(requirement=r) for r in spec_of(page)[reading].requirements]
    delta = delta_of(page)[reading]
    found = [
        *(Block(requirement=r, part=Part.ADDED) for r in delta.added),
        *(Block(requirement=r, part=Part.MODIFIED) for r in delta.modified),
    ]
    return sorted(found, key=lambda block: block.line)


def find(page: Page, name: str) -> Block | None:
    """The block of that exact name, with or without `Requirement:` before it; None where there is none.

    Raises EditRefused for a block that OpenSpec and CommonMark delimit differently, and AddressAmbiguous for a
    name that is there more than once.
    """
    title = requirement_title(name)
    found = [block for block in blocks(page) if block.name == title]
    if not found:
        return None
    if len(found) > 1:
        from workflow_cli.errors import AddressAmbiguous

        candidates = tuple(f"{page.path}#Requirement: {title} [{nth + 1}]" for nth in range(len(found)))
        raise AddressAmbiguous(f"{page.path}#Requirement: {title}", candidates)
    return _agreed(page, found[0])


def require(page: Page, name: str) -> Block:
    """As `find`; a name that differs in case or spaces only is enough, and `Name [2]` picks a second one.

    Raises AddressNotFound, with the nearest, where there is none.
    """
    from workflow_cli.domain.markdown.address import Step, resolve
    from workflow_cli.errors import AddressNotFound

    step = Step.parse(name)
    if step.nth is None and (block := find(page, name)):
        return block
    known = blocks(page)
    title = requirement_title(step.name)
    alike = [block for block in known if block.name == title] or [b for b in known if fold(b.name) == fold(title)]
    if step.nth is not None and step.nth <= len(alike):
        return _agreed(page, alike[step.nth - 1])
    if step.nth is None and len(alike) == 1:
        return _agreed(page, alike[0])
    address = f"{page.path}#{Step(name=f'Requirement: {title}', nth=step.nth)}"
    node = resolve(page.tree, address)
    raise AddressNotFound(
        f"{address} (line {node.first_line + 1} is no requirement for OpenSpec)",
        tuple(f"{page.path}#Requirement: {block.name}" for block in known[:5]),
    )


def _agreed(page: Page, block: Block) -> Block:
    same = any((other.line, other.end) == (block.line, block.end) for other in _blocks(page, 1))
    if not same:
        raise disagreement(page, block.line, f"the requirement {block.name!r}")
    return block


def disagreement(page: Page, line: int, what: str) -> EditRefused:
    return EditRefused(
        f"OpenSpec and CommonMark do not agree where {what} ends",
        where=f"{page.path}:{line + 1}",
        hint="a code fence or comment near it is not closed, or holds a heading; mend that first",
    )


def requirements_section(page: Page) -> RequirementsSection:
    """The `## Requirements` of a main spec. Raises EditRefused where there is none, or the readings differ."""
    ours, theirs = (spec.section for spec in spec_of(page))
    if ours is None:
        from workflow_cli.domain.openspec.unread_heading import REQUIREMENTS_TITLE, unread_heading

        meant = unread_heading(spec_of(page)[0].headings, REQUIREMENTS_TITLE)
        raise EditRefused(
            'there is no "## Requirements" section',
            where=f"{page.path}:{meant.line + 1}" if meant else page.path,
            hint=meant.hint
            if meant
            else "OpenSpec reads requirements below that heading only; `workflow process` tells what stands there",
        )
    if theirs is None or (ours.line, ours.end) != (theirs.line, theirs.end):
        raise disagreement(page, ours.line, '"## Requirements"')
    return ours


def delta_section(page: Page, part: Part) -> deltas.Section | None:
    """The last section of that kind, since new entries go last."""
    ours, theirs = ([s for s in d.sections if s.operation is part] for d in delta_of(page))
    if not ours:
        return None
    if [(s.line, s.end) for s in ours] != [(s.line, s.end) for s in theirs]:
        raise disagreement(page, ours[-1].line, f'"## {ours[-1].title}"')
    return ours[-1]


def read_as_block(lines: Sequence[str]) -> Requirement:
    """The requirement that lines beginning with its heading make up."""
    from workflow_cli.domain.openspec.fence import fence_mask

    found, _ = read_blocks(lines, fence_mask(lines), 0, len(lines))
    if len(found) != 1:
        raise EditRefused("the text is not one requirement")
    return found[0]
