"""`.openspec.yaml` and workflow schemas, as strict as OpenSpec reads them."""

from __future__ import annotations

import pytest

from workflow_cli.domain.openspec.metadata import Marker, Metadata, metadata_problem, read_marker
from workflow_cli.domain.openspec.schema import InvalidSchema, read_schema

LOADABLE = frozenset({"spec-driven"})
ARTIFACT = {"id": "a", "generates": "a.md", "description": "d", "template": "t.md"}
SCHEMA = {"name": "s", "version": 1, "artifacts": [ARTIFACT]}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        {},
        {"schema": 1},
        {"schema": ""},
        {"schema": "s", "created": "2026-1-1"},
        {"schema": "s", "goal": ""},
        {"schema": "s", "affected_areas": [""]},
        {"schema": "s", "initiative": {"store": "A", "id": "b"}},
        {"schema": "s", "initiative": {"store": "a", "id": "b", "x": 1}},
        {"schema": "s", "skip_specs": "yes"},
    ],
)
def test_invalid_metadata(value: object) -> None:
    """Each has a problem that is named."""
    assert metadata_problem(value)


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"created": "2026-99-99"},
        {"goal": "g", "affected_areas": []},
        {"initiative": {"store": "a", "id": "b-c"}},
        {"other": [1]},
    ],
)
def test_valid_metadata(extra: dict[str, object]) -> None:
    """Dates are checked by their form, unknown keys are ignored."""
    assert metadata_problem({"schema": "s", **extra}) is None


@pytest.mark.parametrize(
    ("metadata", "declared", "has_problem"),
    [
        (None, False, False),
        (Metadata(value={"schema": "spec-driven", "skip_specs": True}), True, False),
        (Metadata(value={"schema": "spec-driven", "skip_specs": False}), False, False),
        (Metadata(value={"schema": "unknown", "skip_specs": True}), False, True),
        (Metadata(value={"schema": "unknown"}), False, False),
        (Metadata(value={"skip_specs": True}), False, True),
        (Metadata(value={"skip_specs": False}), False, False),
        (Metadata(value={"skip_specs": None}), False, True),
        (Metadata(raw="skip_specs: [", yaml_problem="x"), False, True),
        (Metadata(raw="# skip_specs: true\n[", yaml_problem="x"), False, False),
        (Metadata(read_problem="EACCES"), False, True),
    ],
)
def test_a_marker_counts_only_in_valid_metadata(metadata: Metadata | None, declared: bool, has_problem: bool) -> None:
    """Set but not to be honoured is a problem; not set is none."""
    marker = read_marker(metadata, "skip_specs", LOADABLE)
    assert isinstance(marker, Marker)
    assert marker.declared is declared
    assert (marker.problem is not None) is has_problem


@pytest.mark.parametrize(
    "value",
    [
        None,
        {**SCHEMA, "version": 0},
        {**SCHEMA, "version": 1.5},
        {**SCHEMA, "version": True},
        {**SCHEMA, "version": float("inf")},
        {**SCHEMA, "name": ""},
        {**SCHEMA, "description": 3},
        {**SCHEMA, "artifacts": []},
        {**SCHEMA, "artifacts": [ARTIFACT, ARTIFACT]},
        {**SCHEMA, "artifacts": [{**ARTIFACT, "generates": "../a.md"}]},
        {**SCHEMA, "artifacts": [{**ARTIFACT, "generates": "C:\\a.md"}]},
        {**SCHEMA, "artifacts": [{**ARTIFACT, "template": "/t.md"}]},
        {**SCHEMA, "artifacts": [{**ARTIFACT, "instruction": 3}]},
        {**SCHEMA, "artifacts": [{**ARTIFACT, "requires": None}]},
        {**SCHEMA, "artifacts": [{**ARTIFACT, "requires": ["b"]}]},
        {**SCHEMA, "artifacts": [{**ARTIFACT, "requires": ["a"]}]},
        {**SCHEMA, "apply": None},
        {**SCHEMA, "apply": {"requires": []}},
        {**SCHEMA, "apply": {"requires": ["b"]}},
        {**SCHEMA, "apply": {"requires": ["a"], "tracks": ""}},
    ],
)
def test_schemas_that_do_not_load(value: object) -> None:
    """Wrong types, paths that lead out, unknown and circular requirements."""
    with pytest.raises(InvalidSchema):
        read_schema(value)


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ({**SCHEMA, "version": 1.0}, None),
        ({**SCHEMA, "artifacts": [{**ARTIFACT, "id": "tasks", "generates": "t/*.md"}]}, "t/*.md"),
        ({**SCHEMA, "apply": {"requires": ["a"], "tracks": "a.md"}}, "a.md"),
        ({**SCHEMA, "apply": {"requires": ["a"], "tracks": "other.md"}}, None),
        ({**SCHEMA, "apply": {"requires": ["a"], "tracks": None}}, None),
    ],
)
def test_the_files_that_track_tasks(schema: object, pattern: str | None) -> None:
    """The artifact whose output apply tracks, else the one called tasks."""
    assert read_schema(schema).tasks_pattern == pattern
