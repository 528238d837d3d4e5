"""A tree with what a new change is fitted to: its archive, its configuration, its schema and templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workflow_cli.adapters.confined_read import ConfinedReader
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.adapters.schemas import SchemaFiles
from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.domain.openspec.metadata import FILENAME
from workflow_cli.domain.openspec.proposing.setup import ProjectSetup
from workflow_cli.domain.openspec.schema import SPEC_DRIVEN
from workflow_cli.errors import DocumentError

_CONFIGS = ("config.yaml", "config.yml")
_CONTEXT_BYTES = 50 * 1024


class ProposalFiles(OpenSpecFiles):
    def __init__(self, root: Path, *, max_file_bytes: int) -> None:
        super().__init__(root, max_file_bytes=max_file_bytes)
        self._confined = ConfinedReader(root, max_file_bytes)
        self._known_schemas = SchemaFiles(self.base, self._confined)

    def setup(self) -> ProjectSetup:
        """What config.yaml and its schema say; as OpenSpec does, a field of the wrong shape is passed over."""
        config = self._config()
        name = self._known_schemas.default_name
        schema = self._known_schemas.load(name)
        context = config.get("context") if config else None
        return ProjectSetup(
            schema_name=name if schema else SPEC_DRIVEN.name,
            schema=schema or SPEC_DRIVEN,
            keeps_metadata=config is not None or self._some_change_has_metadata(),
            context=context if isinstance(context, str) and len(context.encode()) <= _CONTEXT_BYTES else None,
            rules=_rules(config.get("rules") if config else None),
            templates=self._templates(name),
        )

    def _config(self) -> Mapping[str, Any] | None:
        for name in _CONFIGS:
            file = self.base / name
            if file.exists():
                try:
                    value = load_yaml(self._confined.read(file), f"openspec/{name}").value
                except (OSError, DocumentError):
                    return {}
                return value if isinstance(value, dict) else {}
        return None

    def _some_change_has_metadata(self) -> bool:
        archive = self.changes_dir / "archive"
        return any((self.changes_dir / name / FILENAME).is_file() for name in self.change_names()) or any(
            (archive / name / FILENAME).is_file() for name in self.archived_names()
        )

    def _templates(self, name: str) -> dict[str, str]:
        """The texts of a project's own templates, by artifact id; unreadable ones are left out."""
        file = self._known_schemas.overrides.get(name)
        if file is None or not file.is_relative_to(self.base):
            return {}
        found: dict[str, str] = {}
        try:
            listed = load_yaml(self._confined.read(file), self.relative(file)).value["artifacts"]
            for artifact in listed:
                path = file.parent / "templates" / str(artifact["template"])
                self._confined.refuse_escape(path)
                found[str(artifact["id"])] = self._confined.read(path).decode("utf-8", "replace")
        except (OSError, DocumentError, KeyError, TypeError):
            return found
        return found


def _rules(value: object) -> dict[str, Sequence[str]]:
    if not isinstance(value, dict):
        return {}
    return {
        key: tuple(text for text in texts if isinstance(text, str))
        for key, texts in value.items()
        if isinstance(texts, list) and any(isinstance(text, str) for text in texts)
    }
