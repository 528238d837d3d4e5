"""The words by which a text without a match is told at once never hide a match."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflow_cli.domain.openspec.rules import (
    escape_clause,
    missing_negative_scenario,
    passive_without_actor,
    plain_negation,
    slash_alternative,
    superlative,
    untestable_adjective,
    vague_comparative,
    vague_pronoun,
    vague_quantity,
    weak_modal,
)
from workflow_cli.domain.openspec.rules.word_pattern import WordPattern, any_of, words_in

PATTERNS = {
    "escape-clause": escape_clause._WORDS,
    "missing-negative-scenario": missing_negative_scenario._TAKES_INPUT,
    "passive-without-actor": passive_without_actor._WORDS,
    "plain-negation": plain_negation._WORDS,
    "superlative": superlative._WORDS,
    "untestable-adjective": untestable_adjective._WORDS,
    "vague-comparative": vague_comparative._WORDS,
    "vague-pronoun": vague_pronoun._WORDS,
    "vague-quantity": vague_quantity._WORDS,
    "weak-modal": weak_modal._WEAK,
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
@given(data=st.data())
@settings(max_examples=60)
def test_every_text_with_a_match_holds_one_of_the_telling_words(pattern: WordPattern, data: st.DataObject) -> None:
    """Whatever stands around the match, and in whatever case it is written."""
    text = data.draw(st.from_regex(pattern.compiled))
    assume(pattern.compiled.search(text))
    assert pattern.may_occur_among(words_in(text))


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_a_text_of_other_words_is_told_at_once(pattern: WordPattern) -> None:
    assert not pattern.may_occur_among(words_in("A mail is sent."))


@pytest.mark.parametrize("letter", ["i", "\u0130", "\u0131"])
def test_letters_that_the_engine_takes_for_others_are_taken_so_here(letter: str) -> None:
    """Where case does not count, a dotted capital or a dotless small letter is an `i` to the engine."""
    pattern = any_of("intuitive")
    text = f"An {letter}ntuitive page"
    assert pattern.compiled.search(text)
    assert pattern.may_occur_among(words_in(text))


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("fast", "fast"),
        ("a number of", "number"),
        ("quick(?:ly)?", "quick quickly"),
        ("reasonabl[ey]", "reasonable reasonably"),
        ("user[- ]friendly", "friendly"),
        ("(?:as|if|when) (?:needed|wished)", "needed wished"),
        ("as (?:fast|soon) as (?:is )?possible", "possible"),
        ("and so (?:on|forth)", "so"),
        (r"(?:reads?|loads) \w+ files", "files"),
        ("lots? of", "lot lots"),
    ],
)
def test_a_phrase_is_told_by_its_longest_word(phrase: str, words: str) -> None:
    """Longer words are rarer; where a part has alternatives, its shortest word counts."""
    assert any_of(phrase).told_by == set(words.split())


@pytest.mark.parametrize("phrase", [r"\w+", "[a-z]{3,}/[a-z]{3,}", r"and\s*/\s*or", "(?:very)?"])
def test_a_phrase_without_certain_words_is_always_looked_for(phrase: str) -> None:
    assert any_of(phrase).may_occur_among(frozenset())
    assert any_of("fast", phrase).may_occur_among(frozenset())


def test_alternatives_of_slashes_are_always_looked_for() -> None:
    assert slash_alternative._WORDS.told_by is None


def test_a_pattern_is_compiled_as_it_is_written() -> None:
    assert WordPattern("a b", re.I, told_by=None).compiled.flags & re.I
