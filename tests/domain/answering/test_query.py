"""What a question asks about: its telling words, in every form the glossary knows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflow_cli.domain.answering.glossary import read_glossary
from workflow_cli.domain.answering.query import MOST_THINGS, Thing, read_question


def asked(text: str, *groups: list[str]) -> list[tuple[tuple[str, ...], ...]]:
    return [thing.forms for thing in read_question(text, read_glossary(groups))]


def test_words_that_only_ask_are_left_out() -> None:
    assert asked("What happens when the password is wrong?") == [(("password",),), (("wrong",),)]
    assert asked("¿Qué pasa cuando la contraseña es incorrecta?") == asked("contraseña incorrecta")
    assert asked("如何锁定账户？") == asked("锁定账户")
    assert asked("アカウントはどのように") == asked("アカウントは")
    assert asked("谁锁定账户？") == asked("锁定账户")
    assert asked("¿Cuántas cuentas?") == asked("cuentas")


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


def test_a_question_as_long_as_a_document_is_bounded() -> None:
    assert len(read_question(" ".join(f"word{n}x" for n in range(10_000)))) == MOST_THINGS


@given(st.text(), st.lists(st.lists(st.text(), max_size=4), max_size=4))
def test_any_question_and_glossary_can_be_read(text: str, groups: list[list[str]]) -> None:
    for thing in read_question(text, read_glossary(groups)):
        assert thing.forms
        assert all(thing.forms)
