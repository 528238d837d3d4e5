"""Reads one change directory into a Change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.adapters.change_layout import has_own_file, has_visible_file, nested_changes
from workflow_cli.adapters.confined_read import ConfinedReader
from workflow_cli.adapters.openspec_files import OpenSpecFiles
from workflow_cli.adapters.schemas import SchemaFiles
from workflow_cli.adapters.task_globs import expand
from workflow_cli.adapters.yaml_files import load_yaml
from workflow_cli.domain.openspec.change import Change, Proposal
from workflow_cli.domain.openspec.discovered import Fault
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.metadata import FILENAME, Metadata, read_marker
from workflow_cli.errors import DocumentError

_MARKER_FILES = (FILENAME, "proposal.md", "tasks.md", "design.md")


class ChangeReader:
    def __init__(self, files: OpenSpecFiles, schemas: SchemaFiles, reader: ConfinedReader) -> None:
        self._files = files
        self._schemas = schemas
        self._reader = reader

    def read(self, directory: Path) -> Change:
        """Everything about one active change. What cannot be read is in the change's `faults`."""
        specs = directory / "specs"
        faults: list[Fault] = []
        deltas: list[tuple[str, Document]] = []
        strays: list[tuple[str, Document]] = []
        try:
            for spec in sorted(self._files.discover(specs), key=lambda s: s.id):
                if document := _readable(self._files.read_spec_file(spec), faults):
                    deltas.append((spec.id, document))
            for path in _stray_files(specs):
                if document := _readable(self._files.document(path), faults):
                    strays.append((path.relative_to(specs).as_posix(), document))
        except NotADirectoryError:
            pass
        except OSError as error:
            faults.append(self._files.fault(specs, error))
        metadata = self._metadata(directory)
        schema_name = self._schemas.name_for(metadata)
        loadable = self._schemas.loadable(metadata.schema) if metadata and metadata.schema else frozenset()
        tasks, tracked, unreadable = self._tasks(directory, schema_name, faults)
        proposal = self._optional(directory / "proposal.md", faults)
        return Change(
            name=directory.name,
            directory=self._files.relative(directory),
            delta_documents=tuple(deltas),
            stray_documents=tuple(sorted(strays)),
            proposal=Proposal(document=proposal) if proposal else None,
            design=self._optional(directory / "design.md", faults),
            task_documents=tasks,
            tasks_are_tracked=tracked,
            uses_builtin_schema=self._schemas.is_builtin(schema_name),
            has_root_spec=(specs / "spec.md").is_file(),
            specs_has_files=_has_files(specs),
            skip_specs=read_marker(metadata, "skip_specs", loadable),
            retire_capabilities=read_marker(metadata, "retire_capabilities", loadable),
            nested_changes=self._nested(directory),
            faults=tuple(faults),
            unreadable_tasks=unreadable,
            linked_directories=tuple(self._linked_directories(specs, [id for id, _ in deltas])),
        )

    def _linked_directories(self, specs: Path, ids: list[str]) -> Iterator[str]:
        """Links below the change's specs, and above the main specs that its deltas aim at."""
        for link in _links_to_directories(specs):
            yield self._files.relative(link)
        ways = {
            self._files.specs_dir.joinpath(*segments[:length])
            for segments in (id.split("/") for id in ids)
            for length in range(1, len(segments) + 1)
        }
        for way in sorted(ways):
            if way.is_symlink():
                yield self._files.relative(way)

    def _optional(self, path: Path, faults: list[Fault]) -> Document | None:
        found = self._files.document(path)
        missing = isinstance(found, Fault) and found.code in ("ENOENT", "ENOTDIR")
        return None if missing else _readable(found, faults)

    def _metadata(self, directory: Path) -> Metadata | None:
        path = directory / FILENAME
        try:
            data = self._reader.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            return Metadata(read_problem=error.strerror or str(error))
        raw = data.decode("utf-8", "replace")
        try:
            return Metadata(value=load_yaml(data, self._files.relative(path)).value, raw=raw)
        except DocumentError as error:
            return Metadata(raw=raw, yaml_problem=error.message)

    def _tasks(
        self, directory: Path, schema_name: str | None, faults: list[Fault]
    ) -> tuple[tuple[tuple[str, Document], ...], bool, int]:
        """Task documents by path inside the change; whether a schema tracks them; how many were unreadable."""
        schema = self._schemas.load(schema_name) if schema_name else None
        pattern = schema.tasks_pattern if schema else None
        tracked = expand(directory, pattern) if pattern else []
        documents: list[tuple[str, Document]] = []
        unreadable = 0
        for path in tracked or [directory / "tasks.md"]:
            found = self._files.document(path)
            if isinstance(found, Document):
                documents.append((path.relative_to(directory).as_posix(), found))
            elif found.code != "ENOENT":
                unreadable += 1
                faults.append(found)
        return tuple(sorted(documents, key=lambda d: d[0])), bool(tracked), unreadable

    def _nested(self, directory: Path) -> tuple[str, ...]:
        if self._looks_like_change(directory) or has_own_file(directory):
            return ()
        return tuple(sorted(nested_changes(directory, directory.name, self._looks_like_change)))

    def _looks_like_change(self, directory: Path) -> bool:
        if any((directory / name).is_file() for name in _MARKER_FILES) or _has_files(
            directory / "specs", default=False
        ):
            return True
        name = self._schemas.name_for(self._metadata(directory))
        schema = self._schemas.load(name) if name else None
        return bool(schema) and any(expand(directory, a.generates) for a in (schema.artifacts if schema else ()))


def _stray_files(specs: Path) -> Iterator[Path]:
    """Markdown files below a change's `specs/` that are not named `spec.md`. Raises OSError."""
    pending = [specs]
    while pending:
        directory = pending.pop()
        try:
            entries = list(os.scandir(directory))
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(directory / entry.name)
            elif (
                entry.name != "spec.md"
                and entry.name.lower().endswith(".md")
                and (entry.is_file(follow_symlinks=False) or (entry.is_symlink() and entry.is_file()))
            ):
                yield directory / entry.name


def _links_to_directories(directory: Path) -> Iterator[Path]:
    """Visible ones, at any depth below real directories; none where the directory cannot be listed."""
    try:
        entries = sorted(os.scandir(directory), key=lambda e: e.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = directory / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _links_to_directories(path)
        elif entry.is_symlink() and path.is_dir():
            yield path


def _readable(found: Document | Fault, faults: list[Fault]) -> Document | None:
    """The document, or None after its fault has been noted."""
    if isinstance(found, Document):
        return found
    faults.append(found)
    return None


def _has_files(specs: Path, *, default: bool = True) -> bool:
    """Whether any visible file is below `specs`; `default` where that cannot be told."""
    try:
        return has_visible_file(specs)
    except OSError:
        return default
