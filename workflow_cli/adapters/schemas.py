"""Finds workflow schemas where OpenSpec finds them, and which one a change follows."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.adapters.confined_read import ConfinedReader
from workflow_cli.errors import DocumentError

if TYPE_CHECKING:
    from workflow_cli.domain.openspec.metadata import Metadata
    from workflow_cli.domain.openspec.schema import Schema

BUILT_IN = "spec-driven"

# A file that begins so names the built-in schema if it is YAML at all, and if it is not, the built-in one is taken.
# The value ends before a line that begins with a letter or a comment.
_SURELY_BUILT_IN = re.compile(rb"(?:#[ -~]*\n|\n)*schema: spec-driven *\n*(?:\Z|(?<=\n)[A-Za-z#])")

_TRANSIENT = (".fork-staging-", ".init-staging-")
_BACKUPS = (".fork-backup-", ".init-backup-")


def user_data_directory() -> Path:
    """Where OpenSpec keeps a user's own schemas."""
    configured = os.environ.get("XDG_DATA_HOME")
    base = Path(configured) if configured else Path.home() / ".local" / "share"
    return base / "openspec"


class SchemaFiles:
    """The schemas that apply to one tree: the project's own, the user's, and the built-in one."""

    def __init__(self, openspec: Path, reader: ConfinedReader) -> None:
        self._openspec = openspec
        self._reader = reader
        self._directories = (openspec / "schemas", user_data_directory() / "schemas")
        self._loaded: dict[str, Schema | None] = {}

    @cached_property
    def overrides(self) -> dict[str, Path]:
        """Schema files outside the program, by name; the project's own win."""
        found: dict[str, Path] = {}
        for directory in self._directories:
            try:
                names = sorted(os.listdir(directory))
            except OSError:
                continue
            for name in names:
                transient = name.startswith(_TRANSIENT) or any(part in name for part in _BACKUPS)
                file = directory / name / "schema.yaml"
                if not transient and file.exists():
                    found.setdefault(name, file)
        return found

    @cached_property
    def default_name(self) -> str:
        """The schema that `config.yaml` names, or the built-in one."""
        for name in ("config.yaml", "config.yml"):
            file = self._openspec / name
            if not file.exists():
                continue
            try:
                data = self._reader.read(file)
                if _SURELY_BUILT_IN.match(data):
                    return BUILT_IN
                from workflow_cli.adapters.yaml_files import load_yaml

                value = load_yaml(data, name).value
            except (OSError, DocumentError):
                break
            schema = value.get("schema") if isinstance(value, dict) else None
            return schema if isinstance(schema, str) and schema else BUILT_IN
        return BUILT_IN

    def load(self, name: str) -> Schema | None:
        """The schema of that name, or None where there is none or OpenSpec would not load it."""
        name = re.sub(r"\.ya?ml\Z", "", name)
        if name not in self._loaded:
            self._loaded[name] = self._read(name)
        return self._loaded[name]

    def _read(self, name: str) -> Schema | None:
        from workflow_cli.adapters.yaml_files import load_yaml
        from workflow_cli.domain.openspec.schema import SPEC_DRIVEN, InvalidSchema, read_schema

        file = self.overrides.get(name)
        if file is None:
            return SPEC_DRIVEN if name == BUILT_IN else None
        try:
            return read_schema(load_yaml(file.read_bytes(), str(file)).value)
        except (OSError, DocumentError, InvalidSchema):
            return None

    def loadable(self, name: str) -> frozenset[str]:
        """`name` alone if a change may name it and it loads, else nothing."""
        known = name == BUILT_IN or name in self.overrides
        return frozenset({name}) if known and self.load(name) else frozenset()

    def name_for(self, metadata: Metadata | None) -> str | None:
        """The schema a change with this metadata follows; None where OpenSpec would reject the metadata."""
        if metadata is None:
            return self.default_name
        name = metadata.schema
        return name if name is not None and (name == BUILT_IN or name in self.overrides) else None

    def is_builtin(self, name: str | None) -> bool:
        """Whether this is the program's own schema, not one of the same name."""
        return name is not None and re.sub(r"\.ya?ml\Z", "", name) == BUILT_IN and BUILT_IN not in self.overrides
