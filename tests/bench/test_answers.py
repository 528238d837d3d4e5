"""The benchmark of answers: its questions are what it says, and on small trees of three scripts it holds up."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ANSWERS = Path(__file__).parents[2] / "bench" / "answers"
NAMES = ("controls", "questions", "run", "trees")
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

SPEC = """\
## Requirements

### Requirement: Lockout
The system SHALL lock an account after five wrong passwords.

#### Scenario: Fifth attempt
- **WHEN** the fifth password in a row is wrong
- **THEN** the account is locked

#### Scenario: Clerk
- **WHEN** a clerk unlocks the account by hand
- **THEN** the password may be tried again
"""


@pytest.fixture(scope="module")
def answers() -> Iterator[ModuleType]:
    """The module `run`, imported as a script imports it, and forgotten afterwards: other scripts have such names."""
    known = {name: sys.modules.pop(name, None) for name in NAMES}
    sys.path.insert(0, str(ANSWERS))
    try:
        import run  # type: ignore[import-not-found]

        yield run
    finally:
        sys.path.remove(str(ANSWERS))
        for name in NAMES:
            sys.modules.pop(name, None)
            if (module := known[name]) is not None:
                sys.modules[name] = module


def test_what_is_asked_is_nowhere_in_the_documents_any_more(answers: ModuleType) -> None:
    archived = "openspec/changes/archive/2026-01-01-add/specs/auth/spec.md"
    tree = answers.Tree(name="t", documents={"openspec/specs/auth/spec.md": SPEC.encode(), archived: SPEC.encode()})
    left_out, _, removed = answers.cases(tree, [tree])
    (asked,) = left_out.asked
    assert asked.gold == ("auth", "lockout")
    said = asked.text.removeprefix("What happens when ").rstrip("?")
    assert said in SPEC
    assert all(said not in data.decode() for data in left_out.documents.values())
    assert all(b"SHALL lock" in data for data in left_out.documents.values())
    assert all(b"SHALL lock" not in data for data in removed.documents.values())


@pytest.fixture(scope="module")
def every(answers: ModuleType) -> list[Any]:
    """All trees, once: what is looked for in the others is read in each of them."""
    return list(answers.trees())


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository")
@pytest.mark.parametrize("name", ["844196+chroma", "hawk86104+three-vue-tres", "talmolab+lablink"])
def test_the_right_requirement_is_found_more_often_than_by_plain_bm25_and_every_quote_is_literal(
    answers: ModuleType, every: list[Any], name: str
) -> None:
    tree = next(tree for tree in every if tree.name == name)
    outcomes = [o for case in answers.cases(tree, every) for o in answers.asked_of(tree, "checked", case)]
    known = [o for o in outcomes if o.asked.gold is not None]

    def found(system: str) -> int:
        return sum(0 < o.ranks[system] <= 5 for o in known)

    assert len(known) > 30
    assert found(answers.OURS) > found(answers.PLAIN)
    assert found(answers.OURS) >= 0.8 * len(known)
    assert sum(o.quotes for o in outcomes) > 0
    assert sum(o.false_quotes for o in outcomes) == 0
