"""A model's review read as findings, questions and edits, each of which has to prove itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_cli.domain.answering.quote import find_quote
from workflow_cli.domain.answering.reply import plain_line
from workflow_cli.domain.model_review.edits import ModelEdit, read_edit
from workflow_cli.domain.model_review.reading import Excerpt
from workflow_cli.domain.openspec.finding import Finding, Level, Origin, Place
from workflow_cli.domain.questions.question import Option, Question

#: Below what a rule of ours can prove, so that its questions come first where the limit is reached.
IMPACT = 0.6
UNCERTAINTY = 0.5

_LEVELS = {"warning": Level.WARNING, "info": Level.INFO}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelReview:
    """What held. `dropped` counts what was said about words that no document has, or said nothing."""

    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    edits: tuple[ModelEdit, ...] = ()
    dropped: int = 0


def read_review(data: Mapping[str, Any], shown: Sequence[Excerpt]) -> ModelReview:
    """The review of a value that satisfies REVIEW_SCHEMA, about the excerpts that were shown.

    A finding or question stays only where its quote is literally in one of them: the number of the document is
    taken as a hint, the quote decides.
    """
    findings = [_finding(one, shown) for one in data["findings"]]
    questions = [_question(one, shown) for one in data["questions"]]
    edits = [read_edit(one, shown) for one in data["edits"]]
    held = (
        tuple(dict.fromkeys(f for f in findings if f)),
        tuple({q.id: q for q in reversed(questions) if q}.values())[::-1],
        tuple(dict.fromkeys(e for e in edits if e)),
    )
    said = len(findings) + len(questions) + len(edits)
    return ModelReview(findings=held[0], questions=held[1], edits=held[2], dropped=said - sum(map(len, held)))


def place_of(quote: str, document: int, shown: Sequence[Excerpt]) -> tuple[Place, str] | None:
    """Where a quote stands, the named document first, and what it says there to the letter; None for nowhere."""
    named = document - 1
    order = [*([named] if 0 <= named < len(shown) else []), *(i for i in range(len(shown)) if i != named)]
    for index in order:
        excerpt = shown[index]
        if found := find_quote(quote, excerpt.text):
            return Place(file=excerpt.path, line=excerpt.line + found.line), found.text
    return None


def _finding(one: Mapping[str, Any], shown: Sequence[Excerpt]) -> Finding | None:
    message = plain_line(one["message"])
    at = place_of(one["quote"], one["document"], shown)
    if at is None or not _says_something(message):
        return None
    place, _ = at
    return Finding(
        rule=f"model-{one['kind']}",
        level=_LEVELS[one["severity"]],
        path=place.file,
        line=place.line,
        message=message,
        origin=Origin.MODEL,
        place=place,
        hint=plain_line(one["suggestion"]) or None,
    )


def _question(one: Mapping[str, Any], shown: Sequence[Excerpt]) -> Question | None:
    text = plain_line(one["question"])
    at = place_of(one["quote"], one["document"], shown)
    options = list(dict.fromkeys(filter(None, map(plain_line, one["options"]))))
    if at is None or not _says_something(text) or len(options) < 2:
        return None
    place, quote = at
    recommended = plain_line(one["options"][min(one["recommended"], len(one["options"])) - 1])
    return Question(
        id=f"model-{_digest(place.file, ' '.join(quote.split()))}",
        text=text,
        why=plain_line(one["why"]),
        options=tuple(Option(text=option, recommended=option == recommended) for option in options),
        place=place,
        impact=IMPACT,
        uncertainty=UNCERTAINTY,
    )


def _says_something(text: str) -> bool:
    return sum(character.isalnum() for character in text) >= 4


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]
