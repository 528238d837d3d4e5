"""A clarifying question about a change, and the answer somebody gave it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workflow_cli.domain.openspec.finding import Place


class AnswerSource(StrEnum):
    PERSON = "person"
    RECOMMENDATION = "recommendation"


#: How an option ends that is no answer by itself.
OWN_WORDS = "in your own words behind `answer:`"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One way to decide; `text` is what would then hold."""

    text: str
    recommended: bool = False

    @property
    def wants_words(self) -> bool:
        """Whether choosing it says nothing yet: a person has to write what is to hold."""
        return self.text.rstrip().endswith(OWN_WORDS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`source` RECOMMENDATION means that no person decided: the recommended option was taken unseen."""

    text: str
    source: AnswerSource
    by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """`id` is stable across runs for the same question about the same text.

    `impact` and `uncertainty` are in [0, 1]; questions are ranked by their product. A `blocking` question
    keeps its change waiting until it is answered. `by_hand` marks a question that a person added or reworded;
    `resolved` an answered one that the text no longer raises, which is kept for its answer and not asked again.
    """

    id: str
    text: str
    why: str
    options: tuple[Option, ...]
    place: Place
    address: str | None = None
    impact: float
    uncertainty: float
    blocking: bool = False
    answer: Answer | None = None
    by_hand: bool = False
    resolved: bool = False

    @property
    def recommended(self) -> Option | None:
        return next((option for option in self.options if option.recommended), None)

    @property
    def rank(self) -> float:
        return self.impact * self.uncertainty

    @property
    def is_open(self) -> bool:
        return self.answer is None and not self.resolved
