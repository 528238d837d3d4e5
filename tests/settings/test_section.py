"""Sections: values that do not change, defaults that are read when they are asked for."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from workflow_cli.settings import KEYS, SECTIONS, Settings
from workflow_cli.settings.kinds import FilePath, Word
from workflow_cli.settings.section import Section, key


class Asked(Word):
    """Counts how often a value is read."""

    def __init__(self) -> None:
        self.times = 0

    def parse(self, value: Any) -> str:
        self.times += 1
        return super().parse(value)


ASKED = Asked()


class Sample(Section):
    """Two keys."""

    word: str = key(ASKED, "plain", "A word.", "other")
    place: Path = key(FilePath(optional=False), "a/../b", "A place.", "c")


def test_a_default_is_read_once_and_only_where_it_is_asked_for() -> None:
    """However many keys there are, a command pays for those it looks at."""
    given, other = Sample({"word": "typed"}, Path("/tree")), Sample({}, Path("/tree"))
    assert given.word == "typed"
    assert ASKED.times == 0
    assert (other.word, other.word) == ("plain", "plain")
    assert ASKED.times == 1
    assert other.place == Path("/tree/b")


def test_a_setting_does_not_change() -> None:
    """Neither where it was given nor where it has its default."""
    sample = Sample({}, Path("/tree"))
    with pytest.raises(AttributeError, match="word is a setting"):
        sample.word = "other"
    settings = Settings({}, {}, start=Path("/tree"))
    with pytest.raises(AttributeError, match="strict is a setting"):
        settings.process.strict = True


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_is_cheap_to_make(section: str) -> None:
    """Every command makes all of them when it starts: a dataclass would cost it half a millisecond."""
    assert not dataclasses.is_dataclass(SECTIONS[section])
    kinds = {type(key.kind) for name, key in KEYS.items() if name.startswith(f"{section}.")}
    assert not [kind for kind in kinds if dataclasses.is_dataclass(kind)]
