"""An `openspec/` directory on disk: which specs and changes it has, and their documents.

What counts as a spec, a delta or a change follows OpenSpec's own discovery. Unlike OpenSpec, a file that
cannot be read is a fault of its item and not the end of the run, and no link is followed out of the root.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from workflow_cli.adapters.atomic_write import replace_file
from workflow_cli.adapters.change_layout import has_own_file, has_visible_file, nested_changes, subdirectories
from workflow_cli.adapters.confined_read import ConfinedReader, is_within
from workflow_cli.adapters.fingerprint import directory_fingerprint, file_fingerprint
from workflow_cli.adapters.schemas import SchemaFiles
from workflow_cli.app.digest import digest
from workflow_cli.domain.openspec.change import Change, Proposal
from workflow_cli.domain.openspec.discovered import Fault, SpecFile
from workflow_cli.domain.openspec.document import Document
from workflow_cli.domain.openspec.metadata import FILENAME, Metadata, read_marker
from workflow_cli.errors import DocumentError

QUESTIONS = "questions.yaml"
_MARKER_FILES = (FILENAME, "proposal.md", "tasks.md", "design.md")


class OpenSpecFiles:
    """Reads the tree below `root/openspec`. Schemas are read once; documents every time they are asked for."""

    def __init__(self, root: Path, *, max_file_bytes: int) -> None:
        self.root = root
        self.base = root / "openspec"
        self.specs_dir = self.base / "specs"
        self.changes_dir = self.base / "changes"
        self._reader = ConfinedReader(root, max_file_bytes)
        self._schemas = SchemaFiles(self.base, self._reader)

    # -- what is there -------------------------------------------------------------------------------------

    def spec_files(self) -> list[SpecFile]:
        """Every main spec, by id in code-point order. Raises DocumentError where `specs/` cannot be listed."""
        try:
            return sorted(self._discover(self.specs_dir), key=lambda s: s.id)
        except OSError as error:
            raise self._unlistable(self.specs_dir, error) from error

    def change_names(self) -> list[str]:
        """Every active change: a real directory below `changes/` that is neither `archive` nor hidden."""
        return [name for name in self._directories(self.changes_dir) if name != "archive"]

    def archived_names(self) -> list[str]:
        return self._directories(self.changes_dir / "archive")

    def _directories(self, directory: Path) -> list[str]:
        try:
            return sorted(subdirectories(directory))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._unlistable(directory, error) from error

    def _unlistable(self, directory: Path, error: OSError) -> DocumentError:
        return DocumentError(
            f"cannot list the directory: {error.strerror}",
            where=self._relative(directory),
            hint="check that it is a directory you may read",
        )

    # -- main specs ----------------------------------------------------------------------------------------

    def read_main(self, id: str) -> Document | Fault | None:
        """The main spec of a capability, why it cannot be read, or None where there is none."""
        path = self.specs_dir.joinpath(*id.split("/"), "spec.md")
        found = self._document(path)
        return None if isinstance(found, Fault) and found.code in ("ENOENT", "ENOTDIR") else found

    def read_spec_file(self, spec: SpecFile) -> Document | Fault:
        return spec.fault or self._document(self.root / spec.file)

    # -- changes -------------------------------------------------------------------------------------------

    def read_change(self, name: str) -> Change:
        """Everything about one active change. What cannot be read is in the change's `faults`."""
        directory = self.changes_dir / name
        specs = directory / "specs"
        faults: list[Fault] = []
        deltas: list[tuple[str, Document]] = []
        strays: list[tuple[str, Document]] = []
        try:
            for spec in sorted(self._discover(specs), key=lambda s: s.id):
                if document := _readable(self.read_spec_file(spec), faults):
                    deltas.append((spec.id, document))
            for path in self._stray_files(specs):
                if document := _readable(self._document(path), faults):
                    strays.append((path.relative_to(specs).as_posix(), document))
        except NotADirectoryError:
            pass
        except OSError as error:
            faults.append(self._fault(specs, error))
        metadata = self._metadata(directory)
        schema_name = self._schemas.name_for(metadata)
        loadable = self._schemas.loadable(metadata.schema) if metadata and metadata.schema else frozenset()
        tasks, tracked, unreadable = self._tasks(directory, schema_name, faults)
        proposal = self._optional(directory / "proposal.md", faults)
        return Change(
            name=name,
            directory=self._relative(directory),
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
        )

    def _optional(self, path: Path, faults: list[Fault]) -> Document | None:
        found = self._document(path)
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
            return Metadata(value=load_yaml(data, self._relative(path)).value, raw=raw)
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
            found = self._document(path)
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

    # -- questions, fingerprints ---------------------------------------------------------------------------

    def read_questions(self, change: str) -> bytes | None:
        """The bytes of a change's `questions.yaml`, or None. Raises DocumentError."""
        path = self.changes_dir / change / QUESTIONS
        try:
            return self._reader.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DocumentError(f"cannot read: {error.strerror}", where=self._relative(path)) from error

    def write_questions(self, change: str, data: bytes, *, base: bytes | None) -> None:
        """Replace a change's `questions.yaml`. Raises StaleDocument or DocumentError."""
        replace_file(self.changes_dir / change / QUESTIONS, data, base=base)

    def common_fingerprint(self) -> str:
        """Hash of what every item depends on: configuration and schemas."""
        return digest(
            [
                *(file_fingerprint(self.base / name) for name in ("config.yaml", "config.yml")),
                *(f"{name}\0{file_fingerprint(file)}" for name, file in sorted(self._schemas.overrides.items())),
            ]
        )

    def spec_fingerprint(self, spec: SpecFile) -> str:
        return file_fingerprint(self.root / spec.file)

    def change_fingerprint(self, name: str) -> str:
        """Hash of a change's documents, its questions left out, and of the main specs it aims at."""
        directory = self.changes_dir / name
        parts = [directory_fingerprint(directory, without=(QUESTIONS,))]
        try:
            ids = sorted(spec.id for spec in self._discover(directory / "specs"))
        except OSError:
            ids = []
        for id in ids:
            parts += [id, file_fingerprint(self.specs_dir.joinpath(*id.split("/"), "spec.md"))]
        return digest(parts)

    # -- documents -----------------------------------------------------------------------------------------

    def _document(self, path: Path) -> Document | Fault:
        try:
            return Document(file=self._relative(path), data=self._reader.read(path))
        except OSError as error:
            return self._fault(path, error)

    def _fault(self, path: Path, error: OSError) -> Fault:
        return Fault(
            file=self._relative(path),
            code=errno.errorcode.get(error.errno or 0, "EIO"),
            message=error.strerror or str(error),
        )

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _discover(self, specs: Path) -> Iterator[SpecFile]:
        """Every `spec.md` below a `specs/` directory but one directly in it. Raises OSError."""
        pending: list[tuple[Path, tuple[str, ...]]] = [(specs, ())]
        while pending:
            directory, segments = pending.pop()
            try:
                entries = list(os.scandir(directory))
            except FileNotFoundError:
                continue
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                path = directory / entry.name
                if entry.is_dir(follow_symlinks=False):
                    pending.append((path, (*segments, entry.name)))
                elif entry.name == "spec.md" and segments:
                    if entry.is_symlink():
                        yield from self._linked_spec(path, specs, "/".join(segments))
                    elif entry.is_file(follow_symlinks=False):
                        yield SpecFile(id="/".join(segments), file=self._relative(path))

    def _linked_spec(self, path: Path, specs: Path, id: str) -> Iterator[SpecFile]:
        try:
            if not path.is_file():
                return
        except OSError as error:
            yield SpecFile(id=id, file=self._relative(path), fault=self._fault(path, error))
            return
        if is_within(specs, path) or is_within(path.parent, path):
            yield SpecFile(id=id, file=self._relative(path))
        else:
            escape = OSError(errno.EXDEV, "the link leads out of the specs directory")
            yield SpecFile(id=id, file=self._relative(path), fault=self._fault(path, escape))

    def _stray_files(self, specs: Path) -> Iterator[Path]:
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
