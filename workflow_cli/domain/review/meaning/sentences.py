"""A requirement's text as sentences that can be compared: line breaks, emphasis and punctuation do not count."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workflow_cli.domain.openspec.rules.prose import blank, passages
from workflow_cli.domain.openspec.rules.vocabulary import words
from workflow_cli.domain.review.meaning.force import marks_of
from workflow_cli.domain.review.meaning.mark import Mark, MarkKind

# What is struck out or commented out is no longer said.
_UNSAID = re.compile(r"<!--.*?(?:-->|\Z)|~~(?=\S).*?~~|(?<=\])\([^()\n]*\)", re.S)
_TABLE_ROW = re.compile(r"^\s*\|")
_EMPHASIS = re.compile(r"(?<!\w)_+|_+(?!\w)|[*`]")
_LIST_NUMBER = re.compile(r"^\s*\d{1,9}[.)]\s+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`line` counts from 0 in the document. `words` are folded, and bigrams where no spaces are written."""

    text: str
    line: int
    words: tuple[str, ...]
    marks: tuple[Mark, ...]

    def marks_of(self, kind: MarkKind) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.kind is kind)


def said(lines: Sequence[str]) -> list[str]:
    """The lines without what is commented out or struck through, and without the targets of links."""
    return _UNSAID.sub(blank, "\n".join(lines)).split("\n")


def sentences(lines: Sequence[str], first_line: int, language: str | None) -> Iterator[Sentence]:
    # A row of a table reads like an item of a list.
    prose = [_TABLE_ROW.sub("- ", line) for line in said(lines)]
    for passage in passages(prose, first_line):
        for sentence in passage.sentences():
            text = _LIST_NUMBER.sub("", _EMPHASIS.sub("", sentence.text)).strip()
            found = tuple(words(text))
            if found:
                yield Sentence(text, sentence.line, found, marks_of(text, language))


def changed_sentences(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Those of each side that the other side does not have word for word, wherever they stand."""
    return tuple(_missing_in(before, after)), tuple(_missing_in(after, before))


def _missing_in(ours: Sequence[Sentence], theirs: Sequence[Sentence]) -> Iterator[Sentence]:
    left = Counter((s.words, s.marks) for s in theirs)
    for sentence in ours:
        key = (sentence.words, sentence.marks)
        if left[key]:
            left[key] -= 1
        else:
            yield sentence


@lru_cache(maxsize=4096)
def likeness(ours: Sentence, theirs: Sentence) -> float:
    """How alike two sentences are, from 0 to 1, by words or by letters, whichever sees more."""
    common = sum((Counter(ours.words) & Counter(theirs.words)).values())
    by_words = 2 * common / (len(ours.words) + len(theirs.words))
    if by_words >= _ALIKE or max(len(ours.text), len(theirs.text)) > _LONGEST_BY_LETTERS:
        return by_words
    return max(by_words, difflib.SequenceMatcher(None, ours.text.lower(), theirs.text.lower(), autojunk=False).ratio())


def is_kept(sentence: Sentence, others: Sequence[Sentence]) -> bool:
    """Whether the sentence is still there in some wording: alone, or in pieces spread over several sentences."""
    if any(likeness(sentence, other) >= _ALIKE for other in others):
        return True
    there = Counter(word for other in others for word in other.words)
    common = sum((Counter(sentence.words) & there).values())
    return common >= _CONTAINED * len(sentence.words)


def aligned(
    before: Sequence[Sentence], after: Sequence[Sentence]
) -> tuple[list[tuple[Sentence, Sentence]], list[Sentence], list[Sentence]]:
    """Which sentence was reworded into which, the most alike first; then what only one side has."""
    if len(before) * len(after) > _MOST_COMPARED:
        pairs = [(one, other) for one, other in zip(before, after, strict=False) if likeness(one, other) >= _ALIKE]
        return pairs, _others(before, [p[0] for p in pairs]), _others(after, [p[1] for p in pairs])
    ranked = sorted(
        (
            (-likeness(one, other), i, j)
            for i, one in enumerate(before)
            for j, other in enumerate(after)
            if likeness(one, other) >= _ALIKE
        ),
    )
    mine: dict[int, int] = {}
    for _, i, j in ranked:
        if i not in mine and j not in mine.values():
            mine[i] = j
    pairs = [(before[i], after[j]) for i, j in sorted(mine.items())]
    return (
        pairs,
        [one for i, one in enumerate(before) if i not in mine],
        [other for j, other in enumerate(after) if j not in mine.values()],
    )


def _others(ours: Sequence[Sentence], taken: Sequence[Sentence]) -> list[Sentence]:
    return [sentence for sentence in ours if not any(sentence is one for one in taken)]


_ALIKE = 0.6
_CONTAINED = 0.6
#: Letters are compared up to here; the letters of a longer sentence say no more than its words.
_LONGEST_BY_LETTERS = 400
_MOST_COMPARED = 10_000
