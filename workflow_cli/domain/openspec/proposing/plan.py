"""What is going to be written, before it takes the shape of documents."""

from __future__ import annotations

from dataclasses import dataclass, field

#: The question what the system shall do at all, which only a title leaves open.
BEHAVIOUR = "propose-behaviour"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedScenario:
    """`lines` are taken over as they stand; `steps` (keyword, text) are put in the style of the tree.

    `stands_in`: nobody wrote it, it only repeats its requirement.
    """

    name: str
    lines: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    stands_in: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRequirement:
    """`modifies`: the capability has a requirement of this name, which this one takes the place of."""

    name: str
    statement: tuple[str, ...]
    scenarios: tuple[PlannedScenario, ...] = ()
    modifies: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedDelta:
    """`literal` are whole delta sections that were handed in as such."""

    capability: str
    is_new: bool
    requirements: tuple[PlannedRequirement, ...] = ()
    literal: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Something only a person can say. `options` as in a question, the recommended one first; may be empty."""

    id: str
    text: str
    why: str
    document: str
    options: tuple[str, ...] = ()
    blocking: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A change to be written. Texts are lines; `other` are further sections of the proposal, with their headings."""

    name: str
    title: str
    deltas: tuple[PlannedDelta, ...]
    why: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()
    design: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    other: tuple[tuple[str, tuple[str, ...]], ...] = ()
    related: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = field(default=())

    @property
    def restates(self) -> bool:
        """Whether the requirement says no more than the title, as where nobody wrote notes."""
        return any(gap.id == BEHAVIOUR for gap in self.gaps)
