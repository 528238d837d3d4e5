"""A tree with its settings, as the classes of the API share it, and the threads in which its work is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import anyio
from anyio.lowlevel import RunVar

from workflow_cli import wiring
from workflow_cli.errors import DocumentError, NoTree, WorkflowError, as_argument
from workflow_cli.settings import Settings
from workflow_cli.wiring.current_settings import current_settings
from workflow_cli.wiring.off_loop import GoOn, in_steps, in_thread

_Made = TypeVar("_Made")

#: More would only take the interpreter from the event loop.
_THREADS = 4


class Project:
    """`root` and `config` as `--root` and `--config`; with `offline` no server is used.

    Raises NoTree where there is no tree, SettingsError for settings that are wrong. Any number of calls may run at once, in
    one event loop or several.
    """

    def __init__(
        self, *, root: str | os.PathLike[str] | None, config: str | os.PathLike[str] | None, offline: bool
    ) -> None:
        with errors_for_programs():
            self.root = wiring.root_of_tree(None if root is None else Path(root))
            self._config = None if config is None else Path(config).absolute()
            self._flags = {"network.offline": ("offline", True)} if offline else {}
            self._current = current_settings(self.root, named_file=self._config, flags=self._flags)
        self._limiters: RunVar[dict[str, anyio.CapacityLimiter]] = RunVar("limiters")

    @property
    def settings(self) -> Settings:
        """Those in force now; files that were edited since are read again."""
        return self._current()

    def read_settings(self, flags: Mapping[str, tuple[str, Any]] | None = None) -> Settings:
        """The settings read anew, with those of a call: `{"process.strict": ("strict", True)}`. Raises SettingsError."""
        return wiring.settings_in_force(self.root, named_file=self._config, flags={**self._flags, **(flags or {})})

    def inside(self, path: str | os.PathLike[str]) -> str:
        """The path from the root. Raises UsageError for one that leads out of the tree."""
        return wiring.in_tree(self.root, os.fspath(path))

    @cached_property
    def person(self) -> str:
        """Who is at work here, as git knows them; asking it takes as long as an update."""
        return wiring.person(self.root, None).name

    async def in_thread(self, work: Callable[[], _Made]) -> _Made:
        """What `work` gives, which may block. Cancelled, the call returns at once, and the work goes on to its end."""
        with errors_for_programs():
            return await in_thread(lambda: self._here(work), limiter=self._limiter("threads", _THREADS))

    async def in_steps(self, work: Callable[[GoOn], _Made]) -> _Made:
        """As `in_thread`, for work that calls what it is given before each step: cancelled, it goes on no further."""
        return await self._in_steps(work, self._limiter("threads", _THREADS))

    async def writing(self, work: Callable[[GoOn], _Made]) -> _Made:
        """As `in_steps`, one after the other: several would only wait for the tree's lock, and some of them for too long."""
        return await self._in_steps(work, self._limiter("writer", 1))

    async def _in_steps(self, work: Callable[[GoOn], _Made], limiter: anyio.CapacityLimiter) -> _Made:
        with errors_for_programs():
            return await in_steps(lambda go_on: self._here(lambda: work(go_on)), limiter=limiter)

    def _here(self, work: Callable[[], _Made]) -> _Made:
        """Where the tree was removed since, nothing is to be made in its place."""
        wiring.root_of_tree(self.root)
        return work()

    def _limiter(self, name: str, most: int) -> anyio.CapacityLimiter:
        """A limiter belongs to the event loop that it was made in."""
        limiters = self._limiters.get(None)
        if limiters is None:
            limiters = {}
            self._limiters.set(limiters)
        return limiters.setdefault(name, anyio.CapacityLimiter(most))


@contextmanager
def errors_for_programs() -> Iterator[None]:
    """Every error a WorkflowError, and places that are options as a program knows them: `--change` is `change`."""
    try:
        yield
    except WorkflowError as error:
        error.where = as_argument(error.where)
        raise
    except OSError as error:
        if isinstance(error, FileNotFoundError) and _is_nowhere():
            raise NoTree("the working directory was deleted", hint="change into one that is there") from error
        raise DocumentError(error.strerror or str(error), where=_place(error)) from error


def _is_nowhere() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _place(error: OSError) -> str | None:
    return os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else None
