"""`ask` with everybody it may ask: the only place that chooses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from workflow_cli.wiring import STATE_DIRECTORY, event_log, person

if TYPE_CHECKING:
    from workflow_cli.adapters.event_log import JsonlEventLog, NoEvents
    from workflow_cli.adapters.lmstudio.client import LmStudio
    from workflow_cli.adapters.passage_index import SqlitePassageIndex
    from workflow_cli.adapters.question_store import SqliteQuestionStore
    from workflow_cli.app.answering.answer_question import AnswerQuestion
    from workflow_cli.app.answering.call_wrong import CalledWrong
    from workflow_cli.app.answering.ports import Answerer, ChatReply, ChatRequest, Found, Nothing
    from workflow_cli.app.answering.route_walk import Means
    from workflow_cli.domain.answering.answer import RouteStep
    from workflow_cli.domain.answering.asked import Asked
    from workflow_cli.domain.answering.passage import Evidence
    from workflow_cli.domain.answering.route import RoutePolicy
    from workflow_cli.settings import Settings


_HEX = frozenset("0123456789abcdef")


class _Later:
    """An answerer that is made when it is first asked: most questions never come to it."""

    def __init__(self, name: str, make: Callable[[], Answerer]) -> None:
        self.name = name
        self._make = make
        self._made: Answerer | None = None

    async def answer(self, asked: Asked, evidence: Sequence[Evidence]) -> Found | Nothing:
        if self._made is None:
            self._made = self._make()
        return await self._made.answer(asked, evidence)


class AskRun:
    """One run in which questions are answered; use it as a context manager, and `aclose` it in the event loop
    in which `use_case` was asked. `state` is the directory of the state database, by default that of the tree. `who` names the asker of questions that name
    none, where they wait; by default git is asked, which takes longer than most questions."""

    def __init__(
        self,
        root: Path,
        settings: Settings,
        *,
        on_step: Callable[[RouteStep], None] | None = None,
        on_text: Callable[[str], None] | None = None,
        events: JsonlEventLog | NoEvents | None = None,
        state: Path | None = None,
        who: Callable[[], str] | None = None,
    ) -> None:
        from workflow_cli.adapters.answer_cache import SqliteAnswerCache
        from workflow_cli.adapters.answering_state import AnsweringState
        from workflow_cli.adapters.breaker_store import SqliteBreakers
        from workflow_cli.adapters.cited_files import CitedFiles
        from workflow_cli.adapters.clock import SystemClock
        from workflow_cli.adapters.lease_store import SqliteLeases
        from workflow_cli.app.answering.answer_question import AnswerQuestion
        from workflow_cli.app.answering.route_walk import Means
        from workflow_cli.domain.answering.route import MODEL
        from workflow_cli.wiring.arms import Arms
        from workflow_cli.wiring.questions import question_queue
        from workflow_cli.wiring.retrieval import passage_index

        self._root = root
        self._settings = settings
        self._on_text = on_text
        self._clock = SystemClock()
        self._events = event_log(settings, root) if events is None else events
        state = root / STATE_DIRECTORY if state is None else state
        self._state = AnsweringState(state / "state.db")
        self._cache = SqliteAnswerCache(self._state, entries=settings.answers.cache_entries)
        self._index = passage_index(root, settings, state=state)
        self._queue: SqliteQuestionStore = question_queue(root, settings)
        self._model: LmStudio | None = None
        self._box: Any = None
        self._hashes: dict[str, Asked] | None = None
        answerers, missing = self._answerers()
        self._means = means = Means(
            index=self._index,
            answerers=answerers,
            files=CitedFiles(root, max_bytes=settings.limits.max_file_bytes),
            breakers=SqliteBreakers(self._state, self._clock, servers={MODEL: _addresses(settings)}),
            clock=self._clock,
            policy=route_policy(settings),
            on_step=on_step,
            find=None if settings.network.offline else self._find,
            topic=self._topic,
        )
        arms = Arms(root, settings, clock=self._clock, means_with=self.means_with)
        self.use_case: AnswerQuestion = AnswerQuestion(
            means,
            cache=self._cache,
            leases=SqliteLeases(self._state, self._clock),
            queue=self._queue,
            events=self._events,
            missing=missing,
            who=who or (lambda: person(root, None).name),
            draw=arms.draw,
            config=arms.config,
        )

    def _topic(self, text: str) -> str:
        from workflow_cli.domain.answering.topic import topic_of

        return topic_of(text, self._index.glossary)

    def _answerers(self) -> tuple[Mapping[str, Answerer], Mapping[str, str]]:
        from workflow_cli.domain.answering.route import MODEL, SPECS, TOOLS
        from workflow_cli.wiring.retrieval import specs_answerer

        answerers: dict[str, Answerer] = {
            SPECS: specs_answerer(self._index, self._settings),
            TOOLS: _Later(TOOLS, self._tools_answerer),
        }
        missing: dict[str, str] = {}
        if self._settings.network.offline:
            missing[MODEL] = "no server is used (offline)"
        else:
            answerers[MODEL] = _Later(MODEL, self._model_answerer)
        return answerers, missing

    def index_supposing(self, path: str, data: bytes) -> SqlitePassageIndex:
        """The passages as they would be were these the bytes of a document, to be closed."""
        self._index.refresh()
        return self._index.supposing(path, data)

    def means_with(self, settings: Settings) -> Means:
        """What a question is answered with in an arm of an experiment: the same servers and state, other settings."""
        from dataclasses import replace
        from functools import partial

        from workflow_cli.domain.answering.route import MODEL, SPECS, TOOLS
        from workflow_cli.wiring.retrieval import glossary_of, specs_answerer

        own = self._settings.retrieval.synonyms
        glossary = None if settings.retrieval.synonyms == own else glossary_of(self._root, settings)
        index = self._index.weighing(settings.retrieval.title_weight, glossary)
        answerers = {**self._means.answerers, SPECS: specs_answerer(index, settings)}
        find = self._means.find
        if settings.mcp.attempts != self._settings.mcp.attempts:
            answerers[TOOLS] = _Later(TOOLS, lambda: self._tools_answerer(settings))
        if MODEL in answerers:
            answerers[MODEL] = _Later(MODEL, lambda: self._model_answerer(settings))
            find = partial(self._find_in, index)
        return replace(self._means, index=index, answerers=answerers, policy=route_policy(settings), find=find)

    def _lm_studio(self) -> LmStudio:
        from workflow_cli.wiring.models import lm_studio

        if self._model is None:
            self._model = lm_studio(self._root, self._settings, events=self._events)
        return self._model

    def _model_answerer(self, settings: Settings | None = None) -> Answerer:
        """Over the same connections whatever the settings, so that what is under way is counted once."""
        from workflow_cli.wiring.models import lm_studio_options, model_answerer

        chosen = self._settings if settings is None else settings
        model = self._lm_studio()
        if settings is not None and (options := lm_studio_options(settings)) != lm_studio_options(self._settings):
            model = model.used_with(options)
        return model_answerer(self._root, chosen, model, on_text=self._on_text)

    async def models(self) -> Sequence[str]:
        """The models that could be asked now, the one that is asked first; none where no server can be reached."""
        if self._settings.network.offline:
            return ()
        chosen = self._settings.lm_studio
        first = chosen.model_for("answer")
        found = [
            model
            for status in await self._lm_studio().status()
            for model in status.models
            if not model.embeds and (model.loaded is not False or chosen.may_load)
        ]
        found.sort(key=lambda model: (not (first and model.answers_to(first)), model.loaded is False))
        return tuple(dict.fromkeys(model.id for model in found))

    async def complete(self, request: ChatRequest) -> ChatReply:
        """What a model says to a request of its own, beside the questions. Raises AnswererFailed."""
        return await self._lm_studio().complete(request)

    def _tools_answerer(self, settings: Settings | None = None) -> Answerer:
        """Over the same servers whatever the settings."""
        from workflow_cli.wiring.tools import tool_box, tools_answerer

        if self._box is None:
            # Entering it starts nothing: its servers are started when they are needed.
            self._box = tool_box(self._root, self._settings, index=lambda: self._index)
        model = None if self._settings.network.offline else self._lm_studio()
        chosen = self._settings if settings is None else settings
        return tools_answerer(self._box, chosen, root=self._root, model=model)

    async def _find(self, asked: Asked, limit: int) -> Sequence[Evidence]:
        return await self._find_in(self._index, asked, limit)

    async def _find_in(self, index: SqlitePassageIndex, asked: Asked, limit: int) -> Sequence[Evidence]:
        from workflow_cli.wiring.retrieval import find_evidence

        return await find_evidence(index, self._lm_studio()).find(asked.text, limit=limit, change=asked.change)

    async def aclose(self) -> None:
        """Let go of every server: connections are closed, processes ended."""
        box, self._box = self._box, None
        try:
            if box is not None:
                await box.__aexit__(None, None, None)
        finally:
            if self._model is not None:
                await self._model.aclose()

    @property
    def degraded(self) -> list[dict[str, str]]:
        return [{"what": "events", "why": reason} for reason in self._events.degraded]

    def call_wrong(self, id: str, *, by: str | None) -> CalledWrong:
        from workflow_cli.adapters.wrong_answers import WrongAnswersFile
        from workflow_cli.app.answering.call_wrong import call_wrong

        return call_wrong(
            id,
            cache=self._cache,
            queue=self._queue,
            keep=WrongAnswersFile(self._root).append,
            events=self._events,
            clock=self._clock,
            by=by,
        )

    def asked_of(self, hash: str) -> Asked | None:
        """The question of which an event has the hash, as long as its answer is kept or it waits."""
        from workflow_cli.domain.answering.asked import Asked, QuestionKind
        from workflow_cli.domain.answering.kind import kind_of
        from workflow_cli.domain.answering.question_key import key_of

        kept = self._cache.by_key_start(hash) if len(hash) == 32 and set(hash) <= _HEX else None
        if kept is not None:
            return Asked(
                text=kept.question, kind=QuestionKind(kept.kind), change=kept.change, context=dict(kept.context)
            )
        if self._hashes is None:
            self._hashes = {
                key_of(entry.text, change=entry.change, context=entry.context)[:32]: Asked(
                    text=entry.text, kind=kind_of(entry.text), change=entry.change, context=dict(entry.context)
                )
                for entry in self._queue.listed(answered=None)
            }
        return self._hashes.get(hash)

    def answer_to(self, id: str) -> str | None:
        """What was answered to a question that waited, by its id."""
        entry = self._queue.get(id)
        return None if entry is None else entry.answer

    @property
    def notices(self) -> list[str]:
        """What had become of the questions that wait, for people."""
        return self._queue.notices

    def change_names(self) -> Sequence[str]:
        from workflow_cli.wiring.documents import change_names

        return change_names(self._root, self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._index.close()
        self._state.close()
        self._queue.close()


def _addresses(settings: Settings) -> str:
    """Where models are asked, as a hash: an address may hold a secret."""
    from workflow_cli.domain.digest import digest

    return digest([settings.lm_studio.base_url, *settings.lm_studio.hosts])[:16]


def route_policy(settings: Settings) -> RoutePolicy:
    from workflow_cli.domain.answering.breaker import BreakerPolicy
    from workflow_cli.domain.answering.route import RoutePolicy

    chosen = settings.answers
    orders = {
        "lookup": chosen.order_lookup,
        "howto": chosen.order_howto,
        "code": chosen.order_code,
        "tool": chosen.order_tool,
    }
    return RoutePolicy(
        order=chosen.order,
        orders={kind: order for kind, order in orders.items() if order is not None},
        deadline=chosen.deadline,
        budgets=chosen.budgets,
        limits=chosen.limits,
        attempts=chosen.attempts,
        passages=settings.retrieval.passages,
        sure=settings.retrieval.sure,
        breaker=BreakerPolicy(failures=chosen.breaker_failures, seconds=chosen.breaker_seconds),
        cache=chosen.cache,
        cache_seconds=chosen.cache_seconds,
        cache_cited_seconds=chosen.cache_cited_seconds,
        expire_days=settings.questions.expire_days,
        models=_models(settings),
    )


def _models(settings: Settings) -> Mapping[str, str]:
    """The model that the settings name for each kind of question; no entry where any that is loaded will do."""
    from workflow_cli.domain.answering.asked import QuestionKind

    chosen = settings.lm_studio
    any_kind = chosen.model_for("answer")
    named = {kind.value: chosen.models_by_kind.get(kind.value) or any_kind for kind in QuestionKind}
    return {kind: model for kind, model in named.items() if model}
