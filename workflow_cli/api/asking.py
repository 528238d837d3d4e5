"""What answers questions: open as long as somebody asks, once in each event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import anyio
from anyio.lowlevel import RunVar

if TYPE_CHECKING:
    from workflow_cli.api.project import Project
    from workflow_cli.wiring.ask import AskRun
    from workflow_cli.wiring.serving import InUse


#: Imported in a thread before the first question: the event loop would stand still for as long as many questions take.
_NEEDED = (
    "workflow_cli.adapters.lmstudio.client",
    "workflow_cli.api.results",
    "workflow_cli.wiring.models",
)


class Asking:
    """Connections and server programs belong to the event loop in which they were opened.

    The first who asks in a loop opens them, and the last who is done closes them: nobody has to remember that, and a loop that
    ends leaves nothing behind.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._here: RunVar[_Open] = RunVar("asking")

    @asynccontextmanager
    async def run(self) -> AsyncIterator[AskRun]:
        """What a question is answered with, under the settings in force now."""
        here = self.hold()
        try:
            in_use = await here.in_use()
            serving = await in_use.under(self._project.settings)
            try:
                yield serving.run
            finally:
                await in_use.done_with(serving)
        finally:
            await self.release()

    def hold(self) -> _Open:
        """Keep it open in this event loop, until it is released as often."""
        here = self._here.get(None)
        if here is None or not here.holders:
            here = _Open(self._project)
            self._here.set(here)
        here.holders += 1
        return here

    async def release(self) -> None:
        here = self._here.get()
        here.holders -= 1
        if not here.holders:
            with anyio.CancelScope(shield=True):
                await here.close()


class _Open:
    """What is open in one event loop, for so many `holders`."""

    def __init__(self, project: Project) -> None:
        self.holders = 0
        self._project = project
        self._opening = anyio.Lock()
        self._in_use: InUse | None = None

    async def in_use(self) -> InUse:
        async with self._opening:
            if (in_use := self._in_use) is None:
                project = self._project
                root, settings = project.root, project.settings

                def prepare() -> None:
                    for module in _NEEDED:
                        import_module(module)
                    from workflow_cli.wiring.serving import index_documents

                    index_documents(root, settings)
                    _ = project.person  # git is asked here, and not when the first question is queued

                def opened() -> InUse:
                    from workflow_cli.wiring.serving import InUse

                    return InUse(root, settings, who=lambda: project.person)

                await project.in_thread(prepare)
                with anyio.CancelScope(shield=True):
                    in_use = self._in_use = await project.in_thread(opened)
            assert in_use is not None  # nothing cancels a shielded scope
            return in_use

    async def close(self) -> None:
        in_use, self._in_use = self._in_use, None
        if in_use is not None:
            await in_use.close()
