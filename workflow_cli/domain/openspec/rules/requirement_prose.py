"""A requirement's prose, sorted by what it does: the statement, and the outcomes its scenarios promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from workflow_cli.domain.openspec.requirement import Requirement
from workflow_cli.domain.openspec.rule import RequirementSubject
from workflow_cli.domain.openspec.rules.languages import is_english, language_of
from workflow_cli.domain.openspec.rules.prose import Passage, passages, prose_lines
from workflow_cli.domain.openspec.rules.steps import Step, StepKind, steps
from workflow_cli.domain.openspec.rules.word_pattern import words_in

_ANY_HEADING = re.compile(r"#{1,6}\s")
_METADATA = re.compile(r"\s*(?:\*\*|__)[^*_]+(?:\*\*:|:\*\*|__:|:__)")


@dataclass(frozen=True)
class RequirementProse:
    """`lines` are the requirement's lines as prose, header first; numbers count from 0 in the document."""

    requirement: Requirement

    @cached_property
    def lines(self) -> list[str]:
        return prose_lines(self.requirement.lines, self.requirement.mask)

    @cached_property
    def language(self) -> str | None:
        """The language of the statement; of the whole block where the statement does not tell."""
        statement = " ".join(p.text for p in self.statement)
        return language_of(statement) or language_of(" ".join(self.lines))

    @cached_property
    def statement(self) -> tuple[Passage, ...]:
        """Everything between the header and the first heading below it, metadata lines left out."""
        block = self.requirement
        body = []
        for index in range(1, len(block.lines)):
            raw = block.lines[index]
            if not block.mask[index] and _ANY_HEADING.match(raw):
                break
            body.append("" if _METADATA.match(raw) else self.lines[index])
        return tuple(passages(body, block.line + 1))

    @cached_property
    def outcomes(self) -> tuple[Passage, ...]:
        """The THEN steps of every scenario, with the AND steps that follow them."""
        return tuple(self._outcomes())

    def _outcomes(self) -> Iterator[Passage]:
        for line, step in self.steps:
            text = self.lines[line - self.requirement.line][step.column :].rstrip()
            if text.strip():
                lead = len(text) - len(text.lstrip())
                yield Passage(text[lead:], ((0, line, step.column + lead),))

    @cached_property
    def steps(self) -> tuple[tuple[int, Step], ...]:
        """THEN steps and the AND steps after them, each with its line in the document."""
        found: list[tuple[int, Step]] = []
        for scenario in self.requirement.scenarios:
            in_outcome = False
            for step in steps(scenario.body):
                if step.kind is not StepKind.AND:
                    in_outcome = step.kind is StepKind.THEN
                if in_outcome:
                    found.append((scenario.line + 1 + step.line, step))
        return tuple(found)

    @cached_property
    def english_statement(self) -> tuple[Passage, ...]:
        return tuple(self._english(self.statement))

    @cached_property
    def english_promises(self) -> tuple[Passage, ...]:
        """The English sentences of all that the requirement binds its reader to: statement, then outcomes."""
        return self.english_statement + tuple(self._english(self.outcomes))

    def _english(self, passages: tuple[Passage, ...]) -> Iterator[Passage]:
        for passage in passages:
            for sentence in passage.sentences():
                if is_english(sentence.text, self.language):
                    yield sentence

    @cached_property
    def english_text(self) -> str:
        """All of them in one, to ask quickly whether a word occurs at all."""
        return "\n".join(sentence.text for sentence in self.english_promises)

    @cached_property
    def english_words(self) -> frozenset[str]:
        """The words of `english_text`, to tell more quickly still which words it cannot hold."""
        return words_in(self.english_text)


@lru_cache(maxsize=256)
def prose_of(requirement: Requirement) -> RequirementProse:
    """Remembered, because every rule about words asks for the same requirement in turn."""
    return RequirementProse(requirement)


def read_prose(subject: RequirementSubject) -> RequirementProse:
    return prose_of(subject.requirement)
