"""`.openspec.yaml`: what a change says about itself, and the two switches that decide verdicts."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

FILENAME = ".openspec.yaml"

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Marker:
    """A yes-or-no switch: declared and valid, declared but not to be honoured (`problem` says why), or absent."""

    declared: bool = False
    problem: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Metadata:
    """The file's content as plain data, or why there is none. `raw` is its text."""

    value: object = None
    raw: str = ""
    yaml_problem: str | None = None
    read_problem: str | None = None

    @property
    def schema(self) -> str | None:
        """The schema it names; None where the file is invalid."""
        if isinstance(self.value, Mapping) and metadata_problem(self.value) is None:
            return str(self.value["schema"])
        return None


def metadata_problem(value: object) -> str | None:
    """The first thing wrong with a change's metadata, or None."""
    if not isinstance(value, Mapping):
        return "the file must be a mapping with at least `schema: <name>`"
    schema = value.get("schema")
    if not isinstance(schema, str) or not schema:
        return "schema: a schema name is required"
    if "created" in value:
        created = value["created"]
        if not isinstance(created, str) or not _DATE.fullmatch(created):
            return "created: must be a date written YYYY-MM-DD"
    if "goal" in value and (not isinstance(value["goal"], str) or not value["goal"]):
        return "goal: must be a text"
    if "affected_areas" in value:
        areas = value["affected_areas"]
        if not isinstance(areas, list) or not all(isinstance(a, str) and a for a in areas):
            return "affected_areas: must be a list of names"
    if "initiative" in value and not _is_initiative(value["initiative"]):
        return "initiative: must hold exactly `store` and `id`, both kebab-case"
    for key in ("skip_specs", "retire_capabilities"):
        if key in value and not isinstance(value[key], bool):
            return f"{key}: must be true or false"
    return None


def _is_initiative(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) == {"store", "id"}
        and all(isinstance(v, str) and _KEBAB.fullmatch(v) for v in value.values())
    )


def read_marker(metadata: Metadata | None, key: str, loadable_schemas: Collection[str]) -> Marker:
    """Whether the switch `key` is on. It counts only where OpenSpec would accept the whole file.

    `loadable_schemas` are the names that resolve to a schema which also parses.
    """
    if metadata is None:
        return Marker()
    if metadata.read_problem is not None:
        return Marker(problem=f"the metadata file cannot be read ({metadata.read_problem})")
    if metadata.yaml_problem is not None:
        mentioned = re.search(rf"^\s*(['\"]?){key}\1\s*:", metadata.raw, re.M)
        return Marker(problem="the file is not valid YAML") if mentioned else Marker()
    value = metadata.value
    problem = metadata_problem(value)
    if problem is None and isinstance(value, Mapping):
        if value.get(key) is not True:
            return Marker()
        if value["schema"] not in loadable_schemas:
            return Marker(problem=f"schema: unknown schema {value['schema']!r}")
        return Marker(declared=True)
    mentioned_with_value = isinstance(value, Mapping) and key in value and value[key] is not False
    return Marker(problem=problem) if mentioned_with_value else Marker()
