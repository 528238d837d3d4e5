"""Praise where a property is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import any_of
from workflow_cli.domain.openspec.rules.words import before, report_words

_WORDS = any_of(
    "user[- ]friendly",
    "friendly",
    "intuitive(?:ly)?",
    "easy",
    "easily",
    "effortless(?:ly)?",
    "fast",
    "quick(?:ly)?",
    "efficient(?:ly)?",
    "robust(?:ly)?",
    "seamless(?:ly)?",
    "smooth(?:ly)?",
    "flexible",
    "flexibly",
    "scalable",
    "modern",
    "appropriate(?:ly)?",
    "adequate(?:ly)?",
    "reasonabl[ey]",
    "suitabl[ey]",
    "properly",
    "graceful(?:ly)?",
    "meaningful(?:ly)?",
    "helpful(?:ly)?",
    "nice(?:ly)?",
    "good",
    "high[- ]quality",
    "performant",
    "lightweight",
    "sensible",
    "sensibly",
    "powerful",
    "convenient(?:ly)?",
    "timely",
    "elegant(?:ly)?",
    "reliabl[ey]",
    "state[- ]of[- ]the[- ]art",
    "clear",
    "clearly",
    "actionable",
)
# The sentence goes on to say what is meant.
_EXPLAINED = re.compile(
    r"\s*(?:[\w'’/-]+\s+){0,3}[\w'’/-]*\s*(?:\(|:|—|–|\s-\s|\b(?:that|which|with|within|in\s+under|for|so|about|without|by|"
    r"such\s+as|e\.g|when|if|indicat\w+|explain\w*|stat(?:e|es|ing)|list(?:s|ing)|nam(?:es|ing)|show(?:s|ing)|contain\w*|"
    r"includ\w+|identif\w+|describ\w+|suggest\w*|point(?:s|ing)|tell\w*|say\w*)\b)",
    re.I,
)
_TERM = re.compile(r"\s+(?:forward|path|fail|mode|reference|shutdown|degradation|start|starts|urls?)\b", re.I)
_FAIL_FAST = re.compile(r"\bfail\w*\s+\Z", re.I)
# "To clear a field" is no praise.
_VERB = re.compile(r"(?:\b(?:to|shall|must|not|will|and|or|can|may|then)|\A|[,—–:-])\s*\Z", re.I)
_BEFORE_VERB = re.compile(r"\s+(?!and\b|or\b)[\w-]{3,}")
# What a property is wished for ("to ensure reliable runs") explains it, and is no second property.
_PURPOSE = re.compile(
    r"\b(?:to\s+(?:ensure|provide|allow|enable|keep|make)|ensuring|so\s+that|for|why|because)\s+(?:[\w,'’-]+\s+){0,4}\Z",
    re.I,
)
_NEGATED = re.compile(r"\b(?:not|no|n't|as|so|if|when|where|whenever)\s+(?:be\s+)?\Z", re.I)


def _is_explained(sentence: Passage, match: re.Match[str]) -> bool:
    text, lead = sentence.text, before(sentence, match)
    word = match[0].lower()
    if word == "clear" and _VERB.search(lead):
        return True
    if word == "clearly" and _BEFORE_VERB.match(text, match.end()):
        return True  # "clearly marked as optional" says what is to be seen
    return (
        _EXPLAINED.match(text, match.end()) is not None
        or _TERM.match(text, match.end()) is not None
        or (word == "fast" and _FAIL_FAST.search(lead) is not None)
        or _PURPOSE.search(lead) is not None
        or _NEGATED.search(lead) is not None
    )


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WORDS,
        message=lambda word: f'"{word}" cannot be tested: nobody can say when it is not fulfilled',
        hint="Write down what can be observed: the number, the text, the state.",
        excuse=_is_explained,
    )


RULE = Rule(
    id="untestable-adjective",
    title="An adjective no test can decide",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=(
        "Words of praise tell what is hoped for, not what is built. Where the sentence goes on to say what is "
        "meant (*a clear error that names the file*) it is left alone."
    ),
    bad=(
        "### Requirement: Import\n"
        "The importer SHALL be robust and handle files gracefully.\n"
        "\n"
        "#### Scenario: Import\n"
        "- **WHEN** a file is imported\n"
        "- **THEN** its rows are stored\n"
    ),
    good=(
        "### Requirement: Import\n"
        "The importer SHALL skip a row that has no key and go on with the next.\n"
        "\n"
        "#### Scenario: Import\n"
        "- **WHEN** a row has no key\n"
        "- **THEN** the next row is stored\n"
    ),
    check=check,
    precision=Precision(agreed=25, labelled=30, source="tests/data/rule-labels.jsonl"),
)
