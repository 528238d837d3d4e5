"""A change read by a model: in as many readings as its window needs, within limits of tokens and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workflow_cli.app.answering.ports import ChatMessage, ChatModel, ChatRequest, ModelWindow
from workflow_cli.app.model_review.prompting import documents_block, room_for
from workflow_cli.app.ports import Clock
from workflow_cli.domain.answering.failure import AnswererFailed
from workflow_cli.domain.answering.prompt import PromptTemplate, fenced, filled
from workflow_cli.domain.answering.retry import with_next_step
from workflow_cli.domain.answering.tokens import MESSAGE_FRAME
from workflow_cli.domain.model_review.merge import joined
from workflow_cli.domain.model_review.reading import Excerpt, excerpts_of, readings
from workflow_cli.domain.model_review.reply import ModelReview, read_review
from workflow_cli.domain.model_review.schema import REVIEW_SCHEMA
from workflow_cli.domain.openspec.change import Change
from workflow_cli.domain.openspec.finding import Finding

PURPOSE = "review"
#: What is known already is told up to this part of the window.
_KNOWN_SHARE = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewLimits:
    """`tokens` bounds prompts and replies of one change together, `seconds` the whole run; `reply` one reply."""

    tokens: int
    seconds: float
    reply: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reviewed:
    """`missing` says in words why the review is not complete; None where every document was read.

    `model` is who answered last, None where nobody did; `tokens` those of prompts and replies.
    """

    review: ModelReview
    model: str | None = None
    tokens: int = 0
    readings: int = 0
    missing: str | None = None


class ModelReviewer:
    """Reviews one change after the other; the time runs from the first one on."""

    def __init__(
        self,
        model: ChatModel,
        template: PromptTemplate,
        *,
        limits: ReviewLimits,
        clock: Clock,
        fence: Callable[[], str],
        model_name: str | None = None,
    ) -> None:
        self._model = model
        self._template = template
        self._limits = limits
        self._clock = clock
        self._fence = fence
        self._model_name = model_name
        self._started: float | None = None

    async def review(self, change: Change, known: Sequence[Finding]) -> Reviewed:
        """What a model has to say about a change beside what is `known`. Never raises for a model that fails: what
        was said before it did is kept, and `missing` tells the rest."""
        import anyio

        if self._started is None:
            self._started = self._clock.elapsed()
        left = self._limits.seconds - (self._clock.elapsed() - self._started)
        state = _Progress()
        if left > 0:
            with anyio.move_on_after(left):
                await self._read(change, known, state)
                return state.reviewed()
        return state.reviewed(missing=f"the time of {self._limits.seconds:g} s for reviews by a model is up")

    async def _read(self, change: Change, known: Sequence[Finding], state: _Progress) -> None:
        try:
            window = await self._model.window(self._model_name, purpose=PURPOSE)
            told = self._known(known, window)
            parts = readings(excerpts_of(change), room=self._room(window, told), count=self._model.count_tokens)
            state.planned = len(parts)
            for number, part in enumerate(parts, 1):
                if state.tokens >= self._limits.tokens:
                    state.missing = f"the limit of {self._limits.tokens} tokens for one change is reached"
                    return
                await self._read_part(part, told, f"{number} of {len(parts)}", window, state)
        except AnswererFailed as failed:
            state.missing = with_next_step(failed)

    async def _read_part(
        self, part: Sequence[Excerpt], known: str, which: str, window: ModelWindow, state: _Progress
    ) -> None:
        fence = self._fence()
        values = {
            "fence": fence,
            "documents": documents_block(part, fence),
            "known": fenced("known", known, fence),
            "part": which,
        }
        reply = await self._model.complete(
            ChatRequest(
                messages=(
                    ChatMessage(role="system", content=filled(self._template.system, values)),
                    ChatMessage(role="user", content=filled(self._template.user, values)),
                ),
                max_tokens=room_for(window, self._limits.reply).reply,
                purpose=PURPOSE,
                prompt=self._template.label,
                schema=REVIEW_SCHEMA,
                schema_name="review",
                model=self._model_name,
            )
        )
        state.take(read_review(reply.data, part), reply.model, reply.prompt_tokens + reply.completion_tokens)

    def _room(self, window: ModelWindow, known: str) -> int:
        """Tokens for documents in one prompt."""
        count = self._model.count_tokens
        frame = count(self._template.system) + count(self._template.user) + 2 * MESSAGE_FRAME + count(known)
        return room_for(window, self._limits.reply).prompt - frame

    def _known(self, known: Sequence[Finding], window: ModelWindow) -> str:
        room = window.tokens // _KNOWN_SHARE
        lines: list[str] = []
        for finding in known:
            line = f"- {finding.place}: {finding.message}"
            room -= self._model.count_tokens(line) + 1
            if room < 0:
                break
            lines.append(line)
        return "\n".join(lines)


class _Progress:
    """What has been read of one change; kept outside the call, so that it survives its end."""

    def __init__(self) -> None:
        self.reviews: list[ModelReview] = []
        self.model: str | None = None
        self.tokens = 0
        self.planned = 0
        self.missing: str | None = None

    def take(self, review: ModelReview, model: str, tokens: int) -> None:
        self.reviews.append(review)
        self.model = model
        self.tokens += tokens

    def reviewed(self, *, missing: str | None = None) -> Reviewed:
        why = missing or self.missing
        if why is not None and 0 < len(self.reviews) < self.planned:
            why = f"{why}; {len(self.reviews)} of {self.planned} parts were read"
        return Reviewed(
            review=joined(self.reviews),
            model=self.model,
            tokens=self.tokens,
            readings=len(self.reviews),
            missing=why,
        )
