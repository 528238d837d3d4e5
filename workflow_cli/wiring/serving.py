"""What answers questions in a process that stays, under the settings that are in force when a question comes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_cli.settings import Settings


class Serving:
    """What questions are answered with under some settings, and how many are being answered with it."""

    def __init__(self, root: Path, settings: Settings, who: Callable[[], str] | None) -> None:
        from workflow_cli.wiring.ask import AskRun

        self.settings = settings
        self.run = AskRun(root, settings, who=who)
        self.questions = 0

    async def close(self) -> None:
        import anyio

        with anyio.CancelScope(shield=True):
            try:
                await self.run.aclose()
            finally:
                self.run.__exit__()


class InUse:
    """The newest is for the questions to come; older ones are closed when their last question is answered. `who` as of AskRun."""

    def __init__(self, root: Path, settings: Settings, *, who: Callable[[], str] | None = None) -> None:
        self._root = root
        self._who = who
        self._newest = Serving(root, settings, who)
        self._all = [self._newest]

    async def under(self, settings: Settings) -> Serving:
        """Raises WorkflowError where these settings cannot be served; then the ones before stay."""
        before = self._newest
        if settings is not before.settings:
            self._newest = Serving(self._root, settings, self._who)
            self._all.append(self._newest)
        serving = self._newest
        serving.questions += 1
        if before is not serving and not before.questions:
            await self._drop(before)
        return serving

    async def done_with(self, serving: Serving) -> None:
        serving.questions -= 1
        if serving is not self._newest and not serving.questions:
            await self._drop(serving)

    async def close(self) -> None:
        for serving in list(self._all):
            await self._drop(serving)

    async def _drop(self, serving: Serving) -> None:
        self._all.remove(serving)
        await serving.close()


def index_documents(root: Path, settings: Settings) -> None:
    """Bring the index up to date, so that no question has to. Never raises."""
    import logging

    from workflow_cli.wiring.retrieval import passage_index

    try:
        documents = passage_index(root, settings)
        try:
            documents.refresh()
        finally:
            documents.close()
    except Exception:
        # This only saves time: whoever asks is told what is wrong with the index.
        logging.getLogger(__name__).warning("the documents could not be indexed beforehand", exc_info=True)
