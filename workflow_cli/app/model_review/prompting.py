"""What all prompts about documents share."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_cli.app.answering.model_answerer import REPLY_SHARE
from workflow_cli.app.answering.ports import ChatMessage, ModelWindow
from workflow_cli.domain.answering.prompt import Room, fenced
from workflow_cli.domain.model_review.reading import Excerpt


def documents_block(excerpts: Sequence[Excerpt], fence: str) -> str:
    """The excerpts, numbered from 1, between fences that nobody who wrote them can have known."""
    return "\n".join(
        fenced(f"document {number} {' '.join(excerpt.path.split())} from line {excerpt.line}", excerpt.text, fence)
        for number, excerpt in enumerate(excerpts, 1)
    )


def room_for(window: ModelWindow, longest_reply: int) -> Room:
    """How a window is shared between prompt and reply."""
    return Room(window=window.tokens, reply=max(1, min(longest_reply, window.tokens // REPLY_SHARE)))


def told_back(text: str, what: str, faults: Sequence[str]) -> tuple[ChatMessage, ChatMessage]:
    """A reply that cannot be used, and what is wrong with it, as the next turn of the conversation."""
    told = "\n".join(f"- {fault}" for fault in faults)
    return (
        ChatMessage(role="assistant", content=text),
        ChatMessage(role="user", content=f"{what} cannot be used:\n{told}\nGive all of it again, corrected."),
    )
