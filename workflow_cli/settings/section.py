"""What the table of settings is made of: a section is a class, and each of its keys an attribute.

Every command reads the table when it starts. So a key is a plain object and its default is read when somebody asks
for it; a table of dataclasses took as long as everything else that is done before a short command begins.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workflow_cli.settings.kind import Kind


class Key:
    """One row of the table. On a section's class it is the key itself, on a section its value.

    `default` and `example` are written as in the file; `environment` is a variable of its own name. `personal` values
    are never taken from the project's own file, which comes with a clone.
    """

    __slots__ = ("default", "description", "environment", "example", "kind", "name", "personal")

    def __init__(
        self, kind: Kind, default: Any, description: str, example: Any, environment: str | None, *, personal: bool
    ) -> None:
        self.kind = kind
        self.default = default
        self.description = description
        self.example = example
        self.environment = environment
        self.personal = personal
        self.name = ""

    def __set_name__(self, _section: type[Section], name: str) -> None:
        self.name = name

    def __get__(self, section: Section | None, _class: type[Section]) -> Any:
        return self if section is None else section.value_of(self)

    def __set__(self, section: Section, value: Any) -> None:
        raise AttributeError(f"{self.name} is a setting, and settings do not change")


def key(
    kind: Kind, default: Any, description: str, example: Any, environment: str | None = None, *, personal: bool = False
) -> Any:
    """A key, typed as its value, for the body of a section: `strict: bool = key(Flag(), False, "...", True)`."""
    return Key(kind, default, description, example, environment, personal=personal)


class Section:
    """Values of a section's keys: those that were given, and defaults for the others."""

    __slots__ = ("_start", "_values")

    def __init__(self, given: Mapping[str, Any], start: Path) -> None:
        """Relative paths among the defaults start from `start`."""
        self._values = dict(given)
        self._start = start

    def value_of(self, key: Key) -> Any:
        if key.name not in self._values:
            self._values[key.name] = absolute(key.kind.parse(key.default), self._start)
        return self._values[key.name]


def absolute(value: Any, base: Path) -> Any:
    """A path as it is meant from `base`; anything else as it is."""
    return Path(os.path.normpath(base / value)) if isinstance(value, Path) else value
