"""One term in several spellings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.rule import DocumentInTree, Precision, Rule, Scope, TreeSummary
from workflow_cli.domain.openspec.rules.prose import prose_lines
from workflow_cli.domain.openspec.rules.requirement_prose import prose_of
from workflow_cli.domain.openspec.rules.word_set import word_set

# The first letter comes before the look at what stands before it: so the engine skips what is no letter.
_WORD = re.compile(r"[A-Za-z](?<![\w/.@$#-].)[A-Za-z]*(?:-[A-Za-z]+)?(?![\w/@$-]|\.\w)")
_PAIR = re.compile(r"([A-Za-z](?<![\w/.@$#-].)[A-Za-z]+)(?= ([A-Za-z]{2,})(?![\w/@$-]|\.\w))")
# "Log in" is what one does, "login" is what one has; likewise set up, back up, roll out.
_PARTICLES = word_set("in up out off on over down back away through by to as at of so it is or an be do go no")
# Two words in one sentence, one word in another, and both right.
_GRAMMAR = word_set("runtime anytime sometime everyday anyone someone maybe cannot workflow")
_PREFIXES = word_set("re non un sub pre post multi auto co de inter over under mis semi anti up down in out")
#: The usual spelling has to be at least this many times as frequent as the other, and occur this often.
_TIMES = 2
_LEAST = 3


def _key(term: str) -> str:
    return term.replace("-", "").replace(" ", "").lower()


def _spelling(term: str) -> str | None:
    """How a term is spelled, in a form that can be compared; None for what is no term."""
    for mark in ("-", " "):
        if mark in term:
            first, _, second = term.lower().partition(mark)
            if second in _PARTICLES or first in _PARTICLES or first in _PREFIXES or len(first) < 3 or len(second) < 3:
                return None
            if first + second in _GRAMMAR:
                return None
            return f"{first}{mark}{second}"
    return None if len(term) > 1 and term.isupper() else term


def _terms(text: str) -> list[str]:
    """Words, then pairs of words, as often as they occur."""
    return _WORD.findall(text) + [f"{first} {second}" for first, second in _PAIR.findall(text)]


def _places(line: str) -> Iterator[tuple[int, str]]:
    for match in _WORD.finditer(line):
        yield match.start(), match[0]
    for match in _PAIR.finditer(line):
        yield match.start(), f"{match[1]} {match[2]}"


@dataclass(frozen=True)
class _Usage:
    """How often each spelling occurs in statements, and the usual ones by what their variants have in common with them.

    Apart, because few words and few compounds have a usual spelling that they could be a variant of.
    """

    counts: Counter[str]
    of_words: dict[str, str]
    of_compounds: dict[str, str]

    def known(self, terms: Iterable[str]) -> list[str]:
        """Those of the terms of which `of` may know a usual spelling: few, and soon told."""
        words, compounds = self.of_words, self.of_compounds
        return [
            term for term in terms if (_key(term) in compounds if " " in term or "-" in term else term.lower() in words)
        ]

    def of(self, term: str) -> tuple[str, str] | None:
        """The spelling of `term` and the usual one that it is a rare variant of, or None."""
        best = (self.of_compounds if "-" in term or " " in term else self.of_words).get(_key(term))
        if best is None or (spelling := _spelling(term)) is None:
            return None
        rare = self.counts[best] >= _TIMES * self.counts[spelling]
        return (spelling, best) if rare and _is_variant(spelling, best) else None


@lru_cache(maxsize=2)
def _usage(tree: TreeSummary) -> _Usage:
    terms: Counter[str] = Counter()
    for known in tree.requirements:
        lines = known.text.split("\n")
        prose = "\n".join(prose_lines(lines, [False] * len(lines)))
        terms.update(_terms(prose))
    counts: Counter[str] = Counter()
    for term, count in terms.items():
        if spelling := _spelling(term):
            counts[spelling] += count
    best: dict[str, str] = {}
    for spelling, count in counts.items():
        if count >= _LEAST and count > counts[best.get(key := _key(spelling), "")]:
            best[key] = spelling
    return _Usage(
        counts,
        {key: term for key, term in best.items() if "-" in term or " " in term or term != term.lower()},
        {key: term for key, term in best.items() if "-" not in term and " " not in term},
    )


def _is_variant(spelling: str, best: str) -> bool:
    """Closed against apart, or other capitals inside.

    "ProjectConfig" beside "project config" is a type and the thing it stands for. A hyphen against a space is grammar
    ("in real time", "real-time data"); a name all in lower case may be a path, and one that differs in its first
    letter alone a type beside a variable.
    """
    apart = {" ", "-"}
    if apart & set(spelling) or apart & set(best):
        closed = [term for term in (spelling, best) if not apart & set(term)]
        return len(closed) == 1 and closed[0][1:] == closed[0][1:].lower()
    return best[1:] != spelling[1:] and best != best.lower() and spelling != spelling.lower()


def check(subject: DocumentInTree) -> Iterator[Finding]:
    usage = _usage(subject.tree)
    told: set[str] = set()
    for requirement in subject.subject.requirements:
        terms = set(_terms("\n".join(prose_of(requirement).lines)))
        variants = {term: found for term in usage.known(terms) if (found := usage.of(term))}
        if not variants:
            continue
        for index, line in enumerate(prose_of(requirement).lines):
            for offset, term in _places(line):
                if term not in variants or variants[term][0] in told:
                    continue
                spelling, usual = variants[term]
                told.add(spelling)
                yield builtin(
                    RULE.id,
                    RULE.level,
                    Place(file=subject.subject.document.file, line=requirement.line + index + 1, column=offset + 1),
                    f'"{term}" is mostly written "{usual}" here ({usage.counts[usual]} times)',
                    hint=f'Write "{usual}", or give the two different names if they are different things.',
                )


RULE = Rule(
    id="inconsistent-term",
    title="One term in several spellings",
    level=Level.INFO,
    scope=Scope.DOCUMENT_IN_TREE,
    reason=(
        "A term in two spellings is missed by every search for one of them, and makes readers wonder whether two "
        "things are meant. Compounds written closed and apart, and names in other capitals, are compared over the "
        "whole tree; verbs such as *log in* beside *login* are left alone."
    ),
    bad=(
        "### Requirement: Calls\n"
        "The server SHALL store each webhook. A webhook SHALL have an owner. A webhook SHALL have a key.\n\n"
        "The owner of a webhook SHALL be able to delete the web hook.\n\n"
        "#### Scenario: Call\n- **WHEN** it is stored\n- **THEN** its key is shown\n"
    ),
    good=(
        "### Requirement: Calls\n"
        "The server SHALL store each webhook. A webhook SHALL have an owner. A webhook SHALL have a key.\n\n"
        "The owner of a webhook SHALL be able to delete the webhook.\n\n"
        "#### Scenario: Call\n- **WHEN** it is stored\n- **THEN** its key is shown\n"
    ),
    check=check,
    precision=Precision(agreed=3, labelled=3, source="tests/data/rule-labels.jsonl"),
)
