"""What agents may have done: the same use cases as people's commands, without deciding anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from workflow_cli.adapters.find_root import holds_tree
from workflow_cli.errors import AlreadyThere, DocumentError, NoTree, UsageError
from workflow_cli.wiring import event_log
from workflow_cli.wiring.documents import ended_by, open_documents, review_drafts, settled, spec_tree
from workflow_cli.wiring.edit_requests import requests_of
from workflow_cli.wiring.questions import QuestionsRun
from workflow_cli.wiring.serving import InUse, index_documents

if TYPE_CHECKING:
    from workflow_cli.app.agent_drafts import Kept
    from workflow_cli.app.answering.answer_question import Outcome
    from workflow_cli.app.answering.ports import PendingQuestion
    from workflow_cli.app.process import Progress
    from workflow_cli.app.propose_change import ProposalRequest, Proposed
    from workflow_cli.app.read_document import Excerpt
    from workflow_cli.app.report import Report
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
        from workflow_cli.wiring.process import options_from, process_chosen

        settings = self.settings
        if steps:
            settings = settings.with_values({"process.steps": tuple(steps)}, origin="what the agent asked for")

        def chosen(specs: Sequence[str], changes: Sequence[str]) -> Selection:
            if names or every:
                return select(
                    names,
                    specs=specs,
                    changes=changes,
                    every_spec=every,
                    every_change=every,
                    otherwise="`all` takes every spec and change",
                )
            if len(changes) == 1:
                return Selection(changes=tuple(changes))
            listed = ", ".join(changes[:20]) or "there is none"
            raise UsageError(f"say which of the {len(changes)} active changes", hint=f"name one: {listed}")

        return process_chosen(self.root, settings, options_from(settings, self.root), chosen, progress)

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
                requests = requests_of(edits, path, documents)
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
            said = event["kind"] == "update" and isinstance(error, AlreadyThere)
            event |= {"outcome": "unchanged"} if said else ended_by(error)
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
        await anyio.to_thread.run_sync(index_documents, root, settings, abandon_on_cancel=True)
        indexed.set()

    in_use = InUse(root, settings)

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
