"""What agents may have done: the same use cases as people's commands, without deciding anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from workflow_cli.adapters.find_root import holds_tree
from workflow_cli.errors import DocumentError, NoTree, UsageError
from workflow_cli.wiring import event_log
from workflow_cli.wiring.documents import ended_by, open_documents, review_drafts, settled, spec_tree
from workflow_cli.wiring.questions import QuestionsRun

if TYPE_CHECKING:
    from workflow_cli.app.agent_drafts import Kept
    from workflow_cli.app.answering.answer_question import Outcome
    from workflow_cli.app.answering.ports import PendingQuestion
    from workflow_cli.app.process import Progress
    from workflow_cli.app.propose_change import ProposalRequest, Proposed
    from workflow_cli.app.read_document import Excerpt
    from workflow_cli.app.report import Report
    from workflow_cli.app.update_documents import Request
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.settings import Settings

_Done = TypeVar("_Done")


class AgentWork:
    """Each method opens what it needs and closes it, so that any number may run at once, in any threads.

    `current` gives the settings that are in force at a call; where the log lies and what the queue takes is told by `settings`.
    """

    def __init__(self, root: Path, settings: Settings, *, current: Callable[[], Settings] | None = None) -> None:
        self.root = root
        self.current: Callable[[], Settings] = (lambda: settings) if current is None else current
        self.events = event_log(settings, root)
        self.questions = QuestionsRun(root, settings)

    @property
    def settings(self) -> Settings:
        return self.current()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.questions.__exit__(*raised)

    def refuse_without_tree(self) -> None:
        """Raises NoTree where the tree was removed since: nothing is to be answered from it, or made in its place."""
        if not holds_tree(self.root):
            raise NoTree(
                "the OpenSpec tree is no longer there",
                where=str(self.root),
                hint="put openspec/ back, or end this server and start it where the tree is now",
            )

    # -- documents ---------------------------------------------------------------------------------------------

    def read(self, named: str, *, from_line: int | None, most: int) -> Excerpt:
        from workflow_cli.app.read_document import read_excerpt

        with ExitStack() as stack:
            documents = open_documents(self.root, self.settings, self.events)
            stack.callback(documents.close)
            return read_excerpt(documents, named, from_line=from_line, most=most, refuse=self._refuse_large)

    def read_file(self, path: str) -> bytes:
        """The bytes of any file of the tree below `openspec/`. Raises DocumentError."""
        if not path.startswith("openspec/"):
            raise DocumentError("is no document", where=path)
        with ExitStack() as stack:
            documents = open_documents(self.root, self.settings, self.events)
            stack.callback(documents.close)
            self._refuse_large(path)
            data = documents.read(path)
        if data is None:
            raise DocumentError("there is no such document", where=path)
        return data

    def _refuse_large(self, path: str) -> None:
        place, most = self.root / path, self.settings.limits.max_file_bytes
        if place.exists() and (not place.is_file() or place.stat().st_size > most):
            raise DocumentError(f"no file of at most {most} bytes", where=path, hint="limits.max_file_bytes")

    def specs(self) -> list[str]:
        settled(self.root, self.settings)
        return [spec.id for spec in spec_tree(self.root, self.settings).spec_files()]

    def changes(self) -> list[str]:
        settled(self.root, self.settings)
        return list(spec_tree(self.root, self.settings).change_names())

    # -- checking ----------------------------------------------------------------------------------------------

    def process(self, names: Sequence[str], *, every: bool, steps: Sequence[str], progress: Progress) -> Report:
        """As `workflow process`. Raises UsageError where nothing is named and there is not exactly one change."""
        from workflow_cli.app.selection import Selection, select
        from workflow_cli.wiring.process import ProcessRun, options_from

        settings = self.settings
        if steps:
            settings = settings.with_values({"process.steps": tuple(steps)}, origin="what the agent asked for")
        with ProcessRun(self.root, settings, options_from(settings, self.root)) as run:
            run.settle()
            specs, changes = [spec.id for spec in run.tree.spec_files()], run.tree.change_names()
            if names or every:
                selection = select(
                    names,
                    specs=specs,
                    changes=changes,
                    every_spec=every,
                    every_change=every,
                    otherwise="`all` takes every spec and change",
                )
            elif len(changes) == 1:
                selection = Selection(changes=tuple(changes))
            else:
                listed = ", ".join(changes[:20]) or "there is none"
                raise UsageError(f"say which of the {len(changes)} active changes", hint=f"name one: {listed}")
            return run.ended(run.process(selection, progress))

    # -- drafting ----------------------------------------------------------------------------------------------

    def draft_update(self, edits: object, *, path: str | None, because: str | None, agent: str) -> Kept:
        """Edits as in an `--edits` file; `path` is the document of those that name none."""
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.app.agent_drafts import AgentDrafts
        from workflow_cli.app.misfits import misfits

        event: dict[str, object] = {"kind": "update", "outcome": "failed", "by": "agent"}

        def draft() -> Kept:
            with ExitStack() as stack:
                documents = open_documents(self.root, self.settings, self.events)
                stack.callback(documents.close)
                review = review_drafts(self.root, self.settings, documents, SystemClock(), self.events)
                requests = _requests(edits, path, documents)
                drafts = AgentDrafts(documents=documents, review=review, agent=agent)
                kept = drafts.update(requests, because=because)
                left_behind = misfits(kept.draft, spec_tree(self.root, self.settings), documents)
                kept = replace(kept, misfits=tuple(left_behind))
                event["documents"] = len(kept.draft.files)
                event["operations"] = sum(len(request.operations) for request in requests)
                event["revision"] = None
                return kept

        return self._recorded(event, draft)

    def propose(self, request: ProposalRequest, *, even_so: bool, agent: str) -> tuple[Proposed, Kept]:
        from workflow_cli.app.agent_drafts import AgentDrafts
        from workflow_cli.wiring.propose import ProposeRun

        event: dict[str, object] = {"kind": "propose", "outcome": "failed", "by": "agent"}

        def draft() -> tuple[Proposed, Kept]:
            with ProposeRun(self.root, self.settings, author=agent) as run:
                run.settle()
                drafts = AgentDrafts(documents=run.documents, review=run.review, agent=agent)
                proposed, kept = drafts.propose(run.use_case, request, even_so=even_so)
                event["change"] = proposed.id
                return proposed, kept

        return self._recorded(event, draft)

    def _recorded(self, event: dict[str, object], work: Callable[[], _Done]) -> _Done:
        from workflow_cli.adapters.clock import SystemClock

        clock = SystemClock()
        started = clock.elapsed()
        try:
            result = work()
            event["outcome"] = "waiting"
            return result
        except Exception as error:
            event |= ended_by(error)
            raise
        finally:
            event["duration_ms"] = round((clock.elapsed() - started) * 1000, 3)
            self.events.append(event)

    # -- questions ---------------------------------------------------------------------------------------------

    def answer(self, id: str, text: str, *, sources: Sequence[str], agent: str) -> PendingQuestion:
        """An agent's answer, marked as such. Raises UsageError unless `id` is a whole one."""
        from workflow_cli.app.answering.pending import Who

        if self.questions.queue.get(id) is None:
            raise UsageError(f"no question {id!r}", hint="list_questions names those that wait")
        return self.questions.use_case.answer(id, text, who=Who(name=agent, agent=True), cited=sources)[0]

    def checked_context(self, context: Mapping[str, object]) -> dict[str, str]:
        from workflow_cli.domain.answering.context import checked_context

        return checked_context(context, more_keys=self.settings.questions.context_keys)


def _requests(edits: object, path: str | None, documents: Any) -> list[Request]:
    from workflow_cli.app.document_path import locate
    from workflow_cli.app.loose_update import loose_requests
    from workflow_cli.app.update_documents import Request
    from workflow_cli.domain.openspec.edits.parse import parse_edits

    if isinstance(edits, Mapping):
        if path is None:
            raise UsageError("name the document", hint="give `path`")
        return loose_requests(documents, path, edits)
    found: list[Request] = []
    for edit in parse_edits(edits):
        named = edit.path or path
        if named is None:
            raise UsageError("an edit names no document", hint="give `path`, for all or in each edit")
        operations = (edit.operation,)
        found.append(Request(path=locate(documents, named.partition("#")[0], operations), operations=operations))
    if not found:
        raise UsageError("there is no edit to draft", hint='for example [{"op": "check-task", "task": "1.2"}]')
    return found


@asynccontextmanager
async def answering(
    root: Path, current: Callable[[], Settings]
) -> AsyncIterator[Callable[[Asked], Awaitable[Outcome]]]:
    """What answers questions inside one event loop, with its servers closed at the end.

    A question first looks into cache and documents, in the loop, which takes a few milliseconds once the documents are
    in the index. They are brought there in a thread; questions wait for that, and nothing else does. A question is
    answered by the settings that are in force when it comes.
    """
    import anyio
    import anyio.to_thread

    indexed = anyio.Event()
    settings = current()

    async def index() -> None:
        await anyio.to_thread.run_sync(_index, root, settings, abandon_on_cancel=True)
        indexed.set()

    in_use = _InUse(root, settings)

    async def ask(asked: Asked) -> Outcome:
        await indexed.wait()
        serving = await in_use.under(current())
        try:
            return await serving.run.use_case.answer(asked)
        finally:
            await in_use.done_with(serving)

    async with anyio.create_task_group() as group:
        group.start_soon(index)
        try:
            yield ask
        finally:
            group.cancel_scope.cancel()
            await in_use.close()


class _Serving:
    """What questions are answered with under some settings, and how many are being answered with it."""

    def __init__(self, root: Path, settings: Settings) -> None:
        from workflow_cli.wiring.ask import AskRun

        self.settings = settings
        self.run = AskRun(root, settings)
        self.questions = 0

    async def close(self) -> None:
        import anyio

        with anyio.CancelScope(shield=True):
            try:
                await self.run.aclose()
            finally:
                self.run.__exit__()


class _InUse:
    """The newest is for the questions to come; older ones are closed when their last question is answered."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self._root = root
        self._newest = _Serving(root, settings)
        self._all = [self._newest]

    async def under(self, settings: Settings) -> _Serving:
        """Raises WorkflowError where these settings cannot be served; then the ones before stay."""
        before = self._newest
        if settings is not before.settings:
            self._newest = _Serving(self._root, settings)
            self._all.append(self._newest)
        serving = self._newest
        serving.questions += 1
        if before is not serving and not before.questions:
            await self._drop(before)
        return serving

    async def done_with(self, serving: _Serving) -> None:
        serving.questions -= 1
        if serving is not self._newest and not serving.questions:
            await self._drop(serving)

    async def close(self) -> None:
        for serving in list(self._all):
            await self._drop(serving)

    async def _drop(self, serving: _Serving) -> None:
        self._all.remove(serving)
        await serving.close()


def _index(root: Path, settings: Settings) -> None:
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
