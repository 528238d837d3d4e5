"""What the families of questions look at, and what they hand back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.finding import Finding, Place
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.rule import TreeSummary
from workflow_cli.domain.openspec.spec import Spec
from workflow_cli.domain.questions.question import Option, Question
from workflow_cli.domain.questions.wording import Passage, plain, sentences, steps


@dataclass(frozen=True, kw_only=True, slots=True)
class Contention:
    """Another open change touches the same requirement.

    `place` is where this change touches it. `first` names the change that a safe order puts first, if one is
    known; `every_order_loses` says that no order of the two keeps the text of both.
    """

    requirement: str
    capability: str
    other_change: str
    place: Place
    first: str | None = None
    every_order_loses: bool = False


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """One change and what may be known around it. `mains` holds the main specs its deltas aim at, by capability."""

    change: Change
    mains: Mapping[str, Spec]
    findings: Sequence[Finding]
    tree: TreeSummary
    contentions: Sequence[Contention] = ()

    @property
    def stated(self) -> Iterator[tuple[Delta, Requirement]]:
        """Every requirement whose text this change writes: those it adds, then those it modifies."""
        for delta in self.change.deltas:
            for requirement in (*delta.added, *delta.modified):
                yield delta, requirement

    def current(self, capability: str, name: str) -> Requirement | None:
        """The requirement of that exact name as the main spec has it today."""
        return self._current.get((capability, name))

    def new_sentences(self, delta: Delta, requirement: Requirement) -> Iterator[Passage]:
        """The sentences of its statement, but for those that the main spec has word for word."""
        return self._new(delta, requirement, sentences(requirement))

    def new_steps(self, delta: Delta, requirement: Requirement) -> Iterator[Passage]:
        """The steps of its scenarios, but for those that the main spec has word for word."""
        return self._new(delta, requirement, (step for s in requirement.scenarios for step in steps(s)))

    def _new(self, delta: Delta, requirement: Requirement, found: Iterable[Passage]) -> Iterator[Passage]:
        current = self.current(delta.id, requirement.name)
        known = "" if current is None else " ".join(plain(current.raw).split())
        return (passage for passage in found if plain(passage.text) not in known)

    @cached_property
    def _current(self) -> dict[tuple[str, str], Requirement]:
        return {(id, r.name): r for id, spec in self.mains.items() for r in reversed(spec.requirements)}

    @cached_property
    def is_built(self) -> bool:
        """Whether every task is ticked, so that only the archiving is still to come."""
        states = [task.done for _, task in self.change.tasks]
        return bool(states) and all(states)


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A question before it is numbered and ranked.

    `words` are the words of the document it is about: with `family` and `address` they make the id, so that
    moving the text does not change it and changing the text does. `about_building` questions lose weight once
    every task is ticked; the others are about what archiving will do.
    """

    family: str
    words: str
    text: str
    why: str
    options: tuple[Option, ...]
    place: Place
    address: str
    impact: float
    uncertainty: float
    blocking: bool = False
    about_building: bool = True

    @property
    def id(self) -> str:
        key = "\0".join((self.family, self.address, " ".join(self.words.split())))
        return f"{self.family}-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"

    def question(self) -> Question:
        return Question(
            id=self.id,
            text=self.text,
            why=self.why,
            options=self.options,
            place=self.place,
            address=self.address,
            impact=round(self.impact, 2),
            uncertainty=round(self.uncertainty, 2),
            blocking=self.blocking,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """One kind of question. `reason` says, in a sentence or two, when it is asked; it becomes its documentation."""

    id: str
    reason: str
    ask: Callable[[Inquiry], Iterable[Draft]]


def options(recommended: str, *others: str) -> tuple[Option, ...]:
    """The recommended option first. It must hold as it stands: nothing in it is left for a person to fill in."""
    return (Option(text=recommended, recommended=True), *(Option(text=text) for text in others))


def delta_address(capability: str, requirement: str | None = None, scenario: str | None = None) -> str:
    """An address inside the change, such as `specs/auth/spec.md#Requirement: Login > Scenario: Bad password`."""
    address = f"specs/{capability}/spec.md"
    if requirement is not None:
        address += f"#Requirement: {requirement}"
        if scenario is not None:
            address += f" > Scenario: {scenario}"
    return address
