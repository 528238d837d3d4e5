"""Trees of any size, the same at every run: invented requirements in plain English."""

from __future__ import annotations

import random
from pathlib import Path

# Nouns, an empty line, verbs.
_THINGS, _VERBS = (
    part.split() for part in Path(__file__).with_name("words.txt").read_text(encoding="ascii").split("\n\n")
)


class Writer:
    """Writes documents from one seeded source of chance."""

    def __init__(self, seed: int = 7) -> None:
        self._chance = random.Random(seed)

    def _thing(self) -> str:
        return self._chance.choice(_THINGS)

    def _act(self) -> str:
        article = self._chance.choice(("the", "every", "a", "each"))
        return f"{self._chance.choice(_VERBS)} {article} {self._thing()} of the {self._thing()}"

    def requirement(self, number: int) -> str:
        subject = self._thing()
        lines = [
            f"### Requirement: {subject.capitalize()} {self._chance.choice(_VERBS)} {number}",
            f"The {subject} {self._thing()} SHALL {self._act()} and {self._act()} within "
            f"{self._chance.randint(2, 900)} seconds. It MUST NOT {self._act()} unless the {self._thing()} is `{self._thing()}-{self._thing()}`.",
            "",
        ]
        for scenario in range(2):
            lines += [
                f"#### Scenario: {self._thing().capitalize()} {scenario + 1}",
                f"- **GIVEN** a {self._thing()} with a {self._thing()}",
                f"- **WHEN** the {self._thing()} asks to {self._act()}",
                f"- **THEN** the {self._thing()} is told to {self._act()}",
                f"- **AND** the {self._thing()} is kept for {self._chance.randint(2, 90)} days",
                "",
            ]
        return "\n".join(lines)

    def requirements(self, first: int, count: int) -> str:
        return "\n".join(self.requirement(number) for number in range(first, first + count))

    def spec(self, name: str, count: int) -> str:
        purpose = (
            f"Says how the {self._thing()} and the {self._thing()} work together, and what both may {self._act()}."
        )
        return f"# {name} Specification\n\n## Purpose\n{purpose}\n\n## Requirements\n\n{self.requirements(1, count)}"

    def delta(self, first: int, count: int) -> str:
        return f"## ADDED Requirements\n\n{self.requirements(first, count)}"

    def proposal(self, capability: str) -> str:
        return (
            f"## Why\nPeople ask for a {self._thing()} that can {self._act()}, because {self._act()} is slow.\n\n"
            f"## What Changes\n- The {self._thing()} can {self._act()}.\n- The {self._thing()} can {self._act()}.\n\n"
            f"## Impact\n- Affected specs: `{capability}`\n- Affected code: the {self._thing()} module\n"
        )

    def design(self) -> str:
        points = "\n".join(f"- Decision: {self._act()}. Reason: {self._act()}." for _ in range(12))
        return f"## Context\nThe {self._thing()} has to {self._act()}.\n\n## Decisions\n{points}\n"

    def tasks(self) -> str:
        points = "\n".join(f"- [ ] 1.{n} {self._act().capitalize()}" for n in range(1, 13))
        return f"## 1. Work\n\n{points}\n"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def growing(root: Path, n: int) -> None:
    """One spec of `n` requirements, and a change that adds `n` more."""
    writer = Writer()
    put(root / "openspec/specs/large/spec.md", writer.spec("large", n))
    change = root / "openspec/changes/add-more"
    put(change / "proposal.md", writer.proposal("large"))
    put(change / "tasks.md", writer.tasks())
    put(change / "specs/large/spec.md", writer.delta(n + 1, n))


def many_documents(root: Path, documents: int) -> int:
    """Specs, and changes of four documents each, `documents` in all; returns their bytes."""
    writer = Writer()
    changes = documents * 7 // 40
    specs = documents - 4 * changes
    for number in range(specs):
        name = f"capability-{number:04}"
        put(root / f"openspec/specs/{name}/spec.md", writer.spec(name, 5))
    for number in range(changes):
        capability = f"capability-{number % specs:04}"
        change = root / f"openspec/changes/add-part-{number:04}"
        put(change / "proposal.md", writer.proposal(capability))
        put(change / "design.md", writer.design())
        put(change / "tasks.md", writer.tasks())
        put(change / f"specs/{capability}/spec.md", writer.delta(6, 4))
    return sum(path.stat().st_size for path in root.rglob("*.md"))
