"""The main spec behind a delta: what it has, and its requirements copied into the delta to be changed there."""

from __future__ import annotations

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.edits.blocks import Part, delta_of
from workflow_cli.domain.openspec.edits.chain import Chain
from workflow_cli.domain.openspec.edits.page import Page, PageKind
from workflow_cli.domain.openspec.edits.requirement_text import append_requirement
from workflow_cli.domain.openspec.requirement import Requirement, fold
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.errors import AddressNotFound, EditRefused


def main_requirements(page: Page) -> tuple[Requirement, ...] | None:
    """The main spec's requirements; None where there is no main spec."""
    if page.main is None:
        return None
    return read_spec("", Document(f"main spec of {page.path}", page.main)).requirements


def main_requirement(page: Page, name: str) -> Requirement | None:
    """The main spec's requirement of that name, or of one that differs in case and spaces only."""
    known = main_requirements(page) or ()
    exact = next((r for r in known if r.name == name), None)
    return exact or next((r for r in known if fold(r.name) == fold(name)), None)


def require_in_main(page: Page, name: str, *, to: str) -> str:
    """The name as the main spec spells it; `to` is the verb of what a delta wants to do with it.

    Raises AddressNotFound where the spec has no such requirement, EditRefused where there is no such spec: archiving
    refuses a RENAMED without one, and passes over a REMOVED, so that neither ever comes true.
    """
    known = main_requirements(page)
    if known is None:
        raise EditRefused(
            f'there is no main spec, and so no requirement "{name}" to {to}; a delta for a new spec can only add',
            where=page.path,
            hint="check the name of the capability",
        )
    found = main_requirement(page, name)
    if found is None:
        import difflib

        nearest = difflib.get_close_matches(name, [r.name for r in known], n=5, cutoff=0.3)
        raise AddressNotFound(f"Requirement: {name}", tuple(f"Requirement: {n}" for n in nearest))
    return found.name


def copy_to_modified(page: Page, name: str) -> Chain | None:
    """The requirement under MODIFIED, as the main spec has it; None where there is no such thing to copy.

    A requirement that the delta renames is copied under its new name, as OpenSpec wants it.
    Raises EditRefused for one that the delta removes.
    """
    if page.kind is not PageKind.DELTA:
        return None
    delta = delta_of(page)[0]
    renamed = next((r for r in delta.renamed if r.target == name), None)
    source = main_requirement(page, renamed.source if renamed else name)
    if source is None:
        return None
    for removal in delta.removed:
        if removal.name == source.name:
            raise EditRefused(
                f'this delta removes the requirement "{source.name}"; it cannot modify it too',
                where=f"{page.path}:{removal.line + 1}",
            )
    for rename in delta.renamed:
        if rename.source == source.name and renamed is None:
            raise EditRefused(
                f'this delta renames "{source.name}"; modify it as "{rename.target}"',
                where=f"{page.path}:{rename.line + 1}",
            )
    if any("\ufffd" in line for line in source.lines):
        raise EditRefused(
            f'the main spec\'s text of "{source.name}" is not all UTF-8; a copy would lose bytes', where=page.path
        )
    block = source.renamed(renamed.target) if renamed else source
    chain = Chain(page)
    chain.make((append_requirement(page, Part.MODIFIED, block.lines),))
    return chain
