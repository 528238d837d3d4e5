"""Workflow schemas: which artifacts a change has, and which file tracks its tasks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

BUILT_IN = "spec-driven"
_MAX_ARTIFACTS = 1000
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """What a change is to hold: `generates` is a path or a pattern of paths, `requires` ids of other artifacts."""

    id: str
    generates: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """`tracks` is the value of `apply.tracks`, or None."""

    name: str
    artifacts: tuple[Artifact, ...]
    tracks: str | None = None

    @property
    def tasks_pattern(self) -> str | None:
        """The path or glob, relative to the change, of the files whose checkboxes are the change's tasks."""
        for artifact in self.artifacts:
            if self.tracks is not None and artifact.generates == self.tracks:
                return artifact.generates
            if self.tracks is None and artifact.id == "tasks":
                return artifact.generates
        return None


SPEC_DRIVEN = Schema(
    name=BUILT_IN,
    artifacts=(
        Artifact(id="proposal", generates="proposal.md"),
        Artifact(id="specs", generates="specs/**/*.md", requires=("proposal",)),
        Artifact(id="design", generates="design.md", requires=("proposal",)),
        Artifact(id="tasks", generates="tasks.md", requires=("specs", "design")),
    ),
    tracks="tasks.md",
)


class InvalidSchema(ValueError):
    """A schema file that OpenSpec would not load."""


def read_schema(value: object) -> Schema:
    """A schema from the plain data of its `schema.yaml`. Raises InvalidSchema with the first fault."""
    if not isinstance(value, Mapping):
        raise InvalidSchema("the file must be a mapping")
    name = _text(value, "name")
    version = value.get("version")
    if isinstance(version, bool) or not isinstance(version, int | float) or not version >= 1 or version % 1:
        raise InvalidSchema("version: must be a whole number from 1")
    _optional_text(value, "description")
    listed = value.get("artifacts")
    if not isinstance(listed, list) or not 1 <= len(listed) <= _MAX_ARTIFACTS:
        raise InvalidSchema(f"artifacts: must list 1 to {_MAX_ARTIFACTS} artifacts")
    artifacts = tuple(_artifact(entry) for entry in listed)
    ids = [a.id for a in artifacts]
    if len(set(ids)) < len(ids):
        raise InvalidSchema("artifacts: two share one id")
    for artifact in artifacts:
        for required in artifact.requires:
            if required not in ids:
                raise InvalidSchema(f"artifacts.{artifact.id}.requires: no artifact {required!r}")
    _refuse_cycles(artifacts)
    return Schema(name=name, artifacts=artifacts, tracks=_tracks(value["apply"], ids) if "apply" in value else None)


def _artifact(entry: object) -> Artifact:
    if not isinstance(entry, Mapping):
        raise InvalidSchema("artifacts: each must be a mapping")
    generates = _inner_path(entry, "generates")
    _inner_path(entry, "template")
    _text(entry, "description", may_be_empty=True)
    _optional_text(entry, "instruction")
    requires = entry.get("requires", [])
    if not isinstance(requires, list) or not all(isinstance(r, str) for r in requires):
        raise InvalidSchema("requires: must be a list of artifact ids")
    return Artifact(id=_text(entry, "id"), generates=generates, requires=tuple(requires))


def _tracks(apply: object, ids: list[str]) -> str | None:
    if not isinstance(apply, Mapping):
        raise InvalidSchema("apply: must be a mapping")
    requires = apply.get("requires")
    if not isinstance(requires, list) or not requires or not all(r in ids for r in requires):
        raise InvalidSchema("apply.requires: must name at least one artifact of the schema")
    _optional_text(apply, "instruction")
    return None if apply.get("tracks") is None else _inner_path(apply, "tracks")


def _refuse_cycles(artifacts: tuple[Artifact, ...]) -> None:
    waiting = {a.id: set(a.requires) for a in artifacts}
    while waiting:
        free = [id for id, requires in waiting.items() if not requires & waiting.keys()]
        if not free:
            raise InvalidSchema(f"artifacts: {', '.join(sorted(waiting))} require each other in a circle")
        for id in free:
            del waiting[id]


def _inner_path(value: Mapping[object, object], key: str) -> str:
    """A path that stays where it is resolved from, by the rules of POSIX and of Windows."""
    text = _text(value, key)
    if text.startswith(("/", "\\")) or _DRIVE.match(text) or ".." in re.split(r"[\\/]", text) or "\0" in text:
        raise InvalidSchema(f"{key}: must be a relative path without `..`")
    return text


def _optional_text(value: Mapping[object, object], key: str) -> None:
    if key in value and not isinstance(value[key], str):
        raise InvalidSchema(f"{key}: must be a text")


def _text(value: Mapping[object, object], key: str, *, may_be_empty: bool = False) -> str:
    text = value.get(key)
    if not isinstance(text, str) or not (text or may_be_empty):
        raise InvalidSchema(f"{key}: must be a text")
    return text
