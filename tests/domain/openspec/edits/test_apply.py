"""Several operations on one document."""

from __future__ import annotations

import random

import pytest

from tests.domain.openspec.edits.edited import SPEC, TASKS, edit, refusal, unchanged
from workflow_cli.domain.markdown.edit import Edit, apply
from workflow_cli.domain.markdown.source import Source, Span
from workflow_cli.domain.openspec.edits.apply import apply_operations
from workflow_cli.domain.openspec.edits.guard import refuse_moved_structure
from workflow_cli.domain.openspec.edits.ledger import Ledger
from workflow_cli.domain.openspec.edits.page import Page, PageKind
from workflow_cli.domain.openspec.edits.parse import parse_operations
from workflow_cli.errors import EditRefused


def test_each_operation_works_on_what_the_one_before_it_left() -> None:
    """A task that is added can be ticked at once."""
    edited = edit("tasks", TASKS, {"op": "add-task", "text": "New"}, {"op": "check-task", "task": "2.2"})
    assert edited.data.decode() == TASKS + "- [x] 2.2 New\n"
    assert edited.done == ('add task "- [ ] 2.2 New"', "check task 2.2")
    assert [e.replacement for e in edited.edits] == [b"- [x] 2.2 New\n"]


def test_what_is_done_and_undone_is_no_edit() -> None:
    """The document is what it was."""
    edited = edit("tasks", TASKS, {"op": "check-task", "task": "1.2"}, {"op": "uncheck-task", "task": "1.2"})
    assert edited.data == TASKS.encode()
    assert edited.edits == ()


def test_one_refusal_refuses_all() -> None:
    """Nothing of the list is kept."""
    refusal("tasks", TASKS, {"op": "check-task", "task": "1.2"}, {"op": "check-task", "task": "9.9"})


def test_the_loose_form_twice_changes_nothing() -> None:
    """Section, item and task are there."""
    operations = parse_operations({"performance_improvements": ["caching"], "add_x": True})
    once = apply_operations(PageKind.DESIGN, b"# D\n", operations)
    assert once.data == b"# D\n\n## Performance Improvements\n\n- caching\n\n## Tasks\n\n- [ ] Add x\n"
    again = apply_operations(PageKind.DESIGN, once.data, operations)
    assert (again.data, again.edits, len(again.unchanged)) == (once.data, (), 2)


def test_the_edits_of_a_chain_lead_from_the_first_text_to_the_last() -> None:
    """Wherever they fall, also into each other."""
    rng = random.Random(7)
    for _ in range(300):
        original = data = bytes(rng.choice(b"abcdef\n") for _ in range(rng.randint(0, 12)))
        ledger = Ledger(original)
        for _ in range(rng.randint(1, 5)):
            start = rng.randint(0, len(data))
            end = rng.randint(start, len(data))
            step = Edit(span=Span(start, end), replacement=bytes(rng.choice(b"XYZ") for _ in range(rng.randint(0, 3))))
            ledger.make([step])
            data = apply(Source(data), [step])
        assert apply(Source(original), ledger.edits) == data


@pytest.mark.parametrize("text", [b"```\n", b"<!--\n", b"## New\n"])
def test_the_last_look_sees_what_happened_to_other_headings(text: bytes) -> None:
    """A fence or comment that swallows them; a heading of the edit's own is not another's."""
    before = Page(SPEC.encode(), PageKind.SPEC)
    at = before.offset(3)
    step = Edit(span=Span(at, at), replacement=text)
    after = Page(apply(before.source, [step]), PageKind.SPEC)
    if text == b"## New\n":
        refuse_moved_structure(before, [step], after)
    else:
        with pytest.raises(EditRefused, match="elsewhere"):
            refuse_moved_structure(before, [step], after)


@pytest.mark.parametrize("kind", ["proposal", "design", "tasks", "other"])
def test_requirements_belong_to_specs_and_deltas(kind: str) -> None:
    """Everywhere else their operations are refused."""
    for operation in (
        {"op": "add-requirement", "name": "A", "text": "b"},
        {"op": "add-scenario", "requirement": "A", "name": "b", "text": "c"},
        {"op": "modify-requirement", "requirement": "A", "text": "b"},
        {"op": "rename-requirement", "requirement": "A", "to": "b"},
        {"op": "remove-requirement", "requirement": "A"},
    ):
        assert "holds no requirements" in refusal(kind, "# A\n", operation).message


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("openspec/specs/auth/spec.md", PageKind.SPEC),
        ("openspec/specs/changes/spec.md", PageKind.SPEC),
        ("openspec/changes/x/specs/area/auth/spec.md", PageKind.DELTA),
        ("openspec/changes/archive/2026-01-01-x/specs/auth/spec.md", PageKind.DELTA),
        ("openspec/changes/x/proposal.md", PageKind.PROPOSAL),
        ("openspec/changes/x/design.md", PageKind.DESIGN),
        ("openspec/changes/x/tasks.md", PageKind.TASKS),
        ("openspec/changes/x/notes.md", PageKind.OTHER),
        ("openspec/project.md", PageKind.OTHER),
    ],
)
def test_a_documents_kind_is_seen_in_its_path(path: str, kind: PageKind) -> None:
    """As OpenSpec lays trees out."""
    assert PageKind.of(path) is kind


def test_nothing_to_do_says_why() -> None:
    """One line for each operation."""
    assert unchanged("tasks", TASKS, {"op": "check-task", "task": "1.1"}, {"op": "add-task", "text": "Publish"})
