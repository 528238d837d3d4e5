"""A model that writes, with the prompt it writes by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow_cli.app.answering.ports import ChatMessage, ChatModel, ChatReply, ChatRequest, ModelWindow
from workflow_cli.app.model_review.prompting import room_for
from workflow_cli.domain.answering.prompt import PromptTemplate, Room

#: How often a model may mend what it wrote, where that cannot be used.
REPAIRS = 2


@dataclass(frozen=True, kw_only=True)
class Writer:
    """`max_tokens` bounds a reply; `fence` makes a new word that cannot be guessed; `chosen` names the model, None for
    the configured one. `purpose` goes into events."""

    model: ChatModel
    template: PromptTemplate
    max_tokens: int
    fence: Callable[[], str]
    purpose: str
    chosen: str | None = None

    async def window(self) -> ModelWindow:
        return await self.model.window(self.chosen, purpose=self.purpose)

    def room(self, window: ModelWindow) -> Room:
        return room_for(window, self.max_tokens)

    async def ask(self, messages: Sequence[ChatMessage], window: ModelWindow, schema: Mapping[str, Any]) -> ChatReply:
        """A reply that satisfies `schema`. Raises AnswererFailed."""
        return await self.model.complete(
            ChatRequest(
                messages=tuple(messages),
                max_tokens=self.room(window).reply,
                purpose=self.purpose,
                prompt=self.template.label,
                schema=schema,
                schema_name=self.purpose,
                model=self.chosen,
            )
        )
