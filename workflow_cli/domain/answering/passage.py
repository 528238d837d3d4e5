"""A passage: the piece of a document that retrieval finds and answers cite."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PassageKind(StrEnum):
    """What a passage is in the document."""

    REQUIREMENT = "requirement"
    SCENARIO = "scenario"
    SECTION = "section"
    TASK = "task"


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """`path` is POSIX, from the root; `line` and `end_line` count from 1 and are both part of it.

    `address` is the full address of the place (`path#Requirement: Login > Scenario: Bad password`). `text` is what the
    lines hold, as decoded, heading included. `capability` and `change` say where it belongs: a main spec has no
    change. `section_hash` is the SHA-256, in hex, of the bytes of the lines: what a cached answer is bound to.
    """

    path: str
    line: int
    end_line: int
    address: str
    kind: PassageKind
    title: str
    text: str
    section_hash: str
    capability: str | None = None
    change: str | None = None
    archived: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A passage that was found for a question.

    `score` is the ranking's own, comparable only within one search; best first. `coverage` is in [0, 1]: how much of
    what the question asks about, weighted by how telling each word is, stands in the passage and its titles; 1 also
    where that is not all of a long question, but enough of it.
    """

    passage: Passage
    score: float
    coverage: float
