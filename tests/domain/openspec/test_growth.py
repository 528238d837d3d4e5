"""The work grows with the size of a document and not with its square."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FrameType

import pytest

from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.check import check_change, check_spec
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.rule import SpecSubject
from workflow_cli.domain.openspec.rules.analyse import analyse_spec, summarise
from workflow_cli.domain.openspec.rules.catalogue import rules_for
from workflow_cli.domain.openspec.spec import read_spec


def requirements(first: int, count: int) -> str:
    return "\n".join(
        f"### Requirement: Check {n}\nThe monitor SHALL run check `c{n}` on host {n} every {n} seconds and keep it.\n\n"
        f"#### Scenario: Run {n}\n- **WHEN** {n} seconds have passed\n- **THEN** check {n} runs once\n"
        for n in range(first, first + count)
    )


def spec(count: int) -> Document:
    text = "# checks\n\n## Purpose\nSays which checks the monitor runs, where, and how often it runs them.\n\n"
    return Document(
        file="openspec/specs/checks/spec.md", data=f"{text}## Requirements\n\n{requirements(1, count)}".encode()
    )


def change(count: int) -> Change:
    delta = Document(
        file="openspec/changes/more/specs/checks/spec.md",
        data=f"## ADDED Requirements\n\n{requirements(count + 1, count)}".encode(),
    )
    return Change(name="more", directory="openspec/changes/more", delta_documents=(("checks", delta),))


def calls(work: Callable[[], object]) -> int:
    """How many calls `work` makes, of Python functions, generators' steps and built-in functions alike."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def validate_spec(count: int) -> Callable[[], object]:
    document = spec(count)
    return lambda: check_spec(read_spec("checks", document))


def rehearse_change(count: int) -> Callable[[], object]:
    main, adding = spec(count), change(count)
    return lambda: check_change(adding, lambda _id: main)


def analyse(count: int) -> Callable[[], object]:
    subject = read_spec("checks", spec(count))
    rules = rules_for()
    return lambda: analyse_spec(SpecSubject(spec=subject, tree=summarise([subject], [])), rules)


@pytest.mark.parametrize("work", [validate_spec, rehearse_change, analyse])
def test_twice_the_requirements_take_twice_the_calls(work: Callable[[int], Callable[[], object]]) -> None:
    """Calls are counted, not timed. The first run pays for what is imported and compiled once."""
    work(10)()
    once, twice = calls(work(100)), calls(work(200))
    assert once > 1_000
    assert twice < 2.2 * once


class Reader:
    """A pattern that counts the characters it looks at."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.seen = 0

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        found = self._pattern.search(text, start)
        self.seen += (found.end() if found else len(text)) - start
        return found

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        self.seen += len(text)
        return self._pattern.finditer(text)


@pytest.mark.parametrize(
    ("rule", "pattern", "words"),
    [
        ("passive_without_actor", "rules.passive_without_actor:_ACTOR", "it shall be handled"),
        ("superlative", "rules.superlative:_NAMED_BY", "the best way"),
        ("vague_comparative", "rules.vague_comparative:_MEASURED", "a better way"),
        ("weak_modal", "requirement:_KEYWORD", "it should work"),
    ],
)
def test_a_sentence_is_not_read_anew_for_each_of_its_words(
    monkeypatch: pytest.MonkeyPatch, rule: str, pattern: str, words: str
) -> None:
    """One line may hold a whole document, and no full stop."""
    place, name = pattern.split(":")
    module = import_module(f"workflow_cli.domain.openspec.{place}")
    reader = Reader(getattr(module, name))
    monkeypatch.setattr(module, name, reader)
    line = f"When people wait {words} " + f"and {words} " * 2_000
    text = f"# a\n\n## Purpose\nSays what it does.\n\n## Requirements\n\n### Requirement: A\n{line}\n"
    checked = import_module(f"workflow_cli.domain.openspec.rules.{rule}").RULE
    subject = read_spec("a", Document("openspec/specs/a/spec.md", text.encode()))
    found = analyse_spec(SpecSubject(spec=subject, tree=summarise([subject], [])), [checked])
    assert len(list(found)) >= 1_000, "each of the words is asked about"
    assert 0 < reader.seen <= 4 * len(line)
