"""What a model noticed beside what the rules noticed, each thing once."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.domain.model_review.reply import ModelReview
from workflow_cli.domain.openspec.finding import Finding
from workflow_cli.domain.questions.question import Question

#: How alike two messages about one line have to be, of 100, whatever the order of their words.
SAME_MESSAGE = 60
#: The same for two questions, wherever they stand.
SAME_QUESTION = 80

#: Kinds of a model's findings that rules of the analysis look for too; on the same line it is the same remark.
_LOOKED_FOR = {
    "model-ambiguity": (
        "vague-quantity",
        "vague-comparative",
        "vague-pronoun",
        "escape-clause",
        "weak-modal",
        "and-or",
        "slash-alternative",
        "unresolved-marker",
        "superlative",
    ),
    "model-untestable": ("untestable-adjective", "superlative", "vague-quantity", "vague-comparative"),
    "model-missing-case": ("missing-negative-scenario", "incomplete-scenario", "requirement-keyword"),
    "model-wrong-reference": ("unknown-capability", "capability-mentions", "capability-paths"),
    "model-inconsistency": ("inconsistent-term", "twin-requirement", "near-duplicate-requirement"),
}


def new_findings(said: Sequence[Finding], known: Sequence[Finding]) -> list[Finding]:
    """Those a model made that no rule made about the same line, nor the model itself before."""
    kept: list[Finding] = []
    for finding in said:
        if not any(_same(finding, other) for other in (*known, *kept)):
            kept.append(finding)
    return kept


def new_questions(said: Sequence[Question], known: Sequence[Question]) -> list[Question]:
    """Those that are not asked already, in much the same words or about the same line."""
    kept: list[Question] = []
    for question in said:
        if not any(_asks_the_same(question, other) for other in (*known, *kept)):
            kept.append(question)
    return kept


def joined(reviews: Sequence[ModelReview]) -> ModelReview:
    """The reviews of several readings as one."""
    return ModelReview(
        findings=tuple(new_findings([f for review in reviews for f in review.findings], ())),
        questions=tuple(new_questions([q for review in reviews for q in review.questions], ())),
        edits=tuple(dict.fromkeys(edit for review in reviews for edit in review.edits)),
        dropped=sum(review.dropped for review in reviews),
    )


def _same(said: Finding, other: Finding) -> bool:
    if said.place.file != other.place.file or said.place.line != other.place.line:
        return False
    if other.rule in _LOOKED_FOR.get(said.rule, ()):
        return True
    return _alike(said.message, other.message) >= SAME_MESSAGE


def _asks_the_same(said: Question, other: Question) -> bool:
    if said.id == other.id or (said.place.file, said.place.line) == (other.place.file, other.place.line):
        return True
    return _alike(said.text, other.text) >= SAME_QUESTION


def _alike(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    return fuzz.token_set_ratio(one.lower(), other.lower())
