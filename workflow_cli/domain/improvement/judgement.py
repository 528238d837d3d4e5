"""What people say of answers, and of what rules offer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a person said of an answer; `reference` are the places that answer it, `answer` the text, where they gave them; `too_long`: there is a text, and
    more of it than is taken."""

    id: str
    at: float
    client: str
    asked: str
    accepted: bool
    reference: tuple[str, ...]
    answer: str | None
    too_long: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A finding or repair that was offered by a rule, and what a person did with it. `score` as of findings, in [0, 1].

    `about` tells findings apart.
    """

    id: str
    at: float
    client: str
    rule: str
    accepted: bool
    about: str
    score: float | None = None
