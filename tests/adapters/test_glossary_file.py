"""A glossary is written by hand, in either of two forms, and a mistake in it is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_cli.adapters.glossary_file import load_glossary
from workflow_cli.domain.answering.glossary import Glossary
from workflow_cli.errors import DocumentError


def load(tmp_path: Path, text: str) -> Glossary:
    path = tmp_path / "openspec" / "glossary.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return load_glossary(path, tmp_path, max_file_bytes=1 << 20)


def test_a_list_of_groups(tmp_path: Path) -> None:
    glossary = load(tmp_path, "# ours\n- [login, sign-in, anmelden]\n- [账户, account]\n")
    assert glossary.same["login",] == (("sign", "in"), ("anmelden",))
    assert glossary.same["account",] == (("账户",),)


def test_a_mapping_from_a_word_to_others(tmp_path: Path) -> None:
    assert load(tmp_path, "login: [sign-in]\nuser: member\n").same["member",] == (("user",),)


def test_no_file_and_an_empty_file_are_an_empty_glossary(tmp_path: Path) -> None:
    assert not load_glossary(tmp_path / "none.yaml", tmp_path, max_file_bytes=1)
    assert not load(tmp_path, "")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("- login\n", "openspec/glossary.yaml:1"),
        ("- [a]\n- [[b]]\n", "openspec/glossary.yaml:2"),
        ("a: [x]\nb: {c: d}\n", "openspec/glossary.yaml:2"),
        ("word\n", "openspec/glossary.yaml"),
    ],
)
def test_what_is_no_glossary_is_told_with_its_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load(tmp_path, text)
    assert caught.value.where == where
    assert caught.value.hint
