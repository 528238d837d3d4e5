"""Two versions of a spec or delta set side by side: which requirement and scenario became which."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from workflow_cli.domain.openspec.requirement import Requirement, Scenario, fold
from workflow_cli.domain.openspec.rules.languages import language_of
from workflow_cli.domain.openspec.rules.vocabulary import words
from workflow_cli.domain.review.meaning.mark import Mark
from workflow_cli.domain.review.meaning.sentences import Sentence, aligned, changed_sentences, said, sentences

#: From here on a block with another name is the same block, renamed.
_SAME_BLOCK = 0.7
#: More pairs than this are not compared by text: so many blocks at once are no renaming.
_MOST_COMPARED = 2_500
#: Words of one block times words of the other; what repeats itself takes time by this product.
_MOST_WORDS_IN_ORDER = 4_000_000
_ANY_HEADING = re.compile(r"#{1,6}\s")

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class TextPair:
    """One text of a requirement in both versions: its statement or one scenario, its name first.

    `place` names it for people. `before` and `after` hold only the sentences that changed.
    """

    place: str
    all_before: tuple[Sentence, ...]
    all_after: tuple[Sentence, ...]

    @cached_property
    def _changed(self) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
        return changed_sentences(self.all_before, self.all_after)

    @property
    def before(self) -> tuple[Sentence, ...]:
        return self._changed[0]

    @property
    def after(self) -> tuple[Sentence, ...]:
        return self._changed[1]

    @cached_property
    def rewordings(self) -> tuple[list[tuple[Sentence, Sentence]], list[Sentence], list[Sentence]]:
        """Changed sentences beside what became of them; then those that went, and those that are new.

        All three are empty where text was only cut into sentences in another way.
        """
        before, after = self._changed
        if len(before) != len(after) and _marks(before) == _marks(after):
            return [], [], []
        return aligned(before, after)


def _marks(sentences: Sequence[Sentence]) -> list[Mark]:
    return [mark for sentence in sentences for mark in sentence.marks]


@dataclass(frozen=True)
class RequirementPair:
    """A requirement that is there in both versions, under the same name or another."""

    before: Requirement
    after: Requirement

    @cached_property
    def _language(self) -> str | None:
        text = "\n".join(self.before.lines)
        return language_of(text)

    @cached_property
    def _scenarios(self) -> tuple[list[tuple[Scenario, Scenario]], list[Scenario]]:
        pairs, lost, _ = matched(
            self.before.scenarios, self.after.scenarios, lambda s: s.name, lambda s: (*said([s.name]), *said(s.body))
        )
        return pairs, lost

    @property
    def scenarios(self) -> list[tuple[Scenario, Scenario]]:
        return self._scenarios[0]

    @property
    def lost_scenarios(self) -> list[Scenario]:
        return self._scenarios[1]

    @cached_property
    def texts(self) -> tuple[TextPair, ...]:
        """The statement, then each scenario that both have."""
        name = self.before.name
        statement = TextPair(
            f'requirement "{name}"', self._statement_sentences(self.before), self._statement_sentences(self.after)
        )
        return (statement, *(self._scenario_pair(name, one, other) for one, other in self.scenarios))

    def _scenario_pair(self, name: str, before: Scenario, after: Scenario) -> TextPair:
        return TextPair(
            f'scenario "{before.name}" of requirement "{name}"',
            self._scenario_sentences(before),
            self._scenario_sentences(after),
        )

    def _statement_sentences(self, requirement: Requirement) -> tuple[Sentence, ...]:
        return (
            *sentences([requirement.name], requirement.line, self._language),
            *sentences(statement_lines(requirement), requirement.line + 1, self._language),
        )

    def _scenario_sentences(self, scenario: Scenario) -> tuple[Sentence, ...]:
        return (
            *sentences([scenario.name], scenario.line, self._language),
            *sentences(scenario.body, scenario.line + 1, self._language),
        )


def statement_lines(requirement: Requirement) -> list[str]:
    """Every line between the header and the first heading below it, fenced examples and metadata included."""
    lines = []
    for line, masked in zip(requirement.lines[1:], requirement.mask[1:], strict=True):
        if not masked and _ANY_HEADING.match(line):
            break
        lines.append(line)
    return lines


@dataclass(frozen=True)
class Comparison:
    """The requirements of one file in both versions."""

    pairs: tuple[RequirementPair, ...]
    lost: tuple[Requirement, ...]
    gained: tuple[Requirement, ...]

    def without(self, names: frozenset[str]) -> Comparison:
        """Leaves out the requirements of these names, compared as OpenSpec folds them."""
        if not names:
            return self
        folded = {fold(name) for name in names}
        return replace(
            self,
            pairs=tuple(p for p in self.pairs if fold(p.before.name) not in folded),
            lost=tuple(r for r in self.lost if fold(r.name) not in folded),
        )


def compare(before: Sequence[Requirement], after: Sequence[Requirement]) -> Comparison:
    pairs, lost, gained = matched(before, after, lambda r: r.name, lambda r: said(r.lines[1:]))
    return Comparison(tuple(RequirementPair(one, other) for one, other in pairs), tuple(lost), tuple(gained))


def matched(
    before: Sequence[_Item],
    after: Sequence[_Item],
    name: Callable[[_Item], str],
    text: Callable[[_Item], Sequence[str]],
) -> tuple[list[tuple[_Item, _Item]], list[_Item], list[_Item]]:
    """Pairs by name, then by near name, then by text; then what only one side has.

    A name that occurs several times is paired in order.
    """
    pairs: list[tuple[_Item, _Item]] = []
    lost, gained = list(before), list(after)
    for key in (name, lambda item: fold(name(item))):
        if lost and gained:
            lost, gained = _paired(lost, gained, key, pairs)
    if not lost or not gained or len(lost) * len(gained) > _MOST_COMPARED:
        return pairs, lost, gained
    still_lost = []
    for item in lost:
        best = max(gained, key=lambda other: block_likeness(text(item), text(other)), default=None)
        if best is not None and block_likeness(text(item), text(best)) >= _SAME_BLOCK:
            gained = [other for other in gained if other is not best]
            pairs.append((item, best))
        else:
            still_lost.append(item)
    return pairs, still_lost, gained


def _paired(
    lost: Sequence[_Item], gained: Sequence[_Item], key: Callable[[_Item], str], pairs: list[tuple[_Item, _Item]]
) -> tuple[list[_Item], list[_Item]]:
    waiting: dict[str, list[_Item]] = {}
    for other in gained:
        waiting.setdefault(key(other), []).append(other)
    left = []
    for item in lost:
        if twins := waiting.get(key(item)):
            pairs.append((item, twins.pop(0)))
        else:
            left.append(item)
    return left, [other for others in waiting.values() for other in others]


def block_likeness(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """From 0 to 1, by the words of both blocks in their order; 1 is the same words and nothing else.

    Of very long blocks the order is not looked at, unless it is the same.
    """
    one, other = words("\n".join(ours)), words("\n".join(theirs))
    if one == other:
        return 1.0
    if len(one) * len(other) <= _MOST_WORDS_IN_ORDER:
        return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()
    common = (Counter(one) & Counter(other)).total()
    return min(2 * common / (len(one) + len(other)), 0.99)
