"""The same word gives the same term in a document and in a question, however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.words.stem import stem
from workflow_cli.domain.words.terms import indexed, spellings, terms


@pytest.mark.parametrize("name", ["maxFileBytes", "max_file_bytes", "max-file-bytes", "MaxFileBytes"])
def test_a_name_gives_its_parts_and_itself_in_every_way_of_writing_it(name: str) -> None:
    assert terms(name) == ["max", "file", "byte", "maxfilebytes"]


def test_capitals_in_a_row_are_one_part() -> None:
    assert terms("HTTPServer") == ["http", "server", "httpserver"]


@pytest.mark.parametrize(
    "words",
    [
        "validate validates validated validating validation",
        "archive archives archived archiving",
        "policy policies",
        "run runs running",
        "agree agrees agreed",
        "configure configured configuration",
        "проверка проверку проверки проверкой",
        "поддерживает поддерживается поддерживаются поддерживать",
        "запуск запускать запускает запускается",
        "archivo archivos",
        "Konfiguration konfiguration",
    ],
)
def test_forms_of_a_word_have_one_stem(words: str) -> None:
    assert len(set(terms(words))) == 1


@pytest.mark.parametrize("words", ["lock lack", "user use", "status state", "press process", "запись запас"])
def test_different_words_keep_different_stems(words: str) -> None:
    first, second = words.split()
    assert terms(first) != terms(second)


def test_scripts_without_spaces_give_every_two_neighbours() -> None:
    assert terms("锁定账户") == ["锁定", "定账", "账户"]
    assert terms("系统SHALL锁定") == ["系统", "shall", "锁定"]
    assert terms("プロファイル") == ["プロ", "ロフ", "ファ", "ァイ", "イル"]
    assert terms("字") == ["字"]


def test_width_and_accents_do_not_count() -> None:
    assert terms("ＡＰＩ ｱﾌﾟﾘ") == terms("API アプリ")
    assert terms("configuración") == terms("configuracion")


def test_vowel_signs_belong_to_their_word() -> None:
    """In Hindi a mark is no letter to most programs, and would part the word."""
    assert len(terms("प्रणाली")) == 1


@given(st.text())
def test_any_text_has_terms_without_spaces_in_them(text: str) -> None:
    found = terms(text)
    assert all(term and not any(letter.isspace() for letter in term) for term in found)
    assert indexed(text).split() == found


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20))
def test_a_stem_is_never_empty_nor_longer_than_its_word_and_an_e(word: str) -> None:
    assert 0 < len(stem(word)) <= len(word) + 1


def test_a_word_of_a_megabyte_is_one_short_term() -> None:
    assert len(terms("a" * 1_000_000)[0]) <= 64


@given(st.text())
def test_a_spelling_gives_its_term(text: str) -> None:
    for word, term in spellings(text):
        assert terms(word) == [term], (word, term)


def test_names_of_several_parts_are_no_spelling_of_one_term() -> None:
    assert dict(spellings("Uploads of max-file-bytes, uploading 优惠")) == {
        "uploads": "upload",
        "of": "of",
        "uploading": "upload",
        "优惠": "优惠",
    }
