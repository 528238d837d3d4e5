"""A requirement that takes something from outside and does not say what happens when it is no good."""

from __future__ import annotations

import re
from collections.abc import Iterable

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.wording import bare, identifiers, is_english, quote, stem, whole

IMPACT = 0.7
UNCERTAINTY = 0.6

_OBJECT = (
    r"(?P<object>(?:[\w./{}-]+ ){0,3}(?:files?|uploads?|payloads?|documents?|archives?|images?|attachments?|csv|"
    r"json|yaml|"
    r"xml|markdown|input|body|webhooks?|parameters?|form|credentials|password|token|api key|url|urls))\b"
)
_TAKES = re.compile(
    r"\b(?P<verb>accepts?|parses?|imports?|uploads?|reads?|loads?|ingests?|deserializes?|decodes?|receives?)\s+"
    r"(?:(?:a|an|the|any|all|each|every|user|users'|incoming|uploaded|external)\s+){0,3}" + _OBJECT,
    re.I,
)
_CALLS = re.compile(
    r"\b(?P<verb>calls?|queries|query|fetch(?:es)?|requests?|downloads?|polls?|syncs? with|connects? to|invokes?)\s+"
    r"(?:(?:a|an|the|any|all)\s+){0,2}(?P<object>(?:[\w.-]+ ){0,4}(?:api|service|server|provider|endpoint|backend|"
    r"registry|url|webhook))\b",
    re.I,
)
_FAILURE = re.compile(
    r"\b(?:invalid\w*|fail\w*|errors?|reject\w*|missing|absent|not (?:found|exist|available|allowed|supported|"
    r"permitted|valid|set|present)|"
    r"unavailable|time(?:s|d)?[- ]?out\w*|den(?:y|ied|ies)|unauthori[sz]ed|forbidden|malformed|corrupt\w*|unknown|"
    r"unsupported|exceed\w*|"
    r"empty|without|cannot|can't|unable|unreadable|unreachable|offline|abort\w*|refus\w*|fall\w*[- ]?back|"
    r"retr(?:y|ies)|warn\w*|"
    r"4\d\d|5\d\d|[45]xx|non-zero|exception|throws?|raises?|ignor\w*|skip\w*|discard\w*|mismatch\w*|wrong|bad|"
    r"conflict\w*|default(?:s|ing)? to)\b",
    re.I,
)
#: SHALL or MUST shortly before the verb, with at most an adverb or "be able to" between.
_NORMATIVE = re.compile(
    r"\b(?:SHALL|MUST)\b(?! NOT)(?:[ \w,]{0,40}\band|(?: \w+ly)?(?: be able to| support| allow \w+(?: \w+)? to)?)\s\Z"
)


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    for delta, requirement in inquiry.stated:
        text = whole(requirement)
        if not is_english(text) or _FAILURE.search(text):
            continue
        for passage in inquiry.new_sentences(delta, requirement):
            shown = bare(passage.text)
            match = next(filter(None, (_normative(p, shown) for p in (_TAKES, _CALLS))), None)
            if match and not _said_elsewhere(inquiry, delta, text):
                yield _draft(delta, requirement.name, passage.text, passage.line, match)
                break


def _normative(pattern: re.Pattern[str], sentence: str) -> re.Match[str] | None:
    """The first match whose verb is what SHALL or MUST demands."""
    return next((m for m in pattern.finditer(sentence) if _NORMATIVE.search(sentence[: m.start()])), None)


def _draft(delta: Delta, name: str, sentence: str, line: int, match: re.Match[str]) -> Draft:
    calls = match.re is _CALLS
    return Draft(
        family="failure-behaviour",
        words=f"{match[0]} {sentence}",
        text=f"{quote(name, 80)} says {quote(sentence, 220, match.start())}. What happens "
        + (
            f"when “{match[0]}” gets no answer, or an error?"
            if calls
            else f"when “{match[0]}” meets something missing, malformed or too large?"
        ),
        why="No scenario of it, and no requirement beside it, says so; whatever the code happens to do will be "
        "the rule.",
        options=options(
            *(
                (
                    "It fails: the caller gets an error that names the cause, and nothing is stored or changed",
                    "It goes on without: the result says what is missing",
                    "It tries again a limited number of times, then fails as above",
                )
                if calls
                else (
                    "It is rejected: the sender gets an error that names the fault, and nothing is stored or changed",
                    "The good part is taken, and the rest is reported",
                    "It cannot happen here: something before it has checked, and the requirement says what",
                )
            )
        ),
        place=delta.document.place(line),
        address=delta_address(delta.id, name),
        impact=IMPACT,
        uncertainty=UNCERTAINTY,
    )


def _said_elsewhere(inquiry: Inquiry, delta: Delta, text: str) -> bool:
    """Whether another requirement of the capability says what failure means for the same names or things."""
    main = inquiry.mains.get(delta.id)
    things = identifiers(text) | _things(text)
    for other in (*delta.added, *delta.modified, *(main.requirements if main else ())):
        body = whole(other)
        if _FAILURE.search(body) and len(things & (identifiers(body) | _things(body))) >= 2:
            return True
    return False


def _things(text: str) -> frozenset[str]:
    found = (m for pattern in (_TAKES, _CALLS) for m in pattern.finditer(bare(text)))
    return frozenset(stem(m["object"].split()[-1]) for m in found)


FAMILY = Family(
    id="failure-behaviour",
    reason="A requirement, in English, SHALL or MUST take a file, payload or other input, or call a service, and "
    "neither "
    "it nor a requirement beside it has a word about failure, absence or rejection.",
    ask=ask,
)
