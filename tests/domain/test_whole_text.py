"""Bytes of a name that are no UTF-8 look the same wherever they are shown or kept."""

from __future__ import annotations

import json
import os

from workflow_cli.domain.whole_text import whole_text


def test_a_byte_that_is_no_utf8_is_shown_as_results_show_it() -> None:
    name = os.fsdecode(b"caf\xe9 \xc3\xa9")
    assert whole_text(name) == "caf\\udce9 é"
    assert json.dumps(name, ensure_ascii=False).encode("utf-8", "backslashreplace").decode() == f'"{whole_text(name)}"'


def test_whole_characters_stay() -> None:
    assert whole_text("認証 plain") == "認証 plain"
