"""A sentence that leaves open whether it is meant as a duty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import Passage, bare, is_english, quote

IMPACT = 0.6

_SHOULD = re.compile(r"(?<!\w)(?:should|ought)(?: not)?(?!\w)(?! be noted)", re.I)
_CAPITALS = re.compile(r"\bSHOULD(?: NOT)?\b")
_PARENTHESIS = re.compile(r"\([^()]*\)")
_OUTCOME = re.compile(r"\W*(?:\*\*)?(?:then|and|but)\b", re.I)
_GIVEN = re.compile(r"\W*(?:\*\*)?(?:given|when)\b", re.I)
_INDIRECT = re.compile(r"\b(?:whether|if|that|what|which|how|who|why|when|where|why)\s+(?:\S+\s+){0,5}$", re.I)
_STRONG = re.compile(r"\b(?:SHALL|MUST)\b")


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    found = [
        (delta, requirement, passage, match)
        for delta, requirement in inquiry.stated
        for passage in _promises(inquiry, delta, requirement)
        if (match := _weak(passage))
    ]
    if not found:
        return
    # A lower-case "should" is more likely a slip than a SHOULD, so it leads.
    delta, requirement, passage, match = min(found, key=lambda f: f[3][0].isupper())
    slips = sum(not m[0].isupper() for *_, m in found)
    more = f" ({len(found) - 1} more of its sentences say so too)" if len(found) > 1 else ""
    yield Draft(
        family="weak-modal",
        words=" ".join(p.text for _, _, p, _ in found),
        text=f"{quote(requirement.name, 80)} says {quote(passage.text, 220, match.start())}{more}. "
        "Is that required, or only wished for?",
        why=_why(requirement, slips),
        options=options(
            f"Required: “{match[0]}” becomes {'SHALL NOT' if match[0].lower().endswith('not') else 'SHALL'}",
            "Wished for: it is marked as advice, and no test insists on it",
            "Required with exceptions: the text names them",
        ),
        place=delta.document.place(passage.line),
        address=delta_address(delta.id, requirement.name, passage.scenario.name if passage.scenario else None),
        impact=IMPACT,
        uncertainty=0.6 if slips else 0.4,
    )


def _why(requirement: Requirement, slips: int) -> str:
    if not slips:
        return "SHOULD allows exceptions, and nothing says which; a test can neither insist on it nor leave it out."
    if _STRONG.search(requirement.text):
        return "Its other sentences say SHALL or MUST, so this one reads as weaker on purpose, or as a slip."
    return "“should” binds nobody: a build that leaves it out still meets the text."


def _promises(inquiry: Inquiry, delta: Delta, requirement: Requirement) -> Iterator[Passage]:
    """The sentences of the statement and the THEN steps, which are what a reader may rely on."""
    yield from inquiry.new_sentences(delta, requirement)
    promised = False
    for step in inquiry.new_steps(delta, requirement):
        if _GIVEN.match(step.text):
            promised = False
        elif _OUTCOME.match(step.text):
            promised = promised or not step.text.lstrip("*_ ").lower().startswith("and")
            if promised:
                yield step


def _weak(passage: Passage) -> re.Match[str] | None:
    """`should` in a THEN step is how many people word an expectation, so there only SHOULD counts."""
    shown = _PARENTHESIS.sub(lambda m: " " * len(m[0]), bare(passage.text))
    match = (_CAPITALS if passage.scenario else _SHOULD).search(shown)
    if match is None or not is_english(passage.text) or _INDIRECT.search(shown[: match.start()]):
        return None
    return match


FAMILY = Family(
    id="weak-modal",
    reason="A sentence of a requirement's statement, in English, says “should”, or it or a THEN step says SHOULD. "
    "MAY is "
    "left alone: it is a clear permission. One question covers the whole change.",
    ask=ask,
)
