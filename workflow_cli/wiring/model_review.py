"""Models that read and write documents, with their servers, prompts and limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from workflow_cli.errors import ServiceError

if TYPE_CHECKING:
    from workflow_cli.adapters.lmstudio.client import LmStudio
    from workflow_cli.app.model_review.edit_by_instruction import Drafted, TryOut
    from workflow_cli.app.model_review.propose_by_model import Prepare, WrittenProposal
    from workflow_cli.app.model_review.review_change import ModelReviewer, Reviewed
    from workflow_cli.app.model_review.writer import Writer
    from workflow_cli.app.ports import Clock, EventLog
    from workflow_cli.app.propose_change import ProposalRequest
    from workflow_cli.domain.model_review.reading import Excerpt
    from workflow_cli.domain.openspec.change import Change
    from workflow_cli.domain.openspec.finding import Finding
    from workflow_cli.settings import Settings

T = TypeVar("T")

#: How long a review's reply may be, in tokens: a handful of findings, questions and edits.
_REVIEW_REPLY = 3000
_WRITTEN_REPLY = 4000


class ReviewsByModel:
    """`ModelReviews` over the configured servers. Nothing of it is imported before there is somebody to ask."""

    def __init__(self, root: Path, settings: Settings, events: EventLog, clock: Clock) -> None:
        self._root = root
        self._settings = settings
        self._events = events
        self._clock = clock
        self._reviewer: ModelReviewer | None = None
        self._model: LmStudio | None = None
        self._there: bool | None = None

    @property
    def label(self) -> str:
        from workflow_cli.adapters.prompt_versions import label_of

        return f"{label_of('review')} {self._settings.lm_studio.model_for('review') or ''}"

    def review(self, change: Change, known: Sequence[Finding]) -> Reviewed:
        import asyncio

        return asyncio.run(self._reviewed(change, known))

    async def _reviewed(self, change: Change, known: Sequence[Finding]) -> Reviewed:
        if self._reviewer is None:
            self._model, self._reviewer = self._made()
        assert self._model is not None
        async with self._model:
            return await self._reviewer.review(change, known)

    def _made(self) -> tuple[LmStudio, ModelReviewer]:
        from workflow_cli.adapters.prompt_files import load_prompt
        from workflow_cli.app.model_review.review_change import ModelReviewer, ReviewLimits
        from workflow_cli.wiring.models import lm_studio

        model = lm_studio(self._root, self._settings, events=self._events)
        process = self._settings.process
        limits = ReviewLimits(
            tokens=process.model_tokens,
            seconds=process.model_seconds,
            reply=max(_REVIEW_REPLY, self._settings.lm_studio.max_tokens),
        )
        reviewer = ModelReviewer(
            model,
            load_prompt("review"),
            limits=limits,
            clock=self._clock,
            fence=_new_fence,
            model_name=_chosen(self._settings, "review"),
        )
        return model, reviewer

    @property
    def is_wanted(self) -> bool:
        """A server that was named is asked, and missed where it is down; one that was not, only if it listens."""
        if self._settings.process.model == "on" or is_configured(self._settings):
            return True
        if self._there is None:
            from workflow_cli.adapters.listening import listens

            self._there = listens(self._settings.lm_studio.base_url)
        return self._there


def reviews_by_model(root: Path, settings: Settings, events: EventLog, clock: Clock) -> ReviewsByModel | None:
    """None where no model is to read anything."""
    chosen = settings.process.model
    if chosen == "off" or (chosen == "auto" and settings.network.offline):
        return None
    return ReviewsByModel(root, settings, events, clock)


def is_configured(settings: Settings) -> bool:
    """Whether somebody named a server or a model, rather than leaving all as it is."""
    return any(settings.origins[f"lm_studio.{key}"] != "default" for key in ("base_url", "hosts", "model"))


def edits_by_instruction(
    root: Path, settings: Settings, events: EventLog, *, instruction: str, documents: Sequence[Excerpt], try_out: TryOut
) -> Drafted:
    """Raises what EditByInstruction raises, with the way out where no model is there."""
    from workflow_cli.app.model_review.edit_by_instruction import EditByInstruction

    def work(writer: Writer) -> Awaitable[Drafted]:
        return EditByInstruction(writer, try_out=try_out).draft(instruction, documents)

    return _written("edit", root, settings, events, work)


def proposal_by_model(
    root: Path,
    settings: Settings,
    events: EventLog,
    *,
    request: ProposalRequest,
    known: Sequence[str],
    prepare: Prepare,
) -> WrittenProposal:
    """Raises what ProposeByModel raises, with the way out where no model is there."""
    from workflow_cli.app.model_review.propose_by_model import ProposeByModel

    def work(writer: Writer) -> Awaitable[WrittenProposal]:
        return ProposeByModel(writer, prepare=prepare).propose(request, known=known)

    return _written("propose", root, settings, events, work)


def _written(
    purpose: str, root: Path, settings: Settings, events: EventLog, work: Callable[[Writer], Awaitable[T]]
) -> T:
    """What a model wrote by the prompt that is named like its purpose."""
    import asyncio

    from workflow_cli.adapters.prompt_files import load_prompt
    from workflow_cli.app.model_review.writer import Writer
    from workflow_cli.wiring.models import lm_studio

    async def within() -> T:
        async with lm_studio(root, settings, events=events) as model:
            writer = Writer(
                model=model,
                template=load_prompt(purpose),
                max_tokens=max(_WRITTEN_REPLY, settings.lm_studio.max_tokens),
                fence=_new_fence,
                purpose=purpose,
                chosen=_chosen(settings, purpose),
            )
            return await work(writer)

    try:
        return asyncio.run(within())
    except ServiceError as error:
        error.hint = error.hint or "leave out --ai"
        raise


def _chosen(settings: Settings, purpose: str) -> str | None:
    return settings.lm_studio.models_by_kind.get(purpose)


def _new_fence() -> str:
    import secrets

    return secrets.token_hex(8)
