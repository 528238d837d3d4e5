"""What a question asks about: its telling words, in every form the glossary knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.glossary import read_glossary
from workflow_cli.domain.answering.query import MOST_THINGS, Thing, read_question
from workflow_cli.domain.words.stop_words import _FRENCH, without_asking
from workflow_cli.domain.words.terms import terms


def asked(text: str, *groups: list[str]) -> list[tuple[tuple[str, ...], ...]]:
    return [thing.forms for thing in read_question(text, read_glossary(groups))]


def test_words_that_only_ask_are_left_out() -> None:
    assert asked("What happens when the password is wrong?") == [(("password",),), (("wrong",),)]
    assert asked("¿Qué pasa cuando la contraseña es incorrecta?") == asked("contraseña incorrecta")
    assert asked("如何锁定账户？") == asked("锁定账户")
    assert asked("アカウントはどのように") == asked("アカウントは")
    assert asked("谁锁定账户？") == asked("锁定账户")
    assert asked("¿Cuántas cuentas?") == asked("cuentas")


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Was passiert, wenn das Passwort falsch ist?", "Passwort falsch"),
        ("Que se passe-t-il quand le mot de passe est faux ?", "mot passe faux"),
        ("Qu’est-ce qui se passe si le compte existe ?", "compte existe"),
        ("L'utilisateur peut-il annuler ?", "L utilisateur annuler"),
        ("O que acontece quando a senha expira?", "senha expira"),
        ("Cosa succede quando la sessione scade?", "sessione scade"),
        ("Co się dzieje, gdy hasło wygasa?", "hasło wygasa"),
        ("Parola yanlış ise ne olur?", "Parola yanlış"),
        ("Điều gì xảy ra khi mật khẩu trống?", "ra mật khẩu trống"),
        ("비밀번호가 틀리면 어떻게 됩니까?", "비밀번호가 틀리면"),
    ],
)
def test_what_asks_is_left_out_in_many_languages(question: str, about: str) -> None:
    """Nowhere in a document, it would count as what weighs most and is missing."""
    assert asked(question) == [((term,),) for term in terms(about)]


def test_french_pronouns_that_hang_on_are_no_part_of_english_names() -> None:
    assert (("signon",), ("sign", "on")) in asked("sign-on of the add-on")


def test_a_question_of_nothing_but_such_words_keeps_them() -> None:
    assert asked("who is it") == [(("who",),), (("is",),), (("it",),)]


def test_a_lone_letter_of_a_script_without_spaces_is_left_out_where_there_is_more() -> None:
    """In documents it stands among others, where only pairs are found."""
    assert [thing.forms[0] for thing in read_question("登录时")] == [("登录",), ("录时",)]
    assert [thing.forms[0] for thing in read_question("当 fetch 时会发生什么")] == [("fetch",), ("时",)][:1]
    assert [thing.forms[0] for thing in read_question("锁")] == [("锁",)]


def test_each_thing_counts_once() -> None:
    assert asked("lock locks locked") == [(("lock",),)]


def test_a_word_of_the_glossary_stands_for_all_of_its_group() -> None:
    forms = asked("How does sign in work?", ["login", "sign in", "authentication"])
    assert forms == [(("sign", "in"), ("login",), ("authent",)), (("work",),)]


def test_a_name_of_several_parts_may_be_written_as_words() -> None:
    assert asked("max-file-bytes")[-1] == (("maxfilebytes",), ("max", "file", "byte"))
    assert asked("What is a sign-in?", ["login", "sign-in"])[0] == (("sign", "in"), ("login",))


def test_a_form_of_several_words_needs_all_of_them() -> None:
    thing = Thing(forms=(("login",), ("sign", "in")))
    assert thing.is_in(frozenset({"sign", "in", "x"}))
    assert not thing.is_in(frozenset({"sign"}))


def test_another_form_of_a_word_begins_as_it_does() -> None:
    """In questions of languages whose endings are more than stems take away, and there for words alone."""
    asks = "¿Qué pasa cuando el usuario registra el plan 12345a?"
    word = next(thing for thing in read_question(asks) if thing.forms == (("registr",),))
    assert word.is_alike("registrad")
    assert word.is_alike("registro")
    assert not word.is_alike("registracion")
    assert not word.is_alike("regimen")
    assert not word.is_in({"registrad"})
    assert [thing.beginning for thing in read_question(asks)] == ["usuar", "regis", "", ""]


@pytest.mark.parametrize(
    "question",
    [
        "What happens when the user updates the configuration?",
        "Kullanıcı parola ile giriş yaparsa ne olur?",
        "Co się dzieje, gdy użytkownik aktualizuje plan do wersji?",
        "当用户更新配置时会发生什么？",
        "configuración",
    ],
)
def test_of_other_questions_a_word_is_known_by_its_stem_alone(question: str) -> None:
    """English stems are Porter's; in Turkish and Polish a beginning holds too many words; of one word nothing tells."""
    assert {thing.beginning for thing in read_question(question)} == {""}


@given(st.text(alphabet="abcdeiou", min_size=5, max_size=12), st.text(alphabet="abcdeiou", max_size=12))
def test_words_are_alike_where_most_letters_of_the_longer_one_are_the_same(word: str, other: str) -> None:
    for thing in (t for t in read_question(f"el la los {word} de que cuando") if t.beginning):
        other = thing.beginning + other
        (asked_for,) = thing.forms[0]
        same = max(n for n in range(len(other) + 1) if asked_for.startswith(other[:n]))
        assert thing.is_alike(other) == (same >= 5 and same >= 0.7 * max(len(other), len(asked_for)))


def test_a_question_as_long_as_a_document_is_bounded() -> None:
    assert len(read_question(" ".join(f"word{n}x" for n in range(10_000)))) == MOST_THINGS


@given(st.text(), st.lists(st.lists(st.text(), max_size=4), max_size=4))
def test_any_question_and_glossary_can_be_read(text: str, groups: list[list[str]]) -> None:
    for thing in read_question(text, read_glossary(groups)):
        assert thing.forms
        assert all(thing.forms)


@given(st.lists(st.sampled_from(["que", "qui", "se", "passe", "produit", "est", "ce", "t", "il", "-", " ", "'", "Se"])))
def test_the_short_way_misses_no_french(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert without_asking(text) == _FRENCH.sub(" ", text)
