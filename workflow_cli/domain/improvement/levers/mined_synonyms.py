"""Words that people ask with and documents do not use, each with the word that stands there instead.

A pair is mined where the places that answer several different questions with the one word share the other. A word of a
question is only looked up where the places that answer it never hold it; whether the pairs help is not decided here.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from workflow_cli.domain.improvement.arms import ANY_KIND
from workflow_cli.domain.improvement.experiment import Candidate, Deferred, Design
from workflow_cli.domain.improvement.knobs import GLOSSARY, allowed
from workflow_cli.domain.improvement.lever import Proposals, evidence
from workflow_cli.domain.improvement.setting_values import Settings
from workflow_cli.domain.improvement.split import Part, part_of
from workflow_cli.domain.improvement.summary import Reference, Summary

_WORD = re.compile(r"\w{3,}")
_LEAST_PAIRS = 2
_LEAST_LIFT = 3.0
_MOST_PAIRS = 25
#: That nobody asks with a word says no more than this: much that stands in documents is never asked about.
_MOST_UNASKED = 4.0


class MinedSynonyms:
    id = "mined-synonyms"
    signal = "words of questions that the places which answer them do not hold"
    design = Design.RECALL
    symptom = False

    def __init__(self) -> None:
        self._words: dict[str, frozenset[str]] = {}

    def propose(self, seen: Summary, settings: Settings) -> Proposals:
        if GLOSSARY not in settings:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason="no_setting")]
        glossary = dict(settings[GLOSSARY] or {})
        chosen_from = [
            (r, wording)
            for r in seen.references
            if part_of(r.cluster) is Part.DEV and 0 < len(r.cites) <= 2 and (wording := seen.wording(r.question) or "")
        ]
        # Only now are the documents read.
        if len({r.cluster for r, _ in chosen_from}) < 2 * _LEAST_PAIRS or not (texts := seen.sections):
            too_few = f"insufficient_references: {len(chosen_from)}"
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=too_few)]
        asked_for = {asked.cluster: asked.question for asked in seen.requests}.values()
        questions = [words_of for question in asked_for if (words_of := seen.wording(question) or "")]
        pairs = self._mine(chosen_from, questions, texts, glossary)
        if len(pairs) < _LEAST_PAIRS:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=f"insufficient_pairs: {len(pairs)}/{_LEAST_PAIRS}")]
        changes = {GLOSSARY: {**glossary, **{word: other for word, other, _ in pairs}}}
        if (reason := allowed(settings, changes)) is not None:
            return [Deferred(lever=self.id, scope=ANY_KIND, reason=reason)]
        named = ", ".join(f"{word} = {other}" for word, other, _ in pairs[:5])
        return [
            Candidate(
                lever=self.id,
                scope=ANY_KIND,
                changes=changes,
                design=self.design,
                by_rank=True,
                hypothesis=f"{len(pairs)} words of questions stand in the documents under another name: {named}",
                evidence=evidence([id for _, _, ids in pairs for id in ids]),
            )
        ]

    def _mine(
        self,
        references: Sequence[tuple[Reference, str]],
        questions: Collection[str],
        texts: Mapping[str, str],
        glossary: Mapping[str, str],
    ) -> list[tuple[str, str, list[str]]]:
        """Word, the other word, and the events behind them; the best supported first."""
        frequency: Counter[str] = Counter()
        for text in texts.values():
            frequency.update(self._words_of(text))
        together: dict[str, Counter[str]] = defaultdict(Counter)
        clusters: dict[str, set[str]] = defaultdict(set)
        ids: dict[str, list[str]] = defaultdict(list)
        for reference, wording in references:
            there = frozenset().union(*(self._words_of(texts.get(section, "")) for section in reference.cites))
            if not there:
                continue
            asked = words(wording)
            for word in asked - there:
                # A word that stands anywhere is found by itself, and is no other name for anything.
                if word in glossary or frequency[word] or reference.cluster in clusters[word]:
                    continue
                clusters[word].add(reference.cluster)
                ids[word].append(reference.id)
                together[word].update(there - asked)

        def surprise(other: str, shared: int) -> float:
            """How unlikely it is that the places share a word by chance, and that nobody ever asks with it, common as it is."""
            share = frequency[other] / len(texts)
            return -shared * math.log(share) + (
                0.0 if other in asked_with else min(_MOST_UNASKED, len(questions) * share)
            )

        asked_with = frozenset().union(*(self._words_of(question) for question in questions))
        possible = []
        for word, counts in together.items():
            support = len(clusters[word])
            for other, shared in counts.items():
                lift = shared / support * len(texts) / frequency[other]
                if shared >= 2 and shared >= 0.75 * support and lift >= _LEAST_LIFT:
                    possible.append((surprise(other, shared), word, other))
        # One name for one thing: the likeliest pairs first, and no word twice.
        pairs: dict[str, str] = {}
        for _, word, other in sorted(possible, reverse=True):
            if word not in pairs and other not in pairs.values() and other not in glossary.values():
                pairs[word] = other
        return [(word, other, ids[word]) for word, other in list(pairs.items())[:_MOST_PAIRS]]

    def _words_of(self, text: str) -> frozenset[str]:
        found = self._words.get(text)
        if found is None:
            found = self._words[text] = words(text)
        return found


def words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.casefold()))
