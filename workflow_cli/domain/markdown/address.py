"""Places in a document by the words a reader sees: `spec.md#Requirement: Login > Scenario: Bad password`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from workflow_cli.domain.markdown.tree import Kind, Node
from workflow_cli.errors import AddressAmbiguous, AddressNotFound

_NEAREST = 5
_TASK_NUMBER = re.compile(r"(\d+(?:\.\d+)+[a-z]?)[.):]?(?=\s|$)", re.ASCII)
_SEPARATOR = " > "
_NTH = re.compile(r"(?<!\\)\[(\d{1,9})\]\Z", re.ASCII)
_ESCAPED = re.compile(r"\\([\\>\[])")
# What the grammar would take for itself: a `>` that could separate, and an index at the end.
_SPECIAL = re.compile(r"(?:(?<= )|^)>|\[(?=\d{1,9}\]\Z)", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One name on the way from the outside in; `nth` (from 1) picks among siblings of exactly that name."""

    name: str
    nth: int | None = None

    def __str__(self) -> str:
        name = _SPECIAL.sub(r"\\\g<0>", self.name.replace("\\", "\\\\"))
        if self.nth is None and name:
            return name
        return f"{name} [{self.nth or 1}]".lstrip(" ")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`; never fails. A backslash before `>`, `[` or a backslash makes it plain.

        An empty name is written with its index, `[1]`, or nothing would be there to see.
        """
        text = text.strip(" ")
        index = _NTH.search(text)
        nth = int(index[1]) if index else None
        name = text[: index.start()].rstrip(" ") if index else text
        return cls(name=_ESCAPED.sub(r"\1", name), nth=nth)


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """A path, and steps inside the document at that path; without steps it names the document."""

    path: str
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        return self.path + ("#" + _SEPARATOR.join(map(str, self.steps)) if self.steps else "")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`; never fails. The path ends at the first `#`."""
        path, _, fragment = text.partition("#")
        steps = fragment.split(_SEPARATOR) if fragment.strip(" ") else []
        return cls(path=path, steps=tuple(map(Step.parse, steps)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Something an address can name, with its full steps."""

    node: Node
    steps: tuple[Step, ...]
    """All the way from the document. `nth` is always set here."""
    alone: tuple[bool, ...]
    """For each step, whether no sibling has the same name, so that it needs no index."""

    def address(self, path: str = "") -> Address:
        """The full address, with an index only where one is needed."""
        steps = (
            Step(name=step.name, nth=None if alone else step.nth)
            for step, alone in zip(self.steps, self.alone, strict=True)
        )
        return Address(path=path, steps=tuple(steps))


def places(document: Node) -> Iterator[Place]:
    """All places of a document in its order: sections, and list items that begin with a number like `1.2`.

    A numbered item is a sibling of the subsections of the section it stands in, however deep its list is.
    """
    pending = [Place(node=document, steps=(), alone=())]
    while pending:
        outer = pending.pop()
        if outer.node is not document:
            yield outer
        if outer.node.kind is Kind.LIST_ITEM:
            continue
        inside = list(_named_inside(outer.node))
        totals = Counter(name for name, _ in inside)
        seen: Counter[str] = Counter()
        found: list[Place] = []
        for name, node in inside:
            seen[name] += 1
            step = Step(name=name, nth=seen[name])
            found.append(Place(node=node, steps=(*outer.steps, step), alone=(*outer.alone, totals[name] == 1)))
        pending.extend(reversed(found))


def _named_inside(node: Node) -> Iterator[tuple[str, Node]]:
    pending = list(reversed(node.children))
    while pending:
        child = pending.pop()
        if child.kind is Kind.SECTION:
            yield child.title or "", child
            continue
        if child.kind is Kind.LIST_ITEM and (number := _TASK_NUMBER.match(child.title or "")):
            yield number[1], child
        pending.extend(reversed(child.children))


def address_of(document: Node, node: Node, path: str = "") -> str:
    """The full address of a place of the document; `resolve` leads from it back to exactly this node.

    Raises ValueError for a node that is no place (see `places`) and not the document.
    """
    if node is document:
        return path
    for place in places(document):
        if place.node is node:
            return str(place.address(path))
    raise ValueError(f"no address names a {node.kind.value}")


def resolve(document: Node, address: str) -> Node:
    """The node an address names in a document; its path is not looked at.

    Steps go from the outside in and may leave levels out. What spells out every level is preferred, and exact
    names are preferred to names that differ in case and spaces only.

    Raises AddressNotFound with the up to five nearest addresses, or AddressAmbiguous where several fit alike.
    """
    wanted = Address.parse(address)
    if not wanted.steps:
        return document
    known = list(places(document))
    for fold in (_exactly, _folded):
        steps = tuple(Step(name=fold(step.name), nth=step.nth) for step in wanted.steps)
        fitting = [place for place in known if _fits(steps, place.steps, fold)]
        fitting = [place for place in fitting if len(place.steps) == len(steps)] or fitting
        if len(fitting) > 1:
            raise AddressAmbiguous(address, tuple(str(place.address(wanted.path)) for place in fitting))
        if fitting:
            return fitting[0].node
    raise AddressNotFound(address, _nearest(wanted, known))


def _exactly(name: str) -> str:
    return name


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _fits(wanted: Sequence[Step], actual: Sequence[Step], fold: Callable[[str], str]) -> bool:
    """Whether the last steps agree and the others are found before it, in order."""

    def same(step: Step, other: Step) -> bool:
        return step.name == fold(other.name) and step.nth in (None, other.nth)

    if not same(wanted[-1], actual[-1]):
        return False
    outer = iter(actual[:-1])
    return all(any(same(step, other) for other in outer) for step in wanted[:-1])


def _nearest(wanted: Address, known: Sequence[Place]) -> tuple[str, ...]:
    from rapidfuzz import fuzz

    def whole(steps: Sequence[Step]) -> str:
        return " ".join(_folded(step.name) for step in steps)

    def likeness(place: Place) -> float:
        # A person mostly mistypes the last name, or gives the right one under the wrong heading.
        last = fuzz.ratio(whole(wanted.steps[-1:]), whole(place.steps[-1:]))
        return max(last, fuzz.ratio(whole(wanted.steps), whole(place.steps)))

    nearest = sorted(known, key=likeness, reverse=True)[:_NEAREST]
    return tuple(str(place.address(wanted.path)) for place in nearest)
