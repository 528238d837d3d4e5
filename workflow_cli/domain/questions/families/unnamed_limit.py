"""A requirement that hangs on a limit nobody has given a value."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.question import OWN_WORDS
from workflow_cli.domain.questions.wording import bare, is_english, quote, whole

IMPACT = 0.5
UNCERTAINTY = 0.6

#: The words before the noun belong to its name: `rehydrate threshold` and `quota threshold` are two limits.
_NOT_A_NAME = (
    "the|a|an|its|their|this|that|of|to|and|or|within|below|above|exceeds?|exceeding|with|after|by|for|in|on|if|when|"
    "is|are|at|per|any|each|short|under|over|reaches|until|against|enforces?|uses?|has|have"
)
_LIMIT = re.compile(
    rf"(?P<name>(?:(?<![\w-])(?!(?:{_NOT_A_NAME})[ ])[\w-]+[ ]){{0,3}}"
    r"(?P<noun>thresholds?|time-?outs?|debounce|TTL|budget|grace period|retention period|backoff|cool-?down|"
    r"size limit|rate limit|maximum (?:size|length|number|depth|count)))\b(?![\w-])",
    re.I,
)
_HANGS = re.compile(
    r"\b(?:exceed\w*|below|above|reach\w*|within|beyond|over|under|after|enforce\w*|against|fail\w*|not met|"
    r"elapse\w*|expire\w*|apply|applies|"
    r"surpass\w*|cross\w*|minimum|short)\b",
    re.I,
)
_LEFT_OPEN = re.compile(
    r"\b(?:configured|configurable|\w+-defined|custom|from the config\w*|caller'?s?|given|supplied|plan|existing)\b",
    re.I,
)
_DIGIT = re.compile(r"\d")
_NEAR = 100


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    documents = list(inquiry.change.documents)
    asked: set[str] = set()
    for delta, requirement in inquiry.stated:
        body = whole(requirement)
        if not is_english(body):
            continue
        found = [*inquiry.new_sentences(delta, requirement), *inquiry.new_steps(delta, requirement)]
        for passage in found:
            shown = bare(passage.text)
            match = _LIMIT.search(shown)
            if match is None or not _HANGS.search(shown) or _DIGIT.search(passage.text) or _LEFT_OPEN.search(shown):
                continue
            noun = match["noun"].lower().rstrip("s")
            if noun in asked or _has_value(noun, body, documents):
                continue
            asked.add(noun)
            name = " ".join(match["name"].split()).removesuffix("s")
            yield Draft(
                family="unnamed-limit",
                words=f"{name} {passage.text}",
                text=f"{quote(requirement.name, 80)} says {quote(passage.text, 220, match.start())}. "
                f"How much is the {name}, and who sets it?",
                why="No document of the change gives it a value, so no test can tell on which side of it a case lies.",
                options=options(
                    "It is a setting: the requirement says so, and promises no default",
                    f"It has a fixed value or a default, with its unit: {OWN_WORDS}",
                ),
                place=delta.document.place(passage.line),
                address=delta_address(delta.id, requirement.name, passage.scenario.name if passage.scenario else None),
                impact=IMPACT,
                uncertainty=UNCERTAINTY,
            )
            break


def _has_value(noun: str, body: str, documents: Iterable[Document]) -> bool:
    """Whether a number stands near such a limit anywhere in the change, or the requirement calls it configurable."""
    if _LEFT_OPEN.search(bare(body)):
        return True
    pattern = re.compile(re.escape(noun) + r"|" + re.escape(noun.replace(" ", "_")), re.I)
    for document in documents:
        for match in pattern.finditer(document.text):
            around = document.text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
            if re.search(r"(?<![\w.])\d+(?:\.\d+)?\s*(?:%|[a-zA-Z]{1,12}\b|[)`,.;]|$)", _NUMBERING.sub(" ", around)):
                return True
    return False


#: Task and section numbers say nothing about a value.
_NUMBERING = re.compile(
    r"(?m)^\s*(?:#+|[-*+](?:\s+\[[ xX]\])?)\s+\d+(?:\.\d+)*\.?\s|^\s*\d+[.)]\s|\b[A-Z]\d+\b|\bv\d+\b|"
    r"\b\d{4}-\d\d-\d\d\b"
)


FAMILY = Family(
    id="unnamed-limit",
    reason="A requirement, in English, makes something depend on a threshold, timeout, budget, debounce or the "
    "like; no "
    "number stands near that word in any document of the change, and the requirement does not call it a setting.",
    ask=ask,
)
