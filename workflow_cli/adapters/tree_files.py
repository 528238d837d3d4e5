"""Files and directories of a tree, reached from its root through open directories and never through a link.

A directory that was opened stays open until the end, and whatever is written goes into just that directory. If
somebody puts a link or another directory in its place meanwhile, the write is refused.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import unicodedata
from functools import lru_cache
from pathlib import Path

from workflow_cli.adapters.side_by_side import side_by_side
from workflow_cli.errors import DocumentError, StaleDocument

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_NEW_MODE = 0o666
#: Staged files that are open at once, before they are flushed.
_MOST_STAGED = 64
#: Replaced files that are open at once.
_MOST_REPLACED = 64
#: Directories whose content is not the tree's.
_CLOSED = {".git", ".workflow"}
#: `openspec` and `openspec/specs` stay, even when they are empty.
_KEPT_LEVELS = 2

Parts = tuple[str, ...]


@lru_cache(maxsize=1024)
def parts_of(path: str) -> Parts:
    """The names in a POSIX path from the root. Raises DocumentError for one that leads elsewhere."""
    parts = tuple(path.split("/"))
    if "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise DocumentError("is no path from the root of the tree", where=path, hint="name it as in openspec/specs/...")
    if folded(parts[0]) in _CLOSED or ".git" in map(folded, parts):
        raise DocumentError("is not a place for documents", where=path)
    return parts


def folded(name: str) -> str:
    """Equal for names that a system which ignores case takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class TreeFiles:
    """Use it as a context manager. Methods raise OSError as the system does, DocumentError for what is refused."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[Parts, int] = {}
        self._unsynced: set[Parts] = set()
        self._staged: list[int] = []
        self._replaced: list[int] = []

    def __enter__(self) -> TreeFiles:
        self._open[()] = os.open(self._root, _DIRECTORY & ~os.O_NOFOLLOW)
        return self

    def __exit__(self, *raised: object) -> None:
        self._let_go()
        for descriptor in (*self._staged, *self._open.values()):
            os.close(descriptor)
        self._staged.clear()
        self._open.clear()

    # -- looking ---------------------------------------------------------------------------------------------

    def read(self, path: str) -> tuple[bytes | None, int | None]:
        """Bytes and mode of a regular file; None for both where there is none, or no directory for it."""
        descriptor = self._opened(path)
        if descriptor is None:
            return None, None
        try:
            return _read(descriptor, path)
        finally:
            os.close(descriptor)

    def is_directory(self, path: str) -> bool:
        """Whether a real directory is there. Raises OSError (ENOTDIR) where something else is."""
        try:
            self._directory(parts_of(path))
        except FileNotFoundError:
            return False
        return True

    def exists(self, path: str) -> bool:
        """Whether anything has this name."""
        *above, name = parts_of(path)
        try:
            os.stat(name, dir_fd=self._directory(tuple(above)), follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def refuse_clash(self, path: str) -> None:
        """Raises DocumentError where a name of a path to be made differs only in case from one that is there."""
        parts = parts_of(path)
        for depth, name in enumerate(parts):
            try:
                entries = os.listdir(self._directory(parts[:depth]))
            except FileNotFoundError:
                return
            if name not in entries:
                wanted = folded(name)
                if twin := next((entry for entry in entries if folded(entry) == wanted), None):
                    raise DocumentError(
                        f"differs only in case from {'/'.join((*parts[:depth], twin))}, "
                        "which is the same file on some systems",
                        where=path,
                        hint="choose another name",
                    )
                return

    # -- writing -----------------------------------------------------------------------------------------------

    def make_directory(self, path: str) -> None:
        """Make one directory; nothing to do where it is."""
        parts = parts_of(path)
        with contextlib.suppress(FileExistsError):
            os.mkdir(parts[-1], dir_fd=self._directory(parts[:-1]))
        self._unsynced.add(parts[:-1])
        self._directory(parts)

    def make_parents(self, path: str) -> None:
        """Make the directories above a path that are missing."""
        above = parts_of(path)[:-1]
        for depth in range(1, len(above) + 1):
            directory = "/".join(above[:depth])
            if not self.is_directory(directory):
                self.make_directory(directory)

    def remove_directory(self, path: str) -> bool:
        """Remove a directory if it is empty; whether it is gone."""
        parts = parts_of(path)
        try:
            os.rmdir(parts[-1], dir_fd=self._directory(parts[:-1]))
        except FileNotFoundError:
            return True
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR, errno.EBUSY):
                return False
            raise
        self._unsynced.add(parts[:-1])
        self._forget(parts)
        return True

    def prune(self, path: str) -> None:
        """Remove the directories above a path that is gone, as far as they are empty."""
        above = parts_of(path)[:-1]
        while len(above) > _KEPT_LEVELS and self.remove_directory("/".join(above)):
            above = above[:-1]

    def stage(self, path: str, temporary: str, data: bytes, mode: int | None) -> None:
        """Write the bytes under the temporary name beside `path`; `flush_staged` makes them durable. `mode` None is that
        of a new file."""
        above = parts_of(path)[:-1]
        if len(self._staged) == _MOST_STAGED:
            self.flush_staged()
        try:
            descriptor = os.open(temporary, _NEW, _NEW_MODE if mode is None else mode, dir_fd=self._directory(above))
            self._staged.append(descriptor)
            if mode is not None and stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
                os.fchmod(descriptor, mode)  # what the umask took away
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError as error:
            error.filename = path  # nobody knows the temporary name
            raise

    def flush_staged(self) -> None:
        """Have everything that is staged on the disk."""
        while self._staged:
            os.fsync(self._staged[-1])
            os.close(self._staged.pop())

    def put(self, path: str, temporary: str, *, instead_of: bytes | None) -> None:
        """Give the staged bytes the name, where `instead_of` still stands. Raises StaleDocument."""
        *above, name = parts_of(path)
        directory = self._unmoved(tuple(above), path)
        self._refuse_other(path, instead_of)
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        self._unsynced.add(tuple(above))

    def remove(self, path: str, *, instead_of: bytes) -> None:
        """Remove the file, where `instead_of` still stands. Raises StaleDocument."""
        *above, name = parts_of(path)
        directory = self._unmoved(tuple(above), path)
        self._refuse_other(path, instead_of)
        # A network file system gives an open file another name instead, and its directory would not be empty.
        self._let_go()
        os.unlink(name, dir_fd=directory)
        self._unsynced.add(tuple(above))

    def discard(self, path: str, temporary: str) -> None:
        """Remove the temporary file beside `path`, if there is one."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(temporary, dir_fd=self._directory(parts_of(path)[:-1]))

    def move_directory(self, source: str, target: str) -> None:
        """Move a directory to a name that is free."""
        *source_above, source_name = parts_of(source)
        *target_above, target_name = parts_of(target)
        if not self.is_directory(source):
            raise StaleDocument("the directory is gone", where=source, hint="make the draft again")
        if self.exists(target):
            raise StaleDocument("is there already, so nothing can be moved to it", where=target)
        from_directory = self._unmoved(tuple(source_above), source)
        to_directory = self._unmoved(tuple(target_above), target)
        os.rename(source_name, target_name, src_dir_fd=from_directory, dst_dir_fd=to_directory)
        self._unsynced |= {tuple(source_above), tuple(target_above)}
        self._forget((*source_above, source_name))

    def touch(self, path: str) -> None:
        """Have the directory of `path` flushed with the others."""
        self._unsynced.add(parts_of(path)[:-1])

    def sync(self) -> None:
        """Flush every directory that changed."""
        if self._replaced:
            side_by_side(self._let_go, self._flush)
        else:
            self._flush()

    def _flush(self) -> None:
        for parts in sorted(self._unsynced):
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # removed again
                os.fsync(self._directory(parts))
        self._unsynced.clear()

    def _let_go(self) -> None:
        """Close what was replaced. Only then does the system free its room, which takes half as long as a flush."""
        while self._replaced:
            os.close(self._replaced.pop())

    # -- open directories ----------------------------------------------------------------------------------------

    def _directory(self, parts: Parts) -> int:
        opened = self._open.get(parts)
        if opened is None:
            opened = self._open[parts] = self._step(self._directory(parts[:-1]), parts)
        return opened

    @staticmethod
    def _step(above: int, parts: Parts) -> int:
        try:
            return os.open(parts[-1], _DIRECTORY, dir_fd=above)
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                status = os.stat(parts[-1], dir_fd=above, follow_symlinks=False)
                if stat.S_ISLNK(status.st_mode):
                    raise _linked("/".join(parts)) from error
            raise

    def _forget(self, parts: Parts) -> None:
        for known in [known for known in self._open if known[: len(parts)] == parts]:
            os.close(self._open.pop(known))

    def _unmoved(self, parts: Parts, path: str) -> int:
        """The open directory, if its path still leads to it. Raises StaleDocument."""
        opened = self._directory(parts)
        above = self._open[()]
        for depth in range(1, len(parts) + 1):
            directory = self._open[parts[:depth]]
            try:
                there = os.stat(parts[depth - 1], dir_fd=above, follow_symlinks=False)
            except FileNotFoundError:
                there = None
            held = os.fstat(directory)
            if there is None or there.st_ino != held.st_ino or there.st_dev != held.st_dev:
                raise StaleDocument("its directory was replaced meanwhile; nothing was written", where=path)
            above = directory
        return opened

    def _refuse_other(self, path: str, expected: bytes | None) -> None:
        """Raises StaleDocument. What is to be replaced stays open, so that replacing it is no more than a change of name."""
        found: bytes | None = None
        if (descriptor := self._opened(path)) is not None:
            self._replaced.append(descriptor)
            found, _ = _read(descriptor, path)
            if len(self._replaced) == _MOST_REPLACED:
                self._let_go()
        if found != expected:
            raise stale(path, found)

    def _opened(self, path: str) -> int | None:
        """A descriptor for reading what is there; None where nothing is, or no directory for it."""
        *above, name = parts_of(path)
        try:
            return os.open(name, _READ, dir_fd=self._directory(tuple(above)))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise _linked(path) from error
            raise


def _read(descriptor: int, path: str) -> tuple[bytes, int]:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        code = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
        raise OSError(code, "not a regular file", path)
    return _whole(descriptor, status.st_size), stat.S_IMODE(status.st_mode)


def _whole(descriptor: int, size: int) -> bytes:
    """All bytes of a regular file of about that size; a file object would ask the system six things more."""
    parts = [os.read(descriptor, size + 1)]
    if len(parts[0]) == size:  # one more was asked for, so the file ends here
        return parts[0]
    while parts[-1]:
        parts.append(os.read(descriptor, 65_536))
    return b"".join(parts)


def stale(path: str, found: bytes | None) -> StaleDocument:
    what = "the file is gone" if found is None else "the file changed since it was read"
    return StaleDocument(f"{what}; nothing was written", where=path, hint="read it again and make the draft anew")


def _linked(path: str) -> DocumentError:
    return DocumentError(
        "is a link, and nothing is written through links",
        where=path,
        hint="name the file it leads to"
        if path != "openspec"
        else "name the directory that holds what it leads to: --root DIR",
    )
