"""Laws of edits by meaning, over real documents: random operations, and what must hold after each of them.

`WORKFLOW_EDIT_SEQUENCES=2000` runs that many sequences; the suite runs a few.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.markdown.source import BOM, Source, Span
from workflow_cli.domain.openspec.delta import read_delta
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.edits.apply import Edited, apply_operations
from workflow_cli.domain.openspec.edits.operation import (
    AddRequirement,
    AddScenario,
    AddTask,
    AppendSection,
    CheckTask,
    ModifyRequirement,
    Operation,
    RemoveRequirement,
    RenameRequirement,
    ScenarioText,
    SetSection,
    UncheckTask,
)
from workflow_cli.domain.openspec.edits.page import PageKind
from workflow_cli.domain.openspec.finding import Level
from workflow_cli.domain.openspec.requirement import Requirement, Scenario
from workflow_cli.domain.openspec.spec import read_spec
from workflow_cli.domain.openspec.tasks import read_task
from workflow_cli.domain.openspec.validate_spec import validate_spec
from workflow_cli.errors import AddressAmbiguous, AddressNotFound, EditRefused

CORPUS = Path(__file__).parents[2] / ".." / "shared" / "corpus"
SEQUENCES = int(os.environ.get("WORKFLOW_EDIT_SEQUENCES", "60"))
REFUSALS = (EditRefused, AddressNotFound, AddressAmbiguous)

pytestmark = pytest.mark.corpus


@cache
def corpus_files() -> list[Path]:
    return sorted(p for p in CORPUS.rglob("*.md") if "openspec" in p.parts and p.is_file() and not p.is_symlink())


def described(data: bytes, kind: PageKind) -> dict[str, list[tuple[str, str, tuple[str, ...]]]]:
    """Requirements by where they stand: name, statement, and scenarios with their bodies."""

    def of(found: tuple[Requirement, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(r.name, r.text, tuple(said(s) for s in r.scenarios)) for r in found]

    def said(scenario: Scenario) -> str:
        # A rule that parts requirements is no part of either, though OpenSpec counts it to the one before.
        body = "\n".join(scenario.body).strip().removesuffix("---").strip()
        return f"{scenario.name}\n{body}"

    document = Document("x.md", data)
    if kind is PageKind.SPEC:
        return {"": of(read_spec("", document).requirements)}
    if kind is not PageKind.DELTA:
        return {}
    delta = read_delta("", document)
    return {
        "ADDED": of(delta.added),
        "MODIFIED": of(delta.modified),
        "REMOVED": [(r.name, "", ()) for r in delta.removed],
        "RENAMED": [(f"{r.source}>{r.target}", "", ()) for r in delta.renamed],
    }


def tasks_of(data: bytes) -> list[tuple[bool, str]]:
    source = Source(data)
    found = (read_task(source.line_text(line)) for line in range(source.lines))
    return [(task.done, task.description) for task in found if task]


def random_operation(rng: random.Random, data: bytes, kind: PageKind, serial: int) -> Operation:
    texts = (
        "The system SHALL do it.",
        "It MUST hold.\n\n- one\n- two",
        "Das System MUSS es tun (SHALL).\n\n```\n# no heading\n```",
        "## Requirements\nsmuggled",
        "```\nnever closed",
        "Under a line\n---",
        "<!-- open",
    )
    text = rng.choice(texts[:3] if rng.random() < 0.85 else texts)
    here = described(data, kind)
    names = [entry[0] for found in here.values() for entry in found] or ["nothing"]
    name = rng.choice([*names, f"Of chance {serial}"])
    tasks = [description for _, description in tasks_of(data)] or ["1.1"]
    headings = [
        line.lstrip("# ") for line in Document("x.md", data).lines if line.startswith("#") and line.lstrip("# ")
    ]
    section = rng.choice([*headings, "Of chance"])
    scenario = ScenarioText(name=f"Case {serial}", text="- **WHEN** it happens\n- **THEN** it is so")
    general: list[Operation] = [
        SetSection(section=section, text=text, create=rng.random() < 0.5),
        AppendSection(section=section, text=text, create=rng.random() < 0.5),
        AppendSection(section=section, bullet=f"point {serial}", create=rng.random() < 0.5),
        CheckTask(task=rng.choice(tasks)),
        UncheckTask(task=rng.choice(tasks)),
        AddTask(text=f"Do it {serial}", create=True),
    ]
    requirements: list[Operation] = [
        AddRequirement(name=f"Of chance {serial}", text=text, scenarios=(scenario,)),
        AddScenario(requirement=name, name=f"Case {serial}", text=scenario.text),
        ModifyRequirement(requirement=name, text=text),
        ModifyRequirement(requirement=name, block=f"{text}\n\n#### Scenario: Case {serial}\n{scenario.text}"),
        RenameRequirement(requirement=name, to=f"Renamed {serial}"),
        RemoveRequirement(requirement=name, reason="Replaced."),
    ]
    if kind in (PageKind.SPEC, PageKind.DELTA):
        return rng.choice(requirements * 2 + general)
    return rng.choice(general)


def dressed(rng: random.Random, data: bytes) -> bytes:
    """The document as some editors would save it."""
    if rng.random() < 0.25:
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if rng.random() < 0.2:
        data = data.rstrip(b"\r\n")
    if rng.random() < 0.15 and not data.startswith(BOM):
        data = BOM + data
    return data


def inverse(data: bytes, edited: Edited) -> list[Edit]:
    """The edits that put back what was there."""
    found, shift = [], 0
    for edit in edited.edits:
        start = edit.span.start + shift
        found.append(
            Edit(
                span=Span(start, start + len(edit.replacement)),
                replacement=data[edit.span.start : edit.span.end],
            )
        )
        shift += len(edit.replacement) - edit.span.len
    return found


def check(before: bytes, kind: PageKind, operation: Operation, edited: Edited) -> None:
    """Every law that one operation must keep."""
    after = edited.data
    assert apply(Source(before), edited.edits) == after
    assert apply(Source(after), inverse(before, edited)) == before
    assert after.startswith(BOM) == before.startswith(BOM)
    if b"\r\n" in before and b"\n" not in before.replace(b"\r\n", b""):
        assert b"\n" not in after.replace(b"\r\n", b""), "a line end of another kind came in"
    if before and after:
        assert before.endswith((b"\n", b"\r")) == after.endswith((b"\n", b"\r")) or not before.strip(BOM)
    again = apply_operations(kind, after, [operation]) if not isinstance(operation, RemoveRequirement) else None
    assert again is None or again.edits == ()
    check_meaning(before, kind, operation, edited)
    if kind is PageKind.SPEC and not isinstance(operation, SetSection | AppendSection):
        assert errors(after) <= errors(before), "what was valid is valid no longer"


def errors(data: bytes) -> int:
    spec = read_spec("x", Document("x.md", data))
    return sum(finding.level is Level.ERROR for finding in validate_spec(spec))


def check_meaning(before: bytes, kind: PageKind, operation: Operation, edited: Edited) -> None:
    old, new = described(before, kind), described(edited.data, kind)
    removed_bytes = b"".join(before[e.span.start : e.span.end] for e in edited.edits)
    old_names = Counter(entry for found in old.values() for entry in found)
    new_names = Counter(entry for found in new.values() for entry in found)
    gone, come = old_names - new_names, new_names - old_names
    match operation:
        case CheckTask() | UncheckTask():
            changed = [(a, b) for a, b in zip(tasks_of(before), tasks_of(edited.data), strict=True) if a != b]
            assert len(changed) == len(edited.edits) <= 1
            assert all(b == (isinstance(operation, CheckTask), a[1]) for a, b in changed)
            assert len(removed_bytes) <= 4
        case AddTask():
            assert not removed_bytes
            came = Counter(tasks_of(edited.data)) - Counter(tasks_of(before))
            assert sum(came.values()) == len(edited.edits)
            assert all(operation.text in words and not done for done, words in came)
        case AddRequirement(name=name):
            assert not removed_bytes
            assert not gone
            assert [entry[0] for entry in come] == ([name] if edited.edits else [])
        case AddScenario(name=name):
            assert not removed_bytes
            assert len(gone) == len(come) == len(edited.edits)
            for was, now in zip(gone, come, strict=True):
                assert was[:2] == now[:2]
                assert [said.startswith(name) for said in set(now[2]) - set(was[2])] == [True]
        case ModifyRequirement(text=text) if text is not None:
            assert len(gone) == len(come) <= 1
            for was, now in zip(gone, come, strict=True):
                assert (was[0], was[2]) == (now[0], now[2])
        case ModifyRequirement():
            assert len(gone) == len(come) <= 1
            assert all(was[0] == now[0] for was, now in zip(gone, come, strict=True))
        case RenameRequirement(to=to):
            assert all(to in entry[0] for entry in come)
            assert {entry[1:] for entry in gone} <= {entry[1:] for entry in come}
        case RemoveRequirement():
            assert len(gone) <= 1
            assert len(come) <= 1
        case AppendSection():
            assert not removed_bytes
        case _:
            pass


def run_sequence(seed: int) -> Counter[str]:
    rng = random.Random(seed)
    path = rng.choice(corpus_files())
    kind = PageKind.of(path.relative_to(CORPUS).as_posix())
    original = dressed(rng, path.read_bytes())
    tally: Counter[str] = Counter()
    data = original
    undo: list[tuple[bytes, Edited]] = []
    operations: list[Operation] = []
    for serial in range(rng.randint(1, 6)):
        operation = random_operation(rng, data, kind, serial)
        try:
            edited = apply_operations(kind, data, [operation])
        except REFUSALS as refusal:
            tally[f"refused {type(refusal).__name__}"] += 1
            continue
        check(data, kind, operation, edited)
        tally["done" if edited.edits else "unchanged"] += 1
        operations.append(operation)
        undo.append((data, edited))
        data = edited.data
    together = apply_operations(kind, original, operations)
    assert together.data == data
    assert apply(Source(original), together.edits) == data
    for before, edited in reversed(undo):
        data = apply(Source(data), inverse(before, edited))
    assert data == original
    return tally


@pytest.mark.parametrize("part", range(4))
def test_random_edits_of_real_documents_touch_what_they_name_and_nothing_else(part: int) -> None:
    """Untouched bytes stay, the document then says what the edit said, and the way back leads to the original."""
    if not corpus_files():
        pytest.skip("the corpus is not there")
    tally: Counter[str] = Counter()
    for seed in range(part, SEQUENCES, 4):
        try:
            tally += run_sequence(seed)
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
    assert tally["done"] > sum(tally.values()) / 4, tally
