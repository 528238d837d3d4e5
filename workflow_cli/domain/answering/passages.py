"""A document cut into the pieces that retrieval finds and answers cite."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from workflow_cli.domain.answering.passage import Passage, PassageKind
from workflow_cli.domain.markdown.address import Place, places
from workflow_cli.domain.markdown.parse import outline
from workflow_cli.domain.markdown.source import Source
from workflow_cli.domain.markdown.tree import Kind, Node
from workflow_cli.domain.openspec.text import decode, drop_bom

_REQUIREMENT = re.compile(r"Requirement:", re.I)
_SCENARIO = re.compile(r"Scenario:", re.I)
_SCENARIO_LEVEL = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Belonging:
    """What a path tells of its document: the capability it specifies, the change it is part of."""

    capability: str | None = None
    change: str | None = None
    archived: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """A passage and the titles around it, from the outside in: what it is about without saying so."""

    passage: Passage
    around: tuple[str, ...]


def belonging_of(path: str) -> Belonging:
    """Where a document belongs. `path` is POSIX, from the root."""
    parts = path.split("/")[:-1]
    if parts[:1] == ["openspec"]:
        parts = parts[1:]
    change, archived = None, False
    if parts[:1] == ["changes"]:
        archived = parts[1:2] == ["archive"]
        parts = parts[2:] if archived else parts[1:]
        change, parts = (parts[0] if parts else None), parts[1:]
    capability = "/".join(parts[1:]) if parts[:1] == ["specs"] else ""
    return Belonging(capability=capability or None, change=change, archived=archived and change is not None)


def cut(path: str, data: bytes) -> Iterator[Cut]:
    """The passages of a document, in its order. Never raises, whatever the bytes.

    Requirements, scenarios, sections and numbered tasks, each from its first line to the last line with text before
    the next one: no two overlap and, but for headings with nothing below them, no text is left out. What stands
    before the first of them is a passage with the address of the document.
    """
    source = Source(data)
    starts = [place for place in places(outline(source)) if _opens_passage(place.node)]
    lines = [place.node.first_line for place in starts] + [source.lines]
    belonging = belonging_of(path)
    if end := _end_of_text(source, 0, lines[0]):
        yield _preamble(path, source, end, belonging)
    for place, (first, before) in zip(starts, pairwise(lines), strict=True):
        end = _end_of_text(source, first, before)
        kind = _kind(place)
        if kind is PassageKind.SECTION and end <= place.node.children[0].end_line:
            continue
        titles = [step.name for step in place.steps]
        title = (place.node.title or "") if kind is PassageKind.TASK else titles[-1]
        passage = _passage(path, source, first, end, belonging, kind, title, str(place.address(path)))
        yield Cut(passage=passage, around=tuple(titles[:-1]))


def _opens_passage(node: Node) -> bool:
    return node.kind is Kind.SECTION or (node.kind is Kind.LIST_ITEM and node.checked is not None)


def _kind(place: Place) -> PassageKind:
    if place.node.kind is Kind.LIST_ITEM:
        return PassageKind.TASK
    title = place.steps[-1].name
    if _REQUIREMENT.match(title):
        return PassageKind.REQUIREMENT
    # OpenSpec takes every heading of level 4 in a requirement for a scenario.
    inside = place.node.level == _SCENARIO_LEVEL and len(place.steps) > 1
    if _SCENARIO.match(title) or (inside and _REQUIREMENT.match(place.steps[-2].name)):
        return PassageKind.SCENARIO
    return PassageKind.SECTION


def _end_of_text(source: Source, first: int, end: int) -> int:
    """The line after the last that has text; `first` where none has."""
    while end > first and not source.data[slice(*_bounds(source, end - 1, end))].strip():
        end -= 1
    return end


def _bounds(source: Source, first: int, end: int) -> tuple[int, int]:
    span = source.lines_span(first, end)
    return span.start, span.end


def _preamble(path: str, source: Source, end: int, belonging: Belonging) -> Cut:
    name = path.rpartition("/")[2].removesuffix(".md")
    passage = _passage(path, source, 0, end, belonging, PassageKind.SECTION, name, path)
    return Cut(passage=passage, around=())


def _passage(
    path: str,
    source: Source,
    first: int,
    end: int,
    belonging: Belonging,
    kind: PassageKind,
    title: str,
    address: str,
) -> Passage:
    data = source.data[slice(*_bounds(source, first, end))]
    return Passage(
        path=path,
        line=first + 1,
        end_line=end,
        address=address,
        kind=kind,
        title=title,
        text=drop_bom(decode(data)),
        section_hash=hashlib.sha256(data).hexdigest(),
        capability=belonging.capability,
        change=belonging.change,
        archived=belonging.archived,
    )
