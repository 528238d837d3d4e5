"""The floor: passages with literal quotes, or that the specs have no answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.adapters.passage_index import SqlitePassageIndex
from workflow_cli.app.answering.ports import Found, Nothing
from workflow_cli.app.answering.specs_answerer import SpecsAnswerer
from workflow_cli.domain.answering.asked import Asked, QuestionKind
from workflow_cli.domain.answering.excerpt import excerpt
from workflow_cli.domain.answering.query import read_question
from workflow_cli.domain.answering.quote import LEAST_LETTERS, find_quote

SPEC = """\
### Requirement: Lockout
The system SHALL lock an account after five wrong passwords.

#### Scenario: Fifth attempt
- **WHEN** the fifth password is wrong
- **THEN** the account is locked for an hour

### Requirement: Bad bytes
A robot \xff SHALL beep.
"""
PATH = "openspec/specs/auth/spec.md"


def write(root: Path, path: str, data: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)


@pytest.fixture
def index(tmp_path: Path) -> SqlitePassageIndex:
    write(tmp_path, PATH, SPEC.encode("latin-1"))
    write(
        tmp_path, "openspec/changes/add-mail/specs/mail/spec.md", b"### Requirement: Mail\nA postcard SHALL be sent.\n"
    )
    write(tmp_path, "openspec/changes/archive/2026-01-01-old/design.md", b"# Pigeons\nPigeons carried messages.\n")
    found = SqlitePassageIndex(tmp_path, None, max_file_bytes=1 << 20)
    found.refresh()
    return found


def ask(index: SqlitePassageIndex, text: str, thin: float = 0.4) -> Found | Nothing:
    answerer = SpecsAnswerer(thin=thin, current_hash=index.current_hash)
    asked = Asked(text=text, kind=QuestionKind.LOOKUP)
    return asyncio.run(answerer.answer(asked, index.search(text, limit=8)))


@pytest.mark.parametrize("question", ["An?", "Is it?", "what should it be?"])
def test_words_that_only_ask_find_no_answer(index: SqlitePassageIndex, question: str) -> None:
    """Some passage has them, and that proves nothing."""
    said = ask(index, question)
    assert isinstance(said, Nothing)


def test_the_answer_is_the_passage_with_its_place_and_its_words(index: SqlitePassageIndex) -> None:
    said = ask(index, "When is an account locked after wrong passwords?")
    assert isinstance(said, Found)
    assert said.text.startswith(
        "Requirement: Lockout (auth)\nopenspec/specs/auth/spec.md:2\n"
        "  The system SHALL lock an account after five wrong passwords."
    )
    first = said.sources[0]
    assert (first.path, first.line, first.address) == (PATH, 2, f"{PATH}#Requirement: Lockout")
    assert first.quote == "The system SHALL lock an account after five wrong passwords."
    assert said.confidence == 1.0


def test_what_is_only_proposed_or_was_archived_says_so(index: SqlitePassageIndex) -> None:
    proposed, archived = ask(index, "postcard"), ask(index, "pigeons")
    assert isinstance(proposed, Found)
    assert "Requirement: Mail (proposed by add-mail)" in proposed.text
    assert isinstance(archived, Found)
    assert "Pigeons (archived with 2026-01-01-old)" in archived.text


def test_too_little_evidence_is_no_answer(index: SqlitePassageIndex) -> None:
    said = ask(index, "How long may an account be overdrawn at a foreign bank on Sundays?")
    assert isinstance(said, Nothing)
    assert "40% is the least" in said.reason
    assert ask(index, "zebra") == Nothing(reason="no passage has a word of the question")


def test_what_changed_since_it_was_found_is_not_quoted(index: SqlitePassageIndex, tmp_path: Path) -> None:
    asked = Asked(text="lock account", kind=QuestionKind.LOOKUP)
    evidence = index.search(asked.text, limit=1)
    write(tmp_path, PATH, SPEC.replace("five", "nine").encode("latin-1"))
    answerer = SpecsAnswerer(thin=0.4, current_hash=index.current_hash)
    assert asyncio.run(answerer.answer(asked, evidence)) == Nothing(reason="what was found has changed since")


def test_bytes_that_are_no_text_are_not_quoted(index: SqlitePassageIndex) -> None:
    assert isinstance(ask(index, "robot beep"), Nothing)


def test_of_a_long_passage_the_lines_that_answer_are_shown() -> None:
    lines = [f"line {n} about nothing much" for n in range(100)]
    lines[70] = "the account is locked for an hour"
    shown = excerpt("## Long\n\n" + "\n".join(lines), read_question("When is the account locked?"))
    assert "locked for an hour" in shown
    assert len(shown.splitlines()) <= 12


def test_a_huge_line_is_cut_around_what_answers() -> None:
    text = "# H\n" + "filler words " * 20_000 + "the account is locked " + "more filler " * 20_000
    shown = excerpt(text, read_question("account locked"))
    assert "account is locked" in shown
    assert len(shown) <= 900


@given(st.text(max_size=3_000), st.text(max_size=60))
def test_an_excerpt_is_always_a_quote_of_its_text(text: str, question: str) -> None:
    shown = excerpt(text, read_question(question))
    if (
        sum(letter.isalnum() for letter in shown) >= LEAST_LETTERS
        and shown[0] not in '"“”„«».…'
        and shown[-1] not in '"“”„«».…'
    ):
        found = find_quote(shown, text)
        assert found is not None
        assert found.text in text


SMALL_TREES = {
    "en": (
        "# Auth\n\n## Purpose\nLogin of the shop for everybody who buys.\n\n## Requirements\n\n"
        "### Requirement: Lockout\nThe shop SHALL lock an account after five wrong passwords.\n\n"
        "#### Scenario: Fifth\n- **WHEN** the fifth password is wrong\n- **THEN** the account is locked for an hour\n",
        "How long is an account locked?",
        "Who waters the plants in the shop?",
    ),
    "zh": (
        "### Requirement: 插件\n系统 SHALL 支持插件。\n\n#### Scenario: 新插件默认形态\n- **WHEN** 开发者创建插件\n- **THEN** 生成默认目录\n\n"
        "### Requirement: 场景保存\n编辑器 SHALL 保存场景。\n",
        "如何创建一个新插件？",
        "如何退款给客户？",
    ),
    "ru": (
        "### Requirement: Языки\nУтилита MUST поддерживать русский язык и китайский язык.\n\n"
        "### Requirement: Сборка\nПроект MUST использовать компилятор.\n",
        "Какие языки поддерживаются?",
        "Как вернуть деньги покупателю?",
    ),
}


@pytest.mark.parametrize("language", SMALL_TREES)
def test_a_small_tree_answers_in_its_language_and_refuses_what_it_does_not_say(tmp_path: Path, language: str) -> None:
    """In a few passages every word is either everywhere or nowhere, and neither tells much. Endings, and letters between
    two words, are no words that are missing.
    """
    spec, there, not_there = SMALL_TREES[language]
    write(tmp_path, PATH, spec.encode())
    index = SqlitePassageIndex(tmp_path, None, max_file_bytes=1 << 20)
    index.refresh()
    answerer = SpecsAnswerer(thin=0.4, current_hash=index.current_hash)
    for question, kind in ((there, Found), (not_there, Nothing)):
        asked = Asked(text=question, kind=QuestionKind.LOOKUP)
        said = asyncio.run(answerer.answer(asked, index.search(question, limit=8)))
        assert isinstance(said, kind), (question, said)
