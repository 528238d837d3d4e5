"""The trees that questions are derived from, and their languages."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workflow_cli.domain.answering.passage import Passage, PassageKind
from workflow_cli.domain.answering.passages import cut

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
_REQUIREMENT = re.compile(r"Requirement:\s*(.*)", re.I | re.S)


@dataclass(frozen=True)
class Tree:
    """One tree as its documents' bytes, by path from the root."""

    name: str
    documents: dict[str, bytes]

    @cached_property
    def passages(self) -> list[Passage]:
        return [c.passage for path, data in self.documents.items() for c in cut(path, data)]

    @cached_property
    def requirements(self) -> list[Requirement]:
        """Those in force; of a tree without main specs those of its open changes."""
        current = [p for p in self.passages if not p.archived and p.path.endswith("/spec.md")]
        chosen = [p for p in current if p.change is None] or current
        found: dict[tuple[str, str], list[Passage]] = {}
        for passage in chosen:
            if key := requirement_of(passage):
                found.setdefault(key, []).append(passage)
        return [
            Requirement(
                capability=capability,
                name=name,
                own=next((p for p in parts if p.kind is PassageKind.REQUIREMENT), parts[0]),
                scenarios=tuple(p for p in parts if p.kind is PassageKind.SCENARIO),
            )
            for (capability, name), parts in found.items()
        ]

    @cached_property
    def language(self) -> str:
        from workflow_cli.domain.openspec.rules.languages import language_of

        texts = [r.own.text.partition("\n")[2] + " ".join(s.text for s in r.scenarios) for r in self.requirements]
        counts = Counter(language_of(text) or "en" for text in texts)
        return max(counts, key=lambda code: counts[code], default="en")


@dataclass(frozen=True)
class Requirement:
    capability: str
    name: str
    own: Passage
    scenarios: tuple[Passage, ...]


def requirement_of(passage: Passage) -> tuple[str, str] | None:
    """Capability and folded name of the requirement a passage is part of."""
    return named(passage.address, passage.capability or passage.path)


def named(address: str, capability: str) -> tuple[str, str] | None:
    """The same, of an address in a document of the capability."""
    for step in reversed(address.partition("#")[2].split(" > ")):
        if match := _REQUIREMENT.match(step):
            return capability, " ".join(match[1].casefold().split())
    return None


def trees() -> list[Tree]:
    """All trees of the corpus, by name."""
    return [
        Tree(
            name=directory.name,
            documents={
                path.relative_to(directory).as_posix(): path.read_bytes()
                for path in sorted(directory.glob("openspec/**/*.md"))
                if path.name not in ("AGENTS.md", "CLAUDE.md")
            },
        )
        for directory in sorted(CORPUS.iterdir())
        if (directory / "openspec").is_dir()
    ]


def halves(all_trees: list[Tree]) -> tuple[list[Tree], list[Tree]]:
    """Every other tree of each language: those that numbers are chosen on, and those they are checked on."""
    chosen: list[Tree] = []
    checked: list[Tree] = []
    for language in sorted({tree.language for tree in all_trees}):
        for number, tree in enumerate(t for t in all_trees if t.language == language):
            (checked if number % 2 else chosen).append(tree)
    return chosen, checked
