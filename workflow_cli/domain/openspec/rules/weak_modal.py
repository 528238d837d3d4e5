"""`should` and its kin where the requirement binds nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from workflow_cli.domain.openspec.finding import Finding, Level
from workflow_cli.domain.openspec.requirement import has_keyword
from workflow_cli.domain.openspec.rule import Precision, RequirementSubject, Rule, Scope
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.word_pattern import WordPattern
from workflow_cli.domain.openspec.rules.word_set import word_set
from workflow_cli.domain.openspec.rules.words import before, report_words

_ACTOR = "system|application|app|service|server|client|command|cli|CLI|tool|API|UI|implementation"
# Capitals say that SHOULD and MAY were chosen on purpose, with the meaning RFC 2119 gives them.
_WEAK = WordPattern(
    r"(?<![\w-])(?:should(?:n't)?|ought\s+to|might|could(?!\s+not\b)|"
    + "|".join(rf"(?<=\b{actor} )(?:may|can)" for actor in _ACTOR.split("|"))
    + r")(?![\w-])",
    told_by=word_set("should shouldn ought might could may can"),
)
_CONDITION = re.compile(r"\b(?:if|when|where|that|which|what|how|so|whether|because|why|who)\b[^,;:]*\Z", re.I)


# Asked for each word of a sentence, which may be as long as a document.
_binds = lru_cache(maxsize=8)(has_keyword)


def _binds_anyway(sentence: Passage, match: re.Match[str]) -> bool:
    # A sentence with SHALL already binds; what `could` says in its clauses is description. So is a condition.
    return _binds(sentence.text) or _CONDITION.search(before(sentence, match)) is not None


def check(subject: RequirementSubject) -> Iterator[Finding]:
    return report_words(
        subject,
        rule=RULE.id,
        level=RULE.level,
        pattern=_WEAK,
        message=lambda word: f'"{word}" leaves open whether this has to happen',
        hint="Write SHALL or MUST if it has to happen; MAY, in capitals, if it is allowed; else take it out.",
        excuse=_binds_anyway,
    )


RULE = Rule(
    id="weak-modal",
    title="A weak modal verb in place of SHALL",
    level=Level.WARNING,
    scope=Scope.REQUIREMENT,
    reason=(
        "`should`, `might`, `could` and a system that `can` do something can be read as a wish. Two builders will "
        "read them in two ways, and no test can fail on a wish. Capital SHOULD and MAY are left alone: they are "
        "deliberate."
    ),
    bad=(
        "### Requirement: Session expiry\n"
        "Sessions SHALL have an owner. A session should end on idling.\n\n"
        "#### Scenario: Idle session\n"
        "- **WHEN** a session is idle for 30 minutes\n"
        "- **THEN** it is ended\n"
    ),
    good=(
        "### Requirement: Session expiry\n"
        "The server SHALL end a session that is idle for 30 minutes.\n\n"
        "#### Scenario: Idle session\n"
        "- **WHEN** a session is idle for 30 minutes\n"
        "- **THEN** it is ended\n"
    ),
    check=check,
    precision=Precision(agreed=20, labelled=21, source="tests/data/rule-labels.jsonl"),
)
