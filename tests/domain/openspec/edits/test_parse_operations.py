"""Lists of operations read from YAML or JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from workflow_cli.domain.openspec.edits.operation import (
    OPERATIONS,
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
from workflow_cli.domain.openspec.edits.parse import parse_edits, parse_operations, to_plain
from workflow_cli.errors import FaultyInput

EVERY_OPERATION: list[Operation] = [
    SetSection(section="A", text="b", create=True),
    AppendSection(section="A", bullet="b"),
    AppendSection(section="A", text="b"),
    AddRequirement(name="A", text="b", scenarios=(ScenarioText(name="S", text="- t"),)),
    AddScenario(requirement="A", name="S", text="- t"),
    ModifyRequirement(requirement="A", text="b"),
    ModifyRequirement(requirement="A", block="b"),
    RenameRequirement(requirement="A", to="B"),
    RemoveRequirement(requirement="A", reason="r", migration="m"),
    CheckTask(task="1.2"),
    UncheckTask(task="1.2"),
    AddTask(text="Do", group="G", create=True),
]


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files("workflow_cli").joinpath("schemas/edits.schema.json").read_text())
    return loaded


def fits(value: object) -> bool:
    return bool(jsonschema.Draft202012Validator(schema()).is_valid(value))


def faults(value: object) -> tuple[str, ...]:
    with pytest.raises(FaultyInput) as caught:
        parse_operations(value)
    return caught.value.faults


@pytest.mark.parametrize("operation", EVERY_OPERATION, ids=lambda operation: type(operation).__name__)
def test_every_operation_can_be_written_down_and_read_back(operation: Operation) -> None:
    """And what is written down fits the published schema."""
    plain = json.loads(json.dumps([to_plain(operation)]))
    assert parse_operations(plain) == [operation]
    assert fits(plain)


def test_the_schema_knows_every_operation_and_field() -> None:
    """Neither more nor fewer than the reader."""
    jsonschema.Draft202012Validator.check_schema(schema())
    for name, made in OPERATIONS.items():
        known = {field.name for field in fields(made)} | {"op", "path"}
        steps = {"given", "when", "then", "and"} if made is AddScenario else set()
        assert set(schema()["$defs"][name]["properties"]) == known | steps


def test_every_fault_is_reported_at_once_with_its_index_and_field() -> None:
    """A person mends them in one go."""
    assert faults(
        [
            {"op": "check-tsk", "task": "1"},
            {"op": "check-task"},
            {"op": "set-section", "section": "A", "txt": "b", "create": "yes"},
            {"op": "append-section", "section": "A", "text": "b", "bullet": "c"},
            "check-task",
            {"task": "1.2"},
        ]
    ) == (
        "edit 0: op: no operation 'check-tsk'; did you mean check-task?",
        "edit 1: task: missing",
        "edit 2: txt: unknown; did you mean text?",
        "edit 2: create: true or false was expected, not text",
        "edit 2: text: missing",
        "edit 3: exactly one of text and bullet was expected",
        "edit 4: a mapping was expected, not text",
        "edit 5: op: missing; one of " + ", ".join(OPERATIONS),
    )


@pytest.mark.parametrize(
    "value",
    [
        [{"op": "check-tsk", "task": "1"}],
        [{"op": "check-task"}],
        [{"op": "check-task", "task": 1.1}],
        [{"op": "append-section", "section": "A", "text": "b", "bullet": "c"}],
        [{"op": "append-section", "section": "A"}],
        [{"op": "modify-requirement", "requirement": "A"}],
        [{"op": "add-scenario", "requirement": "A", "name": "B"}],
        [{"op": "add-requirement", "name": "A", "text": "b", "scenarios": [{"name": "S"}]}],
        "check-task",
        7,
        {"a": [1]},
        {"a": 3},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(value: object) -> None:
    """An editor that knows the schema shows the fault first."""
    assert faults(value)
    assert not fits(value)


def test_a_task_number_without_quotes_is_refused() -> None:
    """YAML would take 1.10 for 1.1."""
    assert faults([{"op": "check-task", "task": 1.1}]) == ('edit 0: task: a number; put it in quotes, "1.1"',)


def test_steps_stand_for_a_scenarios_text() -> None:
    """In the order a reader expects, lists joined by AND."""
    item = {"op": "add-scenario", "requirement": "A", "name": "S", "then": ["c", "d"], "when": "b", "given": "a"}
    (operation,) = parse_operations([item])
    assert fits([item])
    assert operation == AddScenario(
        requirement="A", name="S", text="- **GIVEN** a\n- **WHEN** b\n- **THEN** c\n- **AND** d"
    )


def test_an_edit_may_name_its_document() -> None:
    """Only where the caller can use it."""
    item = {"op": "check-task", "task": "1.2", "path": "x/tasks.md"}
    assert [request.path for request in parse_edits([item])] == ["x/tasks.md"]
    assert faults([item]) == ("edit 0: path: unknown; one of task",)


def test_the_loose_form_is_a_list_of_operations_too() -> None:
    """Texts are list items, true is a task, false and nothing ask for nothing."""
    value = {
        "performance_improvements": ["caching", "pooling"],
        "add_x": True,
        "later": False,
        "why": "slow",
        "z": None,
    }
    assert fits(value)
    assert parse_operations(value) == [
        AppendSection(section="Performance Improvements", bullet="caching", create=True),
        AppendSection(section="Performance Improvements", bullet="pooling", create=True),
        AddTask(text="Add x", create=True),
        AppendSection(section="Why", bullet="slow", create=True),
    ]
