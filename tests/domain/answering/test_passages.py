"""Passages are true to their file: lines, address, hash, text."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_cli.domain.answering.passage import Passage, PassageKind
from workflow_cli.domain.answering.passages import Belonging, belonging_of, cut
from workflow_cli.domain.markdown.address import places
from workflow_cli.domain.markdown.parse import parse
from workflow_cli.domain.markdown.source import Source

SPEC = """\
# Auth

Words before.

## Requirements

### Requirement: Login
The system SHALL lock.

```
#### Scenario: not one
```
<!--
### Requirement: Neither
-->

#### Scenario: Bad password
- **WHEN** it is wrong

#### Without the label
- **WHEN** it is right
"""
TASKS = """\
## 1. Build

Begin here.

- [ ] 1.1 First
  - more of it
- [x] 1.2 Second

## 2. Empty
"""
CORPUS = Path(__file__).parents[4] / "shared" / "corpus"


def passages(text: str | bytes, path: str = "openspec/specs/auth/spec.md") -> list[Passage]:
    return [one.passage for one in cut(path, text.encode() if isinstance(text, str) else text)]


def test_a_spec_is_cut_at_its_headings_and_not_at_what_looks_like_one() -> None:
    found = passages(SPEC)
    assert [(p.kind, p.title, p.line, p.end_line) for p in found] == [
        (PassageKind.SECTION, "Auth", 1, 3),
        (PassageKind.REQUIREMENT, "Requirement: Login", 7, 15),
        (PassageKind.SCENARIO, "Scenario: Bad password", 17, 18),
        (PassageKind.SCENARIO, "Without the label", 20, 21),
    ]
    assert found[2].address == (
        "openspec/specs/auth/spec.md#Auth > Requirements > Requirement: Login > Scenario: Bad password"
    )
    assert found[2].capability == "auth"


def test_a_task_list_is_cut_at_its_numbered_tasks() -> None:
    found = passages(TASKS, "openspec/changes/add-x/tasks.md")
    assert [(p.kind, p.title, p.line, p.end_line, p.change) for p in found] == [
        (PassageKind.SECTION, "1. Build", 1, 3, "add-x"),
        (PassageKind.TASK, "1.1 First", 5, 6, "add-x"),
        (PassageKind.TASK, "1.2 Second", 7, 7, "add-x"),
    ]


def test_text_before_the_first_heading_belongs_to_the_document() -> None:
    (found,) = passages("Just words.\n", "openspec/project.md")
    assert (found.address, found.title, found.line) == ("openspec/project.md", "project", 1)


@pytest.mark.parametrize(
    ("path", "belonging"),
    [
        ("openspec/specs/auth/spec.md", Belonging(capability="auth")),
        ("openspec/specs/auth/login/spec.md", Belonging(capability="auth/login")),
        ("openspec/changes/add-x/proposal.md", Belonging(change="add-x")),
        ("openspec/changes/add-x/specs/auth/spec.md", Belonging(capability="auth", change="add-x")),
        (
            "openspec/changes/archive/2026-01-02-add-x/specs/auth/spec.md",
            Belonging(capability="auth", change="2026-01-02-add-x", archived=True),
        ),
        ("openspec/changes/archive/notes.md", Belonging()),
        ("openspec/project.md", Belonging()),
    ],
)
def test_the_path_tells_where_a_document_belongs(path: str, belonging: Belonging) -> None:
    assert belonging_of(path) == belonging


def hold_true(path: str, data: bytes) -> None:
    source = Source(data)
    document = parse(source)
    # What `resolve` finds, for all addresses at once: asking it for each takes a time that grows with the square.
    known = {str(place.address(path)): place.node for place in places(document)} | {path: document}
    last = 0
    covered: set[int] = set()
    for passage in passages(data, path):
        assert last < passage.line <= passage.end_line <= source.lines
        last = passage.end_line
        covered |= set(range(passage.line - 1, passage.end_line))
        span = source.lines_span(passage.line - 1, passage.end_line)
        own = data[span.start : span.end]
        assert passage.section_hash == hashlib.sha256(own).hexdigest()
        assert passage.text == own.decode("utf-8", "replace").removeprefix("\ufeff")
        assert known[passage.address].first_line == passage.line - 1 or passage.address == path
    headings = {
        line for node in document.walk() if node.title is not None for line in range(node.first_line, node.end_line)
    }
    for line in set(range(source.lines)) - covered - headings:
        assert not source.data[source.line_span(line).start : source.line_span(line).end].strip()


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                *("# A", "## B", "### Requirement: R", "#### Scenario: S", "Title\n===", "- [ ] 1.1 t", "- [x] 2.1 u"),
                *("  - [ ] 1.1.1 v", "```", "~~~", "<!--", "-->", "    code", "", "text", "> - [ ] 3.1 q", "---", "\t"),
                *("# A > B [2]", "##", "\x00\x1b[31m", "1.2 no box", "- 1.3 no box", "\u2028", "\ufeff"),
            ]
        ),
        max_size=30,
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_passages_are_true_to_any_document(lines: list[str], end: str) -> None:
    hold_true("openspec/specs/a/spec.md", end.join(lines).encode())


@given(st.binary(max_size=300))
def test_passages_are_true_to_any_bytes(data: bytes) -> None:
    hold_true("openspec/specs/a/spec.md", data)


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus beside the repository")
def test_passages_are_true_to_real_documents() -> None:
    for tree in sorted(CORPUS.iterdir()):
        for path in sorted(tree.glob("openspec/**/*.md")):
            hold_true(path.relative_to(tree).as_posix(), path.read_bytes())


@pytest.mark.parametrize(
    "data",
    [
        b"## H\n" * 10_000,
        b"# H\n\n" + b"a" * 1_000_000,
        b"# H\n" + b"\x00\x01\x1b[2J" * 1_000,
        b"### Requirement: \xff\xfe\nx\n",
        b"- [ ] 1.1 a\n" * 5_000,
        b"> " * 5_000 + b"# deep",
    ],
    ids=["headings", "line", "control", "no UTF-8", "tasks", "quotes"],
)
def test_hostile_documents_are_cut_like_any_other(data: bytes) -> None:
    hold_true("openspec/specs/a/spec.md", data)
