"""A word of quality that a requirement leaves without a measure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from workflow_cli.domain.openspec.delta import Delta
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.questions.inquiry import Draft, Family, Inquiry, delta_address, options
from workflow_cli.domain.questions.question import OWN_WORDS
from workflow_cli.domain.questions.wording import Passage, bare, is_english, quote, whole

IMPACT = 0.5
UNCERTAINTY = 0.7

_MEASURE = {
    "time": "a time and where it is measured, such as “within 2 seconds, seen by the caller”",
    "size": "a size or a count with its unit, such as “more than 10 MB” or “more than 1,000 entries”",
    "load": "a load, such as “100 requests a second”",
    "rate": "an interval, such as “every 60 seconds”",
    "taste": "what a tester would look at, such as “in at most three steps, without help”",
}
_NOUN = {"time": "time", "size": "size", "load": "load", "rate": "interval", "taste": "check"}
_ASKED = {
    "time": "Which limit is behind “{}”?",
    "size": "From what size on does “{}” begin?",
    "load": "Which load is meant by “{}”?",
    "rate": "How often is “{}”?",
    "taste": "What would show a tester that it is “{}”?",
}
_WORDS: dict[str, str] = {
    "time": r"quick(?!\s+(?:start|links?|actions?|access|add|reference))(?:ly)?|(?<!fail )(?<!fail-)fast(?:er)?|"
    r"rapid(?:ly)?|prompt(?:ly)|timely|in (?:near[- ])?real[- ]time|near[- ]real[- ]time|"
    r"low[- ]latency|responsive(?:ly)?|instant(?:ly|aneously)|(?:reasonable|acceptable|short) (?:amount of )?time|"
    r"(?:a )?short (?:delay|period|while|interval)|long[- ]running|performant|high[- ]performance",
    "size": r"(?:very |too |overly |excessively )?(?:large|small|huge|long|big) (?:files?|documents?|data ?sets?|"
    r"payloads?|"
    r"attachments?|uploads?|images?|lists?|maps?|mind ?maps?|graphs?|inputs?|messages?|emails?|responses?|"
    r"outputs?|trees?|"
    r"collections?|results?|result sets?|repositor(?:y|ies)|batch(?:es)?|number of \w+|volumes? of \w+)",
    # A scale is also a thing.
    "load": r"(?:(?<=shall )|(?<=must )|(?<=should )|(?<=will )|(?<=can )|(?<=to ))scale(?: (?:well|horizontally))?|"
    r"scales(?= (?:well|with|to|up|out|linearly|horizontally|automatically))(?: (?:well|horizontally))?|"
    r"scalabl[ey]|high (?:load|traffic|concurrency|throughput)|heavy load|many concurrent \w+",
    "rate": r"periodically|regularly|frequently|from time to time|occasionally|at regular intervals",
    "taste": r"user[- ]friendly|intuitive(?:ly)?|easy to (?:use|understand|read)|seamless(?:ly)?|robust(?:ly)?|"
    r"as (?:appropriate|needed|necessary)|where appropriate|if (?:appropriate|necessary|needed)|reasonabl[ey]|"
    r"graceful(?:ly)?|efficient(?:ly)?|visually (?:pleasing|appealing)|state[- ]of[- ]the[- ]art",
}
_VAGUE = {kind: re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.I) for kind, pattern in _WORDS.items()}
_UNITS = {
    "time": r"(?:ms|msec|milliseconds?|s|secs?|seconds?|min|minutes?|hours?|frames?)\b",
    "size": r"(?:[kmgt]i?b|bytes?|px|characters?|chars?|lines?|entries|items?|nodes?|rows?|records?|files?|"
    r"tokens?|words?|pages?)\b",
    "load": r"(?:rps|qps|requests?|users?|connections?|clients?|sessions?|workers?|agents?)\b",
    "rate": r"(?:ms|s|secs?|seconds?|min|minutes?|hours?|days?|weeks?)\b",
}
_NAMED_LIMIT = re.compile(
    r"\b(?:limit|threshold|budget|timeout|deadline|maximum|configured|configurable|exceeds?|quota|interval)\b", re.I
)
_PURPOSE = re.compile(
    r"\b(?:to (?:enable|allow|keep|provide|help|facilitate|support|make|improve|maintain|remain) (?:[\w-]+ ){0,4}|"
    r"so (?:that )?(?:[\w-]+ ){0,8})\Z",
    re.I,
)
_SPELLED_OUT = re.compile(
    r"(?:\s[\w-]+){0,3}\s*(?:\(|,? (?:by|without|such as|like|e\.g\.|i\.e\.|including|particularly|that is|"
    r"in which)\b|[:—–])",
    re.I,
)
_SHORT = 8


def ask(inquiry: Inquiry) -> Iterable[Draft]:
    stated: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for delta, requirement in inquiry.stated:
        for passage in inquiry.new_sentences(delta, requirement):
            if not is_english(passage.text):
                continue
            for kind, pattern in _VAGUE.items():
                match = pattern.search(bare(passage.text))
                if match and not _is_explained(passage.text, match) and not _is_settled(requirement, kind):
                    if (delta.id, kind) not in stated:
                        stated[delta.id, kind] = list(islice(_measures(inquiry, delta, kind), 2))
                    said = next((text for name, text in stated[delta.id, kind] if name != requirement.name), None)
                    yield _draft(delta, requirement, passage, kind, match, said)
                    break


def _is_settled(requirement: Requirement, kind: str) -> bool:
    """Whether the requirement or one of its scenarios says how much, or leaves that to a setting.

    For a matter of taste the scenarios are what says it, and every requirement has some: two or more suffice.
    """
    if kind == "taste":
        return len(requirement.scenarios) >= 2 or sum(len(s.body) for s in requirement.scenarios) >= _SHORT
    text = whole(requirement)
    return bool(re.search(rf"\d[\d,.]*\s*-?{_UNITS[kind]}", text, re.I) or _NAMED_LIMIT.search(bare(text)))


def _is_explained(text: str, match: re.Match[str]) -> bool:
    """Whether the word only tells what the promise is for, or is spelled out right behind it."""
    return _PURPOSE.search(text[: match.start()]) is not None or _SPELLED_OUT.match(text[match.end() :]) is not None


def _draft(
    delta: Delta, requirement: Requirement, passage: Passage, kind: str, match: re.Match[str], said: str | None
) -> Draft:
    ways = [f"Drop “{match[0]}”: what the scenarios say is all that is promised"]
    if said:
        ways.insert(0, f"The same {_NOUN[kind]} as elsewhere: {said}")
    ways.append(f"State {_MEASURE[kind]}: {OWN_WORDS}")
    return Draft(
        family="vague-word",
        words=f"{match[0]} {passage.text}",
        text=f"{quote(requirement.name, 80)} says {quote(passage.text, 220, match.start())}. "
        f"{_ASKED[kind].format(match[0])}",
        why="Neither the sentence nor a scenario gives a measure, so the person who builds it and the person who "
        "tests it may each be right and still disagree.",
        options=options(*ways),
        place=delta.document.place(passage.line),
        address=delta_address(delta.id, requirement.name),
        impact=IMPACT if kind != "taste" else 0.4,
        uncertainty=UNCERTAINTY,
    )


def _measures(inquiry: Inquiry, delta: Delta, kind: str) -> Iterator[tuple[str, str]]:
    """Measures of a kind that requirements of the capability state: the requirement's name, and both quoted."""
    if kind not in ("time", "load"):
        return
    within = r"\bwithin " if kind == "time" else ""
    number = re.compile(rf"{within}\d[\d,.]*\s*{_UNITS[kind]}", re.I)
    main = inquiry.mains.get(delta.id)
    for other in (*delta.added, *delta.modified, *(main.requirements if main else ())):
        if match := number.search(whole(other)):
            yield other.name, f"“{match[0]}”, as in {quote(other.name, 60)}"


FAMILY = Family(
    id="vague-word",
    reason="The statement of a requirement, in English, uses a word such as “quickly”, “large files” or "
    "“periodically”, "
    "and neither it nor its scenarios give a number with a fitting unit or name a limit that is set elsewhere.",
    ask=ask,
)
