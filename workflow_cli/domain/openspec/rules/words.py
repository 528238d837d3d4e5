"""Looking for words: in English sentences, reported where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.finding import Finding, Level, Place, builtin
from workflow_cli.domain.openspec.rule import RequirementSubject
from workflow_cli.domain.openspec.rules.prose import Passage
from workflow_cli.domain.openspec.rules.requirement_prose import read_prose
from workflow_cli.domain.openspec.rules.word_pattern import WordPattern

#: Characters around a word that are looked at for an excuse.
_NEARBY = 160

Excuse = Callable[[Passage, re.Match[str]], bool]


def no_excuse(_sentence: Passage, _match: re.Match[str]) -> bool:
    return False


def place_of(document: Document, passage: Passage, offset: int) -> Place:
    line, column = passage.position(offset)
    return Place(file=document.file, line=line + 1, column=column + 1)


def before(sentence: Passage, match: re.Match[str]) -> str:
    """What stands before the match, as far as it can matter; bounded, so that endless sentences cost no more."""
    return sentence.text[max(match.start() - _NEARBY, 0) : match.start()]


# Excuses ask about the same sentence for each word in it, and a sentence may be as long as a document.
@lru_cache(maxsize=8)
def last_of(pattern: re.Pattern[str], sentence: str) -> int:
    """Where the last match of the pattern in the sentence begins; -1 where there is none."""
    return max((match.start() for match in pattern.finditer(sentence)), default=-1)


def phrase(match: re.Match[str]) -> str:
    return " ".join(match[0].split())


def report_words(
    subject: RequirementSubject,
    *,
    rule: str,
    level: Level,
    pattern: WordPattern,
    message: Callable[[str], str],
    hint: str,
    outcomes: bool = True,
    excuse: Excuse = no_excuse,
) -> Iterator[Finding]:
    """A finding for every match of `pattern` in the requirement's English sentences that is not excused."""
    prose = read_prose(subject)
    if not pattern.may_occur_among(prose.english_words) or not pattern.compiled.search(prose.english_text):
        return
    for sentence in prose.english_promises if outcomes else prose.english_statement:
        for match in pattern.compiled.finditer(sentence.text):
            if not excuse(sentence, match):
                place = place_of(subject.document, sentence, match.start())
                yield builtin(rule, level, place, message(phrase(match)), hint=hint)
