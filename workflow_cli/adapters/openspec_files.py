"""An `openspec/` directory on disk: which specs and changes it has, and their documents.

What counts as a spec, a delta or a change follows OpenSpec's own discovery. Unlike OpenSpec, a file that
cannot be read is a fault of its item and not the end of the run, and no link is followed out of the root.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_cli.adapters.change_layout import has_spec_below, subdirectories
from workflow_cli.adapters.confined_read import ConfinedReader, is_within
from workflow_cli.adapters.fingerprint import directory_fingerprint, file_fingerprint
from workflow_cli.adapters.schemas import SchemaFiles
from workflow_cli.domain.digest import digest
from workflow_cli.domain.openspec.discovered import Fault, SpecFile
from workflow_cli.errors import DocumentError

if TYPE_CHECKING:
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.document import Document

QUESTIONS = "questions.yaml"


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
            return sorted(self.discover(self.specs_dir), key=lambda s: s.id)
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
            where=self.relative(directory),
            hint="check that it is a directory you may read",
        )

    # -- main specs ----------------------------------------------------------------------------------------

    def read_main(self, id: str) -> Document | Fault | None:
        """The main spec of a capability, why it cannot be read, or None where there is none."""
        path = self.specs_dir.joinpath(*id.split("/"), "spec.md")
        if not is_within(self.root, path.parent):
            return self.fault(path, OSError(errno.EXDEV, "a link on its way leads out of the tree"))
        found = self.document(path)
        return None if isinstance(found, Fault) and found.code in ("ENOENT", "ENOTDIR") else found

    def read_spec_file(self, spec: SpecFile) -> Document | Fault:
        return spec.fault or self.document(self.root / spec.file)

    def read_change(self, name: str) -> Change:
        """Everything about one active change. What cannot be read is in the change's `faults`."""
        from workflow_cli.adapters.change_reader import ChangeReader

        return ChangeReader(self, self._schemas, self._reader).read(self.changes_dir / name)

    def read_archived(self, name: str) -> Change:
        """As `read_change`, by the name of its directory below `archive/`."""
        from workflow_cli.adapters.change_reader import ChangeReader

        return ChangeReader(self, self._schemas, self._reader).read(self.changes_dir / "archive" / name)

    # -- questions, fingerprints ---------------------------------------------------------------------------

    def read_questions(self, change: str) -> bytes | None:
        """The bytes of a change's `questions.yaml`, or None. Raises DocumentError."""
        path = self.changes_dir / change / QUESTIONS
        try:
            return self._reader.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DocumentError(f"cannot read: {error.strerror}", where=self.relative(path)) from error

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
            ids = sorted(spec.id for spec in self.discover(directory / "specs"))
        except OSError:
            ids = []
        for id in ids:
            parts += [id, file_fingerprint(self.specs_dir.joinpath(*id.split("/"), "spec.md"))]
        return digest(parts)

    # -- documents -----------------------------------------------------------------------------------------

    def document(self, path: Path) -> Document | Fault:
        from workflow_cli.domain.openspec.document import shared_document

        try:
            return shared_document(self.relative(path), self._reader.read(path))
        except OSError as error:
            return self.fault(path, error)

    def fault(self, path: Path, error: OSError) -> Fault:
        return Fault(
            file=self.relative(path),
            code=errno.errorcode.get(error.errno or 0, "EIO"),
            message=error.strerror or str(error),
        )

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def discover(self, specs: Path) -> Iterator[SpecFile]:
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
                    if entry.name == "spec.md" and segments and not has_spec_below(path):
                        is_directory = OSError(errno.EISDIR, os.strerror(errno.EISDIR))
                        yield SpecFile(
                            id="/".join(segments), file=self.relative(path), fault=self.fault(path, is_directory)
                        )
                elif entry.name == "spec.md" and segments:
                    if entry.is_symlink():
                        yield from self._linked_spec(path, specs, "/".join(segments))
                    elif entry.is_file(follow_symlinks=False):
                        yield SpecFile(id="/".join(segments), file=self.relative(path))

    def _linked_spec(self, path: Path, specs: Path, id: str) -> Iterator[SpecFile]:
        try:
            if not path.is_file():
                return
        except OSError as error:
            yield SpecFile(id=id, file=self.relative(path), fault=self.fault(path, error))
            return
        if is_within(specs, path) or is_within(path.parent, path):
            yield SpecFile(id=id, file=self.relative(path))
        else:
            escape = OSError(errno.EXDEV, "the link leads out of the specs directory")
            yield SpecFile(id=id, file=self.relative(path), fault=self.fault(path, escape))
