"""Requirements that say nearly the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from workflow_cli.domain.openspec.finding import Finding, Level, builtin
from workflow_cli.domain.openspec.requirement import fold
from workflow_cli.domain.openspec.rule import DocumentInTree, KnownRequirement, Precision, Rule, Scope, TreeSummary
from workflow_cli.domain.openspec.rules.vocabulary import stem, words

#: How alike two texts have to be, of 100, in the same order of words.
_ALIKE = 90
#: Fewer words than this make a formula ("The system SHALL support X."), not a text to compare.
_FEWEST_WORDS = 8
#: Runs of this many words find candidates; a run that occurs more often than this is a formula too.
_RUN = 4
_COMMON = 40
#: As many runs as two texts have to share before they are compared at all.
_SHARED = 3
_ARTICLES = frozenset(
    ("a", "an", "the", "this", "that", "its", "their", "all", "any", "each", "every", "when", "whenever", "if")
)
_CODE = re.compile(r"`[^`\n]+`|\b\d[\d.,]*\b|\"[^\"\n]+\"")


@dataclass(frozen=True)
class _Entry:
    """A requirement with the words of its text and the names in it."""

    known: KnownRequirement
    words: tuple[str, ...]
    names: frozenset[str]


@dataclass(frozen=True)
class _Index:
    """`by_run` holds, by the hash of a run, the numbers of the entries that share it; most runs are nobody else's."""

    entries: list[_Entry]
    by_run: dict[int, list[int]]
    by_place: dict[tuple[str, int], int]


@lru_cache(maxsize=2)
def _index(tree: TreeSummary) -> _Index:
    entries: list[_Entry] = []
    first: dict[int, int] = {}
    by_run: dict[int, list[int]] = {}
    by_place: dict[tuple[str, int], int] = {}
    for known in tree.requirements:
        spoken = tuple(map(intern, words(known.text)))
        if len(spoken) < _FEWEST_WORDS or _REFERS.search(known.text):
            continue
        number = len(entries)
        entries.append(_Entry(known, spoken, frozenset(_CODE.findall(known.text))))
        by_place[known.file, known.line] = number
        for run in _runs(spoken):
            if (earlier := first.setdefault(run, number)) != number:
                by_run.setdefault(run, [earlier]).append(number)
    return _Index(entries, by_run, by_place)


def _runs(spoken: tuple[str, ...]) -> set[int]:
    return {hash(spoken[i : i + _RUN]) for i in range(len(spoken) - _RUN + 1)}


def check(subject: DocumentInTree) -> Iterator[Finding]:
    index = _index(subject.tree)
    document = subject.subject
    for requirement in document.requirements:
        number = index.by_place.get((document.document.file, requirement.line + 1))
        if number is None:
            continue
        twin = _nearest(index, number, document.document.text)
        if twin is None:
            continue
        other, score = twin
        where = f"{other.file}:{other.line}"
        yield builtin(
            RULE.id,
            RULE.level,
            document.document.place(requirement.line),
            f'"{requirement.name}" says nearly the same ({score:.0f} %) as "{other.name}" at {where}',
            hint="Keep one and refer to it from the other, or say in both what is different.",
            score=score / 100,
        )


def _nearest(index: _Index, number: int, text: str) -> tuple[KnownRequirement, float] | None:
    """The most alike of the others, or None. Of a pair in one document, the later one is told."""
    entry = index.entries[number]
    shared: dict[int, int] = defaultdict(int)
    for run in _runs(entry.words):
        having = index.by_run.get(run, ())
        if len(having) <= _COMMON:
            for candidate in having:
                shared[candidate] += 1
    best: tuple[KnownRequirement, float] | None = None
    for candidate in sorted(shared):
        other = index.entries[candidate]
        if shared[candidate] < _SHARED or not _comparable(entry, other, text):
            continue
        if _differ_on_purpose(entry, other):
            continue
        score = _likeness(entry, other)
        if score and (best is None or score > best[1]):
            best = (other.known, score)
    return best


def _likeness(entry: _Entry, other: _Entry) -> float:
    """Of 100; 0 where it is less than `_ALIKE`."""
    from rapidfuzz import fuzz  # not before two texts are to be compared, which in many trees is never

    return fuzz.ratio(entry.words, other.words, score_cutoff=_ALIKE)


# A requirement that says where the behaviour is written down repeats nothing.
_REFERS = re.compile(r"\bspec\.md\b|\b(?:defined|described|specified)\s+in\b")


def _differ_on_purpose(entry: _Entry, other: _Entry) -> bool:
    """Whether each text has a word of its own in place of one of the other's ("get" and "delete", "CTI" and "GTS").

    Across capabilities, names that differ so are enough: a formula repeated for each command is meant.
    """
    mine, theirs = _meaning(entry.words), _meaning(other.words)
    if mine - theirs and theirs - mine:
        return True
    if entry.known.capability == other.known.capability:
        return False
    mine, theirs = _meaning(words(entry.known.name)), _meaning(words(other.known.name))
    return bool(mine - theirs and theirs - mine)


def _meaning(spoken: Iterable[str]) -> set[str]:
    return {stem(word) for word in spoken} - _ARTICLES


def _comparable(entry: _Entry, other: _Entry, text: str) -> bool:
    mine, theirs = entry.known, other.known
    if (mine.file, mine.line) == (theirs.file, theirs.line) or entry.names != other.names:
        return False
    if mine.change is None:
        # Told once: at the later of two main specs, and never for what a change is about to do.
        return theirs.change is None and (theirs.file, theirs.line) < (mine.file, mine.line)
    if theirs.change is None:
        same = mine.capability == theirs.capability
        # A delta that modifies, renames or moves a requirement repeats it for a reason.
        return not (same and fold(mine.name) == fold(theirs.name)) and theirs.name not in text
    return mine.change == theirs.change and (theirs.file, theirs.line) < (mine.file, mine.line)


RULE = Rule(
    id="near-duplicate-requirement",
    title="Two requirements that say nearly the same",
    level=Level.WARNING,
    scope=Scope.DOCUMENT_IN_TREE,
    reason=(
        "What is said twice gets changed once, and then the specs contradict each other. Texts that differ in a "
        "number, a quotation or a name in code are taken for different on purpose."
    ),
    bad=(
        "### Requirement: Mail on failure\n"
        "The monitor SHALL send a mail to the owner of a check whenever the check fails twice in a row.\n\n"
        "#### Scenario: Two failures\n- **WHEN** a check fails twice\n- **THEN** its owner gets a mail\n\n"
        "### Requirement: Owner is told\n"
        "The monitor SHALL send a mail to the owner of the check whenever the check fails twice in a row.\n\n"
        "#### Scenario: Owner\n- **WHEN** a check fails twice\n- **THEN** a mail is sent\n"
    ),
    good=(
        "### Requirement: Mail on failure\n"
        "The monitor SHALL send a mail to the owner of a check whenever the check fails twice in a row.\n\n"
        "#### Scenario: Two failures\n- **WHEN** a check fails twice\n- **THEN** its owner gets a mail\n\n"
        "### Requirement: Recovery\n"
        "The monitor SHALL close the alert of a check as soon as the check passes again.\n\n"
        "#### Scenario: Pass\n- **WHEN** a check passes again\n- **THEN** its alert is closed\n"
    ),
    check=check,
    precision=Precision(agreed=13, labelled=13, source="tests/data/rule-labels.jsonl"),
    least=_ALIKE / 100,
    measure="how alike both texts are, word by word",
)
