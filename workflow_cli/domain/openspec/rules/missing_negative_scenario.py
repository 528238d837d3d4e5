"""Outside input without a scenario for when it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.rule import DocumentSubject, Precision, Rule, Scope
from workflow_cli.domain.openspec.rules.requirement_prose import prose_of
from workflow_cli.domain.openspec.rules.word_pattern import any_of, words_in

_TAKES_INPUT = any_of(
    r"(?:accepts?|parses?|reads?|loads?|imports?|receives?|validates?|upload|uploads|decodes?|ingests?) "
    r"(?:(?!\b(?:and|or|to|from|by|SHALL|MUST)\b)[\w'’\ufffc-]+ ){0,4}"
    r"(?:files?|input|inputs|payloads?|requests?|bodies|body|uploads?|urls?|tokens?|credentials|passwords?|parameters?|arguments?|"
    r"queries|query|messages?|webhooks?|csv|json|yaml|config|configuration|form|forms|addresses|address|archive|images?)",
    r"user(?:[- ]supplied|[- ]provided|'s)? input",
    r"(?:request|webhook|event) (?:body|payload)",
    r"(?:uploaded|imported|submitted) (?:files?|data|forms?|content)",
    r"(?:query|path|request|form) (?:parameters?|fields?)",
)
_FAILURE = re.compile(
    r"\b(?:in-?valid\w*|error\w*|err|fail\w*|missing|empty|unauthori[sz]ed|unauthenticated|forbidden|den(?:y|ied|ies)|reject\w*|refus\w*|"
    r"mal\s?formed|exceed\w*|over\s?size\w*|too\s+(?:large|long|many|big|short)|time(?:s|d)?[\s-]?out|unavailable|unknown|unsupported|unrecogni[sz]ed|"
    r"corrupt\w*|without|cannot|can't|no|not|never|none|nonexistent|absent|conflict\w*|duplicate\w*|non-\w+|wrong|bad|expired?|abort\w*|"
    r"cancel\w*|skip\w*|ignor\w*|warn\w*|fall(?:s|ing)?\s?back|default|broken|illegal|mismatch\w*|incorrect|violat\w*|[45]\d\d|throws?|"
    r"raises?|exception|undefined|null|blank|lacks?|omitted|partial|interrupt\w*|unexpected|outside|unreachable|un\w+able)\b",
    re.I,
)
_ABOUT_FAILURE = re.compile(r"\b(?:error|invalid|validation|fail|reject)", re.I)


def check(document: DocumentSubject) -> Iterator[Finding]:
    about_failure = [other for other in document.requirements if _ABOUT_FAILURE.search(other.name)]
    for requirement in document.requirements:
        # Another requirement that is about failure may well cover this one.
        if any(other is not requirement for other in about_failure):
            continue
        if not requirement.scenarios or prose_of(requirement).language != "en":
            continue
        statement = " ".join(p.text for p in prose_of(requirement).statement)
        if not _TAKES_INPUT.may_occur_among(words_in(statement)):
            continue
        taken = _TAKES_INPUT.compiled.search(statement)
        if taken is None or _says_failure(requirement):
            continue
        what = " ".join(taken[0].replace("\ufffc", "…").split())
        yield builtin(
            RULE.id,
            RULE.level,
            document.document.place(requirement.line),
            f'"{requirement.name}" takes input from outside ("{what}"), '
            "but no scenario says what happens when it is wrong",
            hint="Add a scenario for input that is missing, malformed or not allowed.",
        )


def _says_failure(requirement: Requirement) -> bool:
    return _FAILURE.search("\n".join(requirement.lines[1:])) is not None


RULE = Rule(
    id="missing-negative-scenario",
    title="Outside input without a scenario for wrong input",
    level=Level.INFO,
    scope=Scope.DOCUMENT,
    reason=(
        "Input from outside is wrong sooner or later. Where no scenario says what then happens, each builder invents "
        "something. The rule speaks only where the statement takes in a file, a request, a form or the like, and "
        "where neither this requirement nor a neighbour speaks of failure."
    ),
    bad=(
        "### Requirement: Import\n"
        "The server SHALL accept uploaded CSV files and store their rows.\n\n"
        "#### Scenario: A file with rows\n"
        "- **WHEN** a person uploads a file with three rows\n"
        "- **THEN** three rows are stored\n"
    ),
    good=(
        "### Requirement: Import\n"
        "The server SHALL accept uploaded CSV files and store their rows.\n\n"
        "#### Scenario: A file with rows\n"
        "- **WHEN** a person uploads a file with three rows\n"
        "- **THEN** three rows are stored\n\n"
        "#### Scenario: A file that is no CSV\n"
        "- **WHEN** a person uploads an image\n"
        "- **THEN** the upload is rejected and nothing is stored\n"
    ),
    check=check,
    precision=Precision(agreed=5, labelled=6, source="tests/data/rule-labels.jsonl"),
)
