"""A question as it was asked, before anybody answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class QuestionKind(StrEnum):
    """What sort of answer is wanted; the route, the model and the limits can differ by it."""

    LOOKUP = "lookup"
    """What the documents say."""
    HOWTO = "howto"
    """How to do something."""
    CODE = "code"
    """Something about code: names, files, calls."""
    TOOL = "tool"
    """Something that only a tool can know: the time, a commit, a file outside the tree."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One question. `text` is as typed, trimmed; `context` holds what the asker added, already validated.

    `change` narrows the documents to one change and the specs it touches. `asker` is who waits for the answer: an
    agent's or a person's name. `answerers` limits the route to these, in the route's own order; None means all.
    """

    text: str
    kind: QuestionKind
    change: str | None = None
    context: Mapping[str, str] = field(default_factory=dict)
    asker: str | None = None
    answerers: tuple[str, ...] | None = None
