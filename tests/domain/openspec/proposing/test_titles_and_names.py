"""Titles on one line, and the names made from them."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.openspec.proposing.asking import ASKINGS
from workflow_cli.domain.openspec.proposing.naming import (
    KEBAB,
    change_name,
    check_change_name,
    is_partly_spelled,
    new_capability,
)
from workflow_cli.domain.openspec.proposing.title import LONGEST, clean_title
from workflow_cli.domain.openspec.proposing.wording import WORDINGS
from workflow_cli.domain.openspec.purpose import MIN_LENGTH
from workflow_cli.domain.openspec.requirement import has_keyword
from workflow_cli.domain.openspec.text import utf16_length
from workflow_cli.errors import UsageError


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Add two-factor login", "add-two-factor-login"),
        ("Two-factor login", "add-two-factor-login"),
        ("Fix the crash of `openspec list`", "fix-crash-openspec-list"),
        ("Añadir autenticación", "anadir-autenticacion"),
        ("Удалить отчёты", "udalit-otchyoty"),
        ("Größere Straßen", "grossere-strassen"),
        ("The shop SHALL send receipts", "add-shop-send-receipts"),
        ("支持离线导出", "zhi-chi-li-xian-dao-chu"),
        ("支持 CSV 导出", "zhi-chi-csv-dao-chu"),
        ("为 API 添加 rate limit", "api-rate-limit"),
        ("ログイン画面にレート制限を追加", "roguin-reto"),
        ("フォーム・キャッシュ", "fomu-kyasshu"),
        ("ウェブとパーティーのジャッジ", "webu-pati-jajji"),
        ("ファイルを CSV で書き出す", "fairu-csv"),
        ("오프라인", "o-peu-la-in"),
        ("Προσθήκη", "prosthiki"),
    ],
)
def test_a_name_is_made_of_the_words_of_the_title(title: str, name: str) -> None:
    assert change_name(title, with_verb=True) == name


@pytest.mark.parametrize(
    ("title", "begins"),
    [
        ("書き出しを追加", "proposal"),
        ("限流を追加する", "proposal"),
        ("オフラインの書き出し", "ofurain"),
        ("APIの制限", "api"),
    ],
)
def test_what_cannot_be_spelled_is_stood_for_by_six_digits(title: str, begins: str) -> None:
    """Japanese characters have no sound of their own; two titles give two names, and one title always the same."""
    name = change_name(title, with_verb=True)
    assert re.fullmatch(rf"{begins}-[0-9a-f]{{6}}", name)
    assert change_name(title, with_verb=True) == name
    assert change_name(title + "二", with_verb=True) != name
    assert is_partly_spelled(title)


@pytest.mark.parametrize("title", ["Add login", "Удалить отчёты", "支持离线导出", "レート・リミット", "오프라인"])
def test_what_is_spelled_in_full(title: str) -> None:
    assert not is_partly_spelled(title)


def test_a_title_without_letters_gives_no_name() -> None:
    with pytest.raises(UsageError) as caught:
        change_name("!?", with_verb=True)
    assert "--id" in (caught.value.hint or "")


def test_a_capability_is_what_the_title_is_about() -> None:
    assert new_capability("Add a rate limit for the public API of ours", "x") == "rate-limit-public-api"
    assert new_capability("添加导出", "2026-01-01-add-export") == "export"


@given(st.text())
def test_every_title_gives_a_name_or_one_error(text: str) -> None:
    """Names are what `openspec new change` takes."""
    try:
        title = clean_title(text)
        name = change_name(title, with_verb=True)
    except UsageError:
        return
    assert len(title) <= LONGEST
    assert "\n" not in title
    assert KEBAB.fullmatch(name)
    check_change_name(name)


def test_every_language_asks_too() -> None:
    """With the words it is given."""
    assert ASKINGS.keys() == WORDINGS.keys()
    for words in ASKINGS.values():
        for name, text in ((field.name, getattr(words, field.name)) for field in fields(words)):
            filled = text.format(title="@", name="@", names="@", heading="@", chosen="@", other="@")
            assert ("@" in filled) is ("{" in getattr(ASKINGS["en"], name)), (name, text)


@pytest.mark.parametrize("language", WORDINGS)
def test_every_language_says_what_openspec_needs(language: str) -> None:
    """A statement and a frame with SHALL, a Purpose that is long enough, and a Why that archiving likes."""
    words = WORDINGS[language]
    assert has_keyword(words.statement.format(title="x"))
    assert has_keyword(words.frame)
    assert utf16_length(words.purpose.format(capability="x", change="x")) >= MIN_LENGTH
    assert utf16_length(words.why_open.format(title="x")) >= MIN_LENGTH
    for sentence in (words.when, words.build_task, words.test_task):
        assert "Some name" in sentence.format(name="Some name")
